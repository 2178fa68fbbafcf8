/* codec_field.h - how the codec's two formats reach a field of a struct. */
#ifndef SCHEMA_CODEC_FIELD_H
#define SCHEMA_CODEC_FIELD_H

#include "schema/codec.h"

/* Whose eyes something is for: those of bus and journal see hidden fields too. */
typedef enum view { VIEW_ALL, VIEW_CLIENT } view_t;

static inline const void *field_at(const field_t *field, const void *object)
{
    return (const uint8_t *)object + field->offset;
}

/* A value that a client spelled out may not be the zero that its bounds forbid. */
err_t field_check_given(const field_t *field, const void *object, fault_t *fault);

/* Zero or empty: left out of a message unless the field must be there. */
bool field_absent(const field_t *field, const void *object);

#endif
