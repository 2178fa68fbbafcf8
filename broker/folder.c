/* folder.c - a few system calls in the order that survives a power cut:
 * write, sync the file, rename, sync the folder. */
#include "broker/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/log.h"

enum { FOLDER_MODE = 0700, FILE_MODE = 0600 };

static err_t s_refuse(const char *path, const char *what)
{
    log_error("folder", "%s: cannot %s: %s", path, what, strerror(errno));
    return ERR_STORAGE;
}

static void s_join(char ret_path[PATH_MAX], const char *path, const char *name)
{
    snprintf(ret_path, PATH_MAX, "%s/%s", path, name);
}

err_t folder_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return s_refuse(path, "open the folder");
    err_t err = fsync(fd) == 0 ? ERR_OK : s_refuse(path, "sync the folder");
    close(fd);
    return err;
}

err_t folder_make(const char *path)
{
    if (mkdir(path, FOLDER_MODE) != 0)
        return errno == EEXIST ? ERR_OK : s_refuse(path, "make the folder");
    char *copy = mem_text(path); /* dirname writes into it */
    err_t err = folder_sync(dirname(copy));
    mem_free(copy);
    return err;
}

err_t folder_rename(const char *path, const char *from, const char *to)
{
    char old_path[PATH_MAX], new_path[PATH_MAX];
    s_join(old_path, path, from);
    s_join(new_path, path, to);
    if (rename(old_path, new_path) != 0)
        return s_refuse(old_path, "rename it");
    return folder_sync(path);
}

static bool s_write_all(int fd, slice_t bytes)
{
    while (bytes.len > 0) {
        ssize_t wrote = write(fd, bytes.ptr, bytes.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        bytes = slice_from(bytes, (size_t)wrote);
    }
    return true;
}

err_t folder_put(const char *path, const char *name, slice_t bytes)
{
    char fresh[NAME_MAX], fresh_path[PATH_MAX];
    snprintf(fresh, sizeof fresh, "%s.new", name);
    s_join(fresh_path, path, fresh);

    int fd = open(fresh_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return s_refuse(fresh_path, "open it");
    bool written = s_write_all(fd, bytes) && fsync(fd) == 0;
    err_t err = written ? ERR_OK : s_refuse(fresh_path, "write it");
    close(fd);
    return err == ERR_OK ? folder_rename(path, fresh, name) : err;
}

err_t folder_get(const char *path, const char *name, size_t limit, buf_t *out)
{
    char file_path[PATH_MAX];
    s_join(file_path, path, name);
    int fd = open(file_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : s_refuse(file_path, "open it");
    ssize_t got = read(fd, buf_reserve(out, limit), limit);
    err_t err = got >= 0 ? ERR_OK : s_refuse(file_path, "read it");
    if (got > 0)
        out->len += (size_t)got;
    close(fd);
    return err;
}

/* Any name in the folder but its own two; false for an empty one. */
static bool s_any(const char *path, char ret_path[PATH_MAX])
{
    bool found = false;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false;
    for (struct dirent *entry = readdir(folder); entry != NULL && !found; entry = readdir(folder)) {
        found = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
        if (found)
            snprintf(ret_path, PATH_MAX, "%.3800s/%s", path, entry->d_name);
    }
    closedir(folder);
    return found;
}

bool folder_sweep(const char *path)
{
    char at[PATH_MAX], inner[PATH_MAX];
    struct stat seen;
    snprintf(at, sizeof at, "%s", path);
    while (s_any(at, inner))
        memcpy(at, inner, sizeof at);
    if (lstat(at, &seen) != 0)
        return false;
    if ((S_ISDIR(seen.st_mode) ? rmdir(at) : unlink(at)) == 0)
        return true;
    return s_refuse(at, "remove it") == ERR_OK;
}

uint64_t folder_bytes(const char *path)
{
    uint64_t bytes = 0;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        struct stat seen;
        if (fstatat(dirfd(folder), entry->d_name, &seen, 0) == 0 && S_ISREG(seen.st_mode))
            bytes += (uint64_t)seen.st_size;
    }
    closedir(folder);
    return bytes;
}
