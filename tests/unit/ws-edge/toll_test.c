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
    world->toll = (toll_t){.quota = quota_new(), .homes = homes_new()};
    world->payer = (payer_t){.address = 1, .account = 7};
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    quota_destroy(&world->toll.quota);
    homes_destroy(&world->toll.homes);
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

/* Who guesses from elsewhere, or beside them, locks nobody out; at home there are tries, too. */
static void test_who_is_at_home_is_let_in_while_others_guess(void **state)
{
    world_t *world = *state;
    const uint64_t home = 1, elsewhere = 2;
    world->payer.address = home;
    assert_int_equal(s_sign_in(world, "ann", ERR_OK), 0);
    world->payer.address = elsewhere;
    while (s_sign_in(world, "ann", ERR_BAD_CREDENTIALS) == 0)
        ;
    assert_int_not_equal(s_sign_in(world, "ann", ERR_OK), 0);
    world->payer.address = home;
    for (int i = 0; i < 1000; i++)
        (void)s_sign_in(world, i % 2 ? "bob" : "eve", ERR_BAD_CREDENTIALS);
    for (int i = 0; s_sign_in(world, "nobody", ERR_BAD_CREDENTIALS) == 0; i++)
        assert_true(i < 1000);
    assert_int_equal(s_sign_in(world, "ANN", ERR_OK), 0);
    for (int i = 0; i < LOGIN_TRIES; i++)
        assert_int_equal(s_sign_in(world, "ann", ERR_BAD_CREDENTIALS), 0);
    assert_int_not_equal(s_sign_in(world, "ann", ERR_OK), 0);
}

static void test_a_sign_up_makes_a_home_and_a_mail_does_not(void **state)
{
    world_t *world = *state;
    world->payer.address = 2;
    while (s_sign_in(world, "ann", ERR_BAD_CREDENTIALS) == 0)
        ;
    while (s_sign_in(world, "bob", ERR_BAD_CREDENTIALS) == 0)
        ;
    world->payer.address = 3;
    account_register_call_t ann = {.login = SLICE_LIT("ann")};
    reset_ask_call_t bob = {.login = SLICE_LIT("bob")};
    assert_int_equal(s_try(world, CALL_account_register, &ann, ERR_OK), 0);
    assert_int_equal(s_try(world, CALL_reset_ask, &bob, ERR_OK), 0);
    assert_int_equal(s_sign_in(world, "ann", ERR_OK), 0);
    assert_int_not_equal(s_sign_in(world, "bob", ERR_OK), 0);
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

/* Rows of the table that do not look at the arguments: after how many there is no more,
 * whether those count that are refused, and whether another account or address may go on. */
static void test_each_guarded_call_runs_dry(void **state)
{
    static const struct {
        call_number_t call;
        rate_id_t rate;
        bool refusals;
        bool by_account;
    } rows[] = {
        {CALL_account_register, RATE_SIGN_UP, false, false},
        {CALL_email_ask, RATE_MAIL_TO, true, true},
        {CALL_email_verify, RATE_LINK, true, false},
        {CALL_password_reset, RATE_LINK, true, false},
        {CALL_room_create, RATE_ROOM, false, true},
        {CALL_room_direct, RATE_ROOM, false, true},
        {CALL_room_invite, RATE_INVITE, true, true},
        {CALL_search_messages, RATE_SEARCH, true, true},
        {CALL_key_create, RATE_KEY, true, true},
        {CALL_key_revoke, RATE_KEY, true, true},
        {CALL_account_import, RATE_IMPORT, true, true},
    };
    world_t *world = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world->payer = (payer_t){.address = 1000 + 2 * i, .account = 1000 + 2 * i};
        quota_set(world->toll.quota, rows[i].rate, &(rate_t){.size = 2, .pace_us = 5000000});
        assert_int_equal(s_try(world, rows[i].call, NULL, ERR_OK), 0);
        assert_int_equal(s_try(world, rows[i].call, NULL, ERR_FORBIDDEN), 0);
        assert_int_equal(s_try(world, rows[i].call, NULL, ERR_OK), rows[i].refusals ? 5 : 0);
        assert_int_equal(s_try(world, rows[i].call, NULL, ERR_OK), 5);
        world->payer.account += rows[i].by_account;
        world->payer.address += !rows[i].by_account;
        assert_int_equal(s_try(world, rows[i].call, NULL, ERR_OK), 0);
    }
}

/* Or e-mails could be tried out until one is known. */
static void test_taken_names_count_as_sign_ups(void **state)
{
    world_t *world = *state;
    account_register_call_t args = {.email = SLICE_LIT("ann@example.org")};
    unsigned tries = 0;
    while (s_try(world, CALL_account_register, &args, ERR_EXISTS) == 0)
        assert_true(++tries <= rate_default(RATE_SIGN_UP).size);
    assert_int_equal(tries, rate_default(RATE_SIGN_UP).size);
}

static void test_mail_to_a_login_is_counted_by_login_and_by_address(void **state)
{
    world_t *world = *state;
    quota_set(world->toll.quota, RATE_MAIL_TO, &(rate_t){.size = 1, .pace_us = 5000000});
    quota_set(world->toll.quota, RATE_MAIL, &(rate_t){.size = 2, .pace_us = 5000000});
    reset_ask_call_t ann = {.login = SLICE_LIT("ann")}, bob = {.login = SLICE_LIT("bob")};
    assert_int_equal(s_try(world, CALL_reset_ask, &ann, ERR_OK), 0);
    assert_int_equal(s_try(world, CALL_reset_ask, &ann, ERR_OK), 5);
    assert_int_equal(s_try(world, CALL_reset_ask, &bob, ERR_OK), 0);
    bob.login = SLICE_LIT("carol");
    assert_int_equal(s_try(world, CALL_reset_ask, &bob, ERR_OK), 5);
}

static void test_passwords_are_not_guessed_where_they_are_asked_for_again(void **state)
{
    static const call_number_t calls[] = {CALL_password_change, CALL_email_change,
                                          CALL_account_delete};
    world_t *world = *state;
    for (int i = 0; i < LOGIN_TRIES; i++)
        assert_int_equal(s_try(world, calls[i % 3], NULL, ERR_BAD_CREDENTIALS), 0);
    for (size_t i = 0; i < COUNT_OF(calls); i++)
        assert_int_not_equal(s_try(world, calls[i], NULL, ERR_OK), 0);
}

static void test_uploads_are_counted_by_file_and_by_size(void **state)
{
    const world_t *world = *state;
    const toll_t *toll = &world->toll;
    quota_set(toll->quota, RATE_UPLOAD, &(rate_t){.size = 2, .pace_us = 5000000});
    quota_set(toll->quota, RATE_UPLOAD_SIZE, &(rate_t){.size = 100, .pace_us = 1000000});
    payer_t payer = {.account = 7};
    assert_int_equal(toll_pay_upload(toll, &payer, 1, s_now), 0);
    assert_int_equal(toll_pay_upload(toll, &payer, 1, s_now), 0);
    assert_int_equal(toll_pay_upload(toll, &payer, 1, s_now), 5);
    payer.account = 8;
    assert_int_equal(toll_pay_upload(toll, &payer, 100 * 1024, s_now), 0);
    assert_int_equal(toll_pay_upload(toll, &payer, 1, s_now), 1);
}

/* As many as can be asked for: posting has no rate. */
static void test_posting_costs_nothing(void **state)
{
    world_t *world = *state;
    room_post_call_t post = {.room = 5, .text = SLICE_LIT("hello")};
    for (int i = 0; i < 100000; i++)
        assert_int_equal(s_try(world, CALL_room_post, &post, ERR_OK), 0);
}

static void test_switched_off_nothing_is_limited(void **state)
{
    world_t *world = *state;
    for (rate_id_t id = 0; id < RATE_COUNT; id++)
        quota_set(world->toll.quota, id, &(rate_t){0});
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

static void test_only_unknown_uuids_count(void **state)
{
    world_t *world = *state;
    session_find_call_t args = {0};
    quota_set(world->toll.quota, RATE_UUID, &(rate_t){.size = 2, .pace_us = 5000000});
    for (int i = 0; i < 3; i++)
        assert_int_equal(s_try(world, CALL_session_find, &args, ERR_OK), 0);
    assert_int_equal(s_try(world, CALL_session_find, &args, ERR_NOT_FOUND), 0);
    assert_int_equal(s_try(world, CALL_session_find, &args, ERR_UNAVAILABLE), 0);
    assert_int_equal(s_try(world, CALL_session_find, &args, ERR_NOT_FOUND), 0);
    assert_int_equal(s_try(world, CALL_session_find, &args, ERR_OK), 5);
    world->payer.address++;
    assert_int_equal(s_try(world, CALL_session_find, &args, ERR_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_failures_on_one_login_end_its_tries_whatever_the_case),
        TEST(test_signing_in_rightly_costs_nothing),
        TEST(test_tries_at_once_are_counted),
        TEST(test_who_is_at_home_is_let_in_while_others_guess),
        TEST(test_a_sign_up_makes_a_home_and_a_mail_does_not),
        TEST(test_who_asks_for_unknown_rooms_too_often_gets_none),
        TEST(test_each_guarded_call_runs_dry),
        TEST(test_taken_names_count_as_sign_ups),
        TEST(test_only_unknown_uuids_count),
        TEST(test_mail_to_a_login_is_counted_by_login_and_by_address),
        TEST(test_passwords_are_not_guessed_where_they_are_asked_for_again),
        TEST(test_uploads_are_counted_by_file_and_by_size),
        TEST(test_posting_costs_nothing),
        TEST(test_switched_off_nothing_is_limited),
        TEST(test_an_address_of_ipv6_counts_with_its_network),
    };
    return crypto_start() != ERR_OK || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
