/* pusher_peer.h - one connection as the hub has it, and the bounds of channels. */
#ifndef WS_EDGE_PUSHER_PEER_H
#define WS_EDGE_PUSHER_PEER_H

#include <sys/queue.h>

#include "actors/token.h"
#include "ws-edge/outlet.h"
#include "ws-edge/pusher.h"

enum {
    PUSHER_PEER_CHANNELS_MAX = 200,           /* that one connection is in */
    PUSHER_CHANNELS_MAX = 100000,             /* of the edge */
    PUSHER_MEMBERS_MAX = 100,                 /* people of a presence channel */
    PUSHER_USER_ID_SIZE_MAX = 128,            /* bytes */
    PUSHER_INFO_SIZE_MAX = 1024,              /* bytes of what a member is shown with */
    PUSHER_DATA_SIZE_MAX = 10240,             /* bytes of one event's data */
    PUSHER_CACHE_SIZE_MAX = 16 * 1024 * 1024, /* bytes of kept events; the oldest go first */
    PUSHER_CACHE_S = 30 * 60,
    PUSHER_GRANTS_MAX = 16, /* of a connection, not yet used; the oldest goes first */
};

typedef struct pusher_place pusher_place_t; /* a channel that is there */

typedef struct pusher_seat {
    pusher_place_t *place;
    struct pusher_person *person; /* that it is there; NULL but in presence channels */
    size_t at;                    /* among the place's peers */
} pusher_seat_t;

/* The right of a session to one of Kith's own channels, on one connection. */
typedef struct pusher_grant {
    char channel[PUSHER_CHANNEL_SIZE_MAX + 1];
    who_t who;
    uint64_t room; /* that is heard there; 0: the account itself */
} pusher_grant_t;

/* Embedded in a connection. */
typedef struct pusher_peer {
    outlet_t *outlet;
    char id[PUSHER_SOCKET_ID_SIZE_MAX + 1]; /* its socket id */
    char *user;                             /* as whom it has signed in, or NULL */
    pusher_seat_t *seats;
    size_t count;
    size_t size;
    pusher_grant_t *grants[PUSHER_GRANTS_MAX];
    size_t grant_count;
    who_t who;    /* for whom Kith vouched last; account 0: for nobody */
    bool vouched; /* which its owner has not been told yet */
    TAILQ_ENTRY(pusher_peer) in_all;
    TAILQ_ENTRY(pusher_peer) in_vouched;
} pusher_peer_t;

#endif
