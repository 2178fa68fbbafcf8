/* adopted_test.c - what the edge remembers of foreign tokens, and for how long. */
#include "ws-edge/adopted.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { NOW = 1000 };

/* The hash of a number, whose first bytes may be made the same as another's. */
static const uint8_t *s_hash(uint64_t number)
{
    static uint8_t hash[CRYPTO_BLAKE256_SIZE];
    crypto_blake256(slice_new(&number, sizeof number), hash);
    return hash;
}

static uint64_t s_found(const adopted_t *adopted, const uint8_t *hash)
{
    who_t who = {0};
    return adopted_find(adopted, hash, NOW, &who) ? who.account : 0;
}

static void test_a_token_is_found_until_it_expires(void **state)
{
    (void)state;
    adopted_t *adopted = adopted_new();
    adopted_put(adopted, s_hash(1), (who_t){.account = 7, .session = 70, .expires = NOW + 1});
    adopted_put(adopted, s_hash(2), (who_t){.account = 8, .session = 80, .expires = NOW});
    assert_int_equal(s_found(adopted, s_hash(1)), 7);
    assert_int_equal(s_found(adopted, s_hash(2)), 0);
    assert_int_equal(s_found(adopted, s_hash(3)), 0);
    adopted_put(adopted, s_hash(2), (who_t){.account = 8, .session = 80, .expires = NOW + 1});
    assert_int_equal(s_found(adopted, s_hash(2)), 8);
    adopted_destroy(&adopted);
}

static void test_the_whole_hash_counts(void **state)
{
    (void)state;
    uint8_t other[CRYPTO_BLAKE256_SIZE];
    adopted_t *adopted = adopted_new();
    adopted_put(adopted, s_hash(1), (who_t){.account = 7, .expires = NOW + 1});
    memcpy(other, s_hash(1), sizeof other);
    other[sizeof other - 1] ^= 1;
    assert_int_equal(s_found(adopted, other), 0);
    adopted_put(adopted, other, (who_t){.account = 8, .expires = NOW + 1});
    assert_int_equal(s_found(adopted, other), 8);
    assert_int_equal(s_found(adopted, s_hash(1)), 0);
    adopted_destroy(&adopted);
}

static void test_past_the_bound_the_first_is_forgotten(void **state)
{
    (void)state;
    adopted_t *adopted = adopted_new();
    for (uint64_t number = 1; number <= ADOPTED_MAX + 1; number++)
        adopted_put(adopted, s_hash(number), (who_t){.account = number, .expires = NOW + 1});
    assert_int_equal(s_found(adopted, s_hash(1)), 0);
    assert_int_equal(s_found(adopted, s_hash(2)), 2);
    assert_int_equal(s_found(adopted, s_hash(ADOPTED_MAX + 1)), ADOPTED_MAX + 1);
    adopted_destroy(&adopted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_token_is_found_until_it_expires),
        cmocka_unit_test(test_the_whole_hash_counts),
        cmocka_unit_test(test_past_the_bound_the_first_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
