#include "actors/room/act.h"

/* The room, as one may act in it at all. */
static err_t s_enter(turn_t *turn, uint64_t room, room_rank_t least, act_t *act)
{
    err_t err = room_ranked(turn, room, act->by, &act->room, &act->rank);
    if (err == ERR_OK && act->room.kind == room_kind_DIRECT)
        return turn_refuse(turn, ERR_FORBIDDEN, "the two of a direct room are equals");
    return err == ERR_OK ? room_needs_rank(turn, act->rank, least) : err;
}

err_t act_begin(turn_t *turn, uint64_t by, uint64_t room, uint64_t account, room_rank_t least,
                act_t *ret_act)
{
    act_t *act = ret_act;
    *act = (act_t){.by = by, .account = account};
    err_t err = s_enter(turn, room, least, act);
    if (err != ERR_OK)
        return err;
    err = row_get_membership(turn, room, account, &act->their);
    if (err == ERR_OK || err == ERR_NOT_FOUND)
        err = room_rank(turn, &act->room, account, act->their, &act->their_rank);
    return err;
}

err_t act_outranks(turn_t *turn, const act_t *act)
{
    if (act->account == act->by || act->their_rank < act->rank)
        return ERR_OK;
    return turn_refuse(turn, ERR_FORBIDDEN, "`account`: has no lower rank than you");
}

err_t act_begin_on_member(turn_t *turn, uint64_t by, uint64_t room, uint64_t account,
                          room_rank_t least, act_t *ret_act)
{
    err_t err = act_begin(turn, by, room, account, least, ret_act);
    if (err != ERR_OK)
        return err;
    if (account == by)
        return turn_refuse(turn, ERR_INVALID, "`account`: is yourself");
    if (ret_act->their == NULL)
        return turn_refuse(turn, ERR_NOT_FOUND, "`account`: is not in the room");
    return act_outranks(turn, ret_act);
}

err_t act_leaves_owner(turn_t *turn, uint64_t room, const membership_t *owner)
{
    uint64_t members, owners;
    if (owner->role != room_role_OWNER)
        return ERR_OK;
    err_t err = row_get_number(turn, row_key1('N', room), &members);
    if (err == ERR_OK)
        err = row_get_number(turn, row_key1('O', room), &owners);
    if (err == ERR_OK && owners == 1 && members > 1)
        err = turn_refuse(turn, ERR_FORBIDDEN, "make somebody else an owner first");
    return err;
}
