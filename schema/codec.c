/* codec.c - what both formats share: access to fields, and the validation. */
#include "schema/codec.h"

#include <errno.h>
#include <stdlib.h>

#include "schema/codec_field.h"
#include "schema/text.h"

slice_t fault_text(const fault_t *fault, arena_t *arena)
{
    if (fault->problem == NULL)
        return (slice_t){0};
    if (fault->field == NULL)
        return slice_of(fault->problem);
    return arena_printf(arena, "`%s`: %s", fault->field, fault->problem);
}

static err_t s_invalid(const field_t *field, const char *problem, fault_t *fault)
{
    *fault = (fault_t){field->name, problem};
    return ERR_INVALID;
}

err_t field_check_given(const field_t *field, const void *object, fault_t *fault)
{
    if (field->min == 0 || !field_absent(field, object))
        return ERR_OK;
    return s_invalid(field, field->kind == KIND_STR ? "is too short" : "is too small", fault);
}

/* Characters have one to four bytes: of most texts that alone says that they fit. */
static bool s_surely_fits(const field_t *field, size_t bytes)
{
    return bytes >= 4 * field->min && (field->max == 0 || bytes <= field->max);
}

static err_t s_check_text(const field_t *field, slice_t text, fault_t *fault)
{
    if (!text_valid(text))
        return s_invalid(field, "is not well-formed UTF-8", fault);
    if (s_surely_fits(field, text.len))
        return ERR_OK;
    size_t length = text_length(text);
    if (length < field->min)
        return s_invalid(field, "is too short", fault);
    if (field->max > 0 && length > field->max)
        return s_invalid(field, "is too long", fault);
    return ERR_OK;
}

static err_t s_check_number(const field_t *field, uint64_t value, fault_t *fault)
{
    if (value < field->min)
        return s_invalid(field, "is too small", fault);
    if (field->max > 0 && value > field->max)
        return s_invalid(field, "is too large", fault);
    return ERR_OK;
}

static err_t s_check_items(const field_t *field, const list_t *list, fault_t *fault)
{
    if (field->max > 0 && list->count > field->max)
        return s_invalid(field, "has too many items", fault);
    if (field->kind == KIND_IDS)
        return ERR_OK;

    const shape_t *shape = field->shape();
    for (size_t i = 0; i < list->count; i++) {
        err_t err = codec_check(shape, (const uint8_t *)list->items + i * shape->size, fault);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

static err_t s_check_present(const field_t *field, const void *at, fault_t *fault)
{
    switch (field->kind) {
    case KIND_U64:
        return s_check_number(field, *(const uint64_t *)at, fault);
    case KIND_STR:
        return s_check_text(field, *(const slice_t *)at, fault);
    case KIND_BIN:
        return s_check_number(field, ((const slice_t *)at)->len, fault);
    case KIND_OBJECT:
        return codec_check(field->shape(), *(const void *const *)at, fault);
    case KIND_LIST:
    case KIND_IDS:
        return s_check_items(field, at, fault);
    case KIND_I64:
    case KIND_TIME:
    case KIND_BOOL:
    case KIND_CHOICE:
        return ERR_OK;
    }
    return ERR_OK;
}

/* Zero is a value for kinds and bounds that allow it, and absence for the others. */
static bool s_zero_will_do(const field_t *field)
{
    if (field->need == NEED_OPT || field->need == NEED_HID)
        return true;
    return field->kind != KIND_CHOICE && field->kind != KIND_OBJECT && field->min == 0;
}

err_t codec_check(const shape_t *shape, const void *object, fault_t *fault)
{
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        if (field_absent(field, object)) {
            if (!s_zero_will_do(field))
                return s_invalid(field, "is missing", fault);
            continue;
        }
        err_t err = s_check_present(field, field_at(field, object), fault);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

/* ---- fields from texts ---- */

/* Decimal digits only: no sign, no space, no overflow. */
static bool s_digits(slice_t text, uint64_t *ret_value)
{
    enum { DIGITS_MAX = 19 };
    uint64_t value;
    if (!text_number(text, DIGITS_MAX, &value) || value > INT64_MAX)
        return false;
    *ret_value = value;
    return true;
}

/* `1,2,3` */
static err_t s_set_ids(ids_t *ids, const field_t *field, slice_t text, arena_t *arena,
                       fault_t *fault)
{
    uint64_t *items = arena_alloc(arena, (text.len + 1) * sizeof *items);
    size_t count = 0;
    bool more = text.len > 0;
    while (more) {
        size_t len = 0;
        while (len < text.len && text.ptr[len] != ',')
            len++;
        if (!s_digits(slice_new(text.ptr, len), &items[count++]))
            return s_invalid(field, "must be whole numbers with commas between", fault);
        more = len < text.len;
        text = slice_from(text, more ? len + 1 : len);
    }
    *ids = (ids_t){items, count};
    return ERR_OK;
}

static err_t s_set_kind(void *object, const field_t *field, slice_t text, arena_t *arena,
                        fault_t *fault)
{
    uint8_t *at = (uint8_t *)object + field->offset;
    switch (field->kind) {
    case KIND_U64:
    case KIND_I64:
    case KIND_TIME:
        if (!s_digits(text, (uint64_t *)(void *)at))
            return s_invalid(field, "must be a whole number", fault);
        return ERR_OK;
    case KIND_BOOL:
        *(bool *)at = slice_is(text, "true") || slice_is(text, "1");
        return ERR_OK;
    case KIND_STR:
        *(slice_t *)(void *)at = text;
        return ERR_OK;
    case KIND_CHOICE:
        *(int *)(void *)at = choice_number(field->choices, text);
        if (*(int *)(void *)at == 0)
            return s_invalid(field, "is not one of the words allowed here", fault);
        return ERR_OK;
    case KIND_IDS:
        return s_set_ids((ids_t *)(void *)at, field, text, arena, fault);
    case KIND_BIN:
    case KIND_OBJECT:
    case KIND_LIST:
        return s_invalid(field, "cannot be given here", fault);
    }
    return ERR_INTERNAL;
}

err_t codec_set_text(void *object, const field_t *field, slice_t text, arena_t *arena,
                     fault_t *fault)
{
    err_t err = s_set_kind(object, field, text, arena, fault);
    return err == ERR_OK ? field_check_given(field, object, fault) : err;
}
