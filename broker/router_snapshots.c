/* router_snapshots.c - copies of all projections: every actor makes its own, and tells.
 *
 *   an operator ──> PREPARED ─┬─> COPYING ── all have told ──> KEEPING ── kept ──> NOT
 *   retention ────────────────┘      └── one could not, or is gone ──────────────^
 *
 * The sequences of the copies differ: each is its actor's own, and says how far it reaches.  It
 * takes all of them, for what is cut behind a snapshot can be made from nothing else. */
#include "actors/log.h"
#include "broker/router_state.h"
#include "schema/pack.h"

static const owner_t s_owners[] = {owner_SESSION, owner_ROOM, owner_SEARCH, owner_MATCHING,
                                   owner_NOTIFIER};

/* Whoever asked hears of it; a detail of NULL: nothing more is to be said. */
static void s_end(router_t *router, err_t err, const char *detail)
{
    snapping_t *snapping = &router->snapping;
    peer_t *asker = snapping->peer > 0 ? registry_find(router->registry, snapping->peer) : NULL;
    if (err == ERR_UNAVAILABLE)
        log_info("broker", "a snapshot has to wait: %s", detail);
    else if (err != ERR_OK)
        log_error("broker", "there is no snapshot: %s", detail);
    if (err != ERR_OK && asker != NULL)
        router_refuse(router, asker, &snapping->call, err, detail);
    snapping->state = SNAPPING_NOT;
    snapping->peer = 0;
}

err_t router_take_snapshot(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    snapping_t *snapping = &router->snapping;
    (void)body;
    if (peer->role != peer_role_OPERATOR)
        return ERR_FORBIDDEN;
    if (snapping->state != SNAPPING_NOT)
        return ERR_TOO_MANY;
    snapping->state = SNAPPING_PREPARED;
    snapping->peer = peer->id;
    snapping->call = *call;
    router->ports.prepare(router->ports.ctx);
    return ERR_OK;
}

static bool s_all_serve(const router_t *router)
{
    for (size_t i = 0; i < COUNT_OF(s_owners); i++) {
        const peer_t *actor = router->offices[s_owners[i]];
        if (actor == NULL || !actor->ready)
            return false;
    }
    return router->head > 0;
}

static void s_order(router_t *router, peer_t *actor)
{
    record_begin(&actor->out, &(record_t){.type = EVENT_bus_snapshot, .version = 1});
    codec_pack(&actor->out, shape_bus_snapshot_event(),
               &(bus_snapshot_event_t){.order = router->snapping.order});
    record_end(&actor->out);
    router->snapping.waiting |= 1u << actor->actor;
}

void router_snapshot_begin(router_t *router)
{
    snapping_t *snapping = &router->snapping;
    if (snapping->state == SNAPPING_COPYING || snapping->state == SNAPPING_KEEPING)
        return;
    if (!s_all_serve(router)) {
        s_end(router, ERR_UNAVAILABLE, "every actor has to serve, and to have something to copy");
        return;
    }
    arena_reset(snapping->arena);
    snapping->state = SNAPPING_COPYING;
    snapping->order++;
    snapping->count = 0;
    snapping->waiting = 0;
    for (size_t i = 0; i < COUNT_OF(s_owners); i++)
        s_order(router, router->offices[s_owners[i]]);
}

/* All have told: it is the scribe's from here on. */
static void s_keep(router_t *router)
{
    snapping_t *snapping = &router->snapping;
    buf_t packed = {0};
    const snapshot_t snapshot = {.number = 1, .parts = {snapping->parts, snapping->count}};
    codec_pack(&packed, shape_snapshot(), &snapshot);
    snapping->state = SNAPPING_KEEPING;
    router->ports.keep(router->ports.ctx, buf_slice(&packed));
    buf_free(&packed);
}

/* What one has told, in memory of our own. */
static snapshot_part_t s_part(router_t *router, const snapshot_part_t *told)
{
    snapshot_part_t part = *told;
    part.actor = arena_copy(router->snapping.arena, told->actor);
    part.digest = arena_copy(router->snapping.arena, told->digest);
    part.hash = (slice_t){0};
    return part;
}

err_t router_hear_copied(router_t *router, peer_t *peer, const call_t *call, const void *body)
{
    snapping_t *snapping = &router->snapping;
    const bus_snapshotted_call_t *told = body;
    unsigned bit = peer->role == peer_role_ACTOR ? 1u << peer->actor : 0;
    router_answer(router, peer, call, &(nothing_t){});
    if (snapping->state != SNAPPING_COPYING || told->order != snapping->order ||
        !(snapping->waiting & bit))
        return ERR_OK;
    snapping->waiting &= ~bit;
    if (told->part == NULL) {
        s_end(router, ERR_STORAGE, "an actor could not copy its projection; its log says why");
        return ERR_OK;
    }
    snapping->parts[snapping->count++] = s_part(router, told->part);
    if (snapping->waiting == 0)
        s_keep(router);
    return ERR_OK;
}

void router_snapshot_lose(router_t *router, const peer_t *peer)
{
    snapping_t *snapping = &router->snapping;
    bool waits = peer->role == peer_role_ACTOR && (snapping->waiting & (1u << peer->actor));
    if (snapping->state == SNAPPING_COPYING && waits)
        s_end(router, ERR_UNAVAILABLE, "an actor went away");
}

void router_snapshot_kept(router_t *router, err_t status, slice_t snapshot)
{
    snapping_t *snapping = &router->snapping;
    if (snapping->state != SNAPPING_KEEPING && snapping->state != SNAPPING_PREPARED)
        return;
    peer_t *asker = snapping->peer > 0 ? registry_find(router->registry, snapping->peer) : NULL;
    if (status == ERR_OK && asker != NULL) {
        router_reply_begin(router, &snapping->call, ERR_OK);
        buf_append(&router->reply, snapshot);
        buf_append(&asker->out, buf_slice(&router->reply));
    }
    s_end(router, status, "it could not be kept; the log says why");
}
