#include "actors/failpoint.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "actors/log.h"
#include "schema/envelope.h"
#include "schema/type.h"

static const char *const s_names[] = {
#define FAILPOINT(id, name, doc) name,
#include "actors/failpoints.def"
#undef FAILPOINT
};

enum { NUMBERS = 512 }; /* above every number of the tables */

/* What is armed is written before there are threads, and only read from then on. */
static failpoint_t s_point = FAILPOINT_COUNT_;
static uint16_t s_type;
static atomic_bool s_ahead;

static uint16_t s_type_of(const char *name)
{
    for (int number = 1; number < NUMBERS; number++) {
        const event_type_t *type = event_type((uint16_t)number);
        if (type != NULL && strcmp(type->name, name) == 0)
            return type->number;
    }
    return 0;
}

err_t failpoint_arm(void)
{
    const char *wish = getenv("KITH_FAILPOINT");
    const char *at = wish != NULL ? strchr(wish, '@') : NULL;
    if (wish == NULL)
        return ERR_OK;
    for (int point = 0; at != NULL && point < FAILPOINT_COUNT_; point++)
        if (slice_is(slice_new(wish, (size_t)(at - wish)), s_names[point]))
            s_point = (failpoint_t)point;
    s_type = at != NULL ? s_type_of(at + 1) : 0;
    if (s_point == FAILPOINT_COUNT_ || s_type == 0)
        return ERR_INVALID;
    log_warn("kithd", "this process dies at %s", wish);
    return ERR_OK;
}

static bool s_is_armed(failpoint_t point, uint16_t type)
{
    return point == s_point && type == s_type;
}

void failpoint(failpoint_t point, uint16_t type)
{
    if (s_is_armed(point, type))
        (void)raise(SIGKILL);
}

void failpoint_records(failpoint_t point, slice_t records)
{
    record_t record;
    while (point == s_point && records.len > 0 && record_read(&records, &record) == ERR_OK)
        failpoint(point, record.type);
}

void failpoint_ahead(failpoint_t point, uint16_t type)
{
    if (s_is_armed(point, type))
        atomic_store(&s_ahead, true);
}

void failpoint_reached(failpoint_t point)
{
    if (point == s_point && atomic_load(&s_ahead))
        (void)raise(SIGKILL);
}
