/* client_past.c - what the diary has of a listener, and what it is at this moment. */
#include "ws-edge/client_parts.h"

static void s_note(const client_t *client, note_t note)
{
    note.connection = client->number;
    diary_note(client->edge->diary, &note);
}

/* ---- its life ---- */

void past_begin(client_t *client)
{
    client->number = ++client->edge->connections;
    client->opened = link_time();
}

void past_close(client_t *client)
{
    client->closed = link_time();
    client->was_live = client->state == CLIENT_LIVE;
}

/* The outlet's clock has no date. */
int64_t past_untaken(const client_t *client)
{
    const outlet_t *outlet = client->outlet;
    uint64_t waits_us = outlet != NULL ? outlet->verbs->waits_us(outlet) : 0;
    if (waits_us == 0)
        return 0;
    return link_time() - (int64_t)(loop_now_us(client->edge->loop) - waits_us);
}

static visit_note_t s_visit(const client_t *client)
{
    return (visit_note_t){
        .connection = client->number,
        .account = client->who.account,
        .address = client->address,
        .opened = client->opened,
        .closed = client->closed,
        .dialect = (uint8_t)client->dialect_id,
        .live = client->closed != 0 ? client->was_live : client->state == CLIENT_LIVE,
    };
}

void past_end(const client_t *client, int code)
{
    visit_note_t visit = s_visit(client);
    visit.code = (uint16_t)code;
    visit.untaken = client->untaken;
    diary_end(client->edge->diary, &visit);
}

/* ---- what it hears ---- */

void past_live(const client_t *client, bool live)
{
    if (client->who.account != 0)
        s_note(client, (note_t){.kind = live ? NOTE_LIVE : NOTE_PAUSED});
}

void past_become(const client_t *client)
{
    bool live = client->state == CLIENT_LIVE && client->who.account != 0;
    s_note(client, (note_t){.kind = NOTE_BECAME, .other = client->who.account, .live = live});
}

void past_room(const client_t *client, uint64_t room, bool in)
{
    if (client->dialect->hears == HEARS_PICKED)
        s_note(client, (note_t){.kind = in ? NOTE_CAME : NOTE_LEFT, .key = room});
}

void past_leave_rooms(const client_t *client)
{
    if (client->dialect->hears != HEARS_PICKED)
        return;
    ids_t rooms = hall_rooms(client->edge->hall, &client->guest);
    for (size_t i = 0; i < rooms.count; i++)
        past_room(client, rooms.items[i], false);
}

void past_resume(const client_t *client, const record_t *record, bool shown)
{
    if (record->type == EVENT_room_posted)
        s_note(client, (note_t){.kind = shown ? NOTE_RESUMED : NOTE_HIDDEN, .key = record->seq});
}

void client_posted(const client_t *client, uint64_t message, int64_t asked)
{
    diary_post(client->edge->diary, &(post_note_t){
                                        .message = message,
                                        .connection = client->number,
                                        .account = client->who.account,
                                        .address = client->address,
                                        .asked = asked,
                                        .answered = link_time(),
                                        .dialect = (uint8_t)client->dialect_id,
                                    });
}

/* ---- all that are there ---- */

void clients_list(clients_t *clients, uint64_t room, buf_t *out)
{
    const client_t *client;
    TAILQ_FOREACH(client, &clients->all, in_all)
    {
        if (client->gone)
            continue;
        visit_note_t visit = s_visit(client);
        visit.untaken = past_untaken(client);
        visit.in = hall_has(clients->edge->hall, &client->guest, PLACE_ROOM, room);
        buf_append(out, slice_new(&visit, sizeof visit));
    }
}

static size_t s_queued(const client_t *client)
{
    return client->outlet != NULL ? client->outlet->verbs->queued(client->outlet) : 0;
}

static edge_peer_t s_peer(const client_t *client, size_t queued)
{
    const edge_t *edge = client->edge;
    int64_t untaken = past_untaken(client);
    return (edge_peer_t){
        .connection = client->number,
        .account = client->who.account,
        .dialect = slice_of(client->dialect->name),
        .address = diary_address(edge->diary, client->address),
        .opened = client->opened,
        .queued = queued,
        .waits_us = untaken != 0 ? (uint64_t)(link_time() - untaken) : 0,
    };
}

/* Into its place among the slowest, who are in order. */
static void s_rank(edge_peer_t *slowest, size_t *count, const edge_peer_t *peer)
{
    size_t at = *count < LIMIT_SLOWEST ? (*count)++ : LIMIT_SLOWEST;
    for (; at > 0 && slowest[at - 1].queued < peer->queued; at--)
        if (at < LIMIT_SLOWEST)
            slowest[at] = slowest[at - 1];
    if (at < LIMIT_SLOWEST)
        slowest[at] = *peer;
}

uint64_t clients_queued(const clients_t *clients)
{
    const client_t *client;
    uint64_t queued = 0;
    TAILQ_FOREACH(client, &clients->all, in_all)
    queued += s_queued(client);
    return queued;
}

list_t clients_slowest(const clients_t *clients)
{
    arena_t *arena = clients->edge->arena;
    edge_peer_t *slowest = arena_alloc(arena, LIMIT_SLOWEST * sizeof *slowest);
    const client_t *client;
    size_t count = 0;
    TAILQ_FOREACH(client, &clients->all, in_all)
    {
        size_t queued = s_queued(client);
        if (queued == 0)
            continue;
        edge_peer_t peer = s_peer(client, queued);
        s_rank(slowest, &count, &peer);
    }
    return (list_t){slowest, count};
}
