/* pusher_world.h - a hub with a clock that a test sets, and sessions whose frames are texts. */
#ifndef TESTS_UNIT_WS_EDGE_PUSHER_WORLD_H
#define TESTS_UNIT_WS_EDGE_PUSHER_WORLD_H

#include "schema/buf.h"
#include "ws-edge/pusher_session.h"

#define WORLD_KEY "278d425bdf160c739803"
#define WORLD_APP "3"

/* Frames that come often, as caller_got gives them. */
#define SUCCEEDED(channel, data)                                             \
    "{\"channel\":\"" channel "\",\"event\":\"pusher_internal:subscription_" \
    "succeeded\",\"data\":\"" data "\"}\n"
#define REFUSED(channel, type, why, status)                                             \
    "{\"channel\":\"" channel "\",\"event\":\"pusher:subscription_error\",\"data\":\"{" \
    "\\\"type\\\":\\\"" type "\\\",\\\"error\\\":\\\"" why "\\\",\\\"status\\\":" status "}\"}\n"
#define ERROR(code, why) \
    "{\"event\":\"pusher:error\",\"data\":{\"code\":" code ",\"message\":\"" why "\"}}\n"

typedef struct pusher_world {
    pusher_hub_t *hub;
    uint64_t now_us;
    uint64_t time_s;
    buf_t relayed; /* what other edges were told, a line each, each part behind a blank */
    buf_t news;    /* what webhooks would be told, a line each: "name channel user event data" */
} pusher_world_t;

typedef struct pusher_caller {
    pusher_session_t session; /* first */
    outlet_t outlet;
    pusher_world_t *world;
    buf_t said;   /* the frames that it got since it was looked at last, a line each */
    int code;     /* with which it was closed; 0: it was not */
    bool deaf;    /* Kith's own channels are refused */
    bool pending; /* they wait for pusher_session_heard */
    buf_t heard;  /* the rooms that it was to hear, and the channels that it left */
} pusher_caller_t;

pusher_world_t *world_new(void);
void world_destroy(pusher_world_t **world_p);

/* The news since this was asked last; NUL-ended. */
const char *world_news(pusher_world_t *world);

/* What other edges were told since this was asked last. */
const char *world_relayed(pusher_world_t *world);

/* One that has said its hello, which is looked at already. */
pusher_caller_t *world_call(pusher_world_t *world);
pusher_caller_t *world_call_with(pusher_world_t *world, pusher_code_t fault);
void world_dismiss(pusher_caller_t **caller_p);

void caller_says(pusher_caller_t *caller, const char *frame);

/* Subscribe, with a right signature where the channel wants one; `data` may be NULL. */
void caller_subscribes(pusher_caller_t *caller, const char *channel, const char *data);

/* What it got since this was asked last; NUL-ended, a line a frame. */
const char *caller_got(pusher_caller_t *caller);

/* ---- two people at one hub ---- */

typedef struct pusher_pair {
    pusher_world_t *world;
    pusher_caller_t *ann;
    pusher_caller_t *bob;
} pusher_pair_t;

/* For cmocka: *state is a pusher_pair_t. */
int pair_setup(void **state);
int pair_teardown(void **state);

#endif
