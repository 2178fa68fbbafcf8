/* keys.h - the keys of the bus over tcp: CURVE, as ZeroMQ has it.
 *
 * A folder of keys, each a file of one line of 40 characters (Z85):
 *
 *     broker.secret     the broker's alone, mode 0600
 *     broker.public     every peer's, to know the broker by
 *     edge.secret …     a part's own pair: edge, actor, operator
 *     authorized        the broker's: who may come, `role name public-key` a line
 *
 * The door of zmq's keys. */
#ifndef ACTORS_KEYS_H
#define ACTORS_KEYS_H

#include "schema/err.h"

enum { KEY_SIZE = 32, KEY_TEXT_SIZE = 41 };

typedef struct key_pair {
    char public_key[KEY_TEXT_SIZE];
    char secret_key[KEY_TEXT_SIZE];
} key_pair_t;

/* What a peer needs. */
typedef struct keyring {
    key_pair_t own;
    char broker[KEY_TEXT_SIZE]; /* its public key */
} keyring_t;

/* A new pair. */
void keys_make(key_pair_t *ret_pair);

/* Write PATH.secret and PATH.public.  EXISTS if one is there already; why not has been
 * logged. */
MUST_CHECK err_t keys_write(const char *path, const key_pair_t *pair);

/* Read FOLDER/NAME.secret and the public key that belongs to it; for a ring also
 * FOLDER/broker.public.  What is wrong has been logged. */
MUST_CHECK err_t keys_read(const char *folder, const char *name, key_pair_t *ret_pair);
MUST_CHECK err_t keys_read_ring(const char *folder, const char *name, keyring_t *ret_ring);

/* A well-formed key that is not all zero, which anybody would have. */
bool keys_valid(const char *text);

#endif
