#include "schema/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "schema/mem.h"

enum { BUF_FIRST = 256 };

void buf_reset(buf_t *buf)
{
    if (buf->size > BUF_KEEP)
        buf_free(buf);
    buf->len = 0;
}

void buf_free(buf_t *buf)
{
    mem_free(buf->data);
    *buf = (buf_t){0};
}

uint8_t *buf_reserve(buf_t *buf, size_t more)
{
    size_t needed = buf->len + more;
    assert(needed >= more);

    if (needed > buf->size) {
        size_t size = buf->size > 0 ? buf->size : BUF_FIRST;
        while (size < needed)
            size *= 2;
        buf->data = mem_grow(buf->data, size);
        buf->size = size;
    }
    return buf->data + buf->len;
}

void buf_append(buf_t *buf, slice_t bytes)
{
    if (bytes.len == 0)
        return;
    memcpy(buf_reserve(buf, bytes.len), bytes.ptr, bytes.len);
    buf->len += bytes.len;
}

void buf_append_text(buf_t *buf, const char *text)
{
    buf_append(buf, slice_of(text));
}

void buf_append_byte(buf_t *buf, uint8_t byte)
{
    *buf_reserve(buf, 1) = byte;
    buf->len += 1;
}

void buf_printf(buf_t *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    assert(len >= 0);
    uint8_t *end = buf_reserve(buf, (size_t)len + 1);
    vsnprintf((char *)end, (size_t)len + 1, format, again);
    buf->len += (size_t)len;
    va_end(again);
    va_end(args);
}
