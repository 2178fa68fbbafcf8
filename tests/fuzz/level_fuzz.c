/* level_fuzz.c - files that say they are LevelDB's: as they come, and with checksums that hold,
 * so that what is behind those is reached too.  The first byte says which. */
#include <stdlib.h>

#include "actors/level_bytes.h"
#include "actors/level_manifest.h"
#include "actors/level_table.h"
#include "schema/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PART_MAX = 30000 }; /* bytes that fit into a block of a log */

static void s_put32(buf_t *out, uint32_t number)
{
    for (int shift = 0; shift < 32; shift += 8)
        buf_append_byte(out, (uint8_t)(number >> shift));
}

/* LevelDB's form of a CRC. */
static void s_put_crc(buf_t *out, slice_t bytes)
{
    uint32_t crc = crc32c(bytes);
    s_put32(out, (crc >> 15 | crc << 17) + 0xa282ead8u);
}

static void s_put_number(buf_t *out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        buf_append_byte(out, (uint8_t)(number | 0x80));
    buf_append_byte(out, (uint8_t)number);
}

/* ---- tables ---- */

static bool s_row(void *ctx, slice_t key, slice_t value)
{
    size_t *seen = ctx; /* every byte is touched, so that a wrong one is found out */
    for (size_t i = 0; i < key.len; i++)
        *seen += key.ptr[i];
    for (size_t i = 0; i < value.len; i++)
        *seen += value.ptr[i];
    return true;
}

static void s_flaw(void *ctx, size_t at, const char *words)
{
    *(size_t *)ctx += at + strlen(words);
}

static void s_read_table(slice_t file)
{
    size_t seen = 0;
    const level_table_eyes_t eyes = {&seen, s_row, s_flaw};
    if (!level_table_read(file, &eyes))
        abort();
}

/* A block with its trailer; where it is goes to `handles`. */
static void s_put_block(buf_t *file, slice_t block, buf_t *handles)
{
    size_t at = file->len;
    s_put_number(handles, at);
    s_put_number(handles, block.len);
    buf_append(file, block);
    buf_append_byte(file, 0);
    s_put_crc(file, slice_new(file->data + at, block.len + 1));
}

static void s_put_end(buf_t *file, buf_t *handles)
{
    static const uint8_t magic[] = {0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb};
    while (handles->len < 40)
        buf_append_byte(handles, 0);
    buf_append(file, buf_slice(handles));
    buf_append(file, slice_new(magic, sizeof magic));
}

/* A table whose data, or whose index, is the input. */
static void s_read_built(slice_t input, bool as_index)
{
    static const uint8_t empty[] = {0, 0, 0, 0, 1, 0, 0, 0};
    buf_t file = {0}, first = {0}, handles = {0}, index = {0};
    s_put_block(&file, input, &first);
    s_put_number(&index, 0);
    s_put_number(&index, 0);
    s_put_number(&index, first.len);
    buf_append(&index, buf_slice(&first));
    buf_append(&index, slice_new(empty, sizeof empty));
    s_put_block(&file, slice_new(empty, sizeof empty), &handles);
    s_put_block(&file, as_index ? input : buf_slice(&index), &handles);
    s_put_end(&file, &handles);
    s_read_table(buf_slice(&file));
    buf_free(&file);
    buf_free(&first);
    buf_free(&handles);
    buf_free(&index);
}

/* ---- logs ---- */

static void s_read_manifest(slice_t file)
{
    level_manifest_t manifest;
    level_manifest_read(file, &manifest);
    level_manifest_free(&manifest);
}

static void s_read_framed(slice_t input)
{
    buf_t file = {0}, part = {0};
    buf_append_byte(&part, 1);
    buf_append(&part, input.len < PART_MAX ? input : slice_new(input.ptr, PART_MAX));
    s_put_crc(&file, buf_slice(&part));
    buf_append_byte(&file, (uint8_t)(part.len - 1));
    buf_append_byte(&file, (uint8_t)((part.len - 1) >> 8));
    buf_append(&file, buf_slice(&part));
    s_read_manifest(buf_slice(&file));
    buf_free(&file);
    buf_free(&part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    slice_t input = slice_new(data + 1, size - 1);
    switch (data[0] % 5) {
    case 0:
        s_read_manifest(input);
        break;
    case 1:
        s_read_framed(input);
        break;
    case 2:
        s_read_table(input);
        break;
    case 3:
        s_read_built(input, false);
        break;
    default:
        s_read_built(input, true);
    }
    return 0;
}
