/* mend.c - of the segment that grows, the logs and the list of files.
 *
 * The list is taken back only while all is there that it names without its last change: then that
 * change had not come into force. */
#include "broker/mend.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "actors/level_set.h"
#include "actors/log.h"
#include "broker/anchor.h"
#include "broker/folder.h"
#include "broker/row.h"

/* The folder of the segment that grows; ERR_NOT_FOUND: there is none. */
static err_t s_growing(const char *data, char ret_path[PATH_MAX])
{
    char journal[PATH_MAX];
    fault_t fault;
    row_t *row = NULL;
    snprintf(journal, sizeof journal, "%.3800s/journal", data);
    err_t err = row_open(journal, &fault, &row);
    if (err == ERR_OK && row_count(row) == 0)
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        snprintf(ret_path, PATH_MAX, "%.3900s/%020" PRIu64, journal,
                 row_first(row, row_count(row) - 1));
    row_close(&row);
    return err;
}

static bool s_ended_in_order(const char *data)
{
    const anchor_t *anchor = NULL;
    arena_t *arena = arena_new();
    bool clean = anchor_read(data, anchor_file, arena, &anchor) == ERR_OK && anchor->clean;
    arena_destroy(&arena);
    return clean;
}

/* The file as it was is on disk, by another name, before it is changed. */
static err_t s_keep_whole(const char *folder, const char *name, slice_t bytes)
{
    char kept[LEVEL_NAME_SIZE + 8];
    snprintf(kept, sizeof kept, "%s.torn", name);
    return folder_put(folder, kept, bytes);
}

static err_t s_take_off(const char *folder, const char *name, slice_t bytes, size_t whole)
{
    err_t err = s_keep_whole(folder, name, bytes);
    if (err == ERR_OK)
        err = folder_put(folder, name, slice_new(bytes.ptr, whole));
    if (err == ERR_OK)
        log_warn("journal",
                 "%s/%s: the last write came to the disk in parts when the power went; nobody was "
                 "told of it, and its %zu bytes were taken off (the whole file is %s.torn)",
                 folder, name, bytes.len - whole, name);
    return err;
}

static err_t s_mend_log(const level_set_t *set, const level_file_t *file)
{
    buf_t bytes = {0};
    size_t whole;
    err_t err = level_set_read(set, file, &bytes);
    if (err == ERR_OK && level_log_holed(buf_slice(&bytes), &whole))
        err = s_take_off(set->path, file->name, buf_slice(&bytes), whole);
    buf_free(&bytes);
    return err;
}

/* Whether every table, and the log that the list says is written, is there. */
static bool s_is_whole(const level_set_t *set)
{
    bool logged = false;
    for (size_t i = 0; i < set->count; i++) {
        const level_file_t *file = &set->files[i];
        if (file->fd < 0)
            return false;
        logged = logged || (file->named == NULL && file->number == set->manifest.log);
    }
    return logged;
}

static err_t s_mend_list(const level_set_t *set)
{
    size_t whole;
    slice_t bytes = buf_slice(&set->manifest_bytes);
    if (!level_log_holed(bytes, &whole) || !s_is_whole(set))
        return ERR_OK;
    return s_take_off(set->path, set->manifest_name, bytes, whole);
}

static err_t s_mend_set(const level_set_t *set)
{
    const level_file_t *last = set->count > 0 ? &set->files[set->count - 1] : NULL;
    err_t err = s_mend_list(set);
    if (err == ERR_OK && last != NULL && last->named == NULL && last->fd >= 0)
        err = s_mend_log(set, last);
    return err;
}

err_t mend_end(const char *data)
{
    char folder[PATH_MAX];
    level_set_t set;
    err_t err = s_growing(data, folder);
    if (err != ERR_OK || s_ended_in_order(data))
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    err = level_set_open(folder, &set);
    if (err == ERR_OK)
        err = s_mend_set(&set);
    level_set_close(&set);
    return err == ERR_STORAGE ? err : ERR_OK; /* what else is wrong is told where it is opened */
}
