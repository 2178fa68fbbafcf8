/* die.c - dies by -9 before the nth call that changes names or syncs, counted from 1: loaded into a
 * program before the C library, with DIE_AT=n in its environment. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void s_count(void)
{
    static long done;
    const char *at = getenv("DIE_AT");
    if (at != NULL && ++done == strtol(at, NULL, 10))
        kill(getpid(), SIGKILL);
}

int rename(const char *from, const char *to)
{
    s_count();
    return REAL(rename)(from, to);
}

int unlink(const char *path)
{
    s_count();
    return REAL(unlink)(path);
}

int rmdir(const char *path)
{
    s_count();
    return REAL(rmdir)(path);
}

int remove(const char *path)
{
    s_count();
    return REAL(remove)(path);
}

int mkdir(const char *path, mode_t mode)
{
    s_count();
    return REAL(mkdir)(path, mode);
}

int link(const char *from, const char *to)
{
    s_count();
    return REAL(link)(from, to);
}

int fsync(int file)
{
    s_count();
    return REAL(fsync)(file);
}
