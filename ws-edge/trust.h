/* trust.h - the proxies before us, whose word about their clients counts.
 *
 * Nobody is trusted by default, loopback neither: who may connect from this machine may
 * not for that reason claim to be somebody else. */
#ifndef WS_EDGE_TRUST_H
#define WS_EDGE_TRUST_H

#include "schema/err.h"
#include "ws-edge/address.h"
#include "ws-edge/request.h"

enum { TRUST_MAX = 256 }; /* networks in a list */

typedef struct trust trust_t;

/* Addresses and networks ("10.0.0.0/8", "fd00::/8", "192.0.2.7") and the word "unix", between
 * spaces or commas; NULL or "" for nobody.  INVALID names the first that is none of these
 * in *ret_fault, which points into `text`. */
MUST_CHECK err_t trust_read(const char *text, trust_t **ret_trust, slice_t *ret_fault);
void trust_destroy(trust_t **trust_p);

/* NULL trusts nobody. */
bool trust_has(const trust_t *trust, const address_t *address);

/* Who a request is from, as the proxies that it came through say. */
typedef struct sender {
    address_t address;
    bool secure; /* its own connection was TLS */
} sender_t;

/* `sender` begins as the connection's end and stays so unless that is trusted.  Then it is
 * the last address of X-Forwarded-For that is not a trusted proxy itself, and secure if
 * the last word of X-Forwarded-Proto is https; what is not an address ends the search. */
void trust_follow(const trust_t *trust, const request_t *request, sender_t *sender);

#endif
