/* pusher_chat_show.c - document 003's objects as JSON. */
#include "ws-edge/dialects/pusher_chat.h"

#include "ws-edge/dialects/flask.h"
#include "ws-edge/extra.h"

/* Keys that no client sets. */
static const char *const s_ours[] = {"id",      "from_user",  "to_user",   "message",
                                     "channel", "channel_id", "sentiment", NULL};

void pusher_chat_put_channel(buf_t *out, uint64_t room, uint64_t first, uint64_t second)
{
    if (first == 0)
        buf_printf(out, "%s%llu", PUSHER_CHAT_CHANNEL, (unsigned long long)room);
    else
        buf_printf(out, "%s%llu_%llu", PUSHER_CHAT_CHANNEL, (unsigned long long)first,
                   (unsigned long long)second);
}

static void s_put_channel(buf_t *out, const char *name, uint64_t room, uint64_t first,
                          uint64_t second)
{
    json_put_key(out, name);
    buf_append_byte(out, '"');
    pusher_chat_put_channel(out, room, first, second);
    buf_append_byte(out, '"');
}

static void s_put_notification(buf_t *out, const char *name, uint64_t account)
{
    json_put_key(out, name);
    buf_printf(out, "\"%s%llu\"", PUSHER_CHAT_NOTIFICATION, (unsigned long long)account);
}

/* Who is spoken to; in a room of several nobody in particular. */
static void s_put_people(buf_t *out, const message_t *message)
{
    flask_put_id(out, "from_user", message->sender);
    json_put_key(out, "to_user");
    if (message->first == 0)
        buf_append_text(out, "null");
    else
        json_put_u64(out, pusher_chat_other(message->first, message->second, message->sender));
}

static void s_put_begin(buf_t *out, const message_t *message)
{
    buf_append_byte(out, '{');
    flask_put_id(out, "id", message->id);
    s_put_people(out, message);
    flask_put_text(out, "message", message->text);
}

/* There is a sentiment because clients read one; we have no opinion. */
static void s_put_end(buf_t *out)
{
    buf_append_text(out, ",\"sentiment\":{\"polarity\":0.0}}");
}

/* A client that has named the channel by its id finds that again. */
static bool s_has_id(slice_t extra)
{
    const json_node_t *members = NULL;
    if (extra.len == 0 || json_parse(extra, &members) != ERR_OK)
        return false;
    bool has = json_member(members, "channel_id") != NULL;
    json_free(&members);
    return has;
}

void pusher_chat_put_message(buf_t *out, const message_t *message)
{
    s_put_begin(out, message);
    s_put_channel(out, "channel", message->room, message->first, message->second);
    if (s_has_id(message->extra))
        flask_put_id(out, "channel_id", message->room);
    extra_put(out, message->extra, s_ours);
    s_put_end(out);
}

void pusher_chat_put_past(buf_t *out, const message_t *message)
{
    s_put_begin(out, message);
    flask_put_id(out, "channel_id", message->room);
    s_put_end(out);
}

void pusher_chat_put_request(buf_t *out, uint64_t by, uint64_t with, const room_t *room)
{
    buf_append_byte(out, '{');
    flask_put_id(out, "from_user", by);
    flask_put_id(out, "to_user", with);
    s_put_notification(out, "from_user_notification_channel", by);
    s_put_notification(out, "to_user_notification_channel", with);
    s_put_channel(out, "channel_name", room->id, room->first, room->second);
    buf_append_byte(out, '}');
}
