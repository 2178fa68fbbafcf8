/* present.h - a file that is stored as the reply to a GET (RFC 9110): conditional, in ranges.
 *
 * The owner of the file is asked between the two, each time; the id is the hash of the
 * content, and so its entity tag. */
#ifndef WS_EDGE_PRESENT_H
#define WS_EDGE_PRESENT_H

#include "ws-edge/dialect.h"

typedef enum present {
    PRESENT_FILE,
    PRESENT_PHOTO,
    PRESENT_PORTRAIT, /* a photo that pages of any origin may show, see portrait.h */
} present_t;

/* In `ask`: what the request wants of the file; in the visit's memo. */
void present_note(visit_t *visit, slice_t id);

/* In `show`. */
void present_file(visit_t *visit, const file_t *file, present_t what);

#endif
