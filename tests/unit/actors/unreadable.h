/* unreadable.h - rows that cannot be read, for tests of the session, room and matching actors. */
#ifndef TESTS_UNIT_ACTORS_UNREADABLE_H
#define TESTS_UNIT_ACTORS_UNREADABLE_H

#include "tests/unit/actors/staging.h"

/* What the events of a call read as they are applied cannot be read, one row after the other: each
 * time the process has to end, for a projection that has passed over an event is of no use.  The
 * call itself is not made; how many rows there are. */
size_t unreadable_in_apply(staging_t *at, call_number_t call, const void *body);

#endif
