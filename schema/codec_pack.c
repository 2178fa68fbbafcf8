/* codec_pack.c - structs to and from MessagePack maps.
 *
 * Reading expects the fields in the order of the table, as our writer puts
 * them, so the search for a name begins behind the last one found; any order is
 * accepted.
 *
 * The bus and the journal see all of a struct, and pass over what they do not know.
 * A client sees what it would in JSON, and is refused where it would be there. */
#include "schema/codec.h"
#include "schema/codec_field.h"
#include "schema/pack.h"

static inline bool s_written(const field_t *field, const void *object, view_t view)
{
    if (view == VIEW_CLIENT && (field->need == NEED_HID || field->need == NEED_SEC))
        return false;
    return field->need == NEED_REQ || field->need == NEED_SEC || !field_absent(field, object);
}

static void s_pack(buf_t *out, const shape_t *shape, const void *object, view_t view);

static void s_pack_list(buf_t *out, const field_t *field, const list_t *list, view_t view)
{
    const shape_t *shape = field->shape();
    pack_array(out, list->count);
    for (size_t i = 0; i < list->count; i++)
        s_pack(out, shape, (const uint8_t *)list->items + i * shape->size, view);
}

static void s_pack_ids(buf_t *out, const ids_t *ids)
{
    pack_array(out, ids->count);
    for (size_t i = 0; i < ids->count; i++)
        pack_u64(out, ids->items[i]);
}

static void s_pack_value(buf_t *out, const field_t *field, const void *at, view_t view)
{
    switch (field->kind) {
    case KIND_U64:
        pack_u64(out, *(const uint64_t *)at);
        return;
    case KIND_I64:
    case KIND_TIME:
        pack_i64(out, *(const int64_t *)at);
        return;
    case KIND_BOOL:
        pack_bool(out, *(const bool *)at);
        return;
    case KIND_STR:
        pack_str(out, *(const slice_t *)at);
        return;
    case KIND_BIN:
        pack_bin(out, *(const slice_t *)at);
        return;
    case KIND_CHOICE:
        pack_str(out, slice_of(choice_word(field->choices, *(const int *)at)));
        return;
    case KIND_OBJECT:
        if (*(const void *const *)at == NULL)
            pack_nil(out);
        else
            s_pack(out, field->shape(), *(const void *const *)at, view);
        return;
    case KIND_LIST:
        s_pack_list(out, field, at, view);
        return;
    case KIND_IDS:
        s_pack_ids(out, at);
        return;
    }
}

static size_t s_pairs(const shape_t *shape, const void *object, view_t view)
{
    size_t pairs = 0;
    for (size_t i = 0; i < shape->count; i++)
        pairs += s_written(&shape->fields[i], object, view);
    return pairs;
}

static void s_pack_pairs(buf_t *out, const shape_t *shape, const void *object, view_t view)
{
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        if (!s_written(field, object, view))
            continue;
        pack_str(out, field_name(field));
        s_pack_value(out, field, field_at(field, object), view);
    }
}

static void s_pack(buf_t *out, const shape_t *shape, const void *object, view_t view)
{
    pack_map(out, s_pairs(shape, object, view));
    s_pack_pairs(out, shape, object, view);
}

void codec_pack(buf_t *out, const shape_t *shape, const void *object)
{
    s_pack(out, shape, object, VIEW_ALL);
}

void codec_pack_shown(buf_t *out, const shape_t *shape, const void *object)
{
    s_pack(out, shape, object, VIEW_CLIENT);
}

size_t codec_shown_pairs(const shape_t *shape, const void *object)
{
    return s_pairs(shape, object, VIEW_CLIENT);
}

void codec_pack_pairs(buf_t *out, const shape_t *shape, const void *object)
{
    s_pack_pairs(out, shape, object, VIEW_CLIENT);
}

/* ---- reading ---- */

static const uint64_t CLIENT_INTEGER_MAX = (UINT64_C(1) << 53) - 1; /* as in JSON */

/* A map being read. */
typedef struct reading {
    view_t view; /* whose it is: VIEW_CLIENT is held to what a client may say */
    arena_t *arena;
    fault_t *fault;
} reading_t;

static err_t s_unpack_map(const reading_t *reading, unpack_t *in, const shape_t *shape,
                          void *object);

static err_t s_wrong(const reading_t *reading, const field_t *field, const char *problem)
{
    *reading->fault = (fault_t){field->name, problem};
    return ERR_INVALID;
}

static err_t s_unpack_number(const reading_t *reading, unpack_t *in, const field_t *field,
                             uint64_t *ret_number)
{
    err_t err = unpack_u64(in, ret_number);
    if (err == ERR_OK && reading->view == VIEW_CLIENT && *ret_number > CLIENT_INTEGER_MAX)
        err = s_wrong(reading, field, "must be a whole number below 2^53");
    return err;
}

static err_t s_unpack_choice(const reading_t *reading, unpack_t *in, const field_t *field,
                             int *ret_number)
{
    slice_t word;
    err_t err = unpack_str(in, &word);
    if (err == ERR_OK)
        *ret_number = choice_number(field->choices, word);
    if (err == ERR_OK && reading->view == VIEW_CLIENT && *ret_number == 0)
        err = s_wrong(reading, field, "is not one of the words allowed here");
    return err;
}

static err_t s_unpack_object(const reading_t *reading, unpack_t *in, const field_t *field,
                             const void **ret_object)
{
    if (unpack_nil(in))
        return ERR_OK;
    const shape_t *shape = field->shape();
    void *object = arena_alloc(reading->arena, shape->size);
    err_t err = s_unpack_map(reading, in, shape, object);
    if (err == ERR_OK)
        *ret_object = object;
    return err;
}

/* A count is bounded by the bytes that are left (unpack_array), but an item is larger than
 * its least bytes: a client's is held to the row's bound before there is memory for it. */
static err_t s_unpack_count(const reading_t *reading, unpack_t *in, const field_t *field,
                            size_t *ret_count)
{
    err_t err = unpack_array(in, ret_count);
    if (err == ERR_OK && reading->view == VIEW_CLIENT && field->max > 0 && *ret_count > field->max)
        err = s_wrong(reading, field, "has too many items");
    return err;
}

static err_t s_unpack_list(const reading_t *reading, unpack_t *in, const field_t *field,
                           list_t *list)
{
    const shape_t *shape = field->shape();
    size_t count;
    err_t err = s_unpack_count(reading, in, field, &count);
    if (err != ERR_OK)
        return err;

    uint8_t *items = arena_alloc(reading->arena, count * shape->size);
    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = s_unpack_map(reading, in, shape, items + i * shape->size);
    if (err == ERR_OK)
        *list = (list_t){items, count};
    return err;
}

static err_t s_unpack_ids(const reading_t *reading, unpack_t *in, const field_t *field, ids_t *ids)
{
    size_t count;
    err_t err = s_unpack_count(reading, in, field, &count);
    if (err != ERR_OK)
        return err;

    uint64_t *items = arena_alloc(reading->arena, count * sizeof(uint64_t));
    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = s_unpack_number(reading, in, field, &items[i]);
    if (err == ERR_OK)
        *ids = (ids_t){items, count};
    return err;
}

static err_t s_unpack_value(const reading_t *reading, unpack_t *in, const field_t *field, void *at)
{
    switch (field->kind) {
    case KIND_U64:
        return s_unpack_number(reading, in, field, at);
    case KIND_I64:
    case KIND_TIME:
        return unpack_i64(in, at);
    case KIND_BOOL:
        return unpack_bool(in, at);
    case KIND_STR:
        return unpack_str(in, at);
    case KIND_BIN:
        return unpack_bin(in, at);
    case KIND_CHOICE:
        return s_unpack_choice(reading, in, field, at);
    case KIND_OBJECT:
        return s_unpack_object(reading, in, field, at);
    case KIND_LIST:
        return s_unpack_list(reading, in, field, at);
    case KIND_IDS:
        return s_unpack_ids(reading, in, field, at);
    }
    return ERR_INTERNAL;
}

/* The field of that name, looked for from *next on and round. */
static const field_t *s_find(const shape_t *shape, slice_t name, size_t *next)
{
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[(*next + i) % shape->count];
        if (!slice_eq(name, field_name(field)))
            continue;
        *next = (*next + i + 1) % shape->count;
        return field;
    }
    return NULL;
}

static err_t s_pass_over(const reading_t *reading, unpack_t *in, slice_t name)
{
    slice_t passed;
    if (reading->view == VIEW_ALL)
        return unpack_any(in, &passed);
    const char *text = (const char *)arena_copy(reading->arena, name).ptr;
    *reading->fault = (fault_t){text, "is not a field of this call"};
    return ERR_UNKNOWN_FIELD;
}

/* What a client gives must have a value and the right type; nil is as good as nothing. */
static err_t s_unpack_given(const reading_t *reading, unpack_t *in, const field_t *field,
                            void *object)
{
    void *at = (uint8_t *)object + field->offset;
    if (unpack_nil(in))
        return ERR_OK;
    err_t err = s_unpack_value(reading, in, field, at);
    if (err == ERR_MALFORMED)
        return s_wrong(reading, field, "is of another type");
    return err == ERR_OK ? field_check_given(field, object, reading->fault) : err;
}

static err_t s_unpack_map(const reading_t *reading, unpack_t *in, const shape_t *shape,
                          void *object)
{
    size_t pairs;
    size_t next = 0;
    err_t err = unpack_map(in, &pairs);

    for (size_t i = 0; i < pairs && err == ERR_OK; i++) {
        slice_t name;
        err = unpack_str(in, &name);
        if (err != ERR_OK)
            return err;
        const field_t *field = s_find(shape, name, &next);
        if (field == NULL || (reading->view == VIEW_CLIENT && field->need == NEED_HID))
            err = s_pass_over(reading, in, name);
        else if (reading->view == VIEW_CLIENT)
            err = s_unpack_given(reading, in, field, object);
        else
            err = s_unpack_value(reading, in, field, (uint8_t *)object + field->offset);
    }
    return err;
}

err_t codec_unpack(slice_t bytes, const shape_t *shape, arena_t *arena, fault_t *fault,
                   const void **ret_object)
{
    reading_t reading = {VIEW_ALL, arena, fault};
    unpack_t in = {bytes};
    void *object = arena_alloc(arena, shape->size);
    err_t err = s_unpack_map(&reading, &in, shape, object);
    if (err == ERR_OK && in.left.len > 0)
        err = ERR_MALFORMED;
    if (err == ERR_OK)
        err = codec_check(shape, object, fault);
    if (err == ERR_OK)
        *ret_object = object;
    return err;
}

err_t codec_set_packed(void *object, slice_t bytes, const shape_t *shape, arena_t *arena,
                       fault_t *fault)
{
    reading_t reading = {VIEW_CLIENT, arena, fault};
    unpack_t in = {bytes};
    err_t err = s_unpack_map(&reading, &in, shape, object);
    return err == ERR_OK && in.left.len > 0 ? ERR_MALFORMED : err;
}
