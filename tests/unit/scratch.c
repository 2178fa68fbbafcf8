/* scratch.c - what unit tests of things on disk need of the system. */
#include "tests/unit/scratch.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int s_stderr = -1; /* the real one, while hushed */

void scratch_make(char ret_path[SCRATCH_PATH_SIZE])
{
    const char *parent = getenv("TMPDIR");
    snprintf(ret_path, SCRATCH_PATH_SIZE, "%s/kith-XXXXXX", parent != NULL ? parent : "/tmp");
    char *made = mkdtemp(ret_path);
    assert(made != NULL);
}

static int s_remove_one(const char *path, const struct stat *seen, int kind, struct FTW *at)
{
    (void)seen, (void)kind, (void)at;
    return remove(path);
}

void scratch_remove(const char *path)
{
    nftw(path, s_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void scratch_flip(const char *folder, const char *end, long at)
{
    DIR *list = opendir(folder);
    assert(list != NULL);
    for (struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list)) {
        const char *found = strstr(entry->d_name, end);
        if (found == NULL || strcmp(found, end) != 0)
            continue;
        unsigned char byte = 0;
        int fd = openat(dirfd(list), entry->d_name, O_RDWR);
        if (pread(fd, &byte, 1, at) == 1) {
            byte ^= 0x10;
            ssize_t wrote = pwrite(fd, &byte, 1, at);
            assert(wrote == 1);
        }
        close(fd);
    }
    closedir(list);
}

void scratch_hush(void)
{
    assert(s_stderr < 0);
    s_stderr = dup(STDERR_FILENO);
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

void scratch_speak(void)
{
    assert(s_stderr >= 0);
    dup2(s_stderr, STDERR_FILENO);
    close(s_stderr);
    s_stderr = -1;
}

void scratch_bound_files(unsigned long bytes)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes > 0 ? bytes : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}
