/* level_bytes.h - LevelDB's numbers: little-endian, or seven bits a byte.
 *
 * Each `take` moves *in behind what it gives; false leaves nothing to go on with. */
#ifndef ACTORS_LEVEL_BYTES_H
#define ACTORS_LEVEL_BYTES_H

#include "schema/envelope.h"

static inline uint32_t level_get32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t level_get64(const uint8_t *at)
{
    return level_get32(at) | (uint64_t)level_get32(at + 4) << 32;
}

static inline bool level_take_number(slice_t *in, uint64_t *ret_number)
{
    *ret_number = 0;
    for (unsigned shift = 0; shift < 64 && in->len > 0; shift += 7) {
        uint8_t byte = in->ptr[0];
        *in = slice_from(*in, 1);
        *ret_number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static inline bool level_take_bytes(slice_t *in, uint64_t len, slice_t *ret_bytes)
{
    if (len > in->len)
        return false;
    *ret_bytes = slice_new(in->ptr, len);
    *in = slice_from(*in, len);
    return true;
}

/* Bytes with their number before them. */
static inline bool level_take_run(slice_t *in, slice_t *ret_bytes)
{
    uint64_t len;
    return level_take_number(in, &len) && level_take_bytes(in, len, ret_bytes);
}

/* Whether LevelDB's form of the CRC-32C of the bytes is what stands at `at`. */
static inline bool level_crc_holds(slice_t bytes, const uint8_t *at)
{
    uint32_t crc = crc32c(bytes);
    return (crc >> 15 | crc << 17) + 0xa282ead8u == level_get32(at);
}

#endif
