/* member.c - people come into rooms and leave them. */
#include "actors/room/room.h"

static err_t s_put_in(turn_t *turn, uint64_t room, uint64_t account, room_role_t role)
{
    membership_t member = {
        .room = room,
        .account = account,
        .role = role,
        .joined = turn_now(turn),
    };
    room_emit_joined(turn, &member);
    turn_answer(turn, &member);
    return ERR_OK;
}

/* Oneself into an open room; a reader becomes a member. */
static err_t s_join(turn_t *turn, const room_t *room, const membership_t *membership,
                    uint64_t account)
{
    if (membership != NULL && membership->role != room_role_READER) {
        turn_answer(turn, membership);
        return ERR_OK;
    }
    return s_put_in(turn, room->id, account, room_role_MEMBER);
}

/* Somebody else into a private room, by one who is in it. */
static err_t s_add(turn_t *turn, const room_t *room, uint64_t account)
{
    const person_t *person;
    const membership_t *membership;
    if (room->kind != room_kind_PRIVATE)
        return turn_refuse(turn, ERR_FORBIDDEN, "people are added to private rooms only");
    err_t err = row_get_person(turn, account, &person);
    if (err != ERR_OK)
        return err;
    err = row_get_membership(turn, room->id, account, &membership);
    if (err == ERR_OK)
        turn_answer(turn, membership);
    if (err != ERR_NOT_FOUND)
        return err;
    return s_put_in(turn, room->id, account, room_role_MEMBER);
}

err_t room_decide_join(turn_t *turn, const call_t *call, const void *body)
{
    const room_join_call_t *join = body;
    const membership_t *membership;
    room_t room;
    err_t err = room_readable(turn, join->room, call->principal, &room, &membership);
    if (err != ERR_OK)
        return err;
    if (join->account == 0 || join->account == call->principal)
        return s_join(turn, &room, membership, call->principal);
    return s_add(turn, &room, join->account);
}

err_t room_decide_enter(turn_t *turn, const call_t *call, const void *body)
{
    const room_enter_call_t *enter = body;
    const membership_t *membership;
    room_t room;
    err_t err = room_readable(turn, enter->room, call->principal, &room, &membership);
    if (err != ERR_OK)
        return err;
    if (membership == NULL)
        return s_put_in(turn, room.id, call->principal, room_role_READER);
    turn_answer(turn, membership);
    return ERR_OK;
}

err_t room_decide_leave(turn_t *turn, const call_t *call, const void *body)
{
    const room_leave_call_t *leave = body;
    const membership_t *membership;
    room_t room;
    err_t err = room_readable(turn, leave->room, call->principal, &room, &membership);
    if (err != ERR_OK)
        return err;
    if (leave->account != 0 && leave->account != call->principal)
        return turn_refuse(turn, ERR_FORBIDDEN, "only oneself can leave");
    if (room.kind == room_kind_DIRECT)
        return turn_refuse(turn, ERR_FORBIDDEN, "direct rooms are for good");
    if (membership == NULL)
        return ERR_NOT_FOUND;
    turn_emit(turn, EVENT_room_left, room.id, call->principal,
              &(room_left_event_t){.room = room.id, .account = call->principal});
    return ERR_OK;
}
