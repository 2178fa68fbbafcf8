/* jsonschema.h - shapes as JSON Schema (2020-12), for the documents that want it.
 *
 * What no client may see is left out.  Names of shapes become names of components. */
#ifndef TOOLS_KITH_JSONSCHEMA_H
#define TOOLS_KITH_JSONSCHEMA_H

#include "schema/json.h"
#include "schema/type.h"

/* Whether clients see this field; secrets they only send. */
bool jsonschema_shown(const field_t *field);

/* `{"type":…}` of one field, with its bounds and its meaning. */
void jsonschema_put_field(buf_t *out, const field_t *field);

/* `{"type":"object",…}` of a shape. */
void jsonschema_put_shape(buf_t *out, const shape_t *shape);

/* The same without the fields that `left_out` says; false if none is left, and nothing
 * was put. */
typedef bool jsonschema_field_fn(const void *ctx, const field_t *field);
bool jsonschema_put_rest(buf_t *out, const shape_t *shape, jsonschema_field_fn *left_out,
                         const void *ctx);

/* `{"$ref":"#/components/schemas/name"}` */
void jsonschema_put_ref(buf_t *out, const shape_t *shape);

/* Members `"name":{…}` of all entities and answers that a client of the door meets. */
typedef enum door { DOOR_REST, DOOR_SOCKET } door_t;
void jsonschema_put_components(buf_t *out, door_t door);

/* Whether the call can be made on the WebSocket: all but signing in and up. */
bool jsonschema_on_socket(const call_type_t *type);

/* What a route is answered with: of an upload the file that came of it. */
const shape_t *jsonschema_answer(const rest_route_t *route);

/* Members of an object being written: a key with a text, a number or a truth. */
void jsonschema_put_text(buf_t *out, const char *key, const char *text);
void jsonschema_put_number(buf_t *out, const char *key, uint64_t number);

/* Compact JSON on stdout, indented for people and for diffs. */
void jsonschema_print(slice_t json);

#endif
