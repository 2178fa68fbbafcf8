/* body.h - immutable, reference-counted bytes: one frame for many receivers.
 *
 * The only thing in the house that threads may share; it never changes once it
 * is made. */
#ifndef SCHEMA_BODY_H
#define SCHEMA_BODY_H

#include "schema/slice.h"

typedef struct body body_t;

/* A body with a copy of the bytes and one reference. */
body_t *body_new(slice_t bytes);

body_t *body_ref(body_t *body);

/* Drop one reference and null *body_p; accepts NULL. */
void body_unref(body_t **body_p);

slice_t body_slice(const body_t *body);

#endif
