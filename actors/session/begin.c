/* begin.c - a session's beginning, and the end of all of an account's.
 *
 * A session may have a second credential beside our token: a uuid that we make, or the
 * foreign token that opened it.  Of both only a hash is kept.  The uuid comes from the
 * call's random bytes through a hash of its own purpose, since other things come from
 * the same bytes that everybody may see.  Where uuids are public by the setting uuid_mode, it
 * is the account's, and leads to the session that was opened last. */
#include "actors/crypto.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"
#include "actors/session/view.h"

enum { UUID_SIZE = 16 };

static const int64_t s_life = INT64_C(30) * 24 * 60 * 60 * 1000 * 1000; /* µs */

int64_t session_expiry_of(int64_t begin)
{
    return begin + s_life;
}

int64_t session_expiry(const turn_t *turn)
{
    return session_expiry_of(turn_now(turn));
}

/* ---- uuids ---- */

/* Random, RFC 9562 version 4. */
static slice_t s_uuid_text(turn_t *turn, uint8_t bytes[UUID_SIZE])
{
    buf_t hex = {0};
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    crypto_hex(&hex, slice_new(bytes, UUID_SIZE));
    const char *at = (const char *)hex.data;
    slice_t text = arena_printf(turn_arena(turn), "%.8s-%.4s-%.4s-%.4s-%.12s", at, at + 8, at + 12,
                                at + 16, at + 20);
    buf_free(&hex);
    return text;
}

slice_t session_uuid(turn_t *turn, const char *purpose)
{
    uint8_t bytes[UUID_SIZE];
    turn_draw(turn, purpose, bytes);
    return s_uuid_text(turn, bytes);
}

/* One that signs in, which no recording may have: it is not drawn. */
static slice_t s_secret_uuid(turn_t *turn)
{
    uint8_t bytes[UUID_SIZE];
    crypto_blake128(SLICE_LIT("session uuid"), slice_new(turn_rand(turn), RAND_SIZE), bytes);
    return s_uuid_text(turn, bytes);
}

slice_t session_hash(turn_t *turn, slice_t credential)
{
    uint8_t *hash = arena_alloc(turn_arena(turn), CRYPTO_BLAKE256_SIZE);
    crypto_blake256(credential, hash);
    return slice_new(hash, CRYPTO_BLAKE256_SIZE);
}

/* ---- beginning ---- */

/* Why somebody is banned, as a refusal may say it. */
static const char *s_reason(turn_t *turn, const account_row_t *row)
{
    return row->reason.len > 0 ? (const char *)arena_copy(turn_arena(turn), row->reason).ptr : NULL;
}

err_t session_admit(turn_t *turn, const account_row_t *row)
{
    if (row->deleted != 0)
        return turn_refuse(turn, ERR_BANNED, "the account was deleted");
    if (row->banned_until > turn_now(turn))
        return turn_refuse(turn, ERR_BANNED, s_reason(turn, row));
    return ERR_OK;
}

void session_start(turn_t *turn, uint64_t session, const opening_t *opening)
{
    turn_emit(turn, EVENT_session_opened, 0, opening->account->id,
              &(session_opened_event_t){
                  .session = session,
                  .account = opening->account->id,
                  .expires = opening->expires,
                  .device = opening->device,
                  .scopes = opening->scopes,
                  .hash = opening->hash,
                  .foreign = opening->foreign,
                  .key = opening->key,
              });
}

void session_begin(turn_t *turn, uint64_t session, const opening_t *opening)
{
    opening_t whole = *opening;
    slice_t uuid = {0};
    if (whole.expires == 0)
        whole.expires = session_expiry(turn);
    if (whole.uuid) {
        uuid = session_has_public_uuids(turn) ? whole.account->uuid : s_secret_uuid(turn);
        whole.hash = turn_hash(turn, uuid);
    }
    session_start(turn, session, &whole);
    account_t shown = view_own(turn, whole.account);
    turn_answer(turn, &(signed_in_t){
                          .session = session,
                          .expires = whole.expires,
                          .account = &shown,
                          .uuid = uuid,
                          .scopes = whole.scopes,
                      });
}

/* ---- ending ---- */

void session_close(turn_t *turn, const session_row_t *session)
{
    turn_emit(turn, EVENT_session_closed, 0, session->account,
              &(session_closed_event_t){session->id, session->account, session->expires});
}

void session_end_all(turn_t *turn, const account_row_t *row, uint64_t before, uint64_t kept)
{
    int64_t expires = session_expiry(turn);
    turn_emit(turn, EVENT_sessions_revoked, 0, row->id,
              &(sessions_revoked_event_t){
                  .account = row->id,
                  .session = before,
                  .expires = expires > row->tokens_until ? expires : row->tokens_until,
                  .kept = kept,
              });
}
