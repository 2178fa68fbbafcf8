/* buf.h - a growing run of bytes that its holder owns.
 *
 * A zeroed buf_t is an empty buffer.  Growth doubles; a reset keeps the memory
 * unless it has grown past `BUF_KEEP`, so one large reply does not stay. */
#ifndef SCHEMA_BUF_H
#define SCHEMA_BUF_H

#include "schema/slice.h"

enum { BUF_KEEP = 1024 * 1024 };

typedef struct buf {
    uint8_t *data;
    size_t len;
    size_t size; /* bytes allocated */
} buf_t;

void buf_reset(buf_t *buf);
void buf_free(buf_t *buf);

/* For buf_reserve, where there is no room yet. */
void buf_grow(buf_t *buf, size_t more);

/* Room for `more` bytes behind the content; write there, then add to `len`. */
static inline uint8_t *buf_reserve(buf_t *buf, size_t more)
{
    if (more > buf->size - buf->len)
        buf_grow(buf, more);
    return buf->data + buf->len;
}

static inline void buf_append(buf_t *buf, slice_t bytes)
{
    if (bytes.len == 0)
        return;
    memcpy(buf_reserve(buf, bytes.len), bytes.ptr, bytes.len);
    buf->len += bytes.len;
}

static inline void buf_append_text(buf_t *buf, const char *text)
{
    buf_append(buf, slice_of(text));
}

static inline void buf_append_byte(buf_t *buf, uint8_t byte)
{
    *buf_reserve(buf, 1) = byte;
    buf->len += 1;
}

void buf_printf(buf_t *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline slice_t buf_slice(const buf_t *buf)
{
    return slice_new(buf->data, buf->len);
}

#endif
