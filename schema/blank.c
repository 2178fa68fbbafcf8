/* blank.c - one walk through a body for each of the three.
 *
 * A body has been read as one MessagePack value before, so it is nowhere deeper than
 * LIMIT_JSON_DEPTH, and recursion ends. */
#include "schema/blank.h"

#include "schema/pack.h"

/* A body on its way from `in` to `out`; what stays as it is goes in long runs. */
typedef struct blank {
    unpack_t in;
    const uint8_t *run; /* of what was passed and is not in `out` yet */
    buf_t *out;
    buf_t *values; /* taking: where they go */
    unpack_t left; /* filling: where they come from */
    slice_t stead; /* redacting: instead of a text that must be there */
} blank_t;

/* Append the run up to `to`; the next begins where the reading is. */
static void s_end_run(blank_t *blank, const uint8_t *to)
{
    buf_append(blank->out, slice_new(blank->run, (size_t)(to - blank->run)));
    blank->run = blank->in.left.ptr;
}

/* ---- the pairs ---- */

err_t blank_pairs(slice_t body, pairs_t *ret_pairs)
{
    unpack_t in = {body};
    err_t err = unpack_map(&in, &ret_pairs->count);
    ret_pairs->bytes = in.left;
    return err;
}

err_t blank_first(pairs_t *pairs, slice_t name, slice_t *ret_bytes)
{
    unpack_t in = {pairs->bytes};
    slice_t first;
    if (pairs->count == 0 || unpack_str(&in, &first) != ERR_OK || !slice_eq(first, name) ||
        unpack_bin(&in, ret_bytes) != ERR_OK)
        return ERR_MALFORMED;
    *pairs = (pairs_t){pairs->count - 1, in.left};
    return ERR_OK;
}

/* ---- taking ---- */

/* Pairs are in the order of the table, so the search begins behind the last one found. */
static const field_t *s_field(const shape_t *shape, slice_t name, size_t *next)
{
    for (size_t i = 0; i < shape->count; i++, *next += 1) {
        const field_t *field = &shape->fields[*next % shape->count];
        if (slice_eq(name, field_name(field)))
            return field;
    }
    return NULL;
}

static err_t s_take_pairs(blank_t *blank, const shape_t *shape, size_t count);

static err_t s_take_map(blank_t *blank, const shape_t *shape)
{
    size_t count;
    err_t err = unpack_map(&blank->in, &count);
    return err == ERR_OK ? s_take_pairs(blank, shape, count) : err;
}

static err_t s_take_list(blank_t *blank, const shape_t *shape)
{
    size_t items;
    err_t err = unpack_array(&blank->in, &items);
    for (size_t i = 0; err == ERR_OK && i < items; i++)
        err = s_take_map(blank, shape);
    return err;
}

static err_t s_take_away(blank_t *blank)
{
    slice_t value;
    err_t err = unpack_any(&blank->in, &value);
    if (err != ERR_OK)
        return err;
    s_end_run(blank, value.ptr);
    pack_nil(blank->out);
    buf_append(blank->values, value);
    return ERR_OK;
}

static err_t s_take_value(blank_t *blank, const field_t *field)
{
    slice_t passed;
    if (field != NULL && field->personal)
        return s_take_away(blank);
    if (field != NULL && field->kind == KIND_OBJECT)
        return s_take_map(blank, field->shape());
    if (field != NULL && field->kind == KIND_LIST)
        return s_take_list(blank, field->shape());
    return unpack_any(&blank->in, &passed);
}

static err_t s_take_pairs(blank_t *blank, const shape_t *shape, size_t count)
{
    slice_t name;
    size_t next = 0;
    err_t err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = unpack_str(&blank->in, &name);
        if (err == ERR_OK)
            err = s_take_value(blank, s_field(shape, name, &next));
    }
    return err;
}

err_t blank_take(const pairs_t *pairs, const shape_t *shape, buf_t *out, buf_t *values)
{
    blank_t blank = {.in = {pairs->bytes}, .run = pairs->bytes.ptr, .out = out, .values = values};
    err_t err = s_take_pairs(&blank, shape, pairs->count);
    s_end_run(&blank, blank.in.left.ptr);
    return err;
}

/* ---- filling ---- */

static err_t s_put_back(blank_t *blank, const uint8_t *to)
{
    slice_t value;
    err_t err = unpack_any(&blank->left, &value);
    if (err != ERR_OK)
        return err;
    s_end_run(blank, to);
    buf_append(blank->out, value);
    return ERR_OK;
}

/* Each nil is a place, however deep. */
err_t blank_fill(const pairs_t *pairs, slice_t values, buf_t *out)
{
    blank_t blank = {.in = {pairs->bytes}, .run = pairs->bytes.ptr, .out = out, .left = {values}};
    err_t err = ERR_OK;
    pack_map(out, pairs->count);
    while (err == ERR_OK && blank.in.left.len > 0) {
        const uint8_t *at = blank.in.left.ptr;
        err = unpack_nil(&blank.in) ? s_put_back(&blank, at) : unpack_head(&blank.in);
    }
    s_end_run(&blank, blank.in.left.ptr);
    return err == ERR_OK && blank.left.left.len > 0 ? ERR_MALFORMED : err;
}

/* ---- redacting ---- */

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

err_t blank_redact(const pairs_t *pairs, const shape_t *shape, slice_t stead, buf_t *out)
{
    blank_t blank = {.in = {pairs->bytes}, .out = out, .stead = stead};
    bool whole;
    return s_redact_map(&blank, shape, pairs->count, false, &whole);
}
