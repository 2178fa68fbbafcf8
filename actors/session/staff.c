#include "actors/session/staff.h"

#include "actors/session/rows.h"

/* A key's session has scopes; whose account it acts as does not matter. */
static err_t s_has_key(turn_t *turn, const call_t *call, bool *ret_has)
{
    const session_row_t *session;
    err_t err = rows_session(turn, call->session, &session);
    *ret_has = err == ERR_OK && session->scopes.len > 0;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static rank_t s_rank(const account_row_t *row)
{
    if (row->deleted != 0)
        return RANK_NONE;
    switch (row->role) {
    case role_ADMIN:
        return RANK_ADMIN;
    case role_SYSTEM:
        return RANK_KEY;
    case role_MODERATOR:
        return RANK_MODERATOR;
    case role_NONE:
    case role_USER:
    case role_BOT:
        return RANK_NONE;
    }
    return RANK_NONE;
}

err_t staff_rank(turn_t *turn, const call_t *call, rank_t *ret_rank)
{
    const account_row_t *row;
    bool key;
    if (call->principal == 0) {
        *ret_rank = RANK_OPERATOR;
        return ERR_OK;
    }
    err_t err = rows_account(turn, call->principal, &row);
    if (err == ERR_OK)
        err = s_has_key(turn, call, &key);
    if (err == ERR_OK)
        *ret_rank = key ? RANK_KEY : s_rank(row);
    return err;
}

err_t staff_check(turn_t *turn, const call_t *call, rank_t least, rank_t *ret_rank)
{
    err_t err = staff_rank(turn, call, ret_rank);
    return err == ERR_OK && *ret_rank < least ? ERR_FORBIDDEN : err;
}

static bool s_is_staff(const account_row_t *row)
{
    return row->role == role_MODERATOR || row->role == role_ADMIN;
}

err_t staff_target(turn_t *turn, const call_t *call, rank_t least, uint64_t account,
                   const account_row_t **ret_row)
{
    const account_row_t *row;
    rank_t rank;
    err_t err = staff_check(turn, call, least, &rank);
    if (err == ERR_OK)
        err = rows_account(turn, account, &row);
    if (err == ERR_OK && row->deleted != 0)
        err = ERR_NOT_FOUND;
    if (err != ERR_OK)
        return err;
    if (row->id == call->principal)
        return turn_refuse(turn, ERR_FORBIDDEN, "`account`: is one's own");
    if (row->role == role_SYSTEM)
        return turn_refuse(turn, ERR_FORBIDDEN, "`account`: is the system's");
    if (rank == RANK_MODERATOR && s_is_staff(row))
        return turn_refuse(turn, ERR_FORBIDDEN, "`account`: is a moderator's or an admin's");
    if (rank == RANK_KEY && row->role == role_ADMIN)
        return turn_refuse(turn, ERR_FORBIDDEN, "`account`: is an admin's");
    *ret_row = row;
    return ERR_OK;
}

err_t staff_may_give(turn_t *turn, rank_t rank, role_t role)
{
    if (role == role_SYSTEM)
        return turn_refuse(turn, ERR_FORBIDDEN, "`role`: is the system's own");
    if ((role == role_MODERATOR || role == role_ADMIN) && rank < RANK_ADMIN)
        return turn_refuse(turn, ERR_FORBIDDEN, "`role`: is for admins to give");
    return ERR_OK;
}
