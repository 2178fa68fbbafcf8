/* outside.c - the special-purpose registries of IANA (RFC 6890), as networks.
 *
 * Of IPv4 all is outside but what is listed; of IPv6 only what is global unicast and not listed.
 * An address of IPv6 that stands for one of IPv4 is judged as that one. */
#include "actors/outside.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "schema/mem.h"

typedef struct network {
    uint8_t address[16];
    unsigned bits;
} network_t;

/* Of IPv4. */
static const network_t s_inside[] = {
    {{0}, 8},             /* this network */
    {{10}, 8},            /* private */
    {{100, 64}, 10},      /* shared behind a carrier's NAT */
    {{127}, 8},           /* loopback */
    {{169, 254}, 16},     /* link-local; clouds tell secrets there */
    {{172, 16}, 12},      /* private */
    {{192, 0, 0}, 24},    /* protocols */
    {{192, 0, 2}, 24},    /* documentation */
    {{192, 88, 99}, 24},  /* relays of 6to4 */
    {{192, 168}, 16},     /* private */
    {{198, 18}, 15},      /* benchmarks */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24},  /* documentation */
    {{224}, 4},           /* multicast */
    {{240}, 4},           /* reserved, and broadcast */
};

static const network_t s_global = {{0x20}, 3};

/* Of these, which are global unicast. */
static const network_t s_inside_6[] = {
    {{0x20, 0x01}, 23},             /* protocols, Teredo among them */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02}, 16},             /* 6to4 */
    {{0x3f, 0xff}, 20},             /* documentation */
};

/* With an address of IPv4 behind them: mapped, and NAT64 (RFC 6052). */
static const network_t s_standing_for_4[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96},
    {{0, 0x64, 0xff, 0x9b}, 96},
};

static bool s_in(const uint8_t *address, const network_t *network)
{
    size_t whole = network->bits / 8;
    unsigned rest = network->bits % 8;
    return memcmp(address, network->address, whole) == 0 &&
           (rest == 0 || (address[whole] ^ network->address[whole]) >> (8 - rest) == 0);
}

static bool s_in_any(const uint8_t *address, const network_t *networks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (s_in(address, &networks[i]))
            return true;
    return false;
}

static bool s_has_4(const uint8_t *address)
{
    return !s_in_any(address, s_inside, COUNT_OF(s_inside));
}

static bool s_has_6(const uint8_t *address)
{
    if (s_in_any(address, s_standing_for_4, COUNT_OF(s_standing_for_4)))
        return s_has_4(address + 12);
    return s_in(address, &s_global) && !s_in_any(address, s_inside_6, COUNT_OF(s_inside_6));
}

bool outside_has(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return s_has_4(
            (const uint8_t *)&((const struct sockaddr_in *)(const void *)address)->sin_addr);
    if (address->sa_family == AF_INET6)
        return s_has_6(
            (const uint8_t *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
    return false;
}
