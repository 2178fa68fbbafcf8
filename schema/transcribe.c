#include "schema/transcribe.h"

#include "schema/json.h"
#include "schema/limits.h"
#include "schema/pack.h"

typedef struct walk {
    buf_t *out;
    unpack_t in;
    transcribe_hides_fn *hides;
} walk_t;

static err_t s_put(walk_t *walk, int depth);

static err_t s_put_member(walk_t *walk, int depth)
{
    slice_t name, hidden;
    err_t err = unpack_str(&walk->in, &name);
    if (err != ERR_OK)
        return err;
    json_put_text(walk->out, name);
    buf_append_byte(walk->out, ':');
    if (walk->hides == NULL || !walk->hides(name))
        return s_put(walk, depth);
    buf_append_text(walk->out, "\"…\"");
    return unpack_any(&walk->in, &hidden);
}

static err_t s_put_map(walk_t *walk, size_t pairs, int depth)
{
    err_t err = ERR_OK;
    buf_append_byte(walk->out, '{');
    for (size_t i = 0; i < pairs && err == ERR_OK; i++) {
        if (i > 0)
            buf_append_byte(walk->out, ',');
        err = s_put_member(walk, depth - 1);
    }
    buf_append_byte(walk->out, '}');
    return err;
}

static err_t s_put_array(walk_t *walk, size_t items, int depth)
{
    err_t err = ERR_OK;
    buf_append_byte(walk->out, '[');
    for (size_t i = 0; i < items && err == ERR_OK; i++) {
        if (i > 0)
            buf_append_byte(walk->out, ',');
        err = s_put(walk, depth - 1);
    }
    buf_append_byte(walk->out, ']');
    return err;
}

void transcribe_hex(buf_t *out, slice_t bytes)
{
    buf_append_byte(out, '"');
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(out, "%02x", bytes.ptr[i]);
    buf_append_byte(out, '"');
}

static err_t s_put_leaf(buf_t *out, unpack_t *in)
{
    uint64_t number;
    int64_t negative;
    bool truth;
    slice_t text;
    if (unpack_str(in, &text) == ERR_OK)
        json_put_text(out, text);
    else if (unpack_u64(in, &number) == ERR_OK)
        json_put_u64(out, number);
    else if (unpack_i64(in, &negative) == ERR_OK)
        json_put_i64(out, negative);
    else if (unpack_bool(in, &truth) == ERR_OK)
        buf_append_text(out, truth ? "true" : "false");
    else if (unpack_bin(in, &text) == ERR_OK)
        transcribe_hex(out, text);
    else if (unpack_nil(in))
        buf_append_text(out, "null");
    else
        return ERR_MALFORMED;
    return ERR_OK;
}

static err_t s_put(walk_t *walk, int depth)
{
    size_t count;
    if (depth == 0)
        return ERR_MALFORMED;
    if (unpack_map(&walk->in, &count) == ERR_OK)
        return s_put_map(walk, count, depth);
    if (unpack_array(&walk->in, &count) == ERR_OK)
        return s_put_array(walk, count, depth);
    return s_put_leaf(walk->out, &walk->in);
}

err_t transcribe(buf_t *out, slice_t *in, transcribe_hides_fn *hides)
{
    walk_t walk = {out, {*in}, hides};
    err_t err = s_put(&walk, LIMIT_JSON_DEPTH);
    if (err == ERR_OK)
        *in = walk.in.left;
    return err;
}
