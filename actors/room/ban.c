/* ban.c - people are kept out of rooms.
 *
 * A ban says that somebody may not be in the room nor speak in it.  An open room still
 * shows itself to them, as it does to whoever has its id. */
#include "actors/room/act.h"

static void s_ban(turn_t *turn, const act_t *act, const room_ban_call_t *wish)
{
    room_ban_t ban = {
        .room = act->room.id,
        .account = act->account,
        .by = act->by,
        .time = turn_now(turn),
        .until = wish->until,
        .reason = wish->reason,
    };
    if (act->their != NULL)
        room_emit_left(turn, act->room.id, act->account, act->by);
    turn_emit(turn, EVENT_room_banned, ban.room, ban.account, &(room_banned_event_t){.ban = &ban});
}

err_t room_decide_ban(turn_t *turn, const call_t *call, const void *body)
{
    const room_ban_call_t *wish = body;
    act_t act;
    if (wish->until != 0 && wish->until <= turn_now(turn))
        return turn_refuse(turn, ERR_INVALID, "`until`: is past");
    err_t err =
        act_begin(turn, call->principal, wish->room, wish->account, ROOM_RANK_MODERATOR, &act);
    if (err == ERR_OK && act.account == act.by)
        return turn_refuse(turn, ERR_INVALID, "`account`: is yourself");
    if (err == ERR_OK)
        err = act_outranks(turn, &act);
    if (err == ERR_OK)
        err = room_knows(turn, wish->account);
    if (err == ERR_OK)
        s_ban(turn, &act, wish);
    return err;
}

err_t room_decide_unban(turn_t *turn, const call_t *call, const void *body)
{
    const room_unban_call_t *wish = body;
    const void *row;
    act_t act;
    err_t err =
        act_begin(turn, call->principal, wish->room, wish->account, ROOM_RANK_MODERATOR, &act);
    if (err == ERR_OK)
        err = row_get(turn, row_key2('B', wish->room, wish->account), shape_room_ban(), &row);
    if (err == ERR_OK)
        turn_emit(
            turn, EVENT_room_unbanned, wish->room, wish->account,
            &(room_unbanned_event_t){.room = wish->room, .account = wish->account, .by = act.by});
    return err;
}

/* ---- reading ---- */

static err_t s_make_ban(turn_t *turn, slice_t key, slice_t value, void *item)
{
    const void *row;
    (void)key;
    err_t err = row_read(turn, value, shape_room_ban(), &row);
    if (err != ERR_OK)
        return err;
    *(room_ban_t *)item = *(const room_ban_t *)row;
    return room_ban_holds(turn, item) ? ERR_OK : ERR_NOT_FOUND;
}

err_t room_query_bans(turn_t *turn, const call_t *call, const void *body)
{
    const room_bans_call_t *wish = body;
    row_range_t range = row_range2('B', wish->room, wish->after);
    ban_list_t answer = {0};
    room_rank_t rank;
    room_t room;
    err_t err = room_ranked(turn, wish->room, call->principal, &room, &rank);
    if (err == ERR_OK)
        err = room_needs_rank(turn, rank, ROOM_RANK_MODERATOR);
    if (err == ERR_OK)
        err = row_make_list(turn, &range, s_make_ban, sizeof(room_ban_t),
                            room_page_limit(wish->limit), &answer.bans);
    if (err == ERR_OK)
        turn_answer(turn, &answer);
    return err;
}
