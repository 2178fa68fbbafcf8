/* import.c - accounts from another system, up to a thousand at once.
 *
 * Each is taken or refused by itself, and sees those before it, so a name that comes
 * twice in one import is refused the second time.  Passwords come as Argon2id strings,
 * whose cost is bounded here, since each sign-in will pay it.  No links go out: who
 * wants to prove an address asks for one. */
#include "actors/session/account.h"
#include "actors/session/names.h"
#include "actors/session/session.h"
#include "actors/session/staff.h"
#include "actors/session/verifier.h"

static err_t s_check(turn_t *turn, rank_t rank, const account_import_t *item, names_t *ret_names)
{
    const names_t wanted = {item->login, item->username, item->email, item->verified};
    err_t err = staff_may_give(turn, rank, item->role);
    if (err != ERR_OK)
        return err;
    if (item->verifier.len > 0 && !verifier_good(item->verifier))
        return ERR_INVALID;
    return names_choose(turn, &wanted, ret_names);
}

/* Once something of an import has happened nothing else may fail it: so a row that
 * cannot be read refuses its account and no other. */
static imported_t s_take(turn_t *turn, rank_t rank, const account_import_t *item)
{
    names_t names;
    account_row_t row = {0};
    err_t err = s_check(turn, rank, item, &names);
    if (err == ERR_OK)
        err = account_add(turn,
                          &(account_registered_event_t){
                              .login = names.login,
                              .username = names.username,
                              .email = names.email,
                              .verifier = item->verifier,
                              .role = item->role,
                              .verified = names.proven,
                          },
                          &row);
    return (imported_t){
        .login = item->login,
        .account = row.id,
        .error = err == ERR_OK ? (slice_t){0} : slice_of(err_info(err)->name),
    };
}

err_t session_import(turn_t *turn, const call_t *call, const void *body)
{
    const account_import_call_t *ask = body;
    const account_import_t *items = ask->accounts.items;
    size_t count = ask->accounts.count;
    rank_t rank;
    err_t err = staff_check(turn, call, RANK_KEY, &rank);
    if (err != ERR_OK)
        return err;
    imported_t *results = arena_alloc(turn_arena(turn), count * sizeof *results);
    for (size_t i = 0; i < count; i++)
        results[i] = s_take(turn, rank, &items[i]);
    turn_answer(turn, &(import_list_t){.accounts = {results, count}});
    return ERR_OK;
}
