/* room_file_test.c - attachments: whose they are, who reads them, when they go. */
#include "tests/unit/actors/staging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ALICE = 1, BOB, CAROL, PEOPLE = CAROL };

static const char s_one[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char s_two[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static int s_setup(void **state)
{
    static const char *const names[] = {"alice", "bob", "carol"};
    staging_t *at = staging_new(&room_actor);
    for (uint64_t account = 1; account <= PEOPLE; account++)
        staging_tell(at, EVENT_account_registered, account,
                     &(account_registered_event_t){
                         .id = account,
                         .login = slice_of(names[account - 1]),
                         .username = slice_of(names[account - 1]),
                     });
    *state = at;
    return 0;
}

static int s_teardown(void **state)
{
    staging_t *at = *state;
    bool replays = staging_replays(at);
    staging_destroy(&at);
    return replays ? 0 : -1;
}

static const outcome_t *s_ask(staging_t *at, uint64_t who, call_number_t call, const void *body)
{
    at->principal = who;
    at->now += 1000;
    at->rand[0]++; /* gids differ */
    return staging_ask(at, call, body);
}

static uint64_t s_room(staging_t *at, uint64_t who)
{
    room_create_call_t ask = {.kind = room_kind_PRIVATE, .name = slice_of("a room")};
    const outcome_t *outcome = s_ask(at, who, CALL_room_create, &ask);
    assert_int_equal(outcome->status, ERR_OK);
    return ((const room_t *)outcome->answer)->id;
}

static err_t s_offer(staging_t *at, uint64_t who, uint64_t room)
{
    file_offer_call_t ask = {.room = room, .name = slice_of("a.png"), .size = 3};
    return s_ask(at, who, CALL_file_offer, &ask)->status;
}

static err_t s_add(staging_t *at, uint64_t who, uint64_t room, const char *id, const char *name)
{
    file_t file = {slice_of(id), slice_of(name), slice_of("image/png"), 3};
    return s_ask(at, who, CALL_file_add, &(file_add_call_t){room, &file})->status;
}

static const outcome_t *s_get(staging_t *at, uint64_t who, uint64_t room, const char *id)
{
    file_get_call_t ask = {room, slice_of(id)};
    return s_ask(at, who, CALL_file_get, &ask);
}

static void test_a_file_is_there_for_the_readers_of_its_room(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE), other = s_room(at, ALICE);
    assert_int_equal(s_offer(at, ALICE, room), ERR_OK);
    assert_int_equal(s_add(at, ALICE, room, s_one, "a.png"), ERR_OK);
    const outcome_t *got = s_get(at, ALICE, room, s_one);
    assert_int_equal(got->status, ERR_OK);
    assert_true(slice_is(((const file_t *)got->answer)->name, "a.png"));
    assert_int_equal(s_get(at, BOB, room, s_one)->status, ERR_NOT_FOUND);
    assert_int_equal(s_get(at, ALICE, room, s_two)->status, ERR_NOT_FOUND);
    assert_int_equal(s_get(at, ALICE, other, s_one)->status, ERR_NOT_FOUND);
}

static void test_who_may_not_post_may_not_upload(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE);
    assert_int_equal(s_offer(at, BOB, room), ERR_NOT_FOUND);
    assert_int_equal(s_add(at, BOB, room, s_one, "a.png"), ERR_NOT_FOUND);
    assert_int_equal(s_offer(at, ALICE, room + 1), ERR_NOT_FOUND);
}

static void test_an_id_that_is_no_hash_is_refused(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE);
    /* As many characters, but more bytes. */
    static const char wide[] = "\xc3\xa4"
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    assert_int_equal(s_add(at, ALICE, room, wide, "a.png"), ERR_INVALID);
    assert_int_equal(s_get(at, ALICE, room, wide)->status, ERR_NOT_FOUND);
}

static void test_the_same_upload_again_is_no_event(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE);
    assert_int_equal(s_add(at, ALICE, room, s_one, "a.png"), ERR_OK);
    assert_int_equal(at->told_count, 1);
    assert_int_equal(s_add(at, ALICE, room, s_one, "a.png"), ERR_OK);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(s_add(at, ALICE, room, s_one, "b.png"), ERR_OK);
    assert_int_equal(at->told_count, 1);
    const outcome_t *got = s_get(at, ALICE, room, s_one);
    assert_true(slice_is(((const file_t *)got->answer)->name, "b.png"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_is_there_for_the_readers_of_its_room),
        TEST(test_who_may_not_post_may_not_upload),
        TEST(test_an_id_that_is_no_hash_is_refused),
        TEST(test_the_same_upload_again_is_no_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
