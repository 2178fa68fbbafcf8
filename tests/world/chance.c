/* chance.c - splitmix64: small, fast, and good enough to wreak havoc.
 *
 * The program's own randombytes_buf comes before that of the shared library, for the house as for
 * libsodium itself. */
#include "tests/world/chance.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static uint64_t s_state;

void randombytes_buf(void *at, size_t size);

void chance_seed(uint64_t seed)
{
    s_state = seed * 0x9e3779b97f4a7c15u + 1;
}

uint64_t chance(void)
{
    uint64_t z = s_state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t chance_below(uint64_t bound)
{
    assert(bound > 0);
    return chance() % bound;
}

uint64_t chance_between(uint64_t low, uint64_t high)
{
    return low + chance_below(high - low + 1);
}

bool chance_one_in(uint64_t times)
{
    return chance_below(times) == 0;
}

void randombytes_buf(void *at, size_t size)
{
    for (uint8_t *to = at; size > 0;) {
        uint64_t word = chance();
        size_t part = size < sizeof word ? size : sizeof word;
        memcpy(to, &word, part);
        to += part;
        size -= part;
    }
}
