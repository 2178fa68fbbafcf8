/* shift.c - the machine's time of day, moved: loaded into a server before the C library.
 *
 * The file that CLOCK_SHIFT names holds seconds as an int64_t, which whoever tests may change at any
 * time.  Clocks that nobody can set stay as they are. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t *s_shift;

__attribute__((constructor)) static void s_begin(void)
{
    const char *path = getenv("CLOCK_SHIFT");
    int file = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *map =
        file >= 0 ? mmap(NULL, sizeof *s_shift, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
    if (map == MAP_FAILED)
        abort();
    close(file);
    s_shift = map;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if ((clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) && s_shift != NULL)
        now->tv_sec += *s_shift;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    *now = (struct timeval){exact.tv_sec, exact.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *ret_now)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (ret_now != NULL)
        *ret_now = exact.tv_sec;
    return exact.tv_sec;
}
