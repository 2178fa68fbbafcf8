/* push_vapid.h - how a push service knows us: Voluntary Application Server Identification
 * (RFC 8292).
 *
 * A subscription is good for one public key, so the pair is kept: in DATA/push.key, readable by
 * its owner only, as the base64url of the private key, in which other servers keep theirs too. */
#ifndef ACTORS_NOTIFIER_PUSH_VAPID_H
#define ACTORS_NOTIFIER_PUSH_VAPID_H

#include "schema/arena.h"
#include "schema/buf.h"
#include "schema/err.h"

typedef struct vapid vapid_t;

/* Read FOLDER/push.key, or make it.  `contact` is whom a push service writes to if something is
 * wrong, as mailto: or https:; empty: nobody.  INVALID for a key that is none or that others can
 * read; what is wrong has been logged. */
MUST_CHECK err_t vapid_open(const char *folder, const char *contact, vapid_t **ret_vapid);
void vapid_close(vapid_t **vapid_p);

/* The public key, as base64url. */
slice_t vapid_key(const vapid_t *vapid);

/* Append the value of the header Authorization for a service of this origin. */
void vapid_put(const vapid_t *vapid, const char *origin, int64_t now_s, buf_t *out);

#endif
