/* blank.c - one walk through a body for each of the three.
 *
 * A body has been read as one MessagePack value before, so it is nowhere deeper than
 * LIMIT_JSON_DEPTH, and recursion ends. */
#include "schema/blank.h"

#include "schema/pack.h"

/* A body on its way from `in` to `out`. */
typedef struct blank {
    unpack_t in;
    buf_t *out;
    buf_t *values; /* taking: where they go */
    unpack_t left; /* filling: where they come from */
    slice_t stead; /* redacting: instead of a text that must be there */
} blank_t;

static err_t s_copy(blank_t *blank)
{
    slice_t value;
    err_t err = unpack_any(&blank->in, &value);
    if (err == ERR_OK)
        buf_append(blank->out, value);
    return err;
}

/* The name of a pair, which is copied, and its field: NULL if the shape has none such. */
static err_t s_copy_name(blank_t *blank, const shape_t *shape, const field_t **ret_field)
{
    slice_t name;
    err_t err = unpack_str(&blank->in, &name);
    if (err != ERR_OK)
        return err;
    pack_str(blank->out, name);
    *ret_field = shape != NULL ? shape_field(shape, name) : NULL;
    return ERR_OK;
}

/* ---- taking ---- */

static err_t s_take_map(blank_t *blank, const shape_t *shape, size_t more);

static err_t s_take_list(blank_t *blank, const shape_t *shape)
{
    size_t items;
    err_t err = unpack_array(&blank->in, &items);
    if (err == ERR_OK)
        pack_array(blank->out, items);
    for (size_t i = 0; err == ERR_OK && i < items; i++)
        err = s_take_map(blank, shape, 0);
    return err;
}

static err_t s_take_away(blank_t *blank)
{
    slice_t value;
    err_t err = unpack_any(&blank->in, &value);
    if (err != ERR_OK)
        return err;
    buf_append(blank->values, value);
    pack_nil(blank->out);
    return ERR_OK;
}

static err_t s_take_value(blank_t *blank, const field_t *field)
{
    if (field != NULL && field->personal)
        return s_take_away(blank);
    if (field != NULL && field->kind == KIND_OBJECT)
        return s_take_map(blank, field->shape(), 0);
    if (field != NULL && field->kind == KIND_LIST)
        return s_take_list(blank, field->shape());
    return s_copy(blank);
}

static err_t s_take_map(blank_t *blank, const shape_t *shape, size_t more)
{
    size_t pairs;
    err_t err = unpack_map(&blank->in, &pairs);
    if (err == ERR_OK)
        pack_map(blank->out, pairs + more);
    for (size_t i = 0; err == ERR_OK && i < pairs; i++) {
        const field_t *field;
        err = s_copy_name(blank, shape, &field);
        if (err == ERR_OK)
            err = s_take_value(blank, field);
    }
    return err;
}

err_t blank_take(slice_t body, const shape_t *shape, buf_t *out, buf_t *values)
{
    blank_t blank = {.in = {body}, .out = out, .values = values};
    return s_take_map(&blank, shape, 1);
}

/* ---- filling ---- */

static err_t s_fill(blank_t *blank);

/* What is between the braces, as it is. */
static err_t s_fill_all(blank_t *blank, slice_t from, size_t count)
{
    err_t err = ERR_OK;
    buf_append(blank->out, slice_new(from.ptr, from.len - blank->in.left.len)); /* the head */
    for (size_t i = 0; err == ERR_OK && i < count; i++)
        err = s_fill(blank);
    return err;
}

static err_t s_put_back(blank_t *blank)
{
    slice_t value;
    err_t err = unpack_any(&blank->left, &value);
    if (err == ERR_OK)
        buf_append(blank->out, value);
    return err;
}

static err_t s_fill(blank_t *blank)
{
    slice_t from = blank->in.left;
    size_t count;
    if (unpack_nil(&blank->in))
        return s_put_back(blank);
    if (unpack_map(&blank->in, &count) == ERR_OK)
        return s_fill_all(blank, from, 2 * count);
    if (unpack_array(&blank->in, &count) == ERR_OK)
        return s_fill_all(blank, from, count);
    return s_copy(blank);
}

err_t blank_fill(slice_t body, slice_t values, buf_t *out)
{
    blank_t blank = {.in = {body}, .out = out, .left = {values}};
    size_t pairs;
    err_t err = unpack_map(&blank.in, &pairs);
    if (err != ERR_OK || pairs == 0)
        return ERR_MALFORMED;
    pack_map(out, pairs - 1);
    for (size_t i = 0; err == ERR_OK && i < 2 * (pairs - 1); i++)
        err = s_fill(&blank);
    return err == ERR_OK && blank.left.left.len > 0 ? ERR_MALFORMED : err;
}

/* ---- redacting ---- */

enum { MAP16 = 0xde, ARRAY16 = 0xdc, HEAD16 = 3 };

/* A map or an array whose count is not known yet; at most 65,535 of anything are in a record. */
static size_t s_begin(buf_t *out, uint8_t head)
{
    const uint8_t bytes[HEAD16] = {head, 0, 0};
    buf_append(out, slice_new(bytes, HEAD16));
    return out->len;
}

static void s_end(buf_t *out, size_t begun, size_t count)
{
    out->data[begun - 2] = (uint8_t)(count >> 8);
    out->data[begun - 1] = (uint8_t)count;
}

static err_t s_redact_map(blank_t *blank, const shape_t *shape, size_t pairs, bool item,
                          bool *ret_whole);

/* Items that lack what they must have are left out. */
static err_t s_redact_list(blank_t *blank, const shape_t *shape)
{
    size_t items, kept = 0, begun = s_begin(blank->out, ARRAY16);
    err_t err = unpack_array(&blank->in, &items);
    for (size_t i = 0; err == ERR_OK && i < items; i++) {
        size_t before = blank->out->len, pairs;
        bool whole = false;
        err = unpack_map(&blank->in, &pairs);
        if (err == ERR_OK)
            err = s_redact_map(blank, shape, pairs, true, &whole);
        if (whole)
            kept++;
        else
            blank->out->len = before;
    }
    s_end(blank->out, begun, kept);
    return err;
}

static err_t s_redact_object(blank_t *blank, const shape_t *shape)
{
    size_t pairs;
    bool whole;
    err_t err = unpack_map(&blank->in, &pairs);
    return err == ERR_OK ? s_redact_map(blank, shape, pairs, false, &whole) : err;
}

static err_t s_redact_value(blank_t *blank, const field_t *field)
{
    if (field != NULL && field->kind == KIND_OBJECT)
        return s_redact_object(blank, field->shape());
    if (field != NULL && field->kind == KIND_LIST)
        return s_redact_list(blank, field->shape());
    return s_copy(blank);
}

/* Instead of a value that was taken out; false: the pair may as well be missing. */
static bool s_put_stead(blank_t *blank, const field_t *field)
{
    if (field == NULL || field->need != NEED_REQ)
        return false;
    if (field->kind == KIND_BIN)
        pack_bin(blank->out, (slice_t){0});
    else
        pack_str(blank->out, field->min > 0 ? blank->stead : (slice_t){0});
    return true;
}

static err_t s_redact_map(blank_t *blank, const shape_t *shape, size_t pairs, bool item,
                          bool *ret_whole)
{
    size_t kept = 0, begun = s_begin(blank->out, MAP16);
    err_t err = ERR_OK;
    *ret_whole = true;
    for (size_t i = 0; err == ERR_OK && i < pairs; i++) {
        size_t before = blank->out->len;
        const field_t *field;
        bool stays = true;
        err = s_copy_name(blank, shape, &field);
        if (err == ERR_OK && unpack_nil(&blank->in)) {
            stays = s_put_stead(blank, field);
            *ret_whole = *ret_whole && !(item && stays && field->min > 0);
        } else if (err == ERR_OK) {
            err = s_redact_value(blank, field);
        }
        if (stays)
            kept++;
        else
            blank->out->len = before;
    }
    s_end(blank->out, begun, kept);
    return err;
}

err_t blank_redact(slice_t body, const shape_t *shape, slice_t stead, buf_t *out)
{
    blank_t blank = {.in = {body}, .out = out, .stead = stead};
    size_t pairs;
    bool whole;
    err_t err = unpack_map(&blank.in, &pairs);
    if (err != ERR_OK || pairs == 0)
        return ERR_MALFORMED;
    return s_redact_map(&blank, shape, pairs - 1, false, &whole);
}

err_t blank_last(slice_t body, slice_t name, slice_t *ret_bytes)
{
    unpack_t in = {body};
    slice_t passed, last;
    size_t pairs;
    err_t err = unpack_map(&in, &pairs);
    if (err != ERR_OK || pairs == 0)
        return ERR_MALFORMED;
    for (size_t i = 0; err == ERR_OK && i < 2 * (pairs - 1); i++)
        err = unpack_any(&in, &passed);
    if (err == ERR_OK)
        err = unpack_str(&in, &last);
    if (err == ERR_OK && !slice_eq(last, name))
        err = ERR_MALFORMED;
    return err == ERR_OK ? unpack_bin(&in, ret_bytes) : err;
}
