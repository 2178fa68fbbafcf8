/* verifier.h - Argon2id strings that come from elsewhere.
 *
 * What an import brings is verified at each sign-in, with the cost that it names: so it
 * must be well-formed, and cost no more than about a second and 256 MiB. */
#ifndef ACTORS_SESSION_VERIFIER_H
#define ACTORS_SESSION_VERIFIER_H

#include "schema/slice.h"

/* $argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$HASH as the reference implementation writes
 * it: base64 without padding, no leading zeros. */
bool verifier_good(slice_t verifier);

#endif
