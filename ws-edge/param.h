/* param.h - a request's parameters, whichever way they travel: as members of a JSON body, as
 * a form, or in the query.  The body wins over the query; of two with one name the first.
 *
 * For `ask` only: they are gone with the request. */
#ifndef WS_EDGE_PARAM_H
#define WS_EDGE_PARAM_H

#include "ws-edge/dialect.h"

enum { PARAM_FIELDS_MAX = 100 }; /* of a form; more are refused as malformed */

/* Whether the body is a form: its type says so, and it does not begin as JSON does, which
 * many send under that type because their tool does. */
bool param_is_form(const request_t *request);

/* A form may be read: at most PARAM_FIELDS_MAX fields, all well-formed; else MALFORMED. */
MUST_CHECK err_t param_check_form(slice_t form, arena_t *arena);

/* A parameter as a text; numbers and booleans of JSON as they are written there.  NOT_FOUND
 * if it is missing or null; INVALID for a JSON object or array; MALFORMED for a broken
 * escape in the query. */
MUST_CHECK err_t param_text(const visit_t *visit, const char *name, slice_t *ret_text);

/* The same from the body alone: what must be in no log and no history of addresses. */
MUST_CHECK err_t param_secret(const visit_t *visit, const char *name, slice_t *ret_text);

/* A text of decimal digits only, of a path for instance. */
bool param_number(slice_t text, uint64_t *ret_value);

/* A whole number, be it sent as one or as a text of digits.  INVALID for anything else. */
MUST_CHECK err_t param_u64(const visit_t *visit, const char *name, uint64_t *ret_value);

/* Set a field of a call from the parameter; a missing one leaves it alone.  INVALID, with the
 * parameter's name in *ret_fault; the field's bounds are for codec_check. */
MUST_CHECK err_t param_field(const visit_t *visit, const char *name, const shape_t *shape,
                             const char *field, void *object, fault_t *ret_fault);

#endif
