/* sweep.c - drawer by drawer: list what is old, ask who has it, discard what nobody has.
 *
 *     list a drawer (pool) ─► ask of 100 ──┬──────────────────────► discard (pool) ─┐
 *         ▲                     ▲          └─ have rooms forget some ─┘             │
 *         └── no more of it ────┴───────────────────────────────────────────────────┘
 *
 * What is asked is answered from committed rows, by actors that know the journal to its head;
 * and what is discarded was kept more than a day ago, so whoever uploads it meanwhile has
 * made it young again (shelf.h).  Hence nothing goes that somebody refers to.  Whatever
 * breaks a sweep off, the death of the process too, leaves the rest to the next one; several
 * edges that share a folder sweep it several times.  What rooms forget goes the time after. */
#include "ws-edge/sweep.h"

#include "actors/log.h"

enum { IDS_BYTES = LIMIT_PAGE * LIMIT_FILE_ID };

struct sweep {
    edge_t *edge;
    uint64_t period_us;
    uint64_t due_us;
    bool busy;
    bool photos; /* the shelf at hand */
    unsigned drawer;
    buf_t ids;    /* old ones in it */
    size_t asked; /* bytes of them */
    buf_t doomed;
    size_t removed; /* files, by this sweep */
};

static void s_ask(sweep_t *sweep);

sweep_t *sweep_new(edge_t *edge, unsigned period_s)
{
    sweep_t *sweep = mem_new(sweep_t);
    sweep->edge = edge;
    sweep->period_us = UINT64_C(1000000) * period_s;
    sweep->due_us = loop_now_us(edge->loop) + sweep->period_us;
    return sweep;
}

void sweep_destroy(sweep_t **sweep_p)
{
    sweep_t *sweep = TAKE(*sweep_p);
    if (sweep == NULL)
        return;
    buf_free(&sweep->ids);
    buf_free(&sweep->doomed);
    mem_free(sweep);
}

static void s_end(sweep_t *sweep)
{
    if (sweep->removed > 0)
        log_info("files", "swept: %zu files that nobody has any more", sweep->removed);
    sweep->busy = false;
    sweep->due_us = loop_now_us(sweep->edge->loop) + sweep->period_us;
}

static const shelf_t *s_shelf(const sweep_t *sweep)
{
    return sweep->photos ? sweep->edge->photos : sweep->edge->shelf;
}

/* ---- on the pool's thread ---- */

static void s_list(void *ctx)
{
    sweep_t *sweep = ctx;
    if (sweep->drawer == 0)
        shelf_clear(s_shelf(sweep));
    shelf_list_old(s_shelf(sweep), sweep->drawer, &sweep->ids);
}

static void s_discard(void *ctx)
{
    sweep_t *sweep = ctx;
    for (size_t at = 0; at < sweep->doomed.len; at += LIMIT_FILE_ID)
        shelf_discard(s_shelf(sweep), slice_new(sweep->doomed.data + at, LIMIT_FILE_ID));
    sweep->removed += sweep->doomed.len / LIMIT_FILE_ID;
}

/* ---- on the loop's ---- */

static void s_on_done(void *ctx)
{
    s_ask(ctx);
}

static void s_open_drawer(sweep_t *sweep)
{
    buf_reset(&sweep->ids);
    sweep->asked = 0;
    loop_work(sweep->edge->loop, s_list, s_on_done, sweep);
}

static void s_next_drawer(sweep_t *sweep)
{
    sweep->drawer = (sweep->drawer + 1) % SHELF_DRAWERS;
    if ((sweep->drawer == 0 && sweep->photos) || !edge_serves(sweep->edge)) {
        s_end(sweep);
        return;
    }
    sweep->photos = sweep->photos || sweep->drawer == 0;
    s_open_drawer(sweep);
}

static void s_on_dropped(void *ctx, uint64_t tag, const reply_t *reply)
{
    sweep_t *sweep = ctx;
    (void)tag;
    if (reply->status == ERR_OK)
        loop_work(sweep->edge->loop, s_discard, s_on_done, sweep);
    else
        s_end(sweep);
}

static err_t s_ask_for(sweep_t *sweep, uint16_t call, const void *args, waiter_fn *answer)
{
    waiter_t waiter = {.answer = answer, .ctx = sweep, .type = call};
    return link_ask(sweep->edge->link, (who_t){0}, args, &waiter);
}

/* Nobody has the ones; the others could be forgotten by those who have them. */
static void s_take(sweep_t *sweep, const unused_files_t *unused)
{
    const file_ref_t *files = unused->files.items;
    buf_reset(&sweep->doomed);
    for (size_t i = 0; i < unused->files.count; i++)
        buf_append(&sweep->doomed, files[i].id);
    if (unused->places.count == 0)
        loop_work(sweep->edge->loop, s_discard, s_on_done, sweep);
    else if (s_ask_for(sweep, CALL_file_drop, &(file_drop_call_t){unused->places}, s_on_dropped) !=
             ERR_OK)
        s_end(sweep);
}

static void s_on_unused(void *ctx, uint64_t tag, const reply_t *reply)
{
    sweep_t *sweep = ctx;
    const void *unused;
    fault_t fault;
    (void)tag;
    arena_reset(sweep->edge->arena);
    if (reply->status == ERR_OK && codec_unpack(reply->body, shape_unused_files(),
                                                sweep->edge->arena, &fault, &unused) == ERR_OK)
        s_take(sweep, unused);
    else
        s_end(sweep);
}

static void s_ask(sweep_t *sweep)
{
    file_ref_t files[LIMIT_PAGE];
    size_t left = sweep->ids.len - sweep->asked, bytes = left < IDS_BYTES ? left : IDS_BYTES;
    list_t list = {files, bytes / LIMIT_FILE_ID};
    if (left == 0) {
        s_next_drawer(sweep);
        return;
    }
    for (size_t i = 0; i < list.count; i++)
        files[i].id = slice_new(sweep->ids.data + sweep->asked + i * LIMIT_FILE_ID, LIMIT_FILE_ID);
    sweep->asked += bytes;
    err_t err = sweep->photos
                    ? s_ask_for(sweep, CALL_photo_unused, &(photo_unused_call_t){list}, s_on_unused)
                    : s_ask_for(sweep, CALL_file_unused, &(file_unused_call_t){list}, s_on_unused);
    if (err != ERR_OK)
        s_end(sweep);
}

void sweep_tick(sweep_t *sweep)
{
    if (sweep->busy || sweep->period_us == 0 || !edge_serves(sweep->edge) ||
        loop_now_us(sweep->edge->loop) < sweep->due_us)
        return;
    sweep->busy = true;
    sweep->photos = false;
    sweep->drawer = 0;
    sweep->removed = 0;
    s_open_drawer(sweep);
}
