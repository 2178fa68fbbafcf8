/* outbox.c - a file is written under another name, and renamed when it is whole.  It is not
 * synced: a mail that a power cut takes is a mail that can be asked for again. */
#include "actors/notifier/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static bool s_write(const char *path, slice_t letter)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool whole = write(fd, letter.ptr, letter.len) == (ssize_t)letter.len;
    return close(fd) == 0 && whole;
}

err_t outbox_put(const char *data, uint64_t number, slice_t letter)
{
    char folder[PATH_SIZE], half[PATH_SIZE + 32], path[PATH_SIZE + 32];
    snprintf(folder, sizeof folder, "%s/outbox", data);
    snprintf(half, sizeof half, "%s/%llu.half", folder, (unsigned long long)number);
    snprintf(path, sizeof path, "%s/%llu.eml", folder, (unsigned long long)number);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return ERR_STORAGE;
    return s_write(half, letter) && rename(half, path) == 0 ? ERR_OK : ERR_STORAGE;
}

void outbox_drop(const char *data, uint64_t number)
{
    char path[PATH_SIZE + 32];
    snprintf(path, sizeof path, "%s/outbox/%llu.eml", data, (unsigned long long)number);
    unlink(path);
}
