/* room_file_test.c - attachments: whose they are, who reads them, when they go. */
#include "tests/unit/actors/staging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ALICE = 1, BOB, CAROL, PEOPLE = CAROL };

static const int64_t HOUR = INT64_C(60) * 60 * 1000 * 1000, DAY = 24 * HOUR;

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

/* ---- what has become useless ---- */

static const unused_files_t *s_unused(staging_t *at)
{
    file_ref_t files[] = {{slice_of(s_one)}, {slice_of(s_two)}};
    at->principal = 0;
    const outcome_t *outcome =
        staging_ask(at, CALL_file_unused, &(file_unused_call_t){{files, COUNT_OF(files)}});
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

static void s_drop(staging_t *at, uint64_t room, const char *id, size_t events)
{
    file_place_t place = {room, slice_of(id)};
    at->principal = 0;
    assert_int_equal(staging_ask(at, CALL_file_drop, &(file_drop_call_t){{&place, 1}})->status,
                     ERR_OK);
    assert_int_equal(at->told_count, events);
}

static void s_assert_unused(const unused_files_t *unused, size_t files, size_t places)
{
    assert_int_equal(unused->files.count, files);
    assert_int_equal(unused->places.count, places);
}

static void test_what_no_message_carries_for_a_day_may_go(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE);
    s_assert_unused(s_unused(at), 2, 0);
    assert_int_equal(s_add(at, ALICE, room, s_one, "a.png"), ERR_OK);
    s_assert_unused(s_unused(at), 1, 0);
    s_drop(at, room, s_one, 0);
    at->now += DAY - HOUR;
    assert_int_equal(s_add(at, ALICE, room, s_one, "a.png"), ERR_OK); /* has another day */
    assert_int_equal(at->told_count, 1);
    at->now += DAY - HOUR;
    s_assert_unused(s_unused(at), 1, 0);
    at->now += 2 * HOUR;
    const unused_files_t *unused = s_unused(at);
    s_assert_unused(unused, 1, 1);
    const file_place_t *place = unused->places.items;
    assert_int_equal(place->room, room);
    assert_true(slice_is(place->id, s_one));
    s_drop(at, room, s_one, 1);
    s_drop(at, room, s_one, 0);
    s_assert_unused(s_unused(at), 2, 0);
    assert_int_equal(s_get(at, ALICE, room, s_one)->status, ERR_NOT_FOUND);
    assert_int_equal(staging_rows(at, 'F') + staging_rows(at, 'f'), 0);
}

static uint64_t s_post(staging_t *at, uint64_t room, const char *id)
{
    file_ref_t file = {slice_of(id)};
    room_post_call_t ask = {.room = room, .text = slice_of("look"), .files = {&file, 1}};
    const outcome_t *outcome = s_ask(at, ALICE, CALL_room_post, &ask);
    assert_int_equal(outcome->status, ERR_OK);
    return ((const message_t *)outcome->answer)->seq;
}

static void test_what_a_message_carries_stays_until_that_is_deleted(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE);
    assert_int_equal(s_add(at, ALICE, room, s_one, "a.png"), ERR_OK);
    uint64_t seq = s_post(at, room, s_one);
    at->now += 2 * DAY;
    s_assert_unused(s_unused(at), 1, 0);
    s_drop(at, room, s_one, 0);
    message_delete_call_t delete = {.room = room, .seq = seq};
    assert_int_equal(s_ask(at, ALICE, CALL_message_delete, &delete)->status, ERR_OK);
    s_assert_unused(s_unused(at), 2, 0);
    assert_int_equal(staging_rows(at, 'F') + staging_rows(at, 'f'), 0);
}

static void test_the_files_of_a_deleted_room_may_go_and_no_others(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE), other = s_room(at, ALICE);
    assert_int_equal(s_add(at, ALICE, room, s_one, "a.png"), ERR_OK);
    assert_int_equal(s_add(at, ALICE, other, s_one, "a.png"), ERR_OK);
    s_post(at, room, s_one);
    s_post(at, other, s_one);
    assert_int_equal(s_ask(at, ALICE, CALL_room_delete, &(room_delete_call_t){room})->status,
                     ERR_OK);
    const unused_files_t *unused = s_unused(at);
    s_assert_unused(unused, 1, 1);
    assert_int_equal(((const file_place_t *)unused->places.items)->room, room);
    s_drop(at, other, s_one, 0);
    s_drop(at, room, s_one, 1);
    s_assert_unused(s_unused(at), 1, 0);
    assert_int_equal(s_get(at, ALICE, other, s_one)->status, ERR_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_is_there_for_the_readers_of_its_room),
        TEST(test_who_may_not_post_may_not_upload),
        TEST(test_an_id_that_is_no_hash_is_refused),
        TEST(test_the_same_upload_again_is_no_event),
        TEST(test_what_no_message_carries_for_a_day_may_go),
        TEST(test_what_a_message_carries_stays_until_that_is_deleted),
        TEST(test_the_files_of_a_deleted_room_may_go_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
