/* tail.c - kith tail
 *
 *   OPEN ── pages from `next` on ──> CAUGHT UP ── if it follows ──> live ──┐
 *     ^                                                                     │
 *     └──────────────── the server is gone or new: wait, again ─────────────┘
 *
 * `next` is the least sequence not yet seen; it outlives a connection, so what the
 * server wrote while it was out of reach is read from its journal.  Volatile events
 * have no sequence and are seen live or not at all.
 *
 * Without --from the last records are wanted: lines wait in a ring until the end is
 * reached, then leave. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "schema/mem.h"
#include "tools/kith/command.h"
#include "tools/kith/filter.h"
#include "tools/kith/place.h"
#include "tools/kith/show.h"
#include "tools/kith/source.h"

enum { LINES_DEFAULT = 10, RETRY_MS = 500 };

typedef struct tail {
    const options_t *options;
    source_t *source;
    arena_t *arena;
    buf_t page;
    uint64_t next;
    uint64_t left; /* records still wanted; 0: no end */
    bool done;
    buf_t *ring; /* of `size` lines; NULL: print at once */
    size_t size;
    size_t lines; /* that ever went into the ring */
    buf_t line;
} tail_t;

static void s_show(const tail_t *tail, buf_t *out, const record_t *record)
{
    if (tail->options->json)
        show_record_json(out, record, tail->arena);
    else
        show_record(out, record, tail->arena);
}

static void s_print(tail_t *tail, const record_t *record)
{
    tail->line.len = 0;
    s_show(tail, &tail->line, record);
    fwrite(tail->line.data, 1, tail->line.len, stdout);
    if (tail->left > 0 && --tail->left == 0)
        tail->done = true;
}

/* A record in order, wanted or not. */
static void s_take(tail_t *tail, const record_t *record)
{
    if (record->seq != 0 && record->seq < tail->next)
        return; /* seen before */
    if (record->seq != 0)
        tail->next = record->seq + 1;
    if (!filter_fits(tail->options, record))
        return;
    if (tail->ring == NULL) {
        s_print(tail, record);
        return;
    }
    buf_t *line = &tail->ring[tail->lines++ % tail->size];
    line->len = 0;
    s_show(tail, line, record);
}

/* The end is reached: what waited in the ring leaves, and what follows is printed at once. */
static void s_print_ring(tail_t *tail)
{
    if (tail->ring == NULL)
        return;
    size_t first = tail->lines > tail->size ? tail->lines - tail->size : 0;
    for (size_t i = first; i < tail->lines; i++) {
        const buf_t *line = &tail->ring[i % tail->size];
        fwrite(line->data, 1, line->len, stdout);
    }
    for (size_t i = 0; i < tail->size; i++)
        buf_free(&tail->ring[i]);
    mem_free(tail->ring);
    tail->ring = NULL;
}

static err_t s_catch_up(tail_t *tail)
{
    bool complete = false;
    err_t err = ERR_OK;
    while (err == ERR_OK && !complete && !tail->done && !ferror(stdout)) {
        uint64_t next = tail->next;
        record_t record;
        tail->page.len = 0;
        err = source_page(tail->source, tail->next, &tail->page, &next, &complete);
        slice_t in = buf_slice(&tail->page);
        while (!tail->done && in.len > 0 && record_read(&in, &record) == ERR_OK)
            s_take(tail, &record);
        if (err == ERR_OK && next > tail->next)
            tail->next = next;
    }
    if (err == ERR_OK)
        s_print_ring(tail);
    return err;
}

static err_t s_follow(tail_t *tail)
{
    err_t err = ERR_OK;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* whoever reads it wants each line now */
    while (!tail->done && !ferror(stdout) && (err == ERR_OK || err == ERR_NOT_FOUND)) {
        record_t record;
        err = source_live(tail->source, &record);
        if (err == ERR_OK)
            s_take(tail, &record);
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Where to begin, known once the head is. */
static void s_begin(tail_t *tail)
{
    const options_t *options = tail->options;
    uint64_t head = source_head(tail->source);
    if (options->from > 0 || (options->follow && options->count > 0)) {
        tail->next = options->from > 0 ? options->from : head + 1;
        tail->left = options->count;
        return;
    }
    tail->size = options->count > 0 ? options->count : LINES_DEFAULT;
    tail->ring = mem_zeroed(tail->size * sizeof *tail->ring);
    bool near = !filter_any(options) && head > tail->size; /* else they may lie anywhere */
    tail->next = near ? head - tail->size + 1 : 1;
}

/* From one opening of the source to its end. */
static err_t s_session(tail_t *tail)
{
    err_t err = source_open(tail->options, &tail->source);
    if (err == ERR_OK && tail->next == 0)
        s_begin(tail);
    if (err == ERR_OK)
        err = s_catch_up(tail);
    fflush(stdout);
    if (err == ERR_OK && tail->options->follow)
        err = s_follow(tail);
    source_close(&tail->source);
    return err;
}

static err_t s_tail(tail_t *tail)
{
    const struct timespec pause = {.tv_nsec = RETRY_MS * 1000 * 1000};
    for (bool told = false;;) {
        uint64_t before = tail->next;
        err_t err = s_session(tail);
        bool met = tail->next != 0; /* a server that was never there is a fault */
        if (err != ERR_UNAVAILABLE || !tail->options->follow || !met)
            return err;
        if (!told || tail->next != before)
            fprintf(stderr, "kith: the server is out of reach; waiting for it\n");
        told = true;
        nanosleep(&pause, NULL);
    }
}

outcome_t tail_run(const options_t *options)
{
    if (options->follow && options->bus == NULL) {
        fprintf(stderr, "kith: --follow needs --bus: files of a stopped server do not grow\n");
        return OUTCOME_USAGE;
    }
    if (options->bus == NULL && !place_free(options->data))
        return OUTCOME_BAD;
    options_t wish = *options;
    if (options->bus != NULL && options->count == 0)
        wish.follow = true;
    tail_t tail = {.options = &wish, .arena = arena_new()};
    if (!options->json && isatty(STDOUT_FILENO)) {
        show_columns(&tail.line);
        fwrite(tail.line.data, 1, tail.line.len, stdout);
    }
    err_t err = s_tail(&tail);
    if (err != ERR_OK)
        place_complain(options->bus != NULL ? options->bus : options->data, err);
    s_print_ring(&tail);
    arena_destroy(&tail.arena);
    buf_free(&tail.page);
    buf_free(&tail.line);
    return err == ERR_OK ? OUTCOME_GOOD : OUTCOME_BAD;
}
