/* talker.h - a dialect on its own: what it asks, says and shows is written down. */
#ifndef TESTS_UNIT_WS_EDGE_TALKER_H
#define TESTS_UNIT_WS_EDGE_TALKER_H

#include "ws-edge/dialect.h"

/* A connection that is none; every text is of the last time. */
typedef struct talker {
    const dialect_t *dialect;
    talk_t talk;
    arena_t *arena;
    buf_t out;
    buf_t said; /* the frame that it sent */
    size_t frames;
    const call_type_t *type; /* of the call that it made */
    buf_t args;              /* as JSON */
    uint64_t tag;
    size_t calls;
    buf_t credential; /* that it was to be bound to */
    size_t binds;
    uint64_t room; /* that it was to hear */
    size_t hears;
    uint64_t left; /* the room that it was to hear no more */
    int code;      /* with which it closed; 0: it did not */
} talker_t;

/* Account 7, session 70. */
talker_t *talker_new(const dialect_t *dialect);
void talker_destroy(talker_t **talker_p);

/* A text frame comes; or an event of Socket.IO, which is `2…`. */
void talker_hears(talker_t *talker, const char *frame);
void talker_is_told(talker_t *talker, const char *packet);

void talker_expects_call(const talker_t *talker, const char *name, const char *args, uint64_t tag);
void talker_expects_frame(const talker_t *talker, const char *frame);

/* ---- HTTP ---- */

/* A request that is none: `head` has its lines, without the blank one. */
typedef struct caller {
    arena_t *arena;
    char *head;
    uint8_t *path;
    request_t request;
    const json_node_t *json;
    slice_t params[ROUTE_PARAMS_MAX];
    buf_t headers;
    buf_t body;
    visit_t visit;
    answer_t refusal;
    err_t err; /* of asking */
} caller_t;

/* Find the dialect's route for the request and ask it; `body` may be NULL. */
caller_t *caller_new(const dialect_t *dialect, const char *head, const char *body);
/* The same as account 7, session 70. */
caller_t *caller_new_known(const dialect_t *dialect, const char *head, const char *body);
/* The same where there are Pusher's channels. */
caller_t *caller_new_beside(const dialect_t *dialect, struct pusher_hub *hub, const char *head,
                            const char *body);

void caller_destroy(caller_t **caller_p);

/* Have the answer shown. */
void caller_is_answered(caller_t *caller, const dialect_t *dialect, call_number_t call,
                        const void *object);
void caller_is_refused(caller_t *caller, const dialect_t *dialect, call_number_t call, err_t err,
                       const char *detail);

void caller_expects_call(const caller_t *caller, call_number_t call, const char *args);
void caller_expects_body(const caller_t *caller, int status, const char *body);

#endif
