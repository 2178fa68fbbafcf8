/* apply.c - what each event changes in the room actor's projection. */
#include "actors/room/room.h"

void room_keep_receipt(turn_t *turn, const record_t *record, const receipt_t *receipt)
{
    if (record->client_id.len == 0)
        return;
    row_key_t key =
        row_receipt_key(record->principal, (event_number_t)record->type, record->client_id);
    row_put(turn, key, shape_receipt(), receipt);
}

void room_apply_created(turn_t *turn, const record_t *record, const void *body)
{
    const room_t *room = ((const room_created_event_t *)body)->room;
    row_key_t gid = row_gid_key(room->gid);
    row_put_room(turn, room);
    row_put_number(turn, gid, room->id);
    if (room->kind == room_kind_DIRECT)
        row_put_number(turn, row_direct_key(room->first, room->second), room->id);
    row_put_number(turn, row_counter_key('R'), room->id);
    room_keep_receipt(turn, record, &(receipt_t){.time = record->time, .room = room->id});
}
