/* native.h - the two halves of the native dialect to each other. */
#ifndef WS_EDGE_DIALECTS_NATIVE_H
#define WS_EDGE_DIALECTS_NATIVE_H

#include "ws-edge/dialect.h"

enum { CLOSE_UNSUPPORTED = 1003, CLOSE_MALFORMED = 1007, CLOSE_POLICY = 1008 };

/* ---- native.c ---- */

err_t native_credential(const request_t *request, arena_t *arena, slice_t *ret_token);
void native_refuse(visit_t *visit, const answer_t *refusal);

/* The object under `error`. */
void native_put_error(buf_t *out, const answer_t *refusal);

/* The answer's object, with the token of a new session; its `}` is left to the caller. */
void native_put_object(buf_t *out, const answer_t *answer);

/* A route's answer as its object. */
void native_show(visit_t *visit, const answer_t *answer);

/* ---- native_files.c ---- */

err_t native_ask_upload(visit_t *visit, answer_t *ret_refusal);
void native_show_upload(visit_t *visit, const answer_t *answer);
err_t native_ask_file(visit_t *visit, answer_t *ret_refusal);
void native_show_file(visit_t *visit, const answer_t *answer);

/* ---- native_ws.c: the dialect's slots ---- */

/* Resume from this sequence, in decimal digits. */
err_t native_since(slice_t text, greeting_t *ret_greeting);

/* The frame that says where a connection stands. */
void native_put_standing(buf_t *out, const standing_t *standing); /* and the body's end */
void native_put_welcome(buf_t *out, who_t who, const standing_t *standing);

err_t native_greet(const request_t *request, arena_t *arena, greeting_t *ret_greeting);
void native_welcome(talk_t *talk, const standing_t *standing);

/* A call's arguments; without a body (NULL) it has none. */
MUST_CHECK err_t native_read_args(talk_t *talk, const call_type_t *type, const json_node_t *body,
                                  fault_t *fault, void *args);

void native_frame(talk_t *talk, bool text, slice_t payload);
void native_reply(talk_t *talk, uint64_t tag, const answer_t *answer);
bool native_event(const event_t *event, const void *state, buf_t *out);

#endif
