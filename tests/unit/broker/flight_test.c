/* flight_test.c - replies leave with their batch, in order, each once. */
#include "broker/flight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/pack.h"

enum { STEPS = 200 * 1000, WINDOW = 4096 };

/* The model: reply n waits for wait[n % WINDOW], and they leave in order. */

typedef struct world {
    flight_t *flight;
    uint64_t wait[WINDOW];
    uint64_t added;
    uint64_t left;
    size_t bytes;
    uint64_t seq;        /* the highest that was waited for */
    uint64_t turn_first; /* first reply of the turn that is not sealed; 0: none */
} world_t;

static void s_add(world_t *world)
{
    static const uint8_t padding[64];
    buf_t reply = {0};
    uint64_t number = ++world->added;
    world->seq += (uint64_t)random() % 3;
    reply_begin(&reply, &(reply_t){.type = 1, .corr = number});
    pack_bin(&reply, slice_new(padding, number % 50));
    flight_add(world->flight, world->seq, buf_slice(&reply));
    world->bytes += reply.len;
    if (world->turn_first == 0)
        world->turn_first = number;
    for (uint64_t n = world->turn_first; n <= number; n++) /* a batch leaves as one */
        world->wait[n % WINDOW] = world->seq;
    buf_free(&reply);
}

static void s_leave(void *ctx, const reply_t *reply)
{
    world_t *world = ctx;
    assert_int_equal(reply->corr, ++world->left);
    world->bytes -= reply->bytes.len;
}

static void s_land(world_t *world, uint64_t seq)
{
    uint64_t expected = world->left;
    while (expected < world->added && world->wait[(expected + 1) % WINDOW] <= seq)
        expected++;
    flight_land(world->flight, seq, s_leave, world);
    assert_int_equal(world->left, expected);
    assert_int_equal(flight_bytes(world->flight), world->bytes);
    assert_true(flight_empty(world->flight) == (world->left == world->added));
    if (world->turn_first <= world->left)
        world->turn_first = 0;
}

static void s_test_against_a_model(void **state)
{
    world_t world = {.flight = flight_new()};
    (void)state;
    srandom(1);
    for (int i = 0; i < STEPS; i++) {
        long what = random() % 10;
        if (what < 5 && world.added - world.left < WINDOW)
            s_add(&world);
        else if (what < 8) {
            flight_seal(world.flight);
            world.turn_first = 0;
        } else
            s_land(&world, world.seq > 8 ? world.seq - (uint64_t)random() % 9 : world.seq);
    }
    s_land(&world, UINT64_MAX);
    assert_true(flight_empty(world.flight));
    assert_int_equal(flight_bytes(world.flight), 0);
    flight_destroy(&world.flight);
    assert_null(world.flight);
}

static void s_test_what_is_left_goes_with_it(void **state)
{
    world_t world = {.flight = flight_new()};
    (void)state;
    for (int i = 0; i < 10; i++) {
        s_add(&world);
        flight_seal(world.flight);
    }
    flight_destroy(&world.flight);
    flight_destroy(&world.flight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_test_against_a_model),
        cmocka_unit_test(s_test_what_is_left_goes_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
