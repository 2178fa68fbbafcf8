/* tongue_flask.c - the Flask chat with Pusher (document 003): accounts, the chats of two, and
 * what is said there, over REST.  Its sockets only listen. */
#include <inttypes.h>

#include "schema/json.h"
#include "schema/mem.h"
#include "tools/kith/into/tongue.h"

static const char *s_cannot(const deed_t *deed)
{
    switch ((int)deed->call) {
    case CALL_account_register:
    case CALL_session_open:
    case CALL_room_direct:
        return NULL;
    case CALL_room_post:
        return deed->kind == room_kind_DIRECT ? NULL : "the Pusher chat has chats of two alone";
    default:
        return "the Pusher chat has no words for it";
    }
}

/* ---- saying ---- */

static slice_t s_numbers(const speech_t *speech, const char *from, uint64_t id, const char *to,
                         uint64_t other)
{
    return arena_printf(speech->arena, "{\"%s\":%" PRIu64 ",\"%s\":%" PRIu64, from, id, to, other);
}

static void s_say_post(const speech_t *speech, buf_t *out)
{
    buf_t body = {0};
    const room_post_call_t *post = speech->args;
    const stand_in_t *other = atlas_stand_in(speech->atlas, speech->deed->whom);
    slice_t key = arena_printf(speech->arena, "%sIdempotency-Key: replay-%" PRIu64 "\r\n",
                               tongue_bearer(speech), speech->deed->record);
    buf_append(&body, s_numbers(speech, "from_user", speech->doer->id, "to_user", other->id));
    buf_append_text(&body, ",\"message\":");
    json_put_text(&body, post->text);
    buf_append_byte(&body, '}');
    tongue_ask(speech, out, "POST", "/api/send_message", (const char *)key.ptr, buf_slice(&body));
    buf_free(&body);
}

static void s_say(speech_t *speech, buf_t *out)
{
    const stand_in_t *doer = speech->doer;
    slice_t names = tongue_object(speech->arena, "username", slice_of(doer->login), "password",
                                  slice_of(doer->password), NULL);
    slice_t body;
    switch ((int)speech->call) {
    case CALL_account_register:
        tongue_ask(speech, out, "POST", "/api/register", "", names);
        return;
    case CALL_session_open:
        tongue_ask(speech, out, "POST", "/api/login", "", names);
        return;
    case CALL_room_post:
        s_say_post(speech, out);
        return;
    default:
        body = s_numbers(speech, "from_user", doer->id, "to_user",
                         ((const room_direct_call_t *)speech->args)->account);
        body = arena_printf(speech->arena, "%.*s}", SLICE_ARG(body));
        tongue_ask_as(speech, out, "POST", "/api/request_chat", body);
    }
}

/* ---- hearing ---- */

static upshot_t s_hear(speech_t *speech, const heard_t *heard)
{
    stand_in_t *doer = speech->doer;
    upshot_t upshot = tongue_judge(speech, heard);
    slice_t status = tongue_find_text(heard->body, "status", speech->arena);
    bool failed = slice_is(status, "error") || slice_is(status, "failed");
    if (failed || upshot == UPSHOT_REFUSED)
        return tongue_refuse(
            speech, tongue_find_text(heard->body, failed ? "message" : "msg", speech->arena));
    if (upshot != UPSHOT_DONE)
        return upshot;
    if (speech->call == CALL_session_open) {
        (void)tongue_find_u64(heard->body, "data.id", &doer->id);
        atlas_sign_in(doer, tongue_find_text(heard->body, "data.token", speech->arena));
    } else if (speech->call == CALL_room_direct) {
        atlas_learn_room(speech->atlas, speech->deed->room, 0, (slice_t){0});
    }
    return UPSHOT_DONE;
}

const tongue_t tongue_flask = {
    .name = "flask",
    .cannot = s_cannot,
    .say = s_say,
    .hear = s_hear,
};
