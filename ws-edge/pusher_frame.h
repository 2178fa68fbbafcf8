/* pusher_frame.h - the frames of Pusher protocol 7, read and written.
 *
 *     {"channel":"…","event":"…","data":"…"}
 *
 * What the server says has its data as a text, which is JSON more often than not; clients
 * say theirs in either way.  `channel` stands first, so that who hands a frame on finds it
 * without reading the rest. */
#ifndef WS_EDGE_PUSHER_FRAME_H
#define WS_EDGE_PUSHER_FRAME_H

#include "schema/body.h"
#include "schema/json.h"
#include "ws-edge/pusher_hub.h"

/* ---- what a client says ---- */

typedef struct pusher_said {
    slice_t event;
    slice_t channel;         /* the zero slice: none */
    const json_node_t *data; /* NULL: none */
    const json_node_t *root;
} pusher_said_t;

/* ERR_MALFORMED for what is no object with an event. */
MUST_CHECK err_t pusher_said_read(slice_t payload, pusher_said_t *ret_said);
void pusher_said_free(pusher_said_t *said);

/* The data as an object, read from a text if it is one, into *ret_text's place; NULL if it
 * is neither.  Free what comes in *ret_text. */
const json_node_t *pusher_said_object(const pusher_said_t *said, const json_node_t **ret_text);

/* Append the data as others will get it: a text as it is, all else as JSON. */
void pusher_said_put_data(buf_t *out, const pusher_said_t *said);

/* ---- what the server says ---- */

/* A frame for any number of receivers. */
body_t *pusher_frame(slice_t payload);

/* The channel that a frame of ours is of; the zero slice if it has none. */
slice_t pusher_frame_channel(slice_t payload);

void pusher_put_event(buf_t *out, slice_t channel, const pusher_event_t *event);
void pusher_put_established(buf_t *out, const char *socket_id, unsigned activity_s);
void pusher_put_pong(buf_t *out);
void pusher_put_ping(buf_t *out);

/* `why` instead of the code's own sentence, unless it is NULL. */
void pusher_put_error(buf_t *out, pusher_code_t code, const char *why);

/* `event` without data, or with an empty object for its data. */
void pusher_put_plain(buf_t *out, slice_t channel, const char *event);
void pusher_put_subscribed(buf_t *out, slice_t channel);

typedef struct pusher_refusal {
    const char *type;
    const char *why;
    int status; /* as HTTP has them */
} pusher_refusal_t;

void pusher_put_refusal(buf_t *out, slice_t channel, const pusher_refusal_t *refusal);

/* Success on a presence channel, with all who are there. */
void pusher_put_presence(buf_t *out, slice_t channel, const pusher_hub_t *hub);

/* The data of member_added; without `info` that of member_removed. */
void pusher_put_member(buf_t *out, const pusher_person_info_t *person);

void pusher_put_signed_in(buf_t *out, slice_t user_data);

#endif
