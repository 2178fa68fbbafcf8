/* disk.c - a disk that fails when it is told to: LD_PRELOAD=disk.so.
 *
 * What is below the folder KITH_FAULTS_UNDER fails as panel.h says; calls for other files and for
 * sockets pass uncounted.
 *
 *   write   for want of room leaves half of its bytes there, as disks do; otherwise none
 *   sync    that fails leaves bytes in the page cache that the disk does not have and will never
 *           get, which the panel is told: a test takes them away after it killed the server, as a
 *           power cut would.  One that lies says that it went well, and is a test's control.
 *   open    also makes folders;  unlink also removes them */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/faults/panel.h"

enum { FDS = 65536 };

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

static panel_t *s_panel;
static char s_under[PATH_MAX];
static _Atomic bool s_ours[FDS];       /* descriptors of files below the folder */
static _Atomic uint64_t s_synced[FDS]; /* bytes of each that are on the disk */

__attribute__((constructor)) static void s_start(void)
{
    const char *under = getenv("KITH_FAULTS_UNDER");
    if (under == NULL)
        return;
    snprintf(s_under, sizeof s_under, "%s", under);
    s_panel = panel_open();
}

/* ---- whose is it, and does it fail? ---- */

static bool s_is_below(int folder, const char *path)
{
    if (*path != '/')
        return folder >= 0 && folder < FDS && s_ours[folder];
    size_t len = strlen(s_under);
    return len > 0 && strncmp(path, s_under, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static bool s_is_ours(int fd)
{
    return fd >= 0 && fd < FDS && s_ours[fd];
}

/* True: errno says how. */
static bool s_fails(kind_t kind, const char *words)
{
    if (!panel_fails(s_panel, kind, words))
        return false;
    errno = (int)atomic_load(&s_panel->error);
    return true;
}

static bool s_path_fails(int folder, const char *path, kind_t kind)
{
    return s_panel != NULL && s_is_below(folder, path) && s_fails(kind, path);
}

static const char *s_path_of(int fd, char ret_path[LOST_PATH])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, ret_path, LOST_PATH - 1);
    ret_path[len > 0 ? len : 0] = '\0';
    return ret_path;
}

/* Who closes a stream closes its descriptor unseen: then its number may be a socket's. */
static bool s_file_fails(int fd, kind_t kind)
{
    char path[LOST_PATH] = "";
    struct stat seen;
    if (s_panel == NULL || !s_is_ours(fd) || fstat(fd, &seen) != 0)
        return false;
    if (!S_ISREG(seen.st_mode) && !S_ISDIR(seen.st_mode))
        return false;
    bool armed = atomic_load(&s_panel->kind) == (uint64_t)kind;
    return s_fails(kind, armed ? s_path_of(fd, path) : path);
}

/* What was lost of a file goes with it. */
static void s_forget(const char *path)
{
    for (size_t i = 0; s_panel != NULL && i < LOST_MOST; i++)
        if (strncmp(s_panel->lost[i].path, path, LOST_PATH) == 0)
            s_panel->lost[i].to = s_panel->lost[i].from;
}

/* ---- opening and closing ---- */

static int s_opened(int fd, int folder, const char *path)
{
    struct stat seen;
    if (fd < 0 || fd >= FDS || s_panel == NULL)
        return fd;
    s_ours[fd] = s_is_below(folder, path);
    if (s_ours[fd])
        s_synced[fd] = fstat(fd, &seen) == 0 ? (uint64_t)seen.st_size : 0;
    return fd;
}

static mode_t s_mode(int flags, va_list list)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libc has names of its own */
int open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = s_mode(flags, list);
    va_end(list);
    if (s_path_fails(AT_FDCWD, path, KIND_OPEN))
        return -1;
    if (flags & O_TRUNC)
        s_forget(path);
    return s_opened(REAL(open)(path, flags, mode), AT_FDCWD, path);
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = s_mode(flags, list);
    va_end(list);
    if (s_path_fails(folder, path, KIND_OPEN))
        return -1;
    return s_opened(REAL(openat)(folder, path, flags, mode), folder, path);
}

int mkdir(const char *path, mode_t mode)
{
    return s_path_fails(AT_FDCWD, path, KIND_OPEN) ? -1 : REAL(mkdir)(path, mode);
}

int close(int fd)
{
    if (fd >= 0 && fd < FDS)
        s_ours[fd] = false;
    return REAL(close)(fd);
}

/* ---- names ---- */

int rename(const char *from, const char *to)
{
    return s_path_fails(AT_FDCWD, to, KIND_RENAME) ? -1 : REAL(rename)(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return s_path_fails(to_folder, to, KIND_RENAME)
               ? -1
               : REAL(renameat)(from_folder, from, to_folder, to);
}

int unlink(const char *path)
{
    if (s_path_fails(AT_FDCWD, path, KIND_UNLINK))
        return -1;
    s_forget(path);
    return REAL(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags)
{
    return s_path_fails(folder, path, KIND_UNLINK) ? -1 : REAL(unlinkat)(folder, path, flags);
}

int rmdir(const char *path)
{
    return s_path_fails(AT_FDCWD, path, KIND_UNLINK) ? -1 : REAL(rmdir)(path);
}

/* ---- bytes ---- */

ssize_t write(int fd, const void *bytes, size_t len)
{
    if (!s_file_fails(fd, KIND_WRITE))
        return REAL(write)(fd, bytes, len);
    int fault = errno;
    if (fault == ENOSPC)
        (void)!REAL(write)(fd, bytes, len / 2);
    errno = fault;
    return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    if (!s_file_fails(fd, KIND_WRITE))
        return REAL(pwrite)(fd, bytes, len, at);
    int fault = errno;
    if (fault == ENOSPC)
        (void)!REAL(pwrite)(fd, bytes, len / 2, at);
    errno = fault;
    return -1;
}

int posix_fallocate(int fd, off_t from, off_t len)
{
    return s_file_fails(fd, KIND_WRITE) ? errno : REAL(posix_fallocate)(fd, from, len);
}

/* ---- syncing ---- */

static void s_lose(int fd, uint64_t from, uint64_t to)
{
    uint64_t place = atomic_fetch_add(&s_panel->lost_count, 1);
    if (place >= LOST_MOST)
        return;
    lost_t *lost = &s_panel->lost[place];
    s_path_of(fd, lost->path);
    lost->from = from;
    lost->to = to;
}

static int s_sync(int fd, int (*real)(int fd))
{
    struct stat seen = {0};
    if (s_panel == NULL || !s_is_ours(fd) || fstat(fd, &seen) != 0)
        return real(fd);
    uint64_t size = (uint64_t)seen.st_size, synced = atomic_exchange(&s_synced[fd], size);
    if (!s_file_fails(fd, KIND_SYNC))
        return real(fd);
    int fault = errno;
    if (S_ISREG(seen.st_mode) && size > synced)
        s_lose(fd, synced, size);
    errno = fault;
    return atomic_load(&s_panel->manner) == MANNER_LIE ? 0 : -1;
}

int fsync(int fd)
{
    return s_sync(fd, REAL(fsync));
}

int fdatasync(int fd)
{
    return s_sync(fd, REAL(fdatasync));
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
