#include "tools/kith/jsonschema.h"

#include <stdio.h>

/* The greatest integer that every JSON reader keeps exactly. */
static const uint64_t s_integer_max = (UINT64_C(1) << 53) - 1;

enum { SHAPES_MAX = 256 };

void jsonschema_put_text(buf_t *out, const char *key, const char *text)
{
    json_put_key(out, key);
    json_put_text(out, slice_of(text));
}

void jsonschema_put_number(buf_t *out, const char *key, uint64_t number)
{
    json_put_key(out, key);
    json_put_u64(out, number);
}

bool jsonschema_shown(const field_t *field)
{
    return field->need != NEED_HID;
}

/* ---- fields ---- */

void jsonschema_put_ref(buf_t *out, const shape_t *shape)
{
    buf_printf(out, "{\"$ref\":\"#/components/schemas/%s\"}", shape->name);
}

static void s_put_integer(buf_t *out, const field_t *field)
{
    jsonschema_put_text(out, "type", "integer");
    jsonschema_put_number(out, "minimum", field->min);
    jsonschema_put_number(out, "maximum", field->max > 0 ? field->max : s_integer_max);
}

static void s_put_string(buf_t *out, const field_t *field)
{
    jsonschema_put_text(out, "type", "string");
    if (field->min > 0)
        jsonschema_put_number(out, "minLength", field->min);
    if (field->max > 0)
        jsonschema_put_number(out, "maxLength", field->max);
    if (field->need == NEED_SEC)
        jsonschema_put_text(out, "format", "password");
}

static void s_put_words(buf_t *out, choices_fn *words)
{
    jsonschema_put_text(out, "type", "string");
    json_put_key(out, "enum");
    for (const choice_t *choice = words(); choice->word != NULL; choice++) {
        buf_append_text(out, choice == words() ? "[" : ",");
        json_put_text(out, slice_of(choice->word));
    }
    buf_append_byte(out, ']');
}

static void s_put_array(buf_t *out, const field_t *field)
{
    jsonschema_put_text(out, "type", "array");
    if (field->max > 0)
        jsonschema_put_number(out, "maxItems", field->max);
    json_put_key(out, "items");
    if (field->kind == KIND_LIST)
        jsonschema_put_ref(out, field->shape());
    else
        buf_append_text(out, "{\"type\":\"integer\"}");
}

static void s_put_kind(buf_t *out, const field_t *field)
{
    switch (field->kind) {
    case KIND_U64:
        s_put_integer(out, field);
        return;
    case KIND_I64:
    case KIND_TIME:
        jsonschema_put_text(out, "type", "integer");
        jsonschema_put_text(out, "format", "int64");
        return;
    case KIND_BOOL:
        jsonschema_put_text(out, "type", "boolean");
        return;
    case KIND_STR:
    case KIND_BIN:
        s_put_string(out, field);
        return;
    case KIND_CHOICE:
        s_put_words(out, field->choices);
        return;
    case KIND_OBJECT:
        buf_printf(out, "\"$ref\":\"#/components/schemas/%s\"", field->shape()->name);
        return;
    case KIND_LIST:
    case KIND_IDS:
        s_put_array(out, field);
        return;
    }
}

void jsonschema_put_field(buf_t *out, const field_t *field)
{
    buf_append_byte(out, '{');
    s_put_kind(out, field);
    jsonschema_put_text(out, "description", field->doc);
    buf_append_byte(out, '}');
}

/* ---- shapes ---- */

static void s_put_required(buf_t *out, const shape_t *shape, jsonschema_field_fn *left_out,
                           const void *ctx)
{
    size_t count = 0;
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        bool needed = field->need == NEED_REQ || field->need == NEED_SEC;
        if (!needed || (left_out != NULL && left_out(ctx, field)))
            continue;
        if (count++ == 0)
            json_put_key(out, "required");
        buf_append_text(out, count == 1 ? "[" : ",");
        json_put_text(out, slice_of(field->name));
    }
    if (count > 0)
        buf_append_byte(out, ']');
}

bool jsonschema_put_rest(buf_t *out, const shape_t *shape, jsonschema_field_fn *left_out,
                         const void *ctx)
{
    size_t start = out->len, count = 0;
    buf_append_text(out, "{\"type\":\"object\",\"properties\":{");
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        if (!jsonschema_shown(field) || (left_out != NULL && left_out(ctx, field)))
            continue;
        json_put_key(out, field->name);
        jsonschema_put_field(out, field);
        count++;
    }
    buf_append_byte(out, '}');
    s_put_required(out, shape, left_out, ctx);
    buf_append_byte(out, '}');
    if (count == 0)
        out->len = start;
    return count > 0;
}

void jsonschema_put_shape(buf_t *out, const shape_t *shape)
{
    if (!jsonschema_put_rest(out, shape, NULL, NULL))
        buf_append_text(out, "{\"type\":\"object\"}");
}

/* ---- components ---- */

/* Shapes that clients meet; each once. */
typedef struct met {
    const shape_t *shapes[SHAPES_MAX];
    size_t count;
} met_t;

static void s_meet(met_t *met, const shape_t *shape);

static void s_meet_fields(met_t *met, const shape_t *shape)
{
    for (size_t i = 0; i < shape->count; i++)
        if (shape->fields[i].shape != NULL && jsonschema_shown(&shape->fields[i]))
            s_meet(met, shape->fields[i].shape());
}

static void s_meet(met_t *met, const shape_t *shape)
{
    for (size_t i = 0; i < met->count; i++)
        if (met->shapes[i] == shape)
            return;
    if (met->count == SHAPES_MAX)
        return;
    met->shapes[met->count++] = shape;
    s_meet_fields(met, shape);
}

bool jsonschema_on_socket(const call_type_t *type)
{
    return type->access == ACCESS_PERSON || type->access == ACCESS_STAFF;
}

static void s_meet_socket(met_t *met)
{
    for (const call_type_t *type = call_types(); type->shape != NULL; type++)
        if (jsonschema_on_socket(type)) {
            s_meet_fields(met, type->shape());
            s_meet(met, type->answer());
        }
    for (const event_type_t *type = event_types(); type->shape != NULL; type++)
        if ((type->flags & EVENT_SHOWN) != 0)
            s_meet_fields(met, type->shape());
}

const shape_t *jsonschema_answer(const rest_route_t *route)
{
    return route->shown == SHOWN_TAKEN ? shape_file() : call_type(route->call)->answer();
}

static void s_meet_rest(met_t *met)
{
    for (const rest_route_t *route = rest_routes(); route->method != NULL; route++) {
        s_meet_fields(met, call_type(route->call)->shape());
        if (route->shown != SHOWN_EMPTY)
            s_meet(met, jsonschema_answer(route));
    }
}

void jsonschema_put_components(buf_t *out, door_t door)
{
    met_t met = {.count = 0};
    if (door == DOOR_REST)
        s_meet_rest(&met);
    else
        s_meet_socket(&met);
    for (shape_fn *const *shape = entity_shapes(); *shape != NULL; shape++)
        for (size_t i = 0; i < met.count; i++)
            if (met.shapes[i] == (*shape)()) {
                json_put_key(out, met.shapes[i]->name);
                jsonschema_put_shape(out, met.shapes[i]);
            }
}

/* ---- for people ---- */

static void s_break(int depth)
{
    putchar('\n');
    for (int i = 0; i < depth; i++)
        fputs("  ", stdout);
}

/* Up to and with the closing quote. */
static size_t s_print_text(slice_t json, size_t at)
{
    putchar('"');
    while (json.ptr[++at] != '"') {
        if (json.ptr[at] == '\\')
            putchar(json.ptr[at++]);
        putchar(json.ptr[at]);
    }
    putchar('"');
    return at;
}

static bool s_opens(char byte)
{
    return byte == '{' || byte == '[';
}

static bool s_closes(char byte)
{
    return byte == '}' || byte == ']';
}

void jsonschema_print(slice_t json)
{
    int depth = 0;
    char before = '\0';
    for (size_t at = 0; at < json.len; at++) {
        char byte = (char)json.ptr[at];
        depth -= s_closes(byte);
        if (before == ',' || s_opens(before) != s_closes(byte))
            s_break(depth);
        if (byte == '"')
            at = s_print_text(json, at);
        else
            putchar(byte);
        if (byte == ':')
            putchar(' ');
        depth += s_opens(byte);
        before = byte;
    }
    putchar('\n');
}
