#include "ws-edge/bearer.h"

#include "ws-edge/answer.h"

/* ---- reading ---- */

/* Of a foreign issuer's token we have the hash first: whose bearer is known costs no more
 * than that.  libjwt takes long to find that a token is not ours. */
static err_t s_read(const edge_t *edge, slice_t token, bearer_t *bearer, const char **ret_why)
{
    uint8_t *hash = arena_alloc(edge->arena, CRYPTO_BLAKE256_SIZE);
    if (edge->issuer == NULL)
        return token_check(edge->mint, token, link_time(), &bearer->who, ret_why);
    crypto_blake256(token, hash);
    if (adopted_find(edge->adopted, hash, link_time(), &bearer->who) ||
        token_check(edge->mint, token, link_time(), &bearer->who, ret_why) == ERR_OK)
        return ERR_OK;
    err_t err =
        issuer_check(edge->issuer, token, link_time(), edge->arena, &bearer->adopt, ret_why);
    bearer->adopt.hash = slice_new(hash, CRYPTO_BLAKE256_SIZE);
    return err;
}

err_t bearer_read(const edge_t *edge, slice_t token, bearer_t *ret_bearer, const char **ret_why)
{
    bearer_t bearer = {0};
    err_t err = s_read(edge, token, &bearer, ret_why);
    if (err == ERR_OK && !gate_passes(edge->gate, bearer.who.account, bearer.who.session))
        err = ERR_SESSION_ENDED;
    if (err == ERR_OK)
        *ret_bearer = bearer;
    return err;
}

/* ---- adopting ---- */

typedef struct adoption {
    edge_t *edge;
    uint8_t hash[CRYPTO_BLAKE256_SIZE];
    bearer_fn *done;
    void *ctx;
} adoption_t;

static void s_on_adopted(void *ctx, uint64_t tag, const reply_t *reply)
{
    adoption_t *adoption = ctx;
    edge_t *edge = adoption->edge;
    who_t who = {0};
    (void)tag;
    arena_reset(edge->arena);
    answer_t answer = answer_read(reply, 0, edge->mint, edge->arena);
    if (answer.status == ERR_OK) {
        const found_session_t *found = answer.object;
        who = (who_t){
            .account = found->account,
            .session = found->session,
            .expires = found->expires,
        };
        adopted_put(edge->adopted, adoption->hash, who);
    }
    if (answer.status == ERR_OK && !gate_passes(edge->gate, who.account, who.session))
        answer = answer_refuse(answer.type, ERR_SESSION_ENDED, NULL);
    adoption->done(adoption->ctx, &answer, who);
    mem_free(adoption);
}

err_t bearer_adopt(edge_t *edge, const bearer_t *bearer, bearer_fn *done, void *ctx)
{
    adoption_t *adoption = mem_new(adoption_t);
    waiter_t waiter = {.answer = s_on_adopted, .ctx = adoption, .type = CALL_session_adopt};
    adoption->edge = edge;
    memcpy(adoption->hash, bearer->adopt.hash.ptr, sizeof adoption->hash);
    adoption->done = done;
    adoption->ctx = ctx;
    err_t err = link_ask(edge->link, (who_t){0}, &bearer->adopt, &waiter);
    if (err != ERR_OK)
        mem_free(adoption);
    return err;
}
