/* pack_test.c - the writer and the reader against msgpack-c's own unpacker.
 *
 * Inputs are copied to memory of exactly their length, so that a sanitizer sees
 * every byte that is read behind them. */
#include "schema/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <msgpack.h>

#include "schema/limits.h"

/* ---- comparing with msgpack-c ---- */

static void s_assert_bytes(slice_t seen, const char *expected, size_t len)
{
    assert_int_equal(seen.len, len);
    if (len > 0)
        assert_memory_equal(seen.ptr, expected, len);
}

static void s_assert_unsigned(unpack_t *in, uint64_t expected)
{
    unpack_t again = *in;
    uint64_t value;
    int64_t number;
    assert_int_equal(unpack_u64(in, &value), ERR_OK);
    assert_true(value == expected);
    if (expected > INT64_MAX) {
        assert_int_equal(unpack_i64(&again, &number), ERR_MALFORMED);
        return;
    }
    assert_int_equal(unpack_i64(&again, &number), ERR_OK);
    assert_true((uint64_t)number == expected);
}

static void s_assert_negative(unpack_t *in, int64_t expected)
{
    uint64_t value;
    int64_t number;
    assert_int_equal(unpack_u64(in, &value), ERR_MALFORMED);
    assert_int_equal(unpack_i64(in, &number), ERR_OK);
    assert_true(number == expected);
}

static void s_assert_same(unpack_t *in, const msgpack_object *object);

static void s_assert_items(unpack_t *in, const msgpack_object_array *array)
{
    size_t count;
    assert_int_equal(unpack_array(in, &count), ERR_OK);
    assert_int_equal(count, array->size);
    for (size_t i = 0; i < count; i++)
        s_assert_same(in, &array->ptr[i]);
}

static void s_assert_pairs(unpack_t *in, const msgpack_object_map *map)
{
    size_t count;
    assert_int_equal(unpack_map(in, &count), ERR_OK);
    assert_int_equal(count, map->size);
    for (size_t i = 0; i < count; i++) {
        s_assert_same(in, &map->ptr[i].key);
        s_assert_same(in, &map->ptr[i].val);
    }
}

/* What the cursor finds is what msgpack-c has found. */
static void s_assert_same(unpack_t *in, const msgpack_object *object)
{
    slice_t bytes;
    bool truth;
    switch (object->type) {
    case MSGPACK_OBJECT_NIL:
        assert_true(unpack_nil(in));
        break;
    case MSGPACK_OBJECT_BOOLEAN:
        assert_int_equal(unpack_bool(in, &truth), ERR_OK);
        assert_int_equal(truth, object->via.boolean);
        break;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        s_assert_unsigned(in, object->via.u64);
        break;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        s_assert_negative(in, object->via.i64);
        break;
    case MSGPACK_OBJECT_STR:
        assert_int_equal(unpack_str(in, &bytes), ERR_OK);
        s_assert_bytes(bytes, object->via.str.ptr, object->via.str.size);
        break;
    case MSGPACK_OBJECT_BIN:
        assert_int_equal(unpack_bin(in, &bytes), ERR_OK);
        s_assert_bytes(bytes, object->via.bin.ptr, object->via.bin.size);
        break;
    case MSGPACK_OBJECT_ARRAY:
        s_assert_items(in, &object->via.array);
        break;
    case MSGPACK_OBJECT_MAP:
        s_assert_pairs(in, &object->via.map);
        break;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
    case MSGPACK_OBJECT_EXT:
        assert_int_equal(unpack_any(in, &bytes), ERR_OK);
        break;
    }
}

/* How many containers lie in one another, empty ones not counted. */
static size_t s_depth(const msgpack_object *object)
{
    size_t deepest = 0, inner;
    bool map = object->type == MSGPACK_OBJECT_MAP;
    if (!map && object->type != MSGPACK_OBJECT_ARRAY)
        return 0;
    size_t count = map ? object->via.map.size : object->via.array.size;
    for (size_t i = 0; i < count; i++) {
        inner = s_depth(map ? &object->via.map.ptr[i].val : &object->via.array.ptr[i]);
        deepest = inner > deepest ? inner : deepest;
        inner = map ? s_depth(&object->via.map.ptr[i].key) : 0;
        deepest = inner > deepest ? inner : deepest;
    }
    return count > 0 ? deepest + 1 : 0;
}

/* Both take the first value of the input, and the same one, or both refuse it. */
static void s_compare(slice_t input)
{
    uint8_t *exact = malloc(input.len > 0 ? input.len : 1);
    memcpy(exact, input.ptr, input.len);
    unpack_t whole = {slice_new(exact, input.len)}, in = whole;
    slice_t bytes = {0};
    size_t taken = 0;
    msgpack_unpacked theirs;
    msgpack_unpacked_init(&theirs);

    bool accepted = msgpack_unpack_next(&theirs, (const char *)exact, input.len, &taken) ==
                    MSGPACK_UNPACK_SUCCESS;
    err_t err = unpack_any(&in, &bytes);
    if (err == ERR_OK) {
        assert_true(accepted);
        assert_int_equal(bytes.len, taken);
        assert_ptr_equal(in.left.ptr, exact + taken);
        s_assert_same(&whole, &theirs.data);
    } else {
        assert_ptr_equal(in.left.ptr, exact);
        assert_true(!accepted || s_depth(&theirs.data) > LIMIT_JSON_DEPTH);
    }
    msgpack_unpacked_destroy(&theirs);
    free(exact);
}

/* ---- random values ---- */

static uint64_t s_random(uint64_t below)
{
    return (uint64_t)random() % below;
}

/* Of every width alike. */
static uint64_t s_random_number(void)
{
    uint64_t bits = (uint64_t)random() << 62 ^ (uint64_t)random() << 31 ^ (uint64_t)random();
    return bits >> s_random(64);
}

static void s_random_bytes(buf_t *out, void write(buf_t *, slice_t))
{
    static const size_t lengths[] = {0, 1, 31, 32, 255, 256, 65535, 65536};
    static uint8_t bytes[65536];
    size_t which = s_random(100) > 0 ? s_random(6) : s_random(COUNT_OF(lengths));
    write(out, slice_new(bytes, lengths[which]));
}

static void s_random_value(buf_t *out, size_t depth)
{
    size_t count = s_random(100) > 0 ? s_random(4) : 14 + s_random(4);
    switch (s_random(depth < 4 ? 10 : 8)) {
    case 0:
        pack_nil(out);
        break;
    case 1:
        pack_bool(out, s_random(2) > 0);
        break;
    case 2:
        pack_u64(out, s_random_number());
        break;
    case 3:
        pack_i64(out, (int64_t)s_random_number());
        break;
    case 4:
        pack_i64(out, -(int64_t)(s_random_number() >> 1));
        break;
    case 5:
        s_random_bytes(out, pack_str);
        break;
    case 6:
        s_random_bytes(out, pack_bin);
        break;
    case 7:
        pack_wide_i64(out, (int64_t)s_random_number());
        break;
    case 8:
        pack_array(out, count);
        for (size_t i = 0; i < count; i++)
            s_random_value(out, depth + 1);
        break;
    case 9:
        pack_map(out, count);
        for (size_t i = 0; i < 2 * count; i++)
            s_random_value(out, depth + 1);
        break;
    }
}

static void test_random_values(void **state)
{
    (void)state;
    buf_t buf = {0};
    for (int i = 0; i < 20000; i++) {
        buf_reset(&buf);
        s_random_value(&buf, 0);
        s_compare(buf_slice(&buf));
    }
    buf_free(&buf);
}

static void test_random_bytes(void **state)
{
    (void)state;
    uint8_t bytes[24];
    for (int i = 0; i < 200000; i++) {
        size_t len = s_random(sizeof bytes + 1);
        for (size_t at = 0; at < len; at++) {
            bytes[at] = (uint8_t)random();
            if (bytes[at] == 0xdd || bytes[at] == 0xdf)
                bytes[at] = 0; /* their unpacker would ask for gigabytes */
        }
        s_compare(slice_new(bytes, len));
    }
}

static void test_truncated(void **state)
{
    (void)state;
    buf_t buf = {0};
    for (int i = 0; i < 2000; i++) {
        buf_reset(&buf);
        s_random_value(&buf, 3);
        for (size_t len = 0; len < buf.len && len < 300; len++)
            s_compare(slice_new(buf.data, len));
    }
    buf_free(&buf);
}

/* ---- single cases ---- */

static void test_numbers(void **state)
{
    (void)state;
    static const int64_t numbers[] = {
        0,          1,
        127,        128,
        255,        256,
        65535,      65536,
        -1,         -32,
        -33,        -128,
        -129,       -32768,
        -32769,     INT32_MAX,
        INT32_MIN,  (int64_t)INT32_MIN - 1,
        UINT32_MAX, (int64_t)UINT32_MAX + 1,
        INT64_MAX,  INT64_MIN,
    };
    buf_t buf = {0};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        int64_t value = 0;
        buf.len = 0;
        pack_i64(&buf, numbers[i]);
        s_compare(buf_slice(&buf));
        pack_wide_i64(&buf, numbers[i]);
        unpack_t in = {buf_slice(&buf)};
        assert_int_equal(unpack_i64(&in, &value), ERR_OK);
        assert_true(value == numbers[i]);
        assert_int_equal(unpack_i64(&in, &value), ERR_OK);
        assert_true(value == numbers[i]);
        assert_int_equal(in.left.len, 0);
    }
    buf_free(&buf);
}

static void test_wide(void **state)
{
    (void)state;
    buf_t buf = {0};
    pack_wide_u16(&buf, 7);
    pack_wide_u32(&buf, 7);
    pack_wide_u64(&buf, 7);
    assert_int_equal(buf.len, 3 + 5 + 9);
    assert_int_equal(wide_get16(buf.data + 1), 7);
    assert_int_equal(wide_get32(buf.data + 4), 7);
    assert_int_equal(wide_get64(buf.data + 9), 7);
    wide_put32(buf.data + 4, 0xfedcba98);
    wide_put64(buf.data + 9, 0xfedcba9876543210);
    assert_true(wide_get32(buf.data + 4) == 0xfedcba98);
    assert_true(wide_get64(buf.data + 9) == 0xfedcba9876543210);
    assert_int_equal(buf.data[4], 0xfe); /* big-endian */
    buf_free(&buf);
}

/* Five bytes that claim 100,000,000 of something. */
static void test_claims(void **state)
{
    (void)state;
    static const uint8_t firsts[] = {0xdd, 0xdf, 0xdb, 0xc6, 0xc9};
    for (size_t i = 0; i < sizeof firsts; i++) {
        const uint8_t claim[] = {firsts[i], 0x05, 0xf5, 0xe1, 0x00};
        unpack_t in = {slice_new(claim, sizeof claim)};
        slice_t bytes;
        size_t count;
        assert_int_equal(unpack_any(&in, &bytes), ERR_MALFORMED);
        assert_int_equal(unpack_array(&in, &count), ERR_MALFORMED);
        assert_int_equal(unpack_map(&in, &count), ERR_MALFORMED);
        assert_int_equal(unpack_str(&in, &bytes), ERR_MALFORMED);
        assert_int_equal(unpack_bin(&in, &bytes), ERR_MALFORMED);
        assert_int_equal(in.left.len, sizeof claim);
    }
}

static void test_depth(void **state)
{
    (void)state;
    uint8_t nested[LIMIT_JSON_DEPTH + 2];
    slice_t bytes;
    memset(nested, 0x91, sizeof nested);
    nested[LIMIT_JSON_DEPTH] = 0xc0;
    unpack_t in = {slice_new(nested, LIMIT_JSON_DEPTH + 1)};
    assert_int_equal(unpack_any(&in, &bytes), ERR_OK);
    nested[LIMIT_JSON_DEPTH] = 0x91;
    nested[LIMIT_JSON_DEPTH + 1] = 0xc0;
    in.left = slice_new(nested, sizeof nested);
    assert_int_equal(unpack_any(&in, &bytes), ERR_MALFORMED);
}

/* A value of one kind is no value of another, and stays where it is. */
static void test_other_kinds(void **state)
{
    (void)state;
    static const uint8_t values[] = {0x01, 0xff, 0xc0, 0xc3, 0xa0, 0x90, 0x80, 0xc1};
    for (size_t i = 0; i < sizeof values; i++) {
        unpack_t in = {slice_new(values + i, 1)};
        uint64_t number;
        slice_t bytes;
        size_t count;
        bool truth;
        assert_int_equal(unpack_u64(&in, &number) == ERR_OK, values[i] == 0x01);
        in.left = slice_new(values + i, 1);
        assert_int_equal(unpack_bool(&in, &truth) == ERR_OK, values[i] == 0xc3);
        in.left = slice_new(values + i, 1);
        assert_int_equal(unpack_str(&in, &bytes) == ERR_OK, values[i] == 0xa0);
        in.left = slice_new(values + i, 1);
        assert_int_equal(unpack_array(&in, &count) == ERR_OK, values[i] == 0x90);
        in.left = slice_new(values + i, 1);
        assert_int_equal(unpack_map(&in, &count) == ERR_OK, values[i] == 0x80);
        in.left = slice_new(values + i, 1);
        assert_int_equal(unpack_nil(&in), values[i] == 0xc0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_values), cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_truncated),     cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_wide),          cmocka_unit_test(test_claims),
        cmocka_unit_test(test_depth),         cmocka_unit_test(test_other_kinds),
    };
    srandom(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
