/* broker.h - the broker's thread: sockets around the router and the scribe. */
#ifndef BROKER_BROKER_H
#define BROKER_BROKER_H

#include <stdint.h>

#include "broker/keeper.h"

enum { BROKER_ENDPOINTS_MAX = 4 };

typedef struct broker_options {
    const char *data;       /* data directory; the journal lies in DATA/journal */
    const char *keys;       /* folder of keys, for endpoints over tcp (actors/keys.h) */
    const char *inner;      /* endpoint for this process's own edges and actors */
    const char *const *bus; /* endpoints for everybody else */
    size_t bus_count;
    const char *const *bots; /* endpoints for bots, and nobody else */
    size_t bot_count;
    int64_t patience_ms;    /* that a message waits for bots to judge it */
    uint64_t segment_bytes; /* of the journal's; 0: as it is made */
    keeper_options_t keep;  /* what of the past is kept; zeroed: all */
    bool unsynced;          /* acknowledge before fsync: the control of a test */
} broker_options_t;

typedef struct broker broker_t;

/* Whether the keys that a broker needs over tcp are there.  What is wrong has been logged. */
MUST_CHECK err_t broker_check_keys(const char *folder);

/* Open the journal and serve.  What is wrong has been logged. */
MUST_CHECK err_t broker_start(const broker_options_t *options, broker_t **ret_broker);

/* Read again who may come over tcp.  A list that is refused changes nothing. */
MUST_CHECK err_t broker_reload(broker_t *broker);

/* Wait until nothing is on its way to the disk; no more than `patience_ms`. */
void broker_drain(broker_t *broker, int patience_ms);

/* Commit what is there and end. */
void broker_stop(broker_t **broker_p);

#endif
