/* shelf.c - files that never change, so that they need no locks.
 *
 * A file is written under a random name in `incoming`, hashed while it comes, synced,
 * and only then renamed to its id; the folder is synced before anybody hears of it.  So
 * what has an id is complete and survives a power cut, two uploads of the same content
 * at once end in one file, and what a crash leaves behind lies in `incoming` only, where
 * a sweep clears away what is older than any upload may take.
 *
 * A file goes as a whole, by one unlink, so a crash in a sweep leaves the rest to the next.
 * Between the look at a file's age and the unlink nobody may keep it anew: both hold the
 * folder's lock (flock), which is other processes' too and dies with whoever holds it.
 *
 * All names are relative to the open folder, and the only ones that come from a stranger
 * are ids: letters, digits, '-' and '_', as many as a hash has. */
#include "ws-edge/shelf.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "actors/crypto.h"
#include "actors/log.h"
#include "ws-edge/magic.h"

enum {
    FOLDER_MODE = 0700,
    FILE_MODE = 0600,
    NAME_SIZE = 64, /* of a path below the folder */
    NONCE_SIZE = 16,
    CHECK_SIZE = 64 * 1024, /* bytes that are read at once */
    STALE_S = 24 * 3600,    /* longer than any upload can take */
};

static const char s_incoming[] = "incoming";

struct shelf {
    int folder;
};

struct intake {
    shelf_t *shelf;
    int fd;
    char name[NAME_SIZE]; /* in `incoming`; empty once it has another */
    crypto_digest_t *digest;
    uint64_t size;
    uint8_t head[MAGIC_HEAD_MAX];
    size_t head_len;
};

/* ---- the folder ---- */

static err_t s_fail(const char *what, const char *name)
{
    log_error("files", "%s %s: %s", what, name, strerror(errno));
    return ERR_STORAGE;
}

static err_t s_make_folder(int parent, const char *name)
{
    if (mkdirat(parent, name, FOLDER_MODE) == 0 || errno == EEXIST)
        return ERR_OK;
    return s_fail("cannot make", name);
}

static int s_open_folder(int parent, const char *name)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

err_t shelf_open(const char *path, shelf_t **ret_shelf)
{
    err_t err = s_make_folder(AT_FDCWD, path);
    int folder = err == ERR_OK ? s_open_folder(AT_FDCWD, path) : -1;
    if (err == ERR_OK && folder < 0)
        err = s_fail("cannot open", path);
    if (err == ERR_OK)
        err = s_make_folder(folder, s_incoming);
    if (err != ERR_OK) {
        if (folder >= 0)
            close(folder);
        return err;
    }
    shelf_t *shelf = mem_new(shelf_t);
    shelf->folder = folder;
    *ret_shelf = shelf;
    return ERR_OK;
}

void shelf_close(shelf_t **shelf_p)
{
    if (*shelf_p == NULL)
        return;
    close((*shelf_p)->folder);
    mem_free(*shelf_p);
    *shelf_p = NULL;
}

/* ---- in ---- */

err_t intake_open(shelf_t *shelf, intake_t **ret_intake)
{
    uint8_t nonce[NONCE_SIZE];
    buf_t hex = {0};
    intake_t *intake = mem_new(intake_t);
    crypto_random(nonce, sizeof nonce);
    crypto_hex(&hex, slice_new(nonce, sizeof nonce));
    snprintf(intake->name, sizeof intake->name, "%s/%.*s", s_incoming, SLICE_ARG(buf_slice(&hex)));
    buf_free(&hex);
    intake->shelf = shelf;
    intake->digest = crypto_digest_begin();
    intake->fd =
        openat(shelf->folder, intake->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (intake->fd < 0) {
        err_t err = s_fail("cannot make", intake->name);
        intake_close(&intake);
        return err;
    }
    *ret_intake = intake;
    return ERR_OK;
}

static err_t s_write(const intake_t *intake, slice_t bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(intake->fd, bytes.ptr, bytes.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return s_fail("cannot write", intake->name);
        bytes = slice_from(bytes, (size_t)written);
    }
    return ERR_OK;
}

err_t intake_take(intake_t *intake, slice_t piece)
{
    size_t room = sizeof intake->head - intake->head_len;
    size_t more = piece.len < room ? piece.len : room;
    if (more > 0)
        memcpy(intake->head + intake->head_len, piece.ptr, more);
    intake->head_len += more;
    intake->size += piece.len;
    crypto_digest_add(intake->digest, piece);
    return s_write(intake, piece);
}

const char *intake_type(const intake_t *intake, bool whole)
{
    bool seen = whole && intake->size == intake->head_len;
    return magic_type(slice_new(intake->head, intake->head_len), seen);
}

static void s_path(slice_t id, char path[NAME_SIZE])
{
    assert(id.len == LIMIT_FILE_ID);
    snprintf(path, NAME_SIZE, "%.2s/%.*s", (const char *)id.ptr, SLICE_ARG(id));
}

static bool s_there(const shelf_t *shelf, const char *path, uint64_t size)
{
    struct stat found;
    return fstatat(shelf->folder, path, &found, 0) == 0 && (uint64_t)found.st_size == size;
}

static err_t s_sync_folder(const shelf_t *shelf, const char *name)
{
    int fd = s_open_folder(shelf->folder, name);
    bool synced = fd >= 0 && fsync(fd) == 0;
    err_t err = synced ? ERR_OK : s_fail("cannot sync", name);
    if (fd >= 0)
        close(fd);
    return err;
}

/* The folder's lock, until the descriptor is closed; -1: not to be had. */
static int s_lock(const shelf_t *shelf)
{
    int fd = s_open_folder(shelf->folder, ".");
    int locked = fd >= 0 ? flock(fd, LOCK_EX) : 0;
    while (fd >= 0 && locked != 0 && errno == EINTR)
        locked = flock(fd, LOCK_EX);
    if (fd >= 0 && locked == 0)
        return fd;
    (void)s_fail("cannot lock", ".");
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Under its name from here on, and young; in the place of the same, which may be damaged. */
static err_t s_name(intake_t *intake, const char *path)
{
    const shelf_t *shelf = intake->shelf;
    if (renameat(shelf->folder, intake->name, shelf->folder, path) != 0)
        return s_fail("cannot rename to", path);
    intake->name[0] = '\0';
    return ERR_OK;
}

/* Give it its name.  The folders are synced even where the file is there already: who put
 * it there may not have come so far yet. */
static err_t s_put_away(intake_t *intake, slice_t id)
{
    const shelf_t *shelf = intake->shelf;
    char path[NAME_SIZE], drawer[] = {(char)id.ptr[0], (char)id.ptr[1], '\0'};
    s_path(id, path);
    err_t err = s_make_folder(shelf->folder, drawer);
    int lock = err == ERR_OK ? s_lock(shelf) : -1;
    if (err == ERR_OK)
        err = lock >= 0 ? s_name(intake, path) : ERR_STORAGE;
    if (lock >= 0)
        close(lock);
    if (err == ERR_OK)
        err = s_sync_folder(shelf, drawer);
    return err == ERR_OK ? s_sync_folder(shelf, ".") : err;
}

err_t intake_keep(intake_t *intake, kept_t *ret_kept)
{
    uint8_t hash[CRYPTO_BLAKE256_SIZE];
    buf_t id = {0};
    if (fsync(intake->fd) != 0)
        return s_fail("cannot sync", intake->name);
    crypto_digest_end(&intake->digest, hash);
    crypto_base64url(&id, slice_new(hash, sizeof hash));
    err_t err = s_put_away(intake, buf_slice(&id));
    if (err == ERR_OK) {
        *ret_kept = (kept_t){.type = intake_type(intake, true), .size = intake->size};
        memcpy(ret_kept->id, id.data, LIMIT_FILE_ID);
    }
    buf_free(&id);
    return err;
}

void intake_close(intake_t **intake_p)
{
    intake_t *intake = TAKE(*intake_p);
    if (intake == NULL)
        return;
    if (intake->fd >= 0)
        close(intake->fd);
    if (intake->fd >= 0 && intake->name[0] != '\0')
        (void)unlinkat(intake->shelf->folder, intake->name, 0);
    crypto_digest_end(&intake->digest, NULL);
    mem_free(intake);
}

err_t intake_read(const intake_t *intake, buf_t *out)
{
    uint8_t *to = buf_reserve(out, (size_t)intake->size);
    for (uint64_t at = 0; at < intake->size;) {
        ssize_t got = pread(intake->fd, to + at, (size_t)(intake->size - at), (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return s_fail("cannot read", intake->name);
        at += (uint64_t)got;
    }
    out->len += (size_t)intake->size;
    return ERR_OK;
}

err_t shelf_put(shelf_t *shelf, slice_t content, kept_t *ret_kept)
{
    intake_t *intake = NULL;
    err_t err = intake_open(shelf, &intake);
    if (err == ERR_OK)
        err = intake_take(intake, content);
    if (err == ERR_OK)
        err = intake_keep(intake, ret_kept);
    intake_close(&intake);
    return err;
}

/* ---- out ---- */

static bool s_is_id(slice_t id)
{
    for (size_t i = 0; i < id.len; i++) {
        uint8_t byte = id.ptr[i], lower = byte | 0x20;
        bool letter = lower >= 'a' && lower <= 'z';
        if (!letter && !(byte >= '0' && byte <= '9') && byte != '-' && byte != '_')
            return false;
    }
    return id.len == LIMIT_FILE_ID;
}

err_t shelf_find(const shelf_t *shelf, slice_t id, uint64_t size, int *ret_fd)
{
    char path[NAME_SIZE];
    if (!s_is_id(id))
        return ERR_NOT_FOUND;
    s_path(id, path);
    if (!s_there(shelf, path, size))
        return ERR_NOT_FOUND;
    int fd = openat(shelf->folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : s_fail("cannot open", path);
    *ret_fd = fd;
    return ERR_OK;
}

err_t shelf_check(slice_t id, int fd)
{
    uint8_t hash[CRYPTO_BLAKE256_SIZE], *piece = mem_grow(NULL, CHECK_SIZE);
    buf_t found = {0};
    crypto_digest_t *digest = crypto_digest_begin();
    ssize_t got = 0;
    for (off_t at = 0; (got = pread(fd, piece, CHECK_SIZE, at)) > 0 || (got < 0 && errno == EINTR);)
        if (got > 0) {
            crypto_digest_add(digest, slice_new(piece, (size_t)got));
            at += got;
        }
    crypto_digest_end(&digest, hash);
    crypto_base64url(&found, slice_new(hash, sizeof hash));
    bool same = slice_eq(buf_slice(&found), id);
    buf_free(&found);
    mem_free(piece);
    if (got < 0)
        return ERR_STORAGE;
    return same ? ERR_OK : ERR_CORRUPT;
}

/* ---- away ---- */

static const char s_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool s_is_old(int folder, const char *name)
{
    struct stat found;
    return fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(found.st_mode) &&
           time(NULL) - found.st_mtime > STALE_S;
}

/* Call `take` with each old file of a folder; one that is missing has none. */
static void s_each_old(const shelf_t *shelf, const char *path,
                       void (*take)(int folder, const char *name, void *ctx), void *ctx)
{
    int fd = s_open_folder(shelf->folder, path);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (s_is_old(fd, entry->d_name))
            take(fd, entry->d_name, ctx);
    if (folder != NULL)
        closedir(folder);
    else if (fd >= 0)
        close(fd);
}

static void s_note(int folder, const char *name, void *ctx)
{
    (void)folder;
    if (s_is_id(slice_of(name)))
        buf_append_text(ctx, name);
}

void shelf_list_old(const shelf_t *shelf, unsigned drawer, buf_t *ids)
{
    for (size_t i = 0; i < SHELF_DRAWERS; i++) {
        char path[] = {s_letters[drawer], s_letters[i], '\0'};
        s_each_old(shelf, path, s_note, ids);
    }
}

void shelf_discard(const shelf_t *shelf, slice_t id)
{
    char path[NAME_SIZE];
    if (!s_is_id(id))
        return;
    s_path(id, path);
    int lock = s_lock(shelf);
    if (lock < 0)
        return;
    if (s_is_old(shelf->folder, path) && unlinkat(shelf->folder, path, 0) != 0)
        (void)s_fail("cannot remove", path);
    close(lock);
}

static void s_remove(int folder, const char *name, void *ctx)
{
    (void)ctx;
    (void)unlinkat(folder, name, 0);
}

void shelf_clear(const shelf_t *shelf)
{
    s_each_old(shelf, s_incoming, s_remove, NULL);
}
