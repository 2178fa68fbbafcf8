/* spine_test.c - broker, scribe and actors together, over the real bus and disk,
 * with the test as the edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "actors/actor.h"
#include "actors/bus.h"
#include "broker/broker.h"
#include "schema/mem.h"

/* A server without an edge, and the peer that plays one. */
typedef struct world {
    char data[64];
    broker_t *broker;
    actor_t *session;
    actor_t *room;
    bus_t *bus;
    buf_t out;
    arena_t *arena;
    uint64_t corr;
    uint64_t records;  /* seen */
    uint64_t last_seq; /* of them */
    uint64_t replies;
    uint64_t refusals;
    reply_t last; /* its body lies in the arena */
} world_t;

static const char INNER[] = "inproc://spine-test";

static void s_start(world_t *world)
{
    broker_options_t broker = {.data = world->data, .keys = "", .inner = INNER};
    actor_options_t actor = {.data = world->data, .bus = INNER, .weak_passwords = true};
    assert_int_equal(broker_start(&broker, &world->broker), ERR_OK);
    assert_int_equal(actor_start(&session_actor, &actor, &world->session), ERR_OK);
    assert_int_equal(actor_start(&room_actor, &actor, &world->room), ERR_OK);
    assert_int_equal(bus_connect(INNER, NULL, &world->bus), ERR_OK);
}

static void s_stop(world_t *world)
{
    bus_close(&world->bus);
    broker_drain(world->broker, 2000);
    actor_stop(&world->room);
    actor_stop(&world->session);
    broker_stop(&world->broker);
}

static void s_ask_as(world_t *world, uint64_t account, call_number_t number, const void *body)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    call_t call = {
        .type = (uint16_t)number,
        .corr = ++world->corr,
        .principal = account,
        .session = account != 0 ? 1 : 0,
        .time = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000,
    };
    memcpy(call.rand, &world->corr, sizeof world->corr);
    memcpy(call.rand + 8, &world->corr, sizeof world->corr);
    call_begin(&world->out, &call);
    codec_pack(&world->out, call_type(call.type)->shape(), body);
}

static void s_message(world_t *world, slice_t message)
{
    reply_t reply;
    record_t record;
    while (message.len > 0) {
        if (envelope_kind(message) == ENVELOPE_REPLY) {
            assert_int_equal(reply_read(&message, &reply), ERR_OK);
            world->replies++;
            world->refusals += reply.status != ERR_OK;
            world->last = reply;
            world->last.body = arena_copy(world->arena, reply.body);
        } else {
            assert_int_equal(record_read(&message, &record), ERR_OK);
            if (record.seq != 0) {
                assert_true(record.seq > world->last_seq);
                world->last_seq = record.seq;
            }
            world->records++;
        }
    }
}

/* Send what was asked and wait for that many replies. */
static void s_wait(world_t *world, uint64_t replies)
{
    uint32_t peer;
    slice_t message;
    if (world->out.len > 0)
        assert_int_equal(bus_send(world->bus, &world->out), ERR_OK);
    while (world->replies < replies) {
        bus_wait(&world->bus, 1, 1000);
        while (bus_receive(world->bus, &peer, &message))
            s_message(world, message);
    }
}

/* One call and its answer. */
static const void *s_call(world_t *world, uint64_t account, call_number_t number, const void *body)
{
    const void *answer = NULL;
    fault_t fault;
    arena_reset(world->arena);
    s_ask_as(world, account, number, body);
    s_wait(world, world->replies + 1);
    if (world->last.status != ERR_OK)
        return NULL;
    assert_int_equal(codec_unpack(world->last.body, call_type((uint16_t)number)->answer(),
                                  world->arena, &fault, &answer),
                     ERR_OK);
    return answer;
}

static void s_ready(world_t *world)
{
    assert_non_null(s_call(world, 0, CALL_bus_hello, &(bus_hello_call_t){.role = peer_role_EDGE}));
    for (int i = 0; i < 5000; i++) {
        const bus_state_t *state = s_call(world, 0, CALL_bus_status, &(bus_status_call_t){});
        if (state->ready)
            return;
        usleep(1000);
    }
    fail_msg("the actors did not catch up");
}

static uint64_t s_sign_up(world_t *world, const char *login)
{
    account_register_call_t sign_up = {
        .login = slice_of(login),
        .password = SLICE_LIT("correct horse"),
    };
    const signed_in_t *in = s_call(world, 0, CALL_account_register, &sign_up);
    assert_non_null(in);
    return in->account->id;
}

static uint64_t s_room(world_t *world, uint64_t account)
{
    const room_t *room =
        s_call(world, account, CALL_room_create, &(room_create_call_t){.kind = room_kind_OPEN});
    assert_non_null(room);
    return room->id;
}

static void s_post_many(world_t *world, uint64_t account, uint64_t room, int count, int window)
{
    char id[32];
    arena_reset(world->arena);
    for (int i = 0; i < count; i++) {
        snprintf(id, sizeof id, "id-%d-%llu", i, (unsigned long long)world->corr);
        s_ask_as(world, account, CALL_room_post,
                 &(room_post_call_t){
                     .room = room,
                     .text = SLICE_LIT("a message of some hundred and twenty-eight bytes, as "
                                       "people write them when they have something to say to "
                                       "each other, mostly"),
                     .client_id = slice_of(id),
                 });
        if ((i + 1) % window == 0 || i + 1 == count) {
            s_wait(world, world->replies + (uint64_t)(i % window) + 1);
            arena_reset(world->arena);
        }
    }
}

static uint64_t s_history_end(world_t *world, uint64_t account, uint64_t room)
{
    const message_list_t *list =
        s_call(world, account, CALL_room_history, &(room_history_call_t){.room = room, .limit = 1});
    assert_non_null(list);
    const message_t *messages = list->messages.items;
    return list->messages.count == 1 ? messages[0].seq : 0;
}

static void s_shell(const world_t *world, const char *script)
{
    char command[512];
    snprintf(command, sizeof command, "cd %s && %s", world->data, script);
    assert_int_equal(system(command), 0);
}

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    snprintf(world->data, sizeof world->data, "/tmp/spine-test-XXXXXX");
    assert_non_null(mkdtemp(world->data));
    world->arena = arena_new();
    s_start(world);
    s_ready(world);
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    s_stop(world);
    s_shell(world, "rm -rf $PWD");
    arena_destroy(&world->arena);
    buf_free(&world->out);
    mem_free(world);
    return 0;
}

static void s_test_message_all_the_way(void **state)
{
    world_t *world = *state;
    uint64_t alice = s_sign_up(world, "alice");
    uint64_t room = s_room(world, alice);
    s_call(world, alice, CALL_bus_subscribe,
           &(bus_subscribe_call_t){.rooms = {(uint64_t[]){room}, 1}});
    uint64_t before = world->records;
    const message_t *message =
        s_call(world, alice, CALL_room_post,
               &(room_post_call_t){.room = room, .text = SLICE_LIT("hello")});
    assert_non_null(message);
    assert_int_equal(message->seq, 1);
    assert_true(slice_is(message->login, "alice"));
    assert_int_equal(s_history_end(world, alice, room), 1);
    assert_int_equal(world->records, before + 1);
}

static void s_test_repeat_has_one_effect(void **state)
{
    world_t *world = *state;
    uint64_t alice = s_sign_up(world, "alice");
    uint64_t room = s_room(world, alice);
    room_post_call_t post = {
        .room = room,
        .text = SLICE_LIT("once"),
        .client_id = SLICE_LIT("a1"),
    };
    const message_t *first = s_call(world, alice, CALL_room_post, &post);
    uint64_t id = first->id;
    const message_t *again = s_call(world, alice, CALL_room_post, &post);
    assert_int_equal(again->id, id);
    assert_int_equal(s_history_end(world, alice, room), 1);
    post.text = SLICE_LIT("twice");
    assert_null(s_call(world, alice, CALL_room_post, &post));
    assert_int_equal(world->last.status, ERR_CLIENT_ID_REUSED);
}

static void s_test_restart_keeps_everything(void **state)
{
    world_t *world = *state;
    uint64_t alice = s_sign_up(world, "alice");
    uint64_t room = s_room(world, alice);
    s_post_many(world, alice, room, 1000, 100);
    assert_int_equal(world->refusals, 0);
    s_stop(world);
    s_start(world);
    s_ready(world);
    assert_int_equal(s_history_end(world, alice, room), 1000);
}

static void s_test_projection_is_rebuilt(void **state)
{
    world_t *world = *state;
    uint64_t alice = s_sign_up(world, "alice");
    uint64_t room = s_room(world, alice);
    s_post_many(world, alice, room, 1000, 100);
    s_stop(world);
    s_shell(world, "rm -rf room session");
    s_start(world);
    s_ready(world);
    assert_int_equal(s_history_end(world, alice, room), 1000);
    s_post_many(world, alice, room, 1, 1);
    assert_int_equal(s_history_end(world, alice, room), 1001);
}

/* A projection that knows more than the journal knows what never was. */
static void s_test_projection_ahead_is_rebuilt(void **state)
{
    world_t *world = *state;
    uint64_t alice = s_sign_up(world, "alice");
    uint64_t room = s_room(world, alice);
    s_post_many(world, alice, room, 10, 10);
    s_stop(world);
    s_shell(world, "cp -r journal before");
    s_start(world);
    s_ready(world);
    s_post_many(world, alice, room, 10, 10);
    s_stop(world);
    s_shell(world, "rm -rf journal index anchor.json && mv before journal");
    s_start(world);
    world->last_seq = 0;
    s_ready(world);
    assert_int_equal(s_history_end(world, alice, room), 10);
    s_post_many(world, alice, room, 1, 1);
    assert_int_equal(s_history_end(world, alice, room), 11);
}

static double s_seconds(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

/* Not a check but a measure, for SPINE_BENCH=messages: what the hops cost. */
static void s_test_measure(void **state)
{
    world_t *world = *state;
    const char *wanted = getenv("SPINE_BENCH");
    int wanted_count = wanted != NULL ? atoi(wanted) : 0;
    if (wanted_count == 0)
        skip();
    uint64_t alice = s_sign_up(world, "alice");
    uint64_t room = s_room(world, alice);
    for (int window = 1; window <= 1024; window *= 4) {
        struct timespec start, end, cpu0, cpu1;
        int count = window < 16 ? wanted_count / 16 : wanted_count;
        clock_gettime(CLOCK_MONOTONIC, &start);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu0);
        s_post_many(world, alice, room, count, window);
        clock_gettime(CLOCK_MONOTONIC, &end);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu1);
        double s = s_seconds(&start, &end), c = s_seconds(&cpu0, &cpu1);
        print_message("window %4d: %8.0f messages/s, %6.2f us CPU each\n", window, count / s,
                      c * 1e6 / count);
    }
}

int main(void)
{
    bus_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(s_test_message_all_the_way, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(s_test_repeat_has_one_effect, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(s_test_restart_keeps_everything, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(s_test_projection_is_rebuilt, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(s_test_projection_ahead_is_rebuilt, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(s_test_measure, s_setup, s_teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bus_stop();
    return failed;
}
