/* codec_pack.c - structs to and from MessagePack maps.
 *
 * Reading expects the fields in the order of the table, as our writer puts
 * them, so the search for a name begins behind the last one found; any order is
 * accepted. */
#include "schema/codec.h"
#include "schema/codec_field.h"
#include "schema/pack.h"

static bool s_written(const field_t *field, const void *object)
{
    return field->need == NEED_REQ || field->need == NEED_SEC || !field_absent(field, object);
}

static void s_pack_value(buf_t *out, const field_t *field, const void *at);

static void s_pack_list(buf_t *out, const field_t *field, const list_t *list)
{
    const shape_t *shape = field->shape();
    pack_array(out, list->count);
    for (size_t i = 0; i < list->count; i++)
        codec_pack(out, shape, (const uint8_t *)list->items + i * shape->size);
}

static void s_pack_ids(buf_t *out, const ids_t *ids)
{
    pack_array(out, ids->count);
    for (size_t i = 0; i < ids->count; i++)
        pack_u64(out, ids->items[i]);
}

static void s_pack_value(buf_t *out, const field_t *field, const void *at)
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
            codec_pack(out, field->shape(), *(const void *const *)at);
        return;
    case KIND_LIST:
        s_pack_list(out, field, at);
        return;
    case KIND_IDS:
        s_pack_ids(out, at);
        return;
    }
}

void codec_pack(buf_t *out, const shape_t *shape, const void *object)
{
    size_t pairs = 0;
    for (size_t i = 0; i < shape->count; i++)
        pairs += s_written(&shape->fields[i], object);

    pack_map(out, pairs);
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        if (!s_written(field, object))
            continue;
        pack_str(out, field_name(field));
        s_pack_value(out, field, field_at(field, object));
    }
}

/* ---- reading ---- */

static err_t s_unpack_map(unpack_t *in, const shape_t *shape, arena_t *arena, void *object);

static err_t s_unpack_choice(unpack_t *in, const field_t *field, int *ret_number)
{
    slice_t word;
    err_t err = unpack_str(in, &word);
    if (err == ERR_OK)
        *ret_number = choice_number(field->choices, word);
    return err;
}

static err_t s_unpack_object(unpack_t *in, const field_t *field, arena_t *arena,
                             const void **ret_object)
{
    if (unpack_nil(in))
        return ERR_OK;
    const shape_t *shape = field->shape();
    void *object = arena_alloc(arena, shape->size);
    err_t err = s_unpack_map(in, shape, arena, object);
    if (err == ERR_OK)
        *ret_object = object;
    return err;
}

/* The count is bounded by the bytes that are left: see unpack_array. */
static err_t s_unpack_list(unpack_t *in, const field_t *field, arena_t *arena, list_t *list)
{
    const shape_t *shape = field->shape();
    size_t count;
    err_t err = unpack_array(in, &count);
    if (err != ERR_OK)
        return err;

    uint8_t *items = arena_alloc(arena, count * shape->size);
    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = s_unpack_map(in, shape, arena, items + i * shape->size);
    if (err == ERR_OK)
        *list = (list_t){items, count};
    return err;
}

static err_t s_unpack_ids(unpack_t *in, arena_t *arena, ids_t *ids)
{
    size_t count;
    err_t err = unpack_array(in, &count);
    if (err != ERR_OK)
        return err;

    uint64_t *items = arena_alloc(arena, count * sizeof(uint64_t));
    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = unpack_u64(in, &items[i]);
    if (err == ERR_OK)
        *ids = (ids_t){items, count};
    return err;
}

static err_t s_unpack_value(unpack_t *in, const field_t *field, arena_t *arena, void *at)
{
    switch (field->kind) {
    case KIND_U64:
        return unpack_u64(in, at);
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
        return s_unpack_choice(in, field, at);
    case KIND_OBJECT:
        return s_unpack_object(in, field, arena, at);
    case KIND_LIST:
        return s_unpack_list(in, field, arena, at);
    case KIND_IDS:
        return s_unpack_ids(in, arena, at);
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

static err_t s_unpack_map(unpack_t *in, const shape_t *shape, arena_t *arena, void *object)
{
    size_t pairs;
    size_t next = 0;
    err_t err = unpack_map(in, &pairs);

    for (size_t i = 0; i < pairs && err == ERR_OK; i++) {
        slice_t name, passed;
        err = unpack_str(in, &name);
        if (err != ERR_OK)
            return err;
        const field_t *field = s_find(shape, name, &next);
        if (field == NULL)
            err = unpack_any(in, &passed);
        else
            err = s_unpack_value(in, field, arena, (uint8_t *)object + field->offset);
    }
    return err;
}

err_t codec_unpack(slice_t bytes, const shape_t *shape, arena_t *arena, fault_t *fault,
                   const void **ret_object)
{
    unpack_t in = {bytes};
    void *object = arena_alloc(arena, shape->size);
    err_t err = s_unpack_map(&in, shape, arena, object);
    if (err == ERR_OK && in.left.len > 0)
        err = ERR_MALFORMED;
    if (err == ERR_OK)
        err = codec_check(shape, object, fault);
    if (err == ERR_OK)
        *ret_object = object;
    return err;
}
