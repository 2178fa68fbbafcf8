/* chatbackend_sio.c - ChatBackend's Socket.IO: `auth` in, messages and comings out.
 *
 *     auth ──bind──> bound ──room.find──> reply ──hear──> heard ──> acknowledged
 *       └── malformed   └── nobody's         └── no such room: DISCONNECT
 *
 * The argument of `auth` is JSON in a text.  Its client registers its listeners in the
 * acknowledgement, so that must come, and whoever authorizes twice gets two of them: while
 * one is under way, the last word counts and all are answered at its end.
 *
 * One hears the one room that one has named, one's own messages with the uuid that one has
 * shown. */
#include "ws-edge/dialects/chatbackend.h"

enum { WAITING_MAX = 8 }; /* `auth`s that wait for an acknowledgement */

typedef struct stay {
    chatbackend_entry_t wanted; /* by the last `auth` … */
    chatbackend_entry_t entry;  /* … and that which is under way, or done */
    uint64_t room;              /* 0: none yet */
    bool busy, again;
    unsigned count;
    uint64_t waiting[WAITING_MAX];
} stay_t;

/* ---- auth ---- */

/* Its clients do not come back after a DISCONNECT. */
static void s_turn_out(talk_t *talk)
{
    buf_append_text(talk->out, "41");
    talk->verbs->send(talk);
    talk->verbs->close(talk, err_info(ERR_UNAUTHENTICATED)->close_code, "not authorized");
}

static void s_find(talk_t *talk)
{
    const stay_t *stay = talk->state;
    room_find_call_t wish = {.gid = slice_new(stay->entry.gid, sizeof stay->entry.gid)};
    talk->verbs->call(talk, call_type(CALL_room_find), &wish, 0);
}

static void s_go(talk_t *talk)
{
    stay_t *stay = talk->state;
    bool same = memcmp(stay->entry.uuid, stay->wanted.uuid, sizeof stay->entry.uuid) == 0;
    stay->busy = true;
    stay->again = false;
    stay->entry = stay->wanted;
    if (same && talk->who.account != 0) {
        s_find(talk);
        return;
    }
    stay->room = 0;
    talk->verbs->bind(talk, slice_new(stay->entry.uuid, sizeof stay->entry.uuid), 0);
}

static void s_utter(talk_t *talk, const utterance_t *utterance)
{
    stay_t *stay = talk->state;
    slice_t json;
    if (!json_text(json_item(utterance->args, 1), &json) ||
        !chatbackend_read_entry(json, &stay->wanted) || stay->count == WAITING_MAX) {
        s_turn_out(talk);
        return;
    }
    if (utterance->has_id)
        stay->waiting[stay->count++] = utterance->id;
    if (stay->busy)
        stay->again = true;
    else
        s_go(talk);
}

static void s_bound(talk_t *talk, uint64_t tag, const answer_t *answer)
{
    (void)tag;
    if (answer->status == ERR_OK)
        s_find(talk);
    else
        s_turn_out(talk);
}

static void s_reply(talk_t *talk, uint64_t tag, const answer_t *answer)
{
    stay_t *stay = talk->state;
    (void)tag;
    if (answer->status != ERR_OK) {
        s_turn_out(talk);
        return;
    }
    uint64_t room = ((const membership_t *)answer->object)->room;
    if (stay->room != 0 && stay->room != room)
        talk->verbs->leave(talk, stay->room);
    stay->room = room;
    talk->verbs->hear(talk, room, 0);
}

static void s_heard(talk_t *talk, uint64_t tag)
{
    stay_t *stay = talk->state;
    (void)tag;
    stay->busy = false;
    if (stay->again) {
        s_go(talk);
        return;
    }
    for (unsigned i = 0; i < stay->count; i++) {
        buf_printf(talk->out, "43%llu[]", (unsigned long long)stay->waiting[i]);
        talk->verbs->send(talk);
    }
    stay->count = 0;
}

/* ---- what happens there ---- */

static slice_t s_uuid(const stay_t *own, slice_t public)
{
    return own != NULL ? slice_new(own->entry.uuid, sizeof own->entry.uuid) : public;
}

/* What one does elsewhere is told to one's own connections, and none of this room's. */
static bool s_is_here(const stay_t *own, uint64_t room)
{
    return own == NULL || own->room == room;
}

static bool s_put_message(const message_t *message, const stay_t *own, buf_t *out)
{
    if (!s_is_here(own, message->room))
        return false;
    buf_append_text(out, "42[\"message\",");
    chatbackend_put_item(out, message, s_uuid(own, message->uuid));
    buf_append_byte(out, ']');
    return true;
}

static bool s_put_presence(const room_presence_event_t *presence, const stay_t *own, buf_t *out)
{
    if (!s_is_here(own, presence->room))
        return false;
    buf_append_text(out, presence->here ? "42[\"join_room\"," : "42[\"leave_room\",");
    buf_append_text(out, "{\"user\":");
    json_put_text(out, presence->username);
    buf_append_text(out, ",\"uuid\":");
    json_put_text(out, s_uuid(own, presence->uuid));
    buf_append_text(out, "}]");
    return true;
}

static bool s_event(const event_t *event, const void *state, buf_t *out)
{
    if (event->type->number == EVENT_room_posted)
        return s_put_message(((const room_posted_event_t *)event->object)->message, state, out);
    return event->type->number == EVENT_room_presence && s_put_presence(event->object, state, out);
}

static const char *const s_claims[] = {"auth", NULL};

const dialect_t chatbackend_sio_dialect = {
    .name = "chatbackend.socketio",
    .nsp = "/",
    .claims = s_claims,
    .hears = HEARS_PICKED,
    .state_size = sizeof(stay_t),
    .announces = true,
    .own_frames = true,
    .utter = s_utter,
    .reply = s_reply,
    .bound = s_bound,
    .heard = s_heard,
    .event = s_event,
};
