/* keyed_test.c - a broker over tcp: who has no key on its list gets nowhere, whoever has one
 * is what the list says, and thousands of strangers do it no harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "actors/bus.h"
#include "actors/crypto.h"
#include "broker/broker.h"
#include "schema/codec.h"
#include "schema/envelope.h"
#include "schema/mem.h"
#include "tests/unit/scratch.h"

enum { STRANGERS = 5000, AT_ONCE = 100, ANSWER_MS = 5000, DENIED_MS = 300 };

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char keys[512];
    char endpoint[64];
    broker_t *broker;
    keyring_t edge;
    keyring_t operator;
} world_t;

/* A pair, and its line in the list. */
static void s_make(const char *role, keyring_t *ring, FILE *list)
{
    keys_make(&ring->own);
    fprintf(list, "%s %s %s\n", role, role, ring->own.public_key);
}

static void s_make_keys(world_t *world)
{
    char path[600];
    key_pair_t broker;
    snprintf(world->keys, sizeof world->keys, "%s/keys", world->folder);
    assert_int_equal(mkdir(world->keys, 0700), 0);
    keys_make(&broker);
    snprintf(path, sizeof path, "%s/broker", world->keys);
    assert_int_equal(keys_write(path, &broker), ERR_OK);
    assert_int_equal(keys_write(path, &broker), ERR_EXISTS);
    snprintf(path, sizeof path, "%s/authorized", world->keys);
    FILE *list = fopen(path, "w");
    s_make("edge", &world->edge, list);
    s_make("operator", &world->operator, list);
    fclose(list);
    memcpy(world->edge.broker, broker.public_key, KEY_TEXT_SIZE);
    memcpy(world->operator.broker, broker.public_key, KEY_TEXT_SIZE);
}

/* The list again, without the edge. */
static void s_strike_edge(const world_t *world)
{
    char path[600];
    snprintf(path, sizeof path, "%s/authorized", world->keys);
    FILE *list = fopen(path, "w");
    fprintf(list, "operator operator %s\n", world->operator.own.public_key);
    fclose(list);
}

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    assert_int_equal(crypto_start(), ERR_OK);
    bus_start();
    scratch_make(world->folder);
    s_make_keys(world);
    err_t err = ERR_UNAVAILABLE;
    for (int try = 0; err != ERR_OK && try < 20; try++) { /* until a port is free */
        uint16_t port;
        crypto_random((uint8_t *)&port, sizeof port);
        snprintf(world->endpoint, sizeof world->endpoint, "tcp://127.0.0.1:%d",
                 20000 + port % 12000);
        const char *endpoints[] = {world->endpoint};
        broker_options_t options = {.data = world->folder,
                                    .keys = world->keys,
                                    .inner = "inproc://broker",
                                    .bus = endpoints,
                                    .bus_count = 1};
        err = broker_start(&options, &world->broker);
    }
    assert_int_equal(err, ERR_OK);
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    broker_stop(&world->broker);
    scratch_remove(world->folder);
    mem_free(world);
    bus_stop();
    return 0;
}

static void s_send(bus_t *bus, call_number_t number, const void *body)
{
    buf_t out = {0};
    call_begin(&out, &(call_t){.type = (uint16_t)number, .corr = 1, .principal = 7});
    codec_pack(&out, call_type((uint16_t)number)->shape(), body);
    assert_int_equal(bus_send(bus, &out), ERR_OK);
    buf_free(&out);
}

/* The status of the next reply; ERR_TIMEOUT if none comes in time. */
static err_t s_status(bus_t *bus, int ms)
{
    uint32_t peer;
    slice_t message;
    reply_t reply;
    bus_wait(&bus, 1, ms);
    if (!bus_receive(bus, &peer, &message))
        return ERR_TIMEOUT;
    assert_int_equal(reply_read(&message, &reply), ERR_OK);
    return reply.status;
}

static err_t s_hello(bus_t *bus, peer_role_t role, int ms)
{
    s_send(bus, CALL_bus_hello, &(bus_hello_call_t){.role = role});
    return s_status(bus, ms);
}

static bus_t *s_connect(const world_t *world, const keyring_t *ring)
{
    bus_t *bus = NULL;
    assert_int_equal(bus_connect(world->endpoint, ring, &bus), ERR_OK);
    return bus;
}

static void s_assert_serves(const world_t *world)
{
    bus_t *bus = s_connect(world, &world->operator);
    assert_int_equal(s_hello(bus, peer_role_OPERATOR, ANSWER_MS), ERR_OK);
    bus_close(&bus);
}

static void s_test_a_key_is_good_for_its_role(void **state)
{
    world_t *world = *state;
    bus_t *bus = s_connect(world, &world->operator);
    assert_int_equal(s_hello(bus, peer_role_EDGE, ANSWER_MS), ERR_FORBIDDEN);
    assert_int_equal(s_hello(bus, peer_role_OPERATOR, ANSWER_MS), ERR_OK);
    s_send(bus, CALL_presence_announce, &(presence_announce_call_t){});
    assert_int_equal(s_status(bus, ANSWER_MS), ERR_FORBIDDEN);
    bus_close(&bus);
    bus = s_connect(world, &world->edge);
    assert_int_equal(s_hello(bus, peer_role_OPERATOR, ANSWER_MS), ERR_FORBIDDEN);
    assert_int_equal(s_hello(bus, peer_role_EDGE, ANSWER_MS), ERR_OK);
    bus_close(&bus);
}

static void s_test_who_is_taken_off_the_list_is_out(void **state)
{
    world_t *world = *state;
    bus_t *bus = s_connect(world, &world->edge);
    assert_int_equal(s_hello(bus, peer_role_EDGE, ANSWER_MS), ERR_OK);
    s_strike_edge(world);
    assert_int_equal(broker_reload(world->broker), ERR_OK);
    err_t err = ERR_OK;
    for (int i = 0; i < 1000 && err == ERR_OK; i++) { /* its thread takes the list over */
        s_send(bus, CALL_bus_ping, &(bus_ping_call_t){});
        err = s_status(bus, ANSWER_MS);
    }
    assert_int_equal(err, ERR_UNAUTHENTICATED);
    assert_int_equal(s_hello(bus, peer_role_EDGE, ANSWER_MS), ERR_FORBIDDEN);
    bus_close(&bus);
    bus = s_connect(world, &world->edge); /* and is not even let in again */
    assert_int_equal(s_hello(bus, peer_role_EDGE, DENIED_MS), ERR_TIMEOUT);
    bus_close(&bus);
    s_assert_serves(world);
}

/* The point at infinity: a server that takes it would share a secret with everybody. */
static void s_test_keys_of_zeros_are_refused(void **state)
{
    world_t *world = *state;
    keyring_t zero = world->operator;
    memset(zero.own.public_key, '0', KEY_TEXT_SIZE - 1);
    memset(zero.own.secret_key, '0', KEY_TEXT_SIZE - 1);
    assert_false(keys_valid(zero.own.public_key));
    bus_t *bus = s_connect(world, &zero);
    assert_int_equal(s_hello(bus, peer_role_OPERATOR, DENIED_MS), ERR_TIMEOUT);
    bus_close(&bus);
    s_assert_serves(world);
}

static void s_test_thousands_of_strangers_do_no_harm(void **state)
{
    world_t *world = *state;
    bus_t *friend = s_connect(world, &world->operator);
    assert_int_equal(s_hello(friend, peer_role_OPERATOR, ANSWER_MS), ERR_OK);
    bus_t *strangers[AT_ONCE];
    keyring_t ring = world->operator;
    for (int i = 0; i < STRANGERS / AT_ONCE; i++) {
        keys_make(&ring.own);
        for (int j = 0; j < AT_ONCE; j++) {
            strangers[j] = s_connect(world, &ring);
            s_send(strangers[j], CALL_bus_hello, &(bus_hello_call_t){.role = peer_role_EDGE});
        }
        s_send(friend, CALL_bus_ping, &(bus_ping_call_t){});
        assert_int_equal(s_status(friend, ANSWER_MS), ERR_OK);
        bus_wait(strangers, 8, 20); /* time to be refused */
        for (int j = 0; j < AT_ONCE; j++) {
            assert_int_equal(s_status(strangers[j], 0), ERR_TIMEOUT);
            bus_close(&strangers[j]);
        }
    }
    bus_close(&friend);
    s_assert_serves(world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s_test_a_key_is_good_for_its_role),
        TEST(s_test_who_is_taken_off_the_list_is_out),
        TEST(s_test_keys_of_zeros_are_refused),
        TEST(s_test_thousands_of_strangers_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
