/* query.c - reading rooms; committed rows only. */
#include "actors/room/room.h"

enum { LIST_DEFAULT = 100, HISTORY_DEFAULT = 50 };

static size_t s_limit(uint64_t asked, size_t otherwise)
{
    return asked > 0 ? asked : otherwise;
}

err_t room_query_get(turn_t *turn, const call_t *call, const void *body)
{
    const membership_t *membership;
    room_t room;
    err_t err = room_readable(turn, ((const room_get_call_t *)body)->room, call->principal, &room,
                              &membership);
    if (err == ERR_OK)
        turn_answer(turn, &room);
    return err;
}

/* The rooms of an account are found by 'a' account room; all rooms by 'R' room. */
enum { ROOM_OF_ACCOUNT = 1 + 8 };

static err_t s_make_id(turn_t *turn, slice_t key, slice_t value, void *item)
{
    (void)turn;
    (void)value;
    *(uint64_t *)item = row_number(key, ROOM_OF_ACCOUNT);
    return ERR_OK;
}

static err_t s_make_room(turn_t *turn, slice_t key, slice_t value, void *item)
{
    (void)value;
    return row_get_room(turn, row_number(key, ROOM_OF_ACCOUNT), item);
}

err_t room_query_ids(turn_t *turn, const call_t *call, const void *body)
{
    row_range_t range = row_range2('a', call->principal, 0);
    list_t ids;
    (void)body;
    err_t err = row_make_list(turn, &range, s_make_id, sizeof(uint64_t), LIMIT_BATCH_KEYS, &ids);
    if (err == ERR_OK)
        turn_answer(turn, &(room_ids_t){.rooms = {ids.items, ids.count}});
    return err;
}

err_t room_query_list(turn_t *turn, const call_t *call, const void *body)
{
    const room_list_call_t *wish = body;
    row_range_t range = row_range2('a', call->principal, wish->after);
    room_list_t answer = {0};
    err_t err = row_make_list(turn, &range, s_make_room, sizeof(room_t),
                              s_limit(wish->limit, LIST_DEFAULT), &answer.rooms);
    if (err == ERR_OK)
        turn_answer(turn, &answer);
    return err;
}

err_t room_query_members(turn_t *turn, const call_t *call, const void *body)
{
    const room_members_call_t *wish = body;
    row_range_t range = row_range2('m', wish->room, wish->after);
    const membership_t *membership;
    member_list_t answer = {0};
    room_t room;
    err_t err = room_readable(turn, wish->room, call->principal, &room, &membership);
    if (err == ERR_OK)
        err = row_list(turn, &range, shape_membership(), s_limit(wish->limit, LIST_DEFAULT),
                       &answer.members);
    if (err == ERR_OK)
        turn_answer(turn, &answer);
    return err;
}

/* The sequence of the message with this id.  Ids rise with sequences, so it is found by
 * halving: a rare query looks at a few messages, and none needs a row to be found by. */
static err_t s_seq_of(turn_t *turn, const room_t *room, uint64_t id, uint64_t *ret_seq)
{
    const message_t *message = NULL;
    uint64_t low = 1, high = room->seq;
    while (low <= high) {
        uint64_t middle = low + (high - low) / 2;
        err_t err = row_get_message(turn, room->id, middle, &message);
        if (err != ERR_OK)
            return err;
        if (message->id == id) {
            *ret_seq = middle;
            return ERR_OK;
        }
        if (message->id < id)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return ERR_NOT_FOUND;
}

/* The sequence before which the page ends; 0 for the newest page. */
static err_t s_before(turn_t *turn, const room_history_call_t *wish, const room_t *room,
                      uint64_t *ret_before)
{
    *ret_before = wish->before;
    if (wish->before_id == 0)
        return ERR_OK;
    err_t err = s_seq_of(turn, room, wish->before_id, ret_before);
    if (err == ERR_NOT_FOUND)
        return turn_refuse(turn, ERR_INVALID, "`before_id`: is no message of this room");
    return err;
}

err_t room_query_history(turn_t *turn, const call_t *call, const void *body)
{
    const room_history_call_t *wish = body;
    row_range_t range = row_range2('M', wish->room, wish->after);
    const membership_t *membership;
    message_list_t answer = {0};
    uint64_t before;
    room_t room;
    err_t err = room_readable(turn, wish->room, call->principal, &room, &membership);
    if (err == ERR_OK)
        err = s_before(turn, wish, &room, &before);
    if (err != ERR_OK)
        return err;

    range.last = !wish->forward && wish->after == 0;
    if (before > 0)
        range.to = row_key2('M', wish->room, before);
    err = row_list(turn, &range, shape_message(), s_limit(wish->limit, HISTORY_DEFAULT),
                   &answer.messages);
    if (err == ERR_OK)
        turn_answer(turn, &answer);
    return err;
}
