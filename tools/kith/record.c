/* record.c - kith record: have the actors of a running server record what goes into them.
 *
 * The order goes to all at once and each answers by itself, so it is looked at until they have. */
#include <inttypes.h>
#include <stdio.h>

#include "actors/bus.h"
#include "tools/kith/ask.h"

enum { LOOK_MS = 20, LOOKS = 1500 };

/* How it stands: all have answered; some record; some could not. */
typedef struct standing {
    const recording_list_t *list;
    bool complete;
    bool going;
    bool failed;
} standing_t;

static void s_print_part(const recording_t *part, bool json)
{
    if (json) {
        ask_print_json(shape_recording(), part);
        return;
    }
    printf("%-9s %-7s %10" PRIu64 " bytes %9" PRIu64 " inputs  ",
           choice_word(choices_owner, (int)part->actor), part->going ? "records" : "ended",
           part->bytes, part->inputs);
    ask_print_text(part->reason);
}

static void s_print(const options_t *options, const recording_list_t *list)
{
    const recording_t *parts = list->parts.items;
    for (size_t i = 0; i < list->parts.count; i++)
        s_print_part(&parts[i], options->json);
}

static bool s_has(const recording_list_t *list, uint64_t actor, slice_t name)
{
    const recording_t *parts = list->parts.items;
    for (size_t i = 0; i < list->parts.count; i++)
        if ((uint64_t)parts[i].actor == actor && (name.len == 0 || slice_eq(parts[i].name, name)))
            return true;
    return false;
}

static bool s_look(peer_t *peer, slice_t name, standing_t *ret_standing)
{
    const recording_list_t *list = ask(peer, CALL_record_status, &(record_status_call_t){});
    *ret_standing = (standing_t){.list = list, .complete = true};
    if (list == NULL)
        return false;
    const recording_t *parts = list->parts.items;
    for (size_t i = 0; i < list->asked.count; i++)
        ret_standing->complete = ret_standing->complete && s_has(list, list->asked.items[i], name);
    for (size_t i = 0; i < list->parts.count; i++) {
        ret_standing->going = ret_standing->going || parts[i].going;
        ret_standing->failed = ret_standing->failed || (!parts[i].going && !parts[i].idle);
    }
    return true;
}

static void s_name_silent(const standing_t *standing, slice_t name)
{
    const recording_list_t *list = standing->list;
    for (size_t i = 0; i < list->asked.count; i++)
        if (!s_has(list, list->asked.items[i], name))
            fprintf(stderr, "kith: %s does not answer\n",
                    choice_word(choices_owner, (int)list->asked.items[i]));
}

/* Until all have answered, or with no name until nobody records any more. */
static bool s_await(peer_t *peer, slice_t name, standing_t *ret_standing)
{
    for (int i = 0; i < LOOKS; i++) {
        if (!s_look(peer, name, ret_standing))
            return false;
        if (name.len > 0 ? ret_standing->complete : !ret_standing->going)
            return true;
        bus_wait(NULL, 0, LOOK_MS);
    }
    s_name_silent(ret_standing, name);
    return false;
}

static bool s_begin(const options_t *options, peer_t *peer)
{
    slice_t name = slice_of(options->operands[0]);
    standing_t standing;
    if (ask(peer, CALL_record_start, &(record_start_call_t){name, options->bytes}) == NULL ||
        !s_await(peer, name, &standing))
        return false;
    s_print(options, standing.list);
    if (standing.going && !standing.failed)
        return true;
    fprintf(stderr, "kith: not every actor can record it, so none does\n");
    (void)ask(peer, CALL_record_stop, &(record_stop_call_t){});
    return false;
}

outcome_t record_start_run(const options_t *options)
{
    peer_t *peer = ask_meet(options);
    bool good = peer != NULL && s_begin(options, peer);
    peer_close(&peer);
    return good ? OUTCOME_GOOD : OUTCOME_BAD;
}

static bool s_end(const options_t *options, peer_t *peer)
{
    standing_t standing;
    if (!s_look(peer, (slice_t){0}, &standing))
        return false;
    if (standing.list->parts.count == 0) {
        fprintf(stderr, "kith: nothing was recorded\n");
        return false;
    }
    if (ask(peer, CALL_record_stop, &(record_stop_call_t){}) == NULL ||
        !s_await(peer, (slice_t){0}, &standing))
        return false;
    s_print(options, standing.list);
    return true;
}

outcome_t record_stop_run(const options_t *options)
{
    peer_t *peer = ask_meet(options);
    bool good = peer != NULL && s_end(options, peer);
    peer_close(&peer);
    return good ? OUTCOME_GOOD : OUTCOME_BAD;
}

outcome_t record_status_run(const options_t *options)
{
    peer_t *peer = ask_meet(options);
    standing_t standing;
    bool good = peer != NULL && s_look(peer, (slice_t){0}, &standing);
    if (good)
        s_print(options, standing.list);
    peer_close(&peer);
    return good ? OUTCOME_GOOD : OUTCOME_BAD;
}
