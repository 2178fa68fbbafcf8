/* store_own.h - the rows that a store keeps for itself, beside those of its actor: numbers. */
#ifndef ACTORS_STORE_OWN_H
#define ACTORS_STORE_OWN_H

#include "actors/copy.h"

typedef enum store_own {
    STORE_APPLIED = 'a',
    STORE_TIME = 't',
    STORE_FORMAT = 'f',
    STORE_REACTED = 'r', /* one more than the sequence; 0: never */
    STORE_SIFTED = 's',
} store_own_t;

/* *ret_number stays as it is where there is none. */
MUST_CHECK err_t store_own_read(level_t *level, store_own_t row, uint64_t *ret_number);
void store_own_put(level_t *level, store_own_t row, uint64_t number);

/* The rows of a closed projection in another one, of this format. */
MUST_CHECK err_t store_copy_closed(const char *from, const char *to, uint64_t format,
                                   copy_convert_fn *convert);

#endif
