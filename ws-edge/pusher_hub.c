/* pusher_hub.c - channels by the hash of their names, peers by their socket ids.
 *
 * Invariants:
 *   - a channel is in the table while it has a peer or keeps an event, and not longer;
 *   - kept events run out in the order in which they were said, for all are kept equally
 *     long: so the front of `kept` is the oldest, and goes first when there is no room;
 *   - a person is in a presence channel while they have a peer there.
 *
 * The hash has a key of its own, so that nobody can choose names that collide.  Should two
 * do so all the same, the second channel is refused as if there were no room for it. */
#include "ws-edge/pusher_hub.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "schema/map.h"
#include "schema/mem.h"
#include "ws-edge/pusher_frame.h"
#include "ws-edge/pusher_place.h"

enum { HASH_KEY_SIZE = 32 };

struct pusher_hub {
    pusher_setup_t setup;
    pusher_hub_ports_t ports;
    uint8_t hash_key[HASH_KEY_SIZE];
    map_t *places;
    map_t *peers; /* by socket id */
    TAILQ_HEAD(, pusher_peer) all;
    TAILQ_HEAD(, pusher_peer) vouched; /* whose owners are to be told */
    TAILQ_HEAD(, pusher_place) kept;   /* oldest first */
    size_t kept_size;
    buf_t frame; /* scratch */
};

pusher_hub_t *pusher_hub_new(const pusher_setup_t *setup, const pusher_hub_ports_t *ports)
{
    pusher_hub_t *hub = mem_new(pusher_hub_t);
    hub->setup = *setup;
    hub->ports = *ports;
    crypto_random(hub->hash_key, sizeof hub->hash_key);
    hub->places = map_new();
    hub->peers = map_new();
    TAILQ_INIT(&hub->all);
    TAILQ_INIT(&hub->vouched);
    TAILQ_INIT(&hub->kept);
    return hub;
}

static void s_forget_kept(pusher_hub_t *hub, pusher_place_t *place);

void pusher_hub_destroy(pusher_hub_t **hub_p)
{
    pusher_hub_t *hub = *hub_p;
    if (hub == NULL)
        return;
    assert(TAILQ_EMPTY(&hub->all));
    while (!TAILQ_EMPTY(&hub->kept))
        s_forget_kept(hub, TAILQ_FIRST(&hub->kept));
    assert(map_count(hub->places) == 0);
    map_destroy(&hub->places);
    map_destroy(&hub->peers);
    buf_free(&hub->frame);
    mem_free(hub);
    *hub_p = NULL;
}

const pusher_setup_t *pusher_hub_setup(const pusher_hub_t *hub)
{
    return &hub->setup;
}

uint64_t pusher_hub_now_us(const pusher_hub_t *hub)
{
    return hub->ports.now_us(hub->ports.ctx);
}

uint64_t pusher_hub_time_s(const pusher_hub_t *hub)
{
    return hub->ports.time_s(hub->ports.ctx);
}

void pusher_hub_tell(const pusher_hub_t *hub, const pusher_news_t *news)
{
    hub->ports.tell(hub->ports.ctx, news);
}

/* ---- peers ---- */

/* The numbers of a socket id, as one; 0 for what is none of ours. */
static uint64_t s_peer_key(slice_t socket_id)
{
    char text[PUSHER_SOCKET_ID_SIZE_MAX + 1];
    unsigned first, second;
    if (socket_id.len > PUSHER_SOCKET_ID_SIZE_MAX || !pusher_socket_id_valid(socket_id))
        return 0;
    snprintf(text, sizeof text, "%.*s", SLICE_ARG(socket_id));
    if (sscanf(text, "%10u.%10u", &first, &second) != 2)
        return 0;
    return (uint64_t)first << 32 | second;
}

void pusher_hub_admit(pusher_hub_t *hub, pusher_peer_t *peer, outlet_t *outlet)
{
    uint64_t key = 0;
    peer->outlet = outlet;
    while (key == 0 || map_get(hub->peers, key) != NULL)
        crypto_random((uint8_t *)&key, sizeof key);
    snprintf(peer->id, sizeof peer->id, "%u.%u", (unsigned)(key >> 32), (unsigned)key);
    map_put(hub->peers, key, peer);
    TAILQ_INSERT_TAIL(&hub->all, peer, in_all);
}

pusher_peer_t *pusher_hub_find(const pusher_hub_t *hub, slice_t socket_id)
{
    pusher_peer_t *peer = map_get(hub->peers, s_peer_key(socket_id));
    return peer != NULL && slice_is(socket_id, peer->id) ? peer : NULL;
}

pusher_peer_t *pusher_hub_next(const pusher_hub_t *hub, const pusher_peer_t *peer)
{
    return peer == NULL ? TAILQ_FIRST(&hub->all) : TAILQ_NEXT(peer, in_all);
}

void pusher_hub_note_vouched(pusher_hub_t *hub, pusher_peer_t *peer, who_t who)
{
    peer->who = who;
    if (!peer->vouched)
        TAILQ_INSERT_TAIL(&hub->vouched, peer, in_vouched);
    peer->vouched = true;
}

pusher_peer_t *pusher_hub_vouched(pusher_hub_t *hub)
{
    pusher_peer_t *peer = TAILQ_FIRST(&hub->vouched);
    if (peer == NULL)
        return NULL;
    TAILQ_REMOVE(&hub->vouched, peer, in_vouched);
    peer->vouched = false;
    return peer;
}

size_t pusher_hub_end_user(pusher_hub_t *hub, slice_t user)
{
    const pusher_code_info_t *end = pusher_code_info(PUSHER_UNAUTHORIZED);
    size_t count = 0;
    pusher_peer_t *peer;
    buf_reset(&hub->frame);
    pusher_put_error(&hub->frame, PUSHER_UNAUTHORIZED, NULL);
    body_t *last = pusher_frame(buf_slice(&hub->frame));
    TAILQ_FOREACH(peer, &hub->all, in_all)
    if (peer->user != NULL && slice_is(user, peer->user)) {
        peer->outlet->verbs->send(peer->outlet, last);
        peer->outlet->verbs->close(peer->outlet, end->number, end->sentence);
        count++;
    }
    body_unref(&last);
    return count;
}

/* ---- channels ---- */

static uint64_t s_place_key(const pusher_hub_t *hub, slice_t name)
{
    uint8_t hash[CRYPTO_BLAKE128_SIZE];
    uint64_t key;
    crypto_blake128(slice_new(hub->hash_key, sizeof hub->hash_key), name, hash);
    memcpy(&key, hash, sizeof key);
    return key;
}

static pusher_place_t *s_place(const pusher_hub_t *hub, slice_t name)
{
    pusher_place_t *place = map_get(hub->places, s_place_key(hub, name));
    return place != NULL && slice_is(name, place->name) ? place : NULL;
}

/* What is kept gives way to who is there. */
static bool s_has_room(pusher_hub_t *hub)
{
    while (map_count(hub->places) == PUSHER_CHANNELS_MAX && !TAILQ_EMPTY(&hub->kept))
        s_forget_kept(hub, TAILQ_FIRST(&hub->kept));
    return map_count(hub->places) < PUSHER_CHANNELS_MAX;
}

/* NULL if there is no room for it. */
static pusher_place_t *s_open(pusher_hub_t *hub, const pusher_channel_t *channel)
{
    uint64_t key = s_place_key(hub, channel->name);
    pusher_place_t *place = map_get(hub->places, key);
    if (place != NULL)
        return slice_is(channel->name, place->name) ? place : NULL;
    if (!s_has_room(hub))
        return NULL;
    place = pusher_place_make(channel, key);
    map_put(hub->places, key, place);
    return place;
}

static void s_close_if_empty(pusher_hub_t *hub, pusher_place_t *place)
{
    if (place->count > 0 || place->kept != NULL)
        return;
    map_remove(hub->places, place->key);
    pusher_place_free(&place);
}

static void s_tell_of(const pusher_hub_t *hub, pusher_news_kind_t kind, const pusher_place_t *place,
                      const char *user)
{
    pusher_news_t news = {.kind = kind, .channel = place->as.name, .user = slice_of(user)};
    pusher_hub_tell(hub, &news);
}

/* ---- what is said ---- */

static void s_send(const pusher_place_t *place, body_t *frame, const pusher_peer_t *except)
{
    for (size_t i = 0; i < place->count; i++) {
        outlet_t *outlet = place->peers[i]->outlet;
        if (place->peers[i] != except)
            outlet->verbs->send(outlet, frame);
    }
}

void pusher_hub_say(pusher_hub_t *hub, slice_t channel, const pusher_event_t *event,
                    const pusher_peer_t *except)
{
    const pusher_place_t *place = s_place(hub, channel);
    if (place == NULL || place->count == 0)
        return;
    buf_reset(&hub->frame);
    pusher_put_event(&hub->frame, channel, event);
    body_t *frame = pusher_frame(buf_slice(&hub->frame));
    s_send(place, frame, except);
    body_unref(&frame);
}

/* A member came or went: to all but the peer that did so. */
static void s_announce(pusher_hub_t *hub, pusher_place_t *place, const char *name,
                       const pusher_person_info_t *info, const pusher_peer_t *except)
{
    buf_t data = {0};
    pusher_put_member(&data, info);
    pusher_event_t event = {.name = slice_of(name), .data = buf_slice(&data)};
    pusher_hub_say(hub, place->as.name, &event, except);
    buf_free(&data);
}

/* ---- what is kept ---- */

static void s_forget_kept(pusher_hub_t *hub, pusher_place_t *place)
{
    if (place->kept == NULL)
        return;
    hub->kept_size -= place->kept_size;
    TAILQ_REMOVE(&hub->kept, place, in_kept);
    pusher_place_keep(place, NULL, (slice_t){0});
    s_close_if_empty(hub, place);
}

static void s_forget_old(pusher_hub_t *hub, size_t size_max)
{
    uint64_t now_us = pusher_hub_now_us(hub);
    pusher_place_t *oldest;
    while ((oldest = TAILQ_FIRST(&hub->kept)) != NULL &&
           (oldest->kept_until_us <= now_us || hub->kept_size > size_max))
        s_forget_kept(hub, oldest);
}

void pusher_hub_keep(pusher_hub_t *hub, const pusher_channel_t *channel,
                     const pusher_event_t *event)
{
    pusher_place_t *place = channel->cache ? s_open(hub, channel) : NULL;
    if (place == NULL)
        return;
    buf_reset(&hub->frame);
    pusher_put_event(&hub->frame, channel->name, event);
    body_t *frame = pusher_frame(buf_slice(&hub->frame));
    if (place->kept != NULL) {
        TAILQ_REMOVE(&hub->kept, place, in_kept);
        hub->kept_size -= place->kept_size;
    }
    pusher_place_keep(place, frame, event->data);
    place->kept_until_us = pusher_hub_now_us(hub) + (uint64_t)PUSHER_CACHE_S * 1000000;
    hub->kept_size += place->kept_size;
    TAILQ_INSERT_TAIL(&hub->kept, place, in_kept);
    body_unref(&frame);
    s_forget_old(hub, PUSHER_CACHE_SIZE_MAX);
}

body_t *pusher_hub_kept(pusher_hub_t *hub, slice_t channel)
{
    s_forget_old(hub, PUSHER_CACHE_SIZE_MAX);
    const pusher_place_t *place = s_place(hub, channel);
    return place != NULL ? place->kept : NULL;
}

bool pusher_hub_kept_data(pusher_hub_t *hub, slice_t channel, slice_t *ret_data, uint64_t *ret_s)
{
    if (pusher_hub_kept(hub, channel) == NULL)
        return false;
    const pusher_place_t *place = s_place(hub, channel);
    *ret_data = slice_of(place->kept_data);
    *ret_s = (place->kept_until_us - pusher_hub_now_us(hub)) / 1000000;
    return true;
}

/* ---- what servers say ---- */

static void s_say_in(pusher_hub_t *hub, slice_t name, const pusher_event_t *event,
                     const pusher_peer_t *except)
{
    pusher_channel_t channel;
    if (pusher_channel_read(name, &channel) != ERR_OK)
        return;
    pusher_hub_keep(hub, &channel, event);
    pusher_hub_say(hub, name, event, except);
}

void pusher_hub_perform(pusher_hub_t *hub, const pusher_relay_t *relay)
{
    slice_t rest = relay->channels;
    slice_t data = relay->data.len > 0 ? relay->data : SLICE_LIT(""); /* there is always some */
    pusher_event_t event = {.name = relay->name, .data = data};
    const pusher_peer_t *except = pusher_hub_find(hub, relay->except);
    while (rest.len > 0) {
        const uint8_t *blank = memchr(rest.ptr, ' ', rest.len);
        size_t len = blank != NULL ? (size_t)(blank - rest.ptr) : rest.len;
        s_say_in(hub, slice_new(rest.ptr, len), &event, except);
        rest = slice_from(rest, len + (blank != NULL));
    }
    if (relay->user.len > 0)
        (void)pusher_hub_end_user(hub, relay->user);
}

void pusher_hub_broadcast(pusher_hub_t *hub, const pusher_relay_t *relay)
{
    pusher_hub_perform(hub, relay);
    hub->ports.relay(hub->ports.ctx, relay);
}

/* ---- coming and going ---- */

const pusher_seat_t *pusher_hub_seat(const pusher_peer_t *peer, slice_t channel)
{
    for (size_t i = 0; i < peer->count; i++)
        if (slice_is(channel, peer->seats[i].place->name))
            return &peer->seats[i];
    return NULL;
}

slice_t pusher_seat_user(const pusher_seat_t *seat)
{
    return slice_of(seat->person != NULL ? seat->person->id : NULL);
}

/* The person that sits down with this peer; in a presence channel only. */
static err_t s_welcome(pusher_place_t *place, const pusher_person_info_t *info,
                       pusher_person_t **ret_person)
{
    if (place->as.kind != PUSHER_PRESENCE)
        return ERR_OK;
    *ret_person = pusher_place_person(place, info->id);
    if (*ret_person == NULL && place->people_count == PUSHER_MEMBERS_MAX)
        return ERR_TOO_MANY;
    if (*ret_person == NULL)
        *ret_person = pusher_place_welcome(place, info);
    return ERR_OK;
}

static void s_sit(pusher_hub_t *hub, pusher_place_t *place, pusher_peer_t *peer,
                  pusher_person_t *person)
{
    bool first = person != NULL && person->peers == 0;
    pusher_place_sit(place, peer, person);
    if (place->count == 1)
        s_tell_of(hub, PUSHER_NEWS_OCCUPIED, place, NULL);
    if (!first)
        return;
    pusher_person_info_t info = pusher_person_show(person);
    s_announce(hub, place, "pusher_internal:member_added", &info, peer);
    s_tell_of(hub, PUSHER_NEWS_MEMBER_ADDED, place, person->id);
}

err_t pusher_hub_enter(pusher_hub_t *hub, pusher_peer_t *peer, const pusher_channel_t *channel,
                       const pusher_person_info_t *info, const char **ret_why)
{
    pusher_person_t *person = NULL;
    assert((channel->kind == PUSHER_PRESENCE) == (info != NULL));
    if (pusher_hub_seat(peer, channel->name) != NULL)
        return ERR_OK;
    *ret_why = "this connection is in as many channels as it may be";
    if (peer->count == PUSHER_PEER_CHANNELS_MAX)
        return ERR_TOO_MANY;
    *ret_why = "there are as many channels as there may be";
    pusher_place_t *place = s_open(hub, channel);
    if (place == NULL)
        return ERR_TOO_MANY;
    *ret_why = "as many members are in this channel as it takes";
    if (s_welcome(place, info, &person) != ERR_OK)
        return ERR_TOO_MANY;
    s_sit(hub, place, peer, person);
    return ERR_OK;
}

static void s_leave(pusher_hub_t *hub, pusher_peer_t *peer, pusher_seat_t *seat)
{
    pusher_place_t *place = seat->place;
    pusher_person_t *person = seat->person;
    pusher_place_rise(peer, seat);
    if (person != NULL && person->peers == 0) {
        pusher_person_info_t id = {.id = slice_of(person->id)};
        s_announce(hub, place, "pusher_internal:member_removed", &id, NULL);
        s_tell_of(hub, PUSHER_NEWS_MEMBER_REMOVED, place, person->id);
        pusher_place_part(place, &person);
    }
    if (place->count == 0)
        s_tell_of(hub, PUSHER_NEWS_VACATED, place, NULL);
    s_close_if_empty(hub, place);
}

void pusher_hub_leave(pusher_hub_t *hub, pusher_peer_t *peer, slice_t channel)
{
    const pusher_seat_t *seat = pusher_hub_seat(peer, channel);
    if (seat != NULL)
        s_leave(hub, peer, &peer->seats[seat - peer->seats]);
}

void pusher_hub_dismiss(pusher_hub_t *hub, pusher_peer_t *peer)
{
    while (peer->count > 0)
        s_leave(hub, peer, &peer->seats[peer->count - 1]);
    while (peer->grant_count > 0)
        mem_free(peer->grants[--peer->grant_count]);
    if (peer->vouched)
        TAILQ_REMOVE(&hub->vouched, peer, in_vouched);
    map_remove(hub->peers, s_peer_key(slice_of(peer->id)));
    TAILQ_REMOVE(&hub->all, peer, in_all);
    mem_free(peer->seats);
    mem_free(peer->user);
    *peer = (pusher_peer_t){0};
}

/* ---- looking ---- */

static pusher_count_t s_count(const pusher_place_t *place)
{
    return (pusher_count_t){place->count, place->people_count};
}

pusher_count_t pusher_hub_count(const pusher_hub_t *hub, slice_t channel)
{
    const pusher_place_t *place = s_place(hub, channel);
    return place != NULL ? s_count(place) : (pusher_count_t){0};
}

bool pusher_hub_walk(const pusher_hub_t *hub, size_t *at, slice_t *ret_channel,
                     pusher_count_t *ret_count)
{
    uint64_t key;
    void *value;
    while (map_next(hub->places, at, &key, &value)) {
        const pusher_place_t *place = value;
        if (place->count == 0)
            continue;
        *ret_channel = place->as.name;
        *ret_count = s_count(place);
        return true;
    }
    return false;
}

const pusher_person_t *pusher_hub_person(const pusher_hub_t *hub, slice_t channel,
                                         const pusher_person_t *before)
{
    if (before != NULL)
        return TAILQ_NEXT(before, in_place);
    const pusher_place_t *place = s_place(hub, channel);
    return place != NULL ? TAILQ_FIRST(&place->people) : NULL;
}

pusher_person_info_t pusher_person_show(const pusher_person_t *person)
{
    return (pusher_person_info_t){slice_of(person->id), slice_of(person->info)};
}
