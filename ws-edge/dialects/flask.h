/* flask.h - what the servers of documents 000 and 003 have in common: both read tokens with
 * Flask-JWT-Extended, so their clients know its words. */
#ifndef WS_EDGE_DIALECTS_FLASK_H
#define WS_EDGE_DIALECTS_FLASK_H

#include "ws-edge/dialect.h"

/* `Authorization: Bearer <token>`; any other scheme is a token that cannot be read. */
err_t flask_credential(const request_t *request, arena_t *arena, slice_t *ret_token);

/* Show what is wrong with a credential as `{"msg":"…"}`: 401 for one that is missing or no
 * longer good, 422 for one that cannot be read.  False if the refusal is about something else. */
bool flask_refuse(visit_t *visit, const answer_t *refusal);

/* `{"<name>":"<text>"}` with the refusal's own status: the detail if there is one, else what
 * the error says. */
void flask_put_refusal(visit_t *visit, const char *name, const answer_t *refusal);

/* ---- writing ---- */

void flask_put_id(buf_t *out, const char *name, uint64_t id);
void flask_put_text(buf_t *out, const char *name, slice_t text);

/* ---- reading ---- */

/* A text that must be there, and not be empty; passwords from bodies alone. */
bool flask_text(const visit_t *visit, const char *name, slice_t *ret_text);
bool flask_password(const visit_t *visit, slice_t *ret_password);

/* A number above 0 that must be there, be it sent as one or as a text. */
bool flask_id(const visit_t *visit, const char *name, uint64_t *ret_id);

/* ERR_INVALID, said in these words. */
MUST_CHECK err_t flask_wrong(answer_t *ret_refusal, const char *detail);

/* The visit's call, if its arguments keep the schema's bounds. */
MUST_CHECK err_t flask_call(visit_t *visit, answer_t *ret_refusal, call_number_t call,
                            const void *args);

/* `limit` and `before` of the query, the latter the id of a message; the limit is 10,000 if it
 * is missing. */
MUST_CHECK err_t flask_page(const visit_t *visit, answer_t *ret_refusal, uint64_t *ret_limit,
                            uint64_t *ret_before);

#endif
