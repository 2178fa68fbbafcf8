/* json.h - JSON documents (RFC 8259), read as a tree and written as bytes.
 *
 * Reading refuses malformed UTF-8, duplicate keys, NUL in texts, nesting beyond
 * LIMIT_JSON_DEPTH, numbers that no double can hold, and anything behind the document.  A
 * whole number beyond 64 bits is read as one with a fraction, so that the field that has
 * it gets named.  Texts point into the tree and live as long as it does. */
#ifndef SCHEMA_JSON_H
#define SCHEMA_JSON_H

#include "schema/buf.h"
#include "schema/err.h"

/* A node of a tree; only the root is owned. */
typedef struct json_node json_node_t;

MUST_CHECK err_t json_parse(slice_t text, const json_node_t **ret_root);
void json_free(const json_node_t **root_p);

bool json_is_object(const json_node_t *node);
bool json_is_array(const json_node_t *node);
bool json_is_null(const json_node_t *node);

/* A member of an object; NULL if it has none of that name or is no object. */
const json_node_t *json_member(const json_node_t *object, const char *name);

/* Items of an array; 0 and NULL for anything else. */
size_t json_count(const json_node_t *array);
const json_node_t *json_item(const json_node_t *array, size_t index);

/* True, and the value, if the node (which may be NULL) is of that kind. */
bool json_text(const json_node_t *node, slice_t *ret_text);
bool json_u64(const json_node_t *node, uint64_t *ret_value);
bool json_i64(const json_node_t *node, int64_t *ret_value);
bool json_bool(const json_node_t *node, bool *ret_value);
bool json_double(const json_node_t *node, double *ret_value); /* of a number with a fraction */

/* Call `each` for every member until it gives an error; that error. */
typedef err_t json_each_fn(void *ctx, const char *name, const json_node_t *value);
MUST_CHECK err_t json_each(const json_node_t *object, json_each_fn *each, void *ctx);

/* ---- writing ---- */

/* A quoted, escaped text; it must be well-formed UTF-8. */
void json_put_text(buf_t *out, slice_t text);
void json_put_u64(buf_t *out, uint64_t value);
void json_put_i64(buf_t *out, int64_t value);

/* A node with all that is in it, without white space; members keep their order. */
void json_put_node(buf_t *out, const json_node_t *node);

/* `"name":`, with a comma before it unless it is the first of its object; the name needs no escape. */
void json_put_name(buf_t *out, slice_t name);
void json_put_key(buf_t *out, const char *name);

/* A whole member. */
void json_put_text_member(buf_t *out, const char *name, slice_t text);
void json_put_u64_member(buf_t *out, const char *name, uint64_t value);

#endif
