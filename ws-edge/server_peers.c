/* server_peers.c - a table of addresses, each with its number of connections.
 *
 * An entry lives as long as a connection of its address, so the table is as large as
 * the number of connections allows.  An IPv6 address counts by its first 64 bits: that
 * much is commonly one customer's. */
#include "ws-edge/server_peers.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "schema/mem.h"

enum { BUCKETS = 4096, KEY_SIZE = 8 };

struct peer {
    peer_t *next; /* in the bucket */
    uint8_t key[KEY_SIZE];
    size_t count;
};

struct peers {
    size_t each_max;
    peer_t *buckets[BUCKETS];
};

peers_t *peers_new(size_t each_max)
{
    peers_t *peers = mem_new(peers_t);
    peers->each_max = each_max;
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

static void s_key(const struct sockaddr *address, uint8_t *key)
{
    memset(key, 0, KEY_SIZE);
    if (address->sa_family == AF_INET6)
        memcpy(key, &((const struct sockaddr_in6 *)address)->sin6_addr, KEY_SIZE);
    else if (address->sa_family == AF_INET) /* 0::/64 holds no customers: room for IPv4 */
        memcpy(key + 4, &((const struct sockaddr_in *)address)->sin_addr, 4);
}

/* FNV-1a.  Addresses cannot be chosen freely enough to flood a bucket. */
static peer_t **s_bucket(peers_t *peers, const uint8_t *key)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < KEY_SIZE; i++)
        hash = (hash ^ key[i]) * 16777619u;
    return &peers->buckets[hash % BUCKETS];
}

peer_t *peers_enter(peers_t *peers, const struct sockaddr *address)
{
    uint8_t key[KEY_SIZE];
    s_key(address, key);
    peer_t **bucket = s_bucket(peers, key);
    peer_t *peer = *bucket;

    while (peer != NULL && memcmp(peer->key, key, KEY_SIZE) != 0)
        peer = peer->next;
    if (peer == NULL) {
        peer = mem_new(peer_t);
        memcpy(peer->key, key, KEY_SIZE);
        peer->next = *bucket;
        *bucket = peer;
    } else if (peers->each_max > 0 && peer->count >= peers->each_max) {
        return NULL;
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
    peer_t **at = s_bucket(peers, peer->key);
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    mem_free(peer);
}
