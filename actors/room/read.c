/* read.c - how far people have read, and what they have not.
 *
 * What is unread is a difference, the room's sequence minus one's marker: nobody else's
 * row is written when a message is posted.  A post moves its sender's own marker, as
 * nobody has to read what they wrote.  The markers of those who spoke last stand in the
 * room's head (head.h) and not in their rows, which are there all the same: they list
 * who has one. */
#include "actors/room/read.h"

#include "actors/room/head.h"
#include "actors/room/mention.h"
#include "actors/room/room.h"
#include "actors/room/tie.h"
#include "schema/pack.h"

/* ---- rows: two numbers, the sequence and the time ---- */

static row_key_t s_key(uint64_t room, uint64_t account)
{
    return row_key2('r', room, account);
}

static read_marker_t s_marker(slice_t key, slice_t value)
{
    return (read_marker_t){
        .room = row_number(key, 1),
        .account = row_number(key, 9),
        .seq = row_number(value, 0),
        .time = (int64_t)row_number(value, 8),
    };
}

/* The head's word counts, if it has one. */
static void s_look_ahead(const head_t *head, read_marker_t *marker)
{
    const speaker_t *speaker = head_speaker(head, marker->account);
    if (speaker == NULL)
        return;
    marker->seq = speaker->seq;
    marker->time = speaker->time;
}

/* At 0 if there is none. */
static err_t s_get(turn_t *turn, uint64_t room, const head_t *head, uint64_t account,
                   read_marker_t *ret_marker)
{
    slice_t value = {0};
    row_key_t key = s_key(room, account);
    err_t err = row_get_bytes(turn, key, &value);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    *ret_marker = s_marker(row_slice(&key), value);
    s_look_ahead(head, ret_marker);
    return ERR_OK;
}

static void s_put(turn_t *turn, uint64_t room, const speaker_t *reader)
{
    row_put_numbers(turn, s_key(room, reader->account),
                    ROW_NUMBERS(reader->seq, (uint64_t)reader->time));
}

void read_begin(turn_t *turn, const membership_t *member)
{
    head_t head;
    if (!row_found(head_get(turn, member->room, &head)))
        return;
    speaker_t reader = {member->account, head.seq, member->joined};
    s_put(turn, member->room, &reader);
    (void)head_read(turn, member->room, &reader); /* they have been here before */
}

void read_speak(turn_t *turn, const message_t *message, int64_t time)
{
    speaker_t fallen;
    speaker_t speaker = {message->sender, message->seq, time};
    if (head_speak(turn, message->room, &speaker, &fallen))
        s_put(turn, message->room, &fallen);
}

void read_end(turn_t *turn, uint64_t room, uint64_t account)
{
    row_delete(turn, s_key(room, account));
}

/* ---- reading on ---- */

err_t room_decide_read(turn_t *turn, const call_t *call, const void *body)
{
    const room_read_call_t *read = body;
    const membership_t *membership;
    read_marker_t marker;
    head_t head;
    room_t room;
    err_t err = room_readable(turn, read->room, call->principal, &room, &membership);
    if (err != ERR_OK)
        return err;
    if (membership == NULL)
        return turn_refuse(turn, ERR_FORBIDDEN, "you are not in this room");
    err = head_get(turn, room.id, &head);
    if (err == ERR_OK)
        err = s_get(turn, room.id, &head, call->principal, &marker);
    if (err == ERR_OK)
        err = row_get_members(turn, &room);
    if (err != ERR_OK)
        return err;

    uint64_t seq = read->seq < room.seq ? read->seq : room.seq;
    if (seq > marker.seq) {
        marker.seq = seq;
        marker.time = turn_now(turn);
        bool told = room.members <= LIMIT_READ_MEMBERS;
        turn_emit(turn, EVENT_room_marked, told ? room.id : 0, call->principal,
                  &(room_marked_event_t){.marker = &marker});
    }
    turn_answer(turn, &marker);
    return ERR_OK;
}

void room_apply_marked(turn_t *turn, const record_t *record, const void *body)
{
    const read_marker_t *marker = ((const room_marked_event_t *)body)->marker;
    speaker_t reader = {marker->account, marker->seq, marker->time};
    if (!head_read(turn, marker->room, &reader))
        s_put(turn, marker->room, &reader);
    (void)record;
}

/* ---- who has read ---- */

/* An admin who has posted without being in the room is no reader of it. */
static err_t s_make_marker(turn_t *turn, slice_t key, slice_t value, void *item)
{
    const membership_t *membership;
    read_marker_t *marker = item;
    head_t head;
    *marker = s_marker(key, value);
    err_t err = head_get(turn, marker->room, &head);
    if (err != ERR_OK)
        return err;
    s_look_ahead(&head, marker);
    return row_get_membership(turn, marker->room, marker->account, &membership);
}

err_t room_query_readers(turn_t *turn, const call_t *call, const void *body)
{
    const room_readers_call_t *wish = body;
    const membership_t *membership;
    list_t markers;
    room_t room;
    err_t err = room_readable(turn, wish->room, call->principal, &room, &membership);
    if (err != ERR_OK)
        return err;
    row_range_t range = row_range2('r', room.id, wish->after);
    err = row_make_list(turn, &range, s_make_marker, sizeof(read_marker_t),
                        room_page_limit(wish->limit), &markers);
    if (err == ERR_OK)
        turn_answer(turn, &(marker_list_t){.readers = markers});
    return err;
}

/* ---- what is unread ---- */

/* The room may be gone meanwhile, or shut between its two. */
static err_t s_is_open(turn_t *turn, uint64_t id)
{
    room_t room;
    err_t err = row_get_room(turn, id, &room);
    if (err == ERR_OK && room.kind == room_kind_DIRECT)
        err = tie_check_block(turn, room.first, room.second);
    return err == ERR_BLOCKED ? ERR_NOT_FOUND : err;
}

static err_t s_unread(turn_t *turn, uint64_t room, uint64_t account, unread_t *ret_unread)
{
    read_marker_t marker;
    head_t head;
    uint64_t mentions = 0;
    err_t err = s_is_open(turn, room);
    if (err == ERR_OK)
        err = head_get(turn, room, &head);
    if (err == ERR_OK)
        err = s_get(turn, room, &head, account, &marker);
    if (err == ERR_OK && head.mentioned > marker.seq)
        err = mention_count(turn, room, account, marker.seq, &mentions);
    if (err != ERR_OK)
        return err;
    *ret_unread = (unread_t){
        .room = room,
        .seq = head.seq,
        .read = marker.seq,
        .unread = head.seq - marker.seq,
        .mentions = mentions,
    };
    return ERR_OK;
}

/* Of one room, if the account is in it. */
static err_t s_unread_of(turn_t *turn, uint64_t room, uint64_t account)
{
    unread_t unread;
    const membership_t *membership;
    err_t err = row_get_membership(turn, room, account, &membership);
    if (err == ERR_OK)
        err = s_unread(turn, room, account, &unread);
    if (err == ERR_OK)
        turn_answer(turn, &(unread_list_t){.rooms = {&unread, 1}});
    return err;
}

/* A row under 'a' is a room of the account. */
static err_t s_make_unread(turn_t *turn, slice_t key, slice_t value, void *item)
{
    (void)value;
    return s_unread(turn, row_number(key, 9), row_number(key, 1), item);
}

err_t room_query_unread(turn_t *turn, const call_t *call, const void *body)
{
    const room_unread_call_t *wish = body;
    list_t rooms;
    if (wish->room != 0)
        return s_unread_of(turn, wish->room, call->principal);
    row_range_t range = row_range2('a', call->principal, wish->after);
    err_t err = row_make_list(turn, &range, s_make_unread, sizeof(unread_t),
                              room_page_limit(wish->limit), &rooms);
    if (err == ERR_OK)
        turn_answer(turn, &(unread_list_t){.rooms = rooms});
    return err;
}
