#include "broker/stream.h"

#include <assert.h>
#include <string.h>

#include "schema/map.h"
#include "schema/mem.h"

/* Sent and not acknowledged. */
typedef struct parcel {
    uint64_t seq;
    size_t bytes;
} parcel_t;

struct stream {
    roster_bot_t *bot;
    map_t *rooms;           /* that it is in → the stream */
    uint64_t rooms_changed; /* sequence of the last record that said so */
    bool settled;
    uint64_t hello;
    char *types;     /* that it wants, with blanks between; NULL: all */
    map_t *only;     /* rooms that it wants → the stream; with the next, NULL: all */
    map_t *accounts; /* the same */
    uint64_t next;
    uint64_t page;
    parcel_t sent[LIMIT_BOT_WINDOW]; /* a ring */
    size_t first;
    size_t count;
    size_t bytes;   /* of all in the ring */
    size_t passing; /* events without a sequence since the bot was last heard */
    size_t calls;
};

stream_t *stream_new(roster_bot_t *bot)
{
    stream_t *stream = mem_new(stream_t);
    stream->bot = bot;
    stream->rooms = map_new();
    bot->peers++;
    return stream;
}

static void s_forget_wish(stream_t *stream)
{
    mem_free(stream->types);
    stream->types = NULL;
    map_destroy(&stream->only);
    map_destroy(&stream->accounts);
}

void stream_destroy(stream_t **stream_p)
{
    stream_t *stream = *stream_p;
    if (stream == NULL)
        return;
    *stream_p = NULL;
    s_forget_wish(stream);
    map_destroy(&stream->rooms);
    mem_free(stream);
}

roster_bot_t *stream_bot(const stream_t *stream)
{
    return stream->bot;
}

static bool s_observes(const stream_t *stream)
{
    return scopes_hold(stream->bot->scopes, scopes_observe);
}

/* ---- rooms ---- */

bool stream_learn_rooms(stream_t *stream, const room_ids_t *rooms, uint64_t as_of)
{
    if (as_of < stream->rooms_changed)
        return false;
    for (size_t i = 0; i < rooms->rooms.count; i++)
        map_put(stream->rooms, rooms->rooms.items[i], stream);
    stream->settled = true;
    return true;
}

bool stream_settled(const stream_t *stream)
{
    return stream->settled;
}

/* Who comes into a room hears it from that record on, so a page of the journal that was ordered
 * without it comes too late. */
void stream_note(stream_t *stream, const record_t *record)
{
    bool mine = record->account == stream->bot->account;
    if (record->type == EVENT_room_joined && mine) {
        map_put(stream->rooms, record->room, stream);
        stream->page = 0;
    } else if (record->type == EVENT_room_deleted || (record->type == EVENT_room_left && mine)) {
        map_remove(stream->rooms, record->room);
    } else {
        return;
    }
    stream->rooms_changed = record->seq;
}

/* ---- following ---- */

static err_t s_check(const stream_t *stream, const bot_follow_call_t *wish)
{
    if (s_observes(stream))
        return ERR_OK;
    for (size_t i = 0; i < wish->rooms.count; i++)
        if (map_get(stream->rooms, wish->rooms.items[i]) == NULL)
            return ERR_FORBIDDEN;
    for (size_t i = 0; i < wish->accounts.count; i++)
        if (wish->accounts.items[i] != stream->bot->account)
            return ERR_FORBIDDEN;
    return ERR_OK;
}

static map_t *s_set(const stream_t *stream, ids_t ids)
{
    map_t *set = map_new();
    for (size_t i = 0; i < ids.count; i++)
        map_put(set, ids.items[i], (void *)(uintptr_t)stream);
    return set;
}

err_t stream_follow(stream_t *stream, const bot_follow_call_t *wish)
{
    err_t err = s_check(stream, wish);
    if (err != ERR_OK)
        return err;
    stream_stop(stream);
    stream->next = wish->after + 1;
    if (wish->types.len > 0) {
        stream->types = mem_zeroed(wish->types.len + 1);
        memcpy(stream->types, wish->types.ptr, wish->types.len);
    }
    if (wish->rooms.count + wish->accounts.count > 0) {
        stream->only = s_set(stream, wish->rooms);
        stream->accounts = s_set(stream, wish->accounts);
    }
    return ERR_OK;
}

void stream_stop(stream_t *stream)
{
    s_forget_wish(stream);
    stream->next = stream->page = 0;
    stream->count = stream->bytes = 0;
}

uint64_t stream_next(const stream_t *stream)
{
    return stream->next;
}

void stream_advance(stream_t *stream, uint64_t next)
{
    assert(next >= stream->next);
    stream->next = next;
}

uint64_t stream_page(const stream_t *stream)
{
    return stream->page;
}

void stream_await(stream_t *stream, uint64_t ticket)
{
    stream->page = ticket;
}

bool stream_is_at(const stream_t *stream, uint64_t room, uint64_t account)
{
    bool mine = account != 0 && account == stream->bot->account;
    if (!mine && (room == 0 || map_get(stream->rooms, room) == NULL) && !s_observes(stream))
        return false;
    return stream->only == NULL || (room != 0 && map_get(stream->only, room) != NULL) ||
           (account != 0 && map_get(stream->accounts, account) != NULL);
}

/* Whether the name begins with one of the words. */
static bool s_fits(const char *words, const char *name)
{
    for (size_t len; *words != '\0'; words += len) {
        words += strspn(words, " ");
        len = strcspn(words, " ");
        if (len > 0 && strncmp(words, name, len) == 0)
            return true;
    }
    return false;
}

bool stream_may(const stream_t *stream, const event_type_t *type, uint64_t room, uint64_t account)
{
    return type->flags & EVENT_SHOWN && scopes_hear(stream->bot->scopes, type) &&
           stream_is_at(stream, room, account);
}

bool stream_wants(const stream_t *stream, const event_type_t *type)
{
    if (stream->types == NULL)
        return type->number != EVENT_bot_called;
    return s_fits(stream->types, type->name);
}

static ids_t s_list(const map_t *set, arena_t *arena)
{
    uint64_t *items = arena_alloc(arena, (map_count(set) + 1) * sizeof *items);
    size_t count = 0;
    void *unused;
    for (size_t at = 0; map_next(set, &at, &items[count], &unused);)
        count++;
    return (ids_t){items, count};
}

void stream_keys(const stream_t *stream, arena_t *arena, ids_t *ret_rooms, ids_t *ret_accounts)
{
    *ret_rooms = *ret_accounts = (ids_t){0};
    if (stream->only != NULL) {
        *ret_rooms = s_list(stream->only, arena);
        *ret_accounts = s_list(stream->accounts, arena);
    } else if (!s_observes(stream)) {
        uint64_t *own = arena_new_of(arena, uint64_t);
        *own = stream->bot->account;
        *ret_rooms = s_list(stream->rooms, arena);
        *ret_accounts = (ids_t){own, 1};
    }
}

/* ---- the window ---- */

bool stream_open(const stream_t *stream)
{
    return stream->count < LIMIT_BOT_WINDOW && stream->bytes < LIMIT_BOT_WINDOW_BYTES &&
           stream->passing < LIMIT_BOT_WINDOW;
}

void stream_sent(stream_t *stream, uint64_t seq, size_t bytes)
{
    assert(stream_open(stream));
    if (seq == 0) {
        stream->passing++;
        return;
    }
    stream->sent[(stream->first + stream->count++) % LIMIT_BOT_WINDOW] = (parcel_t){seq, bytes};
    stream->bytes += bytes;
}

void stream_ack(stream_t *stream, uint64_t seq)
{
    while (stream->count > 0 && stream->sent[stream->first].seq <= seq) {
        stream->bytes -= stream->sent[stream->first].bytes;
        stream->first = (stream->first + 1) % LIMIT_BOT_WINDOW;
        stream->count--;
    }
}

size_t stream_unacknowledged(const stream_t *stream)
{
    return stream->count;
}

void stream_heard(stream_t *stream)
{
    stream->passing = 0;
}

/* ---- calls ---- */

bool stream_begin_call(stream_t *stream)
{
    if (stream->calls == LIMIT_BOT_CALLS)
        return false;
    stream->calls++;
    return true;
}

void stream_end_call(stream_t *stream)
{
    if (stream->calls > 0) /* else it was made before the last hello */
        stream->calls--;
}

void stream_set_hello(stream_t *stream, uint64_t number)
{
    stream->hello = number;
}

uint64_t stream_hello(const stream_t *stream)
{
    return stream->hello;
}
