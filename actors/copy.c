/* copy.c - a walk over all rows, each put into another database, which is then read again.
 *
 *   range opened ──> thread: rows in batches ──> closed ──> read back, digest ──> all synced
 *   (the actor's)
 *
 * The thread is nice to all others, and reads past the cache that the actor lives on.  LevelDB
 * syncs each table that it makes, so the disk has never much to write at once. */
#include "actors/copy.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "actors/clock.h"
#include "schema/pack.h"

enum {
    BATCH = 256 * 1024,
    WRITE_BUFFER = 8 * 1024 * 1024,
    TABLE = 8 * 1024 * 1024,
    BLOOM_BITS = 10, /* as a projection has them, should the copy become one */
    NICE = 10,
};

/* ---- digest ---- */

typedef struct digest {
    uint8_t hash[CRYPTO_BLAKE256_SIZE]; /* of all rows so far */
    uint64_t rows;
    uint64_t bytes;
    buf_t row;
} digest_t;

/* hash' = BLAKE2b(hash, key's length, key, value): one way to read it only. */
static void s_digest_row(digest_t *digest, slice_t key, slice_t value)
{
    if (key.len > 0 && key.ptr[0] == COPY_OWN)
        return;
    buf_reset(&digest->row);
    pack_wide_u32(&digest->row, (uint32_t)key.len);
    buf_append(&digest->row, key);
    buf_append(&digest->row, value);
    crypto_blake256_pair(slice_new(digest->hash, sizeof digest->hash), buf_slice(&digest->row),
                         digest->hash);
    digest->rows++;
    digest->bytes += key.len + value.len;
}

static err_t s_digest(level_t *level, const atomic_bool *stopping, digest_t *digest)
{
    level_range_t range;
    slice_t key, value;
    level_scan_open(level, &range);
    while (!atomic_load(stopping) && level_range_next(&range, &key, &value))
        s_digest_row(digest, key, value);
    buf_free(&digest->row);
    err_t err = level_range_close(&range);
    return err == ERR_OK && atomic_load(stopping) ? ERR_UNAVAILABLE : err;
}

err_t copy_digest(level_t *level, uint8_t ret_hash[CRYPTO_BLAKE256_SIZE])
{
    static const atomic_bool never = false;
    digest_t digest = {0};
    err_t err = s_digest(level, &never, &digest);
    if (err == ERR_OK)
        memcpy(ret_hash, digest.hash, sizeof digest.hash);
    return err;
}

/* ---- the copy ---- */

struct copy {
    char *path;
    level_range_t range; /* of the source, opened by its owner */
    copy_convert_fn *convert;
    pthread_t thread;
    bool joined;
    atomic_bool stopping;
    atomic_bool ended;
    copy_report_t report;
};

static err_t s_open(const copy_t *copy, level_t **ret_level)
{
    const level_options_t options = {
        .write_buffer = WRITE_BUFFER,
        .table = TABLE,
        .bloom_bits = BLOOM_BITS,
        .create = true,
    };
    return level_open(copy->path, &options, ret_level);
}

static void s_put(const copy_t *copy, level_t *to, slice_t key, slice_t value)
{
    if (copy->convert != NULL && key.ptr[0] != COPY_OWN)
        copy->convert(to, key, value);
    else
        level_put(to, key, value);
}

/* Every row into the new database; what they amounted to in the old one. */
static err_t s_write(copy_t *copy, level_t *to, digest_t *digest)
{
    slice_t key, value;
    err_t err = ERR_OK;
    while (err == ERR_OK && !atomic_load(&copy->stopping) &&
           level_range_next(&copy->range, &key, &value)) {
        s_digest_row(digest, key, value);
        s_put(copy, to, key, value);
        if (level_batched(to) >= BATCH)
            err = level_commit(to, false);
    }
    buf_free(&digest->row);
    err_t ended = level_range_close(&copy->range);
    if (err == ERR_OK)
        err = ended;
    if (err == ERR_OK && atomic_load(&copy->stopping))
        err = ERR_UNAVAILABLE;
    return err == ERR_OK ? level_commit(to, true) : err;
}

/* Nobody walks it any more. */
static void s_drop_range(copy_t *copy)
{
    err_t err = level_range_close(&copy->range);
    copy->report.err = err;
}

static err_t s_fill(copy_t *copy, digest_t *digest)
{
    level_t *to = NULL;
    err_t err = level_destroy(copy->path);
    if (err == ERR_OK)
        err = s_open(copy, &to);
    if (err == ERR_OK)
        err = s_write(copy, to, digest);
    else
        s_drop_range(copy);
    level_close(&to);
    return err;
}

static err_t s_read_back(copy_t *copy, const digest_t *written)
{
    digest_t read = {0};
    level_t *level = NULL;
    err_t err = s_open(copy, &level);
    if (err == ERR_OK)
        err = s_digest(level, &copy->stopping, &read);
    level_close(&level);
    bool other = memcmp(read.hash, written->hash, sizeof read.hash) != 0;
    if (err == ERR_OK && other && copy->convert == NULL)
        err = ERR_CORRUPT;
    copy->report.rows = read.rows;
    copy->report.bytes = read.bytes;
    memcpy(copy->report.digest, read.hash, sizeof read.hash);
    return err;
}

static bool s_sync_file(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return synced;
}

/* A log that LevelDB has closed may not be on disk yet. */
static err_t s_sync(const char *path)
{
    DIR *folder = opendir(path);
    bool synced = folder != NULL;
    for (struct dirent *entry = synced ? readdir(folder) : NULL; entry != NULL && synced;
         entry = readdir(folder))
        if (entry->d_name[0] != '.')
            synced = s_sync_file(dirfd(folder), entry->d_name);
    synced = synced && fsync(dirfd(folder)) == 0;
    if (folder != NULL)
        closedir(folder);
    return synced ? ERR_OK : ERR_STORAGE;
}

static void *s_main(void *ctx)
{
    copy_t *copy = ctx;
    digest_t written = {0};
    prctl(PR_SET_NAME, "copy");
    (void)setpriority(PRIO_PROCESS, 0, NICE); /* of this thread alone */
    int64_t start = clock_us(CLOCK_MONOTONIC);
    err_t err = s_fill(copy, &written);
    if (err == ERR_OK)
        err = s_read_back(copy, &written);
    if (err == ERR_OK)
        err = s_sync(copy->path);
    copy->report.err = err;
    copy->report.took_us = clock_us(CLOCK_MONOTONIC) - start;
    atomic_store(&copy->ended, true);
    return NULL;
}

err_t copy_begin(level_t *from, const char *path, copy_convert_fn *convert, copy_t **ret_copy)
{
    copy_t *copy = mem_new(copy_t);
    copy->convert = convert;
    copy->path = mem_text(path);
    level_scan_open(from, &copy->range);
    if (pthread_create(&copy->thread, NULL, s_main, copy) == 0) {
        *ret_copy = copy;
        return ERR_OK;
    }
    s_drop_range(copy);
    mem_free(copy->path);
    mem_free(copy);
    return ERR_UNAVAILABLE;
}

bool copy_ended(const copy_t *copy)
{
    return atomic_load(&copy->ended);
}

static void s_join(copy_t *copy)
{
    if (!copy->joined)
        pthread_join(copy->thread, NULL);
    copy->joined = true;
}

void copy_cancel(copy_t *copy)
{
    atomic_store(&copy->stopping, true);
    s_join(copy);
}

void copy_end(copy_t **copy_p, copy_report_t *ret_report)
{
    copy_t *copy = TAKE(*copy_p);
    s_join(copy);
    *ret_report = copy->report;
    mem_free(copy->path);
    mem_free(copy);
}
