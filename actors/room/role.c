/* role.c - what members may: roles are given, and people are silenced. */
#include "actors/room/act.h"

/* What a member is from now on; nothing happens if they were so before, which makes a
 * retry safe. */
static err_t s_change(turn_t *turn, const act_t *act, const membership_t *member)
{
    bool same = member->role == act->their->role && member->muted_until == act->their->muted_until;
    if (!same)
        turn_emit(turn, EVENT_room_role_changed, member->room, member->account,
                  &(room_role_changed_event_t){.member = member, .by = act->by});
    turn_answer(turn, member);
    return ERR_OK;
}

static err_t s_give(turn_t *turn, const act_t *act, room_role_t role)
{
    membership_t member = *act->their;
    member.role = role;
    if (act->their->role == role)
        return s_change(turn, act, &member);
    err_t err = act_outranks(turn, act);
    if (err == ERR_OK)
        err = act_leaves_owner(turn, member.room, act->their);
    return err == ERR_OK ? s_change(turn, act, &member) : err;
}

err_t room_decide_set_role(turn_t *turn, const call_t *call, const void *body)
{
    const room_set_role_call_t *wish = body;
    act_t act;
    if (wish->role == room_role_READER)
        return turn_refuse(turn, ERR_INVALID, "`role`: nobody is made a reader");
    err_t err = act_begin(turn, call->principal, wish->room, wish->account, ROOM_RANK_OWNER, &act);
    if (err == ERR_OK && act.their == NULL)
        return turn_refuse(turn, ERR_NOT_FOUND, "`account`: is not in the room");
    return err == ERR_OK ? s_give(turn, &act, wish->role) : err;
}

err_t room_decide_mute(turn_t *turn, const call_t *call, const void *body)
{
    const room_mute_call_t *wish = body;
    act_t act;
    if (wish->until != 0 && wish->until <= turn_now(turn))
        return turn_refuse(turn, ERR_INVALID, "`until`: is past");
    err_t err = act_begin_on_member(turn, call->principal, wish->room, wish->account,
                                    ROOM_RANK_MODERATOR, &act);
    if (err != ERR_OK)
        return err;
    membership_t member = *act.their;
    member.muted_until = wish->until;
    return s_change(turn, &act, &member);
}
