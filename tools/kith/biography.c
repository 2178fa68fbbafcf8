/* biography.c - each kind of event that can concern a message is a row here.
 *
 * Whatever was caused by a record of the biography belongs to it too: a notification, and the
 * mail that came of that. */
#include "tools/kith/biography.h"

#include <inttypes.h>

#include "schema/codec.h"
#include "schema/map.h"
#include "schema/mem.h"
#include "tools/kith/show.h"

enum { DEEDS_MAX = 10000 };

/* Something that became of the message. */
typedef struct deed {
    const char *what;
    uint64_t seq; /* of the record */
    int64_t time;
    uint64_t account;  /* who did it, or whom it befell */
    const char *event; /* its type */
    struct deed *next;
} deed_t;

struct biography {
    arena_t *arena;   /* of all that is kept */
    arena_t *scratch; /* of the record at hand */
    slice_t bytes;    /* of the record that posted it */
    record_t posted;
    const message_t *message;
    map_t *members; /* of the room while it was posted */
    map_t *readers; /* who has read it */
    map_t *causes;  /* sequences of records of the biography */
    deed_t *first;
    deed_t **last;
    size_t count;
    size_t more; /* that were left out */
};

static const void *s_body(const record_t *record, arena_t *arena)
{
    const event_type_t *type = event_type(record->type);
    const void *body = NULL;
    fault_t fault;
    if (type == NULL || codec_unpack(record->body, type->shape(), arena, &fault, &body) != ERR_OK)
        return NULL;
    return body;
}

biography_t *biography_new(const record_t *posted)
{
    arena_t *arena = arena_new();
    record_t record;
    slice_t in = arena_copy(arena, posted->bytes);
    bool read = record_read(&in, &record) == ERR_OK && record.type == EVENT_room_posted;
    const room_posted_event_t *body = read ? s_body(&record, arena) : NULL;
    if (body == NULL) {
        arena_destroy(&arena);
        return NULL;
    }
    biography_t *biography = mem_new(biography_t);
    biography->arena = arena;
    biography->scratch = arena_new();
    biography->posted = record;
    biography->message = body->message;
    biography->members = map_new();
    biography->readers = map_new();
    biography->causes = map_new();
    biography->last = &biography->first;
    map_put(biography->causes, record.seq, biography);
    return biography;
}

void biography_destroy(biography_t **biography_p)
{
    biography_t *biography = *biography_p;
    if (biography == NULL)
        return;
    *biography_p = NULL;
    map_destroy(&biography->members);
    map_destroy(&biography->readers);
    map_destroy(&biography->causes);
    arena_destroy(&biography->scratch);
    arena_destroy(&biography->arena);
    mem_free(biography);
}

static void s_add(biography_t *biography, const char *what, const record_t *record,
                  uint64_t account)
{
    if (biography->count == DEEDS_MAX) {
        biography->more++;
        return;
    }
    deed_t *deed = arena_alloc(biography->arena, sizeof *deed);
    const event_type_t *type = event_type(record->type);
    *deed =
        (deed_t){what, record->seq, record->time, account, type != NULL ? type->name : "", NULL};
    *biography->last = deed;
    biography->last = &deed->next;
    biography->count++;
    map_put(biography->causes, record->seq, deed);
}

/* ---- before it was posted: who was there ---- */

static void s_take_member(biography_t *biography, const record_t *record)
{
    const void *body = s_body(record, biography->scratch);
    if (body == NULL)
        return;
    if (record->type == EVENT_room_joined)
        map_put(biography->members, ((const room_joined_event_t *)body)->member->account,
                biography);
    else
        (void)map_remove(biography->members, ((const room_left_event_t *)body)->account);
}

/* ---- behind it ---- */

static void s_read_by(biography_t *biography, const record_t *record, uint64_t account)
{
    if (account == biography->message->sender || map_get(biography->readers, account) != NULL)
        return;
    map_put(biography->readers, account, biography);
    s_add(biography, "read", record, account);
}

static void s_take_mark(biography_t *biography, const record_t *record)
{
    const room_marked_event_t *body = s_body(record, biography->scratch);
    if (body != NULL && body->marker->seq >= biography->message->seq)
        s_read_by(biography, record, body->marker->account);
}

/* Who speaks has read what was there. */
static void s_take_post(biography_t *biography, const record_t *record)
{
    const room_posted_event_t *body = s_body(record, biography->scratch);
    const message_t *message = biography->message;
    if (body == NULL)
        return;
    s_read_by(biography, record, body->message->sender);
    if (body->message->reply_to == message->seq)
        s_add(biography, "answered", record, body->message->sender);
    else if (body->message->thread == message->seq)
        s_add(biography, "continued", record, body->message->sender);
}

#define TOUCH(event, what_, who)                                          \
    case EVENT_##event: {                                                 \
        const event##_event_t *body = s_body(record, biography->scratch); \
        if (body != NULL && body->seq == biography->message->seq)         \
            s_add(biography, what_, record, who);                         \
        return;                                                           \
    }

/* An event of the message's room. */
static void s_take_here(biography_t *biography, const record_t *record)
{
    switch (record->type) {
    case EVENT_room_marked:
        s_take_mark(biography, record);
        return;
    case EVENT_room_posted:
        s_take_post(biography, record);
        return;
    case EVENT_room_deleted:
        s_add(biography, "gone with its room", record, record->principal);
        return;
        TOUCH(message_edited, "edited", record->principal)
        TOUCH(message_deleted, "deleted", body->by)
        TOUCH(message_reacted, body->on ? "reacted to" : "reaction taken back", body->account)
        TOUCH(message_pinned, body->on ? "pinned" : "unpinned", body->by)
    default:
        return;
    }
}

void biography_take(biography_t *biography, const record_t *record)
{
    bool here = record->room == biography->posted.room;
    arena_reset(biography->scratch);
    if (record->seq < biography->posted.seq) {
        if (here && (record->type == EVENT_room_joined || record->type == EVENT_room_left))
            s_take_member(biography, record);
    } else if (record->cause != 0 && map_get(biography->causes, record->cause) != NULL) {
        s_add(biography, "led to", record, record->account);
    } else if (record->seq > biography->posted.seq && here) {
        s_take_here(biography, record);
    }
}

/* ---- telling ---- */

static uint64_t *s_members(const biography_t *biography, size_t *ret_count)
{
    size_t at = 0;
    void *value;
    size_t count = 0;
    uint64_t *accounts = mem_zeroed((map_count(biography->members) + 1) * sizeof *accounts);
    while (map_next(biography->members, &at, &accounts[count], &value))
        count++;
    for (size_t i = 1; i < count; i++) /* in order; rooms are mostly small */
        for (size_t j = i; j > 0 && accounts[j - 1] > accounts[j]; j--) {
            uint64_t account = accounts[j];
            accounts[j] = accounts[j - 1];
            accounts[j - 1] = account;
        }
    *ret_count = count;
    return accounts;
}

static void s_put_line(buf_t *out, int64_t time, const char *what)
{
    buf_append_text(out, "  ");
    show_time(out, time);
    buf_printf(out, "  %-20s ", what);
}

void biography_put(const biography_t *biography, buf_t *out)
{
    const message_t *message = biography->message;
    const record_t *posted = &biography->posted;
    size_t count;
    uint64_t *accounts = s_members(biography, &count);
    buf_printf(out, "message %" PRIu64 ", number %" PRIu64 " of room %" PRIu64 ", client id \"",
               message->id, message->seq, message->room);
    show_tame(out, posted->client_id);
    buf_append_text(out, "\"\n");
    s_put_line(out, posted->time, "received");
    buf_printf(out, "from account %" PRIu64 "\n", posted->principal);
    s_put_line(out, message->time, "decided");
    buf_printf(out, "record %" PRIu64 ", epoch %" PRIu64 ", for %zu in the room:", posted->seq,
               posted->epoch, count);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, " %" PRIu64, accounts[i]);
    buf_append_byte(out, '\n');
    for (const deed_t *deed = biography->first; deed != NULL; deed = deed->next) {
        s_put_line(out, deed->time, deed->what);
        buf_printf(out, "account %" PRIu64 ", record %" PRIu64 " %s\n", deed->account, deed->seq,
                   deed->event);
    }
    if (biography->more > 0)
        buf_printf(out, "  and %zu more\n", biography->more);
    mem_free(accounts);
}

void biography_put_json(const biography_t *biography, buf_t *out)
{
    const message_t *message = biography->message;
    const record_t *posted = &biography->posted;
    size_t count;
    uint64_t *accounts = s_members(biography, &count);
    buf_printf(out,
               "{\"message\":%" PRIu64 ",\"room\":%" PRIu64 ",\"seq\":%" PRIu64
               ",\"sender\":%" PRIu64 ",\"client_id\":",
               message->id, message->room, message->seq, posted->principal);
    json_put_text(out, posted->client_id);
    buf_printf(out,
               ",\"record\":%" PRIu64 ",\"epoch\":%" PRIu64 ",\"received\":%" PRId64
               ",\"decided\":%" PRId64 ",\"members\":[",
               posted->seq, posted->epoch, posted->time, message->time);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s%" PRIu64, i > 0 ? "," : "", accounts[i]);
    buf_append_text(out, "],\"deeds\":[");
    for (const deed_t *deed = biography->first; deed != NULL; deed = deed->next)
        buf_printf(out,
                   "%s{\"what\":\"%s\",\"time\":%" PRId64 ",\"account\":%" PRIu64
                   ",\"record\":%" PRIu64 ",\"type\":\"%s\"}",
                   deed == biography->first ? "" : ",", deed->what, deed->time, deed->account,
                   deed->seq, deed->event);
    buf_printf(out, "],\"more\":%zu}\n", biography->more);
    mem_free(accounts);
}
