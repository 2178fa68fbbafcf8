#include "tools/bench/stamp.h"

void stamp_hex(uint8_t *at, int digits, uint64_t value)
{
    for (int i = digits - 1; i >= 0; i--, value >>= 4)
        at[i] = (uint8_t) "0123456789abcdef"[value & 15];
}

void stamp_write(uint8_t *at, const stamp_t *stamp)
{
    memcpy(at, STAMP_MARK, STAMP_MARK_BYTES);
    at += STAMP_MARK_BYTES;
    stamp_hex(at, STAMP_SENDER_DIGITS, stamp->sender);
    at += STAMP_SENDER_DIGITS;
    stamp_hex(at, STAMP_SEQ_DIGITS, stamp->seq);
    at += STAMP_SEQ_DIGITS;
    stamp_hex(at, STAMP_TIME_DIGITS, stamp->time_ns);
}

/* The digits were written by stamp_hex: a letter has bit 6 set and counts from 1. */
static uint64_t s_hex(const uint8_t *at, int digits)
{
    uint64_t value = 0;
    for (int i = 0; i < digits; i++)
        value = value << 4 | (uint64_t)((at[i] & 15) + (at[i] >> 6) * 9);
    return value;
}

bool stamp_read(slice_t text, stamp_t *ret_stamp)
{
    if (text.len < STAMP_BYTES || memcmp(text.ptr, STAMP_MARK, STAMP_MARK_BYTES) != 0)
        return false;
    const uint8_t *at = text.ptr + STAMP_MARK_BYTES;
    ret_stamp->sender = (uint32_t)s_hex(at, STAMP_SENDER_DIGITS);
    at += STAMP_SENDER_DIGITS;
    ret_stamp->seq = (uint32_t)s_hex(at, STAMP_SEQ_DIGITS);
    at += STAMP_SEQ_DIGITS;
    ret_stamp->time_ns = s_hex(at, STAMP_TIME_DIGITS);
    return true;
}
