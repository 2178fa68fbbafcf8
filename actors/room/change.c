/* change.c - rooms get other titles and topics, and are deleted. */
#include "actors/room/room.h"

/* ---- deciding ---- */

/* The room, for one who has at least that rank in it. */
static err_t s_room_for(turn_t *turn, uint64_t id, uint64_t account, room_rank_t least,
                        room_t *ret_room)
{
    room_rank_t rank;
    err_t err = room_ranked(turn, id, account, ret_room, &rank);
    if (err == ERR_OK)
        err = room_needs_rank(turn, rank, least);
    return err == ERR_OK ? row_get_members(turn, ret_room) : err;
}

/* The text that is to be another one; nothing happens if it is the same. */
static err_t s_change(turn_t *turn, const room_t *room, uint64_t by, slice_t *text, slice_t wanted)
{
    bool same = slice_eq(*text, wanted);
    *text = wanted;
    if (!same)
        turn_emit(turn, EVENT_room_changed, room->id, 0,
                  &(room_changed_event_t){.room = room, .by = by});
    turn_answer(turn, room);
    return ERR_OK;
}

err_t room_decide_rename(turn_t *turn, const call_t *call, const void *body)
{
    const room_rename_call_t *wish = body;
    room_t room;
    err_t err = s_room_for(turn, wish->room, call->principal, ROOM_RANK_MODERATOR, &room);
    if (err != ERR_OK)
        return err;
    return s_change(turn, &room, call->principal, &room.name, wish->name);
}

err_t room_decide_set_topic(turn_t *turn, const call_t *call, const void *body)
{
    const room_set_topic_call_t *wish = body;
    room_t room;
    err_t err = s_room_for(turn, wish->room, call->principal, ROOM_RANK_MODERATOR, &room);
    if (err != ERR_OK)
        return err;
    return s_change(turn, &room, call->principal, &room.topic, wish->topic);
}

err_t room_decide_delete(turn_t *turn, const call_t *call, const void *body)
{
    const room_delete_call_t *wish = body;
    room_t room;
    err_t err = s_room_for(turn, wish->room, call->principal, ROOM_RANK_OWNER, &room);
    if (err == ERR_OK)
        turn_emit(turn, EVENT_room_deleted, room.id, 0,
                  &(room_deleted_event_t){.room = room.id, .by = call->principal});
    return err;
}

/* ---- applying ---- */

void room_apply_changed(turn_t *turn, const record_t *record, const void *body)
{
    row_put_room(turn, ((const room_changed_event_t *)body)->room);
    (void)record;
}

/* Without its row a room looks like none.  The two of a direct one may begin anew; what
 * else speaks of it is never looked at again. */
void room_apply_deleted(turn_t *turn, const record_t *record, const void *body)
{
    uint64_t id = ((const room_deleted_event_t *)body)->room;
    room_t room;
    if (row_found(row_get_room(turn, id, &room)) && room.kind == room_kind_DIRECT)
        row_delete(turn, row_direct_key(room.first, room.second));
    row_delete(turn, row_key1('R', id));
    (void)record;
}
