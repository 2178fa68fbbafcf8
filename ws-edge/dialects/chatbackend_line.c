/* chatbackend_line.c - ChatBackend's raw TCP socket: `{"uuid","room_gid"}` in, messages out.
 *
 *     object ──bind──> bound ──room.find──> reply ──hear──> the room's messages
 *        └── malformed   └── nobody's          └── no such room: closed, without a word
 *
 * Each message is one object and a newline, which every JSON decoder passes over.  One's own
 * are among them, with the uuid that one has shown. */
#include "ws-edge/dialects/chatbackend.h"

#include "schema/text.h"

/* A member that is a text of just so many bytes. */
static bool s_take(const json_node_t *object, const char *name, uint8_t *to, size_t size)
{
    slice_t text;
    if (!json_text(json_member(object, name), &text) || text.len != size)
        return false;
    memcpy(to, text.ptr, size);
    return true;
}

static room_find_call_t s_wish(const chatbackend_entry_t *entry)
{
    return (room_find_call_t){.gid = slice_new(entry->gid, sizeof entry->gid)};
}

/* Whether these are a uuid and a gid by their form. */
static bool s_is_formed(const chatbackend_entry_t *entry)
{
    fault_t fault;
    room_find_call_t wish = s_wish(entry);
    return text_is_uuid(slice_new(entry->uuid, sizeof entry->uuid)) &&
           codec_check(shape_room_find_call(), &wish, &fault) == ERR_OK;
}

bool chatbackend_read_entry(slice_t json, chatbackend_entry_t *ret_entry)
{
    const json_node_t *object;
    if (json_parse(json, &object) != ERR_OK)
        return false;
    bool good = s_take(object, "uuid", ret_entry->uuid, sizeof ret_entry->uuid) &&
                s_take(object, "room_gid", ret_entry->gid, sizeof ret_entry->gid) &&
                s_is_formed(ret_entry);
    json_free(&object);
    return good;
}

/* ---- coming in ---- */

static void s_close(talk_t *talk, err_t err)
{
    const err_info_t *info = err_info(err);
    talk->verbs->close(talk, info->close_code, info->name);
}

static void s_frame(talk_t *talk, bool text, slice_t payload)
{
    chatbackend_entry_t *entry = talk->state;
    (void)text;
    if (chatbackend_read_entry(payload, entry))
        talk->verbs->bind(talk, slice_new(entry->uuid, sizeof entry->uuid), 0);
    else
        s_close(talk, ERR_MALFORMED);
}

static void s_bound(talk_t *talk, uint64_t tag, const answer_t *answer)
{
    room_find_call_t wish = s_wish(talk->state);
    (void)tag;
    if (answer->status == ERR_OK)
        talk->verbs->call(talk, call_type(CALL_room_find), &wish, 0);
    else
        s_close(talk, answer->status);
}

static void s_reply(talk_t *talk, uint64_t tag, const answer_t *answer)
{
    (void)tag;
    if (answer->status == ERR_OK)
        talk->verbs->hear(talk, ((const membership_t *)answer->object)->room, 0);
    else
        s_close(talk, answer->status);
}

/* Silence is the good news. */
static void s_heard(talk_t *talk, uint64_t tag)
{
    (void)talk;
    (void)tag;
}

/* ---- what is said there ---- */

static bool s_event(const event_t *event, const void *state, buf_t *out)
{
    const chatbackend_entry_t *own = state;
    if (event->type->number != EVENT_room_posted)
        return false;
    const message_t *message = ((const room_posted_event_t *)event->object)->message;
    chatbackend_put_item(out, message,
                         own != NULL ? slice_new(own->uuid, sizeof own->uuid) : message->uuid);
    buf_append_byte(out, '\n');
    return true;
}

const dialect_t chatbackend_line_dialect = {
    .name = "chatbackend_line",
    .framing = FRAMING_LINE,
    .anonymous = true,
    .hears = HEARS_PICKED,
    .state_size = sizeof(chatbackend_entry_t),
    .own_frames = true,
    .frame = s_frame,
    .reply = s_reply,
    .bound = s_bound,
    .heard = s_heard,
    .event = s_event,
};
