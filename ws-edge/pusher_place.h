/* pusher_place.h - one channel: its peers, its people, the event that it keeps (private to
 * the hub's files). */
#ifndef WS_EDGE_PUSHER_PLACE_H
#define WS_EDGE_PUSHER_PLACE_H

#include "ws-edge/pusher_hub.h"

/* Somebody in a presence channel, with one peer or several. */
typedef struct pusher_person {
    char *id;
    char *info; /* JSON text; NULL: none */
    size_t peers;
    TAILQ_ENTRY(pusher_person) in_place;
} pusher_person_t;

struct pusher_place {
    uint64_t key; /* by which the hub finds it */
    char *name;
    pusher_channel_t as; /* its `name` is the one above */
    pusher_peer_t **peers;
    size_t count;
    size_t size;
    TAILQ_HEAD(, pusher_person) people; /* in the order in which they came */
    size_t people_count;
    body_t *kept; /* frame of the last event; NULL: none */
    char *kept_data;
    size_t kept_size; /* bytes that it counts for */
    uint64_t kept_until_us;
    TAILQ_ENTRY(pusher_place) in_kept;
};

pusher_place_t *pusher_place_make(const pusher_channel_t *channel, uint64_t key);

/* Nobody is in it. */
void pusher_place_free(pusher_place_t **place_p);

/* The peer takes a seat; as a person, where one is given. */
void pusher_place_sit(pusher_place_t *place, pusher_peer_t *peer, pusher_person_t *person);

/* The seat is given up; it is no more. */
void pusher_place_rise(pusher_peer_t *peer, pusher_seat_t *seat);

/* NULL if no such person is there. */
pusher_person_t *pusher_place_person(const pusher_place_t *place, slice_t id);

pusher_person_t *pusher_place_welcome(pusher_place_t *place, const pusher_person_info_t *info);

/* Its last peer has gone. */
void pusher_place_part(pusher_place_t *place, pusher_person_t **person_p);

/* Put what is kept in the place of what was; NULL: nothing. */
void pusher_place_keep(pusher_place_t *place, body_t *frame, slice_t data);

/* A NUL-ended copy of bytes that hold no NUL. */
char *pusher_place_text(slice_t bytes);

/* ---- pusher_hub.c, for pusher_grant.c ---- */

/* Its owner is to be told that it is this session's. */
void pusher_hub_note_vouched(pusher_hub_t *hub, pusher_peer_t *peer, who_t who);

#endif
