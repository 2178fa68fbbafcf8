/* audit.c - rows of segments become records, one expected after the other.
 *
 * `next` is the sequence that must come, `hash` that of the record before it.  What is wrong
 * with one record is told once: behind it the chain is taken up anew, so that a single
 * change is a single finding.  A record that was changed together with its CRC shows in the
 * next one, which holds the hash of what it was; the last one shows in a mark. */
#include "broker/audit.h"

#include <assert.h>
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/crypto.h"
#include "actors/level_files.h"
#include "broker/epoch.h"
#include "broker/row.h"
#include "broker/tree.h"
#include "schema/pack.h"

enum { KEY_SIZE = 8, NAME_SIZE = 128 };

typedef struct audit {
    const audit_options_t *options;
    const audit_eyes_t *eyes;
    audit_report_t *report;
    audit_mark_t *marks; /* by ascending sequence */
    size_t mark;         /* the first that is not behind */
    uint64_t segment;    /* that is being read: its name */
    uint64_t until;      /* sequences from here on belong to a later one */
    uint64_t next;
    uint8_t hash[HASH_SIZE];
    bool chained; /* `hash` is that of record next - 1 */
    bool stopped;
    tree_t tree;
} audit_t;

/* ---- telling ---- */

static void s_tell(audit_t *audit, bool damage, uint64_t first, uint64_t last, const char *file,
                   size_t at, const char *words)
{
    *(damage ? &audit->report->damages : &audit->report->notes) += 1;
    audit->eyes->flaw(audit->eyes->ctx, &(audit_flaw_t){damage, first, last, file, at, words});
}

/* A file of the segment that is being read, as a path in the journal's folder. */
static void s_path(const audit_t *audit, const char *file, char ret_path[NAME_SIZE])
{
    snprintf(ret_path, NAME_SIZE, "%020" PRIu64 "/%.80s", audit->segment, file);
}

static void s_tell_record(audit_t *audit, uint64_t seq, const char *file, const char *words)
{
    char path[NAME_SIZE];
    s_path(audit, file, path);
    s_tell(audit, true, seq, seq, path, 0, words);
}

static void s_tell_missing(audit_t *audit, uint64_t until, const char *file)
{
    char path[NAME_SIZE];
    s_path(audit, file, path);
    s_tell(audit, true, audit->next, until - 1, path, 0, "missing");
    audit->next = until;
    audit->chained = false;
}

/* ---- records ---- */

/* Whether what lies under the key is that record, whole. */
static const char *s_fault(uint64_t seq, slice_t value, record_t *ret_record)
{
    slice_t rest = value;
    if (!record_intact(value))
        return "its CRC does not hold";
    if (record_read(&rest, ret_record) != ERR_OK || rest.len > 0)
        return "not laid out as a record";
    return ret_record->seq == seq ? NULL : "says that it is another";
}

static void s_check_chain(audit_t *audit, const record_t *record, const char *file)
{
    static const uint8_t none[HASH_SIZE];
    if (record->seq == 1 && memcmp(record->previous, none, HASH_SIZE) != 0)
        s_tell_record(audit, 1, file, "follows another, though it is the first");
    else if (audit->chained && memcmp(record->previous, audit->hash, HASH_SIZE) != 0)
        s_tell_record(audit, record->seq - 1, file, "not the one whose hash the next one holds");
    if (record->epoch < audit->report->epoch)
        s_tell_record(audit, record->seq, file, "lower epoch than the one before it");
}

/* Marks up to this record: it must be the one that they know. */
static void s_check_marks(audit_t *audit, uint64_t seq)
{
    for (; audit->mark < audit->options->mark_count && audit->marks[audit->mark].seq <= seq;
         audit->mark++) {
        const audit_mark_t *mark = &audit->marks[audit->mark];
        if (mark->seq == seq && mark->hash != NULL &&
            memcmp(mark->hash, audit->hash, HASH_SIZE) != 0)
            s_tell(audit, true, seq, seq, mark->file, 0, "not the one that was noted here");
    }
}

static void s_take(audit_t *audit, const record_t *record, const char *file)
{
    audit_report_t *report = audit->report;
    s_check_chain(audit, record, file);
    crypto_blake256(record->bytes, audit->hash);
    tree_add(&audit->tree, audit->hash);
    s_check_marks(audit, record->seq);
    audit->chained = true;
    report->records++;
    report->bytes += record->bytes.len;
    report->head = record->seq;
    report->time = record->time;
    if (record->epoch > report->epoch)
        report->epoch = record->epoch;
    memcpy(report->hash, audit->hash, HASH_SIZE);
    if (audit->eyes->record != NULL)
        audit->stopped = !audit->eyes->record(audit->eyes->ctx, record, audit->hash);
}

/* What lies under the key of the sequence that is next. */
static void s_take_next(audit_t *audit, slice_t value, const char *file)
{
    record_t record;
    uint64_t seq = audit->next++;
    const char *fault = s_fault(seq, value, &record);
    if (seq >= audit->until)
        s_tell_record(audit, seq, file, "in an earlier segment than its own");
    if (fault == NULL) {
        s_take(audit, &record, file);
        return;
    }
    s_tell_record(audit, seq, file, fault);
    audit->chained = false;
    audit->report->head = seq;
}

static bool s_row(void *ctx, const char *file, slice_t key, slice_t value)
{
    audit_t *audit = ctx;
    uint64_t seq = key.len == KEY_SIZE ? wide_get64(key.ptr) : 0;
    if (seq == 0)
        s_tell_record(audit, 0, file, "a key is no sequence");
    else if (value.ptr == NULL)
        s_tell_record(audit, seq, file, "deleted");
    else if (seq < audit->next)
        s_tell_record(audit, seq, file, "there a second time, or out of order");
    else {
        if (seq > audit->next)
            s_tell_missing(audit, seq, file);
        s_take_next(audit, value, file);
    }
    return !audit->stopped;
}

/* ---- files ---- */

/* A torn end is what a crash leaves, if there was one. */
static void s_flaw(void *ctx, level_flaw_t flaw, const char *file, size_t at, const char *words)
{
    audit_t *audit = ctx;
    char path[NAME_SIZE];
    bool crash = audit->options->live || !audit->options->clean;
    bool damage = flaw == LEVEL_FLAW_DAMAGE || flaw == LEVEL_FLAW_MISSING ||
                  (flaw == LEVEL_FLAW_TORN && (!crash || audit->until != UINT64_MAX));
    bool harmless = audit->options->live && (flaw == LEVEL_FLAW_TORN || flaw == LEVEL_FLAW_STRAY);
    if (harmless && !damage)
        return;
    s_path(audit, file, path);
    s_tell(audit, damage, 0, 0, path, at, words);
}

/* The first record is the one behind what was cut, and holds the hash of that; or of what lies
 * in a segment that is passed over. */
static void s_begin(audit_t *audit, uint64_t passed, uint64_t first)
{
    const audit_mark_t *cut = audit->options->cut;
    uint64_t gone = cut != NULL && cut->seq > passed ? cut->seq : passed;
    audit->next = first <= gone ? first : gone + 1;
    if (cut != NULL && cut->hash != NULL && first == cut->seq + 1) {
        memcpy(audit->hash, cut->hash, HASH_SIZE);
        audit->chained = true;
    }
}

static err_t s_read_segment(audit_t *audit, const char *path, const row_t *row, size_t place)
{
    const level_eyes_t eyes = {audit, s_row, s_flaw};
    char folder[PATH_MAX];
    uint64_t first = row_first(row, place);
    audit->segment = first;
    audit->until = place + 1 < row_count(row) ? row_first(row, place + 1) : UINT64_MAX;
    if (audit->next == 0)
        s_begin(audit, place > 0 ? first - 1 : 0, first);
    if (first > audit->next)
        s_tell_missing(audit, first, "");
    else if (first < audit->next)
        s_tell_record(audit, first, "", "in an earlier segment than its own");
    snprintf(folder, sizeof folder, "%s/%020" PRIu64, path, first);
    return level_files_read(folder, &eyes);
}

/* What has no business in the journal's folder. */
static void s_tell_strays(audit_t *audit, const char *path)
{
    const char *const known[] = {".", "..", "epoch", "epoch.new", "new", row_cut_name};
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        bool fits = segment_named(entry->d_name) > 0;
        for (size_t i = 0; i < COUNT_OF(known); i++)
            fits = fits || strcmp(entry->d_name, known[i]) == 0;
        if (!fits)
            s_tell(audit, false, 0, 0, entry->d_name, 0, "nothing names this file");
    }
    closedir(folder);
}

static void s_check_epoch(audit_t *audit, const char *path)
{
    uint64_t epoch = 0;
    err_t err = epoch_read(path, &epoch);
    if (err == ERR_CORRUPT)
        s_tell(audit, true, 0, 0, "epoch", 0, "the file is damaged");
    else if (err == ERR_NOT_FOUND && audit->options->clean && audit->report->epoch > 0)
        s_tell(audit, true, 0, 0, "epoch", 0, "the file is missing");
    if (epoch > audit->report->epoch)
        audit->report->epoch = epoch;
}

/* ---- the whole ---- */

/* Marks that lie behind the head: what is between the two is gone. */
static void s_check_end(audit_t *audit)
{
    uint64_t head = audit->next > 0 ? audit->next - 1 : 0;
    for (; !audit->stopped && audit->mark < audit->options->mark_count; audit->mark++) {
        const audit_mark_t *mark = &audit->marks[audit->mark];
        if (mark->seq > head)
            s_tell(audit, true, head + 1, mark->seq, mark->file, 0,
                   "missing at the end: it was noted here");
    }
}

static int s_compare(const void *a, const void *b)
{
    const audit_mark_t *left = a, *right = b;
    return (left->seq > right->seq) - (left->seq < right->seq);
}

static void s_sort_marks(audit_t *audit)
{
    size_t count = audit->options->mark_count;
    audit->marks = mem_zeroed((count + 1) * sizeof *audit->marks);
    for (size_t i = 0; i < count; i++)
        audit->marks[i] = audit->options->marks[i];
    if (count > 1)
        qsort(audit->marks, count, sizeof *audit->marks, s_compare);
}

/* Where the reading begins. */
static size_t s_place(const audit_t *audit, const row_t *row)
{
    uint64_t from = audit->options->from;
    return row_count(row) > 0 && from > row_first(row, 0) ? row_place(row, from) : 0;
}

static err_t s_read_segments(audit_t *audit, const char *path)
{
    fault_t fault;
    row_t *row = NULL;
    err_t err = row_open(path, &fault, &row);
    if (err != ERR_OK)
        return err;
    size_t place = s_place(audit, row);
    audit->report->segments = row_count(row) - place;
    audit->report->first = row_count(row) > 0 ? row_first(row, place) : 0;
    if (audit->options->wanted >= audit->report->first && audit->report->first > 0)
        audit->tree.wanted = audit->options->wanted - audit->report->first + 1;
    for (; err == ERR_OK && place < row_count(row) && !audit->stopped; place++)
        err = s_read_segment(audit, path, row, place);
    row_close(&row);
    return err;
}

err_t audit_run(const char *path, const audit_options_t *options, const audit_eyes_t *eyes,
                audit_report_t *ret_report, tree_path_t *ret_path)
{
    audit_t *audit = mem_new(audit_t);
    *ret_report = (audit_report_t){0};
    audit->options = options;
    audit->eyes = eyes;
    audit->report = ret_report;
    s_sort_marks(audit);
    err_t err = s_read_segments(audit, path);
    if (err == ERR_OK && !audit->stopped) {
        s_tell_strays(audit, path);
        s_check_epoch(audit, path);
        s_check_end(audit);
    }
    tree_root(&audit->tree, ret_report->root);
    if (ret_path != NULL)
        *ret_path = audit->tree.path;
    mem_free(audit->marks);
    mem_free(audit);
    return err;
}
