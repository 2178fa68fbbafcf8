/* journal.c - numbers, chain and epoch over a row of segments.
 *
 * 1. A segment holds every sequence from its own first to the next one's, or to
 *    the head; a record that is missing in between is damage.
 * 2. A failed write leaves `sound` false, and then nothing is read or written
 *    before a reopen: LevelDB may hold the records, or lose what it accepts next.
 * 3. The epoch in use is on disk, in the file "epoch" or in the last record.
 *
 * A start opens the last segment only, so its time does not grow with the journal. */
#include "broker/journal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "actors/log.h"
#include "broker/epoch.h"
#include "broker/folder.h"
#include "broker/row.h"
#include "schema/limits.h"

enum {
#include "broker/journal_parts.h"
    SEGMENT_BYTES = 256 * 1024 * 1024,
};

_Static_assert((int)HASH_SIZE == (int)CRYPTO_BLAKE256_SIZE, "the chain is BLAKE2b-256");

struct journal {
    char *path;
    journal_options_t options;
    bool sound; /* false from a failed write to the reopen */
    row_t *row; /* NULL after a failed reopen */
    uint64_t head;
    uint64_t epoch;
    uint8_t hash[HASH_SIZE]; /* of the last record; zero when there is none */
    buf_t scratch;
    fault_t fault;
};

static err_t s_damaged(journal_t *journal, uint64_t seq, const char *words)
{
    return fault_note(&journal->fault, journal->path, seq, words);
}

/* ---- opening ---- */

static void s_take_head(journal_t *journal, const record_t *record)
{
    journal->head = record->seq;
    crypto_blake256(record->bytes, journal->hash);
    if (record->epoch > journal->epoch)
        journal->epoch = record->epoch;
}

/* The last record of a segment, as the head. */
static err_t s_read_last(journal_t *journal, size_t place)
{
    record_t record;
    segment_t *segment = NULL;
    err_t err = row_use(journal->row, place, &segment);
    if (err == ERR_OK)
        err = segment_last(segment, &journal->scratch, &record);
    if (err == ERR_OK && record.seq < row_first(journal->row, place))
        return s_damaged(journal, record.seq, "lies in a later segment than its own");
    if (err == ERR_OK)
        s_take_head(journal, &record);
    return err;
}

/* The last segment is empty: the head is the record before it. */
static err_t s_read_head_before(journal_t *journal, size_t last)
{
    uint64_t first = row_first(journal->row, last);
    if (first == 1)
        return ERR_OK;
    if (last == 0)
        return s_damaged(journal, first - 1, "is missing, and with it the end of the chain");
    err_t err = s_read_last(journal, last - 1);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && journal->head != first - 1))
        return s_damaged(journal, first - 1, "is missing");
    return err;
}

static err_t s_read_head(journal_t *journal)
{
    size_t last = row_count(journal->row) - 1;
    journal->head = 0;
    memset(journal->hash, 0, HASH_SIZE);
    err_t err = s_read_last(journal, last);
    return err == ERR_NOT_FOUND ? s_read_head_before(journal, last) : err;
}

static err_t s_read_epoch(journal_t *journal)
{
    journal->epoch = 0;
    err_t err = epoch_read(journal->path, &journal->epoch);
    if (err == ERR_CORRUPT)
        return s_damaged(journal, 0, "cannot be numbered: the file epoch is damaged");
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* An empty row: a new journal, unless there are signs of an old one. */
static err_t s_begin(journal_t *journal)
{
    if (journal->epoch > 0)
        return s_damaged(journal, 1, "and all others are missing; the file epoch is there");
    return journal->options.existing ? ERR_NOT_FOUND : row_extend(journal->row, 1);
}

/* From what is on disk to a journal that is sound, or to one with nothing open. */
static err_t s_load(journal_t *journal)
{
    row_close(&journal->row);
    journal->sound = false;
    err_t err = row_open(journal->path, &journal->fault, &journal->row);
    if (err == ERR_OK)
        err = s_read_epoch(journal);
    if (err == ERR_OK && row_count(journal->row) == 0)
        err = s_begin(journal);
    if (err == ERR_OK)
        err = s_read_head(journal);
    if (err == ERR_OK)
        journal->sound = true;
    else
        row_close(&journal->row);
    return err;
}

err_t journal_open(const char *path, const journal_options_t *options, journal_t **ret_journal)
{
    assert(path != NULL);
    assert(ret_journal != NULL);

    err_t err = options->existing ? ERR_OK : folder_make(path);
    if (err != ERR_OK)
        return err;
    journal_t *journal = mem_new(journal_t);
    journal->path = mem_text(path);
    journal->options = *options;
    if (journal->options.segment_bytes == 0)
        journal->options.segment_bytes = SEGMENT_BYTES;
    err = s_load(journal);
    if (err == ERR_OK)
        *ret_journal = TAKE(journal);

    journal_close(&journal);
    return err;
}

void journal_close(journal_t **journal_p)
{
    journal_t *journal = *journal_p;
    if (journal == NULL)
        return;
    row_close(&journal->row);
    buf_free(&journal->scratch);
    mem_free(journal->path);
    mem_free(journal);
    *journal_p = NULL;
}

err_t journal_reopen(journal_t *journal)
{
    uint64_t head = journal->head, epoch = journal->epoch;
    err_t err = s_load(journal);
    if (err != ERR_OK) {
        journal->head = head;
        journal->epoch = epoch;
    } else if (journal->head != head) {
        log_warn("journal", "%s: head was %" PRIu64 ", is %" PRIu64, journal->path, head,
                 journal->head);
    }
    return err;
}

uint64_t journal_head(const journal_t *journal)
{
    return journal->head;
}

const uint8_t *journal_hash(const journal_t *journal)
{
    return journal->hash;
}

uint64_t journal_first(const journal_t *journal)
{
    return journal->row != NULL ? row_first(journal->row, 0) : 1;
}

uint64_t journal_epoch(const journal_t *journal)
{
    return journal->epoch;
}

err_t journal_raise_epoch(journal_t *journal, uint64_t epoch)
{
    assert(epoch > journal->epoch);
    if (!journal->sound)
        return ERR_STORAGE;
    err_t err = epoch_write(journal->path, epoch);
    if (err == ERR_OK)
        journal->epoch = epoch;
    return err;
}

/* ---- appending ---- */

/* The segment to append to: the last one, or a new one behind it when that has
 * grown enough. */
static err_t s_growing(journal_t *journal, segment_t **ret_segment)
{
    row_t *row = journal->row;
    segment_t *segment = NULL;
    err_t err = row_use(row, row_count(row) - 1, &segment);
    if (err != ERR_OK)
        return err;
    bool empty = row_first(row, row_count(row) - 1) > journal->head;
    if (!empty && segment_size(segment) >= journal->options.segment_bytes) {
        err = row_extend(row, journal->head + 1);
        if (err == ERR_OK)
            err = row_use(row, row_count(row) - 1, &segment);
    }
    if (err == ERR_OK)
        *ret_segment = segment;
    return err;
}

/* What a batch will make of the journal once it is on disk. */
typedef struct batch {
    uint64_t head;
    uint64_t epoch;
    uint8_t hash[HASH_SIZE];
} batch_t;

static err_t s_seal_one(segment_t *segment, slice_t *rest, uint8_t *at, batch_t *batch)
{
    record_t record;
    if (record_read(rest, &record) != ERR_OK || record.seq != batch->head + 1)
        return ERR_MALFORMED;
    if (record.bytes.len > LIMIT_RECORD)
        return ERR_TOO_LARGE;
    if (record.epoch < batch->epoch)
        return ERR_NOT_DONE;
    record_seal(at, record.bytes.len, batch->hash);
    segment_put(segment, record.seq, record.bytes);
    crypto_blake256(record.bytes, batch->hash);
    batch->head = record.seq;
    batch->epoch = record.epoch;
    return ERR_OK;
}

/* Seal all records and put them into the segment's batch, or none. */
static err_t s_seal(segment_t *segment, uint8_t *records, size_t len, batch_t *batch)
{
    slice_t rest = slice_new(records, len);
    err_t err = ERR_OK;
    while (err == ERR_OK && rest.len > 0)
        err = s_seal_one(segment, &rest, records + (len - rest.len), batch);
    if (err != ERR_OK)
        segment_abandon(segment);
    return err;
}

static err_t s_stop(journal_t *journal)
{
    journal->sound = false;
    return ERR_STORAGE;
}

err_t journal_append(journal_t *journal, uint8_t *records, size_t len, uint64_t expected_head)
{
    if (!journal->sound)
        return ERR_STORAGE;
    if (expected_head != journal->head)
        return ERR_NOT_DONE;
    segment_t *segment = NULL;
    if (s_growing(journal, &segment) != ERR_OK)
        return s_stop(journal);

    batch_t batch = {.head = journal->head, .epoch = journal->epoch};
    memcpy(batch.hash, journal->hash, HASH_SIZE);
    err_t err = s_seal(segment, records, len, &batch);
    if (err != ERR_OK)
        return err;
    if (segment_commit(segment, !journal->options.unsynced) != ERR_OK)
        return s_stop(journal);
    journal->head = batch.head;
    journal->epoch = batch.epoch;
    memcpy(journal->hash, batch.hash, HASH_SIZE);
    return ERR_OK;
}

/* ---- reading ---- */

/* Read on in one segment. */
static err_t s_read_on(journal_t *journal, uint64_t from, size_t budget, buf_t *out,
row_t *journal_row(const journal_t *journal)
{
    return journal->sound ? journal->row : NULL;
}

const char *journal_path(const journal_t *journal)
{
    return journal->path;
}

                       uint64_t *ret_next)
{
    row_t *row = journal->row;
    size_t place = row_place(row, from);
    bool last = place == row_count(row) - 1;
    segment_t *segment = NULL;
    err_t err = row_use(row, place, &segment);
    if (err != ERR_OK)
        return err;
    uint64_t until = last ? journal->head + 1 : row_first(row, place + 1);
    return segment_read(segment, from, until, budget, out, ret_next);
}

err_t journal_read(journal_t *journal, uint64_t from, size_t budget, buf_t *out, uint64_t *ret_next)
{
    if (!journal->sound)
        return ERR_STORAGE;
    if (from > journal->head + 1)
        return ERR_NOT_FOUND;
    if (from < journal_first(journal))
        return ERR_TOO_OLD;

    size_t before = out->len;
    uint64_t next = from;
    err_t err = ERR_OK;
    while (err == ERR_OK && next <= journal->head && out->len - before < budget)
        err = s_read_on(journal, next, budget - (out->len - before), out, &next);
    if (err != ERR_OK && next == from)
        return err;
    *ret_next = next;
    return ERR_OK;
}

/* ---- looking at the whole ---- */

static err_t s_time_at(journal_t *journal, uint64_t seq, int64_t *ret_time)
{
    record_t record;
    uint64_t next;
    journal->scratch.len = 0;
    err_t err = journal_read(journal, seq, 1, &journal->scratch, &next);
    if (err != ERR_OK)
        return err;
    slice_t bytes = buf_slice(&journal->scratch);
    err = record_read(&bytes, &record);
    if (err == ERR_OK)
        *ret_time = record.time;
    return err;
}

err_t journal_stats(journal_t *journal, journal_stats_t *ret_stats)
{
    if (!journal->sound)
        return ERR_STORAGE;
    journal_stats_t stats = {
        .segments = row_count(journal->row),
        .records = journal->head + 1 - journal_first(journal),
        .bytes = row_disk_bytes(journal->row),
        .first = journal_first(journal),
        .last = journal->head,
        .epoch = journal->epoch,
    };
    err_t err = ERR_OK;
    if (stats.records > 0)
        err = s_time_at(journal, stats.first, &stats.first_time);
    if (err == ERR_OK && stats.records > 0)
        err = s_time_at(journal, stats.last, &stats.last_time);
    if (err == ERR_OK)
        *ret_stats = stats;
    return err;
}
