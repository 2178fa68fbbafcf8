/* pusher_place.c - peers and seats know each other's index, so that leaving is no search.
 *
 * Seats of a peer, and peers of a place, lie in arrays without gaps: who leaves is replaced
 * by the last one, whose index is put right on the other side. */
#include "ws-edge/pusher_place.h"

#include <assert.h>

#include "schema/mem.h"

char *pusher_place_text(slice_t bytes)
{
    char *text = mem_zeroed(bytes.len + 1);
    if (bytes.len > 0)
        memcpy(text, bytes.ptr, bytes.len);
    return text;
}

pusher_place_t *pusher_place_make(const pusher_channel_t *channel, uint64_t key)
{
    pusher_place_t *place = mem_new(pusher_place_t);
    place->key = key;
    place->name = pusher_place_text(channel->name);
    place->as = *channel;
    place->as.name = slice_of(place->name);
    place->as.user = (slice_t){0};
    TAILQ_INIT(&place->people);
    return place;
}

void pusher_place_free(pusher_place_t **place_p)
{
    pusher_place_t *place = *place_p;
    assert(place->count == 0 && place->people_count == 0);
    body_unref(&place->kept);
    mem_free(place->kept_data);
    mem_free(place->peers);
    mem_free(place->name);
    mem_free(place);
    *place_p = NULL;
}

/* ---- seats ---- */

static size_t s_room_for(size_t size)
{
    return size == 0 ? 4 : size * 2; /* what it grows to */
}

void pusher_place_sit(pusher_place_t *place, pusher_peer_t *peer, pusher_person_t *person)
{
    if (place->count == place->size) {
        place->size = s_room_for(place->size);
        place->peers = mem_grow(place->peers, place->size * sizeof *place->peers);
    }
    if (peer->count == peer->size) {
        peer->size = s_room_for(peer->size);
        peer->seats = mem_grow(peer->seats, peer->size * sizeof *peer->seats);
    }
    peer->seats[peer->count++] = (pusher_seat_t){place, person, place->count};
    place->peers[place->count++] = peer;
    if (person != NULL)
        person->peers++;
}

static pusher_seat_t *s_seat_in(const pusher_peer_t *peer, const pusher_place_t *place)
{
    size_t at = 0;
    while (at < peer->count && peer->seats[at].place != place)
        at++;
    assert(at < peer->count);
    return &peer->seats[at];
}

void pusher_place_rise(pusher_peer_t *peer, pusher_seat_t *seat)
{
    pusher_place_t *place = seat->place;
    assert(place->peers[seat->at] == peer);
    pusher_peer_t *last = place->peers[--place->count];
    if (seat->at < place->count) {
        place->peers[seat->at] = last;
        s_seat_in(last, place)->at = seat->at;
    }
    if (seat->person != NULL)
        seat->person->peers--;
    *seat = peer->seats[--peer->count];
}

/* ---- people ---- */

pusher_person_t *pusher_place_person(const pusher_place_t *place, slice_t id)
{
    pusher_person_t *person;
    TAILQ_FOREACH(person, &place->people, in_place)
    if (slice_is(id, person->id))
        return person;
    return NULL;
}

pusher_person_t *pusher_place_welcome(pusher_place_t *place, const pusher_person_info_t *info)
{
    pusher_person_t *person = mem_new(pusher_person_t);
    person->id = pusher_place_text(info->id);
    person->info = info->info.ptr != NULL ? pusher_place_text(info->info) : NULL;
    TAILQ_INSERT_TAIL(&place->people, person, in_place);
    place->people_count++;
    return person;
}

void pusher_place_part(pusher_place_t *place, pusher_person_t **person_p)
{
    pusher_person_t *person = *person_p;
    assert(person->peers == 0);
    TAILQ_REMOVE(&place->people, person, in_place);
    place->people_count--;
    mem_free(person->id);
    mem_free(person->info);
    mem_free(person);
    *person_p = NULL;
}

/* ---- what is kept ---- */

void pusher_place_keep(pusher_place_t *place, body_t *frame, slice_t data)
{
    body_unref(&place->kept);
    mem_free(place->kept_data);
    place->kept = frame != NULL ? body_ref(frame) : NULL;
    place->kept_data = frame != NULL ? pusher_place_text(data) : NULL;
    place->kept_size = frame != NULL ? body_slice(frame).len + data.len : 0;
}
