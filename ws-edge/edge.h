/* edge.h - how strangers say it: one edge of the bus, on a thread of its own.
 *
 * It listens for HTTP and WebSocket, translates with the dialects, and is a peer
 * of the broker like any other.  Everything inside runs on its one loop. */
#ifndef WS_EDGE_EDGE_H
#define WS_EDGE_EDGE_H

#include "actors/app_keys.h"
#include "actors/keys.h"
#include "schema/err.h"
#include "ws-edge/quota.h"

typedef struct edge edge_t;

/* Whose tokens count beside our own; texts may be NULL or empty. */
typedef struct issuer_options {
    const char *name;        /* its `iss`; none: there is no such issuer */
    const char *audience;    /* what it calls us in `aud`; none: its tokens have no `aud` */
    const char *secret_file; /* exactly one of the three, see issuer_keys.h */
    const char *key_file;
    const char *jwks_file;
} issuer_options_t;

enum { HEARTBEAT_MS = 25000, HEARTBEAT_TIMEOUT_MS = 20000 };

/* Of Pusher's protocol. */
typedef struct pusher_options {
    app_keys_t keys;         /* that are set; the others lie in the data folder */
    const char *open_to_all; /* see pusher_hub_open_to_all; may be NULL */
    const char *webhook;     /* URL that is told what happens; NULL or empty: none is */
    unsigned activity_s;     /* 0: as Pusher has it */
} pusher_options_t;

/* Texts are borrowed for edge_start. */
typedef struct edge_options {
    const char *const *http; /* endpoints to listen on (listen.h) */
    size_t http_count;
    const char *const *tls; /* the same, for TLS */
    size_t tls_count;
    const char *const *line; /* the same, for plain TCP in a dialect of its own */
    size_t line_count;
    bool reuse_port;               /* other edges may listen there too */
    unsigned unix_mode;            /* of a Unix socket's file */
    const char *bus;               /* endpoint of the broker */
    const keyring_t *keys;         /* for it over tcp; may be NULL */
    const char *data;              /* folder that is there; the secret of tokens is in it */
    const char *public_url;        /* where people reach it from outside; NULL for nowhere */
    const char *origins;           /* further allowed origins, separated by spaces; may be NULL */
    const char *files;             /* folder of uploaded files; NULL: `files` under `data` */
    unsigned sweep_s;              /* seconds between sweeps of it; 0: never */
    unsigned body_bytes_max;       /* of an HTTP request; 0: LIMIT_REQUEST_BODY */
    unsigned frame_bytes_max;      /* of a WebSocket message; 0: LIMIT_FRAME */
    bool official_writes;          /* WebSocket frames by the manual of libwebsockets */
    unsigned heartbeat_ms;         /* of Engine.IO: between two; 0: HEARTBEAT_MS */
    unsigned heartbeat_timeout_ms; /* for the answer to one; 0: HEARTBEAT_TIMEOUT_MS */
    bool jsonp;                    /* Engine.IO in scripts, for browsers without anything else */
    pusher_options_t pusher;

    /* These may change while it runs. */
    const char *certificate; /* PEM files, if there is to be TLS */
    const char *key;
    const char *trusted_proxies;      /* whose word about clients counts (trust.h) */
    unsigned connections_per_address; /* 0: any number */
    const char *metrics_from;         /* who may read /metrics (trust.h); NULL: nobody */
    const char *trace_addresses;      /* how they are told (diary_tell_addresses); NULL: network */
    const char *refused_types;        /* of files, by spaces (magic_listed); may be NULL */
    const char *rates[RATE_COUNT];    /* as rate_read takes them; NULL: as in rates.def */
    issuer_options_t issuer;
} edge_options_t;

/* Everything limited, nothing to listen on. */
edge_options_t edge_options_default(void);

/* Would it start?  Reads certificates, keys and whatever else is named, and tries where to
 * listen; makes nothing, and meets no broker.  What is wrong has been logged. */
MUST_CHECK err_t edge_check(const edge_options_t *options);

/* Listen and serve.  What is wrong has been logged: INVALID for an endpoint or a
 * secret that will not do, UNAVAILABLE for a port that is taken. */
MUST_CHECK err_t edge_start(const edge_options_t *options, edge_t **ret_edge);

/* Take over what may change while it runs, public_url and origins too.  The others are as
 * they were at the start.  On an error nothing has changed, and it has been logged. */
MUST_CHECK err_t edge_reload(edge_t *edge, const edge_options_t *options);

/* The port that endpoint number `index` has got, of all in the order of the options (an
 * endpoint may ask for port 0). */
int edge_port(const edge_t *edge, size_t index);

/* Answer what is in flight, close WebSockets with 1012; from here on nobody is served. */
void edge_drain(edge_t *edge);

/* After edge_drain; nulls *edge_p.  libwebsockets 4.1.6 with libuv closes the descriptor of
 * its event pipe twice here: a thread that opens a file in between would lose it, so all
 * other threads of the process have to be at an end. */
void edge_destroy(edge_t **edge_p);

#endif
