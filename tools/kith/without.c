#include "tools/kith/without.h"

#include <inttypes.h>
#include <stdio.h>

#include "schema/json.h"
#include "tools/kith/entry.h"
#include "tools/kith/place.h"
#include "tools/kith/plainly.h"
#include "tools/kith/show.h"
#include "tools/kith/world.h"

typedef struct tale {
    const options_t *options;
    uint64_t same;
    uint64_t renumbered; /* the same but for ids and sequences */
    uint64_t other;
    uint64_t gone; /* records */
    uint64_t new;
} tale_t;

/* ---- whether it matters ---- */

/* Each decision and each event beside that of then, whatever numbers they count with. */
static bool s_alike(slice_t then, slice_t now, bool *numbers)
{
    decision_t before, after;
    record_t old, new;
    if (decision_read(&then, &before) != ERR_OK || decision_read(&now, &after) != ERR_OK)
        return then.len == now.len;
    if (before.status != after.status || before.records != after.records ||
        !plainly_alike(before.body, after.body, numbers))
        return false;
    while (then.len > 0 && record_read(&then, &old) == ERR_OK) {
        if (record_read(&now, &new) != ERR_OK || old.type != new.type || old.time != new.time ||
            old.principal != new.principal || old.account != new.account ||
            !plainly_alike(old.body, new.body, numbers))
            return false;
        *numbers = *numbers || old.room != new.room;
    }
    return true;
}

/* ---- telling ---- */

static const char *s_type_of(slice_t bytes)
{
    record_t record;
    const event_type_t *type =
        record_read(&bytes, &record) == ERR_OK ? event_type(record.type) : NULL;
    return type != NULL ? type->name : "?";
}

static void s_count_gone(tale_t *tale, const moment_t *moment)
{
    for (size_t i = 0; i < moment->birth_count; i++)
        tale->gone += moment->births[i].now.len == 0;
}

static void s_tell_births(buf_t *out, const moment_t *moment)
{
    for (size_t i = 0; i < moment->birth_count; i++)
        if (moment->births[i].now.len == 0 && moment->births[i].seq != 0)
            buf_printf(out, "  gone: record %" PRIu64 " %s\n", moment->births[i].seq,
                       s_type_of(moment->births[i].then));
}

static void s_tell(const tale_t *tale, const lane_t *lane, const moment_t *moment, fate_kind_t fate,
                   slice_t now)
{
    static const char *const words[] = {
        [FATE_SAME] = "as before",    [FATE_OTHER] = "came to something else",
        [FATE_LEFT_OUT] = "left out", [FATE_GONE] = "did not happen",
        [FATE_NEW] = "happened",
    };
    buf_t out = {0};
    (void)tale;
    buf_printf(&out, "%s: ", lane->part->row->name);
    entry_tell(&out, &moment->entry);
    buf_printf(&out, "\n  %s\n", words[fate]);
    if (fate == FATE_OTHER) {
        buf_append_text(&out, "  then\n");
        entry_tell_out(&out, moment->entry.out);
    }
    if (fate == FATE_OTHER || fate == FATE_NEW) {
        buf_append_text(&out, "  now\n");
        entry_tell_out(&out, now);
    }
    s_tell_births(&out, moment);
    printf("%.*s\n", SLICE_ARG(buf_slice(&out)));
    buf_free(&out);
}

static void s_put_births(buf_t *out, const moment_t *moment)
{
    bool first = true;
    buf_append_text(out, ",\"gone\":[");
    for (size_t i = 0; i < moment->birth_count; i++) {
        if (moment->births[i].now.len > 0 || moment->births[i].seq == 0)
            continue;
        buf_printf(out, "%s%" PRIu64, first ? "" : ",", moment->births[i].seq);
        first = false;
    }
    buf_append_byte(out, ']');
}

static void s_put(const lane_t *lane, const moment_t *moment, fate_kind_t fate, slice_t now)
{
    static const char *const words[] = {
        [FATE_SAME] = "same",           [FATE_OTHER] = "other", [FATE_LEFT_OUT] = "left_out",
        [FATE_GONE] = "did_not_happen", [FATE_NEW] = "new",
    };
    buf_t out = {0};
    buf_printf(&out, "{\"actor\":\"%s\",\"fate\":\"%s\",\"input\":", lane->part->row->name,
               words[fate]);
    entry_put(&out, &moment->entry);
    buf_append_text(&out, ",\"then\":");
    plainly_put_decision(&out, moment->entry.out);
    buf_append_text(&out, ",\"now\":");
    plainly_put_decision(&out, now);
    s_put_births(&out, moment);
    buf_append_byte(&out, '}');
    printf("%.*s\n", SLICE_ARG(buf_slice(&out)));
    buf_free(&out);
}

/* Of what did not happen, and of what is new, only what came of it is worth a word. */
static bool s_is_news(tale_t *tale, const moment_t *moment, fate_kind_t fate,
                      const rerun_step_t *step)
{
    bool numbers = false;
    switch (fate) {
    case FATE_SAME:
        tale->same++;
        return false;
    case FATE_LEFT_OUT:
        return true;
    case FATE_GONE:
        return moment->entry.out.len > 0;
    case FATE_NEW:
        tale->new += step->event_count;
        return step->out.len > 0;
    case FATE_OTHER:
        if (s_alike(moment->entry.out, step->out, &numbers)) {
            tale->renumbered++;
            return false;
        }
        for (size_t i = 0; i < step->event_count; i++)
            tale->new += step->events[i].then.ptr == NULL;
        return true;
    }
    return true;
}

static void s_see(void *ctx, const lane_t *lane, const moment_t *moment, fate_kind_t fate,
                  const rerun_step_t *step)
{
    tale_t *tale = ctx;
    bool news = s_is_news(tale, moment, fate, step);
    s_count_gone(tale, moment);
    if (!news)
        return;
    tale->other += fate != FATE_LEFT_OUT;
    slice_t now = step != NULL ? step->out : (slice_t){0};
    if (tale->options->json)
        s_put(lane, moment, fate, now);
    else
        s_tell(tale, lane, moment, fate, now);
}

static void s_sum_up(const tale_t *tale)
{
    if (tale->options->json)
        printf("{\"without\":%" PRIu64 ",\"same\":%" PRIu64 ",\"renumbered\":%" PRIu64
               ",\"other\":%" PRIu64 ",\"gone\":%" PRIu64 ",\"new\":%" PRIu64 "}\n",
               tale->options->without, tale->same, tale->renumbered, tale->other, tale->gone,
               tale->new);
    else
        printf("without record %" PRIu64 ": %" PRIu64 " records gone, %" PRIu64 " new; %" PRIu64
               " inputs came to something else, %" PRIu64 " to the same, %" PRIu64
               " but for ids and sequences\n",
               tale->options->without, tale->gone, tale->new, tale->other,
               tale->same + tale->renumbered, tale->renumbered);
}

bool without_run(const options_t *options, reel_t *reel)
{
    tale_t tale = {.options = options};
    world_t *world = NULL;
    err_t err = world_new(reel, &world);
    const birth_t *birth = err == ERR_OK ? world_find(world, options->without) : NULL;
    if (err == ERR_OK && birth == NULL)
        fprintf(stderr, "kith: nothing that was recorded led to record %" PRIu64 "\n",
                options->without);
    if (birth != NULL)
        err = world_run(world, birth, s_see, &tale);
    if (err != ERR_OK)
        place_complain("the recording", err);
    else if (birth != NULL)
        s_sum_up(&tale);
    world_destroy(&world);
    return err == ERR_OK && birth != NULL;
}
