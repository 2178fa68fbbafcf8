/* md5_test.c - two hashes of RFC 1321. */
#include "actors/md5.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_hashes(void **state)
{
    uint8_t hash[MD5_SIZE];
    (void)state;
    assert_true(md5(SLICE_LIT(""), hash));
    assert_memory_equal(hash, "\xd4\x1d\x8c\xd9\x8f\x00\xb2\x04\xe9\x80\x09\x98\xec\xf8\x42\x7e",
                        16);
    assert_true(md5(SLICE_LIT("abc"), hash));
    assert_memory_equal(hash, "\x90\x01\x50\x98\x3c\xd2\x4f\xb0\xd6\x96\x3f\x7d\x28\xe1\x7f\x72",
                        16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hashes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
