#include "actors/room/freshness.h"

/* Of a person who is redacted there may be something in any room. */
bool freshness_note(void *soft, const record_t *record)
{
    freshness_t *freshness = soft;
    if (freshness->since == 0 || record->type == EVENT_account_redacted)
        freshness->since = record->seq;
    if (record->room != 0)
        freshness->changed[record->room % FRESHNESS_PLACES] = record->seq;
    return false;
}

bool freshness_holds(const freshness_t *freshness, uint64_t room, uint64_t as_of)
{
    bool heard_all = freshness->since != 0 && freshness->since <= as_of;
    return heard_all && freshness->changed[room % FRESHNESS_PLACES] <= as_of;
}
