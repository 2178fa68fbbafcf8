/* mischief.h - what befalls a world: processes die, the power fails, disks and links refuse. */
#ifndef TESTS_WORLD_MISCHIEF_H
#define TESTS_WORLD_MISCHIEF_H

#include <stdint.h>

/* Which kinds there are is drawn: a world of few kinds shows what many would hide. */
void mischief_begin(void);
void mischief_step(void);
int64_t mischief_next(void);

/* No more of it, and all that is broken is mended. */
void mischief_end(void);

/* A process has died of a call on the disk, or has given up. */
void mischief_died(int process);

#endif
