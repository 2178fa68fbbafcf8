/* disk_calls.c - the C library's calls on files, as the world's disk takes them.
 *
 * What is not on that disk goes to the machine as it is. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "schema/mem.h"
#include "tests/world/chance.h"
#include "tests/world/disk_parts.h"
#include "tests/world/fibre.h"
#include "tests/world/hour.h"
#include "tests/world/story.h"

enum { HANDLES_MAX = 8192, NAME_SIZE = 96, LINE_SIZE = 2048 };

typedef struct handle {
    ino_t inode; /* 0: not a file of this disk */
    int incarnation;
    char name[NAME_SIZE];
} handle_t;

static handle_t s_handles[HANDLES_MAX];

static struct {
    int process;
    unsigned calls; /* until it dies; 0: it does not */
    bool now;       /* at the end of the call at hand */
} s_doom;

static struct {
    int error;
    unsigned one_in;
    int64_t until;
} s_trouble;

static bool s_lies, s_hushes;

void disk_doom(int process, unsigned calls)
{
    s_doom.process = process;
    s_doom.calls = calls;
    s_doom.now = false;
}

void disk_trouble(int error, unsigned one_in, int64_t until_us)
{
    s_trouble.error = one_in > 0 ? error : 0;
    s_trouble.one_in = one_in;
    s_trouble.until = until_us;
}

bool disk_is_troubled(void)
{
    return s_trouble.error != 0 && hour_now() < s_trouble.until;
}

void disk_lie(bool lies)
{
    s_lies = lies;
}

void disk_hush(bool hushes)
{
    s_hushes = hushes;
}

/* ---- what can go wrong with a call ---- */

static void s_tell(const char *what, const char *name, const char *how)
{
    story("disk    %s %s%s", what, name, how);
}

/* A failing call's errno, 0 if it does not fail; or the process dies here. */
static int s_before(const char *what, const char *name, bool grows)
{
    bool doomed = s_doom.calls > 0 && fibre_process() == s_doom.process && --s_doom.calls == 0;
    if (doomed && chance_one_in(2)) {
        s_tell(what, name, ": its process dies before");
        fibre_die();
    }
    s_doom.now = doomed;
    if (s_trouble.error == 0 || hour_now() >= s_trouble.until || !chance_one_in(s_trouble.one_in) ||
        (s_trouble.error == ENOSPC && !grows))
        return 0;
    s_tell(what, name, s_trouble.error == EIO ? ": EIO" : ": ENOSPC");
    return s_trouble.error;
}

static void s_after(const char *what, const char *name)
{
    s_tell(what, name, "");
    if (s_doom.now && fibre_process() == s_doom.process) {
        s_doom.now = false;
        s_tell(what, name, ": its process dies after");
        fibre_die();
    }
}

static int s_fail(int error)
{
    if (s_hushes && error == EIO)
        return 0;
    errno = error;
    return -1;
}

/* ---- handles ---- */

static handle_t *s_handle(int fd)
{
    return fd >= 0 && fd < HANDLES_MAX && s_handles[fd].inode != 0 ? &s_handles[fd] : NULL;
}

/* ---- the calls ---- */

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libc has names of its own */
static int s_open(const char *path, int flags, mode_t mode)
{
    char real[DISK_PATH_SIZE];
    const char *inside;
    int incarnation = disk_incarnation(path, &inside);
    bool writes = (flags & O_ACCMODE) != O_RDONLY;
    struct stat seen;
    if (incarnation == NO_PROCESS)
        return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (disk_is_dead(incarnation))
        return s_fail(EIO);
    disk_real(inside, real);
    bool fresh = (flags & O_CREAT) && lstat(real, &seen) != 0;
    int error = writes ? s_before("open", inside, fresh) : 0;
    if (error != 0) {
        errno = error;
        return -1;
    }
    int fd = (int)syscall(SYS_openat, AT_FDCWD, real, flags, mode);
    if (fd < 0)
        return fd;
    assert(fd < HANDLES_MAX && fstat(fd, &seen) == 0);
    s_handles[fd] = (handle_t){.inode = seen.st_ino, .incarnation = incarnation};
    snprintf(s_handles[fd].name, NAME_SIZE, "%s", inside);
    if (fresh) {
        disk_forget_file(real);
        disk_note(DEED_MADE, inside, NULL, 0);
    }
    if (flags & O_TRUNC) { /* what is written from here on is to be synced anew */
        disk_file(seen.st_ino)->synced = 0;
        disk_file(seen.st_ino)->spoilt = false;
    }
    if (writes)
        s_after("open", inside);
    return fd;
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return s_open(path, flags, mode);
}

/* What `open` is where the flags are no constant. */
int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
    return s_open(path, flags, 0);
}

int close(int fd)
{
    if (fd >= 0 && fd < HANDLES_MAX)
        s_handles[fd] = (handle_t){0};
    return (int)syscall(SYS_close, fd);
}

/* A line of the log, without the folder, which is another one on each machine. */
static void s_log(const char *line, size_t len)
{
    char text[LINE_SIZE];
    size_t count = 0, root = strlen(disk_root());
    for (size_t i = 0; i < len && line[i] != '\n' && count < sizeof text - 1;)
        if (i + root <= len && memcmp(line + i, disk_root(), root) == 0)
            i += root;
        else
            text[count++] = line[i++];
    text[count] = '\0';
    story("log     %s", text);
}

static ssize_t s_write_part(int fd, const handle_t *handle, const void *bytes, size_t len)
{
    ssize_t done = syscall(SYS_write, fd, bytes, len);
    disk_grow(disk_file(handle->inode), lseek(fd, 0, SEEK_CUR));
    story_bytes(slice_new(bytes, len));
    return done;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    handle_t *handle = s_handle(fd);
    if (fd == STDERR_FILENO) {
        s_log(bytes, len);
        return (ssize_t)len;
    }
    if (handle == NULL)
        return syscall(SYS_write, fd, bytes, len);
    if (disk_is_dead(handle->incarnation))
        return s_fail(EIO);
    const char *name = handle->name;
    int error = s_before("write", name, true);
    if (error != 0 && s_hushes)
        return (ssize_t)len;
    if (error != 0 && chance_one_in(2)) /* a part of it may be there */
        s_write_part(fd, handle, bytes, chance_below(len + 1));
    if (error != 0)
        return s_fail(error);
    ssize_t done = s_write_part(fd, handle, bytes, len);
    s_after("write", name);
    return done;
}

/* What is there now, as far as it is safe. */
static void s_keep_undone(int fd, const handle_t *handle, size_t len, off_t at)
{
    file_t *file = disk_file(handle->inode);
    undo_t *undo = mem_new(undo_t);
    undo->at = at;
    undo->len = len;
    ssize_t got = pread(fd, buf_reserve(&undo->bytes, len), len, at);
    undo->bytes.len = got > 0 ? (size_t)got : 0;
    undo->next = file->undone;
    file->undone = undo;
}

/* What is written anew, all of it, the next sync writes, whatever became of one before. */
static void s_wash(int fd, const handle_t *handle, off_t at, ssize_t done)
{
    struct stat seen;
    if (at == 0 && done > 0 && fstat(fd, &seen) == 0 && done >= seen.st_size)
        disk_file(handle->inode)->spoilt = false;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    handle_t *handle = s_handle(fd);
    if (handle == NULL)
        return syscall(SYS_pwrite64, fd, bytes, len, at);
    if (disk_is_dead(handle->incarnation))
        return s_fail(EIO);
    const char *name = handle->name;
    int error = s_before("pwrite", name, true);
    if (error != 0)
        return s_fail(error);
    s_keep_undone(fd, handle, len, at);
    ssize_t done = syscall(SYS_pwrite64, fd, bytes, len, at);
    s_wash(fd, handle, at, done);
    story_bytes(slice_new(bytes, len));
    s_after("pwrite", name);
    return done;
}

static int s_sync(int fd)
{
    handle_t *handle = s_handle(fd);
    struct stat seen;
    if (handle == NULL)
        return 0;
    if (disk_is_dead(handle->incarnation))
        return s_fail(EIO);
    const char *name = handle->name;
    file_t *file = disk_file(handle->inode);
    int error = s_before("sync", name, false);
    if (error != 0) {
        disk_doubt(file);
        return s_fail(error);
    }
    if (!s_lies && fstat(fd, &seen) == 0)
        disk_settle(file, seen.st_size);
    if (!s_lies)
        disk_make_safe(file->deeds);
    s_after("sync", name);
    return 0;
}

int fsync(int fd)
{
    return s_sync(fd);
}

int fdatasync(int fd)
{
    return s_sync(fd);
}

int rename(const char *from, const char *to)
{
    char real[DISK_PATH_SIZE], real_to[DISK_PATH_SIZE];
    const char *inside, *inside_to;
    struct stat seen;
    int incarnation = disk_incarnation(from, &inside);
    if (incarnation == NO_PROCESS || disk_incarnation(to, &inside_to) == NO_PROCESS)
        return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
    if (disk_is_dead(incarnation))
        return s_fail(EIO);
    disk_real(inside, real);
    disk_real(inside_to, real_to);
    int error = s_before("rename", inside_to, false);
    if (error != 0)
        return s_fail(error);
    if (lstat(real, &seen) != 0)
        return s_fail(ENOENT);
    bool folder = S_ISDIR(seen.st_mode);
    unsigned limbo = folder ? 0 : disk_put_aside(real_to);
    int rc = (int)syscall(SYS_renameat, AT_FDCWD, real, AT_FDCWD, real_to);
    if (rc != 0)
        return rc;
    disk_note(DEED_RENAMED, inside, inside_to, limbo);
    s_after("rename", inside_to);
    return 0;
}

int unlink(const char *path)
{
    char real[DISK_PATH_SIZE];
    const char *inside;
    int incarnation = disk_incarnation(path, &inside);
    if (incarnation == NO_PROCESS)
        return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (disk_is_dead(incarnation))
        return s_fail(EIO);
    disk_real(inside, real);
    int error = s_before("unlink", inside, false);
    if (error != 0)
        return s_fail(error);
    unsigned limbo = disk_put_aside(real);
    if (limbo == 0)
        return s_fail(ENOENT);
    disk_note(DEED_REMOVED, inside, NULL, limbo);
    s_after("unlink", inside);
    return 0;
}

int mkdir(const char *path, mode_t mode)
{
    char real[DISK_PATH_SIZE];
    const char *inside;
    int incarnation = disk_incarnation(path, &inside);
    if (incarnation == NO_PROCESS)
        return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    if (disk_is_dead(incarnation))
        return s_fail(EIO);
    disk_real(inside, real);
    int error = s_before("mkdir", inside, true);
    if (error != 0)
        return s_fail(error);
    int rc = (int)syscall(SYS_mkdirat, AT_FDCWD, real, mode);
    if (rc != 0)
        return rc;
    disk_forget_file(real);
    disk_note(DEED_FOLDER, inside, NULL, 0);
    s_after("mkdir", inside);
    return 0;
}

int rmdir(const char *path)
{
    char real[DISK_PATH_SIZE];
    const char *inside;
    int incarnation = disk_incarnation(path, &inside);
    if (incarnation == NO_PROCESS)
        return (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
    if (disk_is_dead(incarnation))
        return s_fail(EIO);
    disk_real(inside, real);
    int error = s_before("rmdir", inside, false);
    if (error != 0)
        return s_fail(error);
    disk_forget_file(real);
    int rc = (int)syscall(SYS_unlinkat, AT_FDCWD, real, AT_REMOVEDIR);
    if (rc != 0)
        return rc;
    disk_note(DEED_FOLDER_GONE, inside, NULL, 0);
    s_after("rmdir", inside);
    return 0;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
