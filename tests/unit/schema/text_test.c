/* text_test.c - UTF-8 against the table of RFC 3629, all code points and all pairs. */
#include "schema/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"

/* Whether the bytes are text, in memory of exactly their length. */
static bool s_valid(slice_t bytes)
{
    uint8_t *exact = mem_grow(NULL, bytes.len > 0 ? bytes.len : 1);
    if (bytes.len > 0)
        memcpy(exact, bytes.ptr, bytes.len);
    bool valid = text_valid(slice_new(exact, bytes.len));
    mem_free(exact);
    return valid;
}

/* The code point as the generic form would encode it in `len` bytes. */
static slice_t s_encoded(uint32_t point, size_t len, uint8_t to[4])
{
    static const uint8_t lead[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
    for (size_t i = len - 1; i > 0; i--, point >>= 6)
        to[i] = (uint8_t)(0x80 | (point & 0x3f));
    to[0] = (uint8_t)(lead[len] | point);
    return slice_new(to, len);
}

static size_t s_len_of(uint32_t point)
{
    return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

static void test_every_code_point(void **state)
{
    (void)state;
    uint8_t bytes[4];
    for (uint32_t point = 0; point < 0x120000; point++) {
        bool surrogate = point >= 0xd800 && point < 0xe000;
        bool expected = point != 0 && !surrogate && point <= 0x10ffff;
        uint8_t ours[4];
        slice_t encoded = s_encoded(point, s_len_of(point), bytes);
        if (text_valid(encoded) != expected)
            fail_msg("U+%04X", point);
        if (!slice_eq(slice_new(ours, text_encode(point, ours)), encoded))
            fail_msg("U+%04X is encoded otherwise", point);
    }
}

static void test_overlong_forms_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[4];
    static const uint32_t firsts[] = {0, 0x7f, 0x7ff, 0xffff};
    for (size_t i = 0; i < COUNT_OF(firsts); i++)
        for (size_t len = s_len_of(firsts[i]) + 1; len <= 4; len++)
            assert_false(s_valid(s_encoded(firsts[i], len, bytes)));
}

static void test_every_two_bytes(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            uint8_t bytes[] = {(uint8_t)first, (uint8_t)second};
            bool ascii = first > 0 && first < 0x80 && second > 0 && second < 0x80;
            bool pair = first >= 0xc2 && first < 0xe0 && second >= 0x80 && second < 0xc0;
            assert_true(text_valid(slice_new(bytes, 2)) == (ascii || pair));
        }
}

static void test_cut_sequences_are_refused_and_not_read_over(void **state)
{
    (void)state;
    static const char *const texts[] = {"\xc3",         "\xe2\x82",         "\xe2",
                                        "\xf0\x9f\x92", "a\xf0\x9f",        "\x80",
                                        "ok\xbf",       "\xf5\x80\x80\x80", "\xff"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_false(s_valid(slice_of(texts[i])));
    assert_true(s_valid(SLICE_LIT("")));
    assert_true(s_valid(SLICE_LIT("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xa9")));
    assert_false(s_valid(SLICE_LIT("a\0b")));
}

static void test_length_counts_code_points(void **state)
{
    (void)state;
    assert_int_equal(text_length(SLICE_LIT("")), 0);
    assert_int_equal(text_length(SLICE_LIT("abc")), 3);
    assert_int_equal(text_length(SLICE_LIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xa9")), 3);
}

/* ASCII is taken by the eight bytes: nothing may hide among them, wherever it lies. */
static void test_what_lies_amid_plain_letters(void **state)
{
    (void)state;
    enum { LETTERS = 24 };
    static const struct {
        slice_t piece;
        size_t characters; /* 0: refused */
    } rows[] = {
        {SLICE_LIT("x"), 1},
        {SLICE_LIT("\x01"), 1},
        {SLICE_LIT("\xc3\xa9"), 1},
        {SLICE_LIT("\xe2\x82\xac\xc3\xa9"), 2},
        {SLICE_LIT("\xf0\x9f\x92\xa9"), 1},
        {SLICE_LIT("\0"), 0},
        {SLICE_LIT("\x01\0"), 0},
        {SLICE_LIT("\x80"), 0},
        {SLICE_LIT("\xe2\x82"), 0},
        {SLICE_LIT("\xff"), 0},
    };
    for (size_t row = 0; row < COUNT_OF(rows); row++)
        for (size_t at = 0; at <= LETTERS; at++) {
            uint8_t text[LETTERS + 8];
            slice_t piece = rows[row].piece;
            memset(text, 'x', sizeof text);
            memcpy(text + at, piece.ptr, piece.len);
            assert_true(s_valid(slice_new(text, LETTERS + piece.len)) ==
                        (rows[row].characters > 0));
            if (rows[row].characters > 0)
                assert_int_equal(text_length(slice_new(text, LETTERS + piece.len)),
                                 LETTERS + rows[row].characters);
        }
}

static void test_names_have_nothing_that_misleads(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        " a",
        "a ",
        "a\nb",
        "a\x7f",
        "a\xc2\x9b",
        "<b>",
        "a&b",
        "a\"b",
        "a'b",
        "a\xe2\x80\xae"
        "b", /* right-to-left override */
        "a\xe2\x80\x8b"
        "b", /* zero width space */
        "a\xe2\x81\xa6"
        "b", /* isolate */
        "\xef\xbb\xbf"
        "a", /* byte order mark */
        "a\xd8\x9c"
        "b", /* Arabic letter mark */
        "a\xff",
        "a\xc2\xad"
        "b", /* soft hyphen */
        "a\xc2\xa0"
        "b",                 /* space that does not break */
        "a\xe3\x85\xa4",     /* Hangul filler */
        "\xe2\xa0\x80",      /* Braille without dots */
        "a\xef\xb8\x8f",     /* variation selector behind a letter */
        "a\xf3\xa0\x80\xa0", /* tag */
    };
    static const char *const good[] = {
        "a",
        "Ann Lee",
        "\xc3\x89mile",
        "\xe6\x9d\x8e",
        "a-b_c.d",
        "\xf0\x9f\x90\x9d",
        "\xe2\x9d\xa4\xef\xb8\x8f", /* a red heart */
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(text_nameable(slice_of(bad[i])));
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(text_nameable(slice_of(good[i])));
}

static void test_lower_leaves_other_letters_alone(void **state)
{
    (void)state;
    slice_t text = SLICE_LIT("AZaz09 \xc3\x89@[");
    uint8_t lower[32];
    text_lower(text, lower);
    assert_memory_equal(lower, "azaz09 \xc3\x89@[", text.len);
}

static void test_a_uuid_has_its_form_and_no_other(void **state)
{
    (void)state;
    assert_true(text_is_uuid(SLICE_LIT("99f0e998-1360-11e9-ab6c-00e04c681690")));
    assert_false(text_is_uuid(SLICE_LIT("99F0E998-1360-11E9-AB6C-00E04C681690")));
    assert_false(text_is_uuid(SLICE_LIT("99f0e998-1360-11e9-ab6c-00e04c68169")));
    assert_false(text_is_uuid(SLICE_LIT("99f0e998-1360-11e9-ab6c-00e04c6816900")));
    assert_false(text_is_uuid(SLICE_LIT("99f0e998x1360-11e9-ab6c-00e04c681690")));
    assert_false(text_is_uuid(SLICE_LIT("99f0e998-1360-11e9-ab6c-00e04c68169-")));
    assert_false(text_is_uuid(SLICE_LIT("99f0e998-1360-11e9-ab6c-00e04c68169\0")));
    assert_false(text_is_uuid((slice_t){0}));
}

static void test_a_number_is_digits_alone(void **state)
{
    uint64_t number = 7;
    (void)state;
    assert_true(text_number(SLICE_LIT("0"), 1, &number));
    assert_int_equal(number, 0);
    assert_true(text_number(SLICE_LIT("9999999999999999999"), 19, &number));
    assert_true(number == UINT64_C(9999999999999999999));
    number = 7;
    assert_false(text_number(SLICE_LIT(""), 5, &number));
    assert_false(text_number((slice_t){0}, 5, &number));
    assert_false(text_number(SLICE_LIT("123456"), 5, &number));
    assert_false(text_number(SLICE_LIT("-1"), 5, &number));
    assert_false(text_number(SLICE_LIT("+1"), 5, &number));
    assert_false(text_number(SLICE_LIT(" 1"), 5, &number));
    assert_false(text_number(SLICE_LIT("1 "), 5, &number));
    assert_int_equal(number, 7); /* untouched */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_uuid_has_its_form_and_no_other),
        cmocka_unit_test(test_every_code_point),
        cmocka_unit_test(test_overlong_forms_are_refused),
        cmocka_unit_test(test_every_two_bytes),
        cmocka_unit_test(test_cut_sequences_are_refused_and_not_read_over),
        cmocka_unit_test(test_length_counts_code_points),
        cmocka_unit_test(test_what_lies_amid_plain_letters),
        cmocka_unit_test(test_names_have_nothing_that_misleads),
        cmocka_unit_test(test_lower_leaves_other_letters_alone),
        cmocka_unit_test(test_a_number_is_digits_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
