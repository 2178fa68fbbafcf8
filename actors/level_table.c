/* level_table.c - footer, index, blocks, entries, in the order of trust.
 *
 * Nothing is believed before its CRC holds.  The blocks must lie one behind the other from
 * the first byte to the footer: then each byte of the file is covered by a CRC, or is
 * known in advance. */
#include "actors/level_table.h"

#include "actors/level_bytes.h"

enum {
    FOOTER = 48,
    HANDLES = 40, /* two, and zeros */
    TRAILER = 5,  /* type and CRC of a block */
    TAG = 8,      /* behind each key: LevelDB's own number, and put or delete */
    TAG_PUT = 1,
};

static const uint64_t MAGIC = UINT64_C(0xdb4775248b80fb57);

typedef struct reader {
    slice_t file;
    const level_table_eyes_t *eyes;
    buf_t key; /* of the entry before */
    bool stopped;
} reader_t;

/* Where a block is; `bytes` is without its trailer. */
typedef struct handle {
    uint64_t at;
    uint64_t bytes;
} handle_t;

static void s_flaw(const reader_t *reader, uint64_t at, const char *words)
{
    reader->eyes->flaw(reader->eyes->ctx, (size_t)at, words);
}

static bool s_take_handle(slice_t *in, handle_t *ret_handle)
{
    return level_take_number(in, &ret_handle->at) && level_take_number(in, &ret_handle->bytes);
}

static uint64_t s_end(handle_t handle)
{
    return handle.at + handle.bytes + TRAILER;
}

/* The footer's handles; false when it is not one. */
static bool s_read_footer(slice_t file, handle_t *ret_filters, handle_t *ret_index)
{
    if (file.len < FOOTER)
        return false;
    slice_t footer = slice_from(file, file.len - FOOTER);
    slice_t in = slice_new(footer.ptr, HANDLES);
    if (level_get64(footer.ptr + HANDLES) != MAGIC || !s_take_handle(&in, ret_filters) ||
        !s_take_handle(&in, ret_index))
        return false;
    for (size_t i = 0; i < in.len; i++)
        if (in.ptr[i] != 0)
            return false;
    return s_end(*ret_filters) == ret_index->at && s_end(*ret_index) == file.len - FOOTER;
}

/* The block's entries, once its CRC holds. */
static bool s_open_block(const reader_t *reader, handle_t handle, slice_t *ret_entries)
{
    const slice_t file = reader->file;
    if (handle.bytes < 4 || handle.bytes > file.len || handle.at > file.len ||
        handle.bytes + TRAILER > file.len - handle.at)
        return false;
    slice_t block = slice_new(file.ptr + handle.at, handle.bytes);
    const uint8_t *trailer = block.ptr + block.len;
    if (trailer[0] != 0 || !level_crc_holds(slice_new(block.ptr, block.len + 1), trailer + 1))
        return false;
    uint64_t starts = level_get32(trailer - 4);
    if (starts > block.len / 4 - 1)
        return false;
    *ret_entries = slice_new(block.ptr, block.len - 4 * (starts + 1));
    return true;
}

/* The next entry; its key is the reader's. */
static bool s_take_entry(reader_t *reader, slice_t *in, slice_t *ret_value)
{
    uint64_t shared, fresh, len;
    slice_t bytes;
    if (!level_take_number(in, &shared) || !level_take_number(in, &fresh) ||
        !level_take_number(in, &len) || shared > reader->key.len ||
        !level_take_bytes(in, fresh, &bytes) || !level_take_bytes(in, len, ret_value))
        return false;
    reader->key.len = shared;
    buf_append(&reader->key, bytes);
    return reader->key.len >= TAG;
}

static bool s_show(reader_t *reader, slice_t value)
{
    slice_t key = slice_new(reader->key.data, reader->key.len - TAG);
    bool put = key.ptr[key.len] == TAG_PUT;
    return reader->eyes->row(reader->eyes->ctx, key, put ? value : (slice_t){0});
}

static void s_read_data(reader_t *reader, handle_t handle)
{
    slice_t in, value;
    if (!s_open_block(reader, handle, &in)) {
        s_flaw(reader, handle.at, "a block does not have the CRC that it says");
        return;
    }
    reader->key.len = 0;
    while (in.len > 0 && !reader->stopped) {
        if (!s_take_entry(reader, &in, &value)) {
            s_flaw(reader, handle.at, "a block is not laid out as one");
            return;
        }
        reader->stopped = !s_show(reader, value);
    }
}

/* The handle in an index entry, whose key is of no interest. */
static bool s_take_index(slice_t *in, handle_t *ret_handle)
{
    uint64_t shared, fresh, len;
    slice_t key, value;
    return level_take_number(in, &shared) && level_take_number(in, &fresh) &&
           level_take_number(in, &len) && level_take_bytes(in, fresh, &key) &&
           level_take_bytes(in, len, &value) && s_take_handle(&value, ret_handle);
}

/* All data blocks, which must reach from the first byte to `end`. */
static void s_read_all(reader_t *reader, slice_t index, uint64_t end)
{
    uint64_t next = 0;
    handle_t handle;
    while (index.len > 0 && !reader->stopped) {
        if (!s_take_index(&index, &handle) || handle.at != next || handle.bytes > end) {
            s_flaw(reader, next, "the index does not name what lies there");
            return;
        }
        s_read_data(reader, handle);
        next = s_end(handle);
    }
    if (!reader->stopped && next != end)
        s_flaw(reader, next, "the index does not name what lies there");
}

bool level_table_read(slice_t file, const level_table_eyes_t *eyes)
{
    reader_t reader = {.file = file, .eyes = eyes};
    handle_t filters, index;
    slice_t entries, none;
    if (!s_read_footer(file, &filters, &index))
        s_flaw(&reader, file.len < FOOTER ? 0 : file.len - FOOTER, "the end is not a table's");
    else if (!s_open_block(&reader, filters, &none) || none.len > 0)
        s_flaw(&reader, filters.at, "the block about filters is not an empty one");
    else if (!s_open_block(&reader, index, &entries))
        s_flaw(&reader, index.at, "the index does not have the CRC that it says");
    else
        s_read_all(&reader, entries, filters.at);
    buf_free(&reader.key);
    return !reader.stopped;
}
