/* tree.c - fts walks, and every file that is written is synced before it is closed. */
#include "tools/kith/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/mem.h"

enum { FOLDER_MODE = 0700, FILE_MODE = 0600, PIECE = 256 * 1024 };

bool tree_complain(const char *path)
{
    fprintf(stderr, "kith: %s: %s\n", path, strerror(errno));
    return false;
}

bool tree_join(char ret_path[PATH_MAX], const char *folder, const char *name)
{
    if (snprintf(ret_path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return tree_complain(name);
}

/* ---- folders ---- */

bool tree_is_empty(const char *folder, const char *spared)
{
    DIR *list = opendir(folder);
    bool empty = true;
    if (list == NULL)
        return errno == ENOENT;
    for (struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list))
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                          strcmp(entry->d_name, spared) == 0);
    closedir(list);
    return empty;
}

static bool s_make_one(const char *folder)
{
    struct stat seen;
    if (mkdir(folder, FOLDER_MODE) == 0 || (stat(folder, &seen) == 0 && S_ISDIR(seen.st_mode)))
        return true;
    return tree_complain(folder);
}

bool tree_make(const char *folder)
{
    char path[PATH_MAX];
    struct stat seen;
    if (stat(folder, &seen) == 0 && S_ISDIR(seen.st_mode))
        return true;
    snprintf(path, sizeof path, "%s", folder);
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (!s_make_one(path))
            return false;
        *at = '/';
    }
    return s_make_one(path);
}

/* ---- walks ---- */

static FTS *s_open_walk(const char *path, int more)
{
    char *const paths[] = {(char *)(uintptr_t)path, NULL}; /* fts copies it */
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | more, NULL);
    if (walk == NULL)
        tree_complain(path);
    return walk;
}

/* What is gone by the time that one looks was never there. */
static bool s_is_fault(const FTSENT *entry)
{
    bool fault =
        entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS;
    return fault && entry->fts_errno != ENOENT;
}

static bool s_fail(const FTSENT *entry)
{
    errno = entry->fts_errno;
    return tree_complain(entry->fts_path);
}

bool tree_remove(const char *path)
{
    bool good = true;
    FTS *walk = s_open_walk(path, 0);
    for (FTSENT *entry = walk != NULL ? fts_read(walk) : NULL; entry != NULL && good;
         entry = fts_read(walk)) {
        if (s_is_fault(entry))
            good = s_fail(entry);
        else if (entry->fts_info != FTS_D && remove(entry->fts_path) != 0 && errno != ENOENT)
            good = tree_complain(entry->fts_path);
    }
    if (walk != NULL)
        fts_close(walk);
    return walk != NULL && good;
}

static bool s_sync(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (!good)
        tree_complain(folder);
    if (fd >= 0)
        close(fd);
    return good;
}

bool tree_sync(const char *folder)
{
    bool good = true;
    FTS *walk = s_open_walk(folder, 0);
    for (FTSENT *entry = walk != NULL ? fts_read(walk) : NULL; entry != NULL && good;
         entry = fts_read(walk)) {
        if (s_is_fault(entry))
            good = s_fail(entry);
        else if (entry->fts_info == FTS_DP)
            good = s_sync(entry->fts_path);
    }
    if (walk != NULL)
        fts_close(walk);
    return walk != NULL && good;
}

bool tree_each(const char *folder, tree_each_fn *each, void *ctx)
{
    bool good = true;
    size_t begin = strlen(folder) + 1;
    FTS *walk = s_open_walk(folder, FTS_COMFOLLOW);
    for (FTSENT *entry = walk != NULL ? fts_read(walk) : NULL; entry != NULL && good;
         entry = fts_read(walk)) {
        if (s_is_fault(entry))
            good = s_fail(entry);
        else if (entry->fts_info == FTS_F)
            good = each(ctx, entry->fts_path + begin, (uint64_t)entry->fts_statp->st_size);
    }
    if (walk != NULL)
        fts_close(walk);
    return walk != NULL && good;
}

/* ---- files ---- */

/* A folder for the file, and nothing of its name there. */
static bool s_clear(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    if (!tree_make(dirname(copy)))
        return false;
    return unlink(path) == 0 || errno == ENOENT || tree_complain(path);
}

static bool s_write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, bytes, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        bytes += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

/* Through the descriptor once, up to `most` bytes; `to` is -1 when nothing is written. */
static bool s_pass(int fd, uint64_t most, int to, tree_copied_t *copied)
{
    uint8_t *piece = mem_zeroed(PIECE);
    crypto_digest_t *digest = crypto_digest_begin();
    bool good = true;
    copied->bytes = 0;
    while (good && copied->bytes < most) {
        size_t wish = most - copied->bytes < PIECE ? (size_t)(most - copied->bytes) : PIECE;
        ssize_t got = pread(fd, piece, wish, (off_t)copied->bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            good = got == 0;
            break;
        }
        crypto_digest_add(digest, slice_new(piece, (size_t)got));
        good = to < 0 || s_write_all(to, piece, (size_t)got);
        copied->bytes += (uint64_t)got;
    }
    crypto_digest_end(&digest, copied->hash);
    mem_free(piece);
    return good;
}

bool tree_copy(int fd, uint64_t most, const char *to, tree_copied_t *ret_copied)
{
    if (!s_clear(to))
        return false;
    int made = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (made < 0)
        return tree_complain(to);
    bool good = s_pass(fd, most, made, ret_copied) && fsync(made) == 0;
    if (!good)
        tree_complain(to);
    close(made);
    return good;
}

bool tree_link(int fd, const char *from, const char *to, tree_copied_t *ret_copied)
{
    if (!s_clear(to))
        return false;
    if (link(from, to) != 0)
        return tree_copy(fd, UINT64_MAX, to, ret_copied);
    return s_pass(fd, UINT64_MAX, -1, ret_copied) || tree_complain(to);
}

bool tree_write(slice_t bytes, const char *to, tree_copied_t *ret_copied)
{
    if (!s_clear(to))
        return false;
    int made = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (made < 0)
        return tree_complain(to);
    bool good = s_write_all(made, bytes.ptr, bytes.len) && fsync(made) == 0;
    if (!good)
        tree_complain(to);
    close(made);
    ret_copied->bytes = bytes.len;
    crypto_blake256(bytes, ret_copied->hash);
    return good;
}

bool tree_same(const char *from, const char *to)
{
    tree_copied_t copied;
    if (!s_clear(to))
        return false;
    if (link(from, to) == 0)
        return true;
    int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return tree_complain(from);
    bool good = tree_copy(fd, UINT64_MAX, to, &copied);
    close(fd);
    return good;
}

bool tree_measure(const char *path, tree_copied_t *ret_copied)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return tree_complain(path);
    bool good = s_pass(fd, UINT64_MAX, -1, ret_copied) || tree_complain(path);
    close(fd);
    return good;
}
