/* server_peers.c - a table of addresses, each with its number of connections.
 *
 * An entry lives as long as a connection of its address, so the table is as large as
 * the number of connections allows.  An IPv6 address counts by its first 64 bits: that
 * much is commonly one customer's. */
#include "ws-edge/server_peers.h"

#include <assert.h>

#include "actors/crypto.h"
#include "schema/mem.h"

enum { BUCKET_BITS = 12, BUCKETS = 1 << BUCKET_BITS };

struct peer {
    peer_t *next;      /* in the bucket */
    uint64_t customer; /* address_customer */
    size_t count;
};

struct peers {
    size_t each_max;
    uint64_t factor; /* odd, and this process's own */
    peer_t *buckets[BUCKETS];
};

peers_t *peers_new(size_t each_max)
{
    peers_t *peers = mem_new(peers_t);
    peers->each_max = each_max;
    crypto_random((uint8_t *)&peers->factor, sizeof peers->factor);
    peers->factor |= 1;
    return peers;
}

void peers_destroy(peers_t **peers_p)
{
    if (*peers_p == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        assert((*peers_p)->buckets[i] == NULL);
    mem_free(*peers_p);
    *peers_p = NULL;
}

void peers_limit(peers_t *peers, size_t each_max)
{
    peers->each_max = each_max;
}

/* Whoever has an IPv6 /32 may choose among 4,294,967,296 customers, so nobody is to know which
 * of them meet in one bucket: multiply-shift by a secret factor is universal hashing. */
static peer_t **s_bucket(peers_t *peers, uint64_t customer)
{
    return &peers->buckets[customer * peers->factor >> (64 - BUCKET_BITS)];
}

static peer_t *s_find(peers_t *peers, uint64_t customer)
{
    peer_t *peer = *s_bucket(peers, customer);
    while (peer != NULL && peer->customer != customer)
        peer = peer->next;
    return peer;
}

bool peers_full(peers_t *peers, const address_t *address)
{
    if (peers->each_max == 0 || address_is_local(address))
        return false;
    const peer_t *peer = s_find(peers, address_customer(address));
    return peer != NULL && peer->count >= peers->each_max;
}

peer_t *peers_enter(peers_t *peers, const address_t *address)
{
    uint64_t customer = address_customer(address);
    peer_t *peer = s_find(peers, customer);
    if (peer == NULL) {
        peer_t **bucket = s_bucket(peers, customer);
        peer = mem_new(peer_t);
        peer->customer = customer;
        peer->next = *bucket;
        *bucket = peer;
    }
    peer->count++;
    return peer;
}

void peers_leave(peers_t *peers, peer_t **peer_p)
{
    peer_t *peer = *peer_p;
    *peer_p = NULL;
    if (peer == NULL)
        return;
    assert(peer->count > 0);
    if (--peer->count > 0)
        return;
    peer_t **at = s_bucket(peers, peer->customer);
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    mem_free(peer);
}
