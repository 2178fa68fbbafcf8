/* query.c - reading rooms; committed rows only. */
#include "actors/room/room.h"

enum { LIST_DEFAULT = 100, HISTORY_DEFAULT = 50 };

/* Rows of a scan, unpacked into an array of the arena. */
typedef struct gathering {
    turn_t *turn;
    const shape_t *shape; /* of the rows; NULL: the numbers in the keys */
    size_t key_offset;    /* where the number lies, without a shape */
    uint8_t *items;
    size_t count;
    size_t limit;
    size_t bytes; /* of the rows so far */
    err_t err;
} gathering_t;

static bool s_gather(void *ctx, slice_t key, slice_t value)
{
    gathering_t *all = ctx;
    arena_t *arena = turn_arena(all->turn);
    fault_t fault;
    const void *object;
    all->bytes += value.len;
    if (all->count == all->limit || (all->count > 0 && all->bytes > LIMIT_PAGE_BYTES))
        return false;
    if (all->shape == NULL) {
        ((uint64_t *)(void *)all->items)[all->count++] = row_number(key, all->key_offset);
        return true;
    }
    all->err = codec_unpack(arena_copy(arena, value), all->shape, arena, &fault, &object);
    if (all->err != ERR_OK)
        return false;
    memcpy(all->items + all->count++ * all->shape->size, object, all->shape->size);
    return true;
}

static err_t s_scan(gathering_t *all, row_key_t from, row_key_t to, bool reverse)
{
    size_t size = all->shape != NULL ? all->shape->size : sizeof(uint64_t);
    all->items = arena_alloc(turn_arena(all->turn), all->limit * size);
    err_t err =
        store_scan(turn_store(all->turn), row_slice(&from), row_slice(&to), reverse, s_gather, all);
    return err != ERR_OK ? err : all->err;
}

static size_t s_limit(uint64_t asked, size_t otherwise)
{
    return asked > 0 ? asked : otherwise;
}

/* The number next to one that was given; nothing is behind the highest. */
static uint64_t s_behind(uint64_t after)
{
    return after < UINT64_MAX ? after + 1 : after;
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

/* The ids of an account's rooms above `after`. */
static err_t s_rooms_of(turn_t *turn, uint64_t account, uint64_t after, size_t limit,
                        ids_t *ret_ids)
{
    gathering_t all = {.turn = turn, .key_offset = 9, .limit = limit};
    err_t err =
        s_scan(&all, row_key2('a', account, s_behind(after)), row_key1('a', account + 1), false);
    if (err == ERR_OK)
        *ret_ids = (ids_t){(const uint64_t *)(const void *)all.items, all.count};
    return err;
}

err_t room_query_ids(turn_t *turn, const call_t *call, const void *body)
{
    room_ids_t answer = {0};
    (void)body;
    err_t err = s_rooms_of(turn, call->principal, 0, LIMIT_BATCH_KEYS, &answer.rooms);
    if (err == ERR_OK)
        turn_answer(turn, &answer);
    return err;
}

err_t room_query_list(turn_t *turn, const call_t *call, const void *body)
{
    const room_list_call_t *list = body;
    ids_t ids;
    err_t err =
        s_rooms_of(turn, call->principal, list->after, s_limit(list->limit, LIST_DEFAULT), &ids);
    if (err != ERR_OK)
        return err;
    room_t *rooms = arena_alloc(turn_arena(turn), ids.count * sizeof(room_t));
    for (size_t i = 0; i < ids.count && err == ERR_OK; i++)
        err = row_get_room(turn, ids.items[i], &rooms[i]);
    if (err == ERR_OK)
        turn_answer(turn, &(room_list_t){.rooms = {rooms, ids.count}});
    return err;
}

err_t room_query_members(turn_t *turn, const call_t *call, const void *body)
{
    const room_members_call_t *wish = body;
    const membership_t *membership;
    room_t room;
    gathering_t all = {
        .turn = turn,
        .shape = shape_membership(),
        .limit = s_limit(wish->limit, LIST_DEFAULT),
    };
    err_t err = room_readable(turn, wish->room, call->principal, &room, &membership);
    if (err == ERR_OK)
        err = s_scan(&all, row_key2('m', wish->room, s_behind(wish->after)),
                     row_key1('m', wish->room + 1), false);
    if (err == ERR_OK)
        turn_answer(turn, &(member_list_t){.members = {all.items, all.count}});
    return err;
}

static void s_reverse(message_t *messages, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        message_t swapped = messages[i];
        messages[i] = messages[count - 1 - i];
        messages[count - 1 - i] = swapped;
    }
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
    const membership_t *membership;
    room_t room;
    uint64_t before;
    gathering_t all = {
        .turn = turn,
        .shape = shape_message(),
        .limit = s_limit(wish->limit, HISTORY_DEFAULT),
    };
    err_t err = room_readable(turn, wish->room, call->principal, &room, &membership);
    if (err == ERR_OK)
        err = s_before(turn, wish, &room, &before);
    if (err != ERR_OK)
        return err;

    bool forward = wish->forward || wish->after > 0;
    row_key_t from = row_key2('M', wish->room, s_behind(wish->after));
    row_key_t to = before > 0 ? row_key2('M', wish->room, before) : row_key1('M', wish->room + 1);
    err = s_scan(&all, from, to, !forward);
    if (err != ERR_OK)
        return err;
    if (!forward)
        s_reverse((message_t *)(void *)all.items, all.count);
    turn_answer(turn, &(message_list_t){.messages = {all.items, all.count}});
    return ERR_OK;
}
