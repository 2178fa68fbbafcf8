/* router.h - the broker's core: who may ask what of whom, in which order things
 * happened, and who hears of it.  No socket, no disk, no clock: the same core runs
 * in the broker's thread (broker.c) and in a simulated world. */
#ifndef BROKER_ROUTER_H
#define BROKER_ROUTER_H

#include "broker/peer.h"
#include "schema/buf.h"
#include "schema/envelope.h"
#include "schema/type.h"

typedef struct router router_t;

/* A page that only the journal has; the ticket comes back with it. */
typedef struct page_order {
    uint64_t ticket;
    uint64_t from;
    ids_t rooms;
    ids_t accounts;
} page_order_t;

/* What the core needs of the world.  Each takes the bytes it is given. */
typedef struct router_ports {
    void *ctx;
    /* Send to a peer and empty the buffer.  UNAVAILABLE: its queue is full, keep it;
     * NOT_FOUND: it has hung up. */
    err_t (*send)(void *ctx, uint64_t peer, buf_t *message);
    /* Append numbered records to the journal, in this order. */
    void (*append)(void *ctx, slice_t records);
    void (*fetch)(void *ctx, const page_order_t *order);
    /* For the calls of peers that may not stamp their own. */
    void (*stamp)(void *ctx, int64_t *ret_time, uint8_t ret_rand[RAND_SIZE]);
    /* Make the place for a snapshot, which ends in router_snapshot_begin; and keep one, which
     * ends in router_snapshot_kept. */
    void (*prepare)(void *ctx);
    void (*keep)(void *ctx, slice_t snapshot);
} router_ports_t;

/* `head` and `epoch` are the journal's. */
router_t *router_new(const router_ports_t *ports, uint64_t head, uint64_t epoch);
void router_destroy(router_t **router_p);

/* What whoever sends a message may be. */
typedef struct rights {
    roles_t roles; /* that its door and its key allow */
    uint64_t bot;  /* session of the bot whose key it is; 0: it has none, or none is wanted */
} rights_t;

/* A message of peer `id`, changed in place, and what it may be by now.  Times are monotonic
 * µs. */
void router_receive(router_t *router, uint64_t id, rights_t rights, slice_t message, int64_t now);

/* The session of the bot that has this key; 0 for nobody's.  Whether all bots are known yet. */
uint64_t router_find_bot(const router_t *router, const char *key);
bool router_knows_bots(const router_t *router);

/* The journal has these on disk: sealed, in order, from the head on. */
void router_committed(router_t *router, slice_t records);

/* How long the commit just told took to be written, for those who watch. */
void router_timed(router_t *router, uint64_t took_us);

/* The journal failed, was reopened, and everything that is really there has been
 * reported by router_committed: the rest is unknown to those who asked. */
void router_reopened(router_t *router, uint64_t epoch);

/* The journal has failed and is being mended: until then nothing is taken that has to be on disk.
 * Those who wait for it are told so by the next tick, unless it is reopened before. */
void router_suspend(router_t *router);

/* A page from the journal; `next` is where to read on. */
void router_page(router_t *router, uint64_t ticket, err_t status, uint64_t next, slice_t records);

/* Retention: the journal begins at `first` now, and what is before that is too old. */
void router_cut(router_t *router, uint64_t first);

/* Have all actors copy their projections, and what has become of that: the packed snapshot. */
void router_snapshot_begin(router_t *router);
void router_snapshot_kept(router_t *router, err_t status, slice_t snapshot);

/* Dead peers go; call a few times a second. */
void router_tick(router_t *router, int64_t now);

/* How long a command waits for bots to judge it, in µs. */
void router_set_patience(router_t *router, int64_t us);

/* When router_expire has something to do at the latest, INT64_MAX: never; and that. */
int64_t router_due(const router_t *router);
void router_expire(router_t *router, int64_t now);

/* The end of a turn: everything gathered leaves.  True if all of it could. */
bool router_flush(router_t *router);

/* Nothing is on its way to the disk. */
bool router_idle(const router_t *router);

#endif
