/* ledger.c - lists, and what must be true of them. */
#include "tests/world/ledger.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "schema/mem.h"
#include "tests/world/story.h"

enum { ROOMS_MAX = 64, SEQS_MAX = 65536, HEARD_MAX = 8192 };

/* A room's records that a listener has heard. */
typedef struct track {
    bool begun;
    uint64_t head;  /* the room's later ones come */
    size_t checked; /* by the judge */
    size_t count;
    uint64_t seqs[HEARD_MAX];
} track_t;

/* A page of a room. */
typedef struct excerpt {
    struct excerpt *next;
    uint64_t room;
    uint64_t from;
    uint64_t until; /* before this */
    size_t checked; /* by the judge */
    size_t count;
    uint64_t seqs[];
} excerpt_t;

struct listener {
    listener_t *next;
    int edge;
    bool ended;
    bool whole; /* nothing is missing */
    uint64_t last;
    track_t *tracks[ROOMS_MAX]; /* as ledger_rooms has them */
};

static uint64_t s_told;
static uint64_t s_rooms[ROOMS_MAX];
static size_t s_room_count;
static listener_t *s_listeners;
static excerpt_t *s_excerpts;
static post_t *s_posts;
static uint64_t s_post_count;
static uint32_t s_heard[SEQS_MAX]; /* CRC of each record that somebody heard; 0: nobody has */

/* ---- the journal ---- */

void ledger_told(uint64_t seq)
{
    if (seq > s_told)
        s_told = seq;
}

uint64_t ledger_known(void)
{
    return s_told;
}

/* ---- rooms ---- */

static size_t s_room_place(uint64_t room)
{
    size_t place = 0;
    while (place < s_room_count && s_rooms[place] != room)
        place++;
    return place;
}

void ledger_add_room(uint64_t room)
{
    if (s_room_place(room) == s_room_count && s_room_count < ROOMS_MAX)
        s_rooms[s_room_count++] = room;
}

ids_t ledger_rooms(void)
{
    return (ids_t){s_rooms, s_room_count};
}

/* ---- listeners ---- */

listener_t *listener_new(int edge)
{
    listener_t *listener = mem_new(listener_t);
    listener->edge = edge;
    listener->next = s_listeners;
    s_listeners = listener;
    return listener;
}

static track_t *s_track(listener_t *listener, uint64_t room)
{
    size_t place = s_room_place(room);
    if (place == s_room_count)
        return NULL;
    if (listener->tracks[place] == NULL)
        listener->tracks[place] = mem_new(track_t);
    return listener->tracks[place];
}

void listener_begins(listener_t *listener, uint64_t room, uint64_t head)
{
    track_t *track = s_track(listener, room);
    if (track == NULL || track->begun)
        return;
    track->begun = true;
    track->head = head;
}

void listener_hears(listener_t *listener, const record_t *record)
{
    if (record->seq <= listener->last)
        story_violation("edge %d hears record %llu behind %llu", listener->edge,
                        (unsigned long long)record->seq, (unsigned long long)listener->last);
    listener->last = record->seq;
    ledger_told(record->seq);
    if (record->seq < SEQS_MAX && s_heard[record->seq] == 0)
        s_heard[record->seq] = record->crc;
    if (record->seq < SEQS_MAX && s_heard[record->seq] != record->crc)
        story_violation("record %llu was another one for somebody else",
                        (unsigned long long)record->seq);
    track_t *track = record->room != 0 ? s_track(listener, record->room) : NULL;
    if (track != NULL && track->begun && track->count < HEARD_MAX)
        track->seqs[track->count++] = record->seq;
}

void listener_ends(listener_t *listener)
{
    listener->ended = true;
}

void ledger_end_listeners(void)
{
    for (listener_t *listener = s_listeners; listener != NULL; listener = listener->next)
        listener->whole = !listener->ended;
}

/* ---- pages of the past ---- */

static size_t s_count_records(slice_t in)
{
    record_t record;
    size_t count = 0;
    while (in.len > 0 && record_read(&in, &record) == ERR_OK)
        count++;
    return count;
}

void ledger_page(uint64_t room, uint64_t from, const bus_page_t *page)
{
    record_t record;
    slice_t in = page->records;
    excerpt_t *excerpt =
        mem_zeroed(sizeof *excerpt + s_count_records(in) * sizeof excerpt->seqs[0]);
    *excerpt = (excerpt_t){.next = s_excerpts, .room = room, .from = from, .until = page->next};
    s_excerpts = excerpt;
    ledger_told(page->next - 1);
    while (in.len > 0 && record_read(&in, &record) == ERR_OK)
        excerpt->seqs[excerpt->count++] = record.seq;
}

/* ---- messages ---- */

static uint64_t s_acked_in(uint64_t room)
{
    uint64_t highest = 0;
    for (const post_t *post = s_posts; post != NULL; post = post->next)
        if (post->room == room && post->acked && post->seq > highest)
            highest = post->seq;
    return highest;
}

post_t *ledger_post(uint64_t sender, uint64_t room)
{
    post_t *post = mem_new(post_t);
    post->number = ++s_post_count;
    post->sender = sender;
    post->room = room;
    post->behind = s_acked_in(room);
    snprintf(post->client_id, sizeof post->client_id, "cid-%06llu-0",
             (unsigned long long)post->number);
    snprintf(post->text, sizeof post->text, "message %llu of %llu",
             (unsigned long long)post->number, (unsigned long long)sender);
    post->next = s_posts;
    s_posts = post;
    return post;
}

post_t *ledger_posts(void)
{
    return s_posts;
}

static void s_acknowledge(post_t *post, const message_t *message)
{
    if (post->acked && (post->id != message->id || post->seq != message->seq))
        story_violation("%s was acknowledged as %llu and as %llu", post->client_id,
                        (unsigned long long)post->id, (unsigned long long)message->id);
    if (message->room != post->room || message->sender != post->sender)
        story_violation("%s was acknowledged as somebody else's", post->client_id);
    post->acked = true;
    post->id = message->id;
    post->seq = message->seq;
}

void ledger_answer(post_t *post, err_t status, const message_t *message)
{
    story("post    %s: %s", post->client_id, err_info(status)->name);
    post->open--;
    if (status == ERR_OK)
        s_acknowledge(post, message);
    else if (status == ERR_UNKNOWN_OUTCOME)
        post->unknown = true;
    else /* that a session has ended tells nothing of the message: the sender signs in and asks again */
        post->refused = !err_info(status)->retryable && status != ERR_SESSION_ENDED;
}

bool post_is_settled(const post_t *post)
{
    return post->acked || post->refused || (!post->unknown && post->open == 0);
}

/* ---- for the judge ---- */

/* What a listener has heard of this room comes next, or it had ended before. */
static void s_check_track(const listener_t *listener, track_t *track, const record_t *record)
{
    if (!track->begun || record->seq <= track->head)
        return;
    bool heard = track->checked < track->count;
    if (heard && track->seqs[track->checked] == record->seq)
        track->checked++;
    else if (heard || listener->whole)
        story_violation("edge %d did not hear record %llu of room %llu", listener->edge,
                        (unsigned long long)record->seq, (unsigned long long)record->room);
}

static void s_check_excerpt(excerpt_t *excerpt, const record_t *record)
{
    if (record->seq < excerpt->from || record->seq >= excerpt->until)
        return;
    if (excerpt->checked < excerpt->count && excerpt->seqs[excerpt->checked] == record->seq)
        excerpt->checked++;
    else
        story_violation("a page of room %llu from %llu to %llu lacks record %llu",
                        (unsigned long long)excerpt->room, (unsigned long long)excerpt->from,
                        (unsigned long long)excerpt->until, (unsigned long long)record->seq);
}

void ledger_check_record(const record_t *record)
{
    if (record->seq < SEQS_MAX && s_heard[record->seq] != 0 && s_heard[record->seq] != record->crc)
        story_violation("record %llu is another one than was heard",
                        (unsigned long long)record->seq);
    if (record->room == 0)
        return;
    for (listener_t *listener = s_listeners; listener != NULL; listener = listener->next) {
        size_t place = s_room_place(record->room);
        if (place < s_room_count && listener->tracks[place] != NULL)
            s_check_track(listener, listener->tracks[place], record);
    }
    for (excerpt_t *excerpt = s_excerpts; excerpt != NULL; excerpt = excerpt->next)
        if (excerpt->room == record->room)
            s_check_excerpt(excerpt, record);
}

static void s_check_post(const post_t *post)
{
    const char *name = post->client_id;
    if (post->found > 1)
        story_violation("%s is there %u times", name, post->found);
    if (post->acked && post->found == 0)
        story_violation("%s was acknowledged and is not there", name);
    if (!post->acked && post->found > 0 && !post->unknown && post->open == 0)
        story_violation("%s was refused and is there", name);
    if (post->unknown && post->refused && !post->acked && post->found > 0)
        story_violation("%s was unknown, is refused now, and is there", name);
    if (post->unknown && !post->acked && !post->refused)
        story_violation("%s was never settled", name);
}

void ledger_check_end(uint64_t head)
{
    if (head < s_told)
        story_violation("the journal ends at %llu, and somebody was told of %llu",
                        (unsigned long long)head, (unsigned long long)s_told);
    for (const excerpt_t *excerpt = s_excerpts; excerpt != NULL; excerpt = excerpt->next)
        if (excerpt->checked != excerpt->count)
            story_violation("a page of room %llu has records that are not in the journal",
                            (unsigned long long)excerpt->room);
    for (const post_t *post = s_posts; post != NULL; post = post->next)
        s_check_post(post);
}
