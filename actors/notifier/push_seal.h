/* push_seal.h - a message that a browser alone can read, not the push service that carries it:
 * Message Encryption for Web Push (RFC 8291) in one record of aes128gcm (RFC 8188). */
#ifndef ACTORS_NOTIFIER_PUSH_SEAL_H
#define ACTORS_NOTIFIER_PUSH_SEAL_H

#include "actors/elliptic.h"

enum {
    PUSH_AUTH_SIZE = 16,
    PUSH_SALT_SIZE = 16,
    PUSH_RECORD_SIZE = 4096, /* what every push service takes */
    PUSH_PLAIN_MAX = 3993,   /* bytes of a message in that */
};

/* For whom, and with what; a pair and a salt are used once. */
typedef struct push_seal {
    slice_t point;          /* p256dh: the browser's public key */
    slice_t auth;           /* its PUSH_AUTH_SIZE secret bytes */
    const elliptic_t *pair; /* ours, of this message alone */
    const uint8_t *salt;    /* PUSH_SALT_SIZE random bytes */
} push_seal_t;

/* Append the body of the request.  The message is padded to `size` bytes, if it is shorter, so
 * that its length says less.  ERR_INVALID: the browser's key is none. */
MUST_CHECK err_t push_seal(const push_seal_t *seal, slice_t message, size_t size, buf_t *out);

#endif
