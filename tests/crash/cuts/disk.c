/* disk.c - the C library's functions, with a memory.
 *
 * A definition in the program comes before the library's, for LevelDB too.  A deed is noted
 * once it is done, so one that a sync might not have covered is behind it in the list.  Files are
 * written from their beginning or at a place that is named; nothing here appends or seeks. */
#undef _FORTIFY_SOURCE
#include "tests/crash/cuts/disk.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/mem.h"

enum { FILES_OPEN = 4096, FOLDER = UINT32_MAX };

/* What an open file is; of number 0: nothing of ours. */
typedef struct handle {
    uint32_t file; /* or FOLDER */
    size_t at;     /* where the next write goes */
} handle_t;

static pthread_mutex_t s_lock = PTHREAD_MUTEX_INITIALIZER;
static char s_root[PATH_MAX];
static size_t s_root_len; /* 0: not watching */
static deed_t *s_deeds;
static size_t s_count, s_size;
static uint32_t s_files;
static handle_t s_handles[FILES_OPEN];
static struct {
    size_t left[REFUSALS]; /* calls of each kind until one fails; 0: none does */
    int error;
    size_t done;
} s_refusal;

/* Which file is at a path: the deeds that made and moved it, looked through from behind. */
static uint32_t s_file_at(const char *path)
{
    char sought[PATH_MAX];
    strncpy(sought, path, sizeof sought - 1);
    sought[sizeof sought - 1] = '\0';
    for (size_t i = s_count; i-- > 0;) {
        const deed_t *deed = &s_deeds[i];
        if (deed->act == ACT_MAKE && strcmp(deed->path, sought) == 0)
            return deed->file;
        if (deed->act != ACT_RENAME)
            continue;
        size_t len = strlen(deed->to);
        if (strncmp(sought, deed->to, len) != 0 || (sought[len] != '/' && sought[len] != '\0'))
            continue;
        char before[PATH_MAX];
        size_t head = strlen(deed->path), tail = strlen(sought + len);
        assert(head + tail < sizeof before);
        memcpy(before, deed->path, head);
        memcpy(before + head, sought + len, tail + 1);
        memcpy(sought, before, head + tail + 1);
    }
    return 0;
}

/* ---- noting ---- */

/* The part of a path beneath the folder; NULL: it is elsewhere, or nobody watches. */
static const char *s_beneath(const char *path)
{
    if (s_root_len == 0 || strncmp(path, s_root, s_root_len) != 0 || path[s_root_len] != '/')
        return NULL;
    return path + s_root_len + 1;
}

static deed_t *s_note(act_t act)
{
    if (s_count == s_size) {
        s_size = s_size > 0 ? s_size * 2 : 1024;
        s_deeds = mem_grow(s_deeds, s_size * sizeof *s_deeds);
    }
    s_deeds[s_count] = (deed_t){.act = act};
    return &s_deeds[s_count++];
}

static void s_note_path(act_t act, const char *path, const char *to)
{
    pthread_mutex_lock(&s_lock);
    const char *name = s_beneath(path), *other = to != NULL ? s_beneath(to) : NULL;
    if (name != NULL) {
        deed_t *deed = s_note(act);
        deed->path = mem_text(name);
        deed->to = other != NULL ? mem_text(other) : NULL;
    }
    pthread_mutex_unlock(&s_lock);
}

static uint32_t s_note_made(const char *name)
{
    deed_t *deed = s_note(ACT_MAKE);
    deed->path = mem_text(name);
    deed->file = ++s_files;
    return deed->file;
}

static void s_note_open(int fd, const char *path, int flags, bool existed)
{
    pthread_mutex_lock(&s_lock);
    const char *name = s_beneath(path);
    assert(fd < FILES_OPEN);
    s_handles[fd] = (handle_t){0};
    if (name != NULL && flags & O_DIRECTORY) {
        s_handles[fd].file = FOLDER;
    } else if (name != NULL) {
        s_handles[fd].file = existed ? s_file_at(name) : s_note_made(name);
        if (existed && flags & O_TRUNC && s_handles[fd].file != 0)
            s_note(ACT_EMPTY)->file = s_handles[fd].file;
    }
    pthread_mutex_unlock(&s_lock);
}

static handle_t *s_handle(int fd)
{
    return fd >= 0 && fd < FILES_OPEN && s_handles[fd].file != 0 ? &s_handles[fd] : NULL;
}

static void s_note_write(int fd, const void *bytes, size_t len, size_t at)
{
    deed_t *deed = s_note(ACT_WRITE);
    deed->file = s_handles[fd].file;
    deed->at = at;
    deed->len = len;
    deed->bytes = mem_grow(NULL, len);
    memcpy(deed->bytes, bytes, len);
}

static void s_note_sync(int fd)
{
    pthread_mutex_lock(&s_lock);
    const handle_t *handle = s_handle(fd);
    if (handle != NULL && s_root_len > 0)
        s_note(handle->file == FOLDER ? ACT_SETTLE : ACT_SYNC)->file = handle->file;
    pthread_mutex_unlock(&s_lock);
}

/* ---- refusing ---- */

/* Whether a call beneath the root fails; errno says how. */
static bool s_refuses(refusal_t kind, bool beneath)
{
    pthread_mutex_lock(&s_lock);
    size_t *left = &s_refusal.left[kind];
    bool refuses = beneath && s_root_len > 0 && *left > 0 && --*left == 0;
    s_refusal.done += refuses;
    pthread_mutex_unlock(&s_lock);
    if (refuses)
        errno = s_refusal.error;
    return refuses;
}

static bool s_refuses_path(refusal_t kind, const char *path)
{
    return s_refuses(kind, s_beneath(path) != NULL);
}

/* ---- the C library ---- */

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libc has names of its own */

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    if (s_refuses_path(REFUSE_OPEN, path))
        return -1;
    bool existed = access(path, F_OK) == 0;
    int fd = REAL(open)(path, flags, mode);
    if (fd >= 0)
        s_note_open(fd, path, flags, existed);
    return fd;
}

/* What `open` becomes where the compiler sees no mode and fortifies. */
int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
    return open(path, flags);
}

int close(int fd)
{
    pthread_mutex_lock(&s_lock);
    if (fd >= 0 && fd < FILES_OPEN)
        s_handles[fd] = (handle_t){0};
    pthread_mutex_unlock(&s_lock);
    return REAL(close)(fd);
}

ssize_t read(int fd, void *bytes, size_t len)
{
    return s_refuses(REFUSE_READ, s_handle(fd) != NULL) ? -1 : REAL(read)(fd, bytes, len);
}

ssize_t pread(int fd, void *bytes, size_t len, off_t at)
{
    return s_refuses(REFUSE_READ, s_handle(fd) != NULL) ? -1 : REAL(pread)(fd, bytes, len, at);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    if (s_refuses(REFUSE_WRITE, s_handle(fd) != NULL))
        return -1;
    ssize_t wrote = REAL(write)(fd, bytes, len);
    pthread_mutex_lock(&s_lock);
    handle_t *handle = s_handle(fd);
    if (wrote > 0 && handle != NULL && s_root_len > 0) {
        s_note_write(fd, bytes, (size_t)wrote, handle->at);
        handle->at += (size_t)wrote;
    }
    pthread_mutex_unlock(&s_lock);
    return wrote;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    if (s_refuses(REFUSE_WRITE, s_handle(fd) != NULL))
        return -1;
    ssize_t wrote = REAL(pwrite)(fd, bytes, len, at);
    pthread_mutex_lock(&s_lock);
    if (wrote > 0 && s_handle(fd) != NULL && s_root_len > 0)
        s_note_write(fd, bytes, (size_t)wrote, (size_t)at);
    pthread_mutex_unlock(&s_lock);
    return wrote;
}

int fsync(int fd)
{
    if (s_refuses(REFUSE_SYNC, s_handle(fd) != NULL))
        return -1;
    int result = REAL(fsync)(fd);
    s_note_sync(fd);
    return result;
}

int fdatasync(int fd)
{
    if (s_refuses(REFUSE_SYNC, s_handle(fd) != NULL))
        return -1;
    int result = REAL(fdatasync)(fd);
    s_note_sync(fd);
    return result;
}

int mkdir(const char *path, mode_t mode)
{
    if (s_refuses_path(REFUSE_NAME, path))
        return -1;
    int result = REAL(mkdir)(path, mode);
    if (result == 0)
        s_note_path(ACT_FOLDER, path, NULL);
    return result;
}

int rename(const char *from, const char *to)
{
    if (s_refuses_path(REFUSE_NAME, from))
        return -1;
    int result = REAL(rename)(from, to);
    if (result == 0)
        s_note_path(ACT_RENAME, from, to);
    return result;
}

int unlink(const char *path)
{
    if (s_refuses_path(REFUSE_NAME, path))
        return -1;
    int result = REAL(unlink)(path);
    if (result == 0)
        s_note_path(ACT_REMOVE, path, NULL);
    return result;
}

int rmdir(const char *path)
{
    if (s_refuses_path(REFUSE_NAME, path))
        return -1;
    int result = REAL(rmdir)(path);
    if (result == 0)
        s_note_path(ACT_REMOVE, path, NULL);
    return result;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* ---- the memory ---- */

void disk_watch(const char *root)
{
    pthread_mutex_lock(&s_lock);
    assert(strlen(root) < sizeof s_root);
    memcpy(s_root, root, strlen(root) + 1);
    s_root_len = strlen(root);
    s_refusal.done = 0;
    pthread_mutex_unlock(&s_lock);
}

void disk_rest(void)
{
    pthread_mutex_lock(&s_lock);
    s_root_len = 0;
    memset(s_refusal.left, 0, sizeof s_refusal.left);
    pthread_mutex_unlock(&s_lock);
}

void disk_refuse(refusal_t kind, size_t nth, int error)
{
    pthread_mutex_lock(&s_lock);
    s_refusal.left[kind] = nth;
    s_refusal.error = error;
    pthread_mutex_unlock(&s_lock);
}

size_t disk_refused(void)
{
    pthread_mutex_lock(&s_lock);
    size_t done = s_refusal.done;
    pthread_mutex_unlock(&s_lock);
    return done;
}

size_t disk_count(void)
{
    pthread_mutex_lock(&s_lock);
    size_t count = s_count;
    pthread_mutex_unlock(&s_lock);
    return count;
}

const deed_t *disk_deeds(void)
{
    return s_deeds;
}

void disk_forget(void)
{
    for (size_t i = 0; i < s_count; i++) {
        mem_free(s_deeds[i].bytes);
        mem_free(s_deeds[i].path);
        mem_free(s_deeds[i].to);
    }
    s_count = 0;
    s_files = 0;
}
