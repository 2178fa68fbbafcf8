/* import.c - kith import: a new journal out of the lines of kith export.
 *
 *   line ── line_read ──> record, sealed behind the one before ── journal_append ──> journal.new
 *                                                        all lines taken: ──────────> journal
 *
 * Sequences begin at 1 and have no gap, so what was left out of an export is noticed at the
 * first line behind it.  The journal is made under another name, and nothing of it is left
 * when a line is refused: a folder with a journal in it has the whole of it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors/clock.h"
#include "broker/anchor.h"
#include "broker/folder.h"
#include "tools/kith/command.h"
#include "tools/kith/line.h"
#include "tools/kith/place.h"
#include "tools/kith/tree.h"

enum {
    PIECE = 1024 * 1024,
    BATCH_BYTES = 4 * 1024 * 1024, /* records that are synced together */
};

static const char s_unfinished[] = "journal.new";

typedef struct import {
    const options_t *options;
    const char *name; /* of the input */
    int in;
    buf_t text;      /* that was read */
    size_t at;       /* the first byte of it that no line has taken */
    uint64_t number; /* of the line at hand */
    line_t *line;
    journal_t *journal;
    buf_t batch;        /* records for the journal */
    line_place_t place; /* of the next record */
} import_t;

static bool s_refuse(const import_t *import, const char *field, const char *problem)
{
    fprintf(stderr, "kith: %s, line %" PRIu64 ": %s%s%s%s\n", import->name, import->number,
            field != NULL ? "`" : "", field != NULL ? field : "", field != NULL ? "` " : "",
            problem);
    return false;
}

/* ---- lines ---- */

/* Read on; false at the end, and at a fault, which sets *ret_good to false. */
static bool s_fill(import_t *import, bool *ret_good)
{
    size_t left = import->text.len - import->at;
    if (left > 0)
        memmove(import->text.data, import->text.data + import->at, left);
    import->text.len = left;
    import->at = 0;
    ssize_t got;
    do
        got = read(import->in, buf_reserve(&import->text, PIECE), PIECE);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        import->text.len += (size_t)got;
    *ret_good = got >= 0 || tree_complain(import->name);
    return got > 0;
}

/* The next line, without its end; false behind the last one, and at a fault. */
static bool s_next(import_t *import, slice_t *ret_line, bool *ret_good)
{
    import->number++;
    *ret_good = true;
    for (size_t seen = 0;;) {
        slice_t rest = slice_new(import->text.data + import->at, import->text.len - import->at);
        const uint8_t *end =
            rest.len > seen ? memchr(rest.ptr + seen, '\n', rest.len - seen) : NULL;
        seen = rest.len;
        if (end == NULL && rest.len <= LINE_MAX && s_fill(import, ret_good))
            continue;
        bool whole = end != NULL || (*ret_good && rest.len > 0); /* the last may have no end */
        *ret_line = slice_new(rest.ptr, end != NULL ? (size_t)(end - rest.ptr) : rest.len);
        import->at += whole ? ret_line->len + (end != NULL) : 0;
        if (ret_line->len > LINE_MAX)
            *ret_good = s_refuse(import, NULL, "is longer than any record's");
        return whole && *ret_good;
    }
}

/* ---- records ---- */

static bool s_write(import_t *import)
{
    if (import->batch.len == 0)
        return true;
    err_t err = journal_append(import->journal, import->batch.data, import->batch.len,
                               journal_head(import->journal));
    import->batch.len = 0;
    if (err != ERR_OK)
        place_complain(import->options->data, err);
    return err == ERR_OK;
}

static bool s_take(import_t *import, slice_t text)
{
    fault_t fault;
    if (line_read(import->line, text, &import->place, &import->batch, &fault) != ERR_OK)
        return s_refuse(import, fault.field, fault.problem);
    return import->batch.len < BATCH_BYTES || s_write(import);
}

static bool s_take_all(import_t *import)
{
    slice_t text;
    bool good = true;
    while (good && s_next(import, &text, &good))
        good = s_take(import, text);
    if (good && import->place.seq == 1) {
        fprintf(stderr, "kith: %s: there is no record in it\n", import->name);
        return false;
    }
    return good && s_write(import);
}

/* ---- the journal ---- */

static bool s_begin(import_t *import)
{
    char path[PATH_MAX];
    const char *data = import->options->data;
    if (!tree_is_empty(data, s_unfinished)) {
        fprintf(stderr, "kith: %s is not empty: a journal is made in a folder of its own\n", data);
        return false;
    }
    place_join(path, data, s_unfinished);
    if (!tree_make(data) || (access(path, F_OK) == 0 && !tree_remove(path)))
        return false;
    err_t err = journal_open(path, &(journal_options_t){0}, &import->journal);
    if (err != ERR_OK)
        place_complain(path, err);
    return err == ERR_OK;
}

/* From here on a server may start on it, in an epoch of its own. */
static bool s_finish(import_t *import)
{
    const char *data = import->options->data;
    err_t err = journal_raise_epoch(import->journal, journal_epoch(import->journal) + 1);
    if (err == ERR_OK)
        err = anchor_write(data, import->journal, clock_us(CLOCK_REALTIME), true);
    journal_close(&import->journal);
    if (err == ERR_OK)
        err = folder_rename(data, s_unfinished, "journal");
    if (err != ERR_OK)
        place_complain(data, err);
    return err == ERR_OK;
}

static void s_abandon(import_t *import)
{
    char path[PATH_MAX];
    journal_close(&import->journal);
    place_join(path, import->options->data, s_unfinished);
    if (!tree_remove(path))
        fprintf(stderr, "kith: %s is left behind\n", path);
}

static void s_print(const import_t *import, int64_t took_us)
{
    buf_t hex = {0};
    uint64_t seq = import->place.seq - 1, speed = seq * 1000000 / (uint64_t)(took_us + 1);
    crypto_hex(&hex, slice_new(import->place.previous, HASH_SIZE));
    if (import->options->json)
        printf("{\"seq\":%" PRIu64 ",\"hash\":\"%.*s\",\"epoch\":%" PRIu64
               ",\"microseconds\":%" PRId64 ",\"records_a_second\":%" PRIu64 "}\n",
               seq, SLICE_ARG(buf_slice(&hex)), import->place.epoch, took_us, speed);
    else
        printf("%" PRIu64 " records in %.2f s, %" PRIu64 " a second\nhash of the head  %.*s\n", seq,
               (double)took_us / 1e6, speed, SLICE_ARG(buf_slice(&hex)));
    buf_free(&hex);
}

static bool s_import(import_t *import)
{
    int64_t start = clock_us(CLOCK_MONOTONIC);
    if (!s_begin(import))
        return false;
    if (!s_take_all(import) || !s_finish(import)) {
        s_abandon(import);
        return false;
    }
    s_print(import, clock_us(CLOCK_MONOTONIC) - start);
    return true;
}

outcome_t import_run(const options_t *options)
{
    bool named = options->operand_count > 0 && strcmp(options->operands[0], "-") != 0;
    import_t import = {
        .options = options,
        .name = named ? options->operands[0] : "standard input",
        .in = named ? open(options->operands[0], O_RDONLY | O_CLOEXEC) : STDIN_FILENO,
        .line = line_new(),
        .place = {.seq = 1},
    };
    bool good = import.in >= 0 ? s_import(&import) : tree_complain(import.name);
    if (named && import.in >= 0)
        close(import.in);
    line_destroy(&import.line);
    buf_free(&import.text);
    buf_free(&import.batch);
    return good ? OUTCOME_GOOD : OUTCOME_BAD;
}
