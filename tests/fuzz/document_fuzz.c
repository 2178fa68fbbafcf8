/* document_fuzz.c - any bytes as a document of no known shape, JSON and MessagePack.
 *
 * JSON that is taken is written as JSON that is the same; MessagePack that is taken is shown as
 * JSON, and each reader of one value agrees with the one that passes over any. */
#include <assert.h>

#include "schema/json.h"
#include "schema/pack.h"
#include "schema/text.h"
#include "schema/transcribe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_try_json(slice_t input)
{
    const json_node_t *tree, *again;
    buf_t once = {0}, twice = {0};
    if (json_parse(input, &tree) != ERR_OK)
        return;
    json_put_node(&once, tree);
    assert(text_valid(buf_slice(&once)));
    err_t err = json_parse(buf_slice(&once), &again);
    assert(err == ERR_OK);
    json_put_node(&twice, again);
    assert(slice_eq(buf_slice(&once), buf_slice(&twice)));
    json_free(&tree);
    json_free(&again);
    buf_free(&once);
    buf_free(&twice);
}

/* What a reader takes is a value, and that value to its end. */
static void s_try_readers(slice_t input)
{
    slice_t text, any = {0};
    uint64_t number;
    int64_t whole;
    bool flag;
    unpack_t passing = {input};
    bool is = unpack_any(&passing, &any) == ERR_OK;
    assert(!is || (any.len > 0 && any.len + passing.left.len == input.len));
    unpack_t in = {input};
    bool read = unpack_u64(&in, &number) == ERR_OK || unpack_i64(&in, &whole) == ERR_OK ||
                unpack_bool(&in, &flag) == ERR_OK || unpack_str(&in, &text) == ERR_OK ||
                unpack_bin(&in, &text) == ERR_OK || unpack_nil(&in);
    assert(!read || (is && in.left.len == passing.left.len));
    assert(read || in.left.len == input.len);
}

static void s_try_pack(slice_t input)
{
    const json_node_t *tree;
    buf_t out = {0};
    slice_t left = input;
    if (transcribe(&out, &left, NULL) == ERR_OK) {
        assert(left.len < input.len);
        if (json_parse(buf_slice(&out), &tree) == ERR_OK)
            json_free(&tree); /* where numbers are larger, or names come twice, it is none */
    } else {
        assert(left.len == input.len);
    }
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t input = slice_new(data, size);
    s_try_json(input);
    s_try_readers(input);
    s_try_pack(input);
    return 0;
}
