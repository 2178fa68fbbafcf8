/* key_hash.h - a quick hash of a row's key, for tables in memory.
 *
 * Keyed, since strangers choose logins and client ids: who does not know the secret cannot
 * make keys that collide. */
#ifndef ACTORS_KEY_HASH_H
#define ACTORS_KEY_HASH_H

#include <stdint.h>
#include <string.h>

#include "schema/slice.h"

typedef struct hash_secret {
    uint64_t numbers[2]; /* random */
} hash_secret_t;

/* Both halves of the product: every bit of the input reaches every bit. */
static inline uint64_t key_hash_mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t key_hash(const hash_secret_t *secret, slice_t key)
{
    uint64_t hash = secret->numbers[0] ^ key.len, word = 0;
    while (key.len > sizeof word) {
        memcpy(&word, key.ptr, sizeof word);
        hash = key_hash_mix(hash ^ word, secret->numbers[1]);
        key = slice_from(key, sizeof word);
    }
    word = 0;
    memcpy(&word, key.ptr, key.len);
    return key_hash_mix(key_hash_mix(hash ^ word, secret->numbers[1]), secret->numbers[0]);
}

#endif
