/* link.h - the edge as a peer of the broker.
 *
 *     hello ──welcome──> UP ── 2 s without a word, or no longer known ──> DOWN ──> hello …
 *
 * Each hello but the first is the first word on a fresh connection, so that nothing which
 * was said to a broker that is gone reaches its successor.
 *
 * Calls of a turn gather in one buffer and leave as one message before the loop
 * sleeps.  What comes is handed on in the order of the pipe: answers to the desk,
 * records to whoever is interested. */
#ifndef WS_EDGE_LINK_H
#define WS_EDGE_LINK_H

#include "actors/keys.h"
#include "ws-edge/desk.h"
#include "ws-edge/dialect.h"
#include "ws-edge/loop.h"

typedef struct link link_t;

typedef struct link_events {
    void *ctx;
    void (*on_up)(void *ctx);   /* the broker has let us in: nothing is subscribed yet */
    void (*on_down)(void *ctx); /* it is silent; whoever waited has been refused */
    void (*on_record)(void *ctx, const record_t *record);
    void (*on_turn)(void *ctx); /* before the calls of a turn leave */
} link_events_t;

MUST_CHECK err_t link_open(loop_t *loop, const char *bus, const keyring_t *keys,
                           const link_events_t *events, link_t **ret_link);
void link_close(link_t **link_p);

/* Refuse whoever waits, and all who ask from now on; accepts NULL. */
void link_stop(link_t *link);

bool link_is_up(const link_t *link);

/* Whether more of this account's calls wait than can be done in time. */
bool link_is_full(const link_t *link, uint64_t account);

/* Ask; the waiter's `type` is the call's.  ERR_UNAVAILABLE: the broker is silent, or too
 * much waits already; the waiter is not called then. */
MUST_CHECK err_t link_ask(link_t *link, who_t who, const void *args, const waiter_t *waiter);

/* Say, without an answer; lost if the broker is silent. */
void link_tell(link_t *link, uint16_t type, const void *args);

/* The highest sequence that we know to be committed.  All records up to it that we
 * subscribed to have come, unless this is called from a command's own answer. */
uint64_t link_head(const link_t *link);

/* Wall-clock time in µs since 1970. */
int64_t link_time(void);

#endif
