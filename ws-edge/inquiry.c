#include "ws-edge/inquiry.h"

#include "actors/log.h"
#include "ws-edge/client.h"
#include "ws-edge/metrics.h"
#include "ws-edge/sightings.h"

static void s_tell_standing(edge_t *edge, const bus_asked_event_t *question)
{
    ledger_t ledger = {.arena = edge->arena};
    metrics_put(edge, &ledger);
    edge_standing_t standing = {
        .metrics = ledger_list(&ledger),
        .slowest = clients_slowest(edge->clients),
    };
    bus_tell_call_t told = {question->peer, question->number, &standing, NULL};
    link_tell(edge->link, CALL_bus_tell, &told);
    ledger_free(&ledger);
}

static void s_tell_trace(edge_t *edge, const bus_asked_event_t *question)
{
    buf_t here = {0};
    clients_list(edge->clients, question->room, &here);
    bus_tell_call_t told = {
        .peer = question->peer,
        .number = question->number,
        .trace = sightings_make(edge->diary, question, (const visit_note_t *)(void *)here.data,
                                here.len / sizeof(visit_note_t), edge->arena),
    };
    link_tell(edge->link, CALL_bus_tell, &told);
    buf_free(&here);
}

void inquiry_answer(edge_t *edge, const record_t *record)
{
    const void *question;
    fault_t fault;
    arena_reset(edge->arena);
    if (codec_unpack(record->body, shape_bus_asked_event(), edge->arena, &fault, &question) !=
        ERR_OK) {
        log_error("edge", "a question of an operator cannot be read");
        return;
    }
    if (((const bus_asked_event_t *)question)->what == edge_question_TRACE)
        s_tell_trace(edge, question);
    else
        s_tell_standing(edge, question);
}
