/* sign_in.c - a name and a password give a session.
 *
 * An unknown name costs the same work as a wrong password and gets the same answer,
 * so that neither tells who has an account (unless the asker is to be told: some clients
 * show it); nor does a ban, of which only who has the password hears.  A password that was
 * changed while the pool was at work does not count, or the session would outlive the
 * change. */
#include "actors/session/account.h"
#include "actors/session/names.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

static err_t s_open(turn_t *turn, const account_row_t *row, const session_open_call_t *ask)
{
    uint64_t next;
    err_t err = rows_next(turn, ROWS_LAST_SESSION, &next);
    if (err == ERR_OK)
        session_begin(turn, next,
                      &(opening_t){.account = row, .device = ask->device, .uuid = ask->uuid});
    return err;
}

/* Only who has the password hears of it. */
static err_t s_check_proof(turn_t *turn, const account_row_t *row)
{
    bool person = row->role == role_NONE || row->role == role_USER;
    if (!session_wants_proof(turn) || row->verified || !person)
        return ERR_OK;
    return turn_refuse(turn, ERR_FORBIDDEN, "the e-mail is not proven: use the link of the mail");
}

err_t session_sign_in(turn_t *turn, const call_t *call, const void *body)
{
    (void)call;
    static const account_row_t nobody; /* the pool knows what to do without a verifier */
    const session_open_call_t *ask = body;
    const work_result_t *result = turn_result(turn);
    const account_row_t *row = &nobody;
    err_t err = names_find(turn, ask->login, &row);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    if (result == NULL)
        return account_verify(turn, row, ask->password, ask->hashed);
    if (row == &nobody && ask->tell)
        return turn_refuse(turn, ERR_BAD_CREDENTIALS, "`login`: is nobody's");
    if (row == &nobody || !account_fits(result, row))
        return ERR_BAD_CREDENTIALS;
    err = session_admit(turn, row);
    if (err == ERR_OK)
        err = s_check_proof(turn, row);
    return err == ERR_OK ? s_open(turn, row, ask) : err;
}
