/* invite.c - people are asked into rooms.
 *
 * An invitation stands until it is taken, turned down or taken back, or its person is
 * banned or added; it opens the room to nobody before it is taken (room.join).  While one of
 * the two who are in it blocks the other it is as if it were not there. */
#include "actors/room/room.h"
#include "actors/room/tie.h"

static row_key_t s_key(uint64_t account, uint64_t room)
{
    return row_key2('I', account, room);
}

static err_t s_get(turn_t *turn, uint64_t account, uint64_t room,
                   const invitation_t **ret_invitation)
{
    const void *row;
    err_t err = row_get(turn, s_key(account, room), shape_invitation(), &row);
    if (err == ERR_OK)
        *ret_invitation = row;
    return err;
}

/* ERR_NOT_FOUND while it is as if it were not there. */
static err_t s_check_block(turn_t *turn, const invitation_t *invitation)
{
    err_t err = tie_check_block(turn, invitation->by, invitation->account);
    return err == ERR_BLOCKED ? ERR_NOT_FOUND : err;
}

err_t room_invited(turn_t *turn, uint64_t account, uint64_t room)
{
    const invitation_t *invitation;
    err_t err = s_get(turn, account, room, &invitation);
    return err == ERR_OK ? s_check_block(turn, invitation) : err;
}

/* ---- asking ---- */

/* Members may, readers not; admins also from outside. */
static err_t s_may_invite(turn_t *turn, const room_t *room, uint64_t account,
                          const membership_t *own)
{
    room_rank_t rank;
    err_t err = room_rank(turn, room, account, own, &rank);
    if (err != ERR_OK)
        return err;
    if (room->kind == room_kind_DIRECT)
        return turn_refuse(turn, ERR_FORBIDDEN, "direct rooms are for two");
    bool reads = own == NULL || own->role == room_role_READER;
    if (reads && rank < ROOM_RANK_MODERATOR)
        return turn_refuse(turn, ERR_FORBIDDEN, "for members of the room");
    return ERR_OK;
}

/* Whether this person can be asked into this room. */
static err_t s_may_be_invited(turn_t *turn, uint64_t room, uint64_t by, uint64_t account)
{
    const membership_t *membership;
    err_t err = room_knows(turn, account);
    if (err == ERR_OK)
        err = tie_check_block(turn, by, account);
    if (err != ERR_OK)
        return err;
    err = row_get_membership(turn, room, account, &membership);
    if (err == ERR_OK)
        return turn_refuse(turn, ERR_INVALID, "`account`: is in the room");
    return err == ERR_NOT_FOUND ? room_not_banned(turn, room, account) : err;
}

err_t room_decide_invite(turn_t *turn, const call_t *call, const void *body)
{
    const room_invite_call_t *wish = body;
    const membership_t *own;
    const invitation_t *known;
    room_t room;
    err_t err = room_readable(turn, wish->room, call->principal, &room, &own);
    if (err == ERR_OK)
        err = s_may_invite(turn, &room, call->principal, own);
    if (err == ERR_OK)
        err = s_may_be_invited(turn, wish->room, call->principal, wish->account);
    if (err != ERR_OK)
        return err;
    err = s_get(turn, wish->account, wish->room, &known);
    if (err == ERR_OK)
        turn_answer(turn, known);
    if (err != ERR_NOT_FOUND)
        return err;

    invitation_t invitation = {
        .room = room.id,
        .account = wish->account,
        .by = call->principal,
        .time = turn_now(turn),
        .name = room.name,
    };
    turn_emit(turn, EVENT_room_invited, room.id, invitation.account,
              &(room_invited_event_t){.invitation = &invitation});
    turn_answer(turn, &invitation);
    return ERR_OK;
}

/* ---- turning down, taking back ---- */

/* By who was asked, who did ask, or the room's moderators. */
static err_t s_may_take_back(turn_t *turn, const room_t *room, uint64_t account,
                             const invitation_t *invitation)
{
    const membership_t *own;
    room_rank_t rank;
    room_t same;
    if (account == invitation->account)
        return ERR_OK;
    err_t err = room_readable(turn, room->id, account, &same, &own);
    if (err == ERR_OK && account == invitation->by)
        return ERR_OK;
    if (err == ERR_OK)
        err = room_rank(turn, room, account, own, &rank);
    if (err == ERR_OK && rank < ROOM_RANK_MODERATOR)
        err = turn_refuse(turn, ERR_FORBIDDEN, "for who asked, and for owners and moderators");
    return err;
}

err_t room_decide_decline(turn_t *turn, const call_t *call, const void *body)
{
    const room_decline_call_t *wish = body;
    const invitation_t *invitation;
    uint64_t account = wish->account != 0 ? wish->account : call->principal;
    room_t room;
    err_t err = row_get_room(turn, wish->room, &room);
    if (err == ERR_OK)
        err = s_get(turn, account, wish->room, &invitation);
    if (err == ERR_OK && (call->principal == account || call->principal == invitation->by))
        err = s_check_block(turn, invitation);
    if (err == ERR_OK)
        err = s_may_take_back(turn, &room, call->principal, invitation);
    if (err == ERR_OK)
        turn_emit(
            turn, EVENT_room_uninvited, room.id, account,
            &(room_uninvited_event_t){.room = room.id, .account = account, .by = call->principal});
    return err;
}

/* ---- reading ---- */

/* The invitation, under the title that its room has now. */
static err_t s_make_invitation(turn_t *turn, slice_t key, slice_t value, void *item)
{
    invitation_t *invitation = item;
    const void *row;
    room_t room;
    (void)key;
    err_t err = row_read(turn, value, shape_invitation(), &row);
    if (err != ERR_OK)
        return err;
    *invitation = *(const invitation_t *)row;
    err = s_check_block(turn, invitation);
    if (err == ERR_OK)
        err = row_get_room(turn, invitation->room, &room);
    if (err == ERR_OK)
        invitation->name = room.name;
    return err;
}

err_t room_query_invitations(turn_t *turn, const call_t *call, const void *body)
{
    const room_invitations_call_t *wish = body;
    row_range_t range = row_range2('I', call->principal, wish->after);
    invitation_list_t answer = {0};
    err_t err = row_make_list(turn, &range, s_make_invitation, sizeof(invitation_t),
                              room_page_limit(wish->limit), &answer.invitations);
    if (err == ERR_OK)
        turn_answer(turn, &answer);
    return err;
}
