#include "actors/session/links.h"

#include "actors/crypto.h"
#include "actors/session/rows.h"

static const int64_t s_second = 1000000; /* µs */
static const int64_t s_verify_life = 7 * 24 * 3600 * s_second;
static const int64_t s_reset_life = 3600 * s_second;

account_link_t links_open(const turn_t *turn, const account_row_t *row, purpose_t purpose)
{
    const account_link_t none = {.account = row->id, .purpose = purpose};
    account_link_t link = none;
    if (purpose == purpose_VERIFY) {
        link.nonce = row->verify_nonce;
        link.expires = row->verify_expires;
    } else if (purpose == purpose_RESET) {
        link.nonce = row->reset_nonce;
        link.expires = row->reset_expires;
    }
    return link.expires > turn_now(turn) ? link : none;
}

/* Random, and a hash of its own, since an account's uuid comes from the same bytes. */
static slice_t s_nonce(turn_t *turn, purpose_t purpose)
{
    uint8_t hash[CRYPTO_BLAKE128_SIZE];
    buf_t text = {0};
    slice_t name =
        arena_printf(turn_arena(turn), "link %s", choice_word(choices_purpose, (int)purpose));
    turn_draw(turn, (const char *)name.ptr, hash);
    crypto_base64url(&text, slice_new(hash, sizeof hash));
    slice_t nonce = arena_copy(turn_arena(turn), buf_slice(&text));
    buf_free(&text);
    return nonce;
}

void links_ask(turn_t *turn, const account_row_t *row, purpose_t purpose)
{
    account_link_t link = links_open(turn, row, purpose);
    int64_t life = purpose == purpose_VERIFY ? s_verify_life : s_reset_life;
    turn_emit(turn, EVENT_link_asked, 0, row->id,
              &(link_asked_event_t){
                  .account = row->id,
                  .purpose = purpose,
                  .nonce = link.nonce.len > 0 ? link.nonce : s_nonce(turn, purpose),
                  .expires = turn_now(turn) + life,
                  .email = row->email,
              });
}

err_t links_find(turn_t *turn, uint64_t account, purpose_t purpose, slice_t nonce,
                 const account_row_t **ret_row)
{
    const account_row_t *row;
    err_t err = rows_account(turn, account, &row);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    if (err == ERR_NOT_FOUND || nonce.len == 0 ||
        !slice_eq(links_open(turn, row, purpose).nonce, nonce))
        return turn_refuse(turn, ERR_INVALID, "`id`: opens nothing any more: ask for another link");
    *ret_row = row;
    return ERR_OK;
}

void links_put(account_row_t *row, const link_asked_event_t *event)
{
    if (event->purpose == purpose_VERIFY) {
        row->verify_nonce = event->nonce;
        row->verify_expires = event->expires;
    } else {
        row->reset_nonce = event->nonce;
        row->reset_expires = event->expires;
    }
}
