/* adopted.h - whose a token or a session's uuid is, once we know it: a bounded memory.
 *
 * A credential that is found here was verified before, so that a request costs one hash.  The
 * whole hash is compared.  Past the bound the one that came first is forgotten; checking
 * it, or asking for it, again gives the same session. */
#ifndef WS_EDGE_ADOPTED_H
#define WS_EDGE_ADOPTED_H

#include "actors/crypto.h"
#include "actors/token.h"

enum { ADOPTED_MAX = 65536 };

typedef struct adopted adopted_t;

adopted_t *adopted_new(void);
void adopted_destroy(adopted_t **adopted_p);

/* Until it expires; times are wall-clock µs. */
void adopted_put(adopted_t *adopted, const uint8_t hash[CRYPTO_BLAKE256_SIZE], who_t who);
bool adopted_find(const adopted_t *adopted, const uint8_t hash[CRYPTO_BLAKE256_SIZE], int64_t now,
                  who_t *ret_who);

#endif
