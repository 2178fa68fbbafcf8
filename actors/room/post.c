/* post.c - a message is said. */
#include "actors/room/room.h"

/* The same client id again: the first one's answer if it said the same. */
static err_t s_repeat(turn_t *turn, const receipt_t *receipt, const room_post_call_t *post)
{
    const message_t *message;
    err_t err = row_get_message(turn, receipt->room, receipt->seq, &message);
    if (err != ERR_OK)
        return err;
    if (message->room != post->room || !slice_eq(message->text, post->text))
        return ERR_CLIENT_ID_REUSED;
    message_t repeated = *message;
    repeated.repeated = true;
    turn_answer(turn, &repeated);
    return ERR_OK;
}

static err_t s_say(turn_t *turn, const call_t *call, const room_t *room,
                   const membership_t *membership, const room_post_call_t *post)
{
    const person_t *person;
    uint64_t last_id;
    err_t err = row_get_person(turn, call->principal, &person);
    if (err == ERR_OK)
        err = row_get_number(turn, row_counter_key('M'), &last_id);
    if (err != ERR_OK)
        return err;

    if (membership == NULL) /* an open room: who speaks in it hears it */
        room_emit_joined(turn, &(membership_t){.room = room->id,
                                               .account = call->principal,
                                               .role = room_role_READER,
                                               .joined = turn_now(turn)});
    message_t message = {
        .id = last_id + 1,
        .room = room->id,
        .seq = room->seq + 1,
        .sender = call->principal,
        .login = person->login,
        .username = person->username,
        .text = post->text,
        .time = turn_now(turn),
        .client_id = post->client_id,
    };
    turn_emit(turn, EVENT_room_posted, room->id, 0, &(room_posted_event_t){.message = &message});
    turn_answer(turn, &message);
    return ERR_OK;
}

err_t room_decide_post(turn_t *turn, const call_t *call, const void *body)
{
    const room_post_call_t *post = body;
    const receipt_t *receipt;
    const membership_t *membership;
    room_t room;

    err_t err = room_receipt(turn, call->principal, EVENT_room_posted, post->client_id, &receipt);
    if (err == ERR_OK)
        return s_repeat(turn, receipt, post);
    if (err != ERR_NOT_FOUND)
        return err;

    err = room_readable(turn, post->room, call->principal, &room, &membership);
    if (err != ERR_OK)
        return err;
    return s_say(turn, call, &room, membership, post);
}
