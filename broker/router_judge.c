/* router_judge.c - messages that bots judge before they are decided.
 *
 *   call ── who judges this? ──> nobody, and nothing before it in its line ──> owner
 *                └──> waits ── ["judge", …] ── bot.verdict ──> the next bot, or: done
 *   done ── first in its line? ──> owner, with the verdict in its envelope
 *
 * The bots of a room are asked one after the other: each sees what the one before has made of the
 * text, and a veto is the end.  All of it has to be over by one deadline.  What bots say only goes
 * along with the command: its owner decides, and so a retry of what was said already is answered
 * as before, whatever they say of it now.
 *
 * Without a bot that judges `judging` is false, and a call costs that one look. */
#include <assert.h>

#include "actors/log.h"
#include "broker/router_state.h"
#include "schema/pack.h"
#include "schema/plain.h"

static const uint64_t ROOMS_OF_JUDGE = 1ull << 63; /* and its session: a question for its rooms */

static const call_number_t s_judged[] = {CALL_room_post, CALL_message_edit};

static bool s_is_judged(const call_type_t *type)
{
    for (size_t i = 0; i < COUNT_OF(s_judged); i++)
        if (s_judged[i] == type->number)
            return true;
    return false;
}

/* ---- what is asked for ---- */

/* A command with its body read, into the router's arena. */
typedef struct matter {
    const call_type_t *type;
    call_t call;
    uint8_t *body; /* a struct of the type's shape */
} matter_t;

static void *s_member(const matter_t *matter, const char *name)
{
    const field_t *field = shape_field(matter->type->shape(), slice_of(name));
    return field != NULL ? matter->body + field->offset : NULL;
}

static bool s_read(router_t *router, const call_t *call, matter_t *matter)
{
    const void *body;
    fault_t fault;
    *matter = (matter_t){.type = call_type(call->type), .call = *call};
    arena_reset(router->arena);
    if (codec_unpack(call->body, matter->type->shape(), router->arena, &fault, &body) != ERR_OK)
        return false;
    matter->body = (uint8_t *)(uintptr_t)body; /* the arena is ours */
    return true;
}

/* The same of one that waits, with the words that it would have now. */
static void s_read_plea(router_t *router, const plea_t *plea, matter_t *matter)
{
    call_t call;
    slice_t in = buf_slice(&plea->call);
    err_t err = call_read(&in, &call);
    assert(err == ERR_OK);
    bool read = s_read(router, &call, matter);
    assert(read); /* as it was when it came */
    if (plea->ruling == ruling_TRANSFORM)
        *(slice_t *)s_member(matter, "text") = buf_slice(&plea->words);
}

/* ---- going on ---- */

static void s_refuse(router_t *router, const call_t *call, err_t err)
{
    router->counts.refused[err]++;
    if (call->corr == 0)
        return;
    router_reply_begin(router, call, err);
    pack_nil(&router->reply);
    router_send(router, call->origin, buf_slice(&router->reply));
}

/* The envelope again, with what was said of it. */
static void s_put_judged(const plea_t *plea, call_t *call, buf_t *out)
{
    buf_t verdict = {0};
    slice_t words = buf_slice(&plea->words);
    bool veto = plea->ruling == ruling_VETO;
    codec_pack(&verdict, shape_verdict(),
               &(verdict_t){
                   .ruling = plea->ruling,
                   .bot = plea->bot,
                   .text = veto ? (slice_t){0} : words,
                   .reason = veto ? words : (slice_t){0},
               });
    call->verdict = buf_slice(&verdict);
    call_begin(out, call);
    buf_append(out, call->body);
    call->bytes = buf_slice(out);
    buf_free(&verdict);
}

/* To its owner, if whoever sent it is still there and may still ask for it. */
static void s_release(router_t *router, const plea_t *plea)
{
    call_t call;
    buf_t judged = {0};
    slice_t in = buf_slice(&plea->call);
    err_t err = call_read(&in, &call);
    assert(err == ERR_OK);
    const peer_t *peer = registry_find(router->registry, call.origin);
    if (peer == NULL)
        return;
    if (plea->ruling != ruling_NONE)
        s_put_judged(plea, &call, &judged);
    err = router_pass(router, peer, call_type(call.type), &call);
    if (err != ERR_OK)
        s_refuse(router, &call, err);
    buf_free(&judged);
}

/* No bot has anything more to say of it: it goes on once it is the first in its line, and so do
 * those behind it that wait for nothing else. */
static void s_finish(router_t *router, plea_t *plea)
{
    const uint64_t sender = plea->sender, room = plea->room;
    verdicts_close(router->verdicts, plea);
    while ((plea = verdicts_take(router->verdicts, sender, room)) != NULL) {
        s_release(router, plea);
        plea_destroy(&plea);
    }
}

/* A bot without whose word nothing passes has said none. */
static void s_shut(router_t *router, plea_t *plea)
{
    router->counts.unjudged_refused++;
    verdicts_rule(plea, ruling_VETO, 0, (slice_t){0});
    s_finish(router, plea);
}

/* ---- asking ---- */

static void s_ask(router_t *router, const plea_t *plea, const judge_t *judge)
{
    matter_t matter;
    peer_t *peer = registry_find(router->registry, judge->peer);
    assert(peer != NULL); /* a judge's connection that goes is none any more */
    s_read_plea(router, plea, &matter);
    slice_t *client_id = s_member(&matter, "client_id");
    if (client_id != NULL)
        *client_id = (slice_t){0}; /* the sender's own affair */
    plain_begin_judge(&peer->out, plea->ticket, matter.type->name, matter.call.time, plea->room,
                      plea->sender);
    codec_pack_shown(&peer->out, matter.type->shape(), matter.body);
    router->counts.judge_asked++;
}

/* On to the next bot, or it is done. */
static void s_proceed(router_t *router, plea_t *plea)
{
    const judge_t *judge = judges_next_for(router->judges, plea->asked, plea->sender, plea->room);
    if (judge == NULL) {
        s_finish(router, plea);
        return;
    }
    plea->asked = judge->session;
    if (judge_present(judge))
        s_ask(router, plea, judge);
    else
        s_shut(router, plea);
}

/* Where the roster is not known yet a gate may stand anywhere. */
static err_t s_hold(router_t *router, const call_t *call, uint64_t room)
{
    const bool judged = s_is_judged(call_type(call->type));
    plea_t *plea;
    if (judged && !roster_complete(router->roster))
        return ERR_UNAVAILABLE;
    err_t err =
        verdicts_add(router->verdicts, call, room, router->now + router->patience_us, &plea);
    if (err != ERR_OK)
        return err;
    if (judged)
        s_proceed(router, plea);
    else
        s_finish(router, plea);
    return ERR_OK;
}

/* Whether a command has to wait, be it for a bot or for what was sent before it. */
static bool s_waits(const router_t *router, const call_t *call, uint64_t room)
{
    if (verdicts_hold(router->verdicts, call->principal, room))
        return true;
    return s_is_judged(call_type(call->type)) &&
           (!roster_complete(router->roster) ||
            judges_next_for(router->judges, 0, call->principal, room) != NULL);
}

err_t router_judge(router_t *router, const peer_t *peer, const call_type_t *type,
                   const call_t *call)
{
    matter_t matter;
    err_t err = router_admits(router, peer, type, call);
    if (err != ERR_OK)
        return err;
    const uint64_t *room = NULL;
    if (call->principal != 0 && s_read(router, call, &matter))
        room = s_member(&matter, "room");
    if (room == NULL || !s_waits(router, call, *room))
        return router_pass(router, peer, type, call);
    return s_hold(router, call, *room);
}

/* ---- verdicts ---- */

err_t router_let_judge(router_t *router, const peer_t *peer, const bot_judge_call_t *wish)
{
    judge_t *judge = judges_find(router->judges, stream_bot(peer->stream)->session);
    if (judge == NULL || !judge->settled)
        return ERR_UNAVAILABLE;
    for (size_t i = 0; i < wish->rooms.count; i++)
        if (!judge->everywhere && map_get(judge->rooms, wish->rooms.items[i]) == NULL)
            return ERR_FORBIDDEN;
    judge_sit(judge, peer->id, wish->rooms);
    router->judging = true;
    return ERR_OK;
}

/* Whether a text keeps the bounds of what it takes the place of. */
static bool s_fits(router_t *router, const plea_t *plea, slice_t text)
{
    matter_t matter;
    fault_t fault;
    s_read_plea(router, plea, &matter);
    *(slice_t *)s_member(&matter, "text") = text;
    return codec_check(matter.type->shape(), matter.body, &fault) == ERR_OK;
}

/* `said` is a copy: what was read is in the arena, which the plea's command takes. */
static err_t s_rule(router_t *router, plea_t *plea, const judge_t *judge,
                    const bot_verdict_call_t said)
{
    switch (said.verdict) {
    case ruling_ALLOW:
        router->counts.ruled[ruling_ALLOW]++;
        s_proceed(router, plea);
        return ERR_OK;
    case ruling_VETO:
        router->counts.ruled[ruling_VETO]++;
        verdicts_rule(plea, ruling_VETO, judge->account, said.reason);
        s_finish(router, plea);
        return ERR_OK;
    case ruling_TRANSFORM:
        if (!s_fits(router, plea, said.text))
            return ERR_INVALID;
        router->counts.ruled[ruling_TRANSFORM]++;
        verdicts_rule(plea, ruling_TRANSFORM, judge->account, said.text);
        s_proceed(router, plea);
        return ERR_OK;
    case ruling_NONE:
        break;
    }
    return ERR_INVALID;
}

err_t router_hear_verdict(router_t *router, const peer_t *peer, const bot_verdict_call_t *said)
{
    judge_t *judge = judges_find(router->judges, stream_bot(peer->stream)->session);
    plea_t *plea = verdicts_find(router->verdicts, said->ticket);
    if (judge == NULL)
        return ERR_NOT_FOUND;
    judge->missed = 0;
    if (plea != NULL && plea->asked == judge->session)
        return s_rule(router, plea, judge, *said);
    router->counts.verdicts_late++;
    return ERR_NOT_FOUND;
}

/* ---- silence ---- */

/* Whether what waits needs the word of the bot that it was asked of, or of one behind that. */
static bool s_is_shut(const router_t *router, const plea_t *plea)
{
    const judge_t *judge = judges_find(router->judges, plea->asked);
    if (judge != NULL && judge->gate)
        return true;
    judge = judges_next_for(router->judges, plea->asked, plea->sender, plea->room);
    while (judge != NULL && !judge->gate)
        judge = judges_next_for(router->judges, judge->session, plea->sender, plea->room);
    return judge != NULL;
}

static void s_miss(router_t *router, uint64_t session)
{
    judge_t *judge = judges_find(router->judges, session);
    if (judge != NULL && ++judge->missed == LIMIT_VERDICTS_MISSED)
        log_warn("broker", "bot of account %llu lets messages wait in vain: it counts as away",
                 (unsigned long long)judge->account);
}

void router_expire(router_t *router, int64_t now)
{
    plea_t *plea;
    while ((plea = verdicts_oldest(router->verdicts)) != NULL && plea->deadline <= now) {
        s_miss(router, plea->asked);
        if (s_is_shut(router, plea)) {
            s_shut(router, plea);
            continue;
        }
        router->counts.unjudged_passed++;
        s_finish(router, plea);
    }
}

int64_t router_due(const router_t *router)
{
    const plea_t *plea = verdicts_oldest(router->verdicts);
    return plea != NULL ? plea->deadline : INT64_MAX;
}

/* What was asked of a bot that is away now. */
static void s_pass_over(router_t *router, uint64_t session)
{
    plea_t *plea;
    const judge_t *judge = judges_find(router->judges, session);
    while ((plea = verdicts_oldest_of(router->verdicts, session)) != NULL) {
        if (judge != NULL && judge->gate) {
            s_shut(router, plea);
            continue;
        }
        router->counts.unjudged_passed++;
        s_proceed(router, plea);
    }
}

/* ---- who judges ---- */

static void s_look(router_t *router)
{
    router->judging = !roster_complete(router->roster) || judges_sit(router->judges);
    router->unsettled = !judges_settled(router->judges);
}

void router_unseat(router_t *router, const peer_t *peer)
{
    judge_t *judge = judges_find(router->judges, stream_bot(peer->stream)->session);
    if (judge == NULL || judge->peer != peer->id)
        return;
    judge->peer = 0;
    s_pass_over(router, judge->session);
    s_look(router);
}

void router_dismiss(router_t *router, uint64_t session)
{
    judge_t *judge = judges_find(router->judges, session);
    if (judge == NULL)
        return;
    judges_remove(router->judges, judge);
    s_pass_over(router, session);
    s_look(router);
}

/* Those who may judge no more. */
static void s_dismiss_all(router_t *router)
{
    const judge_t *judge = judges_next(router->judges, 0);
    while (judge != NULL) {
        const uint64_t session = judge->session;
        const roster_bot_t *bot = roster_find(router->roster, session);
        if (bot == NULL || !scopes_hold(bot->scopes, scopes_moderate))
            router_dismiss(router, session);
        judge = judges_next(router->judges, session);
    }
}

void router_heed_roster(router_t *router)
{
    const roster_bot_t *bot;
    s_dismiss_all(router);
    for (size_t at = 0; (bot = roster_next(router->roster, &at)) != NULL;)
        if (scopes_hold(bot->scopes, scopes_moderate))
            judges_put(router->judges, bot);
    s_look(router);
}

void router_note_judges(router_t *router, const record_t *record)
{
    if (record->type != EVENT_room_joined && record->type != EVENT_room_left &&
        record->type != EVENT_room_deleted)
        return;
    for (judge_t *judge = judges_next(router->judges, 0); judge != NULL;
         judge = judges_next(router->judges, judge->session))
        judge_note(judge, record);
}

/* ---- their rooms ---- */

void router_settle_judges(router_t *router, bool again)
{
    const peer_t *rooms = router->offices[owner_ROOM];
    if (!router->unsettled || rooms == NULL || !rooms->ready)
        return;
    for (judge_t *judge = judges_next(router->judges, 0); judge != NULL;
         judge = judges_next(router->judges, judge->session)) {
        if (judge->settled || (judge->asked && !again))
            continue;
        judge->asked = true;
        router_ask_rooms(router, ROOMS_OF_JUDGE | judge->session, judge->account, judge->session);
    }
}

bool router_learn_judge(router_t *router, const reply_t *reply)
{
    const void *rooms;
    fault_t fault;
    if ((reply->corr & ROOMS_OF_JUDGE) == 0)
        return false;
    judge_t *judge = judges_find(router->judges, reply->corr & ~ROOMS_OF_JUDGE);
    arena_reset(router->arena);
    if (judge == NULL || judge->settled || reply->status != ERR_OK ||
        codec_unpack(reply->body, shape_room_ids(), router->arena, &fault, &rooms) != ERR_OK)
        return true; /* it is asked again by and by */
    judge_learn_rooms(judge, rooms, reply->as_of);
    s_look(router);
    return true;
}
