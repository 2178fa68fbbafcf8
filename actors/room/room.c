/* room.c - the room actor: rooms, who is in them, and what was said.
 *
 * Its order is the order of the room: a message's sequence is given when it is
 * decided, and decided is one after the other. */
#include "actors/room/room.h"

#include "actors/room/freshness.h"
#include "actors/room/head.h"
#include "actors/room/tie.h"

static const int64_t RECEIPT_WINDOW = (int64_t)24 * 3600 * 1000000; /* µs */

err_t room_receipt(turn_t *turn, uint64_t account, event_number_t event, slice_t client_id,
                   const receipt_t **ret_receipt)
{
    const void *row;
    if (client_id.len == 0)
        return ERR_NOT_FOUND;
    err_t err = row_get(turn, row_receipt_key(account, event, client_id), shape_receipt(), &row);
    if (err != ERR_OK)
        return err;
    const receipt_t *receipt = row;
    if (turn_now(turn) - receipt->time > RECEIPT_WINDOW)
        return ERR_NOT_FOUND;
    *ret_receipt = receipt;
    return ERR_OK;
}

void room_emit_joined(turn_t *turn, const membership_t *member)
{
    turn_emit(turn, EVENT_room_joined, member->room, member->account,
              &(room_joined_event_t){.member = member});
}

void room_emit_left(turn_t *turn, uint64_t room, uint64_t account, uint64_t by)
{
    turn_emit(turn, EVENT_room_left, room, account,
              &(room_left_event_t){.room = room, .account = account, .by = by});
}

/* Of a person the room keeps besides which login names them, for mentions. */
void room_apply_registered(turn_t *turn, const record_t *record, const void *body)
{
    const account_registered_event_t *event = body;
    person_apply_registered(turn, record, body);
    row_put_number(turn, row_login_key(event->login), event->id);
}

static const call_row_t s_calls[] = {
    {CALL_room_create, room_decide_create},
    {CALL_room_direct, room_decide_direct},
    {CALL_room_request, room_decide_request},
    {CALL_room_rename, room_decide_rename},
    {CALL_room_set_topic, room_decide_set_topic},
    {CALL_room_delete, room_decide_delete},
    {CALL_room_join, room_decide_join},
    {CALL_room_enter, room_decide_enter},
    {CALL_room_find, room_decide_find},
    {CALL_room_leave, room_decide_leave},
    {CALL_room_kick, room_decide_kick},
    {CALL_room_set_role, room_decide_set_role},
    {CALL_room_mute, room_decide_mute},
    {CALL_room_ban, room_decide_ban},
    {CALL_room_unban, room_decide_unban},
    {CALL_room_invite, room_decide_invite},
    {CALL_room_decline, room_decide_decline},
    {CALL_room_typing, room_decide_typing},
    {CALL_room_present, room_decide_present},
    {CALL_room_post, room_decide_post},
    {CALL_room_get, room_query_get},
    {CALL_room_between, room_query_between},
    {CALL_room_list, room_query_list},
    {CALL_room_ids, room_query_ids},
    {CALL_room_members, room_query_members},
    {CALL_room_bans, room_query_bans},
    {CALL_room_invitations, room_query_invitations},
    {CALL_room_history, room_query_history},
    {CALL_file_add, room_decide_file_add},
    {CALL_file_drop, room_decide_file_drop},
    {CALL_file_offer, room_query_file_offer},
    {CALL_file_get, room_query_file_get},
    {CALL_file_unused, room_query_file_unused},
    {CALL_message_get, message_query_get},
    {CALL_message_sent, message_query_sent},
    {CALL_message_edit, message_decide_edit},
    {CALL_message_delete, message_decide_delete},
    {CALL_message_react, message_decide_react},
    {CALL_message_unreact, message_decide_unreact},
    {CALL_message_reactors, message_query_reactors},
    {CALL_message_pin, message_decide_pin},
    {CALL_message_unpin, message_decide_unpin},
    {CALL_room_pins, room_query_pins},
    {CALL_room_thread, room_query_thread},
    {CALL_room_read, room_decide_read},
    {CALL_room_readers, room_query_readers},
    {CALL_room_unread, room_query_unread},
};

static const event_row_t s_events[] = {
    {EVENT_room_created, room_apply_created},
    {EVENT_room_joined, room_apply_joined},
    {EVENT_room_left, room_apply_left},
    {EVENT_room_changed, room_apply_changed},
    {EVENT_room_deleted, room_apply_deleted},
    {EVENT_room_role_changed, room_apply_role_changed},
    {EVENT_room_invited, room_apply_invited},
    {EVENT_room_uninvited, room_apply_uninvited},
    {EVENT_room_banned, room_apply_banned},
    {EVENT_room_unbanned, room_apply_unbanned},
    {EVENT_room_posted, room_apply_posted},
    {EVENT_room_marked, room_apply_marked},
    {EVENT_message_edited, message_apply_edited},
    {EVENT_message_deleted, message_apply_deleted},
    {EVENT_message_reacted, message_apply_reacted},
    {EVENT_message_pinned, message_apply_pinned},
    {EVENT_file_added, room_apply_file_added},
    {EVENT_files_dropped, room_apply_files_dropped},
    {EVENT_account_registered, room_apply_registered},
    {EVENT_account_renamed, person_apply_renamed},
    {EVENT_role_changed, person_apply_role},
    {EVENT_account_deleted, person_apply_gone},
    {EVENT_people_blocked, tie_apply_blocked, NULL},
    {EVENT_people_unblocked, tie_apply_unblocked, NULL},
    {EVENT_people_matched, NULL, room_react_matched},
    {EVENT_match_made, NULL, room_react_made},
    {EVENT_people_connected, tie_apply_connected, room_react_connected},
    {EVENT_people_disconnected, tie_apply_disconnected, NULL},
};

const actor_row_t room_actor = {
    .owner = owner_ROOM,
    .format = 4, /* a room's head knows of the last mention */
    .converts = 3,
    .convert = head_convert,
    .filtered = 'k', /* each message has a receipt of its own */
    .name = "room",
    .calls = s_calls,
    .call_count = COUNT_OF(s_calls),
    .events = s_events,
    .event_count = COUNT_OF(s_events),
    .soft_size = sizeof(freshness_t),
    .settled = freshness_note,
};
