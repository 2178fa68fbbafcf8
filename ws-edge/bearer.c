#include "ws-edge/bearer.h"

#include "schema/text.h"
#include "ws-edge/answer.h"

/* ---- reading ---- */

/* To hash a token and to look whether it was shown before costs a tenth of checking it. */
static err_t s_read(const edge_t *edge, slice_t token, bearer_t *bearer, const char **ret_why)
{
    uint8_t *hash = arena_alloc(edge->arena, CRYPTO_BLAKE256_SIZE);
    crypto_blake256(token, hash);
    if (adopted_find(edge->adopted, hash, link_time(), &bearer->who))
        return ERR_OK;
    bearer->hash = slice_new(hash, CRYPTO_BLAKE256_SIZE);
    err_t err = token_check(edge->mint, token, link_time(), &bearer->who, ret_why);
    if (err == ERR_OK || edge->issuer == NULL)
        return err;
    err = issuer_check(edge->issuer, token, link_time(), edge->arena, &bearer->adopt, ret_why);
    bearer->adopt.hash = bearer->hash;
    bearer->call = CALL_session_adopt;
    return err;
}

/* A public uuid outlives the session that it led to, so that is asked for again. */
static void s_read_uuid(const edge_t *edge, slice_t uuid, bearer_t *bearer)
{
    uint8_t hash[CRYPTO_BLAKE256_SIZE];
    who_t who;
    crypto_blake256(uuid, hash);
    if (adopted_find(edge->adopted, hash, link_time(), &who) &&
        gate_passes(edge->gate, who.account, who.session)) {
        bearer->who = who;
        return;
    }
    bearer->call = CALL_session_find;
    bearer->find.uuid = uuid;
}

err_t bearer_read(const edge_t *edge, slice_t credential, bearer_t *ret_bearer,
                  const char **ret_why)
{
    bearer_t bearer = {0};
    err_t err = ERR_OK;
    if (text_is_uuid(credential))
        s_read_uuid(edge, credential, &bearer);
    else
        err = s_read(edge, credential, &bearer, ret_why);
    if (err == ERR_OK && bearer.call == 0 &&
        !gate_passes(edge->gate, bearer.who.account, bearer.who.session))
        err = ERR_SESSION_ENDED;
    if (err == ERR_OK)
        *ret_bearer = bearer;
    return err;
}

void bearer_remember(const edge_t *edge, const bearer_t *bearer)
{
    if (bearer->hash.len > 0 && bearer->call == 0)
        adopted_put(edge->adopted, bearer->hash.ptr, bearer->who);
}

/* ---- asking ---- */

typedef struct inquiry {
    edge_t *edge;
    uint8_t hash[CRYPTO_BLAKE256_SIZE]; /* of the credential */
    payer_t payer;
    bearer_fn *done;
    void *ctx;
} inquiry_t;

static void s_on_found(void *ctx, uint64_t tag, const reply_t *reply)
{
    inquiry_t *inquiry = ctx;
    edge_t *edge = inquiry->edge;
    who_t who = {0};
    (void)tag;
    arena_reset(edge->arena);
    answer_t answer = answer_read(reply, (who_t){0}, edge->mint, edge->arena);
    toll_settle(&edge->toll, &inquiry->payer, answer.type, answer.status, loop_now_us(edge->loop));
    if (answer.status == ERR_OK) {
        const found_session_t *found = answer.object;
        who = (who_t){
            .account = found->account,
            .session = found->session,
            .expires = found->expires,
        };
        adopted_put(edge->adopted, inquiry->hash, who);
    }
    if (answer.status == ERR_OK && !gate_passes(edge->gate, who.account, who.session))
        answer = answer_refuse(answer.type, ERR_SESSION_ENDED, NULL);
    else if (answer.status == ERR_NOT_FOUND)
        answer = answer_refuse(answer.type, ERR_UNAUTHENTICATED, NULL);
    inquiry->done(inquiry->ctx, &answer, who);
    mem_free(inquiry);
}

static err_t s_ask(edge_t *edge, const bearer_t *bearer, const void *args, const inquiry_t *what)
{
    inquiry_t *inquiry = mem_new(inquiry_t);
    *inquiry = *what;
    if (bearer->call == CALL_session_adopt)
        memcpy(inquiry->hash, bearer->adopt.hash.ptr, sizeof inquiry->hash);
    else
        crypto_blake256(bearer->find.uuid, inquiry->hash);
    waiter_t waiter = {.answer = s_on_found, .ctx = inquiry, .type = bearer->call};
    err_t err = link_ask(edge->link, (who_t){0}, args, &waiter);
    if (err != ERR_OK)
        mem_free(inquiry);
    return err;
}

answer_t bearer_ask(edge_t *edge, const bearer_t *bearer, uint64_t address, bearer_fn *done,
                    void *ctx)
{
    const call_type_t *type = call_type(bearer->call);
    uint64_t now_us = loop_now_us(edge->loop);
    inquiry_t inquiry = {.edge = edge, .payer = {.address = address}, .done = done, .ctx = ctx};
    const void *args = bearer->call == CALL_session_adopt ? (const void *)&bearer->adopt
                                                          : (const void *)&bearer->find;
    answer_t refusal = answer_refuse(type, ERR_TOO_MANY, NULL);
    refusal.retry_after_s = toll_pay(&edge->toll, &inquiry.payer, type, args, now_us);
    if (refusal.retry_after_s > 0)
        return refusal;
    err_t err = s_ask(edge, bearer, args, &inquiry);
    if (err != ERR_OK)
        toll_settle(&edge->toll, &inquiry.payer, type, err, now_us);
    return answer_refuse(type, err, NULL);
}
