/* crew.h - the house's processes in the world: the real broker and actors, and who starts them
 * again when they have died.
 *
 * Either all are one process, as `kithd` runs them, or each is its own, as with --role. */
#ifndef TESTS_WORLD_CREW_H
#define TESTS_WORLD_CREW_H

#include <stdbool.h>
#include <stdint.h>

#define CREW_BUS "inproc://broker"

typedef struct crew_options {
    bool apart;             /* a process each */
    uint64_t segment_bytes; /* of the journal's */
} crew_options_t;

void crew_begin(const crew_options_t *options);

/* Processes are numbered from 0. */
int crew_count(void);
const char *crew_name(int process);
bool crew_is_up(int process);

/* It has died, or is to: whatever it had in memory is gone.  It is started again soon. */
void crew_kill(int number);

/* All of them, and what was not on the disk may be gone too. */
void crew_cut_power(void);

/* End all in order, and start none again. */
void crew_stop(void);
bool crew_has_stopped(void);

/* Start what is due; and when that will be next. */
void crew_step(void);
int64_t crew_next(void);

/* Where the broker's and the actors' folders are, once all have stopped. */
const char *crew_folder(void);

#endif
