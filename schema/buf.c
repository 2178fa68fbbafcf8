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

void buf_grow(buf_t *buf, size_t more)
{
    size_t needed = buf->len + more;
    assert(needed >= more);
    size_t size = buf->size > 0 ? buf->size : BUF_FIRST;
    while (size < needed)
        size *= 2;
    buf->data = mem_grow(buf->data, size);
    buf->size = size;
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
