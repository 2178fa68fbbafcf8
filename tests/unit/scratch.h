/* scratch.h - a folder for one test, and silence for one that provokes complaints. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

enum { SCRATCH_PATH_SIZE = 256 };

/* Make an empty folder; remove it with all that is in it. */
void scratch_make(char ret_path[SCRATCH_PATH_SIZE]);
void scratch_remove(const char *path);

/* Turn over one bit, `at` bytes into each file of a folder whose name ends so. */
void scratch_flip(const char *folder, const char *end, long at);

/* Send standard error to nowhere, and back again. */
void scratch_hush(void);
void scratch_speak(void);

/* Let no file of this process grow past `bytes`, which fails as a full disk does:
 * a short write, then an error.  0 lifts the bound. */
void scratch_bound_files(unsigned long bytes);

#endif
