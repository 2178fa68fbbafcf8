/* listen.h - from an endpoint in words to the descriptors that listen there.
 *
 *     HOST:PORT    [IPV6]:PORT    unix:PATH    and each with proxy: before it,
 *
 * where every connection has to begin with a PROXY header.  A name listens on all of its
 * addresses ("localhost" has two); port 0 picks one, on the first address alone. */
#ifndef WS_EDGE_LISTEN_H
#define WS_EDGE_LISTEN_H

#include <sys/types.h>
#include <sys/un.h>

#include "schema/err.h"

enum { LISTEN_FDS_MAX = 8 };

/* What is spoken behind an endpoint: HTTP, the same in TLS, or a dialect's own over TCP. */
typedef enum tongue { TONGUE_HTTP, TONGUE_TLS, TONGUE_LINE } tongue_t;

typedef struct listen_options {
    bool reuse_port; /* several processes may listen there; the kernel spreads connections */
    mode_t unix_mode;
} listen_options_t;

typedef struct listening {
    int fds[LISTEN_FDS_MAX];
    size_t count;
    int port; /* 0 of a Unix socket */
    bool proxied;
    struct sockaddr_un unix_address; /* its path is empty for TCP */
} listening_t;

/* INVALID: that is no endpoint; UNAVAILABLE: it cannot be had now.  *ret_fault has the reason
 * in words, and nothing is open. */
MUST_CHECK err_t listen_open(const char *endpoint, const listen_options_t *options,
                             listening_t *ret_listening, const char **ret_fault);

/* Close the descriptors, and remove the Unix socket's file unless another listens there. */
void listen_close(listening_t *listening);

/* Whether nobody but this machine can reach the endpoint. */
bool listen_is_local(const char *endpoint);

#endif
