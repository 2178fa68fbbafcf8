/* tongue_chatapi.c - ChatAPI (document 001): accounts and open chats over REST, messages over
 * `/chats/ws`, where one's own message comes back as everybody's does. */
#include <inttypes.h>
#include <stdio.h>

#include "schema/json.h"
#include "schema/mem.h"
#include "tools/kith/into/tongue.h"

static bool s_by_socket(const speech_t *speech)
{
    return speech->call == CALL_room_post;
}

/* ---- saying ---- */

static void s_say_post(const speech_t *speech, buf_t *out)
{
    const room_post_call_t *post = speech->args;
    buf_append_text(out, "{\"text\":");
    json_put_text(out, post->text);
    buf_printf(out, ",\"chat_id\":%" PRIu64 ",\"random_id\":", post->room);
    json_put_text(out, post->client_id);
    buf_append_byte(out, '}');
}

/* Whoever has no e-mail is found by name. */
static slice_t s_credentials(const speech_t *speech)
{
    const stand_in_t *doer = speech->doer;
    slice_t name = slice_of(doer->login);
    if (speech->call == CALL_account_register)
        return tongue_object(speech->arena, "email", slice_of(doer->has_email ? doer->email : ""),
                             "username", name, "password", slice_of(doer->password), NULL);
    return tongue_object(speech->arena, "email", name, "password", slice_of(doer->password), NULL);
}

static void s_say(speech_t *speech, buf_t *out)
{
    slice_t path;
    switch ((int)speech->call) {
    case CALL_account_register:
        tongue_ask(speech, out, "POST", "/auth/reg", "", s_credentials(speech));
        return;
    case CALL_session_open:
        tongue_ask(speech, out, "POST", "/auth/login", "", s_credentials(speech));
        return;
    case CALL_room_create:
        tongue_ask_as(speech, out, "POST", "/chats/create",
                      tongue_object(speech->arena, "name",
                                    ((const room_create_call_t *)speech->args)->name, NULL));
        return;
    case CALL_room_post:
        s_say_post(speech, out);
        return;
    default: /* whoever reads a chat hears it from then on */
        path = arena_printf(speech->arena, "/chats/messages?id=%" PRIu64 "&limit=1",
                            atlas_venue(speech->atlas, speech->deed->room)->id);
        tongue_ask_as(speech, out, "GET", (const char *)path.ptr, (slice_t){0});
    }
}

/* ---- hearing ---- */

static void s_learn(speech_t *speech, slice_t body)
{
    uint64_t number = 0;
    stand_in_t *doer = speech->doer;
    if (speech->call == CALL_account_register || speech->call == CALL_session_open) {
        (void)tongue_find_u64(body, "id", &doer->id);
        atlas_sign_in(doer, tongue_find_text(body, "token", speech->arena));
    } else if (speech->call == CALL_room_create && tongue_find_u64(body, "id", &number)) {
        atlas_learn_room(speech->atlas, speech->deed->room, number, (slice_t){0});
    }
}

/* Whether the message is the one that was just said. */
static bool s_is_own(const speech_t *speech, slice_t frame)
{
    uint64_t owner = 0, chat = 0;
    const room_post_call_t *post = speech->args;
    return tongue_find_u64(frame, "owner_id", &owner) && owner == speech->doer->id &&
           tongue_find_u64(frame, "chat_id", &chat) && chat == post->room &&
           slice_eq(tongue_find_text(frame, "text", speech->arena), post->text);
}

static upshot_t s_hear_frame(speech_t *speech, slice_t frame)
{
    slice_t error = tongue_find_text(frame, "error", speech->arena);
    if (error.len > 0)
        return tongue_refuse(speech, error);
    return s_is_own(speech, frame) ? UPSHOT_DONE : UPSHOT_NOTHING;
}

static upshot_t s_hear(speech_t *speech, const heard_t *heard)
{
    if (heard->status == 0)
        return s_hear_frame(speech, heard->body);
    upshot_t upshot = tongue_judge(speech, heard);
    if (upshot == UPSHOT_DONE)
        s_learn(speech, heard->body);
    else if (upshot == UPSHOT_REFUSED)
        return tongue_refuse(speech, tongue_find_text(heard->body, "error", speech->arena));
    return upshot;
}

/* ---- the socket ---- */

static void s_upgrade(const target_t *target, const stand_in_t *stand_in, buf_t *out)
{
    char path[TONGUE_TOKEN_MAX];
    snprintf(path, sizeof path, "/chats/ws?token=%s", stand_in->token);
    tongue_upgrade(target, path, "", out);
}

const tongue_t tongue_chatapi = {
    .name = "chatapi",
    .cannot = tongue_open_rooms_only,
    .by_socket = s_by_socket,
    .say = s_say,
    .hear = s_hear,
    .upgrade = s_upgrade,
    .silent = true,
};
