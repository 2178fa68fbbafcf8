/* pusher_hook.h - webhooks: what happens in the hub, in bodies to post to the application.
 *
 *   note ──> held 3 s (vacated, removed) ──> ready ──> a body ──> posted
 *              └── back within that time: neither is told     │
 *                                              ^── again, for 5 minutes
 *
 * One body is under way at a time, so what is told is told in order.  It knows no network:
 * its owner posts, and says how that went. */
#ifndef WS_EDGE_PUSHER_HOOK_H
#define WS_EDGE_PUSHER_HOOK_H

#include "ws-edge/pusher_hub.h"

enum {
    PUSHER_HOOK_HOLD_S = 3,
    PUSHER_HOOK_TRIES_S = 5 * 60,            /* for one body; then it is dropped */
    PUSHER_HOOK_PAUSE_S = 30,                /* between two tries, at most */
    PUSHER_HOOK_BATCH_MAX = 100,             /* events of one body */
    PUSHER_HOOK_EVENTS_MAX = 10000,          /* that wait; further ones are lost */
    PUSHER_HOOK_BYTES_MAX = 4 * 1024 * 1024, /* the same, of their texts */
};

typedef struct pusher_hook pusher_hook_t;

pusher_hook_t *pusher_hook_new(void);
void pusher_hook_destroy(pusher_hook_t **hook_p);

void pusher_hook_note(pusher_hook_t *hook, const pusher_news_t *news, uint64_t now_us);

/* The body to post now, until pusher_hook_done; false if there is none yet. */
bool pusher_hook_next(pusher_hook_t *hook, uint64_t now_us, uint64_t time_ms, slice_t *ret_body);

/* It was taken, or not.  False if it is dropped for having been tried too long. */
bool pusher_hook_done(pusher_hook_t *hook, bool taken, uint64_t now_us);

/* Events that were lost for want of room, since this was asked last. */
size_t pusher_hook_lost(pusher_hook_t *hook);

#endif
