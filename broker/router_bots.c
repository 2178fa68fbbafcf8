/* router_bots.c - bots: what they say, and the answers that they get.
 *
 * Here the plain envelopes of bots (schema/plain.h) become the calls that the house speaks, and
 * replies become answers; actors cannot tell a bot's call from another person's.
 *
 *   ["call", …] ── hello? scopes? fields? ──> call, stamped here ──> owner
 *   reply ── as this account may see it ──> ["answer", …]
 *
 * A bot comes by a door that takes nobody else.  Over tcp its key, which the guard has looked
 * at, says which bot it is; over ipc it says so itself.  What it hears is router_streams.c's. */
#include "actors/log.h"
#include "actors/veil.h"
#include "broker/router_state.h"
#include "schema/mem.h"
#include "schema/pack.h"
#include "schema/plain.h"

enum { WARN_EVERY_US = 10 * 1000 * 1000 }; /* lines about one bot, or about nobody's */

/* ---- answers ---- */

static void s_answer(router_t *router, peer_t *peer, uint64_t number, const shape_t *shape,
                     const void *object)
{
    if (number == 0)
        return;
    plain_begin_answer(&peer->out, number, ERR_OK, router->head);
    codec_pack_shown(&peer->out, shape, object);
}

static void s_refuse(router_t *router, peer_t *peer, uint64_t number, err_t err, slice_t detail)
{
    router->counts.refused[err]++;
    if (number == 0)
        return;
    plain_begin_answer(&peer->out, number, err, router->head);
    if (detail.len > 0)
        pack_str(&peer->out, detail);
    else
        pack_nil(&peer->out);
}

/* A body as the bot's account may see it; what cannot be read is a fault of ours. */
static err_t s_read_body(router_t *router, const peer_t *peer, const reply_t *reply,
                         const void **ret_object)
{
    const call_type_t *type = call_type(reply->type);
    fault_t fault;
    arena_reset(router->arena);
    if (codec_unpack(reply->body, type->answer(), router->arena, &fault, ret_object) != ERR_OK)
        return ERR_INTERNAL;
    *ret_object = veil_answer(type, *ret_object, stream_bot(peer->stream)->account, router->arena);
    return ERR_OK;
}

void router_tell_bot(router_t *router, peer_t *peer, const reply_t *reply)
{
    const void *object = NULL;
    if (peer->stream == NULL)
        return; /* it asked before it was cut off */
    stream_end_call(peer->stream);
    err_t err = reply->status == ERR_OK ? s_read_body(router, peer, reply, &object) : reply->status;
    plain_begin_answer(&peer->out, reply->corr, err, reply->as_of);
    if (err == ERR_OK)
        codec_pack_shown(&peer->out, call_type(reply->type)->answer(), object);
    else if (reply->status == ERR_OK)
        pack_nil(&peer->out);
    else
        buf_append(&peer->out, reply->body);
}

void router_knock_bot(router_t *router, peer_t *peer)
{
    plain_begin_answer(&peer->out, 0, ERR_OK, router->head);
    pack_nil(&peer->out);
}

/* ---- lines in the log ---- */

void router_warn_bot(router_t *router, const peer_t *peer, const char *what)
{
    roster_bot_t *bot =
        peer->stream != NULL ? stream_bot(peer->stream) : roster_find(router->roster, peer->bot);
    int64_t *warned = bot != NULL ? &bot->warned : &router->warned;
    if (*warned != 0 && router->now - *warned < WARN_EVERY_US)
        return;
    *warned = router->now;
    log_warn("broker", "bot of account %llu: %s",
             (unsigned long long)(bot != NULL ? bot->account : 0), what);
}

/* ---- coming and going ---- */

/* Which bot says hello. */
static err_t s_find(const router_t *router, const peer_t *peer, const bot_hello_call_t *hello,
                    roster_bot_t **ret_bot)
{
    roster_bot_t *bot = peer->bot != 0 ? roster_find(router->roster, peer->bot)
                                       : roster_of_account(router->roster, hello->account);
    if (bot == NULL && !roster_complete(router->roster))
        return ERR_UNAVAILABLE;
    if (bot == NULL)
        return peer->bot != 0 ? ERR_SESSION_ENDED : ERR_NOT_FOUND;
    if (hello->account != 0 && hello->account != bot->account)
        return ERR_FORBIDDEN;
    *ret_bot = bot;
    return ERR_OK;
}

static void s_leave(router_t *router, peer_t *peer)
{
    router_unseat(router, peer);
    stream_bot(peer->stream)->peers--;
    stream_destroy(&peer->stream);
    router->streams--;
}

void router_drop_bot(router_t *router, peer_t *peer)
{
    if (peer->stream != NULL)
        s_leave(router, peer);
}

static void s_ask_rooms(router_t *router, const peer_t *peer)
{
    const roster_bot_t *bot = stream_bot(peer->stream);
    router_ask_rooms(router, peer->id, bot->account, bot->session);
}

/* It is welcome once it is known in which rooms it is. */
static err_t s_hello(router_t *router, peer_t *peer, uint64_t number, const void *body)
{
    roster_bot_t *bot = NULL;
    const peer_t *rooms = router->offices[owner_ROOM];
    err_t err = s_find(router, peer, body, &bot);
    if (err != ERR_OK)
        return err;
    if (rooms == NULL || !rooms->ready)
        return ERR_UNAVAILABLE;
    if (bot->peers >= LIMIT_BOT_PEERS)
        return ERR_TOO_MANY;
    router_drop_bot(router, peer);
    peer->role = peer_role_BOT;
    peer->stream = stream_new(bot);
    router->streams++;
    stream_set_hello(peer->stream, number);
    s_ask_rooms(router, peer);
    return ERR_OK;
}

static void s_welcome(router_t *router, peer_t *peer)
{
    const roster_bot_t *bot = stream_bot(peer->stream);
    s_answer(router, peer, stream_hello(peer->stream), shape_bot_welcome(),
             &(bot_welcome_t){
                 .version = PLAIN_VERSION,
                 .account = bot->account,
                 .scopes = slice_of(bot->words),
                 .head = router->head,
                 .first = router->first,
                 .silence_ms = BOT_SILENCE_US / 1000,
                 .window = LIMIT_BOT_WINDOW,
             });
}

void router_learn_rooms(router_t *router, const reply_t *reply)
{
    const void *rooms;
    fault_t fault;
    peer_t *peer = registry_find(router->registry, reply->corr);
    if (peer == NULL || peer->stream == NULL || stream_settled(peer->stream))
        return;
    arena_reset(router->arena);
    err_t err = reply->status;
    if (err == ERR_OK)
        err = codec_unpack(reply->body, shape_room_ids(), router->arena, &fault, &rooms);
    if (err != ERR_OK)
        s_refuse(router, peer, stream_hello(peer->stream), err, (slice_t){0});
    else if (stream_learn_rooms(peer->stream, rooms, reply->as_of))
        s_welcome(router, peer);
    else
        s_ask_rooms(router, peer);
}

/* One that was revoked hears so once, and no more after that. */
typedef struct ending {
    router_t *router;
    const roster_bot_t *bot;
} ending_t;

static void s_end(void *ctx, peer_t *peer)
{
    const ending_t *ending = ctx;
    if (peer->stream == NULL || stream_bot(peer->stream) != ending->bot)
        return;
    s_leave(ending->router, peer);
    peer->role = peer_role_NONE;
    buf_reset(&peer->out);
    plain_begin_answer(&peer->out, 0, ERR_SESSION_ENDED, ending->router->head);
    pack_nil(&peer->out);
}

static void s_strike(router_t *router, const roster_bot_t *bot)
{
    log_info("broker", "bot of account %llu is let in no more", (unsigned long long)bot->account);
    router_dismiss(router, bot->session);
    registry_each(router->registry, s_end, &(ending_t){router, bot});
    roster_strike(router->roster, bot->session);
}

void router_note_bots(router_t *router, const record_t *record)
{
    if (!roster_concerns(record->type))
        return;
    uint64_t ended = roster_hear(router->roster, record);
    if (ended != 0)
        s_strike(router, roster_find(router->roster, ended));
    router_heed_roster(router);
}

/* ---- calls ---- */

static err_t s_ping(router_t *router, peer_t *peer, uint64_t number, const void *body)
{
    (void)body;
    s_answer(router, peer, number, shape_nothing(), &(nothing_t){});
    return ERR_OK;
}

static err_t s_follow(router_t *router, peer_t *peer, uint64_t number, const void *body)
{
    const bot_follow_call_t *wish = body;
    if (wish->after > 0 && wish->after + 1 < router->first) {
        s_refuse(router, peer, number, ERR_TOO_OLD, router_old_detail(router, router->arena));
        return ERR_OK;
    }
    err_t err = stream_follow(peer->stream, wish);
    if (err == ERR_OK && wish->after == 0)
        stream_advance(peer->stream, router->first);
    if (err == ERR_OK)
        s_answer(router, peer, number, shape_bot_followed(), &(bot_followed_t){router->head});
    return err;
}

static err_t s_ack(router_t *router, peer_t *peer, uint64_t number, const void *body)
{
    stream_ack(peer->stream, ((const bot_ack_call_t *)body)->seq);
    s_answer(router, peer, number, shape_nothing(), &(nothing_t){});
    return ERR_OK;
}

static err_t s_judge(router_t *router, peer_t *peer, uint64_t number, const void *body)
{
    err_t err = router_let_judge(router, peer, body);
    if (err == ERR_OK)
        s_answer(router, peer, number, shape_nothing(), &(nothing_t){});
    return err;
}

static err_t s_verdict(router_t *router, peer_t *peer, uint64_t number, const void *body)
{
    err_t err = router_hear_verdict(router, peer, body);
    if (err == ERR_OK)
        s_answer(router, peer, number, shape_nothing(), &(nothing_t){});
    return err;
}

typedef err_t bot_call_fn(router_t *router, peer_t *peer, uint64_t number, const void *body);

/* What the broker itself is asked. */
static const struct {
    call_number_t call;
    bot_call_fn *perform;
} s_calls[] = {
    {CALL_bot_hello, s_hello}, {CALL_bus_ping, s_ping},   {CALL_bot_follow, s_follow},
    {CALL_bot_ack, s_ack},     {CALL_bot_judge, s_judge}, {CALL_bot_verdict, s_verdict},
};

static bot_call_fn *s_own_call(const call_type_t *type)
{
    for (size_t i = 0; i < COUNT_OF(s_calls); i++)
        if (s_calls[i].call == type->number)
            return s_calls[i].perform;
    return NULL;
}

/* The call that an actor is given: in the bot's name, at this time. */
static err_t s_forward(router_t *router, peer_t *peer, const call_type_t *type,
                       const plain_call_t *said, const void *body)
{
    const roster_bot_t *bot = stream_bot(peer->stream);
    call_t call = {
        .type = type->number,
        .corr = said->number,
        .origin = peer->id,
        .principal = bot->account,
        .session = bot->session,
    };
    router->ports.stamp(router->ports.ctx, &call.time, call.rand);
    buf_reset(&router->said);
    call_begin(&router->said, &call);
    size_t header = router->said.len;
    codec_pack(&router->said, type->shape(), body);
    call.bytes = buf_slice(&router->said);
    call.body = slice_from(call.bytes, header);
    if (said->number == 0)
        return router_forward(router, peer, type, &call);
    if (!stream_begin_call(peer->stream))
        return ERR_TOO_MANY;
    err_t err = router_forward(router, peer, type, &call);
    if (err != ERR_OK)
        stream_end_call(peer->stream);
    return err;
}

/* Whether it may make the call at all; what is lacking is told to the log too. */
static err_t s_may(router_t *router, const peer_t *peer, const call_type_t *type,
                   slice_t *ret_detail)
{
    if (peer->stream == NULL)
        return roster_find(router->roster, peer->bot) == NULL && peer->bot != 0
                   ? ERR_SESSION_ENDED
                   : ERR_UNAUTHENTICATED;
    if (s_own_call(type) != NULL && *call_scope(type->number) == '\0')
        return ERR_OK;
    if (scopes_allow(stream_bot(peer->stream)->scopes, type->number))
        return ERR_OK;
    const char *scope = call_scope(type->number);
    *ret_detail = *scope != '\0'
                      ? arena_printf(router->arena, "this bot lacks the scope `%s`", scope)
                      : SLICE_LIT("no bot may do this");
    router_warn_bot(router, peer, (const char *)ret_detail->ptr);
    return ERR_FORBIDDEN;
}

static err_t s_read_call(router_t *router, const plain_call_t *said, const call_type_t *type,
                         const void **ret_body, slice_t *ret_detail)
{
    fault_t fault = {0};
    void *object = arena_alloc(router->arena, type->shape()->size);
    err_t err = codec_set_packed(object, said->body, type->shape(), router->arena, &fault);
    if (err == ERR_OK)
        err = codec_check(type->shape(), object, &fault);
    if (err != ERR_OK)
        *ret_detail = fault_text(&fault, router->arena);
    *ret_body = object;
    return err;
}

static err_t s_take(router_t *router, peer_t *peer, const plain_call_t *said, slice_t *ret_detail)
{
    const call_type_t *type = call_type_named(said->type);
    const void *body = NULL;
    err_t err = type != NULL ? ERR_OK : ERR_UNKNOWN_TYPE;
    if (err == ERR_OK && type->number != CALL_bot_hello)
        err = s_may(router, peer, type, ret_detail);
    if (err == ERR_OK)
        err = s_read_call(router, said, type, &body, ret_detail);
    if (err != ERR_OK)
        return err;
    bot_call_fn *perform = s_own_call(type);
    return perform != NULL ? perform(router, peer, said->number, body)
                           : s_forward(router, peer, type, said, body);
}

bool router_hear_bot(router_t *router, peer_t *peer, slice_t *in)
{
    plain_call_t said;
    slice_t detail = {0};
    if (plain_read_call(in, &said) != ERR_OK)
        return false;
    router->counts.calls++;
    if (peer->stream != NULL)
        stream_heard(peer->stream);
    arena_reset(router->arena);
    err_t err = s_take(router, peer, &said, &detail);
    if (err != ERR_OK)
        s_refuse(router, peer, said.number, err, detail);
    return true;
}
