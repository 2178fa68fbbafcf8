/* room_verdict_test.c - what bots have said of a message, as the room actor takes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/actors/talk.h"

enum { GUARD = 77 };

static const verdict_t s_veto = {
    .ruling = ruling_VETO, .bot = GUARD, .reason = {(const uint8_t *)"not here", 8}};
static const verdict_t s_none_came = {.ruling = ruling_VETO};
static const verdict_t s_other = {
    .ruling = ruling_TRANSFORM, .bot = GUARD, .text = {(const uint8_t *)"hello @bob", 10}};

/* Alice says this, and bots have said that of it. */
static const outcome_t *s_post(staging_t *at, uint64_t room, const char *text,
                               const verdict_t *verdict)
{
    at->verdict = verdict;
    const outcome_t *outcome = ASK(at, ALICE, room_post, .room = room, .text = slice_of(text),
                                   .client_id = SLICE_LIT("1"));
    at->verdict = NULL;
    return outcome;
}

static const outcome_t *s_edit(staging_t *at, uint64_t room, uint64_t seq, const verdict_t *verdict)
{
    at->verdict = verdict;
    const outcome_t *outcome =
        ASK(at, ALICE, message_edit, .room = room, .seq = seq, .text = SLICE_LIT("edited"));
    at->verdict = NULL;
    return outcome;
}

static void test_a_veto_refuses_in_the_bots_words(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, CAROL);
    const outcome_t *outcome = s_post(at, room, "spam", &s_veto);
    assert_int_equal(outcome->status, ERR_VETOED);
    assert_true(slice_is(outcome->detail, "not here"));
    assert_int_equal(at->told_count, 0);
    assert_int_equal(s_post(at, room, "spam", &s_none_came)->status, ERR_UNAVAILABLE);
    talk_message(s_post(at, room, "ham", NULL)); /* the client id is free still */
}

static void test_other_words_are_what_is_said(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, CAROL);
    const message_t *message = talk_message(s_post(at, room, "hello @carol", &s_other));
    assert_true(slice_is(message->text, "hello @bob"));
    assert_string_equal(talk_mentions(message), "2");
    const room_posted_event_t *event = at->told[0].body;
    assert_true(slice_is(event->message->text, "hello @bob"));
}

static void test_a_retry_says_what_was_sent_whatever_bots_say_now(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, CAROL);
    uint64_t id = talk_message(s_post(at, room, "hello @carol", &s_other))->id;
    const message_t *again = talk_message(s_post(at, room, "hello @carol", &s_veto));
    assert_int_equal(again->id, id);
    assert_true(again->repeated && slice_is(again->text, "hello @bob"));
    assert_int_equal(at->told_count, 0);
    assert_int_equal(s_post(at, room, "hello @bob", NULL)->status, ERR_CLIENT_ID_REUSED);
}

static void test_who_may_not_speak_learns_nothing_of_bots(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_PRIVATE, ALICE);
    at->verdict = &s_veto;
    talk_check(ASK(at, BOB, room_post, .room = room, .text = SLICE_LIT("x")), ERR_NOT_FOUND);
}

static void test_edits_are_judged_too(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, CAROL);
    uint64_t seq = talk_say(at, ALICE, room, "first");
    assert_int_equal(s_edit(at, room, seq, &s_veto)->status, ERR_VETOED);
    assert_int_equal(at->told_count, 0);
    const message_t *edited = talk_message(s_edit(at, room, seq, &s_other));
    assert_true(slice_is(edited->text, "hello @bob"));
    assert_string_equal(talk_mentions(edited), "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TALK(test_a_veto_refuses_in_the_bots_words),
        TALK(test_other_words_are_what_is_said),
        TALK(test_a_retry_says_what_was_sent_whatever_bots_say_now),
        TALK(test_who_may_not_speak_learns_nothing_of_bots),
        TALK(test_edits_are_judged_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
