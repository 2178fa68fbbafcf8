/* docket_test.c - what is struck is gone, the rest stays in its order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "broker/docket.h"

static void s_expect(docket_t *docket, uint64_t origin, uint64_t corr)
{
    errand_t errand = {0};
    assert_true(docket_take(docket, &errand));
    assert_int_equal(errand.origin, origin);
    assert_int_equal(errand.corr, corr);
}

static void s_test_what_is_struck_is_gone(void **state)
{
    (void)state;
    docket_t docket = {0};
    errand_t errand;
    for (uint64_t corr = 1; corr <= 4; corr++)
        docket_add(&docket, (errand_t){1, corr, 9});
    docket_add(&docket, (errand_t){2, 2, 9});
    docket_strike(&docket, 1, 2);
    docket_strike(&docket, 1, 4);
    docket_strike(&docket, 1, 4); /* there no longer */
    docket_strike(&docket, 3, 1); /* never there */
    s_expect(&docket, 1, 1);
    s_expect(&docket, 1, 3);
    s_expect(&docket, 2, 2);
    assert_false(docket_take(&docket, &errand));
    docket_clear(&docket);
}

/* One waits for the pool while thousands come and go behind it. */
static void s_test_one_that_stays_is_not_lost(void **state)
{
    (void)state;
    docket_t docket = {0};
    docket_add(&docket, (errand_t){1, 1, 9});
    for (uint64_t corr = 2; corr < 10000; corr++) {
        docket_add(&docket, (errand_t){1, corr, 9});
        if (corr > 100)
            docket_strike(&docket, 1, corr - 99);
    }
    assert_int_equal(docket.count, 100);
    s_expect(&docket, 1, 1);
    s_expect(&docket, 1, 9901);
    docket_clear(&docket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_test_what_is_struck_is_gone),
        cmocka_unit_test(s_test_one_that_stays_is_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
