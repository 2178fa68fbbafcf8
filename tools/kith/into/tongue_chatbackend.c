/* tongue_chatbackend.c - ChatBackend (document 002): everything over REST, a room is its gid, and
 * a session's uuid says who asks.  Whoever asks for a room's history hears it from then on. */
#include <inttypes.h>

#include "schema/json.h"
#include "schema/mem.h"
#include "tools/kith/into/tongue.h"

/* ---- saying ---- */

static const char *s_user(const speech_t *speech)
{
    return (const char *)arena_printf(speech->arena, "user: %s\r\n", speech->doer->token).ptr;
}

/* The key makes a repeat one message; it is ours, as a client id may be no header. */
static const char *s_user_once(const speech_t *speech)
{
    return (const char *)arena_printf(speech->arena,
                                      "user: %s\r\nIdempotency-Key: replay-%" PRIu64 "\r\n",
                                      speech->doer->token, speech->deed->record)
        .ptr;
}

static void s_say(speech_t *speech, buf_t *out)
{
    arena_t *arena = speech->arena;
    const stand_in_t *doer = speech->doer;
    slice_t gid = slice_of(atlas_venue(speech->atlas, speech->deed->room)->gid);
    slice_t login = slice_of(doer->login), password = slice_of(doer->password);
    const room_post_call_t *post = speech->args;
    switch ((int)speech->call) {
    case CALL_account_register:
        tongue_ask(speech, out, "POST", "/register", "",
                   tongue_object(arena, "login", login, "password", password, "username",
                                 slice_of(doer->username), NULL));
        return;
    case CALL_session_open:
        tongue_ask(speech, out, "POST", "/login", "",
                   tongue_object(arena, "login", login, "password", password, NULL));
        return;
    case CALL_room_create:
        tongue_ask(speech, out, "POST", "/create-room", s_user_once(speech), SLICE_LIT("{}"));
        return;
    case CALL_room_post:
        tongue_ask(speech, out, "POST", "/send-message", s_user_once(speech),
                   tongue_object(arena, "room_gid", gid, "msg", post->text, NULL));
        return;
    default:
        tongue_ask(speech, out, "GET",
                   (const char *)arena_printf(arena, "/get-room-history?room_gid=%.*s&limit=1",
                                              SLICE_ARG(gid))
                       .ptr,
                   s_user(speech), (slice_t){0});
    }
}

/* ---- hearing ---- */

static bool s_is_ok(slice_t body)
{
    const json_node_t *root = NULL;
    bool ok = false;
    if (json_parse(body, &root) != ERR_OK || !json_bool(json_member(root, "ok"), &ok))
        ok = false;
    json_free(&root);
    return ok;
}

/* Everything that was understood is 200, refusals too. */
static upshot_t s_hear(speech_t *speech, const heard_t *heard)
{
    upshot_t upshot = tongue_judge(speech, heard);
    if (upshot != UPSHOT_DONE)
        return upshot;
    if (!s_is_ok(heard->body)) {
        slice_t why = tongue_find_text(heard->body, "error.message", speech->arena);
        return slice_is(why, "Unknown user") ? UPSHOT_SIGNED_OUT : tongue_refuse(speech, why);
    }
    if (speech->call == CALL_session_open)
        atlas_sign_in(speech->doer, tongue_find_text(heard->body, "data.uuid", speech->arena));
    else if (speech->call == CALL_room_create)
        atlas_learn_room(speech->atlas, speech->deed->room, 0,
                         tongue_find_text(heard->body, "data.room_gid", speech->arena));
    return UPSHOT_DONE;
}

const tongue_t tongue_chatbackend = {
    .name = "chatbackend",
    .cannot = tongue_open_rooms_only,
    .say = s_say,
    .hear = s_hear,
};
