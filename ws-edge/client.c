/* client.c - a listener's life: coming, being somebody, going; and what it is shown.
 *
 *   nobody ── bind ──> somebody: its account's place, and its rooms (client_start.c)
 *     ^                   │
 *     └────── unbind ─────┘
 *
 * A call's answer may come after the connection is gone, so a client lives until its
 * outlet is through with it and nothing that it asked is open. */
#include "ws-edge/client.h"

#include <assert.h>

#include "ws-edge/client_parts.h"

/* ---- all of them ---- */

clients_t *clients_new(edge_t *edge)
{
    clients_t *clients = mem_new(clients_t);
    clients->edge = edge;
    TAILQ_INIT(&clients->all);
    TAILQ_INIT(&clients->tuning);
    TAILQ_INIT(&clients->reading);
    TAILQ_INIT(&clients->hearing);
    return clients;
}

/* Nobody waits for what they would have heard. */
static void s_forget_hearing(clients_t *clients)
{
    hearsay_t *hearsay;
    while ((hearsay = TAILQ_FIRST(&clients->hearing)) != NULL) {
        TAILQ_REMOVE(&clients->hearing, hearsay, in_queue);
        (void)client_answered(hearsay->client);
        mem_free(hearsay);
    }
}

void clients_destroy(clients_t **clients_p)
{
    if (*clients_p == NULL)
        return;
    s_forget_hearing(*clients_p);
    assert(TAILQ_EMPTY(&(*clients_p)->all));
    mem_free(*clients_p);
    *clients_p = NULL;
}

void clients_close_all(clients_t *clients, int code, const char *reason)
{
    client_t *client;
    TAILQ_FOREACH(client, &clients->all, in_all)
    client_close(client, code, reason);
    s_forget_hearing(clients);
}

void clients_expire(clients_t *clients, int64_t now)
{
    client_t *client, *next;
    for (client = TAILQ_FIRST(&clients->all); client != NULL; client = next) {
        next = TAILQ_NEXT(client, in_all);
        if (client->who.account != 0 && client->who.expires <= now)
            client_end(client);
    }
}

static void s_hear_rooms(clients_t *clients, uint64_t round)
{
    hearsay_t *hearsay;
    while ((hearsay = TAILQ_FIRST(&clients->hearing)) != NULL && hearsay->round <= round) {
        TAILQ_REMOVE(&clients->hearing, hearsay, in_queue);
        client_heard(hearsay->client, hearsay->tag, hearsay->turn);
        mem_free(hearsay);
    }
}

void clients_acked(clients_t *clients, uint64_t round)
{
    client_t *client;
    while ((client = TAILQ_FIRST(&clients->tuning)) != NULL && client->round <= round) {
        TAILQ_REMOVE(&clients->tuning, client, in_queue);
        client->round = 0;
        start_tuned(client);
    }
    s_hear_rooms(clients, round);
}

void clients_turn(clients_t *clients)
{
    struct client_list now = TAILQ_HEAD_INITIALIZER(now);
    client_t *client;
    TAILQ_CONCAT(&now, &clients->reading, in_queue); /* who stays behind queues up again */
    while ((client = TAILQ_FIRST(&now)) != NULL) {
        TAILQ_REMOVE(&now, client, in_queue);
        start_read_on(client);
    }
}

/* ---- being somebody ---- */

static void s_tell_presence(const client_t *client, bool online)
{
    presence_set_call_t set = {.account = client->who.account, .online = online};
    link_tell(client->edge->link, CALL_presence_set, &set);
}

/* Counted by the account's place: the first guest brings its person, the last takes it. */
static void s_appear(client_t *client)
{
    edge_t *edge = client->edge;
    uint64_t now_us = loop_now_us(edge->loop);
    hall_enter(edge->hall, &client->guest, PLACE_ACCOUNT, client->who.account, now_us);
    client->present = true;
    if (place_count(hall_find(edge->hall, PLACE_ACCOUNT, client->who.account)) == 1)
        s_tell_presence(client, true);
}

/* Whether another connection of its person and dialect is in that room. */
static bool s_has_company(const client_t *client, uint64_t room)
{
    hall_t *hall = client->edge->hall;
    const place_t *person = hall_find(hall, PLACE_ACCOUNT, client->who.account);
    for (size_t i = person != NULL ? place_count(person) : 0; i-- > 0;) {
        guest_t *guest = place_guest(person, i);
        const client_t *other = client_of(guest);
        if (other != client && other->dialect_id == client->dialect_id &&
            hall_has(hall, guest, PLACE_ROOM, room))
            return true;
    }
    return false;
}

static void s_announce(const client_t *client, uint64_t room, bool here)
{
    room_present_call_t present = {.room = room, .account = client->who.account, .here = here};
    if (client->dialect->announces && !s_has_company(client, room))
        link_tell(client->edge->link, CALL_room_present, &present);
}

void client_come_in(client_t *client, uint64_t room)
{
    edge_t *edge = client->edge;
    if (hall_has(edge->hall, &client->guest, PLACE_ROOM, room))
        return;
    hall_enter(edge->hall, &client->guest, PLACE_ROOM, room, loop_now_us(edge->loop));
    past_room(client, room, true);
    s_announce(client, room, true);
}

bool client_go_out(client_t *client, uint64_t room)
{
    edge_t *edge = client->edge;
    if (!hall_has(edge->hall, &client->guest, PLACE_ROOM, room))
        return false;
    hall_leave(edge->hall, &client->guest, PLACE_ROOM, room, loop_now_us(edge->loop));
    past_room(client, room, false);
    s_announce(client, room, false);
    return true;
}

static void s_go_out_of_all(client_t *client)
{
    ids_t rooms = hall_rooms(client->edge->hall, &client->guest);
    for (size_t i = rooms.count; i-- > 0;)
        client_go_out(client, rooms.items[i]);
}

static void s_vanish(client_t *client)
{
    edge_t *edge = client->edge;
    bool was_present = client->present;
    if (client->dialect->announces)
        s_go_out_of_all(client);
    past_leave_rooms(client);
    client->present = false;
    hall_leave_all(edge->hall, &client->guest, loop_now_us(edge->loop));
    if (was_present && place_count(hall_find(edge->hall, PLACE_ACCOUNT, client->who.account)) == 0)
        s_tell_presence(client, false);
}

void client_enter(client_t *client)
{
    if (!gate_passes(client->edge->gate, client->who.account, client->who.session)) {
        client_close(client, err_info(ERR_SESSION_ENDED)->close_code, NULL);
        return;
    }
    s_appear(client);
    start_opened(client);
}

who_t client_who(const client_t *client)
{
    return client->who;
}

void client_unbind(client_t *client)
{
    if (client->state == CLIENT_CLOSING)
        return;
    client->turn++; /* who it was to become counts no more either */
    if (client->who.account == 0)
        return;
    s_vanish(client);
    past_become(client);
    start_end(client);
    client->who = (who_t){0};
    client->state = CLIENT_LIVE;
}

void client_bind(client_t *client, who_t who)
{
    if (client->state == CLIENT_CLOSING)
        return;
    client_unbind(client);
    past_become(client);
    client->who = who;
    start_begin(client, &(greeting_t){0});
    if (client->outlet != NULL)
        client_enter(client);
}

/* ---- coming and going ---- */

/* Who it is, is known now.  The outlet may be open already, or not. */
static void s_on_found(void *ctx, const answer_t *answer, who_t who)
{
    client_t *client = ctx;
    client->finding = false;
    if (!client_answered(client))
        return;
    client->who = who;
    if (answer->status != ERR_OK)
        client_close(client, err_info(answer->status)->close_code, NULL);
    else if (client->outlet != NULL)
        client_enter(client);
}

static void s_find(client_t *client, const bearer_t *bearer)
{
    err_t err = bearer_ask(client->edge, bearer, client->address, s_on_found, client).status;
    if (err != ERR_OK) {
        client_close(client, err_info(err)->close_code, NULL);
        return;
    }
    client->finding = true;
    client->waiting++;
}

client_t *client_new(clients_t *clients, dialect_id_t dialect, const bearer_t *bearer,
                     const greeting_t *greeting, uint64_t address)
{
    client_t *client = mem_new(client_t);
    client->edge = clients->edge;
    client->clients = clients;
    client->dialect_id = dialect;
    client->dialect = dialects[dialect];
    client->address = address;
    client->note = greeting->note;
    if (client->dialect->state_size > 0)
        client->own = mem_zeroed(client->dialect->state_size);
    TAILQ_INSERT_TAIL(&clients->all, client, in_all);
    past_begin(client);
    client->edge->counts.open[dialect]++;
    if (bearer == NULL) {
        client->since = greeting->from_now ? link_head(client->edge->link) + 1 : 0;
        return client;
    }
    client->who = bearer->who;
    start_begin(client, greeting);
    if (bearer->call != 0)
        s_find(client, bearer);
    return client;
}

void client_open(client_t *client, outlet_t *outlet)
{
    client->outlet = outlet;
    if (client->state == CLIENT_CLOSING) /* decided during the handshake */
        outlet->verbs->close(outlet, client->close_code, NULL);
    else if (client->who.account != 0)
        client_enter(client);
    else if (!client->finding)
        start_as_nobody(client);
}

void client_close(client_t *client, int code, const char *reason)
{
    if (client->state == CLIENT_CLOSING)
        return;
    s_vanish(client);
    past_close(client);
    start_end(client);
    client->state = CLIENT_CLOSING;
    client->close_code = code;
    if (client->outlet != NULL)
        client->outlet->verbs->close(client->outlet, code, reason);
}

void client_free_if_over(client_t *client)
{
    if (!client->gone || client->waiting > 0)
        return;
    TAILQ_REMOVE(&client->clients->all, client, in_all);
    client->edge->counts.open[client->dialect_id]--;
    if (client->dialect->state_free != NULL)
        client->dialect->state_free(client->own);
    mem_free(client->own);
    mem_free(client);
}

void client_gone(client_t *client, int code)
{
    client->untaken = past_untaken(client);
    client->outlet = NULL;
    client_close(client, code, NULL);
    past_end(client, code);
    client->gone = true;
    client_free_if_over(client);
}

/* ---- the fan-out ---- */

body_t *client_frame(const dialect_t *dialect, slice_t payload)
{
    switch (dialect->framing) {
    case FRAMING_TEXT:
        return frame_new(FRAME_TEXT, payload);
    case FRAMING_BINARY:
        return frame_new(FRAME_BINARY, payload);
    case FRAMING_STREAM:
    case FRAMING_LINE:
        return frame_new(FRAME_STREAM, payload);
    }
    return NULL;
}

client_t *client_of(guest_t *guest)
{
    return (client_t *)(void *)guest; /* its first member */
}

dialect_id_t client_dialect(const client_t *client)
{
    return client->dialect_id;
}

const void *client_state(const client_t *client)
{
    return client->own;
}

void client_show(client_t *client, body_t *frame, uint64_t mark)
{
    if (client->state != CLIENT_LIVE || client->mark == mark)
        return;
    client->mark = mark;
    client->edge->counts.deliveries[client->dialect_id]++;
    client->outlet->verbs->send(client->outlet, frame);
}

/* Who picks its rooms comes into none by itself. */
void client_came(client_t *client, uint64_t room)
{
    if (client->dialect->hears == HEARS_PICKED)
        return;
    client_come_in(client, room);
    if (client->start != NULL)
        client->start->moved = true;
}

void client_catch_up(client_t *client, uint64_t seq)
{
    if (client->state == CLIENT_LIVE && client->dialect->hears == HEARS_ALL)
        start_again(client, seq);
}

void client_left(client_t *client, uint64_t room)
{
    bool heard = client_go_out(client, room);
    if (client->start != NULL)
        client->start->moved = true;
    if (heard)
        client_lost(client, room);
}
