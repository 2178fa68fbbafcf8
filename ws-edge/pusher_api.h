/* pusher_api.h - what Pusher's server libraries ask, over HTTP: say events, look at
 * channels, end a user's connections.
 *
 * Every request is signed with the application's secret; who has that may say anything
 * anywhere, but for Kith's own channels: what comes there was said in Kith. */
#ifndef WS_EDGE_PUSHER_API_H
#define WS_EDGE_PUSHER_API_H

#include "schema/json.h"
#include "ws-edge/pusher_hub.h"

enum { PUSHER_API_CHANNELS_MAX = 100, PUSHER_API_BATCH_MAX = 10 };

typedef enum pusher_api {
    PUSHER_API_EVENTS,    /* POST /apps/<id>/events */
    PUSHER_API_BATCH,     /* POST /apps/<id>/batch_events */
    PUSHER_API_CHANNELS,  /* GET /apps/<id>/channels */
    PUSHER_API_CHANNEL,   /* GET /apps/<id>/channels/<name> */
    PUSHER_API_USERS,     /* GET /apps/<id>/channels/<name>/users */
    PUSHER_API_TERMINATE, /* POST /apps/<id>/users/<name>/terminate_connections */
} pusher_api_t;

typedef struct pusher_ask {
    pusher_api_t what;
    pusher_request_t request; /* as it is signed */
    slice_t app;              /* the path's parts */
    slice_t name;
    const json_node_t *json; /* the body; NULL: none */
} pusher_ask_t;

/* Do it: append the reply's body, and give its status, 200, 400, 401, 403 or 413. */
int pusher_api_serve(pusher_hub_t *hub, const pusher_ask_t *ask, arena_t *arena, buf_t *out);

#endif
