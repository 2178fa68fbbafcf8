/* json.c - the values of a tree, and JSON as bytes. */
#include "schema/json.h"

#include <assert.h>
#include <stdio.h>

#include "schema/json_tree.h"

/* Up to here all of JSON's readers agree on a number (RFC 8259, section 6). */
static const int64_t JSON_INTEGER_MAX = (INT64_C(1) << 53) - 1;

static bool s_is(const json_node_t *node, json_kind_t kind)
{
    return node != NULL && node->kind == kind;
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
    if (!json_is_object(object))
        return NULL;
    for (size_t i = 0; i < object->count; i++)
        if (strcmp(object->items[i].name, name) == 0)
            return &object->items[i];
    return NULL;
}

size_t json_count(const json_node_t *array)
{
    return json_is_array(array) ? array->count : 0;
}

const json_node_t *json_item(const json_node_t *array, size_t index)
{
    return index < json_count(array) ? &array->items[index] : NULL;
}

bool json_text(const json_node_t *node, slice_t *ret_text)
{
    if (!s_is(node, JSON_TEXT))
        return false;
    *ret_text = slice_new(node->text, node->count);
    return true;
}

bool json_i64(const json_node_t *node, int64_t *ret_value)
{
    if (!s_is(node, JSON_INTEGER))
        return false;
    *ret_value = node->integer;
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
    *ret_value = node->real;
    return true;
}

err_t json_each(const json_node_t *object, json_each_fn *each, void *ctx)
{
    assert(json_is_object(object));
    for (size_t i = 0; i < object->count; i++) {
        err_t err = each(ctx, object->items[i].name, &object->items[i]);
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

void json_put_text(buf_t *out, slice_t text)
{
    buf_append_byte(out, '"');
    while (text.len > 0) {
        size_t ordinary = json_ordinary(text);
        buf_append(out, slice_new(text.ptr, ordinary));
        text = slice_from(text, ordinary);
        if (text.len == 0)
            break;
        s_put_escape(out, text.ptr[0]);
        text = slice_from(text, 1);
    }
    buf_append_byte(out, '"');
}

void json_put_u64(buf_t *out, uint64_t value)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";
    char digits[20], *at = digits + sizeof digits;
    for (; value >= 10; value /= 100)
        memcpy(at -= 2, pairs + 2 * (value % 100), 2);
    if (value > 0 || at == digits + sizeof digits)
        *--at = (char)('0' + value);
    buf_append(out, slice_new(at, (size_t)(digits + sizeof digits - at)));
}

void json_put_i64(buf_t *out, int64_t value)
{
    if (value < 0)
        buf_append_byte(out, '-');
    json_put_u64(out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void json_put_name(buf_t *out, slice_t name)
{
    if (out->len > 0 && out->data[out->len - 1] != '{')
        buf_append_byte(out, ',');
    buf_append_byte(out, '"');
    buf_append(out, name);
    buf_append(out, SLICE_LIT("\":"));
}

void json_put_key(buf_t *out, const char *name)
{
    json_put_name(out, slice_of(name));
}

void json_put_text_member(buf_t *out, const char *name, slice_t text)
{
    json_put_key(out, name);
    json_put_text(out, text);
}

void json_put_u64_member(buf_t *out, const char *name, uint64_t value)
{
    json_put_key(out, name);
    json_put_u64(out, value);
}

/* With as many digits as tell it from any other; a sign of the program's language for the
 * fraction becomes a point, and what has none gets one, to be read as a real again. */
static void s_put_real(buf_t *out, double value)
{
    char digits[40];
    bool whole = true;
    snprintf(digits, sizeof digits, "%.17g", value);
    for (char *at = digits; *at != '\0'; at++) {
        bool ordinary = (*at >= '0' && *at <= '9') || *at == '-' || *at == '+' || *at == 'e';
        if (!ordinary)
            *at = '.';
        whole = whole && ordinary && *at != 'e';
    }
    buf_append_text(out, digits);
    if (whole)
        buf_append_text(out, ".0");
}

static void s_put_items(buf_t *out, const json_node_t *node)
{
    bool named = node->kind == JSON_OBJECT;
    buf_append_byte(out, named ? '{' : '[');
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0)
            buf_append_byte(out, ',');
        if (named) {
            json_put_text(out, slice_of(node->items[i].name));
            buf_append_byte(out, ':');
        }
        json_put_node(out, &node->items[i]);
    }
    buf_append_byte(out, named ? '}' : ']');
}

void json_put_node(buf_t *out, const json_node_t *node)
{
    switch (node->kind) {
    case JSON_NULL:
        buf_append_text(out, "null");
        return;
    case JSON_FALSE:
        buf_append_text(out, "false");
        return;
    case JSON_TRUE:
        buf_append_text(out, "true");
        return;
    case JSON_INTEGER:
        json_put_i64(out, node->integer);
        return;
    case JSON_REAL:
        s_put_real(out, node->real);
        return;
    case JSON_TEXT:
        json_put_text(out, slice_new(node->text, node->count));
        return;
    case JSON_ARRAY:
    case JSON_OBJECT:
        s_put_items(out, node);
        return;
    }
}
