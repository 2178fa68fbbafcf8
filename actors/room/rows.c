#include "actors/room/rows.h"

#include "schema/text.h"

err_t row_get_room(turn_t *turn, uint64_t room, room_t *ret_room)
{
    const void *row;
    err_t err = row_get(turn, row_key1('R', room), shape_room(), &row);
    if (err != ERR_OK)
        return err;
    *ret_room = *(const room_t *)row;
    return row_get_number(turn, row_key1('Q', room), &ret_room->seq);
}

err_t row_has_room(turn_t *turn, uint64_t room)
{
    slice_t value;
    return row_get_bytes(turn, row_key1('R', room), &value);
}

err_t row_get_members(turn_t *turn, room_t *room)
{
    return row_get_number(turn, row_key1('N', room->id), &room->members);
}

void row_put_room(turn_t *turn, const room_t *room)
{
    room_t kept = *room;
    kept.seq = 0;
    kept.members = 0;
    row_put(turn, row_key1('R', room->id), shape_room(), &kept);
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

err_t row_get_message(turn_t *turn, uint64_t room, uint64_t seq, const message_t **ret_message)
{
    const void *row;
    err_t err = row_get(turn, row_key2('M', room, seq), shape_message(), &row);
    if (err == ERR_OK)
        *ret_message = row;
    return err;
}

row_key_t row_counter_key(char counter)
{
    row_key_t key = row_key0('C');
    row_key_add(&key, slice_new(&counter, 1));
    return key;
}

row_key_t row_direct_key(uint64_t one, uint64_t other)
{
    return row_key_pair('d', one, other);
}

row_key_t row_gid_key(slice_t gid)
{
    row_key_t key = row_key0('g');
    row_key_add(&key, gid);
    return key;
}

row_key_t row_login_key(slice_t login)
{
    uint8_t lower[4 * LIMIT_LOGIN]; /* bytes of the longest there is */
    row_key_t key = row_key0('l');
    size_t len = login.len < sizeof lower ? login.len : sizeof lower;
    text_lower(slice_new(login.ptr, len), lower);
    row_key_add(&key, slice_new(lower, len));
    return key;
}

row_key_t row_receipt_key(uint64_t account, event_number_t event, slice_t client_id)
{
    row_key_t key = row_key1('k', account);
    key.bytes[key.len++] = (uint8_t)event;
    row_key_add(&key, client_id);
    return key;
}
