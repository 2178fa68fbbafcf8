/* journal.c - numbers, chain and epoch over a row of segments.
 *
 * 1. A segment holds every sequence from its own first to the next one's, or to
 *    the head; a record that is missing in between is damage.
 * 2. A failed write leaves `sound` false, and then nothing is written before a reopen:
 *    LevelDB may hold the records, or lose what it accepts next.  What was acknowledged
 *    can be read meanwhile, as long as nothing has been closed.
 * 3. The epoch in use is on disk, in the file "epoch" or in the last record.
 * 4. The key of an account that was redacted is destroyed before anything behind the
 *    record of that is read or written.  A crash may come between the two: whatever
 *    was appended since the vault was last checked is looked through at the start.
 *
 * A start opens the last segment only, so its time does not grow with the journal. */
#include "broker/journal.h"

#include <assert.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "actors/level.h"
#include "actors/log.h"
#include "broker/epoch.h"
#include "broker/folder.h"
#include "broker/journal_parts.h"
#include "broker/row.h"
#include "schema/limits.h"
#include "schema/type.h"

enum {
    SEGMENT_BYTES = 256 * 1024 * 1024,
    LOOK_BYTES = 1024 * 1024,
    EPOCH_LEAP = 1024 * 1024,  /* more than there are starts between two records */
    CHECKED_EVERY = 64 * 1024, /* records: fewer are looked through at a start */
};

_Static_assert((int)HASH_SIZE == (int)CRYPTO_BLAKE256_SIZE, "the chain is BLAKE2b-256");

struct journal {
    char *path;
    char *data; /* the folder that it is in */
    journal_options_t options;
    bool sound;     /* false from a failed write to the reopen: nothing is written */
    row_t *row;     /* NULL after a failed reopen */
    vault_t *vault; /* NULL while records are read as they lie there */
    uint64_t head;
    uint64_t epoch;
    bool epoch_lost;         /* its file does not tell */
    uint8_t hash[HASH_SIZE]; /* of the last record; zero when there is none */
    buf_t scratch;
    buf_t closed; /* the record that is being sealed */
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
    journal->epoch_lost = err == ERR_CORRUPT || err == ERR_NOT_FOUND;
    return journal->epoch_lost ? ERR_OK : err;
}

/* Epochs may have been raised since the last record, and none may be used again: so the next
 * is one that cannot have been. */
static void s_leap(journal_t *journal)
{
    if (!journal->epoch_lost || journal->epoch == 0)
        return;
    journal->epoch += EPOCH_LEAP;
    if (!journal->options.existing)
        log_warn("journal", "%s/epoch: missing or damaged; it is made anew, with %" PRIu64,
                 journal->path, journal->epoch);
}

/* An empty row: a new journal, unless there are signs of an old one. */
static err_t s_begin(journal_t *journal)
{
    if (journal->epoch > 0)
        return s_damaged(journal, 1, "and all others are missing; the file epoch is there");
    return journal->options.existing ? ERR_NOT_FOUND : row_extend(journal->row, 1);
}

/* ---- keys ---- */

/* Destroy the key of whoever is redacted by this record. */
static err_t s_heed(vault_t *vault, const record_t *record)
{
    if (record->type != EVENT_account_redacted || record->account == 0 ||
        record->account > UINT32_MAX)
        return ERR_OK;
    return vault_destroy(vault, (uint32_t)record->account);
}

static err_t s_heed_all(vault_t *vault, slice_t records)
{
    record_t record;
    err_t err = ERR_OK;
    while (err == ERR_OK && records.len > 0) {
        err = record_read(&records, &record);
        if (err == ERR_OK)
            err = s_heed(vault, &record);
    }
    return err;
}

/* Without a vault nothing may be sealed: its key would be missing. */
static err_t s_check_unsealed(journal_t *journal, slice_t records)
{
    record_t record;
    while (records.len > 0) {
        if (record_read(&records, &record) != ERR_OK)
            return ERR_CORRUPT;
        if (record.key_id != 0)
            return s_damaged(journal, record.seq, "is sealed, and the keyring is missing");
    }
    return ERR_OK;
}

/* Look at all records from `from` on, as they lie there: for keys to destroy, or, without a
 * vault, whether any is needed. */
static err_t s_look_through(journal_t *journal, vault_t *vault, uint64_t from)
{
    buf_t *page = &journal->scratch;
    err_t err = ERR_OK;
    while (err == ERR_OK && from <= journal->head) {
        page->len = 0;
        err = journal_read(journal, from, LOOK_BYTES, page, &from);
        if (err == ERR_OK)
            err = vault != NULL ? s_heed_all(vault, buf_slice(page))
                                : s_check_unsealed(journal, buf_slice(page));
    }
    return err;
}

/* A journal without keys is new, or from before there were any. */
static err_t s_make_vault(journal_t *journal, vault_t **ret_vault)
{
    err_t err = s_look_through(journal, NULL, journal_first(journal));
    if (err == ERR_OK)
        err = vault_make(journal->data);
    return err == ERR_OK ? vault_open(journal->data, true, ret_vault) : err;
}

static err_t s_load_vault(journal_t *journal)
{
    bool writing = !journal->options.existing;
    vault_t *vault = NULL;
    err_t err = vault_open(journal->data, writing, &vault);
    if (err == ERR_NOT_FOUND)
        err = s_make_vault(journal, &vault);
    if (err == ERR_OK && writing) {
        uint64_t first = journal_first(journal), next = vault_checked(vault) + 1;
        err = s_look_through(journal, vault, next > first ? next : first);
    }
    if (err == ERR_OK && writing)
        err = vault_set_checked(vault, journal->head);
    if (err == ERR_OK)
        journal->vault = TAKE(vault);
    vault_close(&vault);
    return err;
}

/* From what is on disk to a journal that is sound, or to one with nothing open. */
static err_t s_load(journal_t *journal)
{
    row_close(&journal->row);
    vault_close(&journal->vault);
    journal->sound = false;
    err_t err = row_open(journal->path, &journal->fault, &journal->row);
    if (err == ERR_OK)
        err = s_read_epoch(journal);
    if (err == ERR_OK && row_count(journal->row) == 0)
        err = s_begin(journal);
    if (err == ERR_OK)
        err = s_read_head(journal);
    if (err == ERR_OK)
        s_leap(journal);
    journal->sound = err == ERR_OK;
    if (err == ERR_OK)
        err = s_load_vault(journal);
    if (err == ERR_OK)
        return ERR_OK;
    journal->sound = false;
    row_close(&journal->row);
    vault_close(&journal->vault);
    return err;
}

static char *s_parent(const char *path)
{
    char *copy = mem_text(path);
    char *parent = mem_text(dirname(copy));
    mem_free(copy);
    return parent;
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
    journal->data = s_parent(path);
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
    if (journal->sound && !journal->options.existing &&
        vault_set_checked(journal->vault, journal->head) != ERR_OK)
        log_warn("journal", "%s: the next start looks for keys to destroy", journal->path);
    row_close(&journal->row);
    vault_close(&journal->vault);
    buf_free(&journal->scratch);
    buf_free(&journal->closed);
    mem_free(journal->path);
    mem_free(journal->data);
    mem_free(journal);
    *journal_p = NULL;
}

static bool s_has_room(const journal_t *journal)
{
    return journal->row != NULL ? row_can_reopen(journal->row) : level_has_room(journal->path);
}

err_t journal_reopen(journal_t *journal)
{
    uint64_t head = journal->head, epoch = journal->epoch;
    if (!s_has_room(journal))
        return ERR_STORAGE;
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

bool journal_readable(const journal_t *journal)
{
    return journal->row != NULL;
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

row_t *journal_row(const journal_t *journal)
{
    return journal->sound ? journal->row : NULL;
}

const char *journal_path(const journal_t *journal)
{
    return journal->path;
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
    bool redacts; /* somebody */
} batch_t;

/* Put it as it is to lie there, which may be as it is. */
static err_t s_put(journal_t *journal, segment_t *segment, const record_t *record, batch_t *batch)
{
    buf_t *closed = &journal->closed;
    closed->len = 0;
    err_t err = journal->options.closed ? ERR_OK : seal_close(journal->vault, record, closed);
    if (err != ERR_OK)
        return err;
    slice_t bytes = closed->len > 0 ? buf_slice(closed) : record->bytes;
    if (bytes.len > LIMIT_RECORD)
        return ERR_TOO_LARGE;
    segment_put(segment, record->seq, bytes);
    crypto_blake256(bytes, batch->hash);
    return ERR_OK;
}

static err_t s_seal_one(journal_t *journal, segment_t *segment, slice_t *rest, uint8_t *at,
                        batch_t *batch)
{
    record_t record;
    if (record_read(rest, &record) != ERR_OK || record.seq != batch->head + 1)
        return ERR_MALFORMED;
    if (record.epoch < batch->epoch)
        return ERR_NOT_DONE;
    record_seal(at, record.bytes.len, batch->hash);
    memcpy(record.previous, batch->hash, HASH_SIZE);
    err_t err = s_put(journal, segment, &record, batch);
    batch->head = record.seq;
    batch->epoch = record.epoch;
    batch->redacts = batch->redacts || record.type == EVENT_account_redacted;
    return err;
}

/* Seal all records and put them into the segment's batch, or none. */
static err_t s_seal(journal_t *journal, segment_t *segment, uint8_t *records, size_t len,
                    batch_t *batch)
{
    slice_t rest = slice_new(records, len);
    err_t err = ERR_OK;
    while (err == ERR_OK && rest.len > 0)
        err = s_seal_one(journal, segment, &rest, records + (len - rest.len), batch);
    if (err != ERR_OK)
        segment_abandon(segment);
    return err;
}

static err_t s_stop(journal_t *journal)
{
    journal->sound = false;
    return ERR_STORAGE;
}

/* Now and then, and unsynced: what is not noted is looked through again. */
static err_t s_note_checked(journal_t *journal)
{
    if (journal->head < vault_checked(journal->vault) + CHECKED_EVERY)
        return ERR_OK;
    return vault_set_checked(journal->vault, journal->head) == ERR_OK ? ERR_OK : s_stop(journal);
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
    err_t err = s_seal(journal, segment, records, len, &batch);
    if (err == ERR_STORAGE) /* no room for a new key */
        return s_stop(journal);
    if (err != ERR_OK)
        return err;
    if (segment_commit(segment, !journal->options.unsynced) != ERR_OK)
        return s_stop(journal);
    if (batch.redacts && s_heed_all(journal->vault, slice_new(records, len)) != ERR_OK)
        return s_stop(journal);
    journal->head = batch.head;
    journal->epoch = batch.epoch;
    memcpy(journal->hash, batch.hash, HASH_SIZE);
    return s_note_checked(journal);
}

/* ---- reading ---- */

/* Read on in one segment. */
static err_t s_read_on(journal_t *journal, uint64_t from, size_t budget, buf_t *out,
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
    return segment_read(segment, journal->vault, from, until, budget, out, ret_next);
}

err_t journal_read(journal_t *journal, uint64_t from, size_t budget, buf_t *out, uint64_t *ret_next)
{
    if (!journal_readable(journal))
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
