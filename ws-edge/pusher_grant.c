/* pusher_grant.c - who may into Kith's own channels.
 *
 * A signature says that somebody was let in once; it has no end and names no session.  So
 * the connection becomes the session's for which Kith signs; and for the channels where
 * Kith's messages are it is noted there, and the subscription that shows the signature uses
 * the note up. */
#include "ws-edge/pusher_grant.h"

#include <assert.h>

#include "schema/mem.h"
#include "ws-edge/pusher_place.h"

/* ---- Kith's own channels ---- */

bool pusher_is_own(slice_t channel)
{
    return slice_starts(channel, SLICE_LIT("private-chat_")) ||
           slice_starts(channel, SLICE_LIT("private-notification_"));
}

static void s_drop(pusher_peer_t *peer, size_t at)
{
    mem_free(peer->grants[at]);
    for (peer->grant_count--; at < peer->grant_count; at++)
        peer->grants[at] = peer->grants[at + 1];
}

static size_t s_find(const pusher_peer_t *peer, slice_t channel)
{
    size_t at = 0;
    while (at < peer->grant_count && !slice_is(channel, peer->grants[at]->channel))
        at++;
    return at;
}

static void s_note(pusher_peer_t *peer, slice_t channel, who_t who, uint64_t room)
{
    size_t at = s_find(peer, channel);
    if (at < peer->grant_count)
        s_drop(peer, at);
    if (peer->grant_count == PUSHER_GRANTS_MAX)
        s_drop(peer, 0);
    pusher_grant_t *grant = mem_new(pusher_grant_t);
    memcpy(grant->channel, channel.ptr, channel.len);
    grant->who = who;
    grant->room = room;
    peer->grants[peer->grant_count++] = grant;
}

err_t pusher_vouch(pusher_hub_t *hub, const pusher_claim_t *claim, who_t who, uint64_t room,
                   buf_t *out)
{
    assert(who.account != 0);
    pusher_peer_t *peer = pusher_hub_find(hub, claim->socket_id);
    bool own = pusher_is_own(claim->channel);
    size_t before = out->len;
    err_t err = pusher_auth_put(out, &pusher_hub_setup(hub)->app, claim);
    if (err != ERR_OK)
        return err;
    if (peer == NULL || (peer->who.account != 0 && peer->who.account != who.account)) {
        out->len = before;
        return ERR_FORBIDDEN;
    }
    pusher_hub_note_vouched(hub, peer, who);
    if (own)
        s_note(peer, claim->channel, who, room);
    return ERR_OK;
}

bool pusher_use_grant(pusher_peer_t *peer, slice_t channel, pusher_grant_t *ret_grant)
{
    size_t at = s_find(peer, channel);
    if (at == peer->grant_count)
        return false;
    *ret_grant = *peer->grants[at];
    s_drop(peer, at);
    return true;
}

/* ---- channels for everybody ---- */

static bool s_names(slice_t word, slice_t channel)
{
    bool star = word.len > 0 && word.ptr[word.len - 1] == '*';
    return star ? slice_starts(channel, slice_new(word.ptr, word.len - 1))
                : slice_eq(word, channel);
}

bool pusher_hub_open_to_all(const pusher_hub_t *hub, slice_t channel)
{
    const char *at = pusher_hub_setup(hub)->open_to_all;
    if (at == NULL || pusher_is_own(channel))
        return false;
    for (at += strspn(at, " "); *at != '\0'; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        if (s_names(slice_new(at, len), channel))
            return true;
        at += len;
    }
    return false;
}
