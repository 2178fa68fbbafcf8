/* pack.c - the writer is msgpack-c's, the reader a bounds-checked cursor.
 *
 * Invariants of the reader: it never looks past `left`; a failed take changes
 * nothing; a map or array is accepted only if each of its items could still
 * have one byte, so no count can ask for more memory than was sent. */
#include "schema/pack.h"

#include <assert.h>
#include <endian.h>
#include <msgpack.h>

#include "schema/limits.h"

static int s_write(void *data, const char *bytes, size_t len)
{
    buf_append(data, slice_new(bytes, len));
    return 0;
}

static msgpack_packer s_packer(buf_t *out)
{
    return (msgpack_packer){.data = out, .callback = s_write};
}

void pack_nil(buf_t *out)
{
    msgpack_packer packer = s_packer(out);
    msgpack_pack_nil(&packer);
}

void pack_bool(buf_t *out, bool value)
{
    buf_append_byte(out, value ? 0xc3 : 0xc2);
}

void pack_u64(buf_t *out, uint64_t value)
{
    msgpack_packer packer = s_packer(out);
    msgpack_pack_uint64(&packer, value);
}

void pack_i64(buf_t *out, int64_t value)
{
    msgpack_packer packer = s_packer(out);
    msgpack_pack_int64(&packer, value);
}

void pack_str(buf_t *out, slice_t text)
{
    msgpack_packer packer = s_packer(out);
    msgpack_pack_str(&packer, text.len);
    buf_append(out, text);
}

void pack_bin(buf_t *out, slice_t bytes)
{
    msgpack_packer packer = s_packer(out);
    msgpack_pack_bin(&packer, bytes.len);
    buf_append(out, bytes);
}

void pack_map(buf_t *out, size_t pairs)
{
    msgpack_packer packer = s_packer(out);
    msgpack_pack_map(&packer, pairs);
}

void pack_array(buf_t *out, size_t items)
{
    msgpack_packer packer = s_packer(out);
    msgpack_pack_array(&packer, items);
}

void pack_wide_u16(buf_t *out, uint16_t value)
{
    msgpack_packer packer = s_packer(out);
    msgpack_pack_fix_uint16(&packer, value);
}

void pack_wide_u32(buf_t *out, uint32_t value)
{
    msgpack_packer packer = s_packer(out);
    msgpack_pack_fix_uint32(&packer, value);
}

void pack_wide_u64(buf_t *out, uint64_t value)
{
    msgpack_packer packer = s_packer(out);
    msgpack_pack_fix_uint64(&packer, value);
}

void pack_wide_i64(buf_t *out, int64_t value)
{
    msgpack_packer packer = s_packer(out);
    msgpack_pack_fix_int64(&packer, value);
}

uint16_t wide_get16(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return be16toh(value);
}

uint32_t wide_get32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return be32toh(value);
}

uint64_t wide_get64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return be64toh(value);
}

void wide_put32(uint8_t *at, uint32_t value)
{
    value = htobe32(value);
    memcpy(at, &value, sizeof value);
}

void wide_put64(uint8_t *at, uint64_t value)
{
    value = htobe64(value);
    memcpy(at, &value, sizeof value);
}

/* What a value's first byte says: its kind, and where its number or length is. */
typedef enum kind {
    KIND_NIL,
    KIND_BOOL,
    KIND_UINT,
    KIND_INT,
    KIND_FLOAT,
    KIND_STR,
    KIND_BIN,
    KIND_EXT,
    KIND_ARRAY,
    KIND_MAP,
    KIND_NONE, /* 0xc1, never used */
} kind_t;

typedef struct head {
    kind_t kind;
    size_t size;    /* of the head, the first byte included */
    uint64_t value; /* number, truth, or length in bytes or items */
} head_t;

/* Rows for 0xc0 to 0xdf: kind, bytes of the number that follows. */
static const struct {
    kind_t kind;
    uint8_t width;
} s_heads[32] = {
    [0x00] = {KIND_NIL, 0},  [0x01] = {KIND_NONE, 0},  [0x02] = {KIND_BOOL, 0},
    [0x03] = {KIND_BOOL, 0}, [0x04] = {KIND_BIN, 1},   [0x05] = {KIND_BIN, 2},
    [0x06] = {KIND_BIN, 4},  [0x07] = {KIND_EXT, 1},   [0x08] = {KIND_EXT, 2},
    [0x09] = {KIND_EXT, 4},  [0x0a] = {KIND_FLOAT, 4}, [0x0b] = {KIND_FLOAT, 8},
    [0x0c] = {KIND_UINT, 1}, [0x0d] = {KIND_UINT, 2},  [0x0e] = {KIND_UINT, 4},
    [0x0f] = {KIND_UINT, 8}, [0x10] = {KIND_INT, 1},   [0x11] = {KIND_INT, 2},
    [0x12] = {KIND_INT, 4},  [0x13] = {KIND_INT, 8},   [0x14] = {KIND_EXT, 0},
    [0x15] = {KIND_EXT, 0},  [0x16] = {KIND_EXT, 0},   [0x17] = {KIND_EXT, 0},
    [0x18] = {KIND_EXT, 0},  [0x19] = {KIND_STR, 1},   [0x1a] = {KIND_STR, 2},
    [0x1b] = {KIND_STR, 4},  [0x1c] = {KIND_ARRAY, 2}, [0x1d] = {KIND_ARRAY, 4},
    [0x1e] = {KIND_MAP, 2},  [0x1f] = {KIND_MAP, 4},
};

static uint64_t s_number(const uint8_t *at, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value = value << 8 | at[i];
    return value;
}

static int64_t s_signed(uint64_t value, unsigned width)
{
    assert(width >= 1 && width <= 8);
    unsigned shift = 64 - 8 * width;
    return (int64_t)(value << shift) >> shift;
}

static head_t s_wide_head(slice_t in)
{
    uint8_t first = in.ptr[0];
    unsigned width = s_heads[first - 0xc0].width;
    head_t head = {s_heads[first - 0xc0].kind, 1 + (size_t)width, 0};
    if (in.len < head.size)
        return (head_t){KIND_NONE, 0, 0};

    head.value = s_number(in.ptr + 1, width);
    if (head.kind == KIND_BOOL)
        head.value = first & 1;
    else if (head.kind == KIND_INT)
        head.value = (uint64_t)s_signed(head.value, width);
    else if (head.kind == KIND_EXT) /* fixext 1, 2, 4, 8, 16; plus the ext type */
        head.value = (first >= 0xd4 ? 1u << (first - 0xd4) : head.value) + 1;
    return head;
}

/* Inline: nearly every value has a head of one byte. */
static inline head_t s_head(slice_t in)
{
    if (in.len == 0)
        return (head_t){KIND_NONE, 0, 0};
    uint8_t first = in.ptr[0];
    if (first < 0x80)
        return (head_t){KIND_UINT, 1, first};
    if (first < 0x90)
        return (head_t){KIND_MAP, 1, first & 0x0f};
    if (first < 0xa0)
        return (head_t){KIND_ARRAY, 1, first & 0x0f};
    if (first < 0xc0)
        return (head_t){KIND_STR, 1, first & 0x1f};
    if (first >= 0xe0)
        return (head_t){KIND_INT, 1, (uint64_t)(int8_t)first};
    return s_wide_head(in);
}

static void s_skip(unpack_t *in, size_t size)
{
    assert(size <= in->left.len);
    in->left = slice_from(in->left, size);
}

err_t unpack_u64(unpack_t *in, uint64_t *ret_value)
{
    head_t head = s_head(in->left);
    bool fits = head.kind == KIND_UINT || (head.kind == KIND_INT && (int64_t)head.value >= 0);
    if (!fits)
        return ERR_MALFORMED;
    *ret_value = head.value;
    s_skip(in, head.size);
    return ERR_OK;
}

err_t unpack_i64(unpack_t *in, int64_t *ret_value)
{
    head_t head = s_head(in->left);
    bool fits = head.kind == KIND_INT || (head.kind == KIND_UINT && head.value <= INT64_MAX);
    if (!fits)
        return ERR_MALFORMED;
    *ret_value = (int64_t)head.value;
    s_skip(in, head.size);
    return ERR_OK;
}

err_t unpack_bool(unpack_t *in, bool *ret_value)
{
    head_t head = s_head(in->left);
    if (head.kind != KIND_BOOL)
        return ERR_MALFORMED;
    *ret_value = head.value != 0;
    s_skip(in, head.size);
    return ERR_OK;
}

static err_t s_bytes(unpack_t *in, kind_t kind, slice_t *ret_bytes)
{
    head_t head = s_head(in->left);
    if (head.kind != kind || head.value > in->left.len - head.size)
        return ERR_MALFORMED;
    *ret_bytes = slice_new(in->left.ptr + head.size, head.value);
    s_skip(in, head.size + head.value);
    return ERR_OK;
}

err_t unpack_str(unpack_t *in, slice_t *ret_text)
{
    return s_bytes(in, KIND_STR, ret_text);
}

err_t unpack_bin(unpack_t *in, slice_t *ret_bytes)
{
    return s_bytes(in, KIND_BIN, ret_bytes);
}

static err_t s_items(unpack_t *in, kind_t kind, uint64_t bytes_each, size_t *ret_items)
{
    head_t head = s_head(in->left);
    if (head.kind != kind || head.value > (in->left.len - head.size) / bytes_each)
        return ERR_MALFORMED;
    *ret_items = head.value;
    s_skip(in, head.size);
    return ERR_OK;
}

err_t unpack_map(unpack_t *in, size_t *ret_pairs)
{
    return s_items(in, KIND_MAP, 2, ret_pairs);
}

err_t unpack_array(unpack_t *in, size_t *ret_items)
{
    return s_items(in, KIND_ARRAY, 1, ret_items);
}

bool unpack_nil(unpack_t *in)
{
    if (in->left.len == 0 || in->left.ptr[0] != 0xc0)
        return false;
    s_skip(in, 1);
    return true;
}

/* How many values follow the head inside it, or an error if its bytes are not there. */
static err_t s_enter(unpack_t *in, uint64_t *ret_inner)
{
    head_t head = s_head(in->left);
    if (head.kind == KIND_NONE)
        return ERR_MALFORMED;

    bool bytes = head.kind == KIND_STR || head.kind == KIND_BIN || head.kind == KIND_EXT;
    bool items = head.kind == KIND_MAP || head.kind == KIND_ARRAY;
    uint64_t rest = in->left.len - head.size;
    if ((bytes || items) && head.value > rest)
        return ERR_MALFORMED;

    s_skip(in, head.size + (bytes ? head.value : 0));
    *ret_inner = items ? head.value * (head.kind == KIND_MAP ? 2 : 1) : 0;
    return ERR_OK;
}

err_t unpack_head(unpack_t *in)
{
    uint64_t inner;
    return s_enter(in, &inner);
}

/* Past what has a head of one byte and nothing in it, as most values have: small numbers, short
 * texts, truths, nil.  At most so many; how many there were. */
static uint64_t s_pass_small(unpack_t *in, uint64_t most)
{
    const uint8_t *at = in->left.ptr, *end = at + in->left.len;
    uint64_t passed = 0;
    for (; passed < most && at < end; passed++) {
        bool text = *at >= 0xa0 && *at < 0xc0;
        bool bare = *at < 0x80 || *at >= 0xe0 || *at == 0xc0 || *at == 0xc2 || *at == 0xc3;
        size_t size = text ? 1 + (size_t)(*at & 0x1f) : 1;
        if ((!text && !bare) || size > (size_t)(end - at))
            break;
        at += size;
    }
    in->left = slice_new(at, (size_t)(end - at));
    return passed;
}

/* Past so many values, and all that is in them. */
static err_t s_pass(unpack_t *in, uint64_t values)
{
    uint64_t waiting[LIMIT_JSON_DEPTH] = {values}; /* still to take on each level */
    size_t level = 0;

    for (;;) {
        uint64_t inner = 0;
        waiting[level] -= s_pass_small(in, waiting[level]);
        while (level > 0 && waiting[level] == 0)
            level--;
        if (waiting[level] == 0)
            return ERR_OK;
        waiting[level]--;
        if (s_enter(in, &inner) != ERR_OK || (inner > 0 && level == LIMIT_JSON_DEPTH - 1))
            return ERR_MALFORMED;
        if (inner > 0)
            waiting[++level] = inner;
    }
}

err_t unpack_any(unpack_t *in, slice_t *ret_bytes)
{
    unpack_t at = *in;
    uint64_t inner = 0;
    err_t err = s_enter(&at, &inner);
    if (err == ERR_OK && inner > 0)
        err = s_pass(&at, inner);
    if (err != ERR_OK)
        return err;
    *ret_bytes = slice_new(in->left.ptr, in->left.len - at.left.len);
    *in = at;
    return ERR_OK;
}
