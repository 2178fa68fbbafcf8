#include "tools/bench/proc.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/bench/clock.h"
#include "tools/bench/fail.h"

typedef struct stat_line {
    pid_t group;
    uint64_t user_ticks;
    uint64_t system_ticks;
    uint64_t resident_pages;
} stat_line_t;

/* The fields of proc(5) from the third on; the second is a name in parentheses
 * that may itself contain anything, so they are counted from the last one. */
static bool s_stat_read(pid_t pid, stat_line_t *ret_line)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false; /* it has ended meanwhile */
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';

    const char *fields = strrchr(text, ')');
    if (fields == NULL)
        return false;
    int read = sscanf(fields,
                      ") %*c %*d %d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu"
                      " %*d %*d %*d %*d %*d %*d %*u %*u %lu",
                      &ret_line->group, &ret_line->user_ticks, &ret_line->system_ticks,
                      &ret_line->resident_pages);
    return read == 4;
}

static void s_sample_add(proc_sample_t *sample, const stat_line_t *line)
{
    uint64_t tick_ns = CLOCK_SECOND_NS / (uint64_t)sysconf(_SC_CLK_TCK);
    sample->cpu_ns += (line->user_ticks + line->system_ticks) * tick_ns;
    sample->resident_bytes += line->resident_pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

proc_sample_t proc_sample(pid_t leader)
{
    DIR *folder = opendir("/proc");
    if (folder == NULL)
        fail("/proc is not mounted");

    proc_sample_t sample = {0};
    bool found = false;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        pid_t pid = (pid_t)atoi(entry->d_name);
        stat_line_t line;
        if (!s_stat_read(pid, &line) || (pid != leader && line.group != leader))
            continue;
        s_sample_add(&sample, &line);
        found = true;
    }
    closedir(folder);
    if (!found)
        fail("the server (process %d) is gone", (int)leader);
    return sample;
}

uint64_t proc_own_cpu_ns(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * CLOCK_SECOND_NS + (uint64_t)used.tv_nsec;
}
