/* tunnel.h - one session of Engine.IO: packets to and from one client, whichever way they
 * travel.
 *
 *     polling ── a WebSocket comes, is probed, and takes over ──► WebSocket
 *
 * A tunnel knows no HTTP and no clock of its own: what it needs of the network is in its
 * ports, so that tests run it without any.  What it carries is the affair of whoever
 * begins it.  Nothing is called back inside tunnel_send and tunnel_close: what follows from
 * them comes in tunnel_settle, before the turn ends. */
#ifndef WS_EDGE_TUNNEL_H
#define WS_EDGE_TUNNEL_H

#include "ws-edge/eio.h"
#include "ws-edge/origin.h"
#include "ws-edge/wire.h"

enum {
    TUNNEL_SID_SIZE = 20,              /* characters: 120 bits in base64url */
    TUNNEL_QUEUE_MAX = 256 * 1024,     /* bytes beyond which nothing more waits for a poll */
    TUNNEL_PROBE_US = 10 * 1000000,    /* for a WebSocket to take over */
    TUNNEL_NOOP_US = 100 * 1000,       /* between the noops that free polls meanwhile */
    TUNNEL_FAREWELL_US = 10 * 1000000, /* for a client that polls to hear that it is over */
};

typedef struct tunnel tunnel_t;

/* A GET that waits for packets, and what its reply needs. */
typedef struct poll {
    exchange_t exchange;
    uint64_t since_us;
    bool sets_cookie; /* the reply does, with the session's id … */
    bool secure;      /* … over TLS */
    size_t index_len;
    uint8_t index[EIO_JSONP_INDEX_MAX]; /* JSONP: the number of its function; else empty */
    size_t origin_len;
    uint8_t origin[ORIGIN_SIZE_MAX]; /* that may read the reply, or empty */
} poll_t;

/* ---- below ---- */

typedef struct tunnel_ports {
    void *ctx;
    arena_t *arena; /* of the packets that are being read */
    unsigned interval_ms, timeout_ms;
    uint64_t (*now_us)(void *ctx);
    bool (*waits)(void *ctx, const poll_t *poll); /* the client has not gone */
    void (*answer)(void *ctx, const tunnel_t *tunnel, const poll_t *poll, bool octets,
                   slice_t payload);
    void (*stir)(void *ctx, tunnel_t *tunnel);   /* settle it before the turn ends */
    void (*opened)(void *ctx, tunnel_t *tunnel); /* its WebSocket is there: begin */
    void (*send)(socket_t *socket, body_t *frame);
    void (*close)(socket_t *socket, int code, const char *reason);
    size_t (*queued)(const socket_t *socket);
    uint64_t (*waits_us)(const socket_t *socket);
} tunnel_ports_t;

/* ---- above ---- */

typedef struct tunnel_events {
    void (*message)(void *user, bool binary, slice_t data);
    void (*beat)(void *user, uint64_t now_us); /* with each look */
    void (*closed)(void *user, int code);      /* the last one */
} tunnel_events_t;

/* ---- life ---- */

/* A fresh id, without a NUL. */
void tunnel_make_sid(char sid[TUNNEL_SID_SIZE]);

/* Has such an id.  The ports are borrowed for good. */
tunnel_t *tunnel_new(const tunnel_ports_t *ports, eio_peer_t peer);

/* End it now, without a word. */
void tunnel_abandon(tunnel_t *tunnel);

/* It is over. */
void tunnel_free(tunnel_t **tunnel_p);

/* Say the first packet; from now on `user` hears. */
void tunnel_begin(tunnel_t *tunnel, const tunnel_events_t *events, void *user);

/* Queue a text frame whose payload is one packet; takes a reference of its own. */
void tunnel_send(tunnel_t *tunnel, body_t *frame);

/* End it after what is queued. */
void tunnel_close(tunnel_t *tunnel, int code, const char *reason);

/* Do what the turn has given rise to; true once it is over. */
bool tunnel_settle(tunnel_t *tunnel);

/* Heartbeats and deadlines: some times an interval. */
void tunnel_look(tunnel_t *tunnel);

slice_t tunnel_sid(const tunnel_t *tunnel);
eio_peer_t tunnel_peer(const tunnel_t *tunnel);
size_t tunnel_queued(const tunnel_t *tunnel);

/* As socket_waits_us. */
uint64_t tunnel_waits_us(const tunnel_t *tunnel);

/* ---- polling ---- */

/* Whether requests are its way still. */
bool tunnel_polls(const tunnel_t *tunnel);

/* Have a GET wait.  ERR_INVALID where one waits already, which ends the session. */
MUST_CHECK err_t tunnel_poll(tunnel_t *tunnel, const poll_t *poll);

/* Take the packets of a POST.  What is wrong with them ends the session. */
MUST_CHECK err_t tunnel_post(tunnel_t *tunnel, bool octets, slice_t payload);

/* ---- WebSockets ---- */

/* The one that a session begins with, before tunnel_begin; or one that is to take over, of
 * which there may be one at a time: else NULL. */
wire_t *tunnel_wire(tunnel_t *tunnel);

/* Whether a WebSocket is about to take over. */
bool tunnel_probes(const tunnel_t *tunnel);

#endif
