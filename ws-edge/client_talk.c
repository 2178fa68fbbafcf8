/* client_talk.c - between a listener and its dialect: what it may say, and what comes back.
 *
 * An answer is for whoever asked: if the connection belongs to somebody else by then, or
 * to nobody, it is dropped. */
#include <assert.h>

#include "ws-edge/answer.h"
#include "ws-edge/client_parts.h"
#include "ws-edge/pass.h"

enum { CALLS_MAX = 1024 }; /* in flight; further ones are refused as unavailable */

static talk_t s_talk(client_t *client);

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
    client_free_if_over(client);
    return false;
}

/* One call of the dialect's. */
typedef struct asked {
    client_t *client;
    uint64_t tag;
    int64_t time; /* µs since 1970 */
    who_t who;
    payer_t payer;
} asked_t;

static bool s_same(who_t a, who_t b)
{
    return a.account == b.account && a.session == b.session;
}

static void s_on_answer(void *ctx, uint64_t tag, const reply_t *reply)
{
    asked_t asked = *(asked_t *)ctx;
    client_t *client = asked.client;
    edge_t *edge = client->edge;
    (void)tag;
    mem_free(ctx);
    toll_settle(&edge->toll, &asked.payer, call_type(reply->type), reply->status,
                loop_now_us(edge->loop));
    if (asked.who.account == 0)
        client->trying = false;
    if (!client_answered(client) || !s_same(client->who, asked.who))
        return;
    talk_t talk = s_talk(client); /* first: it empties the arena that the answer is read into */
    answer_t answer = answer_read(reply, client->who, edge->mint, edge->arena);
    if (answer.status != ERR_OK)
        edge->counts.refused[answer.status]++;
    else if (reply->type == CALL_room_post)
        client_posted(client, ((const message_t *)answer.object)->id, asked.time);
    client->dialect->reply(&talk, asked.tag, &answer);
}

/* Of one's own account only one's own password can be tried, of others' any. */
static payer_t s_payer(const client_t *client)
{
    return (payer_t){
        .address = client->address,
        .account = client->who.account,
        .login = client->who.account,
    };
}

/* What a stranger may ask here is what anyone may, one thing at a time. */
static err_t s_allow(const client_t *client, const call_type_t *type, const char **ret_detail)
{
    *ret_detail = NULL;
    if (type->access == ACCESS_ANYONE && client->who.account == 0)
        return client->trying ? ERR_UNAVAILABLE : ERR_OK;
    if (type->access != ACCESS_PERSON && type->access != ACCESS_STAFF)
        return ERR_FORBIDDEN;
    if (client->who.account == 0)
        return ERR_UNAUTHENTICATED;
    return pass_call(&client->who, type->number, client->edge->arena, ret_detail);
}

static err_t s_ask(client_t *client, const call_type_t *type, const void *args, uint64_t tag,
                   const payer_t *payer)
{
    asked_t *asked = mem_new(asked_t);
    *asked = (asked_t){client, tag, link_time(), client->who, *payer};
    waiter_t waiter = {.answer = s_on_answer, .ctx = asked, .type = type->number};
    err_t err = link_ask(client->edge->link, client->who, args, &waiter);
    if (err != ERR_OK) {
        mem_free(asked);
        return err;
    }
    client->waiting++;
    if (client->who.account == 0)
        client->trying = true;
    return ERR_OK;
}

/* What is refused here is answered at once, and nothing was done. */
static answer_t s_try(client_t *client, const call_type_t *type, const void *args, uint64_t tag)
{
    const edge_t *edge = client->edge;
    payer_t payer = s_payer(client);
    const char *detail;
    err_t err = s_allow(client, type, &detail);
    if (err != ERR_OK)
        return answer_refuse(type, err, detail);
    if (client->waiting >= CALLS_MAX)
        return answer_refuse(type, ERR_UNAVAILABLE, "too many calls wait for their answers");
    unsigned wait_s = toll_pay(&edge->toll, &payer, type, args, loop_now_us(edge->loop));
    answer_t answer = answer_refuse(type, ERR_TOO_MANY, NULL);
    answer.retry_after_s = wait_s;
    if (wait_s > 0)
        return answer;
    return answer_refuse(type, s_ask(client, type, args, tag, &payer), NULL);
}

/* ---- the dialect's verbs ---- */

static void s_call(talk_t *talk, const call_type_t *type, const void *args, uint64_t tag)
{
    client_t *client = talk->ctx;
    if (client->state == CLIENT_CLOSING)
        return;
    answer_t answer = s_try(client, type, args, tag);
    if (answer.status == ERR_OK)
        return;
    edge_refuse(client->edge, client->who.account, answer.status);
    client->dialect->reply(talk, tag, &answer);
}

static void s_send(talk_t *talk)
{
    client_t *client = talk->ctx;
    if (client->outlet != NULL && client->state != CLIENT_CLOSING) {
        body_t *frame = client_frame(client->dialect, buf_slice(talk->out));
        client->outlet->verbs->send(client->outlet, frame);
        body_unref(&frame);
    }
    buf_reset(talk->out);
}

static void s_close(talk_t *talk, int code, const char *reason)
{
    client_close(talk->ctx, code, reason);
}

/* Whose a credential is, is being asked. */
typedef struct binding {
    client_t *client;
    uint64_t tag;
    uint32_t turn;
} binding_t;

static void s_on_bearer(void *ctx, const answer_t *answer, who_t who)
{
    binding_t binding = *(binding_t *)ctx;
    client_t *client = binding.client;
    mem_free(ctx);
    client->finding = false;
    if (!client_answered(client) || client->turn != binding.turn)
        return;
    if (answer->status == ERR_OK)
        client_bind(client, who);
    client_bound(client, binding.tag, answer);
}

static err_t s_find(client_t *client, const bearer_t *bearer, uint64_t tag)
{
    binding_t *binding = mem_new(binding_t);
    *binding = (binding_t){client, tag, client->turn};
    err_t err = bearer_ask(client->edge, bearer, client->address, s_on_bearer, binding).status;
    if (err != ERR_OK) {
        mem_free(binding);
        return err;
    }
    client->finding = true;
    client->waiting++;
    return ERR_OK;
}

static void s_bind(talk_t *talk, slice_t credential, uint64_t tag)
{
    client_t *client = talk->ctx;
    bearer_t bearer = {0};
    const char *detail = NULL;
    if (client->state == CLIENT_CLOSING)
        return;
    err_t err =
        client->finding ? ERR_UNAVAILABLE : bearer_read(client->edge, credential, &bearer, &detail);
    if (err == ERR_OK)
        err = pass_hear(&bearer.who, client->edge->arena, &detail);
    if (err == ERR_OK && bearer.call != 0) {
        err = s_find(client, &bearer, tag);
        if (err == ERR_OK)
            return;
    } else if (err == ERR_OK) {
        client_bind(client, bearer.who);
    }
    talk->who = client->who;
    answer_t answer = answer_refuse(NULL, err, detail);
    client->dialect->bound(talk, tag, &answer);
}

static void s_unbind(talk_t *talk)
{
    client_unbind(talk->ctx);
    talk->who = (who_t){0};
}

static void s_hear(talk_t *talk, uint64_t room, uint64_t tag)
{
    client_t *client = talk->ctx;
    clients_t *clients = client->clients;
    assert(client->dialect->hears == HEARS_PICKED);
    if (client->state == CLIENT_CLOSING || client->who.account == 0)
        return;
    client_come_in(client, room);
    if (client->since != 0)
        start_room(client);
    uint64_t round = hall_round(client->edge->hall, &client->guest);
    if (round == 0) {
        client->dialect->heard(talk, tag);
        return;
    }
    hearsay_t *hearsay = mem_new(hearsay_t);
    *hearsay = (hearsay_t){.client = client, .tag = tag, .round = round, .turn = client->turn};
    TAILQ_INSERT_TAIL(&clients->hearing, hearsay, in_queue);
    client->waiting++;
}

static void s_leave(talk_t *talk, uint64_t room)
{
    client_go_out(talk->ctx, room);
}

static const verbs_t s_verbs = {
    .call = s_call,
    .send = s_send,
    .close = s_close,
    .bind = s_bind,
    .unbind = s_unbind,
    .hear = s_hear,
    .leave = s_leave,
};

static talk_t s_talk(client_t *client)
{
    edge_t *edge = client->edge;
    arena_reset(edge->arena);
    buf_reset(&edge->body);
    return (talk_t){
        .verbs = &s_verbs,
        .ctx = client,
        .who = client->who,
        .state = client->own,
        .arena = edge->arena,
        .out = &edge->body,
    };
}

/* ---- what the dialect is told ---- */

void client_hear(client_t *client, bool text, slice_t payload)
{
    client->edge->counts.heard[client->dialect_id]++;
    talk_t talk = s_talk(client);
    client->dialect->frame(&talk, text, payload);
}

void client_say(client_t *client, bool text, slice_t payload)
{
    if (client->state == CLIENT_CLOSING)
        return;
    bool text_expected = client->dialect->framing == FRAMING_TEXT;
    if (!start_waits(client) || text != text_expected) /* refused in any state */
        client_hear(client, text, payload);
    else if (!start_keep(client, payload))
        client_close(client, err_info(ERR_UNAVAILABLE)->close_code, "wait for the welcome");
}

/* What was said first is called first, whoever it turns out to be. */
void client_utter(client_t *client, const utterance_t *utterance)
{
    if (client->state == CLIENT_CLOSING)
        return;
    client->edge->counts.heard[client->dialect_id]++;
    talk_t talk = s_talk(client);
    client->dialect->utter(&talk, utterance);
}

void client_welcome(client_t *client, const standing_t *standing)
{
    outlet_t *outlet = client->outlet;
    if (outlet->verbs->stands != NULL)
        outlet->verbs->stands(outlet, standing->resumed);
    talk_t talk = s_talk(client);
    if (client->dialect->welcome != NULL)
        client->dialect->welcome(&talk, standing);
}

/* The answer has no more than a status and static words: the arena may go. */
void client_bound(client_t *client, uint64_t tag, const answer_t *answer)
{
    talk_t talk = s_talk(client);
    answer_t known = {.type = answer->type, .status = answer->status};
    client->dialect->bound(&talk, tag, &known);
}

void client_heard(client_t *client, uint64_t tag, uint32_t turn)
{
    if (!client_answered(client) || client->turn != turn)
        return;
    talk_t talk = s_talk(client);
    client->dialect->heard(&talk, tag);
}

void client_lost(client_t *client, uint64_t room)
{
    talk_t talk = s_talk(client);
    if (client->state != CLIENT_CLOSING && client->dialect->lost != NULL)
        client->dialect->lost(&talk, room);
}

void client_end(client_t *client)
{
    const err_info_t *ended = err_info(ERR_SESSION_ENDED);
    if (client->state == CLIENT_CLOSING)
        return;
    if (client->dialect->ended == NULL) {
        client_close(client, ended->close_code, ended->name);
        return;
    }
    talk_t talk = s_talk(client);
    client->dialect->ended(&talk);
    client_unbind(client); /* whatever it did: that session hears nothing any more */
}
