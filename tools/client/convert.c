/* convert.c - a walk over the tree of a JSON document, whose depth is bounded by its reader. */
#include "tools/client/convert.h"

#include <stdio.h>
#include <string.h>

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
