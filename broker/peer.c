/* peer.c - tables from keys to the peers that hear them.
 *
 * A key's hearers are a short array (edges and bots, not connections); a peer
 * that goes is taken out of every array, which is rare and may cost. */
#include "broker/peer.h"

#include <assert.h>

#include "schema/map.h"
#include "schema/mem.h"

/* The peers that hear one key. */
typedef struct hearers {
    peer_t **peers;
    size_t count;
} hearers_t;

struct registry {
    map_t *by_id;
    peer_t **peers; /* in order of arrival */
    size_t count;
    map_t *rooms; /* key → hearers_t */
    map_t *accounts;
    map_t *types; /* of events, by their numbers */
};

registry_t *registry_new(void)
{
    registry_t *registry = mem_new(registry_t);
    registry->by_id = map_new();
    registry->rooms = map_new();
    registry->accounts = map_new();
    registry->types = map_new();
    return registry;
}

static void s_hearers_free(map_t **map_p)
{
    uint64_t key;
    void *hearers;
    for (size_t at = 0; map_next(*map_p, &at, &key, &hearers);) {
        mem_free(((hearers_t *)hearers)->peers);
        mem_free(hearers);
    }
    map_destroy(map_p);
}

static void s_peer_free(peer_t *peer)
{
    buf_free(&peer->out);
    docket_clear(&peer->docket);
    stream_destroy(&peer->stream);
    mem_free(peer);
}

void registry_destroy(registry_t **registry_p)
{
    registry_t *registry = *registry_p;
    if (registry == NULL)
        return;
    *registry_p = NULL;
    for (size_t i = 0; i < registry->count; i++) {
        s_peer_free(registry->peers[i]);
    }
    s_hearers_free(&registry->rooms);
    s_hearers_free(&registry->accounts);
    s_hearers_free(&registry->types);
    map_destroy(&registry->by_id);
    mem_free(registry->peers);
    mem_free(registry);
}

peer_t *registry_find(const registry_t *registry, uint64_t id)
{
    return map_get(registry->by_id, id);
}

peer_t *registry_add(registry_t *registry, uint64_t id)
{
    assert(registry_find(registry, id) == NULL);
    peer_t *peer = mem_new(peer_t);
    peer->id = id;
    map_put(registry->by_id, id, peer);
    registry->peers = mem_grow(registry->peers, (registry->count + 1) * sizeof(peer_t *));
    registry->peers[registry->count++] = peer;
    return peer;
}

size_t registry_count(const registry_t *registry)
{
    return registry->count;
}

void registry_each(registry_t *registry, registry_each_fn *each, void *ctx)
{
    for (size_t i = 0; i < registry->count; i++)
        each(ctx, registry->peers[i]);
}

/* ---- hearing ---- */

static bool s_hears(const hearers_t *hearers, const peer_t *peer)
{
    for (size_t i = 0; i < hearers->count; i++)
        if (hearers->peers[i] == peer)
            return true;
    return false;
}

static void s_hear(map_t *keys, peer_t *peer, uint64_t key)
{
    hearers_t *hearers = map_get(keys, key);
    if (hearers == NULL) {
        hearers = mem_new(hearers_t);
        map_put(keys, key, hearers);
    }
    if (s_hears(hearers, peer))
        return;
    hearers->peers = mem_grow(hearers->peers, (hearers->count + 1) * sizeof(peer_t *));
    hearers->peers[hearers->count++] = peer;
}

static void s_leave(map_t *keys, const peer_t *peer, uint64_t key)
{
    hearers_t *hearers = map_get(keys, key);
    if (hearers == NULL)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < hearers->count; i++)
        if (hearers->peers[i] != peer)
            hearers->peers[kept++] = hearers->peers[i];
    hearers->count = kept;
    if (kept > 0)
        return;
    map_remove(keys, key);
    mem_free(hearers->peers);
    mem_free(hearers);
}

void registry_hear_room(registry_t *registry, peer_t *peer, uint64_t room)
{
    s_hear(registry->rooms, peer, room);
}

void registry_hear_account(registry_t *registry, peer_t *peer, uint64_t account)
{
    s_hear(registry->accounts, peer, account);
}

void registry_leave_room(registry_t *registry, peer_t *peer, uint64_t room)
{
    s_leave(registry->rooms, peer, room);
}

void registry_leave_account(registry_t *registry, peer_t *peer, uint64_t account)
{
    s_leave(registry->accounts, peer, account);
}

void registry_hear_type(registry_t *registry, peer_t *peer, slice_t prefix)
{
    for (const event_type_t *type = event_types(); type->shape != NULL; type++)
        if (slice_starts(slice_of(type->name), prefix))
            s_hear(registry->types, peer, type->number);
}

/* ---- leaving ---- */

static void s_leave_all(map_t *keys, const peer_t *peer)
{
    size_t count = map_count(keys), found = 0;
    uint64_t *heard = mem_grow(NULL, (count + 1) * sizeof(uint64_t));
    uint64_t key;
    void *hearers;
    for (size_t at = 0; map_next(keys, &at, &key, &hearers);)
        if (s_hears(hearers, peer))
            heard[found++] = key;
    for (size_t i = 0; i < found; i++)
        s_leave(keys, peer, heard[i]);
    mem_free(heard);
}

void registry_remove(registry_t *registry, peer_t **peer_p)
{
    peer_t *peer = *peer_p;
    *peer_p = NULL;
    s_leave_all(registry->rooms, peer);
    s_leave_all(registry->accounts, peer);
    s_leave_all(registry->types, peer);

    size_t kept = 0;
    for (size_t i = 0; i < registry->count; i++)
        if (registry->peers[i] != peer)
            registry->peers[kept++] = registry->peers[i];
    registry->count = kept;

    map_remove(registry->by_id, peer->id);
    s_peer_free(peer);
}

/* ---- publishing ---- */

static void s_give(peer_t *peer, slice_t record, uint64_t mark)
{
    if (peer->mark == mark)
        return;
    peer->mark = mark;
    buf_append(&peer->out, record);
}

static void s_give_all(const map_t *keys, uint64_t key, slice_t record, uint64_t mark)
{
    const hearers_t *hearers = key != 0 ? map_get(keys, key) : NULL;
    for (size_t i = 0; hearers != NULL && i < hearers->count; i++)
        s_give(hearers->peers[i], record, mark);
}

/* Who hears the account hears its new room from here on. */
static void s_follow(registry_t *registry, uint64_t room, uint64_t account)
{
    const hearers_t *hearers = map_get(registry->accounts, account);
    for (size_t i = 0; hearers != NULL && i < hearers->count; i++)
        registry_hear_room(registry, hearers->peers[i], room);
}

void registry_publish(registry_t *registry, const event_type_t *type, uint64_t room,
                      uint64_t account, slice_t record, uint64_t mark)
{
    if (type->flags & EVENT_FOLLOW)
        s_follow(registry, room, account);
    s_give_all(registry->types, type->number, record, mark);
    s_give_all(registry->rooms, room, record, mark);
    s_give_all(registry->accounts, account, record, mark);
}
