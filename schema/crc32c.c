/* crc32c.c - CRC-32C by the processor's own instruction where it has one.
 *
 * x86-64 since 2008 computes this polynomial eight bytes at a time; elsewhere a
 * table does it byte by byte. */
#include <pthread.h>

#include "schema/envelope.h"

enum { POLYNOMIAL_REVERSED = (int)0x82f63b78 };

static uint32_t s_table[256];
static pthread_once_t s_once = PTHREAD_ONCE_INIT;

static void s_fill_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? (uint32_t)POLYNOMIAL_REVERSED : 0);
        s_table[i] = crc;
    }
}

static uint32_t s_by_table(uint32_t crc, slice_t bytes)
{
    pthread_once(&s_once, s_fill_table);
    for (size_t i = 0; i < bytes.len; i++)
        crc = crc >> 8 ^ s_table[(crc ^ bytes.ptr[i]) & 0xff];
    return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t s_by_instruction(uint32_t crc, slice_t bytes)
{
    uint64_t wide = crc;
    size_t i = 0;
    for (; i + 8 <= bytes.len; i += 8) {
        uint64_t word;
        memcpy(&word, bytes.ptr + i, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; i < bytes.len; i++)
        crc = __builtin_ia32_crc32qi(crc, bytes.ptr[i]);
    return crc;
}

uint32_t crc32c(slice_t bytes)
{
    if (__builtin_cpu_supports("sse4.2"))
        return ~s_by_instruction(~0u, bytes);
    return ~s_by_table(~0u, bytes);
}
#else
uint32_t crc32c(slice_t bytes)
{
    return ~s_by_table(~0u, bytes);
}
#endif
