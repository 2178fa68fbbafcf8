/* convert.c - one walk over the tree of a JSON document, one over MessagePack's bytes; the depth of
 * either is bounded by its reader. */
#include "tools/client/convert.h"

#include <stdio.h>
#include <string.h>

#include "schema/limits.h"
#include "schema/pack.h"

/* ---- to MessagePack ---- */

static err_t s_pack(buf_t *out, const json_node_t *node);

static err_t s_count(void *ctx, const char *name, const json_node_t *value)
{
    (void)name;
    (void)value;
    ++*(size_t *)ctx;
    return ERR_OK;
}

static err_t s_pack_member(void *ctx, const char *name, const json_node_t *value)
{
    pack_str(ctx, slice_of(name));
    return s_pack(ctx, value);
}

static err_t s_pack_object(buf_t *out, const json_node_t *node)
{
    size_t pairs = 0;
    err_t err = json_each(node, s_count, &pairs);
    pack_map(out, pairs);
    return err == ERR_OK ? json_each(node, s_pack_member, out) : err;
}

static err_t s_pack_array(buf_t *out, const json_node_t *node)
{
    size_t count = json_count(node);
    err_t err = ERR_OK;
    pack_array(out, count);
    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = s_pack(out, json_item(node, i));
    return err;
}

static err_t s_pack(buf_t *out, const json_node_t *node)
{
    slice_t text;
    uint64_t number;
    int64_t negative;
    bool truth;
    if (json_is_object(node))
        return s_pack_object(out, node);
    if (json_is_array(node))
        return s_pack_array(out, node);
    if (json_text(node, &text))
        pack_str(out, text);
    else if (json_u64(node, &number))
        pack_u64(out, number);
    else if (json_i64(node, &negative))
        pack_i64(out, negative);
    else if (json_bool(node, &truth))
        pack_bool(out, truth);
    else if (json_is_null(node))
        pack_nil(out);
    else
        return ERR_INVALID;
    return ERR_OK;
}

err_t convert_to_pack(slice_t json, buf_t *out)
{
    const json_node_t *root = NULL;
    err_t err = json_parse(json, &root);
    if (err == ERR_OK && !json_is_object(root))
        err = ERR_MALFORMED;
    if (err == ERR_OK)
        err = s_pack(out, root);
    json_free(&root);
    return err;
}

/* ---- to JSON ---- */

static err_t s_put(unpack_t *in, int depth, buf_t *out);

static err_t s_put_pairs(unpack_t *in, size_t pairs, int depth, buf_t *out)
{
    err_t err = ERR_OK;
    buf_append_byte(out, '{');
    for (size_t i = 0; i < pairs && err == ERR_OK; i++) {
        slice_t name;
        err = unpack_str(in, &name);
        if (err != ERR_OK)
            break;
        if (i > 0)
            buf_append_byte(out, ',');
        json_put_text(out, name);
        buf_append_byte(out, ':');
        err = s_put(in, depth - 1, out);
    }
    buf_append_byte(out, '}');
    return err;
}

static err_t s_put_items(unpack_t *in, size_t items, int depth, buf_t *out)
{
    err_t err = ERR_OK;
    buf_append_byte(out, '[');
    for (size_t i = 0; i < items && err == ERR_OK; i++) {
        if (i > 0)
            buf_append_byte(out, ',');
        err = s_put(in, depth - 1, out);
    }
    buf_append_byte(out, ']');
    return err;
}

static void s_put_hex(slice_t bytes, buf_t *out)
{
    buf_append_byte(out, '"');
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(out, "%02x", bytes.ptr[i]);
    buf_append_byte(out, '"');
}

static err_t s_put(unpack_t *in, int depth, buf_t *out)
{
    slice_t text;
    uint64_t number;
    int64_t negative;
    size_t count;
    bool truth;
    if (depth == 0)
        return ERR_MALFORMED;
    if (unpack_map(in, &count) == ERR_OK)
        return s_put_pairs(in, count, depth, out);
    if (unpack_array(in, &count) == ERR_OK)
        return s_put_items(in, count, depth, out);
    if (unpack_str(in, &text) == ERR_OK)
        json_put_text(out, text);
    else if (unpack_u64(in, &number) == ERR_OK)
        json_put_u64(out, number);
    else if (unpack_i64(in, &negative) == ERR_OK)
        json_put_i64(out, negative);
    else if (unpack_bool(in, &truth) == ERR_OK)
        buf_append_text(out, truth ? "true" : "false");
    else if (unpack_bin(in, &text) == ERR_OK)
        s_put_hex(text, out);
    else if (unpack_nil(in))
        buf_append_text(out, "null");
    else
        return ERR_MALFORMED;
    return ERR_OK;
}

err_t convert_to_json(slice_t packed, buf_t *out)
{
    unpack_t in = {packed};
    return s_put(&in, LIMIT_JSON_DEPTH, out);
}

/* ---- paths ---- */

const json_node_t *convert_find(const json_node_t *root, const char *path)
{
    char name[64];
    while (root != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)len, path);
        root = json_member(root, name);
        path += path[len] == '.' ? len + 1 : len;
    }
    return root;
}
