/* import.c - kith import: a new journal out of the lines of kith export.
 *
 *   line ── line_read ──> record, sealed behind the one before ── journal_append ──> journal
 *
 * Sequences begin at 1 and have no gap, so what was left out of an export is noticed at the
 * first line behind it.  When a line is refused nothing is left of the journal (nest.h). */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors/clock.h"
#include "broker/anchor.h"
#include "tools/kith/command.h"
#include "tools/kith/line.h"
#include "tools/kith/nest.h"
#include "tools/kith/place.h"
#include "tools/kith/tree.h"

enum {
    PIECE = 1024 * 1024,
    BATCH_BYTES = 4 * 1024 * 1024, /* records that are synced together */
};

typedef struct import {
    const options_t *options;
    const char *name; /* of the input */
    int in;
    buf_t text;      /* that was read */
    size_t at;       /* the first byte of it that no line has taken */
    uint64_t number; /* of the line at hand */
    line_t *line;
    char made[PATH_MAX]; /* the data folder that is being made */
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

/* The next line, without its end; false behind the last one, which may have none, and at a
 * fault. */
static bool s_next(import_t *import, slice_t *ret_line, bool *ret_good)
{
    bool ended = false;
    import->number++;
    *ret_good = true;
    for (size_t seen = 0;;) {
        slice_t rest = slice_new(import->text.data + import->at, import->text.len - import->at);
        const uint8_t *end =
            rest.len > seen ? memchr(rest.ptr + seen, '\n', rest.len - seen) : NULL;
        seen = rest.len;
        if (end == NULL && !ended && rest.len <= LINE_MAX) {
            ended = !s_fill(import, ret_good); /* which moves what is left */
            continue;
        }
        *ret_line = slice_new(rest.ptr, end != NULL ? (size_t)(end - rest.ptr) : rest.len);
        import->at += ret_line->len + (end != NULL);
        if (ret_line->len > LINE_MAX)
            *ret_good = s_refuse(import, NULL, "is longer than any record's");
        return *ret_good && (end != NULL || rest.len > 0);
    }
}

/* ---- records ---- */

/* Its parts are made, and nothing of them is anywhere else. */
static bool s_open(import_t *import)
{
    char path[PATH_MAX];
    const journal_options_t options = {.closed = import->place.hashed};
    place_join(path, import->made, "journal");
    err_t err = journal_open(path, &options, &import->journal);
    if (err != ERR_OK)
        place_complain(path, err);
    return err == ERR_OK;
}

static bool s_write(import_t *import)
{
    if (import->batch.len == 0)
        return true;
    if (import->journal == NULL && !s_open(import))
        return false;
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
    if (import->place.sealed && import->options->keyring == NULL)
        return s_refuse(import, NULL,
                        "it is sealed: name the keyring beside its journal with --keyring, or take "
                        "`hash` and `record` out of all lines");
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

static bool s_take_keyring(const import_t *import)
{
    char path[PATH_MAX];
    tree_copied_t copied;
    const char *keyring = import->options->keyring;
    int fd = open(keyring, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return tree_complain(keyring);
    bool good =
        tree_join(path, import->made, "keyring") && tree_copy(fd, UINT64_MAX, path, &copied);
    close(fd);
    return good;
}

static bool s_begin(import_t *import)
{
    return nest_begin(import->options->data, import->made) &&
           (import->options->keyring == NULL || s_take_keyring(import));
}

/* From here on a server may start on it, in an epoch of its own. */
static bool s_finish(import_t *import)
{
    err_t err = journal_raise_epoch(import->journal, journal_epoch(import->journal) + 1);
    if (err == ERR_OK)
        err = anchor_write(import->made, import->journal, clock_us(CLOCK_REALTIME), true);
    memcpy(import->place.previous, journal_hash(import->journal), HASH_SIZE);
    journal_close(&import->journal);
    if (err != ERR_OK)
        place_complain(import->made, err);
    return err == ERR_OK && nest_finish(import->options->data);
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
    if (!s_begin(import) || !s_take_all(import) || !s_finish(import)) {
        journal_close(&import->journal);
        if (import->made[0] != '\0')
            nest_abandon(import->options->data);
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
        .line = line_new(NULL),
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
