/* matcha42_messages.c - what people of matcha42 send to each other.
 *
 *     message.sent ─ found ──────────────────────────────> the first one's id
 *          └ none ─> room.direct ─> room.post ───────────> the message's id
 *
 * A `random_id` names one message of its sender for 24 hours, whomever and whatever a retry
 * names, so it is looked for first; that two at once have one effect is the room's affair. */
#include "ws-edge/dialects/matcha42.h"

#include "ws-edge/param.h"

typedef enum send_note { NOTE_TEXT, NOTE_RANDOM_ID } send_note_t;
typedef enum send_memo { MEMO_TARGET } send_memo_t;

static void s_call_direct(visit_t *visit)
{
    room_direct_call_t *args = arena_new_of(visit->arena, room_direct_call_t);
    args->account = visit->memo[MEMO_TARGET];
    visit->call = CALL_room_direct;
    visit->args = args;
}

static void s_call_post(visit_t *visit, const room_t *room)
{
    room_post_call_t *args = arena_new_of(visit->arena, room_post_call_t);
    *args = (room_post_call_t){
        .room = room->id,
        .text = visit->notes[NOTE_TEXT],
        .client_id = visit->notes[NOTE_RANDOM_ID],
    };
    visit->call = CALL_room_post;
    visit->args = args;
}

/* Everything is looked at before the first call, so that a refusal comes before any effect. */
err_t matcha42_ask_send(visit_t *visit, answer_t *ret_refusal)
{
    message_sent_call_t *args = arena_new_of(visit->arena, message_sent_call_t);
    room_post_call_t post = {.room = 1 /* any, for its bounds */};
    err_t err = matcha42_own(visit, ret_refusal);
    if (err == ERR_OK)
        err = matcha42_target(visit, ret_refusal, &visit->memo[MEMO_TARGET]);
    if (err == ERR_OK)
        err = matcha42_text(visit, ret_refusal, "message", &post.text);
    if (err == ERR_OK)
        err = matcha42_random_id(visit, ret_refusal, &args->client_id);
    if (err == ERR_OK)
        err = matcha42_check(visit, ret_refusal, CALL_room_post, &post);
    if (err != ERR_OK)
        return err;
    visit->notes[NOTE_TEXT] = post.text;
    visit->notes[NOTE_RANDOM_ID] = args->client_id;
    if (args->client_id.len > 0)
        return matcha42_call(visit, ret_refusal, CALL_message_sent, args);
    s_call_direct(visit);
    return ERR_OK;
}

static void s_put_sent(buf_t *out, const message_t *message)
{
    buf_append_text(out, "{\"status\":\"ok\"");
    matcha42_put_id(out, "message_id", message->id);
    buf_append_byte(out, '}');
}

void matcha42_show_sent(visit_t *visit, const answer_t *answer)
{
    const message_list_t *sent = answer->object;
    if (answer->type->number == CALL_room_direct)
        s_call_post(visit, answer->object);
    else if (answer->type->number == CALL_room_post)
        s_put_sent(visit->body, answer->object);
    else if (sent->messages.count > 0)
        s_put_sent(visit->body, sent->messages.items);
    else
        s_call_direct(visit);
}
