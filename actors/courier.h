/* courier.h - the door of libcurl: what we send to servers of others.
 *
 * Every function waits for the network: it belongs on a thread of a pool.  Where things
 * are sent the operator has set, no client. */
#ifndef ACTORS_COURIER_H
#define ACTORS_COURIER_H

#include <stdatomic.h>

#include "schema/err.h"
#include "schema/slice.h"

enum { COURIER_HEADERS_MAX = 8, COURIER_TIMEOUT_MS = 10000 };

/* Once a process, before there are other threads; again does nothing. */
void courier_start(void);

/* A POST over HTTP or HTTPS; redirections are not followed. */
typedef struct parcel {
    const char *url;
    const char *headers[COURIER_HEADERS_MAX]; /* "Name: value"; up to a NULL */
    slice_t body;
    const atomic_bool *stop; /* set from another thread: give up soon; may be NULL */
} parcel_t;

/* Hand it over; what the receiver says is read and dropped.  UNAVAILABLE if there is no
 * answer within COURIER_TIMEOUT_MS, else its status. */
MUST_CHECK err_t courier_post(const parcel_t *parcel, int *ret_status);

#endif
