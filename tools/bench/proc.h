/* proc.h - what a server has used: processor time and memory, from /proc. */
#ifndef TOOLS_BENCH_PROC_H
#define TOOLS_BENCH_PROC_H

#include <stdint.h>
#include <sys/types.h>

typedef struct proc_sample {
    uint64_t cpu_ns;         /* user and system time of all threads, live and ended */
    uint64_t resident_bytes; /* pages shared between its processes count for each */
} proc_sample_t;

/* The sum over all processes of the group that `leader` leads, or `leader`
 * alone if it leads none.  Times have the kernel's tick of 10 ms. */
proc_sample_t proc_sample(pid_t leader);

/* Processor time of the bench itself. */
uint64_t proc_own_cpu_ns(void);

#endif
