/* actor_test.c - the thread around the stage, with the test as its broker. */
#include "actors/actor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "actors/bus.h"
#include "actors/crypto.h"
#include "schema/mem.h"
#include "tests/unit/scratch.h"

enum { PATIENCE_MS = 3000, CALLS_MAX = 100 };

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char endpoint[40]; /* its own: ZeroMQ takes a while to give one back */
    bus_t *bus;
    uint32_t peer; /* the actor */
    actor_t *actor;
    arena_t *arena;
    buf_t out;
    slice_t in;    /* of a message that is not all read; in the arena */
    uint64_t head; /* that it is told */
    uint64_t epoch;
    err_t ping;    /* how pings are answered */
    buf_t journal; /* records that a page has */
    uint64_t from; /* of the last page that it asked for */
} world_t;

static int s_set_up(void **state, const actor_row_t *row)
{
    static unsigned count;
    world_t *world = mem_new(world_t);
    snprintf(world->endpoint, sizeof world->endpoint, "inproc://actor-test-%u", count++);
    assert_int_equal(crypto_start(), ERR_OK);
    bus_start();
    scratch_make(world->folder);
    world->arena = arena_new();
    world->epoch = 1;
    assert_int_equal(bus_bind(world->endpoint, NULL, &world->bus), ERR_OK);
    actor_options_t options = {
        .data = world->folder,
        .bus = world->endpoint,
        .weak_passwords = true,
    };
    assert_int_equal(actor_start(row, &options, &world->actor), ERR_OK);
    *state = world;
    return 0;
}

static int s_setup(void **state)
{
    return s_set_up(state, &room_actor);
}

static int s_setup_behind(void **state)
{
    return s_set_up(state, &search_actor);
}

static int s_setup_reacting(void **state)
{
    return s_set_up(state, &notifier_actor);
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    actor_stop(&world->actor);
    bus_close(&world->bus);
    scratch_remove(world->folder);
    arena_destroy(&world->arena);
    buf_free(&world->out);
    buf_free(&world->journal);
    mem_free(world);
    return 0;
}

/* ---- the broker ---- */

/* The next call of the actor. */
static call_t s_call(world_t *world)
{
    call_t call;
    slice_t message;
    for (int waited = 0; world->in.len == 0 && waited < PATIENCE_MS; waited += 10) {
        if (bus_receive(world->bus, &world->peer, &message))
            world->in = arena_copy(world->arena, message);
        else
            bus_wait(&world->bus, 1, 10);
    }
    assert_int_equal(call_read(&world->in, &call), ERR_OK);
    return call;
}

static void s_answer(world_t *world, const call_t *call, err_t status, const void *object)
{
    reply_begin(&world->out, &(reply_t){
                                 .type = call->type,
                                 .corr = call->corr,
                                 .status = status,
                                 .as_of = world->head,
                             });
    if (status == ERR_OK)
        codec_pack(&world->out, call_type(call->type)->answer(), object);
    else
        codec_pack(&world->out, shape_nothing(), &(nothing_t){});
    assert_int_equal(bus_send_to(world->bus, world->peer, &world->out), ERR_OK);
}

static void s_answer_read(world_t *world, const call_t *call)
{
    fault_t fault;
    const void *body;
    assert_int_equal(codec_unpack(call->body, shape_bus_read_call(), world->arena, &fault, &body),
                     ERR_OK);
    world->from = ((const bus_read_call_t *)body)->from;
    s_answer(world, call, ERR_OK,
             &(bus_page_t){
                 .records = world->from <= world->head ? buf_slice(&world->journal) : (slice_t){0},
                 .next = world->head + 1,
                 .complete = true,
             });
}

/* Answer as the broker does. */
static void s_serve(world_t *world, const call_t *call)
{
    if (call->type == CALL_bus_hello)
        s_answer(world, call, ERR_OK,
                 &(bus_welcome_t){.peer = 1, .epoch = world->epoch, .head = world->head});
    else if (call->type == CALL_bus_subscribe)
        s_answer(world, call, ERR_OK, &(bus_subscribed_t){.head = world->head});
    else if (call->type == CALL_bus_read)
        s_answer_read(world, call);
    else
        s_answer(world, call, call->type == CALL_bus_ping ? world->ping : ERR_OK, &(nothing_t){});
}

/* The same until a call of this type has been. */
static void s_serve_until(world_t *world, call_number_t type)
{
    for (int calls = 0; calls < CALLS_MAX; calls++) {
        call_t call = s_call(world);
        s_serve(world, &call);
        if (call.type == type)
            return;
    }
    fail_msg("the actor never asked for %s", call_type((uint16_t)type)->name);
}

static void s_add_record(world_t *world)
{
    record_begin(&world->journal, &(record_t){
                                      .type = EVENT_account_registered,
                                      .version = 1,
                                      .seq = ++world->head,
                                      .epoch = 1,
                                      .actor = owner_SESSION,
                                  });
    codec_pack(&world->journal, shape_account_registered_event(),
               &(account_registered_event_t){
                   .id = world->head,
                   .login = SLICE_LIT("alice"),
                   .username = SLICE_LIT("alice"),
               });
    record_end(&world->journal);
}

/* ---- tests ---- */

static void s_test_it_catches_up_and_serves(void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 5; i++)
        s_add_record(world);
    s_serve_until(world, CALL_bus_ready);
    assert_int_equal(world->from, 1);
}

/* The broker gave the actor up, as one that was silent; without another hello it would
 * serve nobody until a restart. */
static void s_test_who_was_forgotten_says_hello_again(void **state)
{
    world_t *world = *state;
    s_add_record(world);
    s_serve_until(world, CALL_bus_ready);
    world->ping = ERR_UNAUTHENTICATED;
    s_serve_until(world, CALL_bus_ping);
    world->ping = ERR_OK;
    s_serve_until(world, CALL_bus_hello);
    s_serve_until(world, CALL_bus_ready);
    assert_int_equal(world->from, 2);
}

/* The connection broke when its hello was on the way, or the welcome. */
static void s_test_whose_hello_was_lost_says_it_again(void **state)
{
    world_t *world = *state;
    call_t hello = s_call(world);
    assert_int_equal(hello.type, CALL_bus_hello);
    world->ping = ERR_UNAUTHENTICATED;
    s_serve_until(world, CALL_bus_ping);
    world->ping = ERR_OK;
    s_serve_until(world, CALL_bus_hello);
    s_serve_until(world, CALL_bus_ready);
}

/* Ask as an edge does, and see what is decided. */
static const room_t *s_decided_room(world_t *world, uint64_t epoch)
{
    decision_t decision;
    slice_t message;
    fault_t fault;
    const void *room;
    call_begin(&world->out, &(call_t){.type = CALL_room_create, .corr = 1, .principal = 1});
    codec_pack(&world->out, shape_room_create_call(),
               &(room_create_call_t){.kind = room_kind_OPEN});
    assert_int_equal(bus_send_to(world->bus, world->peer, &world->out), ERR_OK);
    for (int waited = 0; waited < PATIENCE_MS; waited += 10) {
        bus_wait(&world->bus, 1, 10);
        if (!bus_receive(world->bus, &world->peer, &message) ||
            envelope_kind(message) != ENVELOPE_DECISION)
            continue;
        assert_int_equal(decision_read(&message, &decision), ERR_OK);
        assert_int_equal(decision.status, ERR_OK);
        assert_int_equal(decision.epoch, epoch);
        slice_t body = arena_copy(world->arena, decision.body);
        assert_int_equal(codec_unpack(body, shape_room(), world->arena, &fault, &room), ERR_OK);
        return room;
    }
    fail_msg("nothing was decided");
    return NULL;
}

/* A call that was on its way is decided while nobody will take the decision. */
static void s_test_what_is_decided_before_the_welcome_is_forgotten(void **state)
{
    world_t *world = *state;
    s_add_record(world);
    s_serve_until(world, CALL_bus_ready);
    world->ping = ERR_UNAUTHENTICATED;
    s_serve_until(world, CALL_bus_ping);
    world->ping = ERR_OK;
    call_t hello = s_call(world);
    assert_int_equal(hello.type, CALL_bus_hello);
    assert_int_equal(s_decided_room(world, 0)->id, 1);
    s_answer(world, &hello, ERR_UNKNOWN_OUTCOME, NULL); /* and something else was lost */
    s_serve_until(world, CALL_bus_hello);
    s_serve_until(world, CALL_bus_ready);
    assert_int_equal(s_decided_room(world, 1)->id, 1);
}

/* It has heard nothing and read nothing yet, and says that it takes calls. */
/* The next call that is no heartbeat. */
static call_t s_word(world_t *world)
{
    call_t call = s_call(world);
    while (call.type == CALL_bus_ping) {
        s_answer(world, &call, ERR_OK, &(nothing_t){});
        call = s_call(world);
    }
    return call;
}

static void s_test_one_that_works_from_behind_serves_at_once(void **state)
{
    world_t *world = *state;
    s_add_record(world);
    s_serve_until(world, CALL_bus_hello);
    call_t ready = s_word(world);
    assert_int_equal(ready.type, CALL_bus_ready);
    s_answer(world, &ready, ERR_OK, &(nothing_t){});
    s_serve_until(world, CALL_bus_read);
    assert_int_equal(world->from, 1);
}

/* The next call for a page, unanswered. */
static call_t s_wish(world_t *world)
{
    call_t call = s_call(world);
    while (call.type != CALL_bus_read) {
        s_answer(world, &call, ERR_OK, &(nothing_t){});
        call = s_call(world);
    }
    return call;
}

static void s_test_one_that_works_from_behind_reads_again_and_again(void **state)
{
    world_t *world = *state;
    s_add_record(world);
    s_serve_until(world, CALL_bus_read);
    s_serve_until(world, CALL_bus_read);
    assert_int_equal(world->from, 2);
    call_t read = s_wish(world);
    s_answer(world, &read, ERR_STORAGE, NULL); /* which ends nothing */
    buf_reset(&world->journal);
    s_add_record(world);
    s_serve_until(world, CALL_bus_read);
    assert_int_equal(world->from, 2);
    s_serve_until(world, CALL_bus_read);
    assert_int_equal(world->from, 3);
}

/* The page that was asked for is refused beside the ping, when it says hello already. */
static void s_test_one_from_behind_that_was_forgotten_serves_again(void **state)
{
    world_t *world = *state;
    s_add_record(world);
    s_serve_until(world, CALL_bus_read);
    call_t read = s_wish(world);
    reply_begin(&world->out, &(reply_t){.type = CALL_bus_ping, .status = ERR_UNAUTHENTICATED});
    codec_pack(&world->out, shape_nothing(), &(nothing_t){});
    s_answer(world, &read, ERR_UNAUTHENTICATED, NULL);
    s_serve_until(world, CALL_bus_hello);
    s_serve_until(world, CALL_bus_ready);
}

/* ---- reactions ---- */

/* Tell it that somebody asks for a link, and keep that for the pages. */
static void s_tell_link(world_t *world)
{
    size_t before = world->journal.len;
    record_begin(&world->journal, &(record_t){
                                      .type = EVENT_link_asked,
                                      .version = 1,
                                      .seq = ++world->head,
                                      .epoch = 1,
                                      .actor = owner_SESSION,
                                      .time = 1,
                                  });
    codec_pack(&world->journal, shape_link_asked_event(),
               &(link_asked_event_t){
                   .account = 1,
                   .purpose = purpose_VERIFY,
                   .nonce = SLICE_LIT("nonce"),
                   .expires = INT64_MAX,
                   .email = SLICE_LIT("alice@example.org"),
               });
    record_end(&world->journal);
    buf_append(&world->out, slice_from(buf_slice(&world->journal), before));
    assert_int_equal(bus_send_to(world->bus, world->peer, &world->out), ERR_OK);
}

static void s_tell_epoch(world_t *world, uint64_t epoch)
{
    world->epoch = epoch;
    record_begin(&world->out, &(record_t){.type = EVENT_bus_epoch, .version = 1, .epoch = epoch});
    codec_pack(&world->out, shape_bus_epoch_event(),
               &(bus_epoch_event_t){.epoch = epoch, .head = world->head});
    record_end(&world->out);
    assert_int_equal(bus_send_to(world->bus, world->peer, &world->out), ERR_OK);
}

/* The cause of the next thing that it decides, in this epoch, while it is served. */
static uint64_t s_cause(world_t *world, uint64_t epoch)
{
    decision_t decision;
    record_t record;
    for (int waited = 0; waited < PATIENCE_MS; waited += 10) {
        slice_t message;
        if (world->in.len == 0 && bus_receive(world->bus, &world->peer, &message))
            world->in = arena_copy(world->arena, message);
        if (envelope_kind(world->in) == ENVELOPE_CALL) {
            call_t call = s_call(world);
            s_serve(world, &call);
        } else if (envelope_kind(world->in) == ENVELOPE_DECISION) {
            assert_int_equal(decision_read(&world->in, &decision), ERR_OK);
            assert_int_equal(decision.epoch, epoch);
            assert_int_equal(record_read(&world->in, &record), ERR_OK);
            return record.cause;
        } else {
            bus_wait(&world->bus, 1, 10);
        }
    }
    fail_msg("it does not react");
    return 0;
}

/* What it had reacted to is not on disk, and the broker says so. */
static void s_test_a_reaction_that_was_lost_is_made_again(void **state)
{
    world_t *world = *state;
    s_add_record(world);
    s_serve_until(world, CALL_bus_ready);
    s_tell_link(world);
    assert_int_equal(s_cause(world, 1), 2);
    s_tell_epoch(world, 2);
    s_serve_until(world, CALL_bus_hello); /* until it has read that, nobody may call it */
    assert_int_equal(s_cause(world, 2), 2);
    assert_int_equal(world->from, 2);
    s_tell_link(world);
    assert_int_equal(s_cause(world, 2), 3);
}

/* An actor that is new does not react to the past, and to what is read again only if it has
 * not reacted to it. */
static void s_test_an_old_journal_is_not_reacted_to(void **state)
{
    world_t *world = *state;
    s_serve_until(world, CALL_bus_hello);
    s_add_record(world);
    s_tell_link(world);
    s_serve_until(world, CALL_bus_ready);
    s_tell_link(world);
    assert_int_equal(s_cause(world, 1), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
#define TEST_REACTING(name) cmocka_unit_test_setup_teardown(name, s_setup_reacting, s_teardown)
#define TEST_BEHIND(name) cmocka_unit_test_setup_teardown(name, s_setup_behind, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s_test_it_catches_up_and_serves),
        TEST(s_test_who_was_forgotten_says_hello_again),
        TEST(s_test_whose_hello_was_lost_says_it_again),
        TEST(s_test_what_is_decided_before_the_welcome_is_forgotten),
        TEST_BEHIND(s_test_one_that_works_from_behind_serves_at_once),
        TEST_BEHIND(s_test_one_that_works_from_behind_reads_again_and_again),
        TEST_BEHIND(s_test_one_from_behind_that_was_forgotten_serves_again),
        TEST_REACTING(s_test_a_reaction_that_was_lost_is_made_again),
        TEST_REACTING(s_test_an_old_journal_is_not_reacted_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
