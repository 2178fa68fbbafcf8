/* level.c - LevelDB behind the house's own types.
 *
 * Options are made once a database and used for every call, so a get or a put
 * costs no allocation but LevelDB's own.  Rows are stored uncompressed: the
 * processor is the scarcer thing, and sizes on disk stay what was written.
 *
 * A folder that has tables or logs but no CURRENT file is damaged: LevelDB would
 * take it for new and delete them, so it is refused before LevelDB sees it. */
#include "actors/level.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <leveldb/c.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/level_look.h"
#include "actors/log.h"

enum {
    WRITE_BUFFER = 4 * 1024 * 1024,
    CACHE = 1024 * 1024,
    OPEN_FILES = 200, /* tables held open; each may take a descriptor */
    FOLDER_MODE = 0700,
    MARGIN = 1024 * 1024, /* of an opening: the manifest, and tables that are no denser than logs */
    KEY_LONGEST = 64,     /* bytes of 0xff that are behind any key of the house */
};

struct level {
    char *path;
    leveldb_t *db;
    leveldb_options_t *options;
    leveldb_cache_t *cache;
    leveldb_filterpolicy_t *filter; /* NULL: none */
    leveldb_readoptions_t *reading;
    leveldb_readoptions_t *scanning; /* past the cache */
    leveldb_writeoptions_t *lazily;  /* returns before the disk has it */
    leveldb_writeoptions_t *synced;  /* returns when the disk has it */
    leveldb_writebatch_t *batch;
    size_t batched; /* bytes of keys and values in the batch */
    bool failed;    /* a write failed: none is tried again */
};

static err_t s_refuse(const char *path, err_t err, const char *words)
{
    log_error("level", "%s: %s", path, words);
    return err;
}

/* LevelDB's verdict as an error; its words are logged and released. */
static err_t s_verdict(const char *path, char **words_p)
{
    if (*words_p == NULL)
        return ERR_OK;
    bool damaged = slice_starts(slice_of(*words_p), SLICE_LIT("Corruption:"));
    bool held = slice_starts(slice_of(*words_p), SLICE_LIT("IO error: lock"));
    err_t err =
        s_refuse(path,
                 damaged ? ERR_CORRUPT
                 : held  ? ERR_UNAVAILABLE
                         : ERR_STORAGE,
                 held ? "in use by another process; a part runs once on its folder" : *words_p);
    leveldb_free(*words_p);
    *words_p = NULL;
    return err;
}

static bool s_ends(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

typedef enum folder { FOLDER_EMPTY, FOLDER_WHOLE, FOLDER_HEADLESS } folder_t;

/* What is at `path`: nothing to lose, a database, or data without its CURRENT. */
static folder_t s_folder_look(const char *path)
{
    folder_t seen = FOLDER_EMPTY;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return FOLDER_EMPTY;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, "CURRENT") == 0)
            seen = FOLDER_WHOLE;
        else if (seen == FOLDER_EMPTY &&
                 (s_ends(entry->d_name, ".ldb") || s_ends(entry->d_name, ".log")))
            seen = FOLDER_HEADLESS;
    }
    closedir(folder);
    return seen;
}

static err_t s_folder_check(const char *path, bool create)
{
    switch (s_folder_look(path)) {
    case FOLDER_WHOLE:
        return level_look(path);
    case FOLDER_HEADLESS:
        return s_refuse(path, ERR_CORRUPT, "tables without their CURRENT file; left as they are");
    case FOLDER_EMPTY:
        break;
    }
    if (!create)
        return ERR_NOT_FOUND;
    if (mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST)
        return s_refuse(path, ERR_STORAGE, strerror(errno));
    return ERR_OK;
}

static leveldb_options_t *s_options_new(void)
{
    leveldb_options_t *options = leveldb_options_create();
    leveldb_options_set_paranoid_checks(options, 1);
    leveldb_options_set_compression(options, leveldb_no_compression);
    leveldb_options_set_max_open_files(options, OPEN_FILES);
    return options;
}

static void s_prepare(level_t *level, const level_options_t *options)
{
    level->options = s_options_new();
    leveldb_options_set_create_if_missing(level->options, options->create);
    leveldb_options_set_write_buffer_size(
        level->options, options->write_buffer > 0 ? options->write_buffer : WRITE_BUFFER);

    if (options->table > 0)
        leveldb_options_set_max_file_size(level->options, options->table);
    level->cache = leveldb_cache_create_lru(options->cache > 0 ? options->cache : CACHE);
    leveldb_options_set_cache(level->options, level->cache);
    if (options->bloom_bits > 0) {
        level->filter = leveldb_filterpolicy_create_bloom(options->bloom_bits);
        leveldb_options_set_filter_policy(level->options, level->filter);
    }

    level->reading = leveldb_readoptions_create();
    leveldb_readoptions_set_verify_checksums(level->reading, 1);
    level->scanning = leveldb_readoptions_create();
    leveldb_readoptions_set_verify_checksums(level->scanning, 1);
    leveldb_readoptions_set_fill_cache(level->scanning, 0);
    level->lazily = leveldb_writeoptions_create();
    level->synced = leveldb_writeoptions_create();
    leveldb_writeoptions_set_sync(level->synced, 1);
    level->batch = leveldb_writebatch_create();
}

err_t level_open(const char *path, const level_options_t *options, level_t **ret_level)
{
    assert(path != NULL);
    assert(ret_level != NULL);

    err_t err = s_folder_check(path, options->create);
    if (err != ERR_OK)
        return err;

    char *words = NULL;
    level_t *level = mem_new(level_t);
    level->path = mem_text(path);
    s_prepare(level, options);
    level->db = leveldb_open(level->options, path, &words);
    err = s_verdict(path, &words);
    if (err == ERR_OK)
        *ret_level = TAKE(level);

    level_close(&level);
    return err;
}

void level_close(level_t **level_p)
{
    level_t *level = *level_p;
    if (level == NULL)
        return;
    if (level->db != NULL)
        leveldb_close(level->db);
    leveldb_writebatch_destroy(level->batch);
    leveldb_writeoptions_destroy(level->synced);
    leveldb_writeoptions_destroy(level->lazily);
    leveldb_readoptions_destroy(level->reading);
    leveldb_readoptions_destroy(level->scanning);
    if (level->filter != NULL)
        leveldb_filterpolicy_destroy(level->filter);
    leveldb_options_destroy(level->options);
    leveldb_cache_destroy(level->cache);
    mem_free(level->path);
    mem_free(level);
    *level_p = NULL;
}

/* Bytes of the logs in the folder. */
static off_t s_log_bytes(const char *path)
{
    off_t bytes = 0;
    struct stat seen;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (s_ends(entry->d_name, ".log") && fstatat(dirfd(folder), entry->d_name, &seen, 0) == 0)
            bytes += seen.st_size;
    closedir(folder);
    return bytes;
}

bool level_has_room(const char *path)
{
    char probe[PATH_MAX];
    if (snprintf(probe, sizeof probe, "%s.room", path) >= (int)sizeof probe)
        return false;
    int fd = open(probe, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    unlink(probe); /* no crash leaves more of it than a name */
    bool room = posix_fallocate(fd, 0, s_log_bytes(path) + MARGIN) == 0;
    close(fd);
    return room;
}

err_t level_destroy(const char *path)
{
    char *words = NULL;
    if (access(path, F_OK) != 0)
        return ERR_OK;
    leveldb_options_t *options = s_options_new();
    leveldb_destroy_db(options, path, &words);
    leveldb_options_destroy(options);
    return s_verdict(path, &words);
}

uint64_t level_size(level_t *level)
{
    char last[KEY_LONGEST];
    memset(last, 0xff, sizeof last);
    const char *from = "", *to = last;
    size_t from_len = 0, to_len = sizeof last;
    uint64_t size = 0;
    leveldb_approximate_sizes(level->db, 1, &from, &from_len, &to, &to_len, &size);
    return size;
}

err_t level_get(level_t *level, slice_t key, arena_t *arena, slice_t *ret_value)
{
    char *words = NULL;
    size_t len = 0;
    char *value =
        leveldb_get(level->db, level->reading, (const char *)key.ptr, key.len, &len, &words);
    if (words != NULL)
        return s_verdict(level->path, &words);
    if (value == NULL)
        return ERR_NOT_FOUND;
    *ret_value = arena_copy(arena, slice_new(value, len));
    leveldb_free(value);
    return ERR_OK;
}

/* ---- writing ---- */

void level_put(level_t *level, slice_t key, slice_t value)
{
    leveldb_writebatch_put(level->batch, (const char *)key.ptr, key.len, (const char *)value.ptr,
                           value.len);
    level->batched += key.len + value.len;
}

void level_delete(level_t *level, slice_t key)
{
    leveldb_writebatch_delete(level->batch, (const char *)key.ptr, key.len);
    level->batched += key.len;
}

size_t level_batched(const level_t *level)
{
    return level->batched;
}

void level_abandon(level_t *level)
{
    leveldb_writebatch_clear(level->batch);
    level->batched = 0;
}

err_t level_commit(level_t *level, bool sync)
{
    char *words = NULL;
    if (!level->failed)
        leveldb_write(level->db, sync ? level->synced : level->lazily, level->batch, &words);
    level_abandon(level);
    if (level->failed)
        return ERR_STORAGE;
    level->failed = words != NULL;
    return s_verdict(level->path, &words);
}

/* ---- reading ranges ---- */

static leveldb_iterator_t *s_iterator(const level_range_t *range)
{
    assert(range->iterator != NULL);
    return range->iterator;
}

void level_range_open(level_t *level, slice_t from, slice_t to, bool reverse,
                      level_range_t *ret_range)
{
    *ret_range = (level_range_t){
        .level = level,
        .iterator = leveldb_create_iterator(level->db, level->reading),
        .from = from,
        .to = to,
        .reverse = reverse,
    };
}

void level_scan_open(level_t *level, level_range_t *ret_range)
{
    *ret_range = (level_range_t){
        .level = level,
        .iterator = leveldb_create_iterator(level->db, level->scanning),
    };
}

void level_range_move(level_range_t *range, slice_t from, slice_t to)
{
    range->from = from;
    range->to = to;
    range->begun = false;
}

/* To the first row of a forward walk. */
static void s_seek_first(level_range_t *range)
{
    if (range->from.ptr != NULL)
        leveldb_iter_seek(s_iterator(range), (const char *)range->from.ptr, range->from.len);
    else
        leveldb_iter_seek_to_first(s_iterator(range));
}

/* To the first row of a backward walk: the last before `to`. */
static void s_seek_last(level_range_t *range)
{
    leveldb_iterator_t *iterator = s_iterator(range);
    if (range->to.ptr != NULL)
        leveldb_iter_seek(iterator, (const char *)range->to.ptr, range->to.len);
    if (range->to.ptr != NULL && leveldb_iter_valid(iterator))
        leveldb_iter_prev(iterator);
    else
        leveldb_iter_seek_to_last(iterator);
}

static void s_step(level_range_t *range)
{
    if (!range->begun && range->reverse)
        s_seek_last(range);
    else if (!range->begun)
        s_seek_first(range);
    else if (range->reverse)
        leveldb_iter_prev(s_iterator(range));
    else
        leveldb_iter_next(s_iterator(range));
    range->begun = true;
}

static bool s_inside(const level_range_t *range, slice_t key)
{
    if (range->reverse)
        return range->from.ptr == NULL || slice_compare(key, range->from) >= 0;
    return range->to.ptr == NULL || slice_compare(key, range->to) < 0;
}

bool level_range_next(level_range_t *range, slice_t *ret_key, slice_t *ret_value)
{
    leveldb_iterator_t *iterator = s_iterator(range);
    if (range->begun && !leveldb_iter_valid(iterator))
        return false;
    s_step(range);
    if (!leveldb_iter_valid(iterator))
        return false;

    slice_t key, value;
    key.ptr = (const uint8_t *)leveldb_iter_key(iterator, &key.len);
    if (!s_inside(range, key))
        return false;
    value.ptr = (const uint8_t *)leveldb_iter_value(iterator, &value.len);
    *ret_key = key;
    *ret_value = value;
    return true;
}

err_t level_range_close(level_range_t *range)
{
    char *words = NULL;
    leveldb_iter_get_error(s_iterator(range), &words);
    leveldb_iter_destroy(range->iterator);
    range->iterator = NULL;
    return s_verdict(range->level->path, &words);
}
