/* codec_fuzz.c - any bytes, read as any struct of the schema.
 *
 * The first byte chooses the format, the second the shape; the rest is the
 * document.  What the codec takes must then survive: it keeps every bound of
 * its table, gives the same bytes again when it is packed, read and packed
 * once more, and shows itself as JSON that a JSON reader takes. */
#include <assert.h>

#include "schema/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The shape of that number over all tables, counted round and round. */
static const shape_t *s_shape(size_t number)
{
    shape_fn *shapes[1024];
    size_t count = 0;

    for (const call_type_t *call = call_types(); call->shape != NULL; call++)
        shapes[count++] = call->shape;
    for (const event_type_t *event = event_types(); event->shape != NULL; event++)
        shapes[count++] = event->shape;
    for (shape_fn *const *entity = entity_shapes(); *entity != NULL; entity++)
        shapes[count++] = *entity;
    assert(count > 0 && count <= COUNT_OF(shapes));
    return shapes[number % count]();
}

static void s_survives(const shape_t *shape, const void *object, arena_t *arena)
{
    buf_t first = {0}, second = {0}, text = {0};
    fault_t fault = {0};
    const void *again = NULL;
    const json_node_t *tree = NULL;

    assert(codec_check(shape, object, &fault) == ERR_OK);
    codec_pack(&first, shape, object);
    assert(codec_unpack(buf_slice(&first), shape, arena, &fault, &again) == ERR_OK);
    codec_pack(&second, shape, again);
    assert(slice_eq(buf_slice(&first), buf_slice(&second)));

    codec_put_json(&text, shape, object);
    err_t parsed = json_parse(buf_slice(&text), &tree);
    assert(parsed == ERR_OK);

    json_free(&tree);
    buf_free(&first);
    buf_free(&second);
    buf_free(&text);
}

static void s_try_pack(const shape_t *shape, slice_t bytes, arena_t *arena)
{
    fault_t fault = {0};
    const void *object = NULL;

    if (codec_unpack(bytes, shape, arena, &fault, &object) == ERR_OK)
        s_survives(shape, object, arena);
    else
        (void)fault_text(&fault, arena);
}

static void s_try_json(const shape_t *shape, slice_t text, arena_t *arena)
{
    fault_t fault = {0};
    void *object = NULL;
    const json_node_t *tree = NULL;

    if (json_parse(text, &tree) != ERR_OK)
        return;
    if (codec_from_json(tree, shape, UNKNOWN_IGNORED, arena, &fault, &object) == ERR_OK)
        s_survives(shape, object, arena);
    else
        (void)fault_text(&fault, arena);
    json_free(&tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    arena_t *arena = arena_new();
    const shape_t *shape = s_shape(data[1]);
    slice_t document = slice_new(data + 2, size - 2);

    if (data[0] & 1)
        s_try_json(shape, document, arena);
    else
        s_try_pack(shape, document, arena);
    arena_destroy(&arena);
    return 0;
}
