/* sign_up.c - a new account with its first session.
 *
 *   names good and free? ── hash the password ── still free? ── registered, opened
 *
 * The names are looked at twice, since somebody else may have taken them while the
 * pool was hashing. */
#include "actors/session/names.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

static void s_emit_registered(turn_t *turn, const account_row_t *row)
{
    turn_emit(turn, EVENT_account_registered, 0, row->id,
              &(account_registered_event_t){
                  .id = row->id,
                  .login = row->login,
                  .username = row->username,
                  .email = row->email,
                  .verifier = row->verifier,
              });
}

static err_t s_register(turn_t *turn, const account_register_call_t *ask, const names_t *names,
                        slice_t verifier)
{
    uint64_t last_account, last_session;
    err_t err = rows_count(turn, ROWS_LAST_ACCOUNT, &last_account);
    if (err == ERR_OK)
        err = rows_count(turn, ROWS_LAST_SESSION, &last_session);
    if (err != ERR_OK)
        return err;

    account_row_t row = {
        .id = last_account + 1,
        .login = names->login,
        .username = names->username,
        .email = names->email,
        .verifier = verifier,
        .created = turn_now(turn),
    };
    s_emit_registered(turn, &row);
    session_begin(turn, last_session + 1,
                  &(opening_t){.account = &row, .device = ask->device, .uuid = ask->uuid});
    return ERR_OK;
}

err_t session_sign_up(turn_t *turn, const call_t *call, const void *body)
{
    (void)call;
    const account_register_call_t *ask = body;
    const work_result_t *result = turn_result(turn);
    names_t names;
    err_t err = names_choose(turn, ask, &names);
    if (err != ERR_OK)
        return err;
    if (result == NULL)
        return turn_work(turn, WORK_HASH, ask->password, (slice_t){0});
    if (result->verifier.len == 0)
        return turn_refuse(turn, ERR_UNAVAILABLE, "the password could not be hashed just now");
    return s_register(turn, ask, &names, result->verifier);
}
