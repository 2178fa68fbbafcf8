/* public_uuids_test.c - uuid_mode=documented: the uuid that names an account leads to its
 * session that was opened last, and to none once that mode is over. */
#include "tests/unit/actors/session/guests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const int64_t s_day = INT64_C(24) * 60 * 60 * 1000 * 1000; /* µs */

static int s_setup(void **state)
{
    guests_setup(state);
    stage_set_options(((staging_t *)*state)->stage, &(actor_options_t){.public_uuids = true});
    return 0;
}

static uint64_t s_sign_in(staging_t *at, char uuid[37])
{
    session_open_call_t ask = {
        .login = SLICE_LIT("ann"),
        .password = SLICE_LIT("secret-1"),
        .uuid = true,
    };
    const outcome_t *outcome = staging_ask(at, CALL_session_open, &ask);
    assert_int_equal(outcome->status, ERR_OK);
    const signed_in_t *in = outcome->answer;
    assert_true(slice_eq(in->uuid, in->account->uuid));
    snprintf(uuid, 37, "%.*s", SLICE_ARG(in->uuid));
    return in->session;
}

static err_t s_find(staging_t *at, const char *uuid, uint64_t *ret_session)
{
    const outcome_t *outcome =
        staging_ask(at, CALL_session_find, &(session_find_call_t){slice_of(uuid)});
    if (outcome->status == ERR_OK)
        *ret_session = ((const found_session_t *)outcome->answer)->session;
    return outcome->status;
}

static void test_it_leads_to_the_session_that_was_opened_last(void **state)
{
    staging_t *at = *state;
    char first[37], second[37];
    uint64_t found = 0;
    guests_join(at, "ann", NULL);
    s_sign_in(at, first);
    at->now += 20 * s_day;
    uint64_t later = s_sign_in(at, second);
    assert_string_equal(first, second);
    at->now += 15 * s_day; /* the earlier one is over, and forgotten as others come */
    guests_join(at, "bob", NULL);
    guests_join(at, "carl", NULL);
    assert_int_equal(s_find(at, first, &found), ERR_OK);
    assert_int_equal(found, later);
}

static void test_it_leads_nowhere_once_the_mode_is_over(void **state)
{
    staging_t *at = *state;
    char uuid[37];
    uint64_t found = 0;
    guests_join(at, "ann", NULL);
    s_sign_in(at, uuid);
    stage_set_options(at->stage, &(actor_options_t){0});
    assert_int_equal(s_find(at, uuid, &found), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_it_leads_to_the_session_that_was_opened_last, s_setup,
                                        staging_end),
        cmocka_unit_test_setup_teardown(test_it_leads_nowhere_once_the_mode_is_over, s_setup,
                                        staging_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
