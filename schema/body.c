#include "schema/body.h"

#include <assert.h>
#include <stdatomic.h>

#include "schema/mem.h"

struct body {
    atomic_uint refs;
    size_t len;
    uint8_t data[];
};

body_t *body_new(slice_t bytes)
{
    body_t *body = mem_grow(NULL, sizeof(body_t) + bytes.len);
    atomic_init(&body->refs, 1);
    body->len = bytes.len;
    if (bytes.len > 0)
        memcpy(body->data, bytes.ptr, bytes.len);
    return body;
}

body_t *body_ref(body_t *body)
{
    unsigned before = atomic_fetch_add_explicit(&body->refs, 1, memory_order_relaxed);
    assert(before > 0);
    return body;
}

void body_unref(body_t **body_p)
{
    body_t *body = *body_p;
    *body_p = NULL;
    if (body == NULL)
        return;
    unsigned before = atomic_fetch_sub_explicit(&body->refs, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before == 1)
        mem_free(body);
}

slice_t body_slice(const body_t *body)
{
    return slice_new(body->data, body->len);
}
