/* password.c - a new password, which ends all sessions and opens a fresh one.
 *
 *   session good? ── verify the present one ── hash the new one ── changed, revoked, opened
 *
 * Each step looks at the session again: it may have ended while the pool worked, by
 * another change of the password for one, and then the old password counts no more. */
#include "actors/session/account.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

/* The fresh session is on the device that asked. */
static err_t s_change(turn_t *turn, const account_row_t *row, slice_t device,
                      const work_result_t *result)
{
    uint64_t next;
    verifiers_t verifiers;
    err_t err = rows_next(turn, ROWS_LAST_SESSION, &next);
    if (err == ERR_OK)
        err = account_take_hash(turn, result, &verifiers);
    if (err != ERR_OK)
        return err;
    account_set_password(turn, row->id, &verifiers);
    session_end_all(turn, row, next, 0);
    session_begin(turn, next, &(opening_t){.account = row, .device = device});
    return ERR_OK;
}

static err_t s_go_on(turn_t *turn, const account_row_t *row, slice_t device,
                     const work_result_t *result, slice_t new_password)
{
    switch (result->kind) {
    case WORK_VERIFY:
        if (!account_fits(result, row))
            return turn_refuse(turn, ERR_BAD_CREDENTIALS, "`password`: is not the present one");
        return turn_work(turn, &(work_t){.kind = WORK_HASH, .password = new_password});
    case WORK_HASH:
        return s_change(turn, row, device, result);
    }
    return ERR_INTERNAL;
}

err_t session_change_password(turn_t *turn, const call_t *call, const void *body)
{
    const password_change_call_t *ask = body;
    const work_result_t *result = turn_result(turn);
    const session_row_t *session;
    const account_row_t *account;
    err_t err = session_mine(turn, call, &session, &account);
    if (err != ERR_OK)
        return err;
    if (result == NULL)
        return account_verify(turn, account, ask->password, false);
    return s_go_on(turn, account, session->device, result, ask->new_password);
}
