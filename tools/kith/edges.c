/* edges.c - the broker says how many were asked; their answers come as records. */
#include "tools/kith/edges.h"

#include "actors/clock.h"
#include "schema/codec.h"

static const int64_t PATIENCE_US = 2 * 1000 * 1000;

/* Whether the record is an answer to this question. */
static bool s_is_answer(const record_t *record, uint64_t number, arena_t *arena,
                        const bus_told_event_t **ret_told)
{
    fault_t fault;
    const void *body;
    if (record->type != EVENT_bus_told ||
        codec_unpack(arena_copy(arena, record->body), shape_bus_told_event(), arena, &fault,
                     &body) != ERR_OK)
        return false;
    *ret_told = body;
    return (*ret_told)->number == number;
}

err_t edges_ask(peer_t *peer, bus_ask_call_t *question, arena_t *arena, edges_told_fn *told,
                void *ctx, edges_count_t *ret_count)
{
    const void *asked;
    record_t record;
    const bus_told_event_t *answer;
    int64_t begun = clock_us(CLOCK_MONOTONIC);
    question->number = (uint64_t)begun;
    err_t err = peer_call(peer, CALL_bus_ask, question, &asked);
    if (err != ERR_OK)
        return err;
    *ret_count = (edges_count_t){.asked = ((const edges_asked_t *)asked)->edges};
    while (ret_count->answered < ret_count->asked &&
           clock_us(CLOCK_MONOTONIC) - begun < PATIENCE_US) {
        err = peer_record(peer, &record);
        if (err == ERR_OK && s_is_answer(&record, question->number, arena, &answer)) {
            ret_count->answered++;
            told(ctx, answer);
        } else if (err != ERR_OK && err != ERR_NOT_FOUND) {
            return err;
        }
    }
    return ERR_OK;
}
