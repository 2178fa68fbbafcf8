/* recall.c - notes are bytes, so objects are packed as on the bus. */
#include "ws-edge/recall.h"

#include <assert.h>

void recall_keep(visit_t *visit, size_t note, const shape_t *shape, const void *object)
{
    buf_t bytes = {0};
    codec_pack(&bytes, shape, object);
    visit->notes[note] = arena_copy(visit->arena, buf_slice(&bytes));
    buf_free(&bytes);
}

const void *recall(const visit_t *visit, size_t note, const shape_t *shape)
{
    fault_t fault;
    const void *object = NULL;
    err_t err = codec_unpack(visit->notes[note], shape, visit->arena, &fault, &object);
    assert(err == ERR_OK); /* it was packed here */
    return object;
}
