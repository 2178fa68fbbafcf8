/* room_direct_test.c - what front doors want of direct rooms, and of those who listen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/actors/people.h"

enum { ALICE = 1, BOB, NOBODY = 99 };

static int s_setup(void **state)
{
    static const char *const logins[] = {"alice", "bob"};
    *state = people_new(logins, 2);
    return 0;
}

/* The event of that type among those of the last commit. */
static const void *s_told(const staging_t *at, event_number_t event, const record_t **ret_record)
{
    for (size_t i = 0; i < at->told_count; i++) {
        if (at->told[i].record.type != event)
            continue;
        *ret_record = &at->told[i].record;
        return at->told[i].body;
    }
    fail_msg("nothing was told");
    return NULL;
}

static uint64_t s_direct(staging_t *at, uint64_t who, uint64_t whom)
{
    const outcome_t *outcome = ASK(at, who, room_direct, .account = whom);
    assert_int_equal(outcome->status, ERR_OK);
    return ((const room_t *)outcome->answer)->id;
}

static void test_who_asks_to_talk_is_told_to_the_other_each_time(void **state)
{
    staging_t *at = *state;
    const record_t *record = NULL;
    for (int i = 0; i < 2; i++) {
        const outcome_t *outcome = ASK(at, ALICE, room_request, .account = BOB);
        assert_int_equal(outcome->status, ERR_OK);
        const room_t *room = outcome->answer;
        const room_requested_event_t *told = s_told(at, EVENT_room_requested, &record);
        assert_int_equal(record->account, BOB);
        assert_int_equal(record->seq, 0); /* it stands in no journal */
        assert_int_equal(told->by, ALICE);
        assert_int_equal(told->room, room->id);
    }
    ASK(at, BOB, room_request, .account = ALICE); /* whose room it was first, it stays */
    const room_requested_event_t *told = s_told(at, EVENT_room_requested, &record);
    assert_int_equal(told->account, ALICE);
    assert_int_equal(told->first, ALICE);
    assert_int_equal(told->second, BOB);
    assert_int_equal(ASK(at, ALICE, room_request, .account = ALICE)->status, ERR_INVALID);
    assert_int_equal(ASK(at, ALICE, room_request, .account = NOBODY)->status, ERR_NOT_FOUND);
}

static void test_a_direct_room_is_found_by_its_people(void **state)
{
    staging_t *at = *state;
    assert_int_equal(ASK(at, ALICE, room_between, .account = BOB)->status, ERR_NOT_FOUND);
    uint64_t id = s_direct(at, BOB, ALICE);
    for (uint64_t who = ALICE; who <= BOB; who++) {
        const outcome_t *outcome = ASK(at, who, room_between, .account = ALICE + BOB - who);
        assert_int_equal(outcome->status, ERR_OK);
        const room_t *room = outcome->answer;
        assert_int_equal(room->id, id);
        assert_int_equal(room->first, BOB);
        assert_true(slice_is(room->logins, "bob+alice"));
        const room_list_t *list = ASK(at, who, room_list)->answer;
        assert_true(slice_is(((const room_t *)list->rooms.items)->logins, "bob+alice"));
    }
    assert_int_equal(ASK(at, ALICE, room_between, .account = ALICE)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, ALICE, room_between, .account = NOBODY)->status, ERR_NOT_FOUND);
}

static void test_a_message_says_whose_direct_room_it_is_in(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_direct(at, BOB, ALICE);
    const outcome_t *outcome = ASK(at, ALICE, room_post, .room = room, .text = SLICE_LIT("hello"));
    const message_t *message = outcome->answer;
    assert_int_equal(message->first, BOB);
    assert_int_equal(message->second, ALICE);

    room_create_call_t open = {.kind = room_kind_OPEN};
    at->principal = ALICE;
    room = ((const room_t *)staging_ask(at, CALL_room_create, &open)->answer)->id;
    message = ASK(at, ALICE, room_post, .room = room, .text = SLICE_LIT("hello"))->answer;
    assert_int_equal(message->first, 0);
    assert_int_equal(message->second, 0);
}

static void test_what_a_client_says_beside_its_text_is_kept(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_direct(at, ALICE, BOB);
    ASK(at, ALICE, room_post, .room = room, .text = SLICE_LIT("hello"),
        .client_time = SLICE_LIT("2019-09-02T09:25:07.561Z"),
        .extra = SLICE_LIT("{\"colour\":\"red\"}"));
    const message_list_t *list = ASK(at, BOB, room_history, .room = room)->answer;
    const message_t *message = list->messages.items;
    assert_true(slice_is(message->client_time, "2019-09-02T09:25:07.561Z"));
    assert_true(slice_is(message->extra, "{\"colour\":\"red\"}"));
}

static void test_who_listens_is_told_to_the_room(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_direct(at, ALICE, BOB);
    const record_t *record = NULL;
    ASK(at, 0, room_present, .room = room, .account = BOB, .here = true);
    const room_presence_event_t *told = s_told(at, EVENT_room_presence, &record);
    assert_int_equal(record->room, room);
    assert_int_equal(told->account, BOB);
    assert_true(slice_is(told->username, "bob"));
    assert_true(told->here);
    assert_int_equal(ASK(at, 0, room_present, .room = 77, .account = BOB)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, 0, room_present, .room = room, .account = NOBODY)->status,
                     ERR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_who_asks_to_talk_is_told_to_the_other_each_time),
        TEST(test_a_direct_room_is_found_by_its_people),
        TEST(test_a_message_says_whose_direct_room_it_is_in),
        TEST(test_what_a_client_says_beside_its_text_is_kept),
        TEST(test_who_listens_is_told_to_the_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
