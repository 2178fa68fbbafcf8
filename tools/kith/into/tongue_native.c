/* tongue_native.c - the native API (ws-edge/NATIVE.md): calls by the names of the schema.
 *
 * Over the WebSocket whatever a person does but what has a secret in it; over REST, by the
 * table of routes, the rest, and with `rest` all of it.  What staff does goes over REST in
 * every dialect. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/codec.h"
#include "schema/mem.h"
#include "tools/kith/into/tongue.h"

enum { FRAME_BYTES_MAX = 60 * 1024 }; /* what is longer goes over REST */

/* ---- what can be said ---- */

static const rest_route_t *s_route(call_number_t call)
{
    const rest_route_t *route = rest_routes();
    while (route->method != NULL && route->call != call)
        route++;
    return route->method != NULL ? route : NULL;
}

static const char *s_cannot(const deed_t *deed)
{
    (void)deed;
    return NULL;
}

static const char *s_cannot_by_rest(const deed_t *deed)
{
    return s_route(deed->call) == NULL ? "REST has no such call; readers come by posting" : NULL;
}

/* Those that give a session, end one, or show a password. */
static bool s_is_rest_only(call_number_t call)
{
    static const call_number_t calls[] = {
        CALL_account_register, CALL_session_open,          CALL_session_close,
        CALL_session_renew,    CALL_password_change,       CALL_email_change,
        CALL_account_delete,   CALL_session_revoke_others, CALL_session_mint,
    };
    for (size_t i = 0; i < COUNT_OF(calls); i++)
        if (calls[i] == call)
            return true;
    return false;
}

/* ---- bodies ---- */

/* Passwords are in no record, so they are not among the arguments: the stand-in has them. */
static void s_put_password(const speech_t *speech, const shape_t *shape, buf_t *out)
{
    const field_t *field = shape_field(shape, SLICE_LIT("password"));
    uint64_t account = speech->deed->doer != 0 ? speech->deed->doer : speech->deed->whom;
    if (field == NULL || field->need != NEED_SEC)
        return;
    json_put_key(out, field->name);
    json_put_text(out, slice_of(atlas_stand_in(speech->atlas, account)->password));
}

static void s_put_body(const speech_t *speech, buf_t *out)
{
    const shape_t *shape = call_type((uint16_t)speech->call)->shape();
    buf_append_byte(out, '{');
    codec_put_members(out, shape, speech->args);
    s_put_password(speech, shape, out);
    buf_append_byte(out, '}');
}

/* ---- REST ---- */

static void s_put_segment(buf_t *out, slice_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_';
        if (plain)
            buf_append_byte(out, byte);
        else
            buf_printf(out, "%%%02X", byte);
    }
}

static void s_put_field(buf_t *out, const field_t *field, const void *at)
{
    if (field->kind == KIND_U64)
        buf_printf(out, "%" PRIu64, *(const uint64_t *)at);
    else if (field->kind == KIND_CHOICE)
        buf_append_text(out, choice_word(field->choices, *(const int *)at));
    else
        s_put_segment(out, *(const slice_t *)at);
}

/* The route's pattern, with the fields of the call in the place of their names. */
static void s_put_path(const speech_t *speech, const char *pattern, buf_t *out)
{
    const shape_t *shape = call_type((uint16_t)speech->call)->shape();
    for (const char *at = pattern; *at != '\0';) {
        if (*at != ':') {
            buf_append_byte(out, (uint8_t)*at++);
            continue;
        }
        size_t len = strcspn(++at, "/");
        const field_t *field = shape_field(shape, slice_new(at, len));
        s_put_field(out, field, (const uint8_t *)speech->args + field->offset);
        at += len;
    }
}

static void s_say_by_rest(speech_t *speech, buf_t *out)
{
    const rest_route_t *route = s_route(speech->call);
    buf_t path = {0}, body = {0};
    s_put_path(speech, route->pattern, &path);
    buf_append_byte(&path, '\0');
    if (strcmp(route->method, "DELETE") != 0)
        s_put_body(speech, &body);
    bool stranger = call_type((uint16_t)speech->call)->access == ACCESS_ANYONE;
    if (stranger)
        tongue_ask(speech, out, route->method, (const char *)path.data, "", buf_slice(&body));
    else
        tongue_ask_as(speech, out, route->method, (const char *)path.data, buf_slice(&body));
    buf_free(&path);
    buf_free(&body);
}

static void s_say_new_password(speech_t *speech, buf_t *out)
{
    stand_in_t *doer = speech->doer;
    slice_t body = tongue_object(speech->arena, "password", slice_of(doer->password),
                                 "new_password", slice_of(atlas_next_password(doer)), NULL);
    tongue_ask_as(speech, out, "PUT", "/v1/me/password", body);
}

static void s_say(speech_t *speech, buf_t *out)
{
    if (speech->call == CALL_password_change)
        s_say_new_password(speech, out);
    else
        s_say_by_rest(speech, out);
}

/* ---- the WebSocket ---- */

static bool s_by_socket(const speech_t *speech)
{
    if (speech->doer == NULL || s_is_rest_only(speech->call))
        return false;
    return speech->call != CALL_room_post ||
           ((const room_post_call_t *)speech->args)->text.len < FRAME_BYTES_MAX / 2;
}

static void s_say_frame(speech_t *speech, buf_t *out)
{
    buf_printf(out, "{\"id\":%" PRIu64 ",\"type\":\"%s\",\"body\":", speech->deed->record,
               call_type((uint16_t)speech->call)->name);
    s_put_body(speech, out);
    buf_append_byte(out, '}');
}

static void s_say_natively(speech_t *speech, buf_t *out)
{
    if (s_by_socket(speech))
        s_say_frame(speech, out);
    else
        s_say(speech, out);
}

static void s_upgrade(const target_t *target, const stand_in_t *stand_in, buf_t *out)
{
    char header[TONGUE_TOKEN_MAX];
    snprintf(header, sizeof header, "Authorization: Bearer %s\r\n", stand_in->token);
    tongue_upgrade(target, "/v1/ws", header, out);
}

/* The welcome is the first message. */
static bool s_greet(const stand_in_t *stand_in, const heard_t *heard, buf_t *reply)
{
    (void)stand_in, (void)reply;
    return heard != NULL;
}

/* ---- hearing ---- */

static void s_learn(speech_t *speech, slice_t body)
{
    uint64_t number = 0;
    const deed_t *deed = speech->deed;
    stand_in_t *self = atlas_stand_in(speech->atlas, deed->doer);
    switch ((int)speech->call) {
    case CALL_password_change:
        atlas_take_password(self);
        /* fall through */
    case CALL_account_register:
    case CALL_session_open:
    case CALL_session_mint:
    case CALL_session_renew:
        if (tongue_find_u64(body, "account.id", &self->id))
            atlas_sign_in(self, tongue_find_text(body, "token", speech->arena));
        return;
    case CALL_account_create:
        (void)tongue_find_u64(body, "id", &self->id);
        return;
    case CALL_session_close:
    case CALL_account_delete:
        atlas_sign_in(self, (slice_t){0});
        return;
    case CALL_room_create:
    case CALL_room_direct:
        if (tongue_find_u64(body, "id", &number))
            atlas_learn_room(speech->atlas, deed->room, number,
                             tongue_find_text(body, "gid", speech->arena));
        return;
    case CALL_room_post:
        if (tongue_find_u64(body, "seq", &number))
            atlas_learn_message(speech->atlas, deed->room, deed->seq, number);
        return;
    default:
        return;
    }
}

/* The error's name says what a status says, and more. */
static upshot_t s_judge(speech_t *speech, const heard_t *heard, const char *path)
{
    upshot_t upshot = tongue_judge(speech, heard);
    if (upshot == UPSHOT_REFUSED)
        (void)tongue_refuse(speech, tongue_find_text(heard->body, path, speech->arena));
    return upshot;
}

static upshot_t s_hear(speech_t *speech, const heard_t *heard)
{
    upshot_t upshot = s_judge(speech, heard, "error.name");
    if (upshot == UPSHOT_DONE)
        s_learn(speech, heard->body);
    return upshot;
}

/* {"id":7,"type":"reply","as_of":…,"body":{…}}, or with "error"; events have no id. */
static upshot_t s_hear_frame(speech_t *speech, const heard_t *heard)
{
    static const char reply[] = "\"body\":";
    heard_t answer = {.status = 200};
    uint64_t id = 0, status = 0;
    if (!slice_starts(heard->body, SLICE_LIT("{\"id\":")) ||
        !tongue_find_u64(heard->body, "id", &id) || id != speech->deed->record)
        return UPSHOT_NOTHING;
    const uint8_t *body = memmem(heard->body.ptr, heard->body.len, reply, sizeof reply - 1);
    if (tongue_find_u64(heard->body, "error.status", &status)) {
        answer.status = (int)status;
        answer.body = heard->body;
        return s_judge(speech, &answer, "error.name");
    }
    if (body != NULL) {
        body += sizeof reply - 1;
        s_learn(speech, slice_new(body, heard->body.len - (size_t)(body - heard->body.ptr) - 1));
    }
    return UPSHOT_DONE;
}

static upshot_t s_hear_natively(speech_t *speech, const heard_t *heard)
{
    return heard->status == 0 ? s_hear_frame(speech, heard) : s_hear(speech, heard);
}

const tongue_t tongue_native = {
    .name = "native",
    .cannot = s_cannot,
    .by_socket = s_by_socket,
    .say = s_say_natively,
    .hear = s_hear_natively,
    .upgrade = s_upgrade,
    .greet = s_greet,
};

const tongue_t tongue_rest = {
    .name = "rest",
    .cannot = s_cannot_by_rest,
    .say = s_say,
    .hear = s_hear,
};
