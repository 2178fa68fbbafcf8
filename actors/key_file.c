/* key_file.c - written under a name of this process first, then linked to its own. */
#include "actors/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/log.h"

enum { PATH_SIZE = 4096 };

static err_t s_fault(const char *part, const char *path, const char *what)
{
    log_error(part, "%s: %s", path, what);
    return ERR_INVALID;
}

static err_t s_make(const char *part, const char *path, slice_t fresh)
{
    char draft[PATH_SIZE];
    log_info(part, "making a key: %s; if there was one, bring it back from a backup", path);
    snprintf(draft, sizeof draft, "%s.%d", path, (int)getpid());
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool made = fd >= 0 && write(fd, fresh.ptr, fresh.len) == (ssize_t)fresh.len &&
                fsync(fd) == 0 && (link(draft, path) == 0 || errno == EEXIST);
    int fault = errno;
    if (fd >= 0)
        close(fd);
    unlink(draft);
    return made ? ERR_OK : s_fault(part, path, strerror(fault));
}

static err_t s_read(const char *part, const char *path, int fd, buf_t *out)
{
    struct stat facts;
    ssize_t len = read(fd, buf_reserve(out, KEY_FILE_MAX), KEY_FILE_MAX);
    if (len < 0 || fstat(fd, &facts) != 0)
        return s_fault(part, path, strerror(errno));
    if ((facts.st_mode & 077) != 0)
        return s_fault(part, path, "others can read this key: chmod 600 it");
    out->len += (size_t)len;
    return ERR_OK;
}

err_t key_file_read(const char *part, const char *path, slice_t fresh, buf_t *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        err_t err = s_make(part, path, fresh);
        if (err != ERR_OK)
            return err;
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0)
        return s_fault(part, path, strerror(errno));
    err_t err = s_read(part, path, fd, out);
    close(fd);
    return err;
}
