/* json.c - jansson reads, a few lines of ours write.
 *
 * A json_node_t is jansson's json_t under another name: the casts are only here. */
#include "schema/json.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>

#include "schema/limits.h"

/* Up to here all of JSON's readers agree on a number (RFC 8259, section 6). */
static const int64_t JSON_INTEGER_MAX = (INT64_C(1) << 53) - 1;

#undef json_is_object /* jansson's macros of the same names */
#undef json_is_array
#undef json_is_null

static const json_t *s_in(const json_node_t *node)
{
    return (const json_t *)node;
}

static bool s_is(const json_node_t *node, json_type type)
{
    return node != NULL && json_typeof(s_in(node)) == type;
}

/* Whether brackets nest deeper than allowed; what is in quotes does not count.  Looked
 * at before parsing, since jansson's own bound is 2,048 levels of recursion. */
static bool s_too_deep(slice_t text)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (byte == '"')
            quoted = !quoted;
        else if (quoted && byte == '\\')
            i++;
        else if (!quoted && (byte == '[' || byte == '{') && ++depth > LIMIT_JSON_DEPTH)
            return true;
        else if (!quoted && (byte == ']' || byte == '}') && depth > 0)
            depth--;
    }
    return false;
}

/* Integers beyond 64 bits are no fault of form: they are read as reals, which no
 * whole number is, so that the field that has one gets named. */
static json_t *s_load(slice_t text)
{
    enum { FLAGS = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY };
    json_error_t fault;
    json_t *root = json_loadb((const char *)text.ptr, text.len, FLAGS, &fault);
    if (root == NULL && json_error_code(&fault) == json_error_numeric_overflow)
        root =
            json_loadb((const char *)text.ptr, text.len, FLAGS | JSON_DECODE_INT_AS_REAL, &fault);
    return root;
}

err_t json_parse(slice_t text, const json_node_t **ret_root)
{
    json_t *root = s_too_deep(text) ? NULL : s_load(text);
    if (root == NULL)
        return ERR_MALFORMED;
    *ret_root = (const json_node_t *)root;
    return ERR_OK;
}

void json_free(const json_node_t **root_p)
{
    json_decref((json_t *)(uintptr_t)*root_p);
    *root_p = NULL;
}

bool json_is_object(const json_node_t *node)
{
    return s_is(node, JSON_OBJECT);
}

bool json_is_array(const json_node_t *node)
{
    return s_is(node, JSON_ARRAY);
}

bool json_is_null(const json_node_t *node)
{
    return s_is(node, JSON_NULL);
}

const json_node_t *json_member(const json_node_t *object, const char *name)
{
    return object == NULL ? NULL : (const json_node_t *)json_object_get(s_in(object), name);
}

size_t json_count(const json_node_t *array)
{
    return json_is_array(array) ? json_array_size(s_in(array)) : 0;
}

const json_node_t *json_item(const json_node_t *array, size_t index)
{
    return array == NULL ? NULL : (const json_node_t *)json_array_get(s_in(array), index);
}

bool json_text(const json_node_t *node, slice_t *ret_text)
{
    if (!s_is(node, JSON_STRING))
        return false;
    *ret_text = slice_new(json_string_value(s_in(node)), json_string_length(s_in(node)));
    return true;
}

bool json_i64(const json_node_t *node, int64_t *ret_value)
{
    if (!s_is(node, JSON_INTEGER))
        return false;
    *ret_value = json_integer_value(s_in(node));
    return true;
}

bool json_u64(const json_node_t *node, uint64_t *ret_value)
{
    int64_t value;
    if (!json_i64(node, &value) || value < 0 || value > JSON_INTEGER_MAX)
        return false;
    *ret_value = (uint64_t)value;
    return true;
}

bool json_bool(const json_node_t *node, bool *ret_value)
{
    if (!s_is(node, JSON_TRUE) && !s_is(node, JSON_FALSE))
        return false;
    *ret_value = s_is(node, JSON_TRUE);
    return true;
}

bool json_double(const json_node_t *node, double *ret_value)
{
    if (!s_is(node, JSON_REAL))
        return false;
    *ret_value = json_real_value(s_in(node));
    return true;
}

err_t json_each(const json_node_t *object, json_each_fn *each, void *ctx)
{
    assert(json_is_object(object));
    json_t *members = (json_t *)(uintptr_t)s_in(object);
    for (void *at = json_object_iter(members); at != NULL;
         at = json_object_iter_next(members, at)) {
        const json_node_t *value = (const json_node_t *)json_object_iter_value(at);
        err_t err = each(ctx, json_object_iter_key(at), value);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

/* ---- writing ---- */

static void s_put_escape(buf_t *out, uint8_t byte)
{
    static const char letters[] = "btnvfr"; /* for 8 to 13; \v is not JSON's */
    bool named = byte >= 8 && byte <= 13 && byte != 11;
    if (byte == '"' || byte == '\\')
        buf_append(out, slice_new((uint8_t[]){'\\', byte}, 2));
    else if (named)
        buf_append(out, slice_new((uint8_t[]){'\\', (uint8_t)letters[byte - 8]}, 2));
    else
        buf_printf(out, "\\u%04x", byte);
}

static bool s_plain(uint8_t byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

void json_put_text(buf_t *out, slice_t text)
{
    buf_append_byte(out, '"');
    size_t start = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (s_plain(text.ptr[i]))
            continue;
        buf_append(out, slice_new(text.ptr + start, i - start));
        s_put_escape(out, text.ptr[i]);
        start = i + 1;
    }
    if (start < text.len)
        buf_append(out, slice_from(text, start)); /* of no text there is no pointer to add to */
    buf_append_byte(out, '"');
}

void json_put_u64(buf_t *out, uint64_t value)
{
    uint8_t digits[20];
    size_t count = 0;
    do {
        digits[sizeof digits - ++count] = (uint8_t)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_append(out, slice_new(digits + sizeof digits - count, count));
}

void json_put_i64(buf_t *out, int64_t value)
{
    if (value < 0)
        buf_append_byte(out, '-');
    json_put_u64(out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void json_put_key(buf_t *out, const char *name)
{
    if (out->len > 0 && out->data[out->len - 1] != '{')
        buf_append_byte(out, ',');
    buf_append_byte(out, '"');
    buf_append_text(out, name);
    buf_append_text(out, "\":");
}

static int s_on_dump(const char *bytes, size_t len, void *ctx)
{
    buf_append(ctx, slice_new(bytes, len));
    return 0;
}

void json_put_node(buf_t *out, const json_node_t *node)
{
    int failed = json_dump_callback(s_in(node), s_on_dump, out, JSON_COMPACT | JSON_ENCODE_ANY);
    assert(failed == 0); /* it was read as well-formed */
}
