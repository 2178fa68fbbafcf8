/* digests_test.c - what is written is read, and nothing that leads out of the folder. */
#include "tools/kith/digests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"

static void test_lines_come_back(void **state)
{
    (void)state;
    uint8_t hash[HASH_SIZE];
    digests_t made = {0}, read = {0};
    buf_t text = {0};
    crypto_blake256(SLICE_LIT("b"), hash);
    assert_true(digests_add(&made, "journal/00000000000000000001/000005.ldb", hash));
    assert_true(digests_add(&made, "a b  c", hash));
    digests_sort(&made);
    digests_put(&text, &made);
    assert_int_equal(digests_read(buf_slice(&text), &read), ERR_OK);
    assert_int_equal(read.count, 2);
    const digest_t *found = digests_find(&read, "a b  c");
    assert_non_null(found);
    assert_memory_equal(found->hash, hash, HASH_SIZE);
    assert_null(digests_find(&read, "a b c"));
    digests_free(&made);
    digests_free(&read);
    buf_free(&text);
}

static void test_no_name_leads_elsewhere(void **state)
{
    (void)state;
    static const char *const names[] = {"",       ".",    "..",    "/etc/passwd", "../x",
                                        "a/../b", "a//b", "a/./b", "a/",          "a/..",
                                        "a\nb",   "a\\b", "\x7f",  "a\x1b[2J"};
    uint8_t hash[HASH_SIZE] = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        digests_t digests = {0};
        buf_t text = {0};
        assert_false(digests_add(&digests, names[i], hash));
        crypto_hex(&text, slice_new(hash, HASH_SIZE));
        buf_printf(&text, "  %s\n", names[i]);
        assert_int_equal(digests_read(buf_slice(&text), &digests), ERR_CORRUPT);
        assert_null(digests.items);
        buf_free(&text);
    }
}

static void test_what_is_no_line_is_refused(void **state)
{
    (void)state;
    static const char hex[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static const char *const forms[] = {"%s",    "%s\n",     "%s  \n",      "%s a\n",
                                        "%s  a", "x%s  a\n", "%.63s   a\n", "\n%s  a\n"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char text[128];
        digests_t digests = {0};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, forms[i], hex);
#pragma GCC diagnostic pop
        if (digests_read(slice_of(text), &digests) != ERR_CORRUPT)
            fail_msg("taken: %s", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_come_back),
        cmocka_unit_test(test_no_name_leads_elsewhere),
        cmocka_unit_test(test_what_is_no_line_is_refused),
    };
    return crypto_start() == ERR_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
