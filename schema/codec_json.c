/* codec_json.c - structs to and from JSON objects, as clients see them, or whole, as the
 * journal has them.  Bytes have a form only there: two hexadecimal digits each. */
#include "schema/codec.h"
#include "schema/codec_field.h"

static bool s_shown(const field_t *field, const void *object, view_t view)
{
    if (field->need == NEED_SEC || (field->need == NEED_HID && view == VIEW_CLIENT))
        return false;
    return field->need == NEED_REQ || !field_absent(field, object);
}

static void s_put_object(buf_t *out, const shape_t *shape, const void *object, view_t view);

static void s_put_list(buf_t *out, const field_t *field, const list_t *list, view_t view)
{
    const shape_t *shape = field->shape();
    buf_append_byte(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            buf_append_byte(out, ',');
        s_put_object(out, shape, (const uint8_t *)list->items + i * shape->size, view);
    }
    buf_append_byte(out, ']');
}

static void s_put_ids(buf_t *out, const ids_t *ids)
{
    buf_append_byte(out, '[');
    for (size_t i = 0; i < ids->count; i++) {
        if (i > 0)
            buf_append_byte(out, ',');
        json_put_u64(out, ids->items[i]);
    }
    buf_append_byte(out, ']');
}

static void s_put_bytes(buf_t *out, slice_t bytes)
{
    static const char digits[] = "0123456789abcdef";
    buf_append_byte(out, '"');
    for (size_t i = 0; i < bytes.len; i++) {
        buf_append_byte(out, (uint8_t)digits[bytes.ptr[i] >> 4]);
        buf_append_byte(out, (uint8_t)digits[bytes.ptr[i] & 15]);
    }
    buf_append_byte(out, '"');
}

static void s_put_value(buf_t *out, const field_t *field, const void *at, view_t view)
{
    switch (field->kind) {
    case KIND_U64:
        json_put_u64(out, *(const uint64_t *)at);
        return;
    case KIND_I64:
    case KIND_TIME:
        json_put_i64(out, *(const int64_t *)at);
        return;
    case KIND_BOOL:
        buf_append_text(out, *(const bool *)at ? "true" : "false");
        return;
    case KIND_STR:
        json_put_text(out, *(const slice_t *)at);
        return;
    case KIND_CHOICE:
        json_put_text(out, slice_of(choice_word(field->choices, *(const int *)at)));
        return;
    case KIND_OBJECT:
        if (*(const void *const *)at == NULL)
            buf_append_text(out, "null");
        else
            s_put_object(out, field->shape(), *(const void *const *)at, view);
        return;
    case KIND_LIST:
        s_put_list(out, field, at, view);
        return;
    case KIND_IDS:
        s_put_ids(out, at);
        return;
    case KIND_BIN:
        if (view == VIEW_CLIENT)
            buf_append_text(out, "null");
        else
            s_put_bytes(out, *(const slice_t *)at);
        return;
    }
}

static void s_put_members(buf_t *out, const shape_t *shape, const void *object, view_t view)
{
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        if (!s_shown(field, object, view))
            continue;
        json_put_name(out, field_name(field));
        s_put_value(out, field, field_at(field, object), view);
    }
}

static void s_put_object(buf_t *out, const shape_t *shape, const void *object, view_t view)
{
    buf_append_byte(out, '{');
    s_put_members(out, shape, object, view);
    buf_append_byte(out, '}');
}

void codec_put_members(buf_t *out, const shape_t *shape, const void *object)
{
    s_put_members(out, shape, object, VIEW_CLIENT);
}

void codec_put_json(buf_t *out, const shape_t *shape, const void *object)
{
    s_put_object(out, shape, object, VIEW_CLIENT);
}

void codec_put_json_whole(buf_t *out, const shape_t *shape, const void *object)
{
    s_put_object(out, shape, object, VIEW_ALL);
}

/* ---- reading ---- */

/* One object being read. */
typedef struct reading {
    const shape_t *shape;
    unknown_t unknown;
    view_t view;
    arena_t *arena;
    fault_t *fault;
    uint8_t *object;
} reading_t;

static err_t s_wrong(const reading_t *reading, const field_t *field, const char *problem)
{
    *reading->fault = (fault_t){field->name, problem};
    return ERR_INVALID;
}

static err_t s_read_choice(const reading_t *reading, const field_t *field, const json_node_t *value)
{
    slice_t word;
    int number = json_text(value, &word) ? choice_number(field->choices, word) : 0;
    if (number == 0)
        return s_wrong(reading, field, "is not one of the words allowed here");
    *(int *)(void *)(reading->object + field->offset) = number;
    return ERR_OK;
}

/* The same reading, of another object. */
static err_t s_read_into(const reading_t *reading, void *object, const shape_t *shape,
                         const json_node_t *members);

static err_t s_read_object(const reading_t *reading, const field_t *field, const json_node_t *value)
{
    const shape_t *shape = field->shape();
    void *object = arena_alloc(reading->arena, shape->size);
    if (!json_is_object(value))
        return s_wrong(reading, field, "must be an object");
    err_t err = s_read_into(reading, object, shape, value);
    if (err == ERR_OK)
        err = codec_check(shape, object, reading->fault);
    if (err == ERR_OK)
        *(void **)(void *)(reading->object + field->offset) = object;
    return err;
}

static err_t s_read_ids(const reading_t *reading, const field_t *field, const json_node_t *value)
{
    size_t count = json_count(value);
    if (!json_is_array(value) || (field->max > 0 && count > field->max))
        return s_wrong(reading, field, "must be an array of whole numbers, not too long");

    uint64_t *items = arena_alloc(reading->arena, count * sizeof(uint64_t));
    for (size_t i = 0; i < count; i++)
        if (!json_u64(json_item(value, i), &items[i]))
            return s_wrong(reading, field, "must be an array of whole numbers");
    *(ids_t *)(void *)(reading->object + field->offset) = (ids_t){items, count};
    return ERR_OK;
}

/* Items lie one behind the other, so each is read where it is to lie. */
static err_t s_read_list(const reading_t *reading, const field_t *field, const json_node_t *value)
{
    const shape_t *shape = field->shape();
    size_t count = json_count(value);
    if (!json_is_array(value) || (field->max > 0 && count > field->max))
        return s_wrong(reading, field, "must be an array of objects, not too long");

    uint8_t *items = arena_alloc(reading->arena, count * shape->size);
    for (size_t i = 0; i < count; i++) {
        err_t err = s_read_into(reading, items + i * shape->size, shape, json_item(value, i));
        if (err != ERR_OK)
            return err;
    }
    *(list_t *)(void *)(reading->object + field->offset) = (list_t){items, count};
    return ERR_OK;
}

static int s_digit(uint8_t letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static err_t s_read_bytes(const reading_t *reading, const field_t *field, const json_node_t *value)
{
    slice_t text;
    if (reading->view == VIEW_CLIENT)
        return s_wrong(reading, field, "cannot be given here");
    if (!json_text(value, &text) || text.len % 2 != 0)
        return s_wrong(reading, field, "must be bytes, two hexadecimal digits each");
    uint8_t *bytes = arena_alloc(reading->arena, text.len / 2 + 1);
    for (size_t i = 0; i < text.len / 2; i++) {
        int high = s_digit(text.ptr[2 * i]), low = s_digit(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return s_wrong(reading, field, "must be bytes, two hexadecimal digits each");
        bytes[i] = (uint8_t)(high * 16 + low);
    }
    *(slice_t *)(void *)(reading->object + field->offset) = slice_new(bytes, text.len / 2);
    return ERR_OK;
}

static err_t s_read_kind(const reading_t *reading, const field_t *field, const json_node_t *value)
{
    void *at = reading->object + field->offset;
    switch (field->kind) {
    case KIND_U64:
        return json_u64(value, at)
                   ? ERR_OK
                   : s_wrong(reading, field, "must be a whole number, not negative");
    case KIND_I64:
    case KIND_TIME:
        return json_i64(value, at) ? ERR_OK : s_wrong(reading, field, "must be a whole number");
    case KIND_BOOL:
        return json_bool(value, at) ? ERR_OK : s_wrong(reading, field, "must be true or false");
    case KIND_STR:
        return json_text(value, at) ? ERR_OK : s_wrong(reading, field, "must be a text");
    case KIND_CHOICE:
        return s_read_choice(reading, field, value);
    case KIND_OBJECT:
        return s_read_object(reading, field, value);
    case KIND_IDS:
        return s_read_ids(reading, field, value);
    case KIND_LIST:
        return s_read_list(reading, field, value);
    case KIND_BIN:
        return s_read_bytes(reading, field, value);
    }
    return ERR_INTERNAL;
}

/* What is given must have a value: a zero that counts as absent later is not one. */
static err_t s_read_value(const reading_t *reading, const field_t *field, const json_node_t *value)
{
    err_t err = s_read_kind(reading, field, value);
    return err == ERR_OK ? field_check_given(field, reading->object, reading->fault) : err;
}

static err_t s_read_member(void *ctx, const char *name, const json_node_t *value)
{
    const reading_t *reading = ctx;
    const field_t *field = shape_field(reading->shape, slice_of(name));
    if (field == NULL || (field->need == NEED_HID && reading->view == VIEW_CLIENT)) {
        if (reading->unknown == UNKNOWN_IGNORED)
            return ERR_OK;
        /* The name is the client's own, so it lives as long as the tree. */
        *reading->fault = (fault_t){name, "is not a field of this call"};
        return ERR_UNKNOWN_FIELD;
    }
    if (json_is_null(value))
        return ERR_OK;
    return s_read_value(reading, field, value);
}

static err_t s_read_into(const reading_t *reading, void *object, const shape_t *shape,
                         const json_node_t *members)
{
    reading_t inner = *reading;
    inner.shape = shape;
    inner.object = object;
    if (!json_is_object(members)) {
        *reading->fault = (fault_t){NULL, "a JSON object is expected"};
        return ERR_INVALID;
    }
    return json_each(members, s_read_member, &inner);
}

err_t codec_set_json(void *object, const json_node_t *members, const shape_t *shape,
                     unknown_t unknown, arena_t *arena, fault_t *fault)
{
    const reading_t reading = {
        .unknown = unknown, .view = VIEW_CLIENT, .arena = arena, .fault = fault};
    return s_read_into(&reading, object, shape, members);
}

err_t codec_from_json(const json_node_t *members, const shape_t *shape, unknown_t unknown,
                      arena_t *arena, fault_t *fault, void **ret_object)
{
    void *object = arena_alloc(arena, shape->size);
    err_t err = codec_set_json(object, members, shape, unknown, arena, fault);
    if (err == ERR_OK)
        err = codec_check(shape, object, fault);
    if (err == ERR_OK)
        *ret_object = object;
    return err;
}

err_t codec_from_json_whole(const json_node_t *members, const shape_t *shape, unknown_t unknown,
                            arena_t *arena, fault_t *fault, void **ret_object)
{
    const reading_t reading = {
        .unknown = unknown, .view = VIEW_ALL, .arena = arena, .fault = fault};
    void *object = arena_alloc(arena, shape->size);
    err_t err = s_read_into(&reading, object, shape, members);
    if (err == ERR_OK)
        err = codec_check(shape, object, fault);
    if (err == ERR_OK)
        *ret_object = object;
    return err;
}
