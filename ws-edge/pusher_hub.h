/* pusher_hub.h - the Pusher channels of this edge: who is in them, and what is said there.
 *
 * A peer is a connection.  A channel is there while a peer is in it, or while its last event
 * is kept for who comes; there is nothing to make or to delete.  In a presence channel
 * peers are people: somebody with two peers comes once and goes once.
 *
 * A frame is made once for all peers of a channel.  Whether somebody may do what they ask
 * is looked at before (pusher_session.h, pusher_api.h); here are the bounds.
 *
 * The hub keeps no peer: its owner admits it and dismisses it. */
#ifndef WS_EDGE_PUSHER_HUB_H
#define WS_EDGE_PUSHER_HUB_H

#include "ws-edge/pusher_peer.h"
#include "ws-edge/pusher_sign.h"

typedef struct pusher_hub pusher_hub_t;

/* ---- the hub ---- */

/* What a webhook tells of.  NEWS(id, name) */
#define PUSHER_NEWS(NEWS)                  \
    NEWS(OCCUPIED, "channel_occupied")     \
    NEWS(VACATED, "channel_vacated")       \
    NEWS(MEMBER_ADDED, "member_added")     \
    NEWS(MEMBER_REMOVED, "member_removed") \
    NEWS(CLIENT_EVENT, "client_event")     \
    NEWS(CACHE_MISS, "cache_miss")

typedef enum pusher_news_kind {
#define NEWS(id, name) PUSHER_NEWS_##id,
    PUSHER_NEWS(NEWS)
#undef NEWS
} pusher_news_kind_t;

/* What does not belong to its kind is the zero slice. */
typedef struct pusher_news {
    pusher_news_kind_t kind;
    slice_t channel;
    slice_t user;
    slice_t event;
    slice_t data;
    slice_t socket_id;
} pusher_news_t;

/* What a server library wants of all edges. */
typedef struct pusher_relay {
    slice_t channels; /* where the event is said: names with a blank between; zero: nowhere */
    slice_t name;     /* of the event */
    slice_t data;
    slice_t except; /* socket id of who need not hear it; zero: nobody's */
    slice_t user;   /* whose connections are ended; zero: nobody's */
} pusher_relay_t;

typedef struct pusher_hub_ports {
    void *ctx;
    uint64_t (*now_us)(void *ctx); /* never goes back */
    uint64_t (*time_s)(void *ctx); /* since 1970 */
    void (*tell)(void *ctx, const pusher_news_t *news);
    void (*relay)(void *ctx, const pusher_relay_t *relay); /* to the hubs of other edges */
} pusher_hub_ports_t;

typedef struct pusher_setup {
    slice_t id; /* of the application */
    pusher_app_t app;
    const char *open_to_all; /* names of channels, see pusher_hub_open_to_all; may be NULL */
    unsigned activity_s;     /* silence after which the other side is asked whether it is there */
} pusher_setup_t;

/* The texts of `setup` outlive the hub. */
pusher_hub_t *pusher_hub_new(const pusher_setup_t *setup, const pusher_hub_ports_t *ports);

/* All peers have been dismissed. */
void pusher_hub_destroy(pusher_hub_t **hub_p);

const pusher_setup_t *pusher_hub_setup(const pusher_hub_t *hub);
uint64_t pusher_hub_now_us(const pusher_hub_t *hub);
uint64_t pusher_hub_time_s(const pusher_hub_t *hub);

/* The peer, zeroed until now, gets its socket id. */
void pusher_hub_admit(pusher_hub_t *hub, pusher_peer_t *peer, outlet_t *outlet);

/* It leaves all channels; what it held is freed. */
void pusher_hub_dismiss(pusher_hub_t *hub, pusher_peer_t *peer);

/* The connection with this socket id if it is live, and on this edge; else NULL. */
pusher_peer_t *pusher_hub_find(const pusher_hub_t *hub, slice_t socket_id);

/* All of them: start with NULL; NULL at the end. */
pusher_peer_t *pusher_hub_next(const pusher_hub_t *hub, const pusher_peer_t *peer);

/* A connection that has become a session's (pusher_grant.h), once each; NULL: there is none. */
pusher_peer_t *pusher_hub_vouched(pusher_hub_t *hub);

/* Close every connection that has signed in as this user; how many. */
size_t pusher_hub_end_user(pusher_hub_t *hub, slice_t user);

/* ---- channels ---- */

/* Who comes into a presence channel. */
typedef struct pusher_person_info {
    slice_t id;
    slice_t info; /* JSON text; the zero slice: none */
} pusher_person_info_t;

/* `person` only where the channel is one of presence.  Entering twice is entering once.
 * ERR_TOO_MANY, with *ret_why, where a bound is reached. */
MUST_CHECK err_t pusher_hub_enter(pusher_hub_t *hub, pusher_peer_t *peer,
                                  const pusher_channel_t *channel,
                                  const pusher_person_info_t *person, const char **ret_why);
void pusher_hub_leave(pusher_hub_t *hub, pusher_peer_t *peer, slice_t channel);

/* The peer's seat there, or NULL. */
const pusher_seat_t *pusher_hub_seat(const pusher_peer_t *peer, slice_t channel);

/* As whom the peer sits there; the zero slice but in presence channels. */
slice_t pusher_seat_user(const pusher_seat_t *seat);

typedef struct pusher_event {
    slice_t name;
    slice_t data; /* text */
    slice_t user; /* who says it, in a presence channel; else the zero slice */
} pusher_event_t;

/* To all in the channel but `except`, which may be NULL. */
void pusher_hub_say(pusher_hub_t *hub, slice_t channel, const pusher_event_t *event,
                    const pusher_peer_t *except);

/* Keep it for who comes, if the channel keeps anything. */
void pusher_hub_keep(pusher_hub_t *hub, const pusher_channel_t *channel,
                     const pusher_event_t *event);

/* The frame that is kept, or NULL; borrowed. */
body_t *pusher_hub_kept(pusher_hub_t *hub, slice_t channel);

/* Tell the world what happened. */
void pusher_hub_tell(const pusher_hub_t *hub, const pusher_news_t *news);

/* Do it here; of a server's event and with what is kept. */
void pusher_hub_perform(pusher_hub_t *hub, const pusher_relay_t *relay);

/* The same here and on all other edges. */
void pusher_hub_broadcast(pusher_hub_t *hub, const pusher_relay_t *relay);

/* ---- looking ---- */

typedef struct pusher_count {
    size_t peers;
    size_t people; /* 0 but in presence channels */
} pusher_count_t;

/* All zero for a channel in which nobody is. */
pusher_count_t pusher_hub_count(const pusher_hub_t *hub, slice_t channel);

/* The data of the event that is kept, and for how long; false if none is. */
bool pusher_hub_kept_data(pusher_hub_t *hub, slice_t channel, slice_t *ret_data, uint64_t *ret_s);

/* Channels that somebody is in, in no order; start with *at = 0; false at the end. */
bool pusher_hub_walk(const pusher_hub_t *hub, size_t *at, slice_t *ret_channel,
                     pusher_count_t *ret_count);

/* The people of a presence channel in the order in which they came; start with NULL. */
const struct pusher_person *pusher_hub_person(const pusher_hub_t *hub, slice_t channel,
                                              const struct pusher_person *before);
pusher_person_info_t pusher_person_show(const struct pusher_person *person);

#endif
