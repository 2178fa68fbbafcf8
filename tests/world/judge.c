/* judge.c - the journal from its first record to its last.
 *
 *  1. Room sequences are 1, 2, 3 … without a gap, and message ids are unique.
 *  2. Every message was sent, by that person, to that room; none is there twice; one that was sent
 *     after another was acknowledged stands behind it.
 *  3. What is acknowledged is there, what is refused is not, and nothing is left unknown (ledger.c).
 *  4. Two people have one match at a time, and a ticket is in one match at most; nobody is matched
 *     with whom a block stands between.
 *  5. Nobody is notified of somebody whom they block, or who blocks them, by what came after it.
 *  6. Each actor has reacted to each event once.
 *  7. A projection made anew from the journal has the same rows as the one that was there. */
#include "tests/world/judge.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "actors/stage.h"
#include "broker/journal.h"
#include "schema/mem.h"
#include "tests/world/ledger.h"
#include "tests/world/story.h"

enum {
    ACTORS_MAX = 8,
    PAGE_BYTES = 1024 * 1024,
    PEOPLE_MAX = 32,
    ROOMS_MAX = 512,
    TICKETS_MAX = 4096,
    PATH_SIZE = 512
};

static const actor_row_t *const s_rows[] = {
    &session_actor, &matching_actor, &room_actor, &search_actor, &notifier_actor,
};

typedef struct court {
    arena_t *arena;
    buf_t journal; /* all of it */
    uint64_t head;
    uint64_t room_seqs[ROOMS_MAX];
    uint64_t last_id;
    bool matched[PEOPLE_MAX][PEOPLE_MAX];     /* the lower account first */
    uint64_t blocked[PEOPLE_MAX][PEOPLE_MAX]; /* by the first, since this record; 0: not */
    uint64_t unblocked[PEOPLE_MAX][PEOPLE_MAX];
    bool ticketed[TICKETS_MAX];
    uint64_t causes[ACTORS_MAX]; /* the last that each actor reacted to */
} court_t;

/* ---- messages ---- */

static post_t *s_post_of(slice_t text)
{
    for (post_t *post = ledger_posts(); post != NULL; post = post->next)
        if (slice_is(text, post->text))
            return post;
    return NULL;
}

static void s_posted(court_t *court, const record_t *record, const void *body)
{
    const message_t *message = ((const room_posted_event_t *)body)->message;
    unsigned long long room = message->room, seq = message->seq;
    (void)record;
    assert(message->room < ROOMS_MAX);
    if (message->seq != ++court->room_seqs[message->room])
        story_violation("room %llu has message %llu where %llu should be", room, seq,
                        (unsigned long long)court->room_seqs[message->room]);
    if (message->id <= court->last_id)
        story_violation("message id %llu comes again", (unsigned long long)message->id);
    court->last_id = message->id;
    post_t *post = s_post_of(message->text);
    if (post == NULL || post->room != message->room || post->sender != message->sender) {
        story_violation("message %llu of room %llu was never sent so", seq, room);
        return;
    }
    post->found++;
    if (post->acked && post->seq != message->seq && post->found == 1)
        story_violation("%s was acknowledged as %llu and is %llu", post->client_id,
                        (unsigned long long)post->seq, seq);
    if (message->seq <= post->behind)
        story_violation("%s is %llu, before what was acknowledged when it was sent: %llu",
                        post->client_id, seq, (unsigned long long)post->behind);
}

/* ---- people ---- */

static bool *s_pair(court_t *court, uint64_t one, uint64_t other)
{
    assert(one < PEOPLE_MAX && other < PEOPLE_MAX);
    return one < other ? &court->matched[one][other] : &court->matched[other][one];
}

static void s_matched(court_t *court, const record_t *record, const void *body)
{
    const people_matched_event_t *event = body;
    bool *matched = s_pair(court, event->account, event->by);
    if (*matched)
        story_violation("record %llu: %llu and %llu are matched already",
                        (unsigned long long)record->seq, (unsigned long long)event->account,
                        (unsigned long long)event->by);
    *matched = true;
}

static void s_unliked(court_t *court, const record_t *record, const void *body)
{
    const people_unliked_event_t *event = body;
    bool *matched = s_pair(court, event->account, event->by);
    (void)record;
    if (event->matched)
        *matched = false;
}

static void s_blocked(court_t *court, const record_t *record, const void *body)
{
    const people_blocked_event_t *event = body;
    *s_pair(court, event->account, event->by) = false;
    court->blocked[event->by][event->account] = record->seq;
    court->unblocked[event->by][event->account] = 0;
}

static void s_unblocked(court_t *court, const record_t *record, const void *body)
{
    const people_unblocked_event_t *event = body;
    court->unblocked[event->by][event->account] = record->seq;
}

/* Whether the first blocked the other when that record came. */
static bool s_blocks_at(const court_t *court, uint64_t one, uint64_t other, uint64_t seq)
{
    uint64_t since = court->blocked[one][other], until = court->unblocked[one][other];
    return since != 0 && since < seq && until == 0;
}

static bool s_apart_at(const court_t *court, uint64_t one, uint64_t other, uint64_t seq)
{
    return s_blocks_at(court, one, other, seq) || s_blocks_at(court, other, one, seq);
}

static void s_match_made(court_t *court, const record_t *record, const void *body)
{
    const match_t *match = ((const match_made_event_t *)body)->match;
    for (size_t i = 0; i < match->tickets.count; i++) {
        uint64_t ticket = match->tickets.items[i];
        assert(ticket < TICKETS_MAX);
        if (court->ticketed[ticket])
            story_violation("ticket %llu is in two matches", (unsigned long long)ticket);
        court->ticketed[ticket] = true;
    }
    for (size_t i = 0; i < match->accounts.count; i++)
        for (size_t j = 0; j < i; j++)
            if (s_apart_at(court, match->accounts.items[i], match->accounts.items[j], record->seq))
                story_violation("record %llu matches two people with a block between them",
                                (unsigned long long)record->seq);
}

static void s_notified(court_t *court, const record_t *record, const void *body)
{
    const notified_event_t *event = body;
    uint64_t since = record->cause != 0 ? record->cause : record->seq;
    if (event->from != 0 && s_apart_at(court, event->account, event->from, since))
        story_violation("record %llu tells %llu of %llu, and a block stands between",
                        (unsigned long long)record->seq, (unsigned long long)event->account,
                        (unsigned long long)event->from);
}

/* ---- all records ---- */

typedef void judge_fn(court_t *court, const record_t *record, const void *body);

static const struct {
    event_number_t event;
    judge_fn *judge;
} s_rules[] = {
    {EVENT_room_posted, s_posted},         {EVENT_people_matched, s_matched},
    {EVENT_people_unliked, s_unliked},     {EVENT_people_blocked, s_blocked},
    {EVENT_people_unblocked, s_unblocked}, {EVENT_match_made, s_match_made},
    {EVENT_notified, s_notified},
};

/* Reactions come in the order of what they react to. */
static void s_judge_cause(court_t *court, const record_t *record)
{
    static uint64_t last[ACTORS_MAX]; /* the sequence of the last reaction */
    if (record->cause == 0)
        return;
    uint64_t *cause = &court->causes[record->causer];
    if (record->cause < *cause ||
        (record->cause == *cause && last[record->causer] + 1 != record->seq))
        story_violation("record %llu reacts to %llu once more", (unsigned long long)record->seq,
                        (unsigned long long)record->cause);
    *cause = record->cause;
    last[record->causer] = record->seq;
}

static void s_judge_record(court_t *court, const record_t *record)
{
    const event_type_t *type = event_type(record->type);
    const void *body;
    fault_t fault;
    ledger_check_record(record);
    s_judge_cause(court, record);
    arena_reset(court->arena);
    for (size_t i = 0; i < COUNT_OF(s_rules); i++) {
        if (s_rules[i].event != (event_number_t)record->type)
            continue;
        err_t err = codec_unpack(record->body, type->shape(), court->arena, &fault, &body);
        assert(err == ERR_OK);
        s_rules[i].judge(court, record, body);
    }
}

static bool s_read_journal(court_t *court, const char *data)
{
    char path[PATH_SIZE];
    journal_t *journal = NULL;
    uint64_t next = 1;
    snprintf(path, sizeof path, "%s/journal", data);
    err_t err = journal_open(path, &(journal_options_t){.existing = true}, &journal);
    court->head = err == ERR_OK ? journal_head(journal) : 0;
    while (err == ERR_OK && next <= court->head)
        err = journal_read(journal, next, PAGE_BYTES, &court->journal, &next);
    journal_close(&journal);
    if (err != ERR_OK)
        story_violation("the journal cannot be read: %s", err_info(err)->name);
    return err == ERR_OK;
}

/* ---- projections ---- */

static err_t s_replay(const court_t *court, const actor_row_t *row, store_t *store, uint64_t until)
{
    stage_t *stage = stage_new(row, store);
    slice_t in = buf_slice(&court->journal);
    record_t record;
    err_t err = ERR_OK;
    while (err == ERR_OK && in.len > 0) {
        err = record_read(&in, &record);
        if (err == ERR_OK && record.seq <= until)
            err = stage_record(stage, &record);
    }
    stage_seen(stage, until);
    if (err == ERR_OK)
        err = stage_flush(stage);
    stage_destroy(&stage);
    return err;
}

static void s_judge_projection(const court_t *court, const actor_row_t *row, const char *data)
{
    char path[PATH_SIZE], fresh[PATH_SIZE];
    uint8_t live[32], made[32];
    uint64_t applied;
    store_t *store = NULL;
    snprintf(path, sizeof path, "%s/%s", data, row->name);
    snprintf(fresh, sizeof fresh, "%s/%s-anew", data, row->name);
    err_t err = store_inspect(path, &applied, live);
    if (err == ERR_OK)
        err = store_open(fresh, &store);
    if (err == ERR_OK)
        err = s_replay(court, row, store, applied);
    if (err == ERR_OK)
        err = store_digest(store, made);
    store_close(&store);
    if (err != ERR_OK)
        story_violation("the projection of %s cannot be compared: %s", row->name,
                        err_info(err)->name);
    else if (memcmp(live, made, sizeof live) != 0)
        story_violation("the projection of %s is another one when it is made anew", row->name);
    else if (applied > court->head)
        story_violation("the projection of %s is ahead of the journal", row->name);
}

void judge(const char *data)
{
    court_t *court = mem_new(court_t);
    record_t record;
    court->arena = arena_new();
    if (!s_read_journal(court, data))
        return;
    for (slice_t in = buf_slice(&court->journal); in.len > 0;) {
        err_t err = record_read(&in, &record);
        assert(err == ERR_OK);
        s_judge_record(court, &record);
    }
    ledger_check_end(court->head);
    for (size_t i = 0; i < COUNT_OF(s_rows); i++)
        s_judge_projection(court, s_rows[i], data);
    story("judge   %llu records", (unsigned long long)court->head);
}
