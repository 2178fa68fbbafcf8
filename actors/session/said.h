/* said.h - who has said to be online, without a connection, and until when.
 *
 * Soft state, as presence is; the row of an account also keeps what it said last, so
 * that a restart forgets at most to tell others when that time is over.
 *
 * A zeroed said_t is an empty one. */
#ifndef ACTORS_SESSION_SAID_H
#define ACTORS_SESSION_SAID_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/arena.h"
#include "schema/err.h"
#include "schema/map.h"
#include "schema/type.h"

/* The edge's number under which presence counts those who said so. */
#define SAID_EDGE UINT64_MAX

typedef struct said_entry {
    uint64_t account;
    int64_t until; /* µs */
} said_entry_t;

typedef struct said {
    map_t *until;        /* account → the time that counts, never 0 */
    said_entry_t *queue; /* ascending by time; a ring */
    size_t first;
    size_t count;
    size_t size; /* a power of two */
} said_t;

void said_close(said_t *said);

/* The account says so, or with 0 no longer.  False if that changes nothing worth an
 * event: it had said so less than SAID_STEP_US ago, or had not said so at all. */
bool said_set(said_t *said, uint64_t account, int64_t until);

/* Take one whose time is over at `now`; 0 if there is none. */
uint64_t said_over(said_t *said, int64_t now);

/* The queue, and the last words by account, each as pairs; and back into an empty one. */
void said_keep(const said_t *said, arena_t *arena, ids_t *ret_queue, ids_t *ret_last);
MUST_CHECK err_t said_restore(said_t *said, ids_t queue, ids_t last);

#endif
