/* member.c - people come into rooms, leave them and are put out. */
#include "actors/room/act.h"
#include "actors/room/tie.h"

/* From here on they are in the room; a mute that they left with is with them again. */
static err_t s_put_in(turn_t *turn, uint64_t room, uint64_t account, room_role_t role,
                      const membership_t *before)
{
    membership_t member = {
        .room = room,
        .account = account,
        .role = role,
        .joined = turn_now(turn),
    };
    err_t err = room_muted_until(turn, room, account, before, &member.muted_until);
    if (err != ERR_OK)
        return err;
    room_emit_joined(turn, &member);
    turn_answer(turn, &member);
    return ERR_OK;
}

/* A reader becomes a member; who is one already stays what they are. */
static err_t s_make_member(turn_t *turn, uint64_t room, uint64_t account)
{
    const membership_t *membership = NULL;
    err_t err = row_get_membership(turn, room, account, &membership);
    if (err == ERR_OK && membership->role != room_role_READER) {
        turn_answer(turn, membership);
        return ERR_OK;
    }
    if (err == ERR_NOT_FOUND)
        err = room_not_banned(turn, room, account);
    return err == ERR_OK ? s_put_in(turn, room, account, room_role_MEMBER, membership) : err;
}

/* ---- coming ---- */

/* Oneself: into an open room, or by an invitation. */
static err_t s_join(turn_t *turn, uint64_t id, uint64_t account)
{
    const membership_t *membership;
    room_t room;
    err_t err = room_readable(turn, id, account, &room, &membership);
    if (err == ERR_NOT_FOUND) {
        err = room_invited(turn, account, id);
        if (err == ERR_OK)
            err = row_get_room(turn, id, &room); /* it may be gone meanwhile */
    }
    if (err != ERR_OK)
        return err;
    if (room.kind == room_kind_DIRECT && membership == NULL)
        return turn_refuse(turn, ERR_FORBIDDEN, "direct rooms are for two");
    return s_make_member(turn, id, account);
}

/* Somebody else: into a private room by one who is in it, anywhere by an admin. */
static err_t s_may_add(turn_t *turn, const room_t *room, uint64_t by, const membership_t *own)
{
    room_rank_t rank;
    err_t err = room_rank(turn, room, by, own, &rank);
    if (err != ERR_OK)
        return err;
    if (room->kind == room_kind_DIRECT)
        return turn_refuse(turn, ERR_FORBIDDEN, "direct rooms are for two");
    if (room->kind == room_kind_OPEN && rank < ROOM_RANK_ADMIN)
        return turn_refuse(turn, ERR_FORBIDDEN, "people are added to private rooms only");
    return ERR_OK;
}

static err_t s_add(turn_t *turn, uint64_t id, uint64_t by, uint64_t account)
{
    const membership_t *own;
    room_t room;
    err_t err = room_readable(turn, id, by, &room, &own);
    if (err == ERR_OK)
        err = s_may_add(turn, &room, by, own);
    if (err == ERR_OK)
        err = room_knows(turn, account);
    if (err == ERR_OK)
        err = tie_check_block(turn, by, account);
    return err == ERR_OK ? s_make_member(turn, id, account) : err;
}

err_t room_decide_join(turn_t *turn, const call_t *call, const void *body)
{
    const room_join_call_t *join = body;
    if (join->account == 0 || join->account == call->principal)
        return s_join(turn, join->room, call->principal);
    return s_add(turn, join->room, call->principal, join->account);
}

/* As a reader, unless one is in it already. */
static err_t s_enter(turn_t *turn, const room_t *room, uint64_t account,
                     const membership_t *membership)
{
    if (membership != NULL) {
        turn_answer(turn, membership);
        return ERR_OK;
    }
    err_t err = room_not_banned(turn, room->id, account);
    if (err != ERR_OK)
        return err;
    return s_put_in(turn, room->id, account, room_role_READER, NULL);
}

err_t room_decide_enter(turn_t *turn, const call_t *call, const void *body)
{
    const room_enter_call_t *enter = body;
    const membership_t *membership;
    room_t room;
    err_t err = room_readable(turn, enter->room, call->principal, &room, &membership);
    if (err != ERR_OK)
        return err;
    if (membership == NULL && room.kind != room_kind_OPEN)
        return turn_refuse(turn, ERR_FORBIDDEN, "readers are in open rooms only");
    return s_enter(turn, &room, call->principal, membership);
}

/* To whoever is not in it, a room that is not open looks unknown. */
err_t room_decide_find(turn_t *turn, const call_t *call, const void *body)
{
    const room_find_call_t *find = body;
    const membership_t *membership = NULL;
    room_t room;
    uint64_t id;
    err_t err = row_get_number(turn, row_gid_key(find->gid), &id);
    if (err == ERR_OK)
        err = row_get_room(turn, id, &room);
    if (err != ERR_OK)
        return err;
    err = row_get_membership(turn, id, call->principal, &membership);
    if (err == ERR_NOT_FOUND && room.kind == room_kind_OPEN)
        err = ERR_OK;
    return err == ERR_OK ? s_enter(turn, &room, call->principal, membership) : err;
}

/* ---- going ---- */

static err_t s_leave(turn_t *turn, uint64_t id, uint64_t account)
{
    const membership_t *membership;
    room_t room;
    err_t err = room_readable(turn, id, account, &room, &membership);
    if (err != ERR_OK)
        return err;
    if (membership == NULL)
        return ERR_NOT_FOUND;
    if (room.kind == room_kind_DIRECT)
        return turn_refuse(turn, ERR_FORBIDDEN, "direct rooms are for good");
    err = act_leaves_owner(turn, id, membership);
    if (err == ERR_OK)
        room_emit_left(turn, id, account, 0);
    return err;
}

static err_t s_kick(turn_t *turn, uint64_t by, uint64_t room, uint64_t account)
{
    act_t act;
    err_t err = act_begin_on_member(turn, by, room, account, ROOM_RANK_MODERATOR, &act);
    if (err == ERR_OK)
        room_emit_left(turn, room, account, by);
    return err;
}

err_t room_decide_leave(turn_t *turn, const call_t *call, const void *body)
{
    const room_leave_call_t *leave = body;
    if (leave->account == 0 || leave->account == call->principal)
        return s_leave(turn, leave->room, call->principal);
    return s_kick(turn, call->principal, leave->room, leave->account);
}

err_t room_decide_kick(turn_t *turn, const call_t *call, const void *body)
{
    const room_kick_call_t *kick = body;
    return s_kick(turn, call->principal, kick->room, kick->account);
}
