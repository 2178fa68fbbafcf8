/* role.c - what members may: roles are given, and people are silenced. */
#include "actors/room/act.h"

/* A membership as it is from now on; nothing happens if it was so before. */
static err_t s_change(turn_t *turn, const act_t *act, const membership_t *member)
{
    if (member->role != act->their->role || member->muted_until != act->their->muted_until)
        turn_emit(turn, EVENT_room_role_changed, member->room, member->account,
                  &(room_role_changed_event_t){.member = member, .by = act->by});
    turn_answer(turn, member);
    return ERR_OK;
}

err_t room_decide_set_role(turn_t *turn, const call_t *call, const void *body)
{
    const room_set_role_call_t *wish = body;
    act_t act;
    if (wish->role == room_role_READER)
        return turn_refuse(turn, ERR_INVALID, "`role`: nobody is made a reader");
    err_t err = act_begin(turn, call->principal, wish->room, wish->account, ROOM_RANK_OWNER, &act);
    if (err != ERR_OK)
        return err;
    if (act.their == NULL)
        return turn_refuse(turn, ERR_NOT_FOUND, "`account`: is not in the room");
    if (wish->role != room_role_OWNER)
        err = act_leaves_owner(turn, wish->room, act.their);
    if (err != ERR_OK)
        return err;
    membership_t member = *act.their;
    member.role = wish->role;
    return s_change(turn, &act, &member);
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
