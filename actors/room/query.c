/* query.c - reading rooms; committed rows only. */
#include "actors/room/room.h"

enum { LIST_DEFAULT = 100 };

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
