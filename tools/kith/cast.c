/* cast.c - pages go out over a pair of the bus, and each comes back as a credit.
 *
 *   page of records ──> the part's thread: stage_record, flush now and then ──> one credit
 *   end, with place ──> it has seen all up to there; flush, a credit, end
 *
 * A page has the records of which the part keeps something: of most events that is one or two of
 * five, and the others need not even be read.
 *
 * A part that has met an error takes pages without looking at them, so nobody waits. */
#include "tools/kith/cast.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "actors/bus.h"
#include "actors/clock.h"
#include "actors/level.h"
#include "actors/snapshots.h"
#include "schema/pack.h"
#include "tools/kith/place.h"

enum {
    PAGE_BYTES = 256 * 1024,
    PAGES_MAX = 8,                 /* on their way to a part */
    FLUSH_BYTES = 4 * 1024 * 1024, /* settled values that may wait, as in actors/actor.c */
    WAIT_MS = 1000,
    END_SIZE = 16, /* of the last message: a sequence and a time; a record is longer */
};

static const uint64_t MANY = 100 * 1000; /* records: from there on a store takes more memory */

const actor_row_t *const cast_rows[] = {&session_actor,  &room_actor,     &search_actor,
                                        &matching_actor, &notifier_actor, NULL};

typedef struct part {
    cast_part_t role;
    char path[PATH_MAX];
    store_t *store;
    stage_t *stage;
    bus_t *end; /* the giver's end of the pair */
    bus_t *bus; /* the thread's */
    pthread_t thread;
    bool running;
    buf_t page;      /* that is being filled */
    uint64_t seq;    /* of the last record for it, given or not */
    int64_t time;    /* the latest of these, µs since 1970 */
    unsigned pages;  /* on their way */
    uint64_t taken;  /* records */
    int64_t took_us; /* of a processor; read when the thread has ended */
    err_t err;       /* the first; read when the thread has ended */
} part_t;

struct cast {
    const char *data;
    uint64_t first; /* the journal's */
    char folder[PATH_MAX - 64];
    part_t *parts;
    size_t count;
};

/* ---- a part's thread ---- */

/* It turns out to be a long one. */
static void s_hurry(part_t *part)
{
    part->err = stage_flush(part->stage);
    if (part->err == ERR_OK)
        part->err = store_hurry(part->store);
}

static void s_apply(part_t *part, slice_t page)
{
    record_t record;
    while (part->err == ERR_OK && page.len > 0) {
        if (++part->taken == MANY)
            s_hurry(part);
        if (part->err == ERR_OK)
            part->err = record_read(&page, &record);
        if (part->err == ERR_OK)
            part->err = stage_record(part->stage, &record);
    }
    if (part->err == ERR_OK && store_waiting(part->store) > FLUSH_BYTES)
        part->err = stage_flush(part->stage);
}

static void s_credit(part_t *part)
{
    buf_t credit = {0};
    buf_append_byte(&credit, 1);
    while (bus_send(part->bus, &credit) != ERR_OK)
        bus_wait(NULL, 0, 1);
}

/* It has seen all that there is, also what it keeps nothing of. */
static void s_finish(part_t *part, slice_t end)
{
    stage_seen(part->stage, wide_get64(end.ptr));
    stage_pass(part->stage, (int64_t)wide_get64(end.ptr + 8));
    if (part->err == ERR_OK)
        part->err = stage_flush(part->stage);
}

static void *s_main(void *ctx)
{
    part_t *part = ctx;
    prctl(PR_SET_NAME, part->role.row->name);
    for (bool ended = false; !ended;) {
        uint32_t peer;
        slice_t page;
        bus_wait(&part->bus, 1, WAIT_MS);
        while (!ended && bus_receive(part->bus, &peer, &page)) {
            ended = page.len == END_SIZE;
            if (ended)
                s_finish(part, page);
            else
                s_apply(part, page);
            s_credit(part);
        }
    }
    part->took_us = clock_us(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}

/* ---- giving ---- */

static void s_await_credit(part_t *part, unsigned most)
{
    uint32_t peer;
    slice_t credit;
    while (part->pages > most) {
        bus_wait(&part->end, 1, WAIT_MS);
        while (bus_receive(part->end, &peer, &credit))
            part->pages--;
    }
}

static void s_give(part_t *part)
{
    s_await_credit(part, PAGES_MAX - 1);
    while (bus_send(part->end, &part->page) != ERR_OK)
        bus_wait(NULL, 0, 1);
    part->pages++;
}

static void s_take(part_t *part, const record_t *record)
{
    if (record->seq > part->role.until)
        return;
    part->seq = record->seq;
    if (record->time > part->time)
        part->time = record->time;
    if (!stage_keeps(part->stage, record->type))
        return;
    buf_append(&part->page, record->bytes);
    if (part->page.len >= PAGE_BYTES)
        s_give(part);
}

void cast_take(cast_t *cast, const record_t *record)
{
    for (size_t i = 0; i < cast->count; i++)
        s_take(&cast->parts[i], record);
}

/* What is left for it, and where that ends. */
static void s_give_rest(part_t *part)
{
    uint8_t end[END_SIZE];
    if (!part->running)
        return;
    if (part->page.len > 0)
        s_give(part);
    wide_put64(end, part->seq);
    wide_put64(end + 8, (uint64_t)part->time);
    buf_append(&part->page, slice_new(end, sizeof end));
    s_give(part);
}

static void s_join(part_t *part)
{
    if (!part->running)
        return;
    s_await_credit(part, 0);
    pthread_join(part->thread, NULL);
    part->running = false;
}

err_t cast_rest(cast_t *cast)
{
    err_t err = ERR_OK;
    for (size_t i = 0; i < cast->count; i++)
        s_give_rest(&cast->parts[i]);
    for (size_t i = 0; i < cast->count; i++) {
        s_join(&cast->parts[i]);
        if (err == ERR_OK)
            err = cast->parts[i].err;
    }
    return err;
}

/* ---- coming and going ---- */

static err_t s_pair(part_t *part)
{
    char name[64];
    snprintf(name, sizeof name, "part-%p", (void *)part);
    err_t err = bus_pair_bind(name, &part->end);
    return err == ERR_OK ? bus_pair_connect(name, &part->bus) : err;
}

/* What is gone of the journal stands in a snapshot, if in any. */
static err_t s_begin_at_snapshot(const cast_t *cast, part_t *part)
{
    const snapshot_part_t *unused;
    const cast_part_t *role = &part->role;
    const snapshot_need_t need = {role->row, cast->first, role->until, role->before};
    arena_t *arena = arena_new();
    err_t err = snapshots_restore(cast->data, &need, part->store, arena, &unused);
    arena_destroy(&arena);
    if (err != ERR_NOT_FOUND)
        return err;
    fprintf(stderr,
            "kith: the journal begins at %" PRIu64
            ", and no snapshot of %s stands for what was before, at that point\n",
            cast->first, role->row->name);
    return ERR_TOO_OLD;
}

static err_t s_open_part(cast_t *cast, part_t *part, const cast_part_t *role)
{
    static const actor_options_t plain = {0};
    part->role = *role;
    snprintf(part->path, sizeof part->path, "%s/%.32s", cast->folder, role->row->name);
    err_t err = store_open(part->path, &part->store);
    if (err == ERR_OK)
        err = store_expect(part->store, role->row->format);
    if (err == ERR_OK)
        err = s_pair(part);
    if (err != ERR_OK)
        return err;
    if (cast->first > 1)
        err = s_begin_at_snapshot(cast, part);
    if (err != ERR_OK)
        return err;
    part->stage = stage_new(role->row, part->store);
    stage_set_options(part->stage, &plain);
    part->running = pthread_create(&part->thread, NULL, s_main, part) == 0;
    return part->running ? ERR_OK : ERR_UNAVAILABLE;
}

static err_t s_make_folder(cast_t *cast)
{
    const char *parent = getenv("TMPDIR");
    snprintf(cast->folder, sizeof cast->folder, "%s/kith-cast-XXXXXX",
             parent != NULL && parent[0] != '\0' ? parent : "/var/tmp");
    if (mkdtemp(cast->folder) != NULL)
        return ERR_OK;
    perror(cast->folder);
    cast->folder[0] = '\0';
    return ERR_STORAGE;
}

err_t cast_open(const char *data, const cast_part_t *parts, size_t count, cast_t **ret_cast)
{
    cast_t *cast = mem_new(cast_t);
    cast->data = data;
    cast->first = place_first(data);
    cast->parts = mem_zeroed(count * sizeof *cast->parts);
    err_t err = s_make_folder(cast);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        cast->count = i + 1;
        err = s_open_part(cast, &cast->parts[i], &parts[i]);
    }
    if (err == ERR_OK)
        *ret_cast = TAKE(cast);

    cast_close(&cast); /* NULL after TAKE: closes on failure only */
    return err;
}

static void s_close_part(part_t *part)
{
    s_give_rest(part);
    s_join(part);
    stage_destroy(&part->stage);
    store_close(&part->store);
    bus_close(&part->end);
    bus_close(&part->bus);
    buf_free(&part->page);
    if (level_destroy(part->path) != ERR_OK)
        fprintf(stderr, "kith: %s is left behind\n", part->path);
}

void cast_close(cast_t **cast_p)
{
    cast_t *cast = *cast_p;
    if (cast == NULL)
        return;
    *cast_p = NULL;
    for (size_t i = 0; i < cast->count; i++)
        s_close_part(&cast->parts[i]);
    if (cast->folder[0] != '\0' && rmdir(cast->folder) != 0)
        perror(cast->folder);
    mem_free(cast->parts);
    mem_free(cast);
}

stage_t *cast_stage(cast_t *cast, size_t part)
{
    assert(part < cast->count && !cast->parts[part].running);
    return cast->parts[part].stage;
}

store_t *cast_store(cast_t *cast, size_t part)
{
    assert(part < cast->count && !cast->parts[part].running);
    return cast->parts[part].store;
}

int64_t cast_took_us(const cast_t *cast, size_t part)
{
    assert(part < cast->count && !cast->parts[part].running);
    return cast->parts[part].took_us;
}
