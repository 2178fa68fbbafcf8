#include "tools/bench/frame.h"

#include "tools/bench/fail.h"

enum {
    FINAL = 0x80,
    MASKED = 0x80,
    LENGTH_16 = 126, /* two bytes of length follow */
    LENGTH_64 = 127, /* eight do */
};

void frame_write(buf_t *out, uint8_t opcode, slice_t body)
{
    static const uint8_t zero_key[4];
    if (body.len > UINT16_MAX)
        fail("a message of %zu bytes is more than the bench sends", body.len);

    buf_append_byte(out, (uint8_t)(FINAL | opcode));
    if (body.len < LENGTH_16) {
        buf_append_byte(out, (uint8_t)(MASKED | body.len));
    } else {
        buf_append_byte(out, MASKED | LENGTH_16);
        buf_append_byte(out, (uint8_t)(body.len >> 8));
        buf_append_byte(out, (uint8_t)body.len);
    }
    buf_append(out, slice_new(zero_key, sizeof zero_key));
    buf_append(out, body);
}

static uint64_t s_big_endian(const uint8_t *at, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

size_t frame_read(slice_t bytes, frame_t *ret_frame)
{
    if (bytes.len < 2)
        return 0;
    uint64_t body_len = bytes.ptr[1] & 0x7f;
    size_t length_bytes = body_len == LENGTH_16 ? 2 : body_len == LENGTH_64 ? 8 : 0;
    size_t head = 2 + length_bytes;
    if (bytes.len < head)
        return 0;
    if (length_bytes > 0)
        body_len = s_big_endian(bytes.ptr + 2, length_bytes);
    if (bytes.len - head < body_len)
        return 0;

    ret_frame->opcode = bytes.ptr[0] & 15;
    ret_frame->final = (bytes.ptr[0] & FINAL) != 0;
    ret_frame->body = slice_new(bytes.ptr + head, (size_t)body_len);
    return head + (size_t)body_len;
}
