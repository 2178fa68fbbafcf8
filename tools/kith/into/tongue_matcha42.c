/* tongue_matcha42.c - matcha42 (document 004): accounts, what people think of each other, and
 * messages to a person, all over REST.  Their room is the chat of the two. */
#include <inttypes.h>

#include "schema/json.h"
#include "schema/mem.h"
#include "tools/kith/into/tongue.h"

enum { RANDOM_ID_MAX = INT32_MAX };

/* Calls about one person are a path each. */
static const struct {
    call_number_t call;
    const char *path;
} s_acts[] = {
    {CALL_people_visit, "/api/profile"},
    {CALL_people_like, "/api/user/like"},
    {CALL_people_connect, "/api/user/connect"},
    {CALL_room_direct, "/api/user/connect"},
    {CALL_people_disconnect, "/api/user/disconnect"},
    {CALL_people_block, "/api/user/block"},
    {CALL_people_unblock, "/api/user/unblock"},
    {CALL_people_report, "/api/report"},
};

static const char *s_path(call_number_t call)
{
    for (size_t i = 0; i < COUNT_OF(s_acts); i++)
        if (s_acts[i].call == call)
            return s_acts[i].path;
    return NULL;
}

static const char *s_cannot(const deed_t *deed)
{
    switch ((int)deed->call) {
    case CALL_account_register:
    case CALL_session_open:
    case CALL_session_close:
    case CALL_password_change:
    case CALL_presence_online:
    case CALL_notification_send:
        return NULL;
    case CALL_room_post:
        return deed->kind == room_kind_DIRECT ? NULL : "matcha42 has chats of two alone";
    default:
        return s_path(deed->call) != NULL ? NULL : "matcha42 has no words for it";
    }
}

/* ---- saying ---- */

/* The document's numbers: 1 fake, 2 spam, 3 harassment, 4 nudity, 5 under age, 0 other. */
static unsigned s_report_id(report_reason_t reason)
{
    return reason == report_reason_OTHER ? 0 : (unsigned)reason;
}

static slice_t s_about(const speech_t *speech)
{
    const deed_t *deed = speech->deed;
    uint64_t target = atlas_stand_in(speech->atlas, deed->whom)->id;
    if (deed->call == CALL_people_report)
        return arena_printf(speech->arena, "{\"target_user_id\":%" PRIu64 ",\"report_id\":%u}",
                            target,
                            s_report_id(((const people_report_call_t *)speech->args)->reason));
    return arena_printf(speech->arena, "{\"target_user_id\":%" PRIu64 "}", target);
}

/* `to` and a number that makes a repeat one message. */
static void s_say_words(const speech_t *speech, buf_t *out, const char *path, const char *to,
                        slice_t text)
{
    buf_t body = {0};
    buf_printf(&body, "{\"%s\":%" PRIu64 ",\"random_id\":%" PRIu64 ",\"message\":", to,
               atlas_stand_in(speech->atlas, speech->deed->whom)->id,
               speech->deed->record % RANDOM_ID_MAX);
    json_put_text(&body, text);
    buf_append_byte(&body, '}');
    tongue_ask_as(speech, out, "POST", path, buf_slice(&body));
    buf_free(&body);
}

static slice_t s_credentials(const speech_t *speech)
{
    const stand_in_t *doer = speech->doer;
    slice_t login = slice_of(doer->login), password = slice_of(doer->password);
    if (speech->call == CALL_session_open)
        return tongue_object(speech->arena, "login", login, "password", password, NULL);
    return tongue_object(speech->arena, "login", login, "password", password, "mail",
                         slice_of(doer->email), "first_name", SLICE_LIT("Somebody"), "last_name",
                         SLICE_LIT("Else"), NULL);
}

static void s_say(speech_t *speech, buf_t *out)
{
    stand_in_t *doer = speech->doer;
    switch ((int)speech->call) {
    case CALL_account_register:
        tongue_ask(speech, out, "POST", "/api/user/registr", "", s_credentials(speech));
        return;
    case CALL_session_open:
        tongue_ask(speech, out, "POST", "/api/user/login", "", s_credentials(speech));
        return;
    case CALL_session_close:
        tongue_ask_as(speech, out, "POST", "/api/user/logout", SLICE_LIT("{}"));
        return;
    case CALL_password_change:
        tongue_ask_as(speech, out, "POST", "/api/user/reset_pass",
                      tongue_object(speech->arena, "old_pass", slice_of(doer->password), "new_pass",
                                    slice_of(atlas_next_password(doer)), NULL));
        return;
    case CALL_presence_online:
        tongue_ask_as(speech, out, "POST",
                      ((const presence_online_call_t *)speech->args)->online
                          ? "/api/user/set_online"
                          : "/api/user/set_offline",
                      SLICE_LIT("{}"));
        return;
    case CALL_notification_send:
        s_say_words(speech, out, "/api/notifications", "user_id",
                    ((const notification_send_call_t *)speech->args)->text);
        return;
    case CALL_room_post:
        s_say_words(speech, out, "/api/message/send", "target_user_id",
                    ((const room_post_call_t *)speech->args)->text);
        return;
    default:
        tongue_ask_as(speech, out, "POST", s_path(speech->call), s_about(speech));
    }
}

/* ---- hearing ---- */

static void s_learn(speech_t *speech, slice_t body)
{
    stand_in_t *doer = speech->doer;
    switch ((int)speech->call) {
    case CALL_password_change:
        atlas_take_password(doer);
        /* fall through */
    case CALL_session_open:
        (void)tongue_find_u64(body, "user_id", &doer->id);
        atlas_sign_in(doer, tongue_find_text(body, "token", speech->arena));
        return;
    case CALL_account_register:
        (void)tongue_find_u64(body, "user_id", &doer->id);
        return;
    case CALL_session_close:
        atlas_sign_in(doer, (slice_t){0});
        return;
    case CALL_room_direct:
        atlas_learn_room(speech->atlas, speech->deed->room, 0, (slice_t){0});
        return;
    default:
        return;
    }
}

static upshot_t s_hear(speech_t *speech, const heard_t *heard)
{
    upshot_t upshot = tongue_judge(speech, heard);
    if (upshot == UPSHOT_REFUSED)
        return tongue_refuse(speech, tongue_find_text(heard->body, "error", speech->arena));
    if (upshot == UPSHOT_DONE)
        s_learn(speech, heard->body);
    return upshot;
}

const tongue_t tongue_matcha42 = {
    .name = "matcha42",
    .cannot = s_cannot,
    .say = s_say,
    .hear = s_hear,
};
