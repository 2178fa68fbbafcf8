/* pusher_frame.c - JSON in, JSON out; what is JSON inside of a text is written twice.
 *
 * Names of channels have an alphabet without quotes and backslashes; only a refusal may
 * name one that is none. */
#include "ws-edge/pusher_frame.h"

#include "ws-edge/server.h"

/* ---- what a client says ---- */

err_t pusher_said_read(slice_t payload, pusher_said_t *ret_said)
{
    pusher_said_t said = {0};
    if (json_parse(payload, &said.root) != ERR_OK)
        return ERR_MALFORMED;
    if (!json_text(json_member(said.root, "event"), &said.event)) {
        json_free(&said.root);
        return ERR_MALFORMED;
    }
    (void)json_text(json_member(said.root, "channel"), &said.channel);
    said.data = json_member(said.root, "data");
    *ret_said = said;
    return ERR_OK;
}

void pusher_said_free(pusher_said_t *said)
{
    json_free(&said->root);
}

const json_node_t *pusher_said_object(const pusher_said_t *said, const json_node_t **ret_text)
{
    slice_t text;
    *ret_text = NULL;
    if (said->data == NULL || !json_text(said->data, &text))
        return json_is_object(said->data) ? said->data : NULL;
    if (json_parse(text, ret_text) != ERR_OK)
        return NULL;
    return json_is_object(*ret_text) ? *ret_text : NULL;
}

void pusher_said_put_data(buf_t *out, const pusher_said_t *said)
{
    slice_t text;
    if (said->data != NULL && json_text(said->data, &text))
        buf_append(out, text);
    else if (said->data != NULL)
        json_put_node(out, said->data);
}

/* ---- what the server says ---- */

body_t *pusher_frame(slice_t payload)
{
    return frame_new(FRAME_TEXT, payload);
}

static const char s_head[] = "{\"channel\":";

slice_t pusher_frame_channel(slice_t payload)
{
    size_t quote = sizeof s_head - 1;
    if (!slice_starts(payload, slice_of(s_head)) || payload.len == quote)
        return (slice_t){0};
    slice_t rest = slice_from(payload, quote + 1);
    const uint8_t *end = memchr(rest.ptr, '"', rest.len);
    return end != NULL ? slice_new(rest.ptr, (size_t)(end - rest.ptr)) : (slice_t){0};
}

/* Up to its event, and with it. */
static void s_begin(buf_t *out, slice_t channel, slice_t event)
{
    buf_append_text(out, s_head);
    json_put_text(out, channel);
    buf_append_text(out, ",\"event\":");
    json_put_text(out, event);
}

/* With `json` as a text inside of JSON; it is freed. */
static void s_end(buf_t *out, buf_t *json)
{
    buf_append_text(out, ",\"data\":");
    json_put_text(out, buf_slice(json));
    buf_append_byte(out, '}');
    buf_free(json);
}

void pusher_put_event(buf_t *out, slice_t channel, const pusher_event_t *event)
{
    s_begin(out, channel, event->name);
    if (event->data.ptr != NULL) {
        buf_append_text(out, ",\"data\":");
        json_put_text(out, event->data);
    }
    if (event->user.ptr != NULL) {
        buf_append_text(out, ",\"user_id\":");
        json_put_text(out, event->user);
    }
    buf_append_byte(out, '}');
}

void pusher_put_established(buf_t *out, const char *socket_id, unsigned activity_s)
{
    buf_printf(out,
               "{\"event\":\"pusher:connection_established\",\"data\":\"{\\\"socket_id\\\":"
               "\\\"%s\\\",\\\"activity_timeout\\\":%u}\"}",
               socket_id, activity_s);
}

void pusher_put_pong(buf_t *out)
{
    buf_append_text(out, "{\"event\":\"pusher:pong\",\"data\":\"{}\"}");
}

void pusher_put_ping(buf_t *out)
{
    buf_append_text(out, "{\"event\":\"pusher:ping\",\"data\":\"{}\"}");
}

/* The one frame whose data is no text: so the protocol has it. */
void pusher_put_error(buf_t *out, pusher_code_t code, const char *why)
{
    const pusher_code_info_t *info = pusher_code_info(code);
    buf_printf(out, "{\"event\":\"pusher:error\",\"data\":{\"code\":%d,\"message\":", info->number);
    json_put_text(out, slice_of(why != NULL ? why : info->sentence));
    buf_append_text(out, "}}");
}

void pusher_put_plain(buf_t *out, slice_t channel, const char *event)
{
    s_begin(out, channel, slice_of(event));
    buf_append_byte(out, '}');
}

void pusher_put_subscribed(buf_t *out, slice_t channel)
{
    s_begin(out, channel, SLICE_LIT("pusher_internal:subscription_succeeded"));
    buf_append_text(out, ",\"data\":\"{}\"}");
}

void pusher_put_refusal(buf_t *out, slice_t channel, const pusher_refusal_t *refusal)
{
    buf_t data = {0};
    buf_printf(&data, "{\"type\":\"%s\",\"error\":", refusal->type);
    json_put_text(&data, slice_of(refusal->why));
    buf_printf(&data, ",\"status\":%d}", refusal->status);
    s_begin(out, channel, SLICE_LIT("pusher:subscription_error"));
    s_end(out, &data);
}

/* ---- presence ---- */

static void s_put_info(buf_t *out, slice_t info)
{
    if (info.ptr != NULL)
        buf_append(out, info);
    else
        buf_append_text(out, "{}");
}

void pusher_put_presence(buf_t *out, slice_t channel, const pusher_hub_t *hub)
{
    buf_t ids = {0}, hash = {0}, data = {0};
    const struct pusher_person *person = NULL;
    size_t count = 0;
    while ((person = pusher_hub_person(hub, channel, person)) != NULL) {
        pusher_person_info_t shown = pusher_person_show(person);
        const char *comma = count++ > 0 ? "," : "";
        buf_append_text(&ids, comma);
        json_put_text(&ids, shown.id);
        buf_append_text(&hash, comma);
        json_put_text(&hash, shown.id);
        buf_append_byte(&hash, ':');
        s_put_info(&hash, shown.info);
    }
    buf_append_text(&data, "{\"presence\":{\"ids\":[");
    buf_append(&data, buf_slice(&ids));
    buf_append_text(&data, "],\"hash\":{");
    buf_append(&data, buf_slice(&hash));
    buf_printf(&data, "},\"count\":%zu}}", count);
    s_begin(out, channel, SLICE_LIT("pusher_internal:subscription_succeeded"));
    s_end(out, &data);
    buf_free(&ids);
    buf_free(&hash);
}

void pusher_put_member(buf_t *out, const pusher_person_info_t *person)
{
    buf_append_text(out, "{\"user_id\":");
    json_put_text(out, person->id);
    if (person->info.ptr != NULL) {
        buf_append_text(out, ",\"user_info\":");
        buf_append(out, person->info);
    }
    buf_append_byte(out, '}');
}

void pusher_put_signed_in(buf_t *out, slice_t user_data)
{
    buf_t data = {0};
    buf_append_text(&data, "{\"user_data\":");
    json_put_text(&data, user_data);
    buf_append_byte(&data, '}');
    buf_append_text(out, "{\"event\":\"pusher:signin_success\"");
    s_end(out, &data);
}
