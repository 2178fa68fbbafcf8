/* client.c - a live connection: what it says, what it is answered, what it is shown.
 *
 * A call's answer may come after the connection is gone, so a connection lives until
 * the server is through with it and nothing that it asked is open. */
#include "ws-edge/client.h"

#include <assert.h>

#include "ws-edge/answer.h"
#include "ws-edge/client_parts.h"
#include "ws-edge/pass.h"

enum { CALLS_MAX = 1024 }; /* in flight; further ones are refused as unavailable */

/* ---- all of them ---- */

clients_t *clients_new(edge_t *edge)
{
    clients_t *clients = mem_new(clients_t);
    clients->edge = edge;
    TAILQ_INIT(&clients->all);
    TAILQ_INIT(&clients->tuning);
    TAILQ_INIT(&clients->reading);
    return clients;
}

void clients_destroy(clients_t **clients_p)
{
    if (*clients_p == NULL)
        return;
    assert(TAILQ_EMPTY(&(*clients_p)->all));
    mem_free(*clients_p);
    *clients_p = NULL;
}

void clients_close_all(clients_t *clients, int code, const char *reason)
{
    client_t *client;
    TAILQ_FOREACH(client, &clients->all, in_all)
    client_close(client, code, reason);
}

void clients_expire(clients_t *clients, int64_t now)
{
    const err_info_t *ended = err_info(ERR_SESSION_ENDED);
    client_t *client, *next;
    for (client = TAILQ_FIRST(&clients->all); client != NULL; client = next) {
        next = TAILQ_NEXT(client, in_all);
        if (client->who.account != 0 && client->who.expires <= now)
            client_close(client, ended->close_code, ended->name);
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

/* ---- coming and going ---- */

static void s_find(client_t *client, const bearer_t *bearer);

client_t *client_new(clients_t *clients, dialect_id_t dialect, const bearer_t *bearer,
                     const greeting_t *greeting, uint64_t address)
{
    client_t *client = mem_new(client_t);
    client->edge = clients->edge;
    client->clients = clients;
    client->dialect_id = dialect;
    client->dialect = dialects[dialect];
    client->who = bearer->who;
    client->address = address;
    TAILQ_INSERT_TAIL(&clients->all, client, in_all);
    client->edge->counts.open[dialect]++;
    start_begin(client, greeting);
    if (bearer->call != 0)
        s_find(client, bearer);
    return client;
}

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

static void s_vanish(client_t *client)
{
    edge_t *edge = client->edge;
    bool was_present = client->present;
    client->present = false;
    hall_leave_all(edge->hall, &client->guest, loop_now_us(edge->loop));
    if (was_present && place_count(hall_find(edge->hall, PLACE_ACCOUNT, client->who.account)) == 0)
        s_tell_presence(client, false);
}

static void s_enter(client_t *client)
{
    if (!gate_passes(client->edge->gate, client->who.account, client->who.session)) {
        client_close(client, err_info(ERR_SESSION_ENDED)->close_code, NULL);
        return;
    }
    s_appear(client);
    start_opened(client);
}

void client_opened(void *user, socket_t *socket)
{
    client_t *client = user;
    client->socket = socket;
    if (client->state == CLIENT_CLOSING) { /* decided during the handshake */
        socket_close(socket, client->close_code, NULL);
        return;
    }
    if (client->who.account != 0)
        s_enter(client);
}

/* Who it is, is known now.  The handshake may be through already, or not. */
static void s_on_found(void *ctx, const answer_t *answer, who_t who)
{
    client_t *client = ctx;
    if (!client_answered(client))
        return;
    client->who = who;
    if (answer->status != ERR_OK)
        client_close(client, err_info(answer->status)->close_code, NULL);
    else if (client->socket != NULL)
        s_enter(client);
}

static void s_find(client_t *client, const bearer_t *bearer)
{
    err_t err = bearer_ask(client->edge, bearer, s_on_found, client);
    if (err == ERR_OK)
        client->waiting++;
    else
        client_close(client, err_info(err)->close_code, NULL);
}

void client_close(client_t *client, int code, const char *reason)
{
    if (client->state == CLIENT_CLOSING)
        return;
    s_vanish(client);
    start_end(client);
    client->state = CLIENT_CLOSING;
    client->close_code = code;
    if (client->socket != NULL)
        socket_close(client->socket, code, reason);
}

static void s_free_if_over(client_t *client)
{
    if (!client->gone || client->waiting > 0)
        return;
    TAILQ_REMOVE(&client->clients->all, client, in_all);
    client->edge->counts.open[client->dialect_id]--;
    mem_free(client);
}

void client_closed(void *user, int code)
{
    client_t *client = user;
    client_close(client, code, NULL);
    client->socket = NULL;
    client->gone = true;
    s_free_if_over(client);
}

/* ---- calls ---- */

err_t client_ask(client_t *client, uint16_t type, const void *args, uint64_t tag, waiter_fn *answer)
{
    waiter_t waiter = {.answer = answer, .ctx = client, .tag = tag, .type = type};
    err_t err = link_ask(client->edge->link, client->who, args, &waiter);
    if (err == ERR_OK)
        client->waiting++;
    return err;
}

bool client_answered(client_t *client)
{
    assert(client->waiting > 0);
    client->waiting--;
    if (client->state != CLIENT_CLOSING)
        return true;
    s_free_if_over(client);
    return false;
}

/* ---- the dialect's verbs ---- */

static payer_t s_payer(const client_t *client)
{
    return (payer_t){
        .address = client->address,
        .account = client->who.account,
        .login = client->who.account, /* only its own password can be tried here */
    };
}

static void s_send(talk_t *talk)
{
    client_t *client = talk->ctx;
    if (client->socket != NULL && client->state != CLIENT_CLOSING) {
        body_t *frame = client_frame(client->dialect, buf_slice(talk->out));
        socket_send(client->socket, frame);
        body_unref(&frame);
    }
    buf_reset(talk->out);
}

static void s_close(talk_t *talk, int code, const char *reason)
{
    client_close(talk->ctx, code, reason);
}

static void s_on_answer(void *ctx, uint64_t tag, const reply_t *reply);

/* What is refused here is answered at once, and nothing was done. */
static answer_t s_try(client_t *client, const call_type_t *type, const void *args, uint64_t tag)
{
    const edge_t *edge = client->edge;
    payer_t payer = s_payer(client);
    const char *detail;
    if (type->access != ACCESS_PERSON && type->access != ACCESS_STAFF)
        return answer_refuse(type, ERR_FORBIDDEN, NULL);
    if (pass_call(&client->who, type->number, edge->arena, &detail) != ERR_OK)
        return answer_refuse(type, ERR_FORBIDDEN, detail);
    if (client->waiting >= CALLS_MAX)
        return answer_refuse(type, ERR_UNAVAILABLE, "too many calls wait for their answers");
    unsigned wait_s = toll_pay(&edge->toll, &payer, type, args, loop_now_us(edge->loop));
    answer_t answer = answer_refuse(type, ERR_TOO_MANY, NULL);
    answer.retry_after_s = wait_s;
    if (wait_s > 0)
        return answer;
    return answer_refuse(type, client_ask(client, type->number, args, tag, s_on_answer), NULL);
}

static void s_call(talk_t *talk, const call_type_t *type, const void *args, uint64_t tag)
{
    client_t *client = talk->ctx;
    if (client->state == CLIENT_CLOSING)
        return;
    answer_t answer = s_try(client, type, args, tag);
    if (answer.status == ERR_OK)
        return;
    client->edge->counts.refused[answer.status]++;
    client->dialect->reply(talk, tag, &answer);
}

static const verbs_t s_verbs = {.call = s_call, .send = s_send, .close = s_close};

static talk_t s_talk(client_t *client)
{
    edge_t *edge = client->edge;
    arena_reset(edge->arena);
    buf_reset(&edge->body);
    return (talk_t){
        .verbs = &s_verbs,
        .ctx = client,
        .who = client->who,
        .arena = edge->arena,
        .out = &edge->body,
    };
}

static void s_on_answer(void *ctx, uint64_t tag, const reply_t *reply)
{
    client_t *client = ctx;
    edge_t *edge = client->edge;
    payer_t payer = s_payer(client);
    toll_settle(&edge->toll, &payer, call_type(reply->type), reply->status,
                loop_now_us(edge->loop));
    if (!client_answered(client))
        return;
    talk_t talk = s_talk(client);
    answer_t answer = answer_read(reply, client->who.account, edge->mint, edge->arena);
    if (answer.status != ERR_OK)
        edge->counts.refused[answer.status]++;
    client->dialect->reply(&talk, tag, &answer);
}

void client_hear(client_t *client, bool text, slice_t payload)
{
    talk_t talk = s_talk(client);
    client->dialect->frame(&talk, text, payload);
}

void client_welcome(client_t *client, const standing_t *standing)
{
    talk_t talk = s_talk(client);
    if (client->dialect->welcome != NULL)
        client->dialect->welcome(&talk, standing);
}

void client_message(void *user, bool text, slice_t payload)
{
    client_t *client = user;
    if (client->state == CLIENT_CLOSING)
        return;
    bool text_expected = client->dialect->framing == FRAMING_TEXT;
    if (client->start == NULL || text != text_expected) /* refused in any state */
        client_hear(client, text, payload);
    else if (!start_keep(client, payload))
        client_close(client, err_info(ERR_UNAVAILABLE)->close_code, "wait for the welcome");
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
        return frame_new(FRAME_STREAM, payload);
    }
    return NULL;
}

client_t *client_of(guest_t *guest)
{
    return (client_t *)(void *)guest; /* its first member */
}

who_t client_who(const client_t *client)
{
    return client->who;
}

dialect_id_t client_dialect(const client_t *client)
{
    return client->dialect_id;
}

void client_show(client_t *client, body_t *frame, uint64_t mark)
{
    if (client->state != CLIENT_LIVE || client->mark == mark)
        return;
    client->mark = mark;
    client->edge->counts.deliveries[client->dialect_id]++;
    socket_send(client->socket, frame);
}

void client_came(client_t *client, uint64_t room)
{
    edge_t *edge = client->edge;
    hall_enter(edge->hall, &client->guest, PLACE_ROOM, room, loop_now_us(edge->loop));
    if (client->start != NULL)
        client->start->moved = true;
}

void client_catch_up(client_t *client, uint64_t seq)
{
    if (client->state == CLIENT_LIVE)
        start_again(client, seq);
}

void client_left(client_t *client, uint64_t room)
{
    edge_t *edge = client->edge;
    hall_leave(edge->hall, &client->guest, PLACE_ROOM, room, loop_now_us(edge->loop));
    if (client->start != NULL)
        client->start->moved = true;
}
