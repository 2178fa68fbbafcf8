/* circle.c - who shares a room with whom, as the room actor's events tell.
 *
 *   'r' account room      empty: the account is in the room
 *   'm' room              how many are in it, u64; gone with the room
 *   'd' account other     empty: the account opened a direct room with the other
 *   'p' room              the two people of a direct room, u64 each
 *   'c' account           up to CIRCLE_ROOMS small rooms that it came into last, u64 each
 *
 * All of them are written by foreign events alone.  'c' is there for decide, which
 * reads by key; queries scan 'r', which has all rooms. */
#include "actors/session/circle.h"

#include "actors/row.h"
#include "actors/session/blocks.h"

enum { CIRCLE_ROOMS = 200, CIRCLE_LOOK = 10000, ROOM_OFFSET = 9 };

static row_key_t s_in(uint64_t account, uint64_t room)
{
    return row_key2('r', account, room);
}

static row_key_t s_opened(uint64_t account, uint64_t other)
{
    return row_key2('d', account, other);
}

/* For apply. */
static bool s_has(turn_t *turn, row_key_t key)
{
    slice_t value;
    return row_found(row_get_bytes(turn, key, &value));
}

/* ---- how many are in a room ---- */

static err_t s_members(turn_t *turn, uint64_t room, uint64_t *ret_members)
{
    return row_get_number(turn, row_key1('m', room), ret_members);
}

/* For apply. */
static uint64_t s_members_now(turn_t *turn, uint64_t room)
{
    uint64_t members = 0;
    (void)row_found(s_members(turn, room, &members));
    return members;
}

/* ---- events ---- */

void circle_apply_created(turn_t *turn, const record_t *record, const void *body)
{
    const room_t *room = ((const room_created_event_t *)body)->room;
    (void)record;
    if (room->kind != room_kind_DIRECT)
        return;
    row_put_mark(turn, s_opened(room->first, room->second));
    row_put_numbers(turn, row_key1('p', room->id), ROW_NUMBERS(room->first, room->second));
}

void circle_apply_joined(turn_t *turn, const record_t *record, const void *body)
{
    const membership_t *member = ((const room_joined_event_t *)body)->member;
    (void)record;
    if (s_has(turn, s_in(member->account, member->room)))
        return; /* a reader became a member */
    uint64_t members = s_members_now(turn, member->room) + 1;
    row_put_mark(turn, s_in(member->account, member->room));
    row_put_number(turn, row_key1('m', member->room), members);
    if (members <= CIRCLE_MEMBERS)
        row_set_number(turn, row_key1('c', member->account), member->room, true, CIRCLE_ROOMS);
}

void circle_apply_left(turn_t *turn, const record_t *record, const void *body)
{
    const room_left_event_t *left = body;
    (void)record;
    if (!s_has(turn, s_in(left->account, left->room)))
        return;
    uint64_t members = s_members_now(turn, left->room);
    row_delete(turn, s_in(left->account, left->room));
    if (members > 0)
        row_put_number(turn, row_key1('m', left->room), members - 1);
    row_set_number(turn, row_key1('c', left->account), left->room, false, CIRCLE_ROOMS);
}

/* Rows of the room's people stay; without its count they mean nothing. */
void circle_apply_deleted(turn_t *turn, const record_t *record, const void *body)
{
    (void)record;
    row_delete(turn, row_key1('m', ((const room_deleted_event_t *)body)->room));
}

/* ---- e-mails, and whom to tell ---- */

err_t circle_shows(turn_t *turn, uint64_t account, uint64_t other, bool *ret_shows)
{
    slice_t value;
    err_t err = row_get_bytes(turn, s_opened(account, other), &value);
    *ret_shows = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Whether those in a room are told: not in a large one, nor in the direct room of two of whom one
 * blocks the other. */
static err_t s_hears(turn_t *turn, uint64_t room, bool *ret_hears)
{
    uint64_t members;
    ids_t both;
    bool blocked = false;
    err_t err = s_members(turn, room, &members);
    if (err == ERR_OK)
        err = row_get_numbers(turn, row_key1('p', room), &both);
    if (err == ERR_OK && both.count == 2)
        err = blocks_between(turn, both.items[0], both.items[1], &blocked);
    if (err == ERR_OK)
        *ret_hears = members > 1 && members <= CIRCLE_MEMBERS && !blocked;
    return err;
}

err_t circle_rooms(turn_t *turn, uint64_t account, ids_t *ret_rooms)
{
    ids_t all = {0};
    err_t err = row_get_numbers(turn, row_key1('c', account), &all);
    uint64_t *rooms = arena_alloc(turn_arena(turn), all.count * sizeof *rooms + 1);
    size_t count = 0;
    for (size_t i = 0; i < all.count && err == ERR_OK; i++) {
        bool hears = false;
        err = s_hears(turn, all.items[i], &hears);
        if (hears)
            rooms[count++] = all.items[i];
    }
    *ret_rooms = (ids_t){rooms, count};
    return err;
}

/* ---- whether two share a room ---- */

static err_t s_scan(turn_t *turn, uint64_t account, store_each_fn *each, void *ctx)
{
    row_key_t from = row_key1('r', account), to = row_key1('r', account + 1);
    return store_scan(turn_store(turn), row_slice(&from), row_slice(&to), false, each, ctx);
}

static bool s_each_gathered(void *ctx, slice_t key, slice_t value)
{
    buf_t *rooms = ctx;
    uint64_t room = row_number(key, ROOM_OFFSET);
    (void)value;
    buf_append(rooms, slice_new(&room, sizeof room));
    return rooms->len < LIMIT_BATCH_KEYS * sizeof room;
}

err_t circle_open(turn_t *turn, uint64_t account, circle_t *ret_circle)
{
    buf_t gathered = {0};
    err_t err = s_scan(turn, account, s_each_gathered, &gathered);
    slice_t rooms = arena_copy(turn_arena(turn), buf_slice(&gathered));
    buf_free(&gathered);
    *ret_circle = (circle_t){
        .turn = turn,
        .account = account,
        .rooms = {(const uint64_t *)(const void *)rooms.ptr, rooms.len / sizeof(uint64_t)},
    };
    return err;
}

/* One walk over the rooms of the other. */
typedef struct look {
    const circle_t *circle;
    size_t at; /* in circle->rooms: those before it are lower than all that come */
    size_t seen;
    bool meets;
    err_t err;
} look_t;

/* Both lists ascend, so each is walked once. */
static bool s_each_held(void *ctx, slice_t key, slice_t value)
{
    look_t *look = ctx;
    const ids_t *rooms = &look->circle->rooms;
    uint64_t room = row_number(key, ROOM_OFFSET);
    (void)value;
    while (look->at < rooms->count && rooms->items[look->at] < room)
        look->at++;
    if (look->at == rooms->count)
        return false;
    uint64_t members = 0;
    if (rooms->items[look->at] == room)
        look->err = s_members(look->circle->turn, room, &members);
    look->meets = members > 0;
    return look->err == ERR_OK && !look->meets && ++look->seen < CIRCLE_LOOK;
}

err_t circle_meets(const circle_t *circle, uint64_t other, bool *ret_meets)
{
    look_t look = {.circle = circle};
    err_t err = blocks_shown(circle->turn, other, ret_meets);
    *ret_meets = *ret_meets || other == circle->account;
    if (err != ERR_OK || *ret_meets || circle->rooms.count == 0)
        return err;
    err = s_scan(circle->turn, other, s_each_held, &look);
    *ret_meets = look.meets;
    return err == ERR_OK ? look.err : err;
}
