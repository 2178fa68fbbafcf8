/* fibre.h - the house's threads, taken in turns within one.
 *
 * pthread_create makes a fibre; what would block lets others run (fibre_wait).  So between two
 * such points a fibre has the world for itself, and in which order they come is the seed's.
 *
 * Each fibre belongs to a process of the world, as whoever started it did; a process dies whole, in
 * the middle of whatever its fibres are at. */
#ifndef TESTS_WORLD_FIBRE_H
#define TESTS_WORLD_FIBRE_H

#include <stdbool.h>
#include <stdint.h>

enum { NO_PROCESS = -1 };

/* Whose code runs; NO_PROCESS: the world's own, or LevelDB's thread, which serves all. */
int fibre_process(void);

/* A fibre that is ready to run, of this process. */
typedef void *fibre_main_fn(void *ctx);
void fibre_start(int process, fibre_main_fn *main, void *ctx);

/* Let others run until `ready` says so, NULL: never, or the time has come, INT64_MAX: never. */
typedef bool fibre_ready_fn(void *ctx);
void fibre_wait(int64_t until_us, fibre_ready_fn *ready, void *ctx);

/* From within: the process at hand dies here and now.  From without: this one has. */
_Noreturn void fibre_die(void);
void fibre_kill(int process);

/* Run one that is ready.  False: none is; *ret_died is the process that died of it, or NO_PROCESS. */
bool fibre_step(int *ret_died);

/* When the first of those that wait for a time will be ready; INT64_MAX: never. */
int64_t fibre_next(void);

/* Whether any fibre of the process is left. */
bool fibre_lives(int process);

#endif
