/* router_decide.c - what actors say: decisions and their records, and plain replies.
 *
 * What an actor was asked for is taken whole or not at all.  The records of a decision that is
 * taken get the next numbers of the journal; what rests on them waits in the flight until they are
 * on disk.  While the disk refuses only what is recorded nowhere is passed on: of calls from which
 * nothing else can come, and of what actors do unasked, where the rest is as good as never decided. */
#include "actors/failpoint.h"
#include "broker/router_state.h"
#include "schema/pack.h"

/* An actor has answered or refused. */
static void s_count(router_t *router, const peer_t *actor, err_t status)
{
    router->counts.answered[actor->actor]++;
    router->counts.refused[status < ERR_COUNT_ ? status : ERR_INTERNAL]++;
}

typedef enum taking { TAKING_NOTHING, TAKING_FLEETING, TAKING_ALL } taking_t;

static void s_pass(router_t *router, const record_t *record)
{
    router_publish(router, record);
    router_pass_bots(router, record);
}

static void s_number(router_t *router, const record_t *record)
{
    record_number((uint8_t *)(uintptr_t)record->bytes.ptr, ++router->assigned, router->epoch);
    buf_append(&router->records, record->bytes);
    failpoint(FAILPOINT_BROKER_NUMBERED, record->type);
}

/* False: it is left. */
static bool s_take_record(router_t *router, const record_t *record, taking_t taking)
{
    const event_type_t *type = event_type(record->type);
    bool fleeting = type != NULL && type->flags & EVENT_VOLATILE;
    if (taking == TAKING_NOTHING || (taking == TAKING_FLEETING && !fleeting))
        return false;
    if (record->actor < OWNERS)
        router->counts.emitted[record->actor]++;
    if (fleeting)
        s_pass(router, record);
    else
        s_number(router, record);
    return true;
}

/* The records behind a decision, off *in; counts those that are left. */
static bool s_records(router_t *router, slice_t *in, uint16_t count, taking_t taking,
                      uint16_t *ret_left)
{
    record_t record;
    *ret_left = 0;
    for (uint16_t i = 0; i < count; i++) {
        if (record_read(in, &record) != ERR_OK)
            return false;
        if (!s_take_record(router, &record, taking))
            (*ret_left)++;
    }
    return true;
}

static taking_t s_taking(const router_t *router, const peer_t *peer, const decision_t *decision)
{
    const call_type_t *type = call_type(decision->type);
    if (decision->epoch != router->epoch || peer->role != peer_role_ACTOR ||
        router->offices[peer->actor] != peer)
        return TAKING_NOTHING;
    if (!router->suspended)
        return TAKING_ALL;
    bool unasked = decision->corr == 0;
    return unasked || (type != NULL && type->fleeting) ? TAKING_FLEETING : TAKING_NOTHING;
}

/* What becomes of a decision that is not taken: an answer that rests on what was pending then
 * may rest on something that was lost.  What is fleeting promises nothing. */
static err_t s_status(const router_t *router, const decision_t *decision, taking_t taking,
                      uint16_t left)
{
    if (left > 0)
        return router->suspended ? ERR_STORAGE : ERR_NOT_DONE;
    return decision->rests && taking == TAKING_NOTHING ? ERR_UNKNOWN_OUTCOME : decision->status;
}

bool router_decision(router_t *router, peer_t *peer, slice_t *in)
{
    decision_t decision;
    if (decision_read(in, &decision) != ERR_OK)
        return false;
    uint16_t left;
    taking_t taking = s_taking(router, peer, &decision);
    uint64_t before = router->assigned;
    size_t len = router->records.len;
    if (!s_records(router, in, decision.records, taking, &left)) {
        router->assigned = before;
        router->records.len = len;
        return false;
    }
    if (decision.corr == 0)
        return true;

    docket_strike(&peer->docket, decision.origin, decision.corr);
    err_t status = s_status(router, &decision, taking, left);
    s_count(router, peer, status);
    bool rests = decision.rests && taking != TAKING_FLEETING && router->assigned != router->head;
    bool waits = router->assigned != before || rests;
    if (waits)
        flight_add(router->flight, router->assigned,
                   router_reply_of(router, &decision, status, router->assigned));
    else
        router_send(router, decision.origin,
                    router_reply_of(router, &decision, status, router->head));
    return true;
}

static void s_learn_bots(router_t *router, const bot_list_t *page, uint64_t as_of)
{
    uint64_t after;
    if (roster_learn(router->roster, page, as_of, router->gate, &after))
        router_ask_bots(router, after);
    router_heed_roster(router);
}

/* A reply to the router itself. */
static void s_learn(router_t *router, const reply_t *reply)
{
    const void *answer;
    fault_t fault;
    if (reply->type == CALL_room_ids) {
        if (!router_learn_judge(router, reply))
            router_learn_rooms(router, reply);
        return;
    }
    arena_reset(router->arena);
    if (reply->status != ERR_OK || codec_unpack(reply->body, call_type(reply->type)->answer(),
                                                router->arena, &fault, &answer) != ERR_OK)
        return;
    if (reply->type == CALL_session_ended)
        gate_learn(router->gate, answer);
    else if (reply->type == CALL_bot_list)
        s_learn_bots(router, answer, reply->as_of);
}

bool router_reply(router_t *router, peer_t *peer, slice_t *in)
{
    reply_t reply;
    if (reply_read(in, &reply) != ERR_OK)
        return false;
    docket_strike(&peer->docket, reply.origin, reply.corr);
    s_count(router, peer, reply.status);
    if (reply.origin == 0)
        s_learn(router, &reply);
    else if (reply.corr != 0)
        router_send(router, reply.origin, reply.bytes);
    return true;
}
