/* codec_field.h - how the codec's two formats reach a field of a struct. */
#ifndef SCHEMA_CODEC_FIELD_H
#define SCHEMA_CODEC_FIELD_H

#include "schema/type.h"

static inline const void *field_at(const field_t *field, const void *object)
{
    return (const uint8_t *)object + field->offset;
}

/* Zero or empty: left out of a message unless the field must be there. */
bool field_absent(const field_t *field, const void *object);

#endif
