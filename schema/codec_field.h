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
static inline bool field_absent(const field_t *field, const void *object)
{
    const void *at = field_at(field, object);
    switch (field->kind) {
    case KIND_U64:
    case KIND_I64:
    case KIND_TIME:
        return *(const uint64_t *)at == 0;
    case KIND_BOOL:
        return !*(const bool *)at;
    case KIND_STR:
    case KIND_BIN:
        return ((const slice_t *)at)->len == 0;
    case KIND_CHOICE:
        return *(const int *)at == 0;
    case KIND_OBJECT:
        return *(const void *const *)at == NULL;
    case KIND_LIST:
    case KIND_IDS:
        return ((const list_t *)at)->count == 0;
    }
    return true;
}

#endif
