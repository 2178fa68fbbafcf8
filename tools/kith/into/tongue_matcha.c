/* tongue_matcha.c - Matcha (document 000): accounts and what people think of each other over
 * REST, messages over Socket.IO in the namespace /api/socket (Engine.IO 4 on a WebSocket).
 *
 *     0{…}            open: ask for the namespace
 *     40/api/socket,  one is there
 *     2               a heartbeat
 *     42/api/socket,["receive_message",{…}]   one's own, too
 *
 * A chat opens by a match and has no other way: its number is looked for among one's chats. */
#include <inttypes.h>
#include <stdio.h>

#include "schema/json.h"
#include "schema/mem.h"
#include "tools/kith/into/tongue.h"

enum { LOOKS_MAX = 8 }; /* for a chat that a match is about to open */

static const char s_connect[] = "40/api/socket,";
static const char s_event[] = "42/api/socket,";

/* ---- what can be said ---- */

static const struct {
    call_number_t call;
    const char *method;
    const char *path;
} s_acts[] = {
    {CALL_people_like, "POST", "/api/likes/"},
    {CALL_people_unlike, "DELETE", "/api/likes/"},
    {CALL_people_visit, "POST", "/api/history/"},
    {CALL_people_report, "POST", "/api/fake/"},
};

static size_t s_act(call_number_t call)
{
    size_t i = 0;
    while (i < COUNT_OF(s_acts) && s_acts[i].call != call)
        i++;
    return i;
}

static const char *s_cannot(const deed_t *deed)
{
    switch ((int)deed->call) {
    case CALL_account_register:
    case CALL_session_open:
    case CALL_session_close:
        return NULL;
    case CALL_room_direct:
        return deed->follows ? NULL : "Matcha's chats are opened by a match";
    case CALL_room_post:
        return deed->kind == room_kind_DIRECT ? NULL : "Matcha has chats of two alone";
    default:
        return s_act(deed->call) < COUNT_OF(s_acts) ? NULL : "Matcha has no words for it";
    }
}

static bool s_by_socket(const speech_t *speech)
{
    return speech->call == CALL_room_post;
}

/* ---- saying ---- */

/* What a client sets; it comes back as it is, so one knows one's own by it. */
static slice_t s_date(const speech_t *speech)
{
    return arena_printf(speech->arena, "replay %" PRIu64, speech->deed->record);
}

static void s_put_event(buf_t *out, const char *name, slice_t argument)
{
    buf_printf(out, "%s[\"%s\",%.*s]", s_event, name, SLICE_ARG(argument));
}

/* One hears only what one has joined; so that goes first, as a message of its own. */
static void s_say_post(const speech_t *speech, buf_t *out)
{
    buf_t said = {0};
    const room_post_call_t *post = speech->args;
    s_put_event(out, "join", arena_printf(speech->arena, "%" PRIu64, post->room));
    buf_append_byte(out, LANE_MESSAGE_END);
    buf_append_text(&said, "{\"text\":");
    json_put_text(&said, post->text);
    buf_printf(&said, ",\"chat_id\":%" PRIu64 ",\"author\":", post->room);
    json_put_text(&said, slice_of(speech->doer->login));
    buf_append_text(&said, ",\"creation_date\":");
    json_put_text(&said, post->client_time.len > 0 ? post->client_time : s_date(speech));
    buf_append_byte(&said, '}');
    s_put_event(out, "message", buf_slice(&said));
    buf_free(&said);
}

static slice_t s_credentials(const speech_t *speech)
{
    const stand_in_t *doer = speech->doer;
    slice_t login = slice_of(doer->login), password = slice_of(doer->password);
    if (speech->call == CALL_session_open)
        return tongue_object(speech->arena, "login", login, "password", password, NULL);
    return tongue_object(speech->arena, "login", login, "email",
                         slice_of(doer->has_email ? doer->email : ""), "user_name",
                         slice_of(doer->username), "password", password, NULL);
}

static void s_say(speech_t *speech, buf_t *out)
{
    size_t act = s_act(speech->call);
    switch ((int)speech->call) {
    case CALL_account_register:
        tongue_ask(speech, out, "POST", "/api/signup", "", s_credentials(speech));
        return;
    case CALL_session_open:
        tongue_ask(speech, out, "POST", "/api/signin", "", s_credentials(speech));
        return;
    case CALL_session_close:
        tongue_ask_as(speech, out, "DELETE", "/api/logout", (slice_t){0});
        return;
    case CALL_room_direct:
        tongue_ask_as(speech, out, "GET", "/api/chats", (slice_t){0});
        return;
    case CALL_room_post:
        s_say_post(speech, out);
        return;
    default:
        tongue_ask_as(
            speech, out, s_acts[act].method,
            (const char *)arena_printf(speech->arena, "%s%" PRIu64, s_acts[act].path,
                                       atlas_stand_in(speech->atlas, speech->deed->whom)->id)
                .ptr,
            (slice_t){0});
    }
}

/* ---- hearing ---- */

/* The chat whose name is both logins, with a plus between. */
static bool s_find_chat(const speech_t *speech, slice_t body, uint64_t *ret_chat)
{
    bool found = false;
    slice_t name;
    const json_node_t *root = NULL;
    const char *self = speech->doer->login;
    const char *other = atlas_stand_in(speech->atlas, speech->deed->whom)->login;
    slice_t names[] = {arena_printf(speech->arena, "%s+%s", self, other),
                       arena_printf(speech->arena, "%s+%s", other, self)};
    if (json_parse(body, &root) == ERR_OK)
        for (size_t i = 0; i < json_count(root) && !found; i++)
            found = json_text(json_member(json_item(root, i), "chat_name"), &name) &&
                    (slice_eq(name, names[0]) || slice_eq(name, names[1])) &&
                    json_u64(json_member(json_item(root, i), "chat_id"), ret_chat);
    json_free(&root);
    return found;
}

static upshot_t s_hear_chats(speech_t *speech, slice_t body)
{
    uint64_t chat = 0;
    if (s_find_chat(speech, body, &chat)) {
        atlas_learn_room(speech->atlas, speech->deed->room, chat, (slice_t){0});
        return UPSHOT_DONE;
    }
    return speech->tries < LOOKS_MAX ? UPSHOT_LATER
                                     : tongue_refuse(speech, SLICE_LIT("no such chat has opened"));
}

/* Signing in in vain is 200, and so is signing up. */
static upshot_t s_hear_sign_in(speech_t *speech, slice_t body)
{
    slice_t token = tongue_find_text(body, "access_token", speech->arena);
    if (token.len == 0)
        return tongue_refuse(speech, tongue_find_text(body, "message", speech->arena));
    (void)tongue_find_u64(body, "user_id", &speech->doer->id);
    atlas_sign_in(speech->doer, token);
    return UPSHOT_DONE;
}

static upshot_t s_hear_answer(speech_t *speech, const heard_t *heard)
{
    upshot_t upshot = tongue_judge(speech, heard);
    if (upshot == UPSHOT_REFUSED)
        return tongue_refuse(speech, tongue_find_text(heard->body, "message", speech->arena));
    if (upshot != UPSHOT_DONE)
        return upshot;
    switch ((int)speech->call) {
    case CALL_session_open:
        return s_hear_sign_in(speech, heard->body);
    case CALL_session_close:
        atlas_sign_in(speech->doer, (slice_t){0});
        return UPSHOT_DONE;
    case CALL_room_direct:
        return s_hear_chats(speech, heard->body);
    default:
        return UPSHOT_DONE;
    }
}

/* 42/api/socket,["name",{…}]: its name, and the argument's text of that member. */
static slice_t s_event_text(const speech_t *speech, slice_t frame, const char *member,
                            slice_t *ret_name)
{
    const json_node_t *root = NULL;
    slice_t text = {0};
    *ret_name = text;
    if (!slice_starts(frame, slice_of(s_event)) ||
        json_parse(slice_from(frame, sizeof s_event - 1), &root) != ERR_OK)
        return text;
    if (json_text(json_item(root, 0), ret_name))
        *ret_name = arena_copy(speech->arena, *ret_name);
    if (json_text(json_member(json_item(root, 1), member), &text))
        text = arena_copy(speech->arena, text);
    json_free(&root);
    return text;
}

static upshot_t s_hear_frame(speech_t *speech, slice_t frame)
{
    slice_t name;
    const room_post_call_t *post = speech->args;
    slice_t said = s_event_text(speech, frame, "text", &name);
    slice_t author = s_event_text(speech, frame, "author", &name);
    slice_t date = s_event_text(speech, frame, "creation_date", &name);
    slice_t own = post->client_time.len > 0 ? post->client_time : s_date(speech);
    if (slice_is(name, "refused"))
        return tongue_refuse(speech, s_event_text(speech, frame, "message", &name));
    bool mine = slice_is(name, "receive_message") && slice_eq(said, post->text) &&
                slice_is(author, speech->doer->login) && slice_eq(date, own);
    return mine ? UPSHOT_DONE : UPSHOT_NOTHING;
}

static upshot_t s_hear(speech_t *speech, const heard_t *heard)
{
    return heard->status == 0 ? s_hear_frame(speech, heard->body) : s_hear_answer(speech, heard);
}

/* ---- the socket ---- */

static void s_upgrade(const target_t *target, const stand_in_t *stand_in, buf_t *out)
{
    char header[TONGUE_TOKEN_MAX];
    snprintf(header, sizeof header, "Authorization: Bearer %s\r\n", stand_in->token);
    tongue_upgrade(target, "/socket.io/?EIO=4&transport=websocket", header, out);
}

static bool s_greet(const stand_in_t *stand_in, const heard_t *heard, buf_t *reply)
{
    (void)stand_in;
    if (slice_starts(heard->body, SLICE_LIT("0")))
        buf_append_text(reply, s_connect);
    return slice_starts(heard->body, slice_new(s_connect, sizeof s_connect - 2));
}

static void s_pulse(const heard_t *heard, buf_t *reply)
{
    if (slice_is(heard->body, "2"))
        buf_append_text(reply, "3");
}

const tongue_t tongue_matcha = {
    .name = "matcha",
    .cannot = s_cannot,
    .by_socket = s_by_socket,
    .say = s_say,
    .hear = s_hear,
    .upgrade = s_upgrade,
    .greet = s_greet,
    .pulse = s_pulse,
};
