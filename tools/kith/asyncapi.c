/* asyncapi.c - kith schema --asyncapi: the native WebSocket as AsyncAPI 3.0.
 *
 * One channel, /v1/ws: calls go up, replies and events come down, a JSON object a frame. */
#include "tools/kith/command.h"
#include "tools/kith/jsonschema.h"

static bool s_shown(const event_type_t *type)
{
    return (type->flags & EVENT_SHOWN) != 0;
}

/* ---- messages ---- */

static void s_begin_message(buf_t *out, const char *kind, const char *name, const char *doc)
{
    buf_printf(out, "%s\"%s:%s\":{\"name\":\"%s\",\"summary\":",
               out->data[out->len - 1] == '{' ? "" : ",", kind, name, name);
    json_put_text(out, slice_of(doc));
    buf_append_text(out, ",\"payload\":{\"type\":\"object\",\"properties\":{");
}

static void s_put_call(buf_t *out, const call_type_t *type)
{
    s_begin_message(out, "call", type->name, type->doc);
    buf_printf(out,
               "\"id\":{\"type\":\"integer\",\"description\":\"Your number for the reply\"},"
               "\"type\":{\"const\":\"%s\"},\"body\":",
               type->name);
    jsonschema_put_shape(out, type->shape());
    buf_append_text(out, "},\"required\":[\"id\",\"type\"]}}");
}

/* To a session the edge adds its token. */
static void s_put_answer(buf_t *out, const shape_t *answer)
{
    if (answer != shape_signed_in()) {
        jsonschema_put_ref(out, answer);
        return;
    }
    buf_append_text(out, "{\"allOf\":[");
    jsonschema_put_ref(out, answer);
    buf_append_text(out, ",{\"type\":\"object\",\"required\":[\"token\"],\"properties\":"
                         "{\"token\":{\"type\":\"string\",\"description\":"
                         "\"To sign in with from now on\"}}}]}");
}

static void s_put_reply(buf_t *out, const call_type_t *type)
{
    s_begin_message(out, "reply", type->name, type->answer()->doc);
    buf_append_text(out, "\"id\":{\"type\":\"integer\"},\"type\":{\"const\":\"reply\"},"
                         "\"as_of\":{\"type\":\"integer\"},\"body\":");
    s_put_answer(out, type->answer());
    buf_append_text(out, "},\"required\":[\"id\",\"type\",\"as_of\",\"body\"]}}");
}

static void s_put_event(buf_t *out, const event_type_t *type)
{
    s_begin_message(out, "event", type->name, type->doc);
    if ((type->flags & EVENT_VOLATILE) == 0)
        buf_append_text(out, "\"seq\":{\"type\":\"integer\",\"description\":\"The journal's "
                             "sequence: resume with since=\"},");
    buf_printf(out,
               "\"type\":{\"const\":\"%s\"},\"time\":{\"type\":\"integer\"},\"body\":", type->name);
    jsonschema_put_shape(out, type->shape());
    buf_append_text(out, "},\"required\":[\"type\",\"time\",\"body\"]}}");
}

static void s_put_messages(buf_t *out)
{
    s_begin_message(out, "server", "welcome", "Where the connection stands; comes first.");
    buf_append_text(out, "\"type\":{\"const\":\"welcome\"},\"as_of\":{\"type\":\"integer\"},"
                         "\"body\":{\"type\":\"object\",\"properties\":{\"account\":{\"type\":"
                         "\"integer\"},\"session\":{\"type\":\"integer\"},\"resumed\":{\"type\":"
                         "\"boolean\"},\"first\":{\"type\":\"integer\",\"description\":"
                         "\"Nothing is resumed, for the journal begins here.\"}}}}}}");
    s_begin_message(out, "server", "error", "A call was refused.");
    buf_append_text(out,
                    "\"id\":{\"type\":\"integer\"},\"type\":{\"const\":\"error\"},\"error\":"
                    "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},"
                    "\"status\":{\"type\":\"integer\"},\"message\":{\"type\":\"string\"},"
                    "\"retryable\":{\"type\":\"boolean\"},\"detail\":{\"type\":\"string\"}}}}}}");
    for (const call_type_t *type = call_types(); type->shape != NULL; type++)
        if (jsonschema_on_socket(type)) {
            s_put_call(out, type);
            s_put_reply(out, type);
        }
    for (const event_type_t *type = event_types(); type->shape != NULL; type++)
        if (s_shown(type))
            s_put_event(out, type);
}

/* ---- operations ---- */

static void s_put_message_ref(buf_t *out, const char *kind, const char *name)
{
    buf_printf(out, "%s{\"$ref\":\"#/channels/socket/messages/%s:%s\"}",
               out->data[out->len - 1] == '[' ? "" : ",", kind, name);
}

static void s_put_operations(buf_t *out)
{
    buf_append_text(out, ",\"operations\":{\"call\":{\"action\":\"receive\",\"summary\":"
                         "\"Commands and queries, answered in any order.\",\"channel\":"
                         "{\"$ref\":\"#/channels/socket\"},\"messages\":[");
    for (const call_type_t *type = call_types(); type->shape != NULL; type++)
        if (jsonschema_on_socket(type))
            s_put_message_ref(out, "call", type->name);
    buf_append_text(out, "]},\"hear\":{\"action\":\"send\",\"summary\":\"Replies, and events in "
                         "the journal's order.\",\"channel\":{\"$ref\":\"#/channels/socket\"},"
                         "\"messages\":[");
    s_put_message_ref(out, "server", "welcome");
    s_put_message_ref(out, "server", "error");
    for (const call_type_t *type = call_types(); type->shape != NULL; type++)
        if (jsonschema_on_socket(type))
            s_put_message_ref(out, "reply", type->name);
    for (const event_type_t *type = event_types(); type->shape != NULL; type++)
        if (s_shown(type))
            s_put_message_ref(out, "event", type->name);
    buf_append_text(out, "]}}");
}

void asyncapi_print(void)
{
    buf_t out = {0};
    buf_append_text(
        &out,
        "{\"asyncapi\":\"3.0.0\",\"info\":{\"title\":\"Kith\",\"version\":\"" KITH_VERSION "\","
        "\"description\":\"The native WebSocket. Printed by `kith schema --asyncapi` from the "
        "tables in schema/.\",\"license\":{\"name\":\"MIT\"}},"
        "\"servers\":{\"own\":{\"host\":\"127.0.0.1:8080\",\"protocol\":\"ws\"}},"
        "\"defaultContentType\":\"application/json\",\"channels\":{\"socket\":{\"address\":"
        "\"/v1/ws\",\"description\":\"Sign in with ?token= or a Bearer header; resume with "
        "?since=. Subprotocol kith.v1.json or kith.v1.msgpack.\",\"messages\":{");
    s_put_messages(&out);
    buf_append_text(&out, "}}}");
    s_put_operations(&out);
    buf_append_text(&out, ",\"components\":{\"schemas\":{");
    jsonschema_put_components(&out, DOOR_SOCKET);
    buf_append_text(&out, "}}}");
    jsonschema_print(buf_slice(&out));
    buf_free(&out);
}
