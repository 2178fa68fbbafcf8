/* peer.h - who is on the bus, and who hears what.
 *
 * The registry owns the peers and their subscriptions: by room, by account, or by
 * the prefix of an event's type.  What is to be sent to a peer gathers in its
 * output and leaves as one message a turn. */
#ifndef BROKER_PEER_H
#define BROKER_PEER_H

#include "broker/docket.h"
#include "broker/stream.h"
#include "schema/buf.h"
#include "schema/type.h"

/* A set of roles; a key allows one, who is of the house may be anything but a bot. */
typedef unsigned roles_t;
#define ROLE_BIT(role) (1u << (role))
#define ROLES_ALL \
    (ROLE_BIT(peer_role_EDGE) | ROLE_BIT(peer_role_ACTOR) | ROLE_BIT(peer_role_OPERATOR))

typedef struct peer {
    uint64_t id;      /* socket and the bus' number */
    roles_t roles;    /* that its key allows */
    peer_role_t role; /* NONE until it has said hello */
    owner_t actor;    /* of an actor */
    bool ready;       /* an actor that takes calls */
    bool gone;        /* it has hung up */
    uint64_t bot;     /* session of the bot whose key it has; 0: none */
    stream_t *stream; /* a bot's that has said hello; NULL: no bot */
    docket_t docket;  /* an actor's: calls that it has not answered */
    uint64_t applied; /* an actor's: the last sequence in its projection, as it has said */
    uint64_t hashes;  /* the same: how many passwords it has had hashed */
    int64_t heard;    /* µs, monotonic: when it last said anything */
    buf_t out;        /* envelopes that wait for the end of the turn */
    uint64_t mark;    /* the record that it was last given: none is given twice */
} peer_t;

typedef struct registry registry_t;

registry_t *registry_new(void);
void registry_destroy(registry_t **registry_p);

/* NULL if there is none; registry_add makes one that has not said hello. */
peer_t *registry_find(const registry_t *registry, uint64_t id);
peer_t *registry_add(registry_t *registry, uint64_t id);

/* Forget the peer with all that it hears. */
void registry_remove(registry_t *registry, peer_t **peer_p);

size_t registry_count(const registry_t *registry);

/* All peers, in the order in which they came; the callback may not remove any. */
typedef void registry_each_fn(void *ctx, peer_t *peer);
void registry_each(registry_t *registry, registry_each_fn *each, void *ctx);

/* Hearing is a set: a key that is there already stays once. */
void registry_hear_room(registry_t *registry, peer_t *peer, uint64_t room);
void registry_hear_account(registry_t *registry, peer_t *peer, uint64_t account);
void registry_hear_type(registry_t *registry, peer_t *peer, slice_t prefix);
void registry_leave_room(registry_t *registry, peer_t *peer, uint64_t room);
void registry_leave_account(registry_t *registry, peer_t *peer, uint64_t account);

/* Give the record to everyone who hears its room, its account or its type; each
 * once, in the order of their subscriptions.  `mark` tells records apart. */
void registry_publish(registry_t *registry, const event_type_t *type, uint64_t room,
                      uint64_t account, slice_t record, uint64_t mark);

#endif
