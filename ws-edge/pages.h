/* pages.h - what people were shown of the newest page of a room: a bounded memory.
 *
 * Nothing in it is shown on the edge's own word.  The room actor is asked each time, and says whether
 * this person may still read the room, and whether the page is still what it was as of then; so what
 * is saved is to read, carry and write it again.  A page is one person's: who has sent a message is
 * shown more of it than others. */
#ifndef WS_EDGE_PAGES_H
#define WS_EDGE_PAGES_H

#include "schema/slice.h"
#include "ws-edge/etag.h"

enum { PAGES_BYTES_MAX = 32 * 1024 * 1024 };

struct dialect;

/* Which page. */
typedef struct page_id {
    const struct dialect *dialect;
    uint64_t account;
    uint64_t room;
    uint64_t limit;
} page_id_t;

/* A page; it stays as long as somebody holds it. */
typedef struct page {
    uint64_t as_of;
    char tag[ETAG_SIZE];
    slice_t shown;
} page_t;

typedef struct pages pages_t;

pages_t *pages_new(void);
void pages_destroy(pages_t **pages_p);

/* A reference to the page, or NULL. */
const page_t *pages_take(pages_t *pages, const page_id_t *id);
void page_release(const page_t **page_p);

/* Keep a copy, in the place of what was kept of it; those that nobody has asked for the longest make
 * room. */
void pages_put(pages_t *pages, const page_id_t *id, const page_t *page);

#endif
