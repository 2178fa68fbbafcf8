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

/* Room for `more` bytes behind the content; write there, then add to `len`. */
uint8_t *buf_reserve(buf_t *buf, size_t more);

void buf_append(buf_t *buf, slice_t bytes);
void buf_append_text(buf_t *buf, const char *text);
void buf_append_byte(buf_t *buf, uint8_t byte);
void buf_printf(buf_t *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline slice_t buf_slice(const buf_t *buf)
{
    return slice_new(buf->data, buf->len);
}

#endif
