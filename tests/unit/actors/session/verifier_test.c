/* verifier_test.c - which Argon2id strings an import may bring. */
#include "actors/session/verifier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "schema/mem.h"

#define SALT "c29tZXNhbHRzb21lc2FsdA"
#define HASH "RdescudvJCsgt3ub+b/dWRWJTmaaJObGRdescudvJCs"

static void test_what_we_make_ourselves_is_good(void **state)
{
    (void)state;
    char verifier[CRYPTO_VERIFIER_SIZE];
    assert_int_equal(crypto_start(), ERR_OK);
    assert_int_equal(crypto_password_hash(SLICE_LIT("secret-1"), CRYPTO_COST_TEST, verifier),
                     ERR_OK);
    assert_true(verifier_good(slice_of(verifier)));
}

static void test_what_others_make_is_good(void **state)
{
    (void)state;
    static const char *const good[] = {
        "$argon2id$v=19$m=65536,t=3,p=4$" SALT "$" HASH,
        "$argon2id$v=19$m=19456,t=2,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=262144,t=4,p=1$" SALT "$" HASH,
    };
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(verifier_good(slice_of(good[i])));
}

static void test_all_else_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "secret-1",
        "$argon2i$v=19$m=65536,t=3,p=4$" SALT "$" HASH,
        "$argon2id$v=16$m=65536,t=3,p=4$" SALT "$" HASH,
        "$argon2id$m=65536,t=3,p=4$" SALT "$" HASH,
        "$argon2id$v=19$t=3,m=65536,p=4$" SALT "$" HASH,
        "$argon2id$v=19$m=065536,t=3,p=4$" SALT "$" HASH,
        "$argon2id$v=19$m=65536,t=0,p=4$" SALT "$" HASH,
        "$argon2id$v=19$m=65536,t=,p=4$" SALT "$" HASH,
        "$argon2id$v=19$m=-1,t=3,p=4$" SALT "$" HASH,
        "$argon2id$v=19$m=18446744073709617152,t=3,p=4$" SALT "$" HASH,
        "$argon2id$v=19$m=65536,t=3,p=4$c29tZQ$" HASH,
        "$argon2id$v=19$m=65536,t=3,p=4$" SALT "$RdescudvJCs",
        "$argon2id$v=19$m=65536,t=3,p=4$" SALT "$" HASH "=",
        "$argon2id$v=19$m=65536,t=3,p=4$" SALT "$" HASH "$",
        "$argon2id$v=19$m=65536,t=3,p=4$" SALT,
        "$argon2id$v=19$m=65536,t=3,p=4$" SALT "$" HASH HASH HASH,
        "$argon2id$v=19$m=262145,t=1,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=262144,t=5,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=8,t=999999,p=1$" SALT "$" HASH,
        "$argon2id$v=19$m=65536,t=1,p=9$" SALT "$" HASH,
        "$argon2id$v=19$m=8,t=1,p=2$" SALT "$" HASH,
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (verifier_good(slice_of(bad[i])))
            fail_msg("taken: %s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_we_make_ourselves_is_good),
        cmocka_unit_test(test_what_others_make_is_good),
        cmocka_unit_test(test_all_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
