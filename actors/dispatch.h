/* dispatch.h - the door of libcurl: what we send to the servers of others.
 *
 * Every function waits for the network: it belongs on a thread of a pool.  Where things
 * are sent the operator has set, no client. */
#ifndef ACTORS_DISPATCH_H
#define ACTORS_DISPATCH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "schema/err.h"
#include "schema/slice.h"

enum { DISPATCH_HEADERS_MAX = 8, DISPATCH_TIMEOUT_MS = 10000 };

/* Once a process, before there are other threads; again does nothing. */
void dispatch_start(void);

/* A POST over HTTP or HTTPS; redirections are not followed. */
typedef struct dispatch {
    const char *url;
    const char *headers[DISPATCH_HEADERS_MAX]; /* "Name: value"; up to a NULL */
    slice_t body;
    const atomic_bool *stop; /* set from another thread: give up soon; may be NULL */
} dispatch_t;

/* Send it; what the receiver says is read and dropped.  UNAVAILABLE if there is no
 * answer within DISPATCH_TIMEOUT_MS, else its status. */
MUST_CHECK err_t dispatch_post(const dispatch_t *dispatch, int *ret_status);

/* A letter for a mail server (RFC 5321); no text is NULL. */
typedef struct posting {
    const char *server;        /* smtp://HOST:PORT or smtps://HOST:PORT */
    const char *user;          /* to sign in as; empty: not at all */
    const char *password_file; /* with the password in its first line, read each time */
    bool plain;                /* TLS if the server offers it; else it has to */
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
