/* router_streams.c - what bots hear: each one's cursor is moved towards the head.
 *
 * At the end of a turn every stream that has room in its window is read on, from the tail or,
 * where the cursor lies before it, by pages of the journal.  There is nothing else, live or
 * not; so a bot has no gap and hears nothing twice, whatever it does. */
#include "broker/router_state.h"
#include "actors/veil.h"
#include "schema/mem.h"
#include "schema/pack.h"
#include "schema/plain.h"

enum { RECORDS_A_TURN = 4096 }; /* looked at, for one stream */

/* ---- showing one ---- */

static const void *s_seen(router_t *router, const stream_t *stream, const record_t *record,
                          const event_type_t *type)
{
    const void *body;
    fault_t fault;
    arena_reset(router->arena);
    if (codec_unpack(record->body, type->shape(), router->arena, &fault, &body) != ERR_OK)
        return NULL;
    bool owns = veil_owner(type, body) == stream_bot(stream)->account;
    return owns ? body : veil_event(type, body, router->arena);
}

/* One that cannot be read is passed over, as edges do. */
static void s_show(router_t *router, peer_t *peer, const record_t *record)
{
    const event_type_t *type = event_type(record->type);
    if (type == NULL || !stream_wants(peer->stream, type, record->room, record->account))
        return;
    const void *body = s_seen(router, peer->stream, record, type);
    size_t before = peer->out.len;
    if (body == NULL)
        return;
    plain_begin_event(&peer->out, type->name, record);
    codec_pack_shown(&peer->out, type->shape(), body);
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

static bool s_move(router_t *router, peer_t *peer)
{
    uint64_t next = stream_next(peer->stream), first = tail_first(router->tail);
    if (next == 0 || next > router->head || stream_page(peer->stream) != 0 ||
        !stream_settled(peer->stream) || !stream_open(peer->stream) ||
        peer->out.len > LIMIT_BOT_WINDOW_BYTES)
        return true;
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
        stream_stop(peer->stream);
        plain_begin_answer(&peer->out, 0, status, router->head);
        pack_nil(&peer->out);
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
