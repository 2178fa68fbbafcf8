/* openapi.c - kith schema --openapi: the native REST API as OpenAPI 3.1.
 *
 * Paths, parameters, bodies and answers come from routes.def and the tables behind it;
 * only what is no call of the schema is written out here. */
#include <stdio.h>
#include <string.h>

#include "schema/err.h"
#include "tools/kith/command.h"
#include "tools/kith/jsonschema.h"

enum { NAME_SIZE = 128, PATH_SIZE = 256 };

/* A file's bytes, of whatever type. */
#define FILE_CONTENT \
    "\"application/octet-stream\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}"

/* ---- paths ---- */

/* "/v1/rooms/:room" as "/v1/rooms/{room}" */
static void s_path(const char *pattern, char ret_path[PATH_SIZE])
{
    size_t len = 0;
    bool inside = false;
    for (const char *at = pattern;; at++) {
        if (inside && (*at == '/' || *at == '\0')) {
            ret_path[len++] = '}';
            inside = false;
        }
        ret_path[len++] = *at == ':' ? '{' : *at;
        inside |= *at == ':';
        if (*at == '\0')
            return;
    }
}

static bool s_in_path(const rest_route_t *route, const field_t *field)
{
    char segment[NAME_SIZE];
    snprintf(segment, sizeof segment, "/:%s", field->name);
    const char *found = strstr(route->pattern, segment);
    return found != NULL && (found[strlen(segment)] == '/' || found[strlen(segment)] == '\0');
}

/* A body whose members are the call's fields; of a file the body is the content. */
static bool s_has_body(const rest_route_t *route)
{
    if (route->shown == SHOWN_TAKEN)
        return false;
    return strcmp(route->method, "POST") == 0 || strcmp(route->method, "PUT") == 0;
}

/* ---- parameters ---- */

static void s_put_parameter(buf_t *out, const field_t *field, bool in_path)
{
    buf_append_byte(out, '{');
    jsonschema_put_text(out, "name", field->name);
    jsonschema_put_text(out, "in", in_path ? "path" : "query");
    if (in_path || field->need == NEED_REQ)
        buf_append_text(out, ",\"required\":true");
    jsonschema_put_text(out, "description", field->doc);
    if (field->kind == KIND_IDS)
        buf_append_text(out, ",\"style\":\"form\",\"explode\":false");
    json_put_key(out, "schema");
    jsonschema_put_field(out, field);
    buf_append_byte(out, '}');
}

static bool s_takes_client_id(const call_type_t *type)
{
    return shape_field(type->shape(), SLICE_LIT("client_id")) != NULL;
}

static void s_put_parameters(buf_t *out, const rest_route_t *route)
{
    const call_type_t *type = call_type(route->call);
    const shape_t *shape = type->shape();
    size_t start = out->len;
    json_put_key(out, "parameters");
    buf_append_byte(out, '[');
    size_t empty = out->len;
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        bool in_path = s_in_path(route, field);
        if (!jsonschema_shown(field) || (!in_path && s_has_body(route)))
            continue;
        if (out->len > empty)
            buf_append_byte(out, ',');
        s_put_parameter(out, field, in_path);
    }
    if (s_takes_client_id(type)) {
        if (out->len > empty)
            buf_append_byte(out, ',');
        buf_append_text(out, "{\"$ref\":\"#/components/parameters/idempotency_key\"}");
    }
    bool none = out->len == empty;
    buf_append_byte(out, ']');
    if (none)
        out->len = start;
}

static bool s_left_out(const void *ctx, const field_t *field)
{
    return s_in_path(ctx, field);
}

static void s_put_body(buf_t *out, const rest_route_t *route)
{
    const shape_t *shape = call_type(route->call)->shape();
    size_t start = out->len;
    buf_append_text(out, ",\"requestBody\":{\"required\":true,\"content\":{");
    if (route->shown == SHOWN_TAKEN) {
        buf_append_text(out, FILE_CONTENT "}}");
        return;
    }
    buf_append_text(out, "\"application/json\":{\"schema\":");
    if (!s_has_body(route) || !jsonschema_put_rest(out, shape, s_left_out, route))
        out->len = start;
    else
        buf_append_text(out, "}}}");
}

/* ---- answers ---- */

/* What the edge adds to an answer on its way out. */
static void s_put_answer(buf_t *out, const rest_route_t *route)
{
    const shape_t *answer = jsonschema_answer(route);
    bool token = answer == shape_signed_in();
    if (!token && route->shown != SHOWN_PAGE) {
        jsonschema_put_ref(out, answer);
        return;
    }
    buf_append_text(out, "{\"allOf\":[");
    jsonschema_put_ref(out, answer);
    buf_printf(out, ",{\"$ref\":\"#/components/schemas/%s\"}]}", token ? "token" : "as_of");
}

static void s_put_responses(buf_t *out, const rest_route_t *route)
{
    const call_type_t *type = call_type(route->call);
    buf_printf(out, ",\"responses\":{\"%d\":{\"description\":", route->status);
    json_put_text(out, slice_of(route->shown == SHOWN_EMPTY ? "Done." : type->answer()->doc));
    if (route->shown == SHOWN_GIVEN) {
        buf_append_text(out, ",\"content\":{" FILE_CONTENT "}");
    } else if (route->shown != SHOWN_EMPTY) {
        buf_append_text(out, ",\"content\":{\"application/json\":{\"schema\":");
        s_put_answer(out, route);
        buf_append_text(out, "}}");
    }
    buf_append_text(out, "},\"4XX\":{\"$ref\":\"#/components/responses/refused\"}"
                         ",\"5XX\":{\"$ref\":\"#/components/responses/refused\"}}");
}

/* ---- operations ---- */

/* A call that two routes make has two names. */
static void s_operation_id(const rest_route_t *route, char ret_id[NAME_SIZE])
{
    const char *name = call_type(route->call)->name;
    const rest_route_t *first = rest_routes();
    while (first->call != route->call)
        first++;
    if (first == route)
        snprintf(ret_id, NAME_SIZE, "%s", name);
    else
        snprintf(ret_id, NAME_SIZE, "%s.%s", name, strrchr(route->pattern, '/') + 1);
}

static void s_put_security(buf_t *out, const call_type_t *type)
{
    const char *scope = call_scope(type->number);
    if (type->access == ACCESS_ANYONE)
        buf_append_text(out, ",\"security\":[]");
    else if (scope[0] != '\0')
        jsonschema_put_text(out, "x-scope", scope);
}

static void s_put_operation(buf_t *out, const rest_route_t *route)
{
    const call_type_t *type = call_type(route->call);
    char id[NAME_SIZE];
    s_operation_id(route, id);
    for (const char *at = route->method; *at != '\0'; at++)
        buf_append_byte(out, (uint8_t)(*at | 0x20));
    buf_append_text(out, "\":{");
    jsonschema_put_text(out, "operationId", id);
    jsonschema_put_text(out, "summary", type->doc);
    buf_printf(out, ",\"tags\":[\"%s\"]", choice_word(choices_owner, (int)type->owner));
    s_put_security(out, type);
    s_put_parameters(out, route);
    s_put_body(out, route);
    s_put_responses(out, route);
    buf_append_byte(out, '}');
}

static bool s_first_of_path(const rest_route_t *route)
{
    for (const rest_route_t *other = rest_routes(); other != route; other++)
        if (strcmp(other->pattern, route->pattern) == 0)
            return false;
    return true;
}

static void s_put_path(buf_t *out, const rest_route_t *first)
{
    char path[PATH_SIZE];
    const char *comma = "";
    s_path(first->pattern, path);
    json_put_key(out, path);
    buf_append_byte(out, '{');
    for (const rest_route_t *route = first; route->method != NULL; route++) {
        if (strcmp(route->pattern, first->pattern) != 0)
            continue;
        buf_printf(out, "%s\"", comma);
        s_put_operation(out, route);
        comma = ",";
    }
    buf_append_byte(out, '}');
}

/* What is no call of the schema. */
static void s_put_others(buf_t *out)
{
    buf_append_text(
        out,
        ",\"/v1/events\":{\"get\":{\"operationId\":\"events.stream\",\"summary\":"
        "\"Hear what happens, as server-sent events.\",\"description\":\"The WebSocket's frames, "
        "one an event; asyncapi.json has their shapes.\",\"tags\":[\"server\"],\"parameters\":["
        "{\"name\":\"since\",\"in\":\"query\",\"description\":\"Go on after this sequence\","
        "\"schema\":{\"type\":\"integer\"}},"
        "{\"name\":\"Last-Event-ID\",\"in\":\"header\",\"description\":\"The same, as an "
        "EventSource sends it by itself\",\"schema\":{\"type\":\"integer\"}},"
        "{\"name\":\"token\",\"in\":\"query\",\"description\":\"For an EventSource, which sends "
        "no header\",\"schema\":{\"type\":\"string\"}}],"
        "\"responses\":{\"200\":{\"description\":\"A stream without an end.\",\"content\":"
        "{\"text/event-stream\":{\"schema\":{\"type\":\"string\"}}}},"
        "\"4XX\":{\"$ref\":\"#/components/responses/refused\"},"
        "\"5XX\":{\"$ref\":\"#/components/responses/refused\"}}}}");
    static const struct {
        const char *path, *id, *summary;
    } probes[] = {
        {"/healthz", "server.health", "200 while the process lives."},
        {"/readyz", "server.readiness", "200 once everything serves, else 503."},
    };
    for (size_t i = 0; i < COUNT_OF(probes); i++)
        buf_printf(out,
                   ",\"%s\":{\"get\":{\"operationId\":\"%s\",\"summary\":\"%s\",\"tags\":"
                   "[\"server\"],\"security\":[],\"responses\":{\"200\":{\"description\":"
                   "\"Yes.\"},\"4XX\":{\"$ref\":\"#/components/responses/refused\"},\"5XX\":"
                   "{\"description\":\"Not now.\"}}}}",
                   probes[i].path, probes[i].id, probes[i].summary);
}

/* ---- the document ---- */

static void s_put_head(buf_t *out)
{
    buf_append_text(
        out,
        "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Kith\",\"version\":\"" KITH_VERSION "\","
        "\"summary\":\"A self-hosted realtime backend: the native REST API.\","
        "\"description\":\"Printed by `kith schema --openapi` from the tables in schema/. Live "
        "events and the same calls over a WebSocket are in asyncapi.json.\","
        "\"license\":{\"name\":\"MIT\",\"identifier\":\"MIT\"}},"
        "\"servers\":[{\"url\":\"{origin}\",\"description\":\"Your own server\",\"variables\":"
        "{\"origin\":{\"default\":\"http://127.0.0.1:8080\"}}}],"
        "\"security\":[{\"token\":[]}],\"tags\":[");
    static const owner_t owners[] = {owner_SESSION, owner_ROOM, owner_SEARCH, owner_MATCHING};
    for (size_t i = 0; i < COUNT_OF(owners); i++)
        buf_printf(out, "{\"name\":\"%s\",\"description\":\"Calls of the %s actor\"},",
                   choice_word(choices_owner, (int)owners[i]),
                   choice_word(choices_owner, (int)owners[i]));
    buf_append_text(out, "{\"name\":\"server\",\"description\":\"The server itself\"}]");
}

static void s_put_error_names(buf_t *out)
{
    for (int err = ERR_OK + 1; err < ERR_COUNT_; err++) {
        buf_append_text(out, err > ERR_OK + 1 ? "," : "");
        json_put_text(out, slice_of(err_info((err_t)err)->name));
    }
}

static void s_put_components(buf_t *out)
{
    buf_append_text(
        out,
        ",\"components\":{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\","
        "\"bearerFormat\":\"JWT\",\"description\":\"From sign-up or sign-in, or an API key\"}},"
        "\"parameters\":{\"idempotency_key\":{\"name\":\"Idempotency-Key\",\"in\":\"header\","
        "\"description\":\"The same as `client_id`\",\"schema\":{\"type\":\"string\","
        "\"maxLength\":64}}},"
        "\"responses\":{\"refused\":{\"description\":\"Refused: the error says why, and whether "
        "the same request may succeed later.\",\"headers\":{\"Retry-After\":{\"description\":"
        "\"Seconds to wait, with 429 and 503\",\"schema\":{\"type\":\"integer\"}}},\"content\":"
        "{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/refusal\"}}}}},"
        "\"schemas\":{"
        "\"token\":{\"type\":\"object\",\"required\":[\"token\"],\"properties\":{\"token\":"
        "{\"type\":\"string\",\"description\":\"To sign in with from now on\"}}},"
        "\"as_of\":{\"type\":\"object\",\"required\":[\"as_of\"],\"properties\":{\"as_of\":"
        "{\"type\":\"integer\",\"description\":\"Journal sequence that the answer reflects: a "
        "point to connect the WebSocket from\"}}},"
        "\"refusal\":{\"type\":\"object\",\"required\":[\"error\"],\"properties\":{\"error\":"
        "{\"type\":\"object\",\"required\":[\"name\",\"status\",\"message\",\"retryable\"],"
        "\"properties\":{\"name\":{\"type\":\"string\",\"enum\":[");
    s_put_error_names(out);
    buf_append_text(out,
                    "]},\"status\":{\"type\":\"integer\"},\"message\":{\"type\":\"string\"},"
                    "\"retryable\":{\"type\":\"boolean\"},\"detail\":{\"type\":\"string\"}}}}}");
    jsonschema_put_components(out, DOOR_REST);
    buf_append_text(out, "}}");
}

void openapi_print(void)
{
    buf_t out = {0};
    s_put_head(&out);
    buf_append_text(&out, ",\"paths\":{");
    for (const rest_route_t *route = rest_routes(); route->method != NULL; route++)
        if (s_first_of_path(route))
            s_put_path(&out, route);
    s_put_others(&out);
    buf_append_byte(&out, '}');
    s_put_components(&out);
    buf_append_byte(&out, '}');
    jsonschema_print(buf_slice(&out));
    buf_free(&out);
}
