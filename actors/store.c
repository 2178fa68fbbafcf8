/* store.c - LevelDB under the overlay.
 *
 *   get    overlay, else disk (and the row stays in the overlay as a clean one)
 *   put    overlay; flush moves what is settled to disk
 *   scan   disk, and what is settled in memory (merge.c)
 *
 * Invariants:
 *   - every batch carries the sequence that it reflects, under a key of the store's
 *     own, so rows and sequence reach the disk together or not at all.
 *   - rows are never ahead of the journal: only settled values are written.
 *   - damage ends the projection, not the data: a store that does not open is unfit until
 *     it is made anew, from the journal or from a snapshot.  So is one in which damage is met
 *     at work, which is lost, and refuses all further work.  A store that another process
 *     holds is left alone: LevelDB's lock covers destroying too.
 *   - a full disk ends nothing: what is settled stays dirty, reads go on, and once there
 *     is room again the next flush opens LevelDB anew and writes it. */
#include "actors/store.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "actors/bloom.h"
#include "actors/copy.h"
#include "actors/level.h"
#include "actors/log.h"
#include "actors/merge.h"
#include "actors/overlay.h"
#include "actors/store_own.h"
#include "schema/envelope.h"

enum {
    WRITE_BUFFER = 9 * 1024 * 1024, /* a larger table LevelDB would merge at once (its level 1) */
    REBUILD_BUFFER = 64 * 1024 * 1024, /* halves what LevelDB writes again and again */
    BLOCK_CACHE = 8 * 1024 * 1024,
    TABLE = 8 * 1024 * 1024,     /* opening a file for a get costs more than ten gets */
    ROW_CACHE = 8 * 1024 * 1024, /* clean rows in the overlay */
    BLOOM_BITS = 10,             /* about 1 needless look into a table in 100 */
    OWN = COPY_OWN,
};

static const uint8_t s_first_key[] = {OWN + 1}; /* no key of an actor is less */

struct store {
    char *path;
    level_t *level; /* NULL: damaged */
    overlay_t *overlay;
    bloom_t *bloom;   /* of the rows that are mostly looked for in vain; NULL: there are none */
    uint8_t filtered; /* their letter, or 0 */
    uint64_t applied; /* that the disk reflects */
    int64_t time;     /* the actor's, as of the last flush or since */
    uint64_t format;  /* of the rows, written with each flush */
    uint64_t reacted; /* as its row has it, as of the last flush or since */
    uint64_t sifted;  /* the same of who was redacted */
    size_t marked;    /* pending writes since the last mark */
    bool hurried;     /* a rebuild goes on: memory matters less than time */
    bool failed;      /* a write failed: only a database opened anew takes more */
    bool unfit;       /* what is on disk is good for nothing, and left as it is */
    bool lost;        /* the same, and it was met at work */
    copy_t *copy;     /* that is being made of the rows on disk; NULL: none is */
    bool settling;    /* between settled_begin and settled_end */
    bool rests;
    bool committed_only;   /* gets pass over what is pending */
    store_watch_fn *watch; /* is told of every get; NULL: nobody is */
    void *watch_ctx;
};

/* ---- the disk ---- */

static void s_close(store_t *store)
{
    if (store->copy != NULL)
        copy_cancel(store->copy);
    level_close(&store->level);
}

static err_t s_destroy(store_t *store)
{
    s_close(store);
    return level_destroy(store->path);
}

/* What to make of an error of the disk at work: only damage is final.  Somebody may be in the midst
 * of a walk over rows, so that nothing is closed here. */
static err_t s_judge(store_t *store, err_t err)
{
    if (err == ERR_CORRUPT && !store->lost)
        log_error("store", "%s: damaged; it is made anew", store->path);
    store->lost = store->lost || err == ERR_CORRUPT;
    return err;
}

static bool s_is_gone(const store_t *store)
{
    return store->lost || store->level == NULL;
}

/* ---- opening ---- */

static err_t s_open(store_t *store)
{
    const level_options_t options = {
        .write_buffer = store->hurried ? REBUILD_BUFFER : WRITE_BUFFER,
        .cache = BLOCK_CACHE,
        .table = TABLE,
        .bloom_bits = BLOOM_BITS,
        .create = true,
    };
    err_t err = level_open(store->path, &options, &store->level);
    if (err == ERR_OK)
        err = store_own_read(store->level, STORE_APPLIED, &store->applied);
    if (err == ERR_OK)
        err = store_own_read(store->level, STORE_TIME, (uint64_t *)&store->time);
    if (err == ERR_OK)
        err = store_own_read(store->level, STORE_REACTED, &store->reacted);
    if (err == ERR_OK)
        err = store_own_read(store->level, STORE_SIFTED, &store->sifted);
    return err;
}

/* What is there stays as it is, and nothing of it counts. */
static void s_disregard(store_t *store)
{
    store->unfit = true;
    store->applied = store->reacted = store->sifted = 0;
    store->time = 0;
}

err_t store_open(const char *path, store_t **ret_store)
{
    assert(path != NULL);
    assert(ret_store != NULL);

    store_t *store = mem_new(store_t);
    store->path = mem_text(path);
    store->overlay = overlay_new(ROW_CACHE);
    err_t err = s_open(store);
    bool held = err == ERR_UNAVAILABLE;
    if (err == ERR_CORRUPT || (err != ERR_OK && !held && level_has_room(store->path))) {
        level_close(&store->level);
        s_disregard(store);
        err = ERR_OK;
    }
    if (err == ERR_OK)
        *ret_store = TAKE(store);

    store_close(&store); /* NULL after TAKE: closes on failure only */
    return held ? ERR_STORAGE : err;
}

void store_close(store_t **store_p)
{
    store_t *store = *store_p;
    if (store == NULL)
        return;
    s_close(store);
    if (store->copy != NULL)
        copy_end(&store->copy, &(copy_report_t){0});
    overlay_destroy(&store->overlay);
    bloom_destroy(&store->bloom);
    mem_free(store->path);
    mem_free(store);
    *store_p = NULL;
}

/* What was in memory goes with what was on disk. */
static err_t s_begin_anew(store_t *store)
{
    overlay_destroy(&store->overlay);
    store->overlay = overlay_new(ROW_CACHE);
    store_filter(store, store->filtered);
    store->applied = 0;
    store->time = 0;
    store->reacted = 0;
    store->sifted = 0;
    store->marked = 0;
    store->failed = store->unfit = store->lost = false;
    return s_open(store);
}

err_t store_reset(store_t *store)
{
    err_t err = s_destroy(store);
    return err == ERR_OK ? s_begin_anew(store) : err;
}

err_t store_take(store_t *store, const char *from, copy_convert_fn *convert)
{
    char beside[4096];
    if (snprintf(beside, sizeof beside, "%s.new", store->path) >= (int)sizeof beside)
        return ERR_STORAGE;
    err_t err = store_copy_closed(from, beside, store->format, convert);
    if (err == ERR_OK)
        err = s_destroy(store);
    if (err == ERR_OK && rename(beside, store->path) != 0)
        err = ERR_STORAGE;
    return err == ERR_OK ? s_begin_anew(store) : err;
}

/* The format, and whose: folders that have changed places are damage, too. */
static uint64_t s_own_format(const store_t *store, uint64_t format)
{
    const char *slash = strrchr(store->path, '/');
    const char *name = slash != NULL ? slash + 1 : store->path;
    return (uint64_t)crc32c(slice_of(name)) << 32 | format;
}

/* What has applied nothing has no rows. */
static err_t s_look_for_rows(store_t *store, bool *ret_any)
{
    level_range_t range;
    slice_t key, value;
    level_range_open(store->level, slice_new(s_first_key, sizeof s_first_key), (slice_t){0}, false,
                     &range);
    *ret_any = level_range_next(&range, &key, &value);
    return level_range_close(&range);
}

err_t store_expect(store_t *store, uint64_t format)
{
    uint64_t found = format;
    bool strange = false;
    err_t err = ERR_OK;
    assert(format < (uint64_t)1 << 32);
    store->format = s_own_format(store, format);
    if (!store->unfit && store->applied > 0)
        err = store_own_read(store->level, STORE_FORMAT, &found);
    else if (!store->unfit)
        err = s_look_for_rows(store, &strange);
    if (strange || (found != format && found != store->format))
        s_disregard(store);
    return err;
}

void store_filter(store_t *store, uint8_t letter)
{
    bloom_destroy(&store->bloom);
    store->bloom = letter != 0 ? bloom_new(letter) : NULL;
    store->filtered = letter;
}

bool store_fits(const store_t *store)
{
    return !store->unfit && !store->lost;
}

bool store_lost(const store_t *store)
{
    return store->lost;
}

err_t store_hurry(store_t *store)
{
    store->hurried = true;
    s_close(store);
    return s_open(store);
}

uint64_t store_base(const store_t *store)
{
    bool behind = store->reacted > 0 && store->reacted - 1 < store->applied;
    return behind ? store->reacted - 1 : store->applied;
}

uint64_t store_applied(const store_t *store)
{
    return store->applied;
}

int64_t store_time(const store_t *store)
{
    return store->time;
}

void store_set_time(store_t *store, int64_t time)
{
    store->time = time;
}

bool store_reacted(const store_t *store, uint64_t *ret_seq)
{
    *ret_seq = store->reacted > 0 ? store->reacted - 1 : 0;
    return store->reacted > 0;
}

void store_set_reacted(store_t *store, uint64_t seq)
{
    if (!store->lost) /* what is done from here on may rest on what could not be read */
        store->reacted = seq + 1;
}

uint64_t store_sifted(const store_t *store)
{
    return store->sifted;
}

void store_set_sifted(store_t *store, uint64_t seq)
{
    store->sifted = seq;
}

/* ---- reading ---- */

static err_t s_read_disk(store_t *store, slice_t key, arena_t *arena, slice_t *ret_value)
{
    if (s_is_gone(store))
        return ERR_CORRUPT;
    if (bloom_lacks(store->bloom, key))
        return ERR_NOT_FOUND;
    return s_judge(store, level_get(store->level, key, arena, ret_value));
}

/* That a row is absent is kept, too: some are asked for with every message. */
static err_t s_read_and_keep(store_t *store, slice_t key, arena_t *arena, slice_t *ret_value)
{
    err_t err = s_read_disk(store, key, arena, ret_value);
    if (err == ERR_OK || err == ERR_NOT_FOUND)
        overlay_keep(store->overlay, key, err == ERR_OK ? *ret_value : (slice_t){0});
    return err;
}

static err_t s_get(store_t *store, slice_t key, arena_t *arena, slice_t *ret_value)
{
    slice_t value;
    overlay_found_t found = overlay_get(store->overlay, key, &value);
    if (found == OVERLAY_UNKNOWN)
        return s_read_and_keep(store, key, arena, ret_value);
    bool below = found == OVERLAY_PENDING && store->committed_only;
    if (below && overlay_get_settled(store->overlay, key, &value) == OVERLAY_UNKNOWN)
        return s_read_disk(store, key, arena, ret_value);
    if (found == OVERLAY_PENDING && !below)
        store->rests = true;
    if (value.ptr == NULL)
        return ERR_NOT_FOUND;
    *ret_value = arena_copy(arena, value);
    return ERR_OK;
}

void store_rest_begin(store_t *store)
{
    store->rests = false;
    store->committed_only = false;
}

void store_committed_begin(store_t *store)
{
    store->rests = false;
    store->committed_only = true;
}

err_t store_get(store_t *store, slice_t key, arena_t *arena, slice_t *ret_value)
{
    assert(key.len > 0 && key.ptr[0] != OWN);
    err_t err = s_get(store, key, arena, ret_value);
    if (store->watch != NULL && (err == ERR_OK || err == ERR_NOT_FOUND))
        store->watch(store->watch_ctx, key, err == ERR_OK ? *ret_value : (slice_t){0});
    return err;
}

void store_watch(store_t *store, store_watch_fn *watch, void *ctx)
{
    store->watch = watch;
    store->watch_ctx = ctx;
}

bool store_rests(const store_t *store)
{
    return store->rests;
}

err_t store_scan(store_t *store, slice_t from, slice_t to, bool reverse, store_each_fn *each,
                 void *ctx)
{
    if (from.len == 0)
        from = slice_new(s_first_key, sizeof s_first_key);
    assert(from.ptr[0] != OWN);
    if (s_is_gone(store))
        return ERR_CORRUPT;
    return s_judge(store, merge_scan(store->level, store->overlay, from, to, reverse, each, ctx));
}

/* ---- writing ---- */

static void s_write(store_t *store, slice_t key, slice_t value)
{
    assert(key.len > 0 && key.ptr[0] != OWN);
    if (store->settling) {
        overlay_write_settled(store->overlay, key, value);
        return;
    }
    overlay_write_pending(store->overlay, key, value);
    store->marked++;
}

void store_put(store_t *store, slice_t key, slice_t value)
{
    s_write(store, key, value.ptr != NULL ? value : SLICE_LIT(""));
}

void store_put_new(store_t *store, slice_t key, slice_t value)
{
    store_put(store, key, value);
    overlay_mark_new(store->overlay, key);
}

void store_delete(store_t *store, slice_t key)
{
    s_write(store, key, (slice_t){0});
}

void store_settled_begin(store_t *store)
{
    assert(!store->settling);
    store->settling = true;
}

void store_settled_end(store_t *store)
{
    assert(store->settling);
    store->settling = false;
}

size_t store_mark(store_t *store)
{
    size_t writes = store->marked;
    store->marked = 0;
    return writes;
}

void store_settle(store_t *store, size_t writes)
{
    overlay_settle(store->overlay, writes);
}

void store_forget(store_t *store)
{
    overlay_forget(store->overlay);
    store->marked = 0;
}

bool store_failed(const store_t *store)
{
    return store->failed;
}

size_t store_waiting(const store_t *store)
{
    return overlay_dirty(store->overlay);
}

static void s_flush_row(void *ctx, slice_t key, slice_t value)
{
    store_t *store = ctx;
    if (value.ptr == NULL) {
        level_delete(store->level, key);
        return;
    }
    bloom_add(store->bloom, key);
    level_put(store->level, key, value);
}

/* After a failed write LevelDB acknowledges what it loses.  So it is opened anew, and
 * has to know all that it had acknowledged before. */
static err_t s_mend(store_t *store)
{
    uint64_t applied = store->applied;
    int64_t time = store->time;
    uint64_t reacted = store->reacted, sifted = store->sifted;
    if (!level_has_room(store->path))
        return ERR_STORAGE;
    s_close(store);
    err_t err = s_open(store);
    store->time = time;
    store->reacted = reacted;
    store->sifted = sifted;
    if (err == ERR_OK && store->applied >= applied)
        return ERR_OK;
    return s_judge(store, ERR_CORRUPT);
}

err_t store_flush(store_t *store, uint64_t applied)
{
    assert(applied >= store->applied);
    if (s_is_gone(store))
        return ERR_CORRUPT;
    if (store->failed && s_mend(store) != ERR_OK)
        return s_is_gone(store) ? ERR_CORRUPT : ERR_STORAGE;

    overlay_each_dirty(store->overlay, s_flush_row, store);
    store_own_put(store->level, STORE_APPLIED, applied);
    store_own_put(store->level, STORE_TIME, (uint64_t)store->time);
    store_own_put(store->level, STORE_FORMAT, store->format);
    if (store->reacted > 0)
        store_own_put(store->level, STORE_REACTED, store->reacted);
    if (store->sifted > 0)
        store_own_put(store->level, STORE_SIFTED, store->sifted);
    err_t err = level_commit(store->level, false);
    store->failed = err != ERR_OK;
    if (store->failed) {
        overlay_doubt(store->overlay);
        return s_judge(store, err);
    }
    overlay_cleaned(store->overlay);
    store->applied = applied;
    (void)s_judge(store, bloom_learn(store->bloom, store->level)); /* or the next time */
    return ERR_OK;
}

/* ---- copy and digest ---- */

err_t store_copy_begin(store_t *store, const char *path)
{
    assert(store->copy == NULL);
    return s_is_gone(store) ? ERR_CORRUPT : copy_begin(store->level, path, NULL, &store->copy);
}

bool store_copy_end(store_t *store, copy_report_t *ret_report)
{
    if (store->copy == NULL || !copy_ended(store->copy))
        return false;
    copy_end(&store->copy, ret_report);
    return true;
}

err_t store_digest(store_t *store, uint8_t ret_hash[32])
{
    return s_is_gone(store) ? ERR_CORRUPT : s_judge(store, copy_digest(store->level, ret_hash));
}
