/* router_streams.c - what bots hear: each one's cursor is moved towards the head.
 *
 * At the end of a turn every stream that has room in its window is read on, from the tail or,
 * where the cursor lies before it, by pages of the journal.  There is nothing else, live or
 * not; so a bot has no gap and hears nothing twice, whatever it does. */
#include "actors/screen.h"
#include "actors/veil.h"
#include "broker/called.h"
#include "broker/router_state.h"
#include "schema/mem.h"
#include "schema/pack.h"
#include "schema/plain.h"

enum { RECORDS_A_TURN = 4096 }; /* looked at, for one stream */

/* ---- showing one ---- */

/* An event as one bot is told of it. */
typedef struct told {
    const event_type_t *type;
    const void *body; /* NULL: it is not told */
    bot_called_event_t called;
} told_t;

/* A message that is meant for the bot comes as a call, if it wants those. */
static void s_recast(const stream_t *stream, told_t *told)
{
    const event_type_t *called = event_type(EVENT_bot_called);
    const room_posted_event_t *posted = told->body;
    if (told->type->number == EVENT_room_posted && stream_wants(stream, called) &&
        called_read(posted->message, stream_bot(stream)->account, &told->called)) {
        told->type = called;
        told->body = &told->called;
    } else if (!stream_wants(stream, told->type)) {
        told->body = NULL;
    }
}

/* What this account may see of it; nothing if that cannot be read, as edges have it. */
static void s_see(router_t *router, uint64_t account, const record_t *record, told_t *told)
{
    const shape_t *shape = told->type->shape();
    fault_t fault;
    arena_reset(router->arena);
    bool told_at_all =
        codec_unpack(record->body, shape, router->arena, &fault, &told->body) == ERR_OK &&
        !ids_have(screen_untold(told->type, told->body), account);
    if (!told_at_all)
        told->body = NULL;
    else if (veil_owner(told->type, told->body) != account)
        told->body = veil_event(told->type, told->body, router->arena);
}

/* Whether it can come to anything, as far as can be told without reading it. */
static bool s_concerns(const stream_t *stream, const event_type_t *type, const record_t *record)
{
    bool called =
        type->number == EVENT_room_posted && stream_wants(stream, event_type(EVENT_bot_called));
    return (called || stream_wants(stream, type)) &&
           stream_may(stream, type, record->room, record->account);
}

static void s_show(router_t *router, peer_t *peer, const record_t *record)
{
    told_t told = {.type = event_type(record->type)};
    if (told.type == NULL || !s_concerns(peer->stream, told.type, record))
        return;
    s_see(router, stream_bot(peer->stream)->account, record, &told);
    if (told.body != NULL)
        s_recast(peer->stream, &told);
    if (told.body == NULL)
        return;
    size_t before = peer->out.len;
    plain_begin_event(&peer->out, told.type->name, record);
    codec_pack_shown(&peer->out, told.type->shape(), told.body);
    stream_sent(peer->stream, record->seq, peer->out.len - before);
}

/* ---- who is in which room ---- */

static void s_note(void *ctx, peer_t *peer)
{
    if (peer->stream != NULL)
        stream_note(peer->stream, ctx);
}

void router_note_streams(router_t *router, const record_t *record)
{
    if (router->streams > 0 &&
        (record->type == EVENT_room_joined || record->type == EVENT_room_left ||
         record->type == EVENT_room_deleted))
        registry_each(router->registry, s_note, (void *)(uintptr_t)record);
}

/* ---- moving ---- */

static void s_order(router_t *router, peer_t *peer)
{
    arena_reset(router->arena);
    page_order_t order = {.from = stream_next(peer->stream)};
    stream_keys(peer->stream, router->arena, &order.rooms, &order.accounts);
    stream_await(peer->stream, router_fetch(router, &order, peer->id, NULL));
}

/* Along the tail; false if it is not at the end of what there is, but of a turn's share. */
static bool s_read_tail(router_t *router, peer_t *peer)
{
    record_t record;
    for (int i = 0; i < RECORDS_A_TURN; i++) {
        uint64_t next = stream_next(peer->stream);
        if (next > router->head || !stream_open(peer->stream))
            return true;
        tail_record_t found = tail_at(router->tail, next);
        slice_t in = found.bytes;
        if (stream_is_at(peer->stream, found.room, found.account) &&
            record_read(&in, &record) == ERR_OK)
            s_show(router, peer, &record);
        stream_advance(peer->stream, next + 1);
    }
    return false;
}

/* It follows nothing any more; too_old says from where it could. */
static void s_end(router_t *router, peer_t *peer, err_t status)
{
    stream_stop(peer->stream);
    plain_begin_answer(&peer->out, 0, status, router->head);
    arena_reset(router->arena);
    if (status == ERR_TOO_OLD)
        pack_str(&peer->out, router_old_detail(router, router->arena));
    else
        pack_nil(&peer->out);
}

static bool s_move(router_t *router, peer_t *peer)
{
    uint64_t next = stream_next(peer->stream), first = tail_first(router->tail);
    if (next == 0 || next > router->head || stream_page(peer->stream) != 0 ||
        !stream_settled(peer->stream) || !stream_open(peer->stream) ||
        peer->out.len > LIMIT_BOT_WINDOW_BYTES)
        return true;
    if (next < router->first) {
        s_end(router, peer, ERR_TOO_OLD);
        return true;
    }
    if (first != 0 && next >= first)
        return s_read_tail(router, peer);
    s_order(router, peer);
    return true;
}

void router_page_bot(router_t *router, peer_t *peer, uint64_t ticket, err_t status, uint64_t next,
                     slice_t records)
{
    record_t record;
    if (peer->stream == NULL || stream_page(peer->stream) != ticket)
        return;
    stream_await(peer->stream, 0);
    if (status != ERR_OK) {
        s_end(router, peer, status);
        return;
    }
    while (records.len > 0 && record_read(&records, &record) == ERR_OK) {
        if (!stream_open(peer->stream)) {
            stream_advance(peer->stream, record.seq);
            return;
        }
        s_show(router, peer, &record);
    }
    stream_advance(peer->stream, next);
}

typedef struct moving {
    router_t *router;
    bool all;
} moving_t;

static void s_move_one(void *ctx, peer_t *peer)
{
    moving_t *moving = ctx;
    if (peer->stream != NULL && !s_move(moving->router, peer))
        moving->all = false;
}

bool router_move_streams(router_t *router)
{
    moving_t moving = {router, true};
    if (router->streams > 0)
        registry_each(router->registry, s_move_one, &moving);
    return moving.all;
}

/* ---- what passes unrecorded ---- */

typedef struct passing {
    router_t *router;
    const record_t *record;
} passing_t;

/* Only who has come to the head hears it: to all others it would come before its time. */
static void s_pass_to(void *ctx, peer_t *peer)
{
    const passing_t *passing = ctx;
    if (peer->stream == NULL || !s_move(passing->router, peer))
        return;
    if (stream_next(peer->stream) > passing->router->head && stream_open(peer->stream))
        s_show(passing->router, peer, passing->record);
}

void router_pass_bots(router_t *router, const record_t *record)
{
    if (router->streams > 0)
        registry_each(router->registry, s_pass_to, &(passing_t){router, record});
}
