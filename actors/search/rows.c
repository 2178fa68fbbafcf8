#include "actors/search/rows.h"

#include <assert.h>

#include "schema/pack.h"

enum { ENTRY_HEAD = 16, COLUMN_HEAD = 18 };

static void s_add_segment(row_key_t *key, uint32_t segment)
{
    wide_put32(key->bytes + key->len, segment);
    key->len += 4;
}

row_key_t search_word_key(slice_t word, uint32_t segment)
{
    row_key_t key = row_key0('W');
    assert(word.len <= WORD_BYTES);
    row_key_add(&key, word);
    row_key_add(&key, slice_new("", 1)); /* which no word has */
    s_add_segment(&key, segment);
    return key;
}

row_key_t search_room_key(uint64_t room, uint32_t segment)
{
    row_key_t key = row_key1('G', room);
    s_add_segment(&key, segment);
    return key;
}

row_key_t search_column_key(uint32_t segment)
{
    row_key_t key = row_key0('C');
    s_add_segment(&key, segment);
    return key;
}

uint32_t search_key_segment(slice_t key)
{
    assert(key.len >= 4);
    return wide_get32(key.ptr + key.len - 4);
}

uint64_t search_key_id(slice_t key)
{
    assert(key.len >= 8);
    return wide_get64(key.ptr + key.len - 8);
}

/* A damaged row is none: the store has destroyed itself then, and the next flush ends
 * the process. */
bool search_get(turn_t *turn, row_key_t key, slice_t *ret_value)
{
    return row_get_bytes(turn, key, ret_value) == ERR_OK;
}

uint32_t search_open_segment(turn_t *turn, uint32_t otherwise)
{
    slice_t value;
    if (!search_get(turn, row_key0('O'), &value) || value.len != sizeof(uint64_t))
        return otherwise;
    return (uint32_t)wide_get64(value.ptr);
}

void search_set_open_segment(turn_t *turn, uint32_t segment)
{
    row_put_number(turn, row_key0('O'), segment);
}

const message_t *search_message(turn_t *turn, uint64_t room, uint64_t seq)
{
    const void *message;
    err_t err = row_get(turn, row_key2('D', room, seq), shape_message(), &message);
    return err == ERR_OK ? message : NULL;
}

/* ---- entries ---- */

slice_t entry_make(arena_t *arena, uint64_t room, uint64_t seq, words_t words)
{
    size_t len = ENTRY_HEAD + words.count;
    for (size_t i = 0; i < words.count; i++)
        len += words.items[i].len;
    uint8_t *bytes = arena_alloc(arena, len), *to = bytes + ENTRY_HEAD;
    wide_put64(bytes, room);
    wide_put64(bytes + 8, seq);
    for (size_t i = 0; i < words.count; i++) {
        slice_t word = words.items[i];
        *to++ = (uint8_t)word.len;
        memcpy(to, word.ptr, word.len);
        to += word.len;
    }
    return slice_new(bytes, len);
}

bool entry_read(slice_t bytes, entry_t *ret_entry)
{
    if (bytes.len < ENTRY_HEAD)
        return false;
    *ret_entry = (entry_t){
        .room = wide_get64(bytes.ptr),
        .seq = wide_get64(bytes.ptr + 8),
        .words = slice_from(bytes, ENTRY_HEAD),
    };
    return true;
}

bool entry_next(entry_t *entry, slice_t *ret_word)
{
    if (entry->words.len == 0 || entry->words.ptr[0] >= entry->words.len)
        return false;
    *ret_word = slice_new(entry->words.ptr + 1, entry->words.ptr[0]);
    entry->words = slice_from(entry->words, 1 + ret_word->len);
    return true;
}

/* ---- columns ---- */

void column_begin(buf_t *out, uint64_t room, uint64_t seq, size_t count)
{
    uint8_t *head = buf_reserve(out, COLUMN_HEAD);
    wide_put64(head, room);
    wide_put64(head + 8, seq);
    head[16] = (uint8_t)(count >> 8);
    head[17] = (uint8_t)count;
    out->len += COLUMN_HEAD;
}

void column_add(buf_t *out, size_t offset)
{
    buf_append_byte(out, (uint8_t)(offset >> 8));
    buf_append_byte(out, (uint8_t)offset);
}

bool column_next(column_t *column, column_room_t *ret_room)
{
    if (column->left.len < COLUMN_HEAD)
        return false;
    const uint8_t *head = column->left.ptr;
    size_t bytes = 2 * ((size_t)head[16] << 8 | head[17]);
    if (column->left.len - COLUMN_HEAD < bytes)
        return false;
    *ret_room = (column_room_t){
        .room = wide_get64(head),
        .seq = wide_get64(head + 8),
        .offsets = slice_new(head + COLUMN_HEAD, bytes),
    };
    column->left = slice_from(column->left, COLUMN_HEAD + bytes);
    return true;
}
