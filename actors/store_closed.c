/* store_closed.c - projections that nobody is at work on: looked into, and copied.
 *
 * Whatever is found is told and left as it is. */
#include "actors/store.h"
#include "actors/store_own.h"
#include "schema/pack.h"

enum { KEY_SIZE = 2 };

static slice_t s_key(uint8_t at[KEY_SIZE], store_own_t row)
{
    at[0] = COPY_OWN;
    at[1] = (uint8_t)row;
    return slice_new(at, KEY_SIZE);
}

err_t store_own_read(level_t *level, store_own_t row, uint64_t *ret_number)
{
    uint8_t key[KEY_SIZE];
    slice_t value;
    arena_t *arena = arena_new();
    err_t err = level_get(level, s_key(key, row), arena, &value);
    if (err == ERR_OK && value.len != sizeof *ret_number)
        err = ERR_CORRUPT;
    if (err == ERR_OK)
        *ret_number = wide_get64(value.ptr);
    arena_destroy(&arena);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

void store_own_put(level_t *level, store_own_t row, uint64_t number)
{
    uint8_t key[KEY_SIZE], value[sizeof number];
    wide_put64(value, number);
    level_put(level, s_key(key, row), slice_new(value, sizeof value));
}

/* ---- looking ---- */

err_t store_inspect(const char *path, uint64_t *ret_applied, uint8_t ret_hash[32])
{
    level_t *level = NULL;
    err_t err = level_open(path, &(level_options_t){.create = false}, &level);
    *ret_applied = 0;
    if (err == ERR_OK)
        err = store_own_read(level, STORE_APPLIED, ret_applied);
    if (err == ERR_OK)
        err = copy_digest(level, ret_hash);
    level_close(&level);
    return err;
}

err_t store_peek(const char *path, uint64_t *ret_applied)
{
    level_t *level = NULL;
    err_t err = level_open(path, &(level_options_t){.create = false}, &level);
    *ret_applied = 0;
    if (err == ERR_OK)
        err = store_own_read(level, STORE_APPLIED, ret_applied);
    level_close(&level);
    return err;
}

/* ---- copying ---- */

static err_t s_copy(const char *from, const char *to, copy_convert_fn *convert)
{
    level_t *source = NULL;
    copy_t *copy = NULL;
    copy_report_t report;
    err_t err = level_open(from, &(level_options_t){.create = false}, &source);
    if (err == ERR_OK)
        err = copy_begin(source, to, convert, &copy);
    if (err == ERR_OK) {
        copy_end(&copy, &report);
        err = report.err;
    }
    level_close(&source);
    return err;
}

static err_t s_mark(const char *path, uint64_t format)
{
    level_t *level = NULL;
    err_t err = level_open(path, &(level_options_t){.create = false}, &level);
    if (err == ERR_OK) {
        store_own_put(level, STORE_FORMAT, format);
        err = level_commit(level, true);
    }
    level_close(&level);
    return err;
}

err_t store_copy_closed(const char *from, const char *to, uint64_t format, copy_convert_fn *convert)
{
    err_t err = s_copy(from, to, convert);
    return err == ERR_OK ? s_mark(to, format) : err;
}
