/* pusher_session.h - one connection that speaks Pusher protocol 7: what it says, and what
 * it is answered.
 *
 *   begin ──> established ──> frames ──> end
 *     └─────> an error, and closed
 *
 * It knows its outlet and the hub, and no socket.  Kith's own channels have more behind
 * them than a hub: the session's owner lets it hear them. */
#ifndef WS_EDGE_PUSHER_SESSION_H
#define WS_EDGE_PUSHER_SESSION_H

#include "ws-edge/pusher_hub.h"

enum {
    PUSHER_ACTIVITY_S = 120,      /* the default of pusher_setup_t's `activity_s` */
    PUSHER_PONG_S = 30,           /* for the answer to a ping */
    PUSHER_IDLE_S = 24 * 60 * 60, /* of one that is in no channel and says nothing */
    PUSHER_EVENTS_PER_S = 10,     /* that clients say themselves, of one connection */
};

typedef struct pusher_session pusher_session_t;

typedef struct pusher_session_ports {
    /* Be this session's, and end with it.  False: this cannot be. */
    bool (*belong)(pusher_session_t *session, who_t who);
    /* Hear the channel of the grant as its account: then pusher_session_heard, perhaps
     * before this returns.  False: this cannot be. */
    bool (*hear)(pusher_session_t *session, const pusher_grant_t *grant);
    void (*leave)(pusher_session_t *session, slice_t channel);
} pusher_session_ports_t;

/* Embedded in its owner; the peer comes first. */
struct pusher_session {
    pusher_peer_t peer;
    pusher_hub_t *hub;
    outlet_t *outlet;
    const pusher_session_ports_t *ports;
    bool admitted;      /* to the hub */
    bool failed;        /* it is being closed: nothing counts any more */
    uint64_t heard_us;  /* when it said anything last */
    uint64_t busy_us;   /* … but a pong */
    uint64_t asked_us;  /* when it was asked whether it is there; 0: it answered */
    uint64_t window_us; /* since when its events are counted */
    unsigned events;
};

/* What the handshake asks for; the zero slice for a parameter that is not there. */
typedef struct pusher_handshake {
    slice_t key;
    slice_t protocol;
} pusher_handshake_t;

/* The error to end with; PUSHER_CODE_COUNT_ if there is none. */
pusher_code_t pusher_handshake_fault(const pusher_setup_t *setup,
                                     const pusher_handshake_t *handshake);

/* The session, zeroed until now; it ends at once where the handshake had a fault. */
void pusher_session_begin(pusher_session_t *session, pusher_hub_t *hub, outlet_t *outlet,
                          const pusher_session_ports_t *ports, pusher_code_t fault);

/* The outlet is no more, and the session neither. */
void pusher_session_end(pusher_session_t *session);

void pusher_session_say(pusher_session_t *session, bool text, slice_t payload);

/* All that is said in one of Kith's own channels arrives from here on. */
void pusher_session_heard(pusher_session_t *session, slice_t channel);

/* Kith vouched for its peer. */
void pusher_session_vouched(pusher_session_t *session);

/* It may be in this channel no more. */
void pusher_session_expel(pusher_session_t *session, slice_t channel);

/* About once a second. */
void pusher_session_tick(pusher_session_t *session);

/* Tell the error, and close if it is one to close with. */
void pusher_session_fail(pusher_session_t *session, pusher_code_t code, const char *why);

#endif
