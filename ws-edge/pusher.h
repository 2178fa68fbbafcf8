/* pusher.h - Pusher protocol 7: the names it knows and the errors it has.
 *
 * A codec: it knows no connection and no channel's members. */
#ifndef WS_EDGE_PUSHER_H
#define WS_EDGE_PUSHER_H

#include "schema/err.h"
#include "schema/slice.h"

enum {
    PUSHER_PROTOCOL = 7,
    PUSHER_CHANNEL_SIZE_MAX = 164,  /* bytes of a channel's name */
    PUSHER_EVENT_SIZE_MAX = 200,    /* bytes of an event's name */
    PUSHER_SOCKET_ID_SIZE_MAX = 41, /* bytes: two numbers of 20 digits and a dot */
};

/* ---- errors ---- */

typedef enum pusher_code {
#define PUSHER_CODE(id, number, closes, sentence) PUSHER_##id,
#include "ws-edge/pusher_codes.def"
#undef PUSHER_CODE
    PUSHER_CODE_COUNT_
} pusher_code_t;

typedef struct pusher_code_info {
    int number;  /* of the frame pusher:error and of the WebSocket's close */
    bool closes; /* the connection ends with it */
    const char *sentence;
} pusher_code_info_t;

const pusher_code_info_t *pusher_code_info(pusher_code_t code);

/* Whether the query's `protocol` is ours; if not, the error to end with.  The zero slice:
 * it has none. */
bool pusher_protocol_fits(slice_t protocol, pusher_code_t *ret_code);

/* ---- names ---- */

typedef enum pusher_kind {
    PUSHER_PUBLIC,
    PUSHER_PRIVATE,
    PUSHER_ENCRYPTED, /* private, and what is said there is sealed from us */
    PUSHER_PRESENCE,
    PUSHER_USER, /* "#server-to-user-<id>": what the server says to one user */
} pusher_kind_t;

typedef struct pusher_channel {
    slice_t name;
    pusher_kind_t kind;
    bool cache;   /* its last event is shown to who subscribes */
    slice_t user; /* PUSHER_USER: whose it is */
} pusher_channel_t;

/* ERR_INVALID if there can be no channel of that name. */
MUST_CHECK err_t pusher_channel_read(slice_t name, pusher_channel_t *ret_channel);

/* Only with a signature may a client subscribe. */
bool pusher_kind_signed(pusher_kind_t kind);

/* Clients may speak to each other in it. */
bool pusher_kind_spoken(pusher_kind_t kind);

/* "<digits>.<digits>" */
bool pusher_socket_id_valid(slice_t socket_id);

/* An event that clients send each other: "client-<name>". */
bool pusher_client_event_valid(slice_t event);

#endif
