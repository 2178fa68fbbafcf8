/* matcha42_messages.c - what people of matcha42 send to each other, and hear of.
 *
 *     message.sent ─ found ───────────────────────────────> the first one's id
 *          └ none ─> room.between ─ found ─┬─> room.post ──> the message's id
 *                         └ none ─> room.direct
 *
 * A `random_id` names one message of its sender for 24 hours, whomever and whatever a retry
 * names, so it is looked for first; that two at once have one effect is the room's affair.
 * The same holds for notifications, of which there is nothing to be looked for.  Only a
 * first contact is a room that one makes, and counted as such.
 *
 * `/api/notifications` sends one with a `random_id`, where `user_id` is the recipient, and
 * without it lists one's own. */
#include "ws-edge/dialects/matcha42.h"

#include "ws-edge/instant.h"
#include "ws-edge/param.h"

/* ---- messages ---- */

typedef enum send_note { NOTE_TEXT, NOTE_RANDOM_ID } send_note_t;
typedef enum send_memo { MEMO_TARGET } send_memo_t;

static void s_call_between(visit_t *visit)
{
    room_between_call_t *args = arena_new_of(visit->arena, room_between_call_t);
    args->account = visit->memo[MEMO_TARGET];
    visit->call = CALL_room_between;
    visit->args = args;
}

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
    s_call_between(visit);
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
    if (answer->type->answer == shape_room)
        s_call_post(visit, answer->object);
    else if (answer->type->number == CALL_room_post)
        s_put_sent(visit->body, answer->object);
    else if (sent->messages.count > 0)
        s_put_sent(visit->body, sent->messages.items);
    else
        s_call_between(visit);
}

bool matcha42_is_first_contact(visit_t *visit, const answer_t *refusal)
{
    if (refusal->status != ERR_NOT_FOUND || refusal->type == NULL ||
        refusal->type->number != CALL_room_between)
        return false;
    s_call_direct(visit);
    return true;
}

/* ---- notifications ---- */

static err_t s_ask_list(visit_t *visit, answer_t *ret_refusal)
{
    notification_list_call_t *args = arena_new_of(visit->arena, notification_list_call_t);
    err_t err = matcha42_id(visit, ret_refusal, "before", &args->before);
    if (err == ERR_OK)
        err = matcha42_id(visit, ret_refusal, "limit", &args->limit);
    return err == ERR_OK ? matcha42_call(visit, ret_refusal, CALL_notification_list, args) : err;
}

/* What is sent is a note, from whoever sends it. */
static err_t s_check_type(const visit_t *visit, answer_t *ret_refusal)
{
    slice_t type = SLICE_LIT("note");
    err_t err = param_text(visit, "type", &type);
    if ((err == ERR_OK || err == ERR_NOT_FOUND) && slice_is(type, "note"))
        return ERR_OK;
    return matcha42_wrong(visit, ret_refusal, "type", "is always `note`");
}

/* A note may say nothing. */
static err_t s_read_words(const visit_t *visit, answer_t *ret_refusal, slice_t *ret_text)
{
    err_t err = param_text(visit, "message", ret_text);
    if (err == ERR_OK || err == ERR_NOT_FOUND)
        return ERR_OK;
    return matcha42_wrong(visit, ret_refusal, "message", "cannot be read");
}

static err_t s_ask_note(visit_t *visit, answer_t *ret_refusal, slice_t random_id)
{
    notification_send_call_t *args = arena_new_of(visit->arena, notification_send_call_t);
    args->client_id = random_id;
    err_t err = matcha42_id(visit, ret_refusal, "user_id", &args->account);
    if (err == ERR_OK && args->account == 0)
        err = matcha42_wrong(visit, ret_refusal, "user_id", "is missing");
    if (err == ERR_OK)
        err = s_check_type(visit, ret_refusal);
    if (err == ERR_OK)
        err = s_read_words(visit, ret_refusal, &args->text);
    return err == ERR_OK ? matcha42_call(visit, ret_refusal, CALL_notification_send, args) : err;
}

err_t matcha42_ask_notifications(visit_t *visit, answer_t *ret_refusal)
{
    slice_t random_id;
    uint64_t account;
    err_t err = matcha42_random_id(visit, ret_refusal, &random_id);
    if (err == ERR_OK)
        err = matcha42_id(visit, ret_refusal, "user_id", &account);
    if (err != ERR_OK)
        return err;
    if (random_id.len > 0)
        return s_ask_note(visit, ret_refusal, random_id);
    if (account != 0 && account != visit->who.account)
        return matcha42_wrong(visit, ret_refusal, "random_id", "is missing");
    return s_ask_list(visit, ret_refusal);
}

/* The document's words; of what it does not know the server speaks. */
static const char *s_type(notice_kind_t kind)
{
    bool known = kind != notice_kind_REPORT && kind != notice_kind_FAKE;
    return choice_word(choices_notice_kind, (int)(known ? kind : notice_kind_SYSTEM));
}

static void s_put_notification(buf_t *out, const notification_t *notification)
{
    buf_append_byte(out, '{');
    matcha42_put_id(out, "id", notification->id);
    matcha42_put_text(out, "type", slice_of(s_type(notification->kind)));
    matcha42_put_text(out, "from", notification->from_login);
    matcha42_put_text(out, "text", notification->text);
    json_put_key(out, "created_at");
    instant_put(out, notification->time);
    json_put_key(out, "read");
    buf_append_text(out, notification->read != 0 ? "true}" : "false}");
}

void matcha42_show_notifications(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_notification_send) {
        matcha42_show_done(visit, answer);
        return;
    }
    const notification_list_t *list = answer->object;
    const notification_t *notifications = list->notifications.items;
    buf_append_text(visit->body, "{\"status\":\"ok\",\"notifications\":[");
    for (size_t i = 0; i < list->notifications.count; i++) {
        buf_append_text(visit->body, i > 0 ? "," : "");
        s_put_notification(visit->body, &notifications[i]);
    }
    buf_append_byte(visit->body, ']');
    if (list->next > 0)
        matcha42_put_id(visit->body, "next", list->next);
    buf_append_byte(visit->body, '}');
}
