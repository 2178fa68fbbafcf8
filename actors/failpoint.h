/* failpoint.h - for tests of crashes: the process dies by -9 when an event has come so far.
 *
 * KITH_FAILPOINT=POINT@EVENT in its environment arms one, such as journal.written@room.created;
 * only who starts a process can do that.  Without it each of these calls is one look at a
 * variable.  failpoints.def has the points. */
#ifndef ACTORS_FAILPOINT_H
#define ACTORS_FAILPOINT_H

#include "schema/err.h"
#include "schema/slice.h"

typedef enum failpoint {
#define FAILPOINT(id, name, doc) FAILPOINT_##id,
#include "actors/failpoints.def"
#undef FAILPOINT
    FAILPOINT_COUNT_
} failpoint_t;

/* Before there are threads; ERR_INVALID: there is no such point or event. */
MUST_CHECK err_t failpoint_arm(void);

/* An event of this type, or records one behind the other, have come so far. */
void failpoint(failpoint_t point, uint16_t type);
void failpoint_records(failpoint_t point, slice_t records);

/* An event is on its way to a point, … */
void failpoint_ahead(failpoint_t point, uint16_t type);

/* … to which all come that are. */
void failpoint_reached(failpoint_t point);

#endif
