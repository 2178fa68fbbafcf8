#include "actors/room/rows.h"

#include <assert.h>

#include "schema/pack.h"

row_key_t row_key0(char prefix)
{
    return (row_key_t){{(uint8_t)prefix}, 1};
}

static void s_add_number(row_key_t *key, uint64_t number)
{
    wide_put64(key->bytes + key->len, number);
    key->len += 8;
}

static void s_add_text(row_key_t *key, slice_t text)
{
    assert(key->len + text.len <= KEY_SIZE);
    if (text.len > 0)
        memcpy(key->bytes + key->len, text.ptr, text.len);
    key->len += text.len;
}

row_key_t row_key1(char prefix, uint64_t first)
{
    row_key_t key = row_key0(prefix);
    s_add_number(&key, first);
    return key;
}

row_key_t row_key2(char prefix, uint64_t first, uint64_t second)
{
    row_key_t key = row_key1(prefix, first);
    s_add_number(&key, second);
    return key;
}

slice_t row_slice(const row_key_t *key)
{
    return slice_new(key->bytes, key->len);
}

uint64_t row_number(slice_t bytes, size_t offset)
{
    return bytes.len >= offset + 8 ? wide_get64(bytes.ptr + offset) : 0;
}

err_t row_get(turn_t *turn, row_key_t key, const shape_t *shape, const void **ret_object)
{
    slice_t value;
    fault_t fault;
    err_t err = store_get(turn_store(turn), row_slice(&key), turn_arena(turn), &value);
    if (err == ERR_OK)
        err = codec_unpack(value, shape, turn_arena(turn), &fault, ret_object);
    return err;
}

void row_put(turn_t *turn, row_key_t key, const shape_t *shape, const void *object)
{
    buf_t value = {0};
    codec_pack(&value, shape, object);
    store_put(turn_store(turn), row_slice(&key), buf_slice(&value));
    buf_free(&value);
}

err_t row_get_number(turn_t *turn, row_key_t key, uint64_t *ret_value)
{
    slice_t value;
    err_t err = store_get(turn_store(turn), row_slice(&key), turn_arena(turn), &value);
    if (err == ERR_OK)
        *ret_value = row_number(value, 0);
    else if (err == ERR_NOT_FOUND)
        *ret_value = 0;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

void row_put_number(turn_t *turn, row_key_t key, uint64_t number)
{
    uint8_t value[8];
    wide_put64(value, number);
    store_put(turn_store(turn), row_slice(&key), slice_new(value, sizeof value));
}

err_t row_get_room(turn_t *turn, uint64_t room, room_t *ret_room)
{
    const void *row;
    err_t err = row_get(turn, row_key1('R', room), shape_room(), &row);
    if (err != ERR_OK)
        return err;
    *ret_room = *(const room_t *)row;
    return row_get_number(turn, row_key1('Q', room), &ret_room->seq);
}

err_t row_get_membership(turn_t *turn, uint64_t room, uint64_t account,
                         const membership_t **ret_membership)
{
    const void *row;
    err_t err = row_get(turn, row_key2('m', room, account), shape_membership(), &row);
    if (err == ERR_OK)
        *ret_membership = row;
    return err;
}

err_t row_get_person(turn_t *turn, uint64_t account, const person_t **ret_person)
{
    const void *row;
    err_t err = row_get(turn, row_key1('P', account), shape_person(), &row);
    if (err == ERR_OK)
        *ret_person = row;
    return err;
}

err_t row_get_message(turn_t *turn, uint64_t room, uint64_t seq, const message_t **ret_message)
{
    const void *row;
    err_t err = row_get(turn, row_key2('M', room, seq), shape_message(), &row);
    if (err == ERR_OK)
        *ret_message = row;
    return err;
}

row_key_t row_direct_key(uint64_t one, uint64_t other)
{
    return one < other ? row_key2('d', one, other) : row_key2('d', other, one);
}

row_key_t row_gid_key(slice_t gid)
{
    row_key_t key = row_key0('g');
    s_add_text(&key, gid);
    return key;
}

row_key_t row_receipt_key(uint64_t account, event_number_t event, slice_t client_id)
{
    row_key_t key = row_key1('k', account);
    key.bytes[key.len++] = (uint8_t)event;
    s_add_text(&key, client_id);
    return key;
}
