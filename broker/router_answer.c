/* router_answer.c - replies: the broker's own, and those that actors have decided.
 *
 * A reply is made in the router's buffer and copied from there, into the output of who asked or
 * into the flight; so the slice that router_reply_of gives is good until the next one is made. */
#include "broker/router_state.h"
#include "schema/pack.h"

void router_reply_begin(router_t *router, const call_t *call, err_t status)
{
    buf_reset(&router->reply);
    reply_begin(&router->reply, &(reply_t){
                                    .type = call->type,
                                    .corr = call->corr,
                                    .origin = call->origin,
                                    .status = status,
                                    .as_of = router->head,
                                });
}

void router_answer(router_t *router, peer_t *peer, const call_t *call, const void *object)
{
    if (call->corr == 0)
        return;
    router_reply_begin(router, call, ERR_OK);
    codec_pack(&router->reply, call_type(call->type)->answer(), object);
    buf_append(&peer->out, buf_slice(&router->reply));
}

void router_answer_settled(router_t *router, peer_t *peer, const call_t *call, const void *object)
{
    if (router->assigned == router->head) {
        router_answer(router, peer, call, object);
        return;
    }
    router_reply_begin(router, call, ERR_OK);
    codec_pack(&router->reply, call_type(call->type)->answer(), object);
    flight_add(router->flight, router->assigned, buf_slice(&router->reply));
}

void router_refuse(router_t *router, peer_t *peer, const call_t *call, err_t err,
                   const char *detail)
{
    router->counts.refused[err]++;
    if (call->corr == 0)
        return;
    router_reply_begin(router, call, err);
    if (detail != NULL)
        pack_str(&router->reply, slice_of(detail));
    else
        pack_nil(&router->reply);
    buf_append(&peer->out, buf_slice(&router->reply));
}

slice_t router_old_detail(const router_t *router, arena_t *arena)
{
    return arena_printf(arena, "%llu is the first sequence there is",
                        (unsigned long long)router->first);
}

void router_refuse_old(router_t *router, peer_t *peer, const call_t *call)
{
    slice_t detail = router_old_detail(router, router->arena);
    router_refuse(router, peer, call, ERR_TOO_OLD, (const char *)detail.ptr);
}

void router_send(router_t *router, uint64_t origin, slice_t reply)
{
    reply_t read;
    peer_t *peer = registry_find(router->registry, origin);
    if (peer == NULL) /* it is gone, and nobody waits */
        return;
    if (!(peer->roles & ROLE_BIT(peer_role_BOT)))
        buf_append(&peer->out, reply);
    else if (reply_read(&reply, &read) == ERR_OK)
        router_tell_bot(router, peer, &read);
}

slice_t router_reply_of(router_t *router, const decision_t *decision, err_t status, uint64_t as_of)
{
    buf_reset(&router->reply);
    reply_begin(&router->reply, &(reply_t){
                                    .type = decision->type,
                                    .corr = decision->corr,
                                    .origin = decision->origin,
                                    .status = status,
                                    .as_of = as_of,
                                });
    if (status == decision->status)
        buf_append(&router->reply, decision->body);
    else
        pack_nil(&router->reply);
    return buf_slice(&router->reply);
}
