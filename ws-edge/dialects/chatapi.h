/* chatapi.h - the two halves of the ChatAPI dialect to each other. */
#ifndef WS_EDGE_DIALECTS_CHATAPI_H
#define WS_EDGE_DIALECTS_CHATAPI_H

#include "ws-edge/dialect.h"

/* ---- chatapi.c ---- */

/* `{"error":"…"}`: the detail if there is one, else what the error says. */
void chatapi_put_error(buf_t *out, const answer_t *refusal);

/* ---- chatapi_ws.c: the dialect's slots ---- */

err_t chatapi_greet(const request_t *request, arena_t *arena, greeting_t *ret_greeting);
void chatapi_frame(talk_t *talk, bool text, slice_t payload);
void chatapi_reply(talk_t *talk, uint64_t tag, const answer_t *answer);
bool chatapi_event(const event_t *event, const void *state, buf_t *out);

#endif
