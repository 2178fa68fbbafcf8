/* native.h - the two halves of the native dialect to each other. */
#ifndef WS_EDGE_DIALECTS_NATIVE_H
#define WS_EDGE_DIALECTS_NATIVE_H

#include "ws-edge/dialect.h"

/* ---- native.c ---- */

/* The object under `error`. */
void native_put_error(buf_t *out, const answer_t *refusal);

/* The answer's object, with the token of a new session; its `}` is left to the caller. */
void native_put_object(buf_t *out, const answer_t *answer);

/* ---- native_ws.c: the dialect's slots ---- */

err_t native_greet(const request_t *request, arena_t *arena, greeting_t *ret_greeting);
void native_welcome(talk_t *talk, const standing_t *standing);
void native_frame(talk_t *talk, bool text, slice_t payload);
void native_reply(talk_t *talk, uint64_t tag, const answer_t *answer);
bool native_event(const event_t *event, buf_t *out);

#endif
