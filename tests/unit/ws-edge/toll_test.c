/* toll_test.c - what costs, what is given back, and who pays. */
#include "ws-edge/toll.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "actors/crypto.h"

enum { LOGIN_TRIES = 50, UNKNOWN_TRIES = 1000 };

static const uint64_t s_now = 1000000;

typedef struct world {
    toll_t toll;
    payer_t payer;
} world_t;

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    world->toll = (toll_t){.quota = quota_new(), .sign_ups = true, .failures = true};
    world->payer = (payer_t){.address = 1, .account = 7};
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    quota_destroy(&world->toll.quota);
    mem_free(world);
    return 0;
}

/* One call that comes to `err`; how long it would have had to wait. */
static unsigned s_try(world_t *world, call_number_t call, const void *args, err_t err)
{
    const call_type_t *type = call_type((uint16_t)call);
    unsigned wait_s = toll_pay(&world->toll, &world->payer, type, args, s_now);
    if (wait_s == 0)
        toll_settle(&world->toll, &world->payer, type, err, s_now);
    return wait_s;
}

static unsigned s_sign_in(world_t *world, const char *login, err_t err)
{
    session_open_call_t args = {.login = slice_of(login)};
    return s_try(world, CALL_session_open, &args, err);
}

static void test_failures_on_one_login_end_its_tries_whatever_the_case(void **state)
{
    world_t *world = *state;
    for (int i = 0; i < LOGIN_TRIES; i++)
        assert_int_equal(s_sign_in(world, i % 2 ? "ann" : "ANN", ERR_BAD_CREDENTIALS), 0);
    assert_int_not_equal(s_sign_in(world, "Ann", ERR_OK), 0);
    assert_int_equal(s_sign_in(world, "bob", ERR_OK), 0);
}

static void test_signing_in_rightly_costs_nothing(void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 10 * LOGIN_TRIES; i++)
        assert_int_equal(s_sign_in(world, "ann", ERR_OK), 0);
}

/* Before any of them has failed: they are paid for in advance. */
static void test_tries_at_once_are_counted(void **state)
{
    world_t *world = *state;
    session_open_call_t args = {.login = SLICE_LIT("ann")};
    const call_type_t *type = call_type(CALL_session_open);
    for (int i = 0; i < LOGIN_TRIES; i++)
        assert_int_equal(toll_pay(&world->toll, &world->payer, type, &args, s_now), 0);
    assert_int_not_equal(toll_pay(&world->toll, &world->payer, type, &args, s_now), 0);
}

static void test_who_asks_for_unknown_rooms_too_often_gets_none(void **state)
{
    world_t *world = *state;
    room_get_call_t args = {.room = 5};
    for (int i = 0; i < UNKNOWN_TRIES; i++)
        assert_int_equal(s_try(world, CALL_room_get, &args, ERR_NOT_FOUND), 0);
    assert_int_not_equal(s_try(world, CALL_room_get, &args, ERR_OK), 0);
    assert_int_not_equal(s_try(world, CALL_room_post, &(room_post_call_t){.room = 5}, ERR_OK), 0);
    assert_int_equal(s_try(world, CALL_account_get, &(account_get_call_t){}, ERR_OK), 0);
    world->payer.account = 8;
    assert_int_equal(s_try(world, CALL_room_get, &args, ERR_OK), 0);
}

static void test_switched_off_nothing_is_limited(void **state)
{
    world_t *world = *state;
    world->toll.sign_ups = world->toll.failures = false;
    for (int i = 0; i < 10 * LOGIN_TRIES; i++) {
        assert_int_equal(s_sign_in(world, "ann", ERR_BAD_CREDENTIALS), 0);
        assert_int_equal(s_try(world, CALL_account_register, &(account_register_call_t){}, ERR_OK),
                         0);
    }
}

static void test_an_address_of_ipv6_counts_with_its_network(void **state)
{
    world_t *world = *state;
    uint64_t one = toll_address(&world->toll, SLICE_LIT("2001:db8::1"));
    assert_int_equal(one, toll_address(&world->toll, SLICE_LIT("2001:db8::ffff:1")));
    assert_int_not_equal(one, toll_address(&world->toll, SLICE_LIT("2001:db8:0:1::1")));
    assert_int_not_equal(toll_address(&world->toll, SLICE_LIT("192.0.2.1")),
                         toll_address(&world->toll, SLICE_LIT("192.0.2.2")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_failures_on_one_login_end_its_tries_whatever_the_case),
        TEST(test_signing_in_rightly_costs_nothing),
        TEST(test_tries_at_once_are_counted),
        TEST(test_who_asks_for_unknown_rooms_too_often_gets_none),
        TEST(test_switched_off_nothing_is_limited),
        TEST(test_an_address_of_ipv6_counts_with_its_network),
    };
    return crypto_start() != ERR_OK || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
