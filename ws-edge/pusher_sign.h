/* pusher_sign.h - Pusher's signatures: who may subscribe, sign in, or call the server API.
 *
 * Whoever knows the application's secret may say so: HMAC-SHA-256 in lower-case hex.
 * Signatures are compared in a time that tells nothing. */
#ifndef WS_EDGE_PUSHER_SIGN_H
#define WS_EDGE_PUSHER_SIGN_H

#include "schema/arena.h"
#include "schema/buf.h"
#include "schema/err.h"

enum {
    PUSHER_REQUEST_AGE_MAX_S = 600, /* how far a request's clock may be from ours */
    PUSHER_PARAMETERS_MAX = 32,     /* of a signed query */
};

typedef struct pusher_app {
    slice_t key;
    slice_t secret;
} pusher_app_t;

/* Append the signature of `text`: of a webhook's body it is all that is sent. */
void pusher_sign(buf_t *out, const pusher_app_t *app, slice_t text);

/* ---- a connection's rights ---- */

typedef struct pusher_claim {
    slice_t socket_id;
    slice_t channel; /* to subscribe to; the zero slice: to sign in as a user */
    slice_t data;    /* `channel_data` or `user_data`; the zero slice if there is none */
} pusher_claim_t;

/* Append "<key>:<signature>".  ERR_INVALID, and nothing is signed, unless the socket id is
 * one and the channel is of a kind that is signed: otherwise the signature of one claim
 * could be that of another.  Presence and signing in need data. */
MUST_CHECK err_t pusher_auth_put(buf_t *out, const pusher_app_t *app, const pusher_claim_t *claim);

/* Whether `auth` is what pusher_auth_put gives. */
bool pusher_auth_fits(const pusher_app_t *app, const pusher_claim_t *claim, slice_t auth);

/* ---- a request of the server API ---- */

typedef struct pusher_request {
    slice_t method; /* "POST" */
    slice_t path;   /* "/apps/<id>/events" */
    slice_t query;  /* as sent */
    slice_t body;
} pusher_request_t;

/* ERR_MALFORMED for a query that cannot be read, or could be read in two ways;
 * ERR_BAD_CREDENTIALS unless key, version, time, signature and the body's hash are right.
 * A request that was signed once passes again while its time is right. */
MUST_CHECK err_t pusher_request_check(const pusher_app_t *app, const pusher_request_t *request,
                                      uint64_t now_s, arena_t *arena);

#endif
