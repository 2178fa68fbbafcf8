/* biography.c - each kind of event that can concern a message is a row here, and what edges
 * have seen of it comes between them by its time.
 *
 * Whatever was caused by a record of the biography belongs to it too: a notification, and the
 * mail that came of that. */
#include "tools/kith/biography.h"

#include <inttypes.h>
#include <stdlib.h>

#include "schema/codec.h"
#include "schema/map.h"
#include "schema/mem.h"
#include "tools/kith/show.h"

enum { DEEDS_MAX = 10000 };

/* Something that became of the message, by the journal or by what an edge has seen. */
typedef struct deed {
    const char *what;
    uint64_t seq; /* of the record; 0: an edge's */
    int64_t time;
    uint64_t account;           /* who did it, or whom it befell */
    const char *event;          /* its type */
    uint64_t edge;              /* number on the bus */
    const sighting_t *sighting; /* what it has seen; NULL: a record's */
    size_t order;               /* of its coming */
} deed_t;

/* An edge, and how far back it remembers. */
typedef struct memory {
    uint64_t edge;
    int64_t since;
    bool shown;
    uint64_t more; /* sightings that it left out */
    struct memory *next;
} memory_t;

struct biography {
    arena_t *arena;   /* of all that is kept */
    arena_t *scratch; /* of the record at hand */
    slice_t bytes;    /* of the record that posted it */
    record_t posted;
    const message_t *message;
    map_t *members; /* of the room while it was posted */
    map_t *readers; /* who has read it */
    map_t *causes;  /* sequences of records of the biography */
    map_t *muted;   /* those of the members who want to hear less of the room */
    map_t *seen;    /* accounts that an edge knows something of */
    deed_t *deeds;
    size_t count;
    size_t more; /* that were left out */
    edges_count_t edges;
    const char *unasked; /* why no edge was; NULL: they were */
    memory_t *memories;
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
    biography->muted = map_new();
    biography->seen = map_new();
    biography->unasked = "not asked";
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
    map_destroy(&biography->muted);
    map_destroy(&biography->seen);
    mem_free(biography->deeds);
    arena_destroy(&biography->scratch);
    arena_destroy(&biography->arena);
    mem_free(biography);
}

static void s_add_deed(biography_t *biography, const deed_t *deed)
{
    if (biography->count == DEEDS_MAX) {
        biography->more++;
        return;
    }
    if (biography->deeds == NULL)
        biography->deeds = mem_zeroed(DEEDS_MAX * sizeof *deed);
    biography->deeds[biography->count] = *deed;
    biography->deeds[biography->count].order = biography->count;
    biography->count++;
}

static void s_add(biography_t *biography, const char *what, const record_t *record,
                  uint64_t account)
{
    const event_type_t *type = event_type(record->type);
    s_add_deed(biography, &(deed_t){.what = what,
                                    .seq = record->seq,
                                    .time = record->time,
                                    .account = account,
                                    .event = type != NULL ? type->name : ""});
    map_put(biography->causes, record->seq, biography);
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

static void s_take_mute(biography_t *biography, const record_t *record)
{
    const notification_muted_event_t *body = s_body(record, biography->scratch);
    if (body == NULL || body->room != biography->message->room)
        return;
    bool less = body->wish == notice_wish_OFF || body->wish == notice_wish_MENTIONS;
    if (less && (body->until == 0 || body->until > biography->message->time))
        map_put(biography->muted, body->account, biography);
    else
        (void)map_remove(biography->muted, body->account);
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
        else if (record->type == EVENT_notification_muted)
            s_take_mute(biography, record);
    } else if (record->cause != 0 && map_get(biography->causes, record->cause) != NULL) {
        s_add(biography, "led to", record, record->account);
    } else if (record->seq > biography->posted.seq && here) {
        s_take_here(biography, record);
    }
}

/* ---- what the edges have seen ---- */

const message_t *biography_message(const biography_t *biography)
{
    return biography->message;
}

const record_t *biography_record(const biography_t *biography)
{
    return &biography->posted;
}

void biography_unasked(biography_t *biography, const char *why)
{
    biography->unasked = why;
}

void biography_asked(biography_t *biography, edges_count_t count)
{
    biography->unasked = NULL;
    biography->edges = count;
}

void biography_see(biography_t *biography, uint64_t edge, const edge_trace_t *trace)
{
    memory_t *memory = arena_alloc(biography->arena, sizeof *memory);
    *memory = (memory_t){edge, trace->since, trace->shown, trace->more, biography->memories};
    biography->memories = memory;
    for (size_t i = 0; i < trace->sightings.count; i++) {
        const sighting_t *sighting = &((const sighting_t *)trace->sightings.items)[i];
        s_add_deed(biography,
                   &(deed_t){.what = choice_word(choices_sighting_kind, (int)sighting->what),
                             .time = sighting->time,
                             .account = sighting->account,
                             .edge = edge,
                             .sighting = sighting});
        if (sighting->what != sighting_kind_GONE && sighting->connection != 0)
            map_put(biography->seen, sighting->account, biography);
    }
}

/* Every edge has answered, and remembers that far back. */
static bool s_all_remember(const biography_t *biography)
{
    if (biography->unasked != NULL || biography->edges.answered < biography->edges.asked)
        return false;
    for (const memory_t *memory = biography->memories; memory != NULL; memory = memory->next)
        if (memory->more > 0 || (!memory->shown && memory->since > biography->message->time))
            return false;
    return true;
}

/* ---- for those who tell it ---- */

static int s_compare_ids(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* The keys of a set in order; the caller's to free. */
static ids_t s_sorted(const map_t *set, const map_t *within, const map_t *without)
{
    uint64_t *ids = mem_zeroed((map_count(set) + 1) * sizeof *ids);
    uint64_t id;
    void *value;
    size_t count = 0;
    for (size_t at = 0; map_next(set, &at, &id, &value);)
        if ((within == NULL || map_get(within, id) != NULL) &&
            (without == NULL || map_get(without, id) == NULL))
            ids[count++] = id;
    qsort(ids, count, sizeof *ids, s_compare_ids);
    return (ids_t){ids, count};
}

ids_t biography_members(const biography_t *biography)
{
    return s_sorted(biography->members, NULL, NULL);
}

static int s_compare_deeds(const void *a, const void *b)
{
    const deed_t *left = a, *right = b;
    if (left->time != right->time)
        return left->time < right->time ? -1 : 1;
    return (left->order > right->order) - (left->order < right->order);
}

static void s_sort_deeds(biography_t *biography)
{
    if (biography->count > 0)
        qsort(biography->deeds, biography->count, sizeof(deed_t), s_compare_deeds);
}

static void s_put_ids(buf_t *out, ids_t ids, const char *between)
{
    for (size_t i = 0; i < ids.count; i++)
        buf_printf(out, "%s%" PRIu64, i > 0 ? between : "", ids.items[i]);
    mem_free((void *)(uintptr_t)ids.items);
}

/* ---- as lines ---- */

static void s_put_line(buf_t *out, int64_t time, const char *what)
{
    buf_append_text(out, "  ");
    show_time(out, time);
    buf_printf(out, "  %-20s ", what);
}

/* As people say it. */
static const char *s_words(const deed_t *deed)
{
    static const char *const words[] = {
        [sighting_kind_RECEIVED] = "came in",
        [sighting_kind_DELIVERED] = "delivered",
        [sighting_kind_RESUMED] = "caught up",
        [sighting_kind_WAITING] = "waits to be taken",
        [sighting_kind_CUT_OFF] = "lost: cut off",
        [sighting_kind_FILTERED] = "not in its dialect",
        [sighting_kind_UNSUBSCRIBED] = "not subscribed",
        [sighting_kind_BEHIND] = "not live yet",
        [sighting_kind_HIDDEN] = "hidden",
        [sighting_kind_GONE] = "had left",
    };
    size_t what = deed->sighting != NULL ? (size_t)deed->sighting->what : 0;
    return what > 0 && what < COUNT_OF(words) ? words[what] : deed->what;
}

static void s_put_sighting(buf_t *out, const deed_t *deed)
{
    const sighting_t *sighting = deed->sighting;
    buf_printf(out, "account %" PRIu64 ", edge %" PRIx64, deed->account, deed->edge);
    if (sighting->connection != 0)
        buf_printf(out, " connection %" PRIu64, sighting->connection);
    else
        buf_append_text(out, " by a request");
    buf_printf(out, ", %.*s", SLICE_ARG(sighting->dialect));
    if (sighting->address.len > 0) {
        buf_append_text(out, " from ");
        show_tame(out, sighting->address);
    }
    if (sighting->what == sighting_kind_RECEIVED)
        buf_printf(out, ", answered after %.1f ms",
                   (double)(sighting->until - sighting->time) / 1000.0);
    else if (sighting->code != 0 && sighting->until != 0)
        buf_printf(out, ", closed with %" PRIu64, sighting->code);
    buf_append_byte(out, '\n');
}

/* The first two steps, before whatever is later than they. */
static void s_put_steps(const biography_t *biography, buf_t *out, int *step, int64_t until)
{
    const record_t *posted = &biography->posted;
    if (*step == 0 && posted->time <= until) {
        s_put_line(out, posted->time, "received");
        buf_printf(out, "from account %" PRIu64 "\n", posted->principal);
        ++*step;
    }
    if (*step == 1 && biography->message->time <= until) {
        s_put_line(out, biography->message->time, "decided");
        buf_printf(out, "record %" PRIu64 ", epoch %" PRIu64 ", for %zu in the room: ", posted->seq,
                   posted->epoch, map_count(biography->members));
        s_put_ids(out, biography_members(biography), " ");
        buf_append_byte(out, '\n');
        ++*step;
    }
}

static void s_put_deeds(const biography_t *biography, buf_t *out)
{
    int step = 0;
    for (size_t i = 0; i < biography->count; i++) {
        const deed_t *deed = &biography->deeds[i];
        s_put_steps(biography, out, &step, deed->time);
        s_put_line(out, deed->time, s_words(deed));
        if (deed->sighting != NULL)
            s_put_sighting(out, deed);
        else
            buf_printf(out, "account %" PRIu64 ", record %" PRIu64 " %s\n", deed->account,
                       deed->seq, deed->event);
    }
    s_put_steps(biography, out, &step, INT64_MAX);
    if (biography->more > 0)
        buf_printf(out, "  and %zu more\n", biography->more);
}

static void s_put_group(buf_t *out, const char *what, ids_t ids)
{
    if (ids.count > 0)
        buf_printf(out, "  %s: ", what);
    bool any = ids.count > 0;
    s_put_ids(out, ids, " ");
    if (any)
        buf_append_byte(out, '\n');
}

static void s_put_edges(const biography_t *biography, buf_t *out)
{
    if (biography->unasked != NULL) {
        buf_printf(out, "  edges: %s\n", biography->unasked);
        return;
    }
    buf_printf(out, "  edges: %" PRIu64 " of %" PRIu64 " answered\n", biography->edges.answered,
               biography->edges.asked);
    for (const memory_t *memory = biography->memories; memory != NULL; memory = memory->next) {
        if (!memory->shown && memory->since > biography->message->time) {
            buf_printf(out, "  edge %" PRIx64 " no longer remembers it: its memory begins at ",
                       memory->edge);
            show_time(out, memory->since);
            buf_append_byte(out, '\n');
        }
        if (memory->more > 0)
            buf_printf(out, "  edge %" PRIx64 " has %" PRIu64 " more connections\n", memory->edge,
                       memory->more);
    }
    if (s_all_remember(biography))
        s_put_group(out, "not connected", s_sorted(biography->members, NULL, biography->seen));
}

void biography_put(biography_t *biography, buf_t *out)
{
    const message_t *message = biography->message;
    const record_t *posted = &biography->posted;
    s_sort_deeds(biography);
    buf_printf(out, "message %" PRIu64 ", number %" PRIu64 " of room %" PRIu64 ", client id \"",
               message->id, message->seq, message->room);
    show_tame(out, posted->client_id);
    buf_append_text(out, "\"\n");
    s_put_deeds(biography, out);
    s_put_group(out, "muted the room", s_sorted(biography->muted, biography->members, NULL));
    s_put_edges(biography, out);
}

/* ---- as JSON ---- */

static void s_put_deed_json(const deed_t *deed, buf_t *out)
{
    const sighting_t *sighting = deed->sighting;
    buf_printf(out, "{\"what\":\"%s\",\"time\":%" PRId64 ",\"account\":%" PRIu64, deed->what,
               deed->time, deed->account);
    if (sighting == NULL) {
        buf_printf(out, ",\"record\":%" PRIu64 ",\"type\":\"%s\"}", deed->seq, deed->event);
        return;
    }
    buf_printf(out,
               ",\"edge\":%" PRIu64 ",\"connection\":%" PRIu64 ",\"until\":%" PRId64
               ",\"code\":%" PRIu64 ",\"dialect\":",
               deed->edge, sighting->connection, sighting->until, sighting->code);
    json_put_text(out, sighting->dialect);
    buf_append_text(out, ",\"address\":");
    json_put_text(out, sighting->address);
    buf_append_byte(out, '}');
}

static void s_put_edges_json(const biography_t *biography, buf_t *out)
{
    if (biography->unasked != NULL) {
        buf_append_text(out, ",\"edges\":null");
        return;
    }
    buf_printf(out, ",\"edges\":{\"asked\":%" PRIu64 ",\"answered\":%" PRIu64 ",\"memories\":[",
               biography->edges.asked, biography->edges.answered);
    for (const memory_t *memory = biography->memories; memory != NULL; memory = memory->next)
        buf_printf(
            out, "%s{\"edge\":%" PRIu64 ",\"since\":%" PRId64 ",\"shown\":%s,\"more\":%" PRIu64 "}",
            memory == biography->memories ? "" : ",", memory->edge, memory->since,
            memory->shown ? "true" : "false", memory->more);
    buf_append_text(out, "]}");
    if (!s_all_remember(biography))
        return;
    buf_append_text(out, ",\"not_connected\":[");
    s_put_ids(out, s_sorted(biography->members, NULL, biography->seen), ",");
    buf_append_byte(out, ']');
}

void biography_put_json(biography_t *biography, buf_t *out)
{
    const message_t *message = biography->message;
    const record_t *posted = &biography->posted;
    s_sort_deeds(biography);
    buf_printf(out,
               "{\"message\":%" PRIu64 ",\"room\":%" PRIu64 ",\"seq\":%" PRIu64
               ",\"sender\":%" PRIu64 ",\"client_id\":",
               message->id, message->room, message->seq, posted->principal);
    json_put_text(out, posted->client_id);
    buf_printf(out,
               ",\"record\":%" PRIu64 ",\"epoch\":%" PRIu64 ",\"received\":%" PRId64
               ",\"decided\":%" PRId64 ",\"members\":[",
               posted->seq, posted->epoch, posted->time, message->time);
    s_put_ids(out, biography_members(biography), ",");
    buf_append_text(out, "],\"muted\":[");
    s_put_ids(out, s_sorted(biography->muted, biography->members, NULL), ",");
    buf_append_text(out, "],\"deeds\":[");
    for (size_t i = 0; i < biography->count; i++) {
        buf_append_text(out, i > 0 ? "," : "");
        s_put_deed_json(&biography->deeds[i], out);
    }
    buf_printf(out, "],\"more\":%zu", biography->more);
    s_put_edges_json(biography, out);
    buf_append_text(out, "}\n");
}
