/* router_inquiry.c - an operator asks all edges at once, and each answers by itself.
 *
 *   operator ── bus.ask ──> every edge: bus.asked ── bus.tell ──> operator: bus.told
 *
 * The operator is told how many will answer; how long it waits for them is its own affair. */
#include "broker/router_state.h"

typedef struct inquiry {
    bus_asked_event_t event;
    uint64_t edges;
} inquiry_t;

static void s_ask_edge(void *ctx, peer_t *peer)
{
    inquiry_t *inquiry = ctx;
    if (peer->role != peer_role_EDGE)
        return;
    inquiry->edges++;
    record_begin(&peer->out, &(record_t){.type = EVENT_bus_asked, .version = 1});
    codec_pack(&peer->out, shape_bus_asked_event(), &inquiry->event);
    record_end(&peer->out);
}

/* Nothing is kept of the question: the answers say whose it is. */
err_t router_ask_edges(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    const bus_ask_call_t *ask = body;
    inquiry_t inquiry = {
        .event = {.peer = peer->id,
                  .number = ask->number,
                  .what = ask->what,
                  .message = ask->message,
                  .record = ask->record,
                  .room = ask->room,
                  .posted = ask->posted,
                  .accounts = ask->accounts},
    };
    if (peer->role != peer_role_OPERATOR)
        return ERR_FORBIDDEN;
    registry_each(router->registry, s_ask_edge, &inquiry);
    router_answer(router, peer, call, &(edges_asked_t){inquiry.edges});
    return ERR_OK;
}

err_t router_tell_operator(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    const bus_tell_call_t *told = body;
    if (peer->role != peer_role_EDGE)
        return ERR_FORBIDDEN;
    peer_t *asker = registry_find(router->registry, told->peer);
    if (asker != NULL && asker->role == peer_role_OPERATOR) {
        bus_told_event_t event = {peer->id, told->number, told->standing, told->trace};
        record_begin(&asker->out, &(record_t){.type = EVENT_bus_told, .version = 1});
        codec_pack(&asker->out, shape_bus_told_event(), &event);
        record_end(&asker->out);
    }
    router_answer(router, peer, call, &(nothing_t){});
    return ERR_OK;
}
