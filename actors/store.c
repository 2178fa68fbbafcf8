/* store.c - LevelDB under the overlay.
 *
 *   get    overlay, else disk (and the row stays in the overlay as a clean one)
 *   put    overlay; flush moves what is settled to disk
 *   scan   disk only
 *
 * Invariants:
 *   - every batch carries the sequence that it reflects, under a key of the store's
 *     own, so rows and sequence reach the disk together or not at all.
 *   - rows are never ahead of the journal: only settled values are written.
 *   - damage ends the projection, not the data: a store that does not open, or that
 *     meets damaged rows, destroys its folder, to be rebuilt from the journal.  Met at
 *     work, it refuses all further work; the next opening starts empty.  A store that
 *     another process holds is left alone: LevelDB's lock covers destroying too.
 *   - a full disk ends nothing: what is settled stays dirty, reads go on, and once there
 *     is room again the next flush opens LevelDB anew and writes it. */
#include "actors/store.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "actors/crypto.h"
#include "actors/level.h"
#include "actors/log.h"
#include "actors/overlay.h"
#include "schema/pack.h"

enum {
    WRITE_BUFFER = 16 * 1024 * 1024,
    REBUILD_BUFFER = 64 * 1024 * 1024, /* halves what LevelDB writes again and again */
    BLOCK_CACHE = 8 * 1024 * 1024,
    TABLE = 8 * 1024 * 1024,                /* opening a file for a get costs more than ten gets */
    ROW_CACHE = 8 * 1024 * 1024,            /* clean rows in the overlay */
    DISK_ROOM = WRITE_BUFFER + 1024 * 1024, /* that an opening may need */
    BLOOM_BITS = 10,                        /* about 1 needless look into a table in 100 */
    OWN = 0x00,                             /* first byte of the store's own keys */
};

static const uint8_t s_applied_key[] = {OWN, 'a'};
static const uint8_t s_time_key[] = {OWN, 't'};
static const uint8_t s_format_key[] = {OWN, 'f'};
static const uint8_t s_reacted_key[] = {OWN, 'r'}; /* one more than the sequence; 0: never */
static const uint8_t s_first_key[] = {OWN + 1};    /* no key of an actor is less */

struct store {
    char *path;
    level_t *level; /* NULL: damaged, and destroyed */
    overlay_t *overlay;
    uint64_t applied; /* that the disk reflects */
    int64_t time;     /* the actor's, as of the last flush or since */
    uint64_t format;  /* of the rows, written with each flush */
    uint64_t reacted; /* as its row has it, as of the last flush or since */
    size_t marked;    /* pending writes since the last mark */
    bool hurried;     /* a rebuild goes on: memory matters less than time */
    bool failed;      /* a write failed: only a database opened anew takes more */
    bool settling;    /* between settled_begin and settled_end */
    bool rests;
    bool committed_only; /* gets pass over what is pending */
    store_watch_fn *watch; /* is told of every get; NULL: nobody is */
    void *watch_ctx;
};

/* ---- the disk ---- */

/* Whether there is room beside the folder, and a right and a descriptor to use it. */
static bool s_disk_has_room(const store_t *store)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s.room", store->path) >= (int)sizeof path)
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool room = posix_fallocate(fd, 0, DISK_ROOM) == 0;
    close(fd);
    unlink(path);
    return room;
}

/* Nothing in the folder can be trusted, and the journal has it all. */
static err_t s_destroy(store_t *store, err_t why)
{
    level_close(&store->level);
    err_t err = level_destroy(store->path);
    if (err == ERR_OK)
        log_warn("store", "%s: %s; made anew from the journal", store->path,
                 why == ERR_CORRUPT ? "damaged"
                 : why == ERR_OK    ? "of another version or another journal"
                                    : "does not open");
    return err;
}

/* What to make of an error of the disk at work: only damage is final. */
static err_t s_judge(store_t *store, err_t err)
{
    if (err == ERR_CORRUPT && s_destroy(store, err) != ERR_OK)
        return ERR_STORAGE;
    return err;
}

/* ---- opening ---- */

static slice_t s_applied_row(void)
{
    return slice_new(s_applied_key, sizeof s_applied_key);
}

static slice_t s_time_row(void)
{
    return slice_new(s_time_key, sizeof s_time_key);
}

/* One of the store's own rows, each a number; 0 in an empty store. */
static err_t s_read_number(level_t *level, slice_t key, uint64_t *ret_number)
{
    slice_t value;
    arena_t *arena = arena_new();
    err_t err = level_get(level, key, arena, &value);
    if (err == ERR_OK && value.len != sizeof *ret_number)
        err = ERR_CORRUPT;
    if (err == ERR_OK)
        *ret_number = wide_get64(value.ptr);
    arena_destroy(&arena);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void s_put_number(level_t *level, slice_t key, uint64_t number)
{
    uint8_t value[sizeof number];
    wide_put64(value, number);
    level_put(level, key, slice_new(value, sizeof value));
}

static slice_t s_reacted_row(void)
{
    return slice_new(s_reacted_key, sizeof s_reacted_key);
}

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
        err = s_read_number(store->level, s_applied_row(), &store->applied);
    if (err == ERR_OK)
        err = s_read_number(store->level, s_time_row(), (uint64_t *)&store->time);
    if (err == ERR_OK)
        err = s_read_number(store->level, s_reacted_row(), &store->reacted);
    return err;
}

err_t store_open(const char *path, store_t **ret_store)
{
    assert(path != NULL);
    assert(ret_store != NULL);

    store_t *store = mem_new(store_t);
    store->path = mem_text(path);
    store->overlay = overlay_new(ROW_CACHE);
    err_t err = s_open(store);
    bool broken = err == ERR_CORRUPT || (err != ERR_OK && s_disk_has_room(store));
    if (broken && s_destroy(store, err) == ERR_OK)
        err = s_open(store); /* empty now */
    if (err == ERR_OK)
        *ret_store = TAKE(store);

    store_close(&store); /* NULL after TAKE: closes on failure only */
    return err;
}

void store_close(store_t **store_p)
{
    store_t *store = *store_p;
    if (store == NULL)
        return;
    level_close(&store->level);
    overlay_destroy(&store->overlay);
    mem_free(store->path);
    mem_free(store);
    *store_p = NULL;
}

err_t store_reset(store_t *store)
{
    err_t err = s_destroy(store, ERR_OK);
    if (err != ERR_OK)
        return err;
    overlay_destroy(&store->overlay);
    store->overlay = overlay_new(ROW_CACHE);
    store->applied = 0;
    store->time = 0;
    store->reacted = 0;
    store->marked = 0;
    store->failed = false;
    return s_open(store);
}

err_t store_expect(store_t *store, uint64_t format)
{
    uint64_t found = 0;
    err_t err = s_read_number(store->level, slice_new(s_format_key, sizeof s_format_key), &found);
    if (err == ERR_OK && found != format && store->applied > 0)
        err = store_reset(store);
    store->format = format;
    return err;
}

err_t store_hurry(store_t *store)
{
    store->hurried = true;
    level_close(&store->level);
    return s_open(store);
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
    store->reacted = seq + 1;
}

/* ---- reading ---- */

static err_t s_read_disk(store_t *store, slice_t key, arena_t *arena, slice_t *ret_value)
{
    if (store->level == NULL)
        return ERR_CORRUPT;
    return s_judge(store, level_get(store->level, key, arena, ret_value));
}

static err_t s_read_and_keep(store_t *store, slice_t key, arena_t *arena, slice_t *ret_value)
{
    err_t err = s_read_disk(store, key, arena, ret_value);
    if (err == ERR_OK)
        overlay_keep(store->overlay, key, *ret_value);
    return err;
}

static err_t s_get(store_t *store, slice_t key, arena_t *arena, slice_t *ret_value)
{
    assert(key.len > 0 && key.ptr[0] != OWN);
    slice_t value;
    overlay_found_t found = overlay_get(store->overlay, key, &value);
    if (found == OVERLAY_UNKNOWN)
        return s_read_and_keep(store, key, arena, ret_value);
    if (found == OVERLAY_PENDING && store->committed_only)
        return s_read_disk(store, key, arena, ret_value);
    if (found == OVERLAY_PENDING)
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

static err_t s_scan(level_t *level, slice_t from, slice_t to, bool reverse, store_each_fn *each,
                    void *ctx)
{
    level_range_t range;
    slice_t key, value;
    if (from.len == 0)
        from = slice_new(s_first_key, sizeof s_first_key);
    assert(from.ptr[0] != OWN);

    level_range_open(level, from, to, reverse, &range);
    while (level_range_next(&range, &key, &value) && each(ctx, key, value))
        continue;
    return level_range_close(&range);
}

err_t store_scan(store_t *store, slice_t from, slice_t to, bool reverse, store_each_fn *each,
                 void *ctx)
{
    if (store->level == NULL)
        return ERR_CORRUPT;
    return s_judge(store, s_scan(store->level, from, to, reverse, each, ctx));
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

size_t store_waiting(const store_t *store)
{
    return overlay_dirty(store->overlay);
}

static void s_flush_row(void *ctx, slice_t key, slice_t value)
{
    level_t *level = ctx;
    if (value.ptr == NULL)
        level_delete(level, key);
    else
        level_put(level, key, value);
}

/* After a failed write LevelDB acknowledges what it loses.  So it is opened anew, and
 * has to know all that it had acknowledged before. */
static err_t s_mend(store_t *store)
{
    uint64_t applied = store->applied;
    int64_t time = store->time;
    uint64_t reacted = store->reacted;
    if (!s_disk_has_room(store))
        return ERR_STORAGE;
    level_close(&store->level);
    err_t err = s_open(store);
    store->time = time;
    store->reacted = reacted;
    if (err == ERR_OK && store->applied >= applied)
        return ERR_OK;
    return s_judge(store, ERR_CORRUPT);
}

err_t store_flush(store_t *store, uint64_t applied)
{
    assert(applied >= store->applied);
    if (store->level == NULL)
        return ERR_CORRUPT;
    if (store->failed && s_mend(store) != ERR_OK)
        return store->level == NULL ? ERR_CORRUPT : ERR_STORAGE;

    overlay_each_dirty(store->overlay, s_flush_row, store->level);
    s_put_number(store->level, s_applied_row(), applied);
    s_put_number(store->level, s_time_row(), (uint64_t)store->time);
    s_put_number(store->level, slice_new(s_format_key, sizeof s_format_key), store->format);
    if (store->reacted > 0)
        s_put_number(store->level, s_reacted_row(), store->reacted);
    err_t err = level_commit(store->level, false);
    store->failed = err != ERR_OK;
    if (store->failed)
        return s_judge(store, err);
    overlay_cleaned(store->overlay);
    store->applied = applied;
    return ERR_OK;
}

/* ---- digest ---- */

typedef struct digest {
    uint8_t hash[CRYPTO_BLAKE256_SIZE]; /* of all rows so far */
    buf_t row;
} digest_t;

/* hash' = BLAKE2b(hash, key's length, key, value): one way to read it only. */
static bool s_digest_row(void *ctx, slice_t key, slice_t value)
{
    digest_t *digest = ctx;
    buf_reset(&digest->row);
    pack_wide_u32(&digest->row, (uint32_t)key.len);
    buf_append(&digest->row, key);
    buf_append(&digest->row, value);
    crypto_blake256_pair(slice_new(digest->hash, sizeof digest->hash), buf_slice(&digest->row),
                         digest->hash);
    return true;
}

static err_t s_digest(level_t *level, uint8_t ret_hash[CRYPTO_BLAKE256_SIZE])
{
    digest_t digest = {0};
    err_t err = s_scan(level, (slice_t){0}, (slice_t){0}, false, s_digest_row, &digest);
    buf_free(&digest.row);
    if (err == ERR_OK)
        memcpy(ret_hash, digest.hash, sizeof digest.hash);
    return err;
}

err_t store_digest(store_t *store, uint8_t ret_hash[32])
{
    return store->level == NULL ? ERR_CORRUPT : s_judge(store, s_digest(store->level, ret_hash));
}

err_t store_inspect(const char *path, uint64_t *ret_applied, uint8_t ret_hash[32])
{
    level_t *level = NULL;
    err_t err = level_open(path, &(level_options_t){.create = false}, &level);
    *ret_applied = 0;
    if (err == ERR_OK)
        err = s_read_number(level, s_applied_row(), ret_applied);
    if (err == ERR_OK)
        err = s_digest(level, ret_hash);
    level_close(&level);
    return err;
}

err_t store_peek(const char *path, uint64_t *ret_applied)
{
    level_t *level = NULL;
    err_t err = level_open(path, &(level_options_t){.create = false}, &level);
    *ret_applied = 0;
    if (err == ERR_OK)
        err = s_read_number(level, s_applied_row(), ret_applied);
    level_close(&level);
    return err;
}
