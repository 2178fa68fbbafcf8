#include "actors/session/account.h"

#include "actors/session/names.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

account_row_t account_of(const account_registered_event_t *event, int64_t created)
{
    return (account_row_t){
        .id = event->id,
        .login = event->login,
        .username = event->username,
        .email = event->email,
        .verifier = event->verifier,
        .md5_verifier = event->md5_verifier,
        .created = created,
        .uuid = event->uuid,
        .role = event->role,
        .verified = event->verified,
    };
}

/* Of several accounts that one call makes, each has a uuid of its own. */
static slice_t s_uuid(turn_t *turn, uint64_t id)
{
    slice_t purpose = arena_printf(turn_arena(turn), "uuid of %llu", (unsigned long long)id);
    return session_uuid(turn, (const char *)purpose.ptr);
}

err_t account_add(turn_t *turn, const account_registered_event_t *event, account_row_t *ret_row)
{
    account_registered_event_t whole = *event;
    err_t err = rows_next(turn, ROWS_LAST_ACCOUNT, &whole.id);
    if (err != ERR_OK)
        return err;
    whole.uuid = s_uuid(turn, whole.id);
    turn_emit(turn, EVENT_account_registered, 0, whole.id, &whole);
    *ret_row = account_of(&whole, turn_now(turn));
    return ERR_OK;
}

err_t account_expel(turn_t *turn, const account_row_t *row)
{
    uint64_t next;
    err_t err = rows_next(turn, ROWS_LAST_SESSION, &next);
    if (err == ERR_OK)
        session_end_all(turn, row, next, 0);
    return err;
}

err_t account_delete(turn_t *turn, const account_row_t *row)
{
    err_t err = account_expel(turn, row);
    if (err == ERR_OK)
        turn_emit(turn, EVENT_account_deleted, 0, row->id,
                  &(account_deleted_event_t){row->id, SLICE_LIT("deleted")});
    return err;
}

err_t account_prove_email(turn_t *turn, const account_row_t *row)
{
    err_t err = names_check_email(turn, row->email, row->id);
    if (err == ERR_OK)
        turn_emit(turn, EVENT_email_verified, 0, row->id,
                  &(email_verified_event_t){row->id, row->email});
    return err;
}

/* ---- work for the pool ---- */

err_t account_take_hash(turn_t *turn, const work_result_t *result, verifiers_t *ret_verifiers)
{
    if (result->verifier.len == 0)
        return turn_refuse(turn, ERR_UNAVAILABLE, "the password could not be hashed just now");
    *ret_verifiers = (verifiers_t){result->verifier, result->md5_verifier};
    return ERR_OK;
}

err_t account_hash(turn_t *turn, slice_t password, bool hashed, verifiers_t *ret_verifiers)
{
    const work_result_t *result = turn_result(turn);
    work_t work = {.kind = WORK_HASH, .password = password, .hashed = hashed};
    *ret_verifiers = (verifiers_t){0};
    return result == NULL ? turn_work(turn, &work) : account_take_hash(turn, result, ret_verifiers);
}

err_t account_verify(turn_t *turn, const account_row_t *row, slice_t password, bool hashed)
{
    return turn_work(turn, &(work_t){
                               .kind = WORK_VERIFY,
                               .password = password,
                               .hashed = hashed,
                               .verifier = row->verifier,
                               .md5_verifier = row->md5_verifier,
                           });
}

/* What fitted older verifiers does not count: the password was changed meanwhile, and a new
 * one has new ones. */
bool account_fits(const work_result_t *result, const account_row_t *row)
{
    return result->fits && slice_eq(result->verifier, row->verifier);
}

void account_set_password(turn_t *turn, uint64_t account, const verifiers_t *verifiers)
{
    turn_emit(turn, EVENT_password_changed, 0, account,
              &(password_changed_event_t){account, verifiers->own, verifiers->md5});
}

err_t account_check_password(turn_t *turn, const call_t *call, slice_t password,
                             const account_row_t **ret_row)
{
    const work_result_t *result = turn_result(turn);
    const session_row_t *session;
    const account_row_t *row;
    *ret_row = NULL;
    err_t err = session_mine(turn, call, &session, &row);
    if (err != ERR_OK)
        return err;
    if (result == NULL)
        return account_verify(turn, row, password, false);
    if (!account_fits(result, row))
        return turn_refuse(turn, ERR_BAD_CREDENTIALS, "`password`: is not the present one");
    *ret_row = row;
    return ERR_OK;
}
