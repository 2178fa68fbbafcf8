/* scribe.c - group commit, catch-up pages, and the mending of a failed journal.
 *
 *   WRITING ── append fails ──> MENDING ── reopened, head read, epoch raised ──> WRITING
 *
 * While it mends, what was acknowledged is read from the journal that failed, until there is
 * room to open it anew.
 *
 * Every few seconds, and when it ends, it notes the head outside of the journal (anchor.h).
 *
 * A turn takes all appends that wait and writes them as one batch, then serves one
 * page, so that no catch-up holds up a commit for longer than a page takes. */
#include "broker/scribe.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "actors/clock.h"
#include "actors/failpoint.h"
#include "actors/log.h"
#include "broker/anchor.h"
#include "broker/index.h"
#include "broker/scribe_parts.h"
#include "schema/codec.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum {
    PAGE_BYTES = 256 * 1024,
    PAGE_RECORDS = 4096,
    GROUP_BYTES = 8 * 1024 * 1024, /* a group commit takes no more at once */
    IDLE_MS = 1000,                /* what is said to it wakes it */
    MEND_US = 500 * 1000,          /* between two tries to mend */
    ANCHOR_US = 5 * 1000 * 1000,   /* between two notes of the head */
};

/* A page that was asked for and is not served yet. */
typedef struct wish {
    struct wish *next;
    uint64_t ticket;
    uint64_t from;
    bool again; /* it has failed once, and the index was opened anew */
    ids_t rooms;
    ids_t accounts;
    uint64_t keys[]; /* rooms, then accounts */
} wish_t;

struct scribe {
    bus_t *broker_end;
    pthread_t thread;

    /* the thread's own */
    bus_t *bus;
    journal_t *journal;
    index_t *index;
    keeper_t *keeper;
    bool keeping; /* the keeper has more to do at once */
    bool mending;
    uint64_t mended_us; /* when that was last tried */
    bool index_failed;  /* it takes nothing; whoever asks for keys has it opened anew */
    bool quitting;
    char *data;        /* folder of the anchor */
    uint64_t anchored; /* the head that was last noted */
    uint64_t anchored_us;
    uint64_t told;  /* the broker knows of everything up to here */
    buf_t group;    /* appends that wait */
    wish_t *oldest; /* pages that wait */
    wish_t *newest;
};

static uint64_t s_now_us(void)
{
    return (uint64_t)clock_us(CLOCK_MONOTONIC);
}

/* ---- saying ---- */

static void s_say_committed(scribe_t *scribe, slice_t records, uint64_t took_us)
{
    buf_t message = {0};
    buf_append_byte(&message, OP_COMMITTED);
    scribe_put64(&message, took_us);
    buf_append(&message, records);
    scribe_say(scribe->bus, &message);
    scribe->told = journal_head(scribe->journal);
}

/* ---- the index ---- */

/* Takes what comes next; the rest it has, or reads later. */
static void s_index_records(scribe_t *scribe, slice_t records)
{
    record_t record;
    while (!scribe->index_failed && records.len > 0 && record_read(&records, &record) == ERR_OK)
        if (record.seq == index_applied(scribe->index) + 1)
            scribe->index_failed = index_add(scribe->index, &record) != ERR_OK;
}

static bool s_index_behind(const scribe_t *scribe)
{
    return !scribe->index_failed && index_applied(scribe->index) < journal_head(scribe->journal);
}

/* A page of the records that the index has not seen. */
static err_t s_index_page(scribe_t *scribe)
{
    buf_t records = {0};
    uint64_t next;
    index_skip(scribe->index, journal_first(scribe->journal) - 1);
    uint64_t from = index_applied(scribe->index) + 1;
    err_t err = journal_read(scribe->journal, from, PAGE_BYTES, &records, &next);
    s_index_records(scribe, buf_slice(&records));
    scribe->index_failed = scribe->index_failed || err != ERR_OK;
    buf_free(&records);
    return err;
}

/* From what of it is on disk; the rest it reads again. */
static err_t s_index_reopen(scribe_t *scribe)
{
    err_t err = index_reopen(scribe->index, journal_head(scribe->journal));
    scribe->index_failed = err != ERR_OK;
    return err;
}

/* ---- appending ---- */

/* Whether what was acknowledged is there no more; then nothing is taken ever again. */
static bool s_lacks(const scribe_t *scribe)
{
    uint64_t head = journal_head(scribe->journal);
    if (head < scribe->told)
        log_error("journal", "%s ends at %llu, but %llu was acknowledged: restore it from a backup",
                  journal_path(scribe->journal), (unsigned long long)head,
                  (unsigned long long)scribe->told);
    return head < scribe->told;
}

static void s_mend(scribe_t *scribe)
{
    uint64_t next = scribe->told + 1;
    scribe->mended_us = s_now_us();
    if (journal_reopen(scribe->journal) != ERR_OK || s_lacks(scribe))
        return;
    while (next <= journal_head(scribe->journal)) { /* the failed write may be there */
        buf_t found = {0};
        if (journal_read(scribe->journal, next, PAGE_BYTES, &found, &next) != ERR_OK) {
            buf_free(&found);
            return;
        }
        s_index_records(scribe, buf_slice(&found));
        s_say_committed(scribe, buf_slice(&found), 0);
        scribe->told = next - 1;
        buf_free(&found);
    }
    uint64_t epoch = journal_epoch(scribe->journal) + 1;
    if (journal_raise_epoch(scribe->journal, epoch) != ERR_OK)
        return;

    buf_t message = {0};
    buf_append_byte(&message, OP_REOPENED);
    scribe_put64(&message, epoch);
    scribe_say(scribe->bus, &message);
    scribe->mending = false;
    if (scribe->index_failed)
        (void)s_index_reopen(scribe); /* or whoever asks for keys has it done */
    log_warn("journal", "reopened at %llu in epoch %llu",
             (unsigned long long)journal_head(scribe->journal), (unsigned long long)epoch);
}

/* Appends of an epoch that has passed were told to be unknown; they are dropped.  All
 * records of one message are of one epoch. */
static void s_gather(scribe_t *scribe, slice_t records)
{
    record_t first;
    slice_t in = records;
    if (scribe->mending || record_read(&in, &first) != ERR_OK ||
        first.epoch < journal_epoch(scribe->journal))
        return;
    buf_append(&scribe->group, records);
}

/* A disk that refuses is told by whoever writes to it; the next note tries again. */
static void s_anchor(scribe_t *scribe, bool clean)
{
    err_t err = anchor_write(scribe->data, scribe->journal, clock_time_us(), clean);
    if (err == ERR_OK)
        scribe->anchored = journal_head(scribe->journal);
    scribe->anchored_us = s_now_us();
}

static void s_anchor_if_due(scribe_t *scribe)
{
    if (!scribe->mending && scribe->anchored != journal_head(scribe->journal) &&
        s_now_us() - scribe->anchored_us >= ANCHOR_US)
        s_anchor(scribe, false);
}

static void s_commit(scribe_t *scribe)
{
    if (scribe->group.len == 0)
        return;
    failpoint_records(FAILPOINT_JOURNAL_WRITING, buf_slice(&scribe->group));
    uint64_t start = s_now_us();
    err_t err = keeper_heed(scribe->keeper, buf_slice(&scribe->group));
    if (err == ERR_OK)
        err = journal_append(scribe->journal, scribe->group.data, scribe->group.len, scribe->told);
    if (err == ERR_OK) {
        failpoint_records(FAILPOINT_JOURNAL_WRITTEN, buf_slice(&scribe->group));
        s_say_committed(scribe, buf_slice(&scribe->group), s_now_us() - start);
        s_index_records(scribe, buf_slice(&scribe->group));
    } else {
        log_error("journal",
                  "%s: a write failed (%s): nothing is acknowledged until it is opened anew, which "
                  "is tried all the time; make room on its disk, or mend that",
                  journal_path(scribe->journal), err_info(err)->name);
        scribe->mending = true;
        scribe->mended_us = 0;
        scribe_say_op(scribe->bus, OP_SUSPENDED);
    }
    buf_reset(&scribe->group);
}

/* ---- pages ---- */

static void s_wish(scribe_t *scribe, slice_t in)
{
    uint64_t ticket, from, rooms, accounts;
    scribe_take64(&in, &ticket);
    scribe_take64(&in, &from);
    scribe_take64(&in, &rooms);
    scribe_take64(&in, &accounts);
    wish_t *wish = mem_zeroed(sizeof(wish_t) + (rooms + accounts) * sizeof(uint64_t));
    for (uint64_t i = 0; i < rooms + accounts; i++)
        scribe_take64(&in, &wish->keys[i]);
    wish->ticket = ticket;
    wish->from = from;
    wish->rooms = (ids_t){wish->keys, rooms};
    wish->accounts = (ids_t){wish->keys + rooms, accounts};
    *(scribe->newest ? &scribe->newest->next : &scribe->oldest) = wish;
    scribe->newest = wish;
}

/* The records of a few keys, found through the index. */
static err_t s_read_keys(scribe_t *scribe, const wish_t *wish, buf_t *out, uint64_t *ret_next)
{
    ids_t seqs = {0};
    uint64_t next = 0;
    size_t start = out->len;
    err_t err =
        index_read(scribe->index, wish->rooms, wish->accounts, wish->from, PAGE_RECORDS, &seqs);
    bool more = seqs.count == PAGE_RECORDS;
    for (size_t i = 0; i < seqs.count && err == ERR_OK; i++) {
        if (out->len - start >= PAGE_BYTES) {
            next = seqs.items[i];
            break;
        }
        err = journal_read(scribe->journal, seqs.items[i], 1, out, &next);
    }
    if (err == ERR_OK && next == 0 && !more)
        next = journal_head(scribe->journal) + 1;
    *ret_next = next;
    return err;
}

/* A page of keys, once the index has caught up.  One that fails has the index opened
 * anew, or made again if it is damaged, and is tried once more. */
static bool s_page_of_keys(scribe_t *scribe, wish_t *wish, buf_t *records, uint64_t *ret_next,
                           err_t *ret_err)
{
    err_t err = scribe->index_failed ? s_index_reopen(scribe) : ERR_OK;
    bool behind = err == ERR_OK && s_index_behind(scribe);
    if (behind)
        err = s_index_page(scribe);
    if (behind && err == ERR_OK)
        return false;
    if (err == ERR_OK)
        err = s_read_keys(scribe, wish, records, ret_next);
    *ret_err = err;
    if (err == ERR_OK || wish->again)
        return true;
    scribe->index_failed = true;
    wish->again = true;
    return false;
}

/* The page that a wish wants; false if it is not to be had in this turn. */
static bool s_page(scribe_t *scribe, wish_t *wish, buf_t *records, uint64_t *ret_next,
                   err_t *ret_err)
{
    if (wish->rooms.count + wish->accounts.count > 0)
        return s_page_of_keys(scribe, wish, records, ret_next, ret_err);
    *ret_err = journal_read(scribe->journal, wish->from, PAGE_BYTES, records, ret_next);
    return true;
}

static void s_say_page(scribe_t *scribe, uint64_t ticket, err_t err, uint64_t next,
                       const buf_t *records)
{
    buf_t message = {0};
    buf_append_byte(&message, OP_PAGE);
    scribe_put64(&message, ticket);
    scribe_put64(&message, (uint64_t)err);
    scribe_put64(&message, next);
    buf_append(&message, buf_slice(records));
    scribe_say(scribe->bus, &message);
}

static void s_drop_oldest(scribe_t *scribe)
{
    wish_t *wish = scribe->oldest;
    scribe->oldest = wish->next;
    if (scribe->oldest == NULL)
        scribe->newest = NULL;
    mem_free(wish);
}

static void s_serve(scribe_t *scribe)
{
    wish_t *wish = scribe->oldest;
    buf_t records = {0};
    uint64_t next = wish->from;
    err_t err = ERR_OK;
    if (s_page(scribe, wish, &records, &next, &err)) {
        s_say_page(scribe, wish->ticket, err, next, &records);
        if (s_index_behind(scribe) && wish->from <= index_applied(scribe->index) + 1)
            s_index_records(scribe, buf_slice(&records)); /* read once for both */
        s_drop_oldest(scribe);
    }
    buf_free(&records);
}

/* ---- what is kept ---- */

static void s_say_kept(scribe_t *scribe, err_t err, const snapshot_t *kept)
{
    buf_t message = {0};
    buf_append_byte(&message, OP_KEPT);
    scribe_put64(&message, (uint64_t)err);
    if (err == ERR_OK)
        codec_pack(&message, shape_snapshot(), kept);
    scribe_say(scribe->bus, &message);
}

static void s_prepare(scribe_t *scribe)
{
    err_t err = scribe->mending ? ERR_STORAGE : keeper_prepare(scribe->keeper);
    if (err == ERR_OK)
        scribe_say_op(scribe->bus, OP_WANTED);
    else
        s_say_kept(scribe, err, NULL);
}

static void s_keep(scribe_t *scribe, slice_t packed)
{
    const void *taken;
    const snapshot_t *kept = NULL;
    fault_t fault;
    arena_t *arena = arena_new();
    err_t err = codec_unpack(packed, shape_snapshot(), arena, &fault, &taken);
    if (err == ERR_OK)
        err = scribe->mending ? ERR_STORAGE
                              : keeper_keep(scribe->keeper, scribe->journal, taken, clock_time_us(),
                                            arena, &kept);
    s_say_kept(scribe, err, kept);
    arena_destroy(&arena);
}

static void s_say_cut(scribe_t *scribe)
{
    buf_t message = {0};
    buf_append_byte(&message, OP_CUT);
    scribe_put64(&message, journal_first(scribe->journal));
    scribe_say(scribe->bus, &message);
}

static void s_turn_keeper(scribe_t *scribe)
{
    keeper_turn_t turn =
        keeper_turn(scribe->keeper, scribe->journal, (int64_t)s_now_us(), clock_time_us());
    scribe->keeping = turn == KEEPER_WORKS || turn == KEEPER_CUT;
    if (turn == KEEPER_CUT)
        s_say_cut(scribe);
    if (turn == KEEPER_WANTS)
        s_prepare(scribe);
}

/* ---- the loop ---- */

static void s_take(scribe_t *scribe, slice_t message)
{
    assert(message.len > 0);
    slice_t rest = slice_from(message, 1);
    switch ((op_t)message.ptr[0]) {
    case OP_APPEND:
        s_gather(scribe, rest);
        return;
    case OP_FETCH:
        s_wish(scribe, rest);
        return;
    case OP_QUIT:
        scribe->quitting = true;
        return;
    case OP_PREPARE:
        s_prepare(scribe);
        return;
    case OP_KEEP:
        s_keep(scribe, rest);
        return;
    case OP_COMMITTED:
    case OP_PAGE:
    case OP_SUSPENDED:
    case OP_REOPENED:
    case OP_WANTED:
    case OP_KEPT:
    case OP_CUT:
        return;
    }
}

/* Whether there is a page to serve now, of what the broker knows. */
static bool s_serves(const scribe_t *scribe)
{
    return scribe->oldest != NULL && journal_readable(scribe->journal) &&
           journal_head(scribe->journal) == scribe->told;
}

static int s_patience_ms(const scribe_t *scribe)
{
    bool works = scribe->keeping || s_index_behind(scribe);
    return s_serves(scribe) || (works && !scribe->mending) ? 0 : IDLE_MS;
}

static void s_turn(scribe_t *scribe)
{
    uint32_t peer;
    slice_t message;
    bus_wait(&scribe->bus, 1, s_patience_ms(scribe));
    bool idle = true;
    while (scribe->group.len < GROUP_BYTES && bus_receive(scribe->bus, &peer, &message)) {
        idle = false;
        s_take(scribe, message);
    }
    s_commit(scribe);
    if (scribe->mending && s_now_us() - scribe->mended_us >= MEND_US)
        s_mend(scribe);
    if (s_serves(scribe))
        s_serve(scribe);
    else if (idle && !scribe->mending && s_index_behind(scribe))
        (void)s_index_page(scribe); /* what keeps it is told to whoever asks for keys */
    s_anchor_if_due(scribe);
    if (!scribe->mending)
        s_turn_keeper(scribe);
}

static void *s_main(void *ctx)
{
    scribe_t *scribe = ctx;
    prctl(PR_SET_NAME, "journal");
    while (!scribe->quitting)
        s_turn(scribe);
    if (!scribe->mending)
        s_anchor(scribe, true);
    return NULL;
}

/* ---- the broker's side ---- */

static void s_free(scribe_t *scribe)
{
    index_close(&scribe->index);
    keeper_close(&scribe->keeper);
    journal_close(&scribe->journal);
    bus_close(&scribe->bus);
    bus_close(&scribe->broker_end);
    buf_free(&scribe->group);
    mem_free(scribe->data);
    mem_free(scribe);
}

err_t scribe_start(journal_t **journal_p, const char *data, const keeper_options_t *keep,
                   scribe_t **ret_scribe)
{
    char name[64], index[PATH_MAX];
    scribe_t *scribe = mem_new(scribe_t);
    snprintf(name, sizeof name, "scribe-%p", (void *)scribe);
    scribe->journal = TAKE(*journal_p);
    scribe->told = journal_head(scribe->journal);
    scribe->data = mem_text(data);
    s_anchor(scribe, false); /* from here on an end that is torn may be a crash's */
    snprintf(index, sizeof index, "%s/index", data);
    err_t err = index_open(index, scribe->told, &scribe->index);
    if (err == ERR_OK)
        err = keeper_open(data, keep, &scribe->keeper);
    if (err == ERR_OK)
        err = bus_pair_bind(name, &scribe->broker_end);
    if (err == ERR_OK)
        err = bus_pair_connect(name, &scribe->bus);
    if (err == ERR_OK && pthread_create(&scribe->thread, NULL, s_main, scribe) != 0)
        err = ERR_UNAVAILABLE;
    if (err == ERR_OK)
        *ret_scribe = scribe;
    else
        s_free(scribe);
    return err;
}

void scribe_stop(scribe_t **scribe_p)
{
    scribe_t *scribe = *scribe_p;
    if (scribe == NULL)
        return;
    *scribe_p = NULL;
    scribe_say_op(scribe->broker_end, OP_QUIT);
    pthread_join(scribe->thread, NULL);
    s_free(scribe);
}

bus_t *scribe_bus(const scribe_t *scribe)
{
    return scribe->broker_end;
}
