/* query.c - reading rooms and who is in them; committed rows only.
 *
 * Rows of memberships outlive a room that is deleted, so the room is looked for with each. */
#include "actors/apart.h"
#include "actors/room/room.h"
#include "actors/room/tie.h"

enum { LIST_DEFAULT = 100 };

size_t room_page_limit(uint64_t asked)
{
    return asked > 0 ? asked : LIST_DEFAULT;
}

static err_t s_login(turn_t *turn, uint64_t account, slice_t *ret_login)
{
    const person_t *person = NULL;
    err_t err = person_get(turn, account, &person);
    if (err == ERR_OK)
        *ret_login = person->login;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* What is found in other rows than the room's own. */
static err_t s_complete(turn_t *turn, room_t *room)
{
    slice_t first = {0}, second = {0};
    err_t err = row_get_members(turn, room);
    if (err != ERR_OK || room->kind != room_kind_DIRECT)
        return err;
    err = s_login(turn, room->first, &first);
    if (err == ERR_OK)
        err = s_login(turn, room->second, &second);
    if (err == ERR_OK)
        room->logins =
            arena_printf(turn_arena(turn), "%.*s+%.*s", SLICE_ARG(first), SLICE_ARG(second));
    return err;
}

static err_t s_room(turn_t *turn, uint64_t id, room_t *ret_room)
{
    err_t err = row_get_room(turn, id, ret_room);
    return err == ERR_OK ? s_complete(turn, ret_room) : err;
}

err_t room_query_get(turn_t *turn, const call_t *call, const void *body)
{
    const membership_t *membership;
    room_t room;
    err_t err = room_readable(turn, ((const room_get_call_t *)body)->room, call->principal, &room,
                              &membership);
    if (err == ERR_OK)
        err = s_complete(turn, &room);
    if (err == ERR_OK)
        turn_answer(turn, &room);
    return err;
}

err_t room_query_between(turn_t *turn, const call_t *call, const void *body)
{
    uint64_t other = ((const room_between_call_t *)body)->account, id = 0;
    room_t room;
    err_t err = tie_check_block(turn, call->principal, other);
    if (err == ERR_OK)
        err = row_get_number(turn, row_direct_key(call->principal, other), &id);
    if (err == ERR_OK && id == 0)
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = s_room(turn, id, &room);
    if (err == ERR_OK)
        turn_answer(turn, &room);
    return err;
}

/* ---- lists of rooms ---- */

/* Where the room's number lies in 'a' account room, and in 'R' room. */
enum { ROOM_OF_ACCOUNT = 1 + 8, ROOM_OF_ALL = 1 };

/* A direct room that is shut is passed over. */
static err_t s_make_own(turn_t *turn, slice_t key, slice_t value, void *item)
{
    const room_t *room = item;
    (void)value;
    err_t err = s_room(turn, row_number(key, ROOM_OF_ACCOUNT), item);
    if (err == ERR_OK && room->kind == room_kind_DIRECT)
        err = tie_check_block(turn, room->first, room->second);
    return err == ERR_BLOCKED ? ERR_NOT_FOUND : err;
}

static err_t s_make_any(turn_t *turn, slice_t key, slice_t value, void *item)
{
    (void)value;
    return s_room(turn, row_number(key, ROOM_OF_ALL), item);
}

err_t room_query_list(turn_t *turn, const call_t *call, const void *body)
{
    const room_list_call_t *wish = body;
    bool all = call->principal == 0;
    row_range_t range =
        all ? row_range1('R', wish->after) : row_range2('a', call->principal, wish->after);
    room_list_t answer = {0};
    err_t err = row_make_list(turn, &range, all ? s_make_any : s_make_own, sizeof(room_t),
                              room_page_limit(wish->limit), &answer.rooms);
    if (err == ERR_OK)
        turn_answer(turn, &answer);
    return err;
}

static err_t s_make_id(turn_t *turn, slice_t key, slice_t value, void *item)
{
    uint64_t room = row_number(key, ROOM_OF_ACCOUNT);
    (void)value;
    *(uint64_t *)item = room;
    return row_has_room(turn, room);
}

/* The direct rooms of an account with those from whom it is kept apart. */
static err_t s_shut(turn_t *turn, uint64_t account, ids_t apart, ids_t *ret_rooms)
{
    uint64_t *rooms = arena_alloc(turn_arena(turn), apart.count * sizeof *rooms + 1);
    size_t count = 0;
    err_t err = ERR_OK;
    for (size_t i = 0; i < apart.count && err == ERR_OK; i++) {
        err = row_get_number(turn, row_direct_key(account, apart.items[i]), &rooms[count]);
        count += err == ERR_OK && rooms[count] != 0;
    }
    *ret_rooms = (ids_t){rooms, count};
    return err;
}

err_t room_query_ids(turn_t *turn, const call_t *call, const void *body)
{
    row_range_t range = row_range2('a', call->principal, 0);
    room_ids_t answer = {0};
    apart_t apart;
    list_t ids;
    (void)body;
    err_t err = row_make_list(turn, &range, s_make_id, sizeof(uint64_t), LIMIT_BATCH_KEYS, &ids);
    if (err == ERR_OK)
        err = apart_of(turn, call->principal, &apart);
    if (err == ERR_OK)
        err = s_shut(turn, call->principal, apart.accounts, &answer.shut);
    if (err != ERR_OK)
        return err;
    answer.rooms = (ids_t){ids.items, ids.count};
    answer.apart = apart.accounts;
    answer.many = apart.many;
    turn_answer(turn, &answer);
    return ERR_OK;
}

/* ---- members ---- */

err_t room_query_members(turn_t *turn, const call_t *call, const void *body)
{
    const room_members_call_t *wish = body;
    row_range_t range = row_range2('m', wish->room, wish->after);
    const membership_t *membership;
    member_list_t answer = {0};
    room_t room;
    err_t err = room_readable(turn, wish->room, call->principal, &room, &membership);
    if (err == ERR_OK)
        err = row_list(turn, &range, shape_membership(), room_page_limit(wish->limit),
                       &answer.members);
    if (err == ERR_OK)
        turn_answer(turn, &answer);
    return err;
}
