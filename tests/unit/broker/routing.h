/* routing.h - the router's core among fakes: peers that are buffers, and a journal
 * that commits when it is told to. */
#ifndef TESTS_UNIT_BROKER_ROUTING_H
#define TESTS_UNIT_BROKER_ROUTING_H

#include "broker/router.h"
#include "broker/scribe.h"
#include "schema/arena.h"
#include "schema/codec.h"

enum { ROUTING_PEERS = 8, ROUTING_PADDING_MAX = 16 * 1024 };

/* Who is who: peer ids of the usual cast, each below ROUTING_PEERS. */
enum { EDGE = 1, EDGE2 = 2, SESSION = 3, ROOM = 4, OPERATOR = 5, STRANGER = 6, ROOM2 = 7 };

static const uint64_t ROUTING_EPOCH = 5;

/* A page that the router wants of the journal. */
typedef struct order {
    uint64_t ticket;
    uint64_t from;
    ids_t rooms; /* in the routing's arena */
    ids_t accounts;
} order_t;

typedef struct routing {
    router_t *router;
    arena_t *arena;               /* never reset */
    buf_t inbox[ROUTING_PEERS];   /* what each peer was sent and has not taken */
    size_t heard[ROUTING_PEERS];  /* bytes of it that it has taken */
    bool full[ROUTING_PEERS];     /* its queue takes nothing */
    bool hung_up[ROUTING_PEERS];  /* it is there no longer */
    roles_t roles[ROUTING_PEERS]; /* that its key allows */
    uint64_t bots[ROUTING_PEERS]; /* session of the bot whose key it has */
    buf_t out[ROUTING_PEERS];     /* what each is about to say, in one message */
    scribe_t *scribe;             /* a real journal's thread; NULL: the journal below */
    buf_t appended;               /* records that the journal was given and has not committed */
    buf_t committed;              /* records that it holds */
    uint64_t head;                /* of them */
    uint64_t epoch;
    order_t orders[64]; /* oldest first */
    size_t order_count;
    int64_t now;     /* µs, monotonic */
    int64_t stamped; /* calls that were stamped */
    int prepared;    /* places for snapshots */
    buf_t snapshot;  /* that was to be kept, packed */
} routing_t;

/* A router with nobody there, or with the cast: EDGE and EDGE2 edges, SESSION and ROOM
 * actors that are ready, the former knowing of no bots, OPERATOR an operator, STRANGER one who never said hello. */
routing_t *routing_new(void);
routing_t *routing_new_cast(void);
void routing_destroy(routing_t **routing_p);

/* A router on a real journal, whose thread the caller has started and stops last. */
routing_t *routing_new_on(scribe_t *scribe, uint64_t head, uint64_t epoch);

/* The broker starts anew on the same journal: nobody is there, and nothing in memory. */
void routing_restart(routing_t *routing);

/* A peer says hello; an actor is ready at once. */
void routing_enter(routing_t *routing, uint64_t peer, peer_role_t role, owner_t actor);

/* ---- saying ---- */

/* Put a call into the message that the peer is about to send. */
void routing_call(routing_t *routing, uint64_t peer, call_number_t number, uint64_t corr,
                  uint64_t principal, const void *body);

/* What an actor makes of a call: a reply, and so many equal events. */
typedef struct made {
    uint64_t corr;
    uint64_t origin;
    uint64_t epoch; /* 0: the present one */
    err_t status;
    bool rests;
    uint16_t records;
    uint64_t room;
    uint64_t account;
    event_number_t event; /* 0: room.left, as it has only numbers */
    size_t padding;       /* bytes that each record has on top */
} made_t;
void routing_decide(routing_t *routing, uint64_t peer, made_t made);

/* Send it.  OPERATOR and STRANGER have keys of operators, the others may be anything. */
void routing_send(routing_t *routing, uint64_t peer);

/* ---- the world goes on ---- */

/* The end of the router's turn; false if something could not leave. */
bool routing_flush(routing_t *routing);

/* The journal commits up to `most` records that it was given. */
void routing_commit(routing_t *routing, uint64_t most);

/* The journal's write fails, and `landed` of what it was given is on disk all the same. */
void routing_fail(routing_t *routing, uint64_t landed);

/* Serve the oldest order with at most `most` records. */
void routing_serve(routing_t *routing, size_t most);

/* ---- hearing ---- */

/* An envelope off a peer's inbox; kind NONE if it is empty. */
typedef struct heard {
    envelope_kind_t kind;
    call_t call;
    reply_t reply;
    record_t record;
    const void *answer; /* of a reply that says ERR_OK */
} heard_t;
heard_t routing_hear(routing_t *routing, uint64_t peer);

/* The next is a reply to `corr` with this status. */
void routing_expect_reply(routing_t *routing, uint64_t peer, uint64_t corr, err_t status);

/* The next is the record of this sequence. */
void routing_expect_record(routing_t *routing, uint64_t peer, uint64_t seq);

/* There is nothing more. */
void routing_expect_silence(routing_t *routing, uint64_t peer);

/* Say, end the turn, and hear the reply that must come at once. */
heard_t routing_ask(routing_t *routing, uint64_t peer, call_number_t number, uint64_t principal,
                    const void *body);

#endif
