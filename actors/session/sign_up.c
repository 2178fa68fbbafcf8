/* sign_up.c - a new account with its first session.
 *
 *   names good and free? ── hash the password ── still free? ── registered, opened
 *
 * The names are looked at twice, since somebody else may have taken them while the
 * pool was hashing. */
#include "actors/session/account.h"
#include "actors/session/links.h"
#include "actors/session/names.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

static err_t s_register(turn_t *turn, const account_register_call_t *ask, const names_t *names,
                        const verifiers_t *verifiers)
{
    uint64_t next;
    account_row_t row;
    err_t err = rows_next(turn, ROWS_LAST_SESSION, &next);
    if (err == ERR_OK)
        err = account_add(turn,
                          &(account_registered_event_t){
                              .login = names->login,
                              .username = names->username,
                              .email = names->email,
                              .verifier = verifiers->own,
                              .md5_verifier = verifiers->md5,
                          },
                          &row);
    if (err != ERR_OK)
        return err;
    if (row.email.len > 0)
        links_ask(turn, &row, purpose_VERIFY);
    session_begin(turn, next,
                  &(opening_t){.account = &row, .device = ask->device, .uuid = ask->uuid});
    return ERR_OK;
}

err_t session_sign_up(turn_t *turn, const call_t *call, const void *body)
{
    (void)call;
    const account_register_call_t *ask = body;
    const names_t wanted = {.login = ask->login, .username = ask->username, .email = ask->email};
    names_t names;
    verifiers_t verifiers;
    err_t err = names_choose(turn, &wanted, &names);
    if (err == ERR_OK)
        err = account_hash(turn, ask->password, ask->hashed, &verifiers);
    if (err != ERR_OK || verifiers.own.len == 0)
        return err;
    return s_register(turn, ask, &names, &verifiers);
}
