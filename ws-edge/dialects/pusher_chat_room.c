/* pusher_chat_room.c - document 003's chats: which room is meant, what is said there, and what
 * was said before.
 *
 * A chat is named by its channel, by its room's id, or by the other person, and by more than
 * one of them at once; all that is said about it must be true.  So most calls are two: find
 * the room, then post or read. */
#include "ws-edge/dialects/pusher_chat.h"

#include "ws-edge/dialects/flask.h"
#include "ws-edge/extra.h"
#include "ws-edge/param.h"

typedef enum send_note { NOTE_TEXT, NOTE_EXTRA, NOTE_CLIENT_ID } send_note_t;

/* Of a request; `channel_id` is not among them, since it comes back with the message. */
static const char *const s_known[] = {"id",      "from_user", "to_user", "message",
                                      "channel", "sentiment", NULL};

/* ---- which room ---- */

static bool s_read_id(slice_t *text, uint64_t *ret_id)
{
    enum { DIGITS_MAX = 15 };
    size_t len = 0;
    *ret_id = 0;
    for (; len < text->len && len < DIGITS_MAX && text->ptr[len] >= '0' && text->ptr[len] <= '9';
         len++)
        *ret_id = *ret_id * 10 + (uint64_t)(text->ptr[len] - '0');
    bool plain = len > 0 && text->ptr[0] != '0'; /* one name for one room */
    *text = slice_from(*text, len);
    return plain;
}

bool pusher_chat_read_place(slice_t text, pusher_chat_place_t *ret_place)
{
    pusher_chat_place_t place = {0};
    bool named = slice_starts(text, slice_of(PUSHER_CHAT_CHANNEL));
    if (named)
        text = slice_from(text, sizeof PUSHER_CHAT_CHANNEL - 1);
    if (!s_read_id(&text, &place.room))
        return false;
    if (named && text.len > 0 && text.ptr[0] == '_') {
        text = slice_from(text, 1);
        place.first = place.room;
        place.room = 0;
        if (!s_read_id(&text, &place.second))
            return false;
    }
    *ret_place = place;
    return text.len == 0;
}

uint64_t pusher_chat_other(uint64_t first, uint64_t second, uint64_t account)
{
    if ((first == account) == (second == account))
        return 0;
    return first == account ? second : first;
}

err_t pusher_chat_find_with(visit_t *visit, answer_t *ret_refusal, uint64_t account)
{
    room_between_call_t *args = arena_new_of(visit->arena, room_between_call_t);
    args->account = account;
    return flask_call(visit, ret_refusal, CALL_room_between, args);
}

err_t pusher_chat_find(visit_t *visit, answer_t *ret_refusal, const pusher_chat_place_t *place)
{
    visit->memo[MEMO_FIRST] = place->first;
    visit->memo[MEMO_NUMBER] = place->first != 0 ? place->second : place->room;
    if (place->first != 0) {
        uint64_t other = pusher_chat_other(place->first, place->second, visit->who.account);
        return other != 0 ? pusher_chat_find_with(visit, ret_refusal, other) : ERR_FORBIDDEN;
    }
    room_get_call_t *args = arena_new_of(visit->arena, room_get_call_t);
    args->room = place->room;
    return flask_call(visit, ret_refusal, CALL_room_get, args);
}

/* Two people have one room, but its channel only one name. */
bool pusher_chat_is_meant(const visit_t *visit, const room_t *room)
{
    uint64_t first = visit->memo[MEMO_FIRST], number = visit->memo[MEMO_NUMBER];
    if (first != 0)
        return room->first == first && room->second == number;
    return number == 0 || room->id == number;
}

bool pusher_chat_is_found(const answer_t *answer)
{
    return answer->type->answer == shape_room;
}

/* ---- saying ---- */

err_t pusher_chat_read_from(const visit_t *visit, answer_t *ret_refusal)
{
    uint64_t from;
    if (!flask_id(visit, "from_user", &from))
        return flask_wrong(ret_refusal, "from_user must be an id");
    if (from == visit->who.account)
        return ERR_OK;
    ret_refusal->detail = SLICE_LIT("from_user must be your own id");
    return ERR_FORBIDDEN;
}

/* By the channel, its id, or both; *ret_id is the latter where the former names the room. */
static err_t s_read_channel(const visit_t *visit, pusher_chat_place_t *ret_place, uint64_t *ret_id)
{
    slice_t channel, id;
    pusher_chat_place_t place = {0}, same = {0};
    bool named = flask_text(visit, "channel", &channel);
    bool numbered = flask_text(visit, "channel_id", &id);
    if ((named && !pusher_chat_read_place(channel, &place)) ||
        (numbered && !pusher_chat_read_place(id, &same)))
        return ERR_FORBIDDEN;
    *ret_id = same.room;
    *ret_place = named ? place : same;
    if (named && same.first != 0 && (place.first != same.first || place.second != same.second))
        return ERR_FORBIDDEN;
    return ERR_OK;
}

/* Where it is to be said; without a channel, to whom. */
static err_t s_read_target(visit_t *visit, answer_t *ret_refusal)
{
    pusher_chat_place_t place = {0};
    uint64_t to = 0;
    err_t err = s_read_channel(visit, &place, &visit->memo[MEMO_ID]);
    if (err == ERR_OK && param_u64(visit, "to_user", &to) == ERR_INVALID)
        err = flask_wrong(ret_refusal, "to_user must be an id");
    if (err != ERR_OK)
        return err;
    visit->memo[MEMO_TO] = to;
    if (place.first != 0 || place.room != 0)
        return pusher_chat_find(visit, ret_refusal, &place);
    if (to == 0 || to == visit->who.account)
        return flask_wrong(ret_refusal, "channel or to_user must be there");
    return pusher_chat_find_with(visit, ret_refusal, to);
}

err_t pusher_chat_ask_send(visit_t *visit, answer_t *ret_refusal)
{
    fault_t fault = {0};
    err_t err = pusher_chat_read_from(visit, ret_refusal);
    if (err != ERR_OK)
        return err;
    if (!flask_text(visit, "message", &visit->notes[NOTE_TEXT]))
        return flask_wrong(ret_refusal, "message must be there");
    visit->notes[NOTE_EXTRA] = extra_take(visit->json, s_known, visit->arena);
    visit->notes[NOTE_CLIENT_ID] = request_header(visit->request, "idempotency-key");
    room_post_call_t post = {
        .room = 1, /* any, for its bounds */
        .text = visit->notes[NOTE_TEXT],
        .client_id = visit->notes[NOTE_CLIENT_ID],
        .extra = visit->notes[NOTE_EXTRA],
    };
    if (codec_check(shape_room_post_call(), &post, &fault) != ERR_OK)
        return flask_wrong(ret_refusal, "message is too long");
    return s_read_target(visit, ret_refusal);
}

/* All that was said about the room must be true of it. */
static bool s_is_target(const visit_t *visit, const room_t *room)
{
    uint64_t id = visit->memo[MEMO_ID], to = visit->memo[MEMO_TO];
    uint64_t other = pusher_chat_other(room->first, room->second, visit->who.account);
    return pusher_chat_is_meant(visit, room) && (id == 0 || id == room->id) &&
           (to == 0 || room->first == 0 || to == other);
}

void pusher_chat_show_sent(visit_t *visit, const answer_t *answer)
{
    if (!pusher_chat_is_found(answer)) {
        pusher_chat_put_message(visit->body, answer->object);
        return;
    }
    if (!s_is_target(visit, answer->object)) {
        pusher_chat_deny(visit);
        return;
    }
    room_post_call_t *args = arena_new_of(visit->arena, room_post_call_t);
    *args = (room_post_call_t){
        .room = ((const room_t *)answer->object)->id,
        .text = visit->notes[NOTE_TEXT],
        .client_id = visit->notes[NOTE_CLIENT_ID],
        .extra = visit->notes[NOTE_EXTRA],
    };
    visit->call = CALL_room_post;
    visit->args = args;
}

/* ---- the past ---- */

err_t pusher_chat_ask_messages(visit_t *visit, answer_t *ret_refusal)
{
    pusher_chat_place_t place = {0};
    err_t err = flask_page(visit, ret_refusal, &visit->memo[MEMO_LIMIT], &visit->memo[MEMO_BEFORE]);
    if (err != ERR_OK)
        return err;
    return pusher_chat_read_place(visit->params[0], &place)
               ? pusher_chat_find(visit, ret_refusal, &place)
               : ERR_FORBIDDEN;
}

/* What was deleted is left out: there is no word for it here. */
static void s_put_past(visit_t *visit, const message_list_t *list)
{
    const message_t *messages = list->messages.items;
    const char *comma = "";
    buf_append_byte(visit->body, '[');
    for (size_t i = 0; i < list->messages.count; i++) {
        if (messages[i].deleted != 0)
            continue;
        buf_append_text(visit->body, comma);
        pusher_chat_put_past(visit->body, &messages[i]);
        comma = ",";
    }
    buf_append_byte(visit->body, ']');
}

void pusher_chat_show_messages(visit_t *visit, const answer_t *answer)
{
    if (!pusher_chat_is_found(answer)) {
        s_put_past(visit, answer->object);
        return;
    }
    if (!pusher_chat_is_meant(visit, answer->object)) {
        pusher_chat_deny(visit);
        return;
    }
    room_history_call_t *args = arena_new_of(visit->arena, room_history_call_t);
    args->room = ((const room_t *)answer->object)->id;
    args->limit = visit->memo[MEMO_LIMIT];
    args->before_id = visit->memo[MEMO_BEFORE];
    visit->call = CALL_room_history;
    visit->args = args;
}
