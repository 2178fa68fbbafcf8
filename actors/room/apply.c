/* apply.c - what each event changes in the room actor's projection. */
#include "actors/room/room.h"

static void s_keep_receipt(turn_t *turn, const record_t *record, uint64_t room, uint64_t seq)
{
    if (record->client_id.len == 0)
        return;
    row_key_t key =
        row_receipt_key(record->principal, (event_number_t)record->type, record->client_id);
    row_put(turn, key, shape_receipt(),
            &(receipt_t){.time = record->time, .room = room, .seq = seq});
}

void room_apply_created(turn_t *turn, const record_t *record, const void *body)
{
    const room_t *room = ((const room_created_event_t *)body)->room;
    row_key_t gid = row_gid_key(room->gid);
    row_put(turn, row_key1('R', room->id), shape_room(), room);
    row_put_number(turn, gid, room->id);
    if (room->kind == room_kind_DIRECT)
        row_put_number(turn, row_direct_key(room->first, room->second), room->id);
    row_put_number(turn, row_counter_key('R'), room->id);
    s_keep_receipt(turn, record, room->id, 0);
}

void room_apply_joined(turn_t *turn, const record_t *record, const void *body)
{
    const membership_t *member = ((const room_joined_event_t *)body)->member;
    row_key_t of_account = row_key2('a', member->account, member->room);
    row_put(turn, row_key2('m', member->room, member->account), shape_membership(), member);
    store_put(turn_store(turn), row_slice(&of_account), SLICE_LIT(""));
    (void)record;
}

void room_apply_left(turn_t *turn, const record_t *record, const void *body)
{
    const room_left_event_t *left = body;
    row_key_t of_room = row_key2('m', left->room, left->account);
    row_key_t of_account = row_key2('a', left->account, left->room);
    store_delete(turn_store(turn), row_slice(&of_room));
    store_delete(turn_store(turn), row_slice(&of_account));
    (void)record;
}

void room_apply_posted(turn_t *turn, const record_t *record, const void *body)
{
    const message_t *message = ((const room_posted_event_t *)body)->message;
    row_put(turn, row_key2('M', message->room, message->seq), shape_message(), message);
    row_put_number(turn, row_key1('Q', message->room), message->seq);
    row_put_number(turn, row_counter_key('M'), message->id);
    s_keep_receipt(turn, record, message->room, message->seq);
}

/* The session actor's: who people are. */
void room_apply_registered(turn_t *turn, const record_t *record, const void *body)
{
    const account_registered_event_t *account = body;
    row_put(turn, row_key1('P', account->id), shape_person(),
            &(person_t){.login = account->login, .username = account->username});
    (void)record;
}
