/* tally.h - what a replay came to: how many calls of each kind, how long they took, what was
 * refused, what could not be said, and how far behind its time it was. */
#ifndef TOOLS_KITH_INTO_TALLY_H
#define TOOLS_KITH_INTO_TALLY_H

#include <stdbool.h>

#include "schema/buf.h"
#include "schema/type.h"

typedef struct tally tally_t;

tally_t *tally_new(void);
void tally_destroy(tally_t **tally_p);

/* A call was made and took so long; it was refused; it was put off and is tried again.  `timed`
 * leaves out what only set the scene. */
void tally_made(tally_t *tally, call_number_t call, uint64_t took_ns, bool timed);
void tally_refused(tally_t *tally, call_number_t call, const char *why);
void tally_put_off(tally_t *tally);

/* A record that no client, or none of this dialect, can say. */
void tally_unsaid(tally_t *tally, const char *what, const char *why);

/* A record that the target brings about by itself. */
void tally_followed(tally_t *tally);

/* Something was begun so long after its time. */
void tally_lag(tally_t *tally, uint64_t behind_ns);

/* Whether nothing was refused. */
bool tally_is_clean(const tally_t *tally);

/* What it says besides. */
typedef struct tally_frame {
    const char *url;
    const char *dialect;
    const char *prefix;
    uint64_t accounts;
    uint64_t rooms;
    uint64_t took_ns; /* without setting the scene */
    bool paced;
    bool stopped; /* before its end */
} tally_frame_t;

void tally_put(const tally_t *tally, const tally_frame_t *frame, buf_t *out);
void tally_put_json(const tally_t *tally, const tally_frame_t *frame, buf_t *out);

#endif
