/* dispatch.h - the door of libcurl: what we send to the servers of others.
 *
 * What sends waits for the network: it belongs on a thread of a pool.  Where things are sent
 * the operator has set; where a client has, the dispatch is wary. */
#ifndef ACTORS_DISPATCH_H
#define ACTORS_DISPATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "schema/err.h"
#include "schema/slice.h"

enum {
    DISPATCH_HEADERS_MAX = 8,
    DISPATCH_TIMEOUT_MS = 10000,
    DISPATCH_HOST_SIZE = 256,
    DISPATCH_ORIGIN_SIZE = DISPATCH_HOST_SIZE + 16,
};

/* Once a process, before there are other threads; again does nothing. */
void dispatch_start(void);

/* A POST over HTTP or HTTPS; redirections are not followed. */
typedef struct dispatch {
    const char *url;
    const char *headers[DISPATCH_HEADERS_MAX]; /* "Name: value"; up to a NULL */
    slice_t body;
    bool wary;               /* a stranger said where to: only to an address outside (outside.h),
                                and by no proxy, which would be asked to look for us */
    const char *authorities; /* file of the certificates that vouch for it; NULL: the system's */
    const atomic_bool *stop; /* set from another thread: give up soon; may be NULL */
} dispatch_t;

typedef struct dispatch_answer {
    int status;
    int64_t wait_s; /* Retry-After, in seconds; 0: it says nothing */
} dispatch_answer_t;

/* Send it; what the receiver says is read and dropped.  UNAVAILABLE if there is no answer
 * within DISPATCH_TIMEOUT_MS; FORBIDDEN if a wary one found no address but inside. */
MUST_CHECK err_t dispatch_post(const dispatch_t *dispatch, dispatch_answer_t *ret_answer);

/* Where a URL leads, as a dispatch would take it. */
typedef struct dispatch_place {
    char origin[DISPATCH_ORIGIN_SIZE]; /* scheme, host, and the port unless it is the scheme's */
    char host[DISPATCH_HOST_SIZE];
    bool secure;  /* https */
    bool usual;   /* the scheme's own port */
    bool literal; /* the host is an address, no name */
} dispatch_place_t;

/* INVALID: it is no URL of http or https, it names a user, or it has anything but visible
 * ASCII. */
MUST_CHECK err_t dispatch_find(const char *url, dispatch_place_t *ret_place);

/* A letter for a mail server (RFC 5321); no text is NULL. */
typedef struct posting {
    const char *server;        /* smtp://HOST:PORT or smtps://HOST:PORT */
    const char *user;          /* to sign in as; empty: not at all */
    const char *password_file; /* with the password in its first line, read each time */
    bool plain;                /* TLS if the server offers it; else it has to */
    const char *authorities;   /* file of the certificates that vouch for it; empty: the system's */
    const char *from;          /* addresses, without <> */
    const char *to;
    slice_t letter;          /* as RFC 5322 has it, lines with CRLF */
    const atomic_bool *stop; /* as above */
} posting_t;

enum { DISPATCH_REASON_SIZE = 64, DISPATCH_MAIL_TIMEOUT_MS = 60000 };

/* Hand it over.  UNAVAILABLE: not now; INVALID: the server refuses it for good.  Both say
 * why in a few words, which name nobody. */
MUST_CHECK err_t dispatch_mail(const posting_t *posting, char ret_reason[DISPATCH_REASON_SIZE]);

#endif
