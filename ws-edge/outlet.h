/* outlet.h - where a listener's frames go: a WebSocket, an event stream, a line, a
 * namespace of a Socket.IO session.
 *
 * A frame is made once for all who get it (frame_new); an outlet that frames in another
 * way takes its payload (frame_payload).  No callback runs inside these. */
#ifndef WS_EDGE_OUTLET_H
#define WS_EDGE_OUTLET_H

#include "schema/body.h"

typedef struct outlet outlet_t;

typedef struct outlet_verbs {
    /* Queue a frame; takes a reference of its own. */
    void (*send)(outlet_t *outlet, body_t *frame);
    /* Close after what is queued; `reason` may be NULL. */
    void (*close)(outlet_t *outlet, int code, const char *reason);
    /* Bytes queued and not yet taken. */
    size_t (*queued)(const outlet_t *outlet);
    /* Since when the oldest of them waits, at the earliest, by the loop's clock; also of what
     * was dropped as the outlet ended; 0: nothing does, all was taken. */
    uint64_t (*waits_us)(const outlet_t *outlet);
    /* Its listener hears all from here on, and its dialect says so next; may be NULL. */
    void (*stands)(outlet_t *outlet, bool resumed);
} outlet_verbs_t;

/* Embedded in what it is an outlet of. */
struct outlet {
    const outlet_verbs_t *verbs;
};

#endif
