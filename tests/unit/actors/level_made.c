#include "tests/unit/actors/level_made.h"

#include "schema/envelope.h"

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

void level_made_number(buf_t *out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        buf_append_byte(out, (uint8_t)(number | 0x80));
    buf_append_byte(out, (uint8_t)number);
}

void level_made_run(buf_t *out, slice_t bytes)
{
    level_made_number(out, bytes.len);
    buf_append(out, bytes);
}

void level_made_entry(buf_t *block, slice_t key, slice_t value)
{
    level_made_number(block, 0);
    level_made_number(block, key.len);
    level_made_number(block, value.len);
    buf_append(block, key);
    buf_append(block, value);
}

void level_made_block_end(buf_t *block)
{
    s_put32(block, 0);
    s_put32(block, 1);
}

void level_made_log(buf_t *file, slice_t record)
{
    buf_t part = {0};
    buf_append_byte(&part, 1);
    buf_append(&part, record);
    s_put_crc(file, buf_slice(&part));
    buf_append_byte(file, (uint8_t)record.len);
    buf_append_byte(file, (uint8_t)(record.len >> 8));
    buf_append(file, buf_slice(&part));
    buf_free(&part);
}

/* A block with its trailer; where it is goes to `handles`. */
static void s_put_block(buf_t *file, slice_t block, buf_t *handles)
{
    size_t at = file->len;
    level_made_number(handles, at);
    level_made_number(handles, block.len);
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

void level_made_table(buf_t *file, slice_t data, slice_t index)
{
    buf_t first = {0}, handles = {0}, own = {0}, empty = {0};
    s_put_block(file, data, &first);
    level_made_block_end(&empty);
    s_put_block(file, buf_slice(&empty), &handles);
    level_made_entry(&own, (slice_t){0}, buf_slice(&first));
    level_made_block_end(&own);
    s_put_block(file, index.ptr != NULL ? index : buf_slice(&own), &handles);
    s_put_end(file, &handles);
    buf_free(&first);
    buf_free(&handles);
    buf_free(&own);
    buf_free(&empty);
}
