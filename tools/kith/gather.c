/* gather.c - files, then the journal, then all else, then files that came meanwhile. */
#include "tools/kith/gather.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/level_log.h"
#include "actors/level_set.h"
#include "broker/row.h"
#include "tools/kith/place.h"

static bool s_ends(const char *text, const char *end)
{
    size_t len = strlen(text), more = strlen(end);
    return len >= more && strcmp(text + len - more, end) == 0;
}

/* A path of the backup. */
static bool s_path(const gather_t *gather, const char *name, char ret_path[PATH_MAX])
{
    return gather->name[0] == '\0' ? snprintf(ret_path, PATH_MAX, "%s", name) < PATH_MAX
                                   : tree_join(ret_path, gather->name, name);
}

/* ---- one file ---- */

/* Tables and uploaded files never change. */
static bool s_take(gather_t *gather, const char *from, const char *path, bool lasting)
{
    int fd = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) {
        gather->gone = true;
        return true;
    }
    if (fd < 0)
        return tree_complain(from);
    bool good = deposit_take(gather->deposit, fd, from, path, lasting);
    close(fd);
    return good;
}

static bool s_take_named(gather_t *gather, const char *name, uint64_t bytes, bool lasting)
{
    char from[PATH_MAX], path[PATH_MAX];
    if (!tree_join(from, gather->top, name) || !s_path(gather, name, path))
        return false;
    if (lasting && deposit_keep(gather->deposit, path, bytes))
        return true;
    return s_take(gather, from, path, lasting);
}

/* ---- uploaded files ---- */

static bool s_take_upload(void *ctx, const char *name, uint64_t bytes)
{
    static const char incoming[] = "incoming/"; /* uploads that are under way */
    gather_t *gather = ctx;
    char path[PATH_MAX];
    if (strstr(name, incoming) != NULL || !s_path(gather, name, path) ||
        deposit_has(gather->deposit, path))
        return true;
    bool gone = gather->gone;
    bool good = s_take_named(gather, name, bytes, true);
    gather->gone = gone; /* what nobody has any more may go */
    return good;
}

static bool s_take_uploads(gather_t *gather)
{
    char folder[PATH_MAX];
    const char *set = gather->config != NULL ? config_get(gather->config, "files") : "";
    if (!tree_join(folder, gather->data, "files"))
        return false;
    gather->top = *set != '\0' ? set : folder;
    gather->name = "files";
    return tree_each(gather->top, s_take_upload, gather);
}

/* ---- the journal ---- */

static bool s_whole(const level_set_t *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->files[i].fd < 0)
            return false;
    return true;
}

static bool s_take_table(gather_t *gather, const level_set_t *set, const level_file_t *file)
{
    char from[PATH_MAX], path[PATH_MAX];
    if (!tree_join(from, set->path, file->name) || !s_path(gather, file->name, path))
        return false;
    return deposit_keep(gather->deposit, path, file->named->bytes) ||
           deposit_take(gather->deposit, file->fd, from, path, true);
}

/* Bytes without the write that they end in the middle of. */
static bool s_put_log(gather_t *gather, const char *name, slice_t bytes)
{
    char path[PATH_MAX];
    return s_path(gather, name, path) &&
           deposit_put(gather->deposit, path, slice_new(bytes.ptr, level_log_whole(bytes)));
}

static bool s_take_log(gather_t *gather, const level_set_t *set, const level_file_t *file)
{
    return level_set_read(set, file, &gather->bytes) == ERR_OK &&
           s_put_log(gather, file->name, buf_slice(&gather->bytes));
}

static bool s_put_lists(gather_t *gather, const level_set_t *set)
{
    char path[PATH_MAX], current[LEVEL_NAME_SIZE + 1];
    snprintf(current, sizeof current, "%s\n", set->manifest_name);
    return s_put_log(gather, set->manifest_name, buf_slice(&set->manifest_bytes)) &&
           s_path(gather, "CURRENT", path) && deposit_put(gather->deposit, path, slice_of(current));
}

static bool s_take_set(gather_t *gather, const level_set_t *set)
{
    bool good = true;
    for (size_t i = 0; i < set->count && good; i++)
        good = set->files[i].named != NULL ? s_take_table(gather, set, &set->files[i])
                                           : s_take_log(gather, set, &set->files[i]);
    return good && s_put_lists(gather, set);
}

/* A segment that retention removes meanwhile is gone; with it, all that was taken is of no use. */
static bool s_take_segment(gather_t *gather, uint64_t first)
{
    char name[64], folder[PATH_MAX];
    level_set_t set;
    snprintf(name, sizeof name, "journal/%020" PRIu64, first);
    if (!tree_join(folder, gather->data, name))
        return false;
    gather->name = name;
    err_t err = level_set_open(folder, &set);
    bool good = true;
    if (err == ERR_STORAGE)
        good = false;
    else if (err != ERR_OK || !s_whole(&set))
        gather->gone = true;
    else
        good = s_take_set(gather, &set);
    level_set_close(&set);
    gather->name = "";
    return good;
}

static bool s_list_segments(const gather_t *gather, fault_t *fault, row_t **ret_row)
{
    char path[PATH_MAX];
    place_join(path, gather->data, "journal");
    err_t err = row_open(path, fault, ret_row);
    if (err == ERR_OK && row_count(*ret_row) == 0)
        err = ERR_NOT_FOUND;
    if (err != ERR_OK)
        place_complain(path, err);
    return err == ERR_OK;
}

static bool s_take_epoch(gather_t *gather)
{
    char path[PATH_MAX];
    place_join(path, gather->data, "journal/epoch");
    return access(path, F_OK) != 0 || s_take(gather, path, "journal/epoch", false);
}

static bool s_take_journal(gather_t *gather)
{
    fault_t fault;
    row_t *row = NULL;
    bool good = s_list_segments(gather, &fault, &row);
    if (good)
        gather->first = row_first(row, 0);
    for (size_t i = 0; good && !gather->gone && i < row_count(row); i++)
        good = s_take_segment(gather, row_first(row, i));
    row_close(&row);
    return good && s_take_epoch(gather);
}

/* Whether nothing was cut off the front meanwhile: a note about that is among what followed. */
static bool s_still_begins(gather_t *gather)
{
    fault_t fault;
    row_t *row = NULL;
    bool good = s_list_segments(gather, &fault, &row);
    if (good && row_first(row, 0) != gather->first)
        gather->gone = true;
    row_close(&row);
    return good;
}

/* What was known of the journal's end before any of it was copied, for the one who checks it. */
static bool s_take_anchor(gather_t *gather)
{
    char from[PATH_MAX], to[PATH_MAX];
    tree_copied_t copied;
    if (!tree_join(from, gather->data, "anchor.json") ||
        !tree_join(to, deposit_incoming(gather->deposit), "anchor.json"))
        return false;
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || tree_complain(from);
    bool good = tree_copy(fd, UINT64_MAX, to, &copied);
    close(fd);
    return good;
}

/* ---- all else in the data folder ---- */

/* What is made from the journal, has been taken, or is not to last. */
static bool s_is_left_out(const char *name)
{
    static const char *const others[] = {"journal", "files", "index", "anchor.json", ".", ".."};
    bool out = s_ends(name, ".new");
    for (size_t i = 0; place_actors[i] != NULL; i++)
        out = out || strcmp(name, place_actors[i]) == 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        out = out || strcmp(name, others[i]) == 0;
    return out;
}

static bool s_take_inner(void *ctx, const char *name, uint64_t bytes)
{
    static const char *const passing[] = {"new/", "old/"}; /* snapshots that come and go */
    static const char *const locks[] = {"/LOCK", "/LOG", "/LOG.old", ".new"};
    gather_t *gather = ctx;
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (strncmp(name, passing[i], strlen(passing[i])) == 0)
            return true;
    for (size_t i = 0; i < sizeof locks / sizeof *locks; i++)
        if (s_ends(name, locks[i]))
            return true;
    return s_take_named(gather, name, bytes, s_ends(name, ".ldb"));
}

static bool s_take_folder(gather_t *gather, const char *folder, const char *name)
{
    gather->top = folder;
    gather->name = name;
    return tree_each(folder, s_take_inner, gather);
}

static bool s_take_entry(gather_t *gather, const char *name)
{
    char path[PATH_MAX];
    struct stat seen;
    if (s_is_left_out(name))
        return true;
    if (!tree_join(path, gather->data, name))
        return false;
    if (stat(path, &seen) != 0)
        return errno == ENOENT || tree_complain(path);
    if (S_ISDIR(seen.st_mode))
        return s_take_folder(gather, path, name);
    return !S_ISREG(seen.st_mode) || s_take(gather, path, name, false);
}

static bool s_take_rest(gather_t *gather)
{
    bool good = true;
    DIR *list = opendir(gather->data);
    if (list == NULL)
        return tree_complain(gather->data);
    for (struct dirent *entry = readdir(list); entry != NULL && good; entry = readdir(list))
        good = s_take_entry(gather, entry->d_name);
    closedir(list);
    return good;
}

/* ---- the settings, and what they name ---- */

static bool s_names_file(const char *key)
{
    return s_ends(key, "_file") || s_ends(key, ".authorities") ||
           strcmp(key, "tls.certificate") == 0 || strcmp(key, "tls.key") == 0;
}

static bool s_take_setting(gather_t *gather, const setting_t *setting)
{
    char path[PATH_MAX];
    if (*setting->value == '\0' || !s_names_file(setting->key))
        return true;
    snprintf(path, sizeof path, "config/%s", setting->key);
    bool good = s_take(gather, setting->value, path, false);
    if (!good || !gather->gone)
        return good;
    errno = ENOENT;
    return tree_complain(setting->value);
}

static bool s_take_settings(gather_t *gather)
{
    const config_t *config = gather->config;
    if (config == NULL)
        return true;
    bool good = s_take(gather, gather->config_file, "config/kith.conf", false);
    const char *keys = config_get(config, "keys");
    if (good && *keys != '\0')
        good = s_take_folder(gather, keys, "keys");
    for (size_t i = 0; i < config->count && good; i++)
        good = s_take_setting(gather, &config->settings[i]);
    return good;
}

bool gather_all(gather_t *gather)
{
    gather->name = "";
    gather->gone = false;
    bool good = s_take_anchor(gather) && s_take_uploads(gather) && s_take_journal(gather) &&
                s_take_rest(gather) && s_take_settings(gather) && s_take_uploads(gather) &&
                s_still_begins(gather);
    buf_free(&gather->bytes);
    return good;
}
