/* tape_test.c - what is on a tape and what is not; where it begins, and where it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "actors/rerun.h"
#include "schema/mem.h"
#include "tests/unit/actors/talk.h"

enum { ENOUGH = 1 << 20 };

static int s_setup(void **state)
{
    *state = staging_new(&session_actor);
    return 0;
}

#define GUEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)

static const outcome_t *s_sign_up(staging_t *at, const char *password, bool uuid)
{
    memset(at->rand, 0x5a, sizeof at->rand);
    return staging_ask(at, CALL_account_register,
                       &(account_register_call_t){
                           .login = SLICE_LIT("ann"),
                           .email = SLICE_LIT("ann@example.org"),
                           .password = slice_of(password),
                           .uuid = uuid,
                       });
}

static bool s_has(slice_t tape, slice_t words)
{
    return memmem(tape.ptr, tape.len, words.ptr, words.len) != NULL;
}

/* ---- secrets ---- */

static void test_no_password_is_on_a_tape(void **state)
{
    staging_t *at = *state;
    assert_int_equal(s_sign_up(at, "correct horse battery", false)->status, ERR_OK);
    assert_true(s_has(tape_content(at->tape), SLICE_LIT("ann@example.org")));
    assert_false(s_has(tape_content(at->tape), SLICE_LIT("correct")));
    assert_false(s_has(tape_content(at->tape), SLICE_LIT("battery")));
}

static void test_a_credential_and_what_it_follows_from_are_withheld(void **state)
{
    staging_t *at = *state;
    const outcome_t *outcome = s_sign_up(at, "correct horse battery", true);
    assert_int_equal(outcome->status, ERR_OK);
    slice_t uuid = ((const signed_in_t *)outcome->answer)->uuid;
    assert_int_equal(uuid.len, 36);
    assert_false(s_has(tape_content(at->tape), uuid));
    assert_false(s_has(tape_content(at->tape), slice_new(at->rand, sizeof at->rand)));
}

static void test_who_waits_for_the_pool_is_masked_too(void **state)
{
    staging_t *at = *state;
    account_register_call_t ask = {.login = SLICE_LIT("bob"),
                                   .password = SLICE_LIT("hard to guess")};
    staging_send(at, CALL_account_register, &ask);
    stage_tape(at->stage, at->tape); /* a recording begins while Bob waits */
    assert_true(s_has(tape_content(at->tape), SLICE_LIT("bob")));
    assert_false(s_has(tape_content(at->tape), SLICE_LIT("hard to guess")));
    while (staging_work(at))
        continue;
    staging_commit(at);
}

/* ---- beginnings ---- */

static void test_it_begins_while_events_are_pending(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_PRIVATE, BOB);
    talk_say(at, ALICE, room, "before");
    at->principal = BOB;
    staging_send(at, CALL_room_post,
                 &(room_post_call_t){.room = room, .text = SLICE_LIT("pending")});
    stage_tape(at->stage, at->tape);
    staging_send(at, CALL_room_post, &(room_post_call_t){.room = room, .text = SLICE_LIT("next")});
    staging_commit(at);
    assert_int_equal(at->outcome_count, 2);
    talk_say(at, ALICE, room, "after");
}

static void test_it_begins_anew_when_what_was_pending_is_lost(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_PRIVATE, BOB);
    at->principal = BOB;
    staging_send(at, CALL_room_post, &(room_post_call_t){.room = room, .text = SLICE_LIT("lost")});
    stage_tape(at->stage, at->tape);
    staging_send(at, CALL_room_post,
                 &(room_post_call_t){.room = room, .text = SLICE_LIT("lost, too")});
    staging_lose(at);
    assert_false(s_has(tape_content(at->tape), SLICE_LIT("lost")));
    talk_say(at, ALICE, room, "after");
}

static void test_what_is_lost_later_is_on_it(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_PRIVATE, BOB);
    at->principal = BOB;
    staging_send(at, CALL_room_post, &(room_post_call_t){.room = room, .text = SLICE_LIT("lost")});
    staging_lose(at);
    assert_true(s_has(tape_content(at->tape), SLICE_LIT("lost")));
    talk_say(at, ALICE, room, "after");
}

/* ---- ends ---- */

static void test_it_ends_where_it_is_full(void **state)
{
    tape_t *tape = NULL;
    (void)state;
    assert_int_equal(tape_new(NULL, 1000, &tape), ERR_OK);
    for (int i = 0; i < 100; i++)
        tape_add(tape, &(tape_entry_t){.kind = TAPE_TICK, .bytes = SLICE_LIT("0123456789")});
    assert_string_equal(tape_reason(tape), "it has as many bytes as it may have");
    assert_true(tape_bytes(tape) <= 1000);

    slice_t rest = tape_content(tape);
    tape_entry_t entry = {0};
    while (rest.len > 0)
        assert_int_equal(tape_read(&rest, &entry), ERR_OK);
    assert_int_equal(entry.kind, TAPE_END);
    tape_close(&tape);
}

enum { HEADS = 32, END_ROOM = 256 }; /* of an entry, and for the last one */

/* Whether a tape of so many bytes takes an entry that leaves none of them, and is so much longer. */
static bool s_takes_all_and(size_t more)
{
    enum { BOUND = 4096 };
    char bytes[BOUND + 1] = "";
    tape_t *tape = NULL;
    size_t size = BOUND - HEADS - END_ROOM + more;
    assert_int_equal(tape_new(NULL, BOUND, &tape), ERR_OK);
    tape_add(tape, &(tape_entry_t){.kind = TAPE_TICK, .bytes = slice_new(bytes, size)});
    bool takes = tape_reason(tape) == NULL;
    tape_close(&tape);
    return takes;
}

static void test_a_tape_has_as_many_bytes_as_it_may_and_no_more(void **state)
{
    (void)state;
    assert_true(s_takes_all_and(0));
    assert_false(s_takes_all_and(1));
}

/* The largest that a recording is unless an operator wants a larger one. */
static void test_a_recording_ends_at_its_limit(void **state)
{
    enum { PART = 16 << 20 };
    char folder[SCRATCH_PATH_SIZE], path[SCRATCH_PATH_SIZE + 8];
    tape_t *tape = NULL;
    char *bytes = mem_zeroed(2 * PART);
    (void)state;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/tape", folder);
    assert_int_equal(tape_new(path, LIMIT_RECORDING, &tape), ERR_OK);
    for (int i = 1; i < LIMIT_RECORDING / PART; i++)
        tape_add(tape, &(tape_entry_t){.kind = TAPE_TICK, .bytes = slice_new(bytes, PART)});
    size_t left = LIMIT_RECORDING - tape_bytes(tape) - HEADS - END_ROOM;
    assert_true(left < 2 * PART);
    tape_add(tape, &(tape_entry_t){.kind = TAPE_TICK, .bytes = slice_new(bytes, left)});
    assert_null(tape_reason(tape));
    tape_add(tape, &(tape_entry_t){.kind = TAPE_TICK, .bytes = slice_new(bytes, HEADS)});
    assert_string_equal(tape_reason(tape), "it has as many bytes as it may have");
    tape_close(&tape);
    scratch_remove(folder);
    mem_free(bytes);
}

static void test_a_file_is_new_and_for_nobody_else(void **state)
{
    char folder[SCRATCH_PATH_SIZE], path[SCRATCH_PATH_SIZE + 16];
    tape_t *tape = NULL, *other = NULL;
    (void)state;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/a.tape", folder);
    assert_int_equal(tape_new(path, ENOUGH, &tape), ERR_OK);
    assert_int_equal(tape_new(path, ENOUGH, &other), ERR_EXISTS);
    tape_close(&tape);
    scratch_remove(folder);
}

static void test_entries_that_are_none(void **state)
{
    (void)state;
    static const char *const all[] = {"", "\x95", "\x95\x0d\x00\xc4\x00\xc4\x00\xc4\x00",
                                      "\x94\x01\x00", "\x95\x01\x00\xc4\x09zz"};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        slice_t in = slice_of(all[i]);
        tape_entry_t entry;
        assert_int_equal(tape_read(&in, &entry), ERR_MALFORMED);
    }
}

/* ---- a re-run ---- */

static void test_another_decision_is_seen_with_its_rows(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_PRIVATE, BOB);
    stage_tape(at->stage, at->tape);
    talk_say(at, BOB, room, "sentinel");
    buf_t forged = {0};
    buf_append(&forged, tape_content(at->tape));
    uint8_t *last = NULL;
    for (uint8_t *hit = forged.data;
         (hit = memmem(hit, (size_t)(forged.data + forged.len - hit), "sentinel", 8)) != NULL;
         hit++)
        last = hit;
    assert_non_null(last);
    *last = 'S';

    staging_t *fresh = staging_replayed(at); /* has applied more than where the tape begins */
    rerun_t *rerun = NULL;
    assert_int_equal(rerun_new(at->row, fresh->store, buf_slice(&forged), &rerun), ERR_INVALID);
    assert_false(staging_reruns_of(at, buf_slice(&forged)));
    assert_true(staging_reruns(at));
    staging_destroy(&fresh);
    buf_free(&forged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUEST(test_no_password_is_on_a_tape),
        GUEST(test_a_credential_and_what_it_follows_from_are_withheld),
        GUEST(test_who_waits_for_the_pool_is_masked_too),
        TALK(test_it_begins_while_events_are_pending),
        TALK(test_it_begins_anew_when_what_was_pending_is_lost),
        TALK(test_what_is_lost_later_is_on_it),
        cmocka_unit_test(test_it_ends_where_it_is_full),
        cmocka_unit_test(test_a_tape_has_as_many_bytes_as_it_may_and_no_more),
        cmocka_unit_test(test_a_recording_ends_at_its_limit),
        cmocka_unit_test(test_a_file_is_new_and_for_nobody_else),
        cmocka_unit_test(test_entries_that_are_none),
        TALK(test_another_decision_is_seen_with_its_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
