/* script.h - turns the journal's records back into what clients did.
 *
 * Most records are a client's call.  Others follow from one: whoever makes a room is in it, two
 * likes are a match; the target does those by itself.  Some cannot be said again by a client:
 * the content of a file, a link that was mailed.  Pure: the same records give the same deeds. */
#ifndef TOOLS_KITH_INTO_SCRIPT_H
#define TOOLS_KITH_INTO_SCRIPT_H

#include "schema/arena.h"
#include "schema/envelope.h"
#include "tools/kith/into/deed.h"

typedef enum script_verdict {
    SCRIPT_DEED,    /* to be done */
    SCRIPT_FOLLOWS, /* the target does it by itself */
    SCRIPT_UNSAID,  /* no client can say it */
} script_verdict_t;

/* What is known of rooms, as of the last record that was read. */
typedef struct script script_t;

script_t *script_new(void);
void script_destroy(script_t **script_p);

/* Read the next record, into the arena.  *ret_why says of what cannot be said why not. */
script_verdict_t script_read(script_t *script, const record_t *record, arena_t *arena,
                             deed_t *ret_deed, const char **ret_why);

#endif
