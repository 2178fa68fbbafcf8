/* stage_test.c - what stands between an actor's functions and the broker, seen with an
 * actor of the test's own: each call leaves as many events as its text has letters, and
 * says how many letters it has seen. */
#include "actors/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "schema/pack.h"
#include "tests/unit/scratch.h"

/* It borrows calls and events of the room actor: room.post counts, room.leave says
 * nothing, room.get tells what is on disk, session.open is nobody's. */
enum { HALL = 7, WAITING_MAX = 64 };

static const uint8_t s_row[] = {'n'};

static uint64_t s_seen(turn_t *turn)
{
    slice_t value;
    err_t err = store_get(turn_store(turn), slice_new(s_row, 1), turn_arena(turn), &value);
    return err == ERR_OK ? wide_get64(value.ptr) : 0;
}

static void s_apply(turn_t *turn, const record_t *record, const void *body)
{
    uint8_t value[8];
    (void)record, (void)body;
    wide_put64(value, s_seen(turn) + 1);
    store_put(turn_store(turn), slice_new(s_row, 1), slice_new(value, sizeof value));
}

static err_t s_decide(turn_t *turn, const call_t *call, const void *body)
{
    const room_post_call_t *post = body;
    (void)call;
    if (slice_is(post->text, "no"))
        return turn_refuse(turn, ERR_FORBIDDEN, "because");
    if (slice_is(post->text, "work") && turn_result(turn) == NULL)
        return turn_work(turn, &(work_t){.kind = WORK_HASH, .password = post->text});
    for (size_t i = 0; i < post->text.len; i++)
        turn_emit(turn, EVENT_room_left, HALL, 1, &(room_left_event_t){.room = HALL, .account = 1});
    turn_answer(turn, &(message_t){
                          .id = s_seen(turn) + 1,
                          .room = HALL,
                          .seq = 1,
                          .sender = 1,
                          .login = SLICE_LIT("a"),
                          .username = SLICE_LIT("a"),
                          .text = SLICE_LIT("a"),
                          .time = turn_now(turn),
                      });
    return ERR_OK;
}

static err_t s_silent(turn_t *turn, const call_t *call, const void *body)
{
    (void)turn, (void)call, (void)body;
    return ERR_OK;
}

static err_t s_query(turn_t *turn, const call_t *call, const void *body)
{
    (void)call, (void)body;
    return s_seen(turn) > 0 ? ERR_EXISTS : ERR_NOT_FOUND;
}

static const call_row_t s_calls[] = {
    {CALL_room_post, s_decide},
    {CALL_room_leave, s_silent},
    {CALL_room_get, s_query},
};
static const event_row_t s_events[] = {
    {EVENT_room_left, s_apply},
    {EVENT_account_seen, s_apply},
};
static const actor_row_t s_actor = {
    .owner = owner_ROOM,
    .name = "letters",
    .calls = s_calls,
    .call_count = COUNT_OF(s_calls),
    .events = s_events,
    .event_count = COUNT_OF(s_events),
};

/* ---- the world ---- */

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    store_t *store;
    stage_t *stage;
    arena_t *arena;
    slice_t out;  /* what came out and was not looked at */
    uint64_t seq; /* of the last record that was committed */
    uint64_t epoch;
} world_t;

static void s_open(world_t *world)
{
    char path[SCRATCH_PATH_SIZE + 8];
    snprintf(path, sizeof path, "%s/store", world->folder);
    assert_int_equal(store_open(path, &world->store), ERR_OK);
    world->stage = stage_new(&s_actor, world->store);
    stage_new_epoch(world->stage, world->epoch);
}

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    scratch_make(world->folder);
    world->arena = arena_new();
    world->epoch = 3;
    s_open(world);
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    stage_destroy(&world->stage);
    store_close(&world->store);
    scratch_remove(world->folder);
    arena_destroy(&world->arena);
    mem_free(world);
    return 0;
}

static void s_call(world_t *world, call_number_t number, uint64_t corr, int64_t time,
                   const void *body)
{
    buf_t bytes = {0};
    call_t call = {.type = (uint16_t)number, .corr = corr, .origin = 5, .time = time};
    call_begin(&bytes, &call);
    codec_pack(&bytes, call_type((uint16_t)number)->shape(), body);
    slice_t in = buf_slice(&bytes);
    assert_int_equal(call_read(&in, &call), ERR_OK);
    stage_call(world->stage, &call);
    buf_free(&bytes);
}

static void s_post(world_t *world, uint64_t corr, const char *text)
{
    room_post_call_t post = {.room = HALL, .text = slice_of(text), .client_id = SLICE_LIT("c")};
    s_call(world, CALL_room_post, corr, 1000, &post);
}

static slice_t s_out(world_t *world)
{
    if (world->out.len == 0) {
        world->out = arena_copy(world->arena, buf_slice(stage_out(world->stage)));
        buf_reset(stage_out(world->stage));
    }
    return world->out;
}

static decision_t s_decision(world_t *world, uint64_t corr, err_t status, uint16_t records)
{
    decision_t decision;
    s_out(world);
    assert_int_equal(decision_read(&world->out, &decision), ERR_OK);
    assert_int_equal(decision.corr, corr);
    assert_int_equal(decision.origin, 5);
    assert_int_equal(decision.status, status);
    assert_int_equal(decision.epoch, world->epoch);
    assert_int_equal(decision.records, records);
    return decision;
}

static uint64_t s_answered(world_t *world, const decision_t *decision)
{
    const void *answer;
    fault_t fault;
    assert_int_equal(codec_unpack(decision->body, shape_message(), world->arena, &fault, &answer),
                     ERR_OK);
    return ((const message_t *)answer)->id - 1;
}

/* The next record that came out is committed, or passed over. */
static record_t s_record(world_t *world, bool committed)
{
    record_t record;
    slice_t at = s_out(world);
    assert_int_equal(record_read(&world->out, &record), ERR_OK);
    if (!committed)
        return record;
    record_number((uint8_t *)(uintptr_t)at.ptr, ++world->seq, world->epoch);
    assert_int_equal(record_read(&at, &record), ERR_OK);
    assert_int_equal(stage_record(world->stage, &record), ERR_OK);
    return record;
}

/* A record of another actor. */
static err_t s_foreign(world_t *world, uint64_t seq, event_number_t event, const char *body)
{
    buf_t bytes = {0};
    record_t record;
    record_begin(&bytes, &(record_t){
                             .type = (uint16_t)event,
                             .version = 1,
                             .seq = seq,
                             .epoch = world->epoch,
                             .actor = owner_SESSION,
                             .time = 5000,
                         });
    if (body != NULL)
        pack_str(&bytes, slice_of(body));
    else
        codec_pack(&bytes, shape_account_seen_event(), &(account_seen_event_t){.account = 1});
    record_end(&bytes);
    slice_t in = buf_slice(&bytes);
    assert_int_equal(record_read(&in, &record), ERR_OK);
    err_t err = stage_record(world->stage, &record);
    buf_free(&bytes);
    return err;
}

/* What a query sees. */
static err_t s_on_disk(world_t *world)
{
    reply_t reply;
    s_call(world, CALL_room_get, 9, 1000, &(room_get_call_t){.room = HALL});
    s_out(world);
    assert_int_equal(reply_read(&world->out, &reply), ERR_OK);
    assert_int_equal(reply.corr, 9);
    assert_int_equal(reply.as_of, stage_applied(world->stage));
    return reply.status;
}

/* ---- tests ---- */

static void s_test_events_follow_their_decision(void **state)
{
    world_t *world = *state;
    s_post(world, 1, "abc");
    s_decision(world, 1, ERR_OK, 3);
    for (int i = 0; i < 3; i++) {
        record_t record = s_record(world, true);
        assert_int_equal(record.type, EVENT_room_left);
        assert_int_equal(record.actor, owner_ROOM);
        assert_int_equal(record.room, HALL);
        assert_true(slice_is(record.client_id, "c"));
    }
    assert_int_equal(stage_applied(world->stage), 3);
    assert_int_equal(s_out(world).len, 0);
}

static void s_test_the_next_call_sees_what_is_pending(void **state)
{
    world_t *world = *state;
    s_post(world, 1, "ab");
    s_post(world, 2, "c");
    decision_t first = s_decision(world, 1, ERR_OK, 2);
    assert_int_equal(s_answered(world, &first), 2);
    slice_t records = world->out;
    s_record(world, false);
    s_record(world, false);
    decision_t second = s_decision(world, 2, ERR_OK, 1);
    assert_int_equal(s_answered(world, &second), 3);
    assert_true(second.rests);
    s_record(world, false);
    assert_int_equal(s_on_disk(world), ERR_NOT_FOUND); /* a query does not */
    world->out = records;
    s_record(world, true);
    world->out = (slice_t){0};
    assert_int_equal(s_on_disk(world), ERR_EXISTS);
}

static void s_test_refusals_say_why_and_emit_nothing(void **state)
{
    world_t *world = *state;
    unpack_t detail;
    slice_t text;
    s_post(world, 1, "no");
    detail.left = s_decision(world, 1, ERR_FORBIDDEN, 0).body;
    assert_int_equal(unpack_str(&detail, &text), ERR_OK);
    assert_true(slice_is(text, "because"));

    s_post(world, 2, ""); /* a message has a text */
    detail.left = s_decision(world, 2, ERR_INVALID, 0).body;
    assert_int_equal(unpack_str(&detail, &text), ERR_OK);
    assert_true(slice_starts(text, SLICE_LIT("`text`")));

    s_call(world, CALL_session_open, 3, 1000,
           &(session_open_call_t){.login = SLICE_LIT("a"), .password = SLICE_LIT("b")});
    s_decision(world, 3, ERR_UNKNOWN_TYPE, 0);
    s_call(world, CALL_room_leave, 4, 1000, &(room_leave_call_t){.room = HALL});
    unpack_t nothing = {s_decision(world, 4, ERR_OK, 0).body};
    size_t pairs = 1;
    assert_int_equal(unpack_map(&nothing, &pairs), ERR_OK);
    assert_int_equal(pairs, 0);
}

static void s_test_time_never_goes_back(void **state)
{
    world_t *world = *state;
    room_post_call_t post = {.room = HALL, .text = SLICE_LIT("a")};
    static const int64_t given[] = {2000, 1000, 3000}, shown[] = {2000, 2000, 3000};
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        s_call(world, CALL_room_post, i, given[i], &post);
        s_decision(world, i, ERR_OK, 1);
        assert_int_equal(s_record(world, true).time, shown[i]);
    }
    assert_int_equal(s_foreign(world, ++world->seq, EVENT_account_seen, NULL), ERR_OK);
    s_call(world, CALL_room_post, 7, 4000, &post);
    s_decision(world, 7, ERR_OK, 1);
    assert_int_equal(s_record(world, true).time, 5000); /* the foreign event's */
}

static void s_test_a_new_epoch_forgets_what_is_pending(void **state)
{
    world_t *world = *state;
    s_post(world, 1, "abc");
    s_decision(world, 1, ERR_OK, 3);
    s_record(world, true); /* landed before the failure */
    world->out = (slice_t){0};
    stage_new_epoch(world->stage, ++world->epoch);
    s_post(world, 2, "d");
    decision_t decision = s_decision(world, 2, ERR_OK, 1);
    assert_int_equal(s_answered(world, &decision), 2);
    s_record(world, true);
    assert_int_equal(stage_applied(world->stage), 2);
}

static void s_test_records_count_once(void **state)
{
    world_t *world = *state;
    assert_int_equal(s_foreign(world, 1, EVENT_account_seen, NULL), ERR_OK);
    assert_int_equal(s_foreign(world, 1, EVENT_account_seen, NULL), ERR_OK);
    assert_int_equal(s_foreign(world, 2, EVENT_session_closed, "not its business"), ERR_OK);
    world->seq = 2;
    assert_int_equal(stage_applied(world->stage), 2);
    s_post(world, 1, "a");
    decision_t decision = s_decision(world, 1, ERR_OK, 1);
    assert_int_equal(s_answered(world, &decision), 2);
    assert_int_equal(s_foreign(world, 3, EVENT_account_seen, "no map"), ERR_CORRUPT);
    assert_int_equal(stage_applied(world->stage), 2);
}

static void s_test_it_goes_on_where_it_was_flushed(void **state)
{
    world_t *world = *state;
    assert_int_equal(s_foreign(world, 1, EVENT_account_seen, NULL), ERR_OK);
    stage_seen(world->stage, 10);
    stage_seen(world->stage, 4);
    assert_int_equal(stage_applied(world->stage), 10);
    assert_int_equal(stage_flush(world->stage), ERR_OK);
    stage_destroy(&world->stage);
    store_close(&world->store);
    s_open(world);
    assert_int_equal(stage_applied(world->stage), 10);
    assert_int_equal(s_on_disk(world), ERR_EXISTS);
}

static void s_test_work_is_decided_again(void **state)
{
    world_t *world = *state;
    uint64_t ticket;
    work_t work;
    work_result_t result = {.kind = WORK_HASH, .verifier = SLICE_LIT("hash")};
    s_post(world, 1, "work");
    s_post(world, 2, "b");
    s_decision(world, 2, ERR_OK, 1); /* who comes later does not wait */
    s_record(world, true);
    assert_true(stage_take_work(world->stage, &ticket, &work));
    assert_true(slice_is(work.password, "work"));
    assert_false(stage_take_work(world->stage, &ticket, &work));
    stage_result(world->stage, ticket + 1, &result); /* of a stage before this one */
    assert_int_equal(s_out(world).len, 0);
    stage_result(world->stage, ticket, &result);
    s_decision(world, 1, ERR_OK, 4);
    world->out = (slice_t){0};
    stage_result(world->stage, ticket, &result);
    assert_int_equal(s_out(world).len, 0); /* once */
}

static void s_test_work_that_waits_is_bounded(void **state)
{
    world_t *world = *state;
    uint64_t ticket;
    work_t work;
    for (uint64_t i = 0; i < WAITING_MAX; i++)
        s_post(world, i, "work");
    assert_int_equal(s_out(world).len, 0);
    s_post(world, 100, "work");
    s_decision(world, 100, ERR_UNAVAILABLE, 0);
    for (uint64_t i = 0; i < WAITING_MAX; i++)
        assert_true(stage_take_work(world->stage, &ticket, &work));
    assert_false(stage_take_work(world->stage, &ticket, &work));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s_test_events_follow_their_decision),
        TEST(s_test_the_next_call_sees_what_is_pending),
        TEST(s_test_refusals_say_why_and_emit_nothing),
        TEST(s_test_time_never_goes_back),
        TEST(s_test_a_new_epoch_forgets_what_is_pending),
        TEST(s_test_records_count_once),
        TEST(s_test_it_goes_on_where_it_was_flushed),
        TEST(s_test_work_is_decided_again),
        TEST(s_test_work_that_waits_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
