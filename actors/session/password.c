/* password.c - a new password, which ends all sessions and opens a fresh one.
 *
 *   session good? ── verify the present one ── hash the new one ── changed, revoked, opened
 *
 * Each step looks at the session again: it may have ended while the pool worked, by
 * another change of the password for one, and then the old password counts no more. */
#include "actors/session/rows.h"
#include "actors/session/session.h"

/* The fresh session is on the device that asked. */
static err_t s_change(turn_t *turn, const account_row_t *row, slice_t device, slice_t verifier)
{
    uint64_t next;
    err_t err = rows_next(turn, ROWS_LAST_SESSION, &next);
    if (err != ERR_OK)
        return err;
    if (verifier.len == 0)
        return turn_refuse(turn, ERR_UNAVAILABLE, "the password could not be hashed just now");

    turn_emit(turn, EVENT_password_changed, 0, row->id,
              &(password_changed_event_t){row->id, verifier});
    session_end_all(turn, row, next, 0);
    session_begin(turn, next, &(opening_t){.account = row, .device = device});
    return ERR_OK;
}

static err_t s_go_on(turn_t *turn, const account_row_t *row, slice_t device,
                     const work_result_t *result, slice_t new_password)
{
    switch (result->kind) {
    case WORK_VERIFY:
        if (!result->fits || !slice_eq(result->verifier, row->verifier))
            return turn_refuse(turn, ERR_BAD_CREDENTIALS, "`password`: is not the present one");
        return turn_work(turn, WORK_HASH, new_password, (slice_t){0});
    case WORK_HASH:
        return s_change(turn, row, device, result->verifier);
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
        return turn_work(turn, WORK_VERIFY, ask->password, account->verifier);
    return s_go_on(turn, account, session->device, result, ask->new_password);
}
