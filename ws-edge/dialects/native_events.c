/* native_events.c - the native API's events as an event stream, for those who only listen.
 *
 *     id: 1042
 *     event: room.posted
 *     data: {"seq":1042,"type":"room.posted","time":…,"body":{…}}
 *
 * `data` is the WebSocket's frame, and `id` what resumes behind it: a browser's
 * EventSource sends the last one again by itself (WHATWG HTML, section 9.2). */
#include "ws-edge/dialects/native.h"

/* An EventSource cannot set headers, so that the query may have the token here too. */
static err_t s_credential(const request_t *request, arena_t *arena, slice_t *ret_token)
{
    err_t err = native_credential(request, arena, ret_token);
    return err == ERR_NOT_FOUND ? request_query(request, "token", arena, ret_token) : err;
}

/* Who comes back has the same query as before, and says more in the header. */
static err_t s_greet(const request_t *request, arena_t *arena, greeting_t *ret_greeting)
{
    slice_t last = request_header(request, "last-event-id");
    return last.len > 0 ? native_since(last, ret_greeting)
                        : native_greet(request, arena, ret_greeting);
}

/* JSON as we write it has no line breaks, so it is one line of data. */
static void s_begin(buf_t *out, uint64_t seq, const char *type)
{
    if (seq > 0) {
        buf_append_text(out, "id: ");
        json_put_u64(out, seq);
        buf_append_byte(out, '\n');
    }
    buf_append_text(out, "event: ");
    buf_append_text(out, type);
    buf_append_text(out, "\ndata: ");
}

static void s_welcome(talk_t *talk, const standing_t *standing)
{
    s_begin(talk->out, standing->as_of, "welcome");
    native_put_welcome(talk->out, talk->who, standing);
    buf_append_text(talk->out, "\n\n");
    talk->verbs->send(talk);
}

static bool s_event(const event_t *event, const void *state, buf_t *out)
{
    s_begin(out, event->seq, event->type->name);
    bool shown = native_event(event, state, out);
    buf_append_text(out, "\n\n");
    return shown;
}

const dialect_t native_events_dialect = {
    .name = "native.events",
    .credential = s_credential,
    .refuse = native_refuse,
    .socket_path = "/v1/events",
    .framing = FRAMING_STREAM,
    .greet = s_greet,
    .welcome = s_welcome,
    .event = s_event,
};
