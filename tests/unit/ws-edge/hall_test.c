/* hall_test.c - guests and places, and what the broker is asked for them. */
#include "ws-edge/hall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"

enum { LINGER_US = 5 * 1000 * 1000 };

/* The last round, and what the broker sends by all rounds so far. */
typedef struct world {
    hall_t *hall;
    size_t rounds;
    bool hear;
    size_t rooms, accounts;
    uint64_t round;
} world_t;

static void s_tune(void *ctx, bool hear, ids_t rooms, ids_t accounts, uint64_t round)
{
    world_t *world = ctx;
    assert_true(rooms.count + accounts.count > 0); /* else it would mean everything */
    assert_true(rooms.count + accounts.count <= LIMIT_BATCH_KEYS);
    assert_true(round > world->round);
    world->rounds++;
    world->hear = hear;
    world->rooms = rooms.count;
    world->accounts = accounts.count;
    world->round = round;
}

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    world->hall = hall_new(&(hall_ports_t){.ctx = world, .tune = s_tune});
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    hall_destroy(&world->hall);
    mem_free(world);
    return 0;
}

static void test_a_turns_places_are_asked_for_in_one_round(void **state)
{
    world_t *world = *state;
    guest_t ann = {0}, bob = {0};
    hall_enter(world->hall, &ann, PLACE_ACCOUNT, 1, 0);
    hall_enter(world->hall, &ann, PLACE_ROOM, 5, 0);
    hall_enter(world->hall, &bob, PLACE_ROOM, 5, 0);
    hall_enter(world->hall, &bob, PLACE_ROOM, 5, 0);
    hall_enter(world->hall, &bob, PLACE_ROOM, 6, 0);
    assert_int_equal(world->rounds, 0);
    hall_flush(world->hall);
    assert_int_equal(world->rounds, 1);
    assert_int_equal(world->rooms, 2);
    assert_int_equal(world->accounts, 1);
    hall_flush(world->hall);
    assert_int_equal(world->rounds, 1);
    assert_int_equal(place_count(hall_find(world->hall, PLACE_ROOM, 5)), 2);
    hall_leave_all(world->hall, &ann, 0);
    hall_leave_all(world->hall, &bob, 0);
}

static void test_a_guest_waits_for_the_round_of_its_places(void **state)
{
    world_t *world = *state;
    guest_t ann = {0}, bob = {0};
    hall_enter(world->hall, &ann, PLACE_ROOM, 5, 0);
    uint64_t round = hall_round(world->hall, &ann);
    hall_flush(world->hall);
    assert_int_equal(round, world->round);
    hall_enter(world->hall, &bob, PLACE_ROOM, 5, 0); /* asked for, and not there yet */
    assert_int_equal(hall_round(world->hall, &bob), round);
    hall_acked(world->hall, round);
    assert_int_equal(hall_round(world->hall, &ann), 0);
    assert_int_equal(hall_round(world->hall, &bob), 0);
    hall_leave_all(world->hall, &ann, 0);
    hall_leave_all(world->hall, &bob, 0);
}

static void test_a_deserted_place_lingers_is_stopped_and_forgotten(void **state)
{
    world_t *world = *state;
    guest_t ann = {0};
    hall_enter(world->hall, &ann, PLACE_ROOM, 5, 0);
    hall_flush(world->hall);
    hall_acked(world->hall, world->round);
    hall_leave(world->hall, &ann, PLACE_ROOM, 5, 0);
    hall_sweep(world->hall, LINGER_US - 1);
    assert_int_equal(world->rounds, 1);
    hall_sweep(world->hall, LINGER_US);
    assert_int_equal(world->rounds, 2);
    assert_false(world->hear);
    assert_non_null(hall_find(world->hall, PLACE_ROOM, 5));
    hall_acked(world->hall, world->round);
    hall_sweep(world->hall, LINGER_US);
    assert_null(hall_find(world->hall, PLACE_ROOM, 5));
    hall_leave_all(world->hall, &ann, 0);
}

static void test_a_followed_room_needs_no_asking(void **state)
{
    world_t *world = *state;
    guest_t ann = {0};
    assert_true(hall_followed(world->hall, 5, 0));
    hall_enter(world->hall, &ann, PLACE_ROOM, 5, 0);
    assert_int_equal(hall_round(world->hall, &ann), 0);
    hall_flush(world->hall);
    assert_int_equal(world->rounds, 0);
    hall_leave_all(world->hall, &ann, 0);
}

/* The broker may have followed before it was told to stop: what it does now is unknown. */
static void test_a_room_that_is_just_being_stopped_is_asked_for_again(void **state)
{
    world_t *world = *state;
    guest_t ann = {0};
    hall_enter(world->hall, &ann, PLACE_ROOM, 5, 0);
    hall_flush(world->hall);
    hall_acked(world->hall, world->round);
    hall_leave_all(world->hall, &ann, 0);
    hall_sweep(world->hall, LINGER_US);
    assert_false(hall_followed(world->hall, 5, LINGER_US));
    hall_enter(world->hall, &ann, PLACE_ROOM, 5, LINGER_US);
    assert_int_not_equal(hall_round(world->hall, &ann), 0);
    hall_flush(world->hall);
    assert_true(world->hear);
    hall_acked(world->hall, world->round);
    assert_int_equal(hall_round(world->hall, &ann), 0);
    hall_leave_all(world->hall, &ann, 0);
}

static void test_more_places_than_a_call_holds_take_more_rounds(void **state)
{
    world_t *world = *state;
    guest_t ann = {0};
    for (uint64_t room = 1; room <= LIMIT_BATCH_KEYS + 1; room++)
        hall_enter(world->hall, &ann, PLACE_ROOM, room, 0);
    assert_int_equal(world->rounds, 1);
    uint64_t round = hall_round(world->hall, &ann);
    hall_flush(world->hall);
    assert_int_equal(world->rounds, 2);
    assert_int_equal(round, world->round);
    assert_int_equal(hall_rooms(world->hall, &ann).count, LIMIT_BATCH_KEYS + 1);
    hall_leave_all(world->hall, &ann, 0);
}

/* Against a plain table of who is where. */
static void test_any_order_of_coming_and_going_keeps_both_sides_true(void **state)
{
    enum { GUESTS = 12, ROOMS = 9, STEPS = 20000 };
    world_t *world = *state;
    guest_t guests[GUESTS] = {0};
    bool there[GUESTS][ROOMS] = {0};
    srand(1);
    for (int step = 0; step < STEPS; step++) {
        size_t guest = (size_t)rand() % GUESTS, room = (size_t)rand() % ROOMS;
        there[guest][room] = rand() % 2;
        if (there[guest][room])
            hall_enter(world->hall, &guests[guest], PLACE_ROOM, room + 1, 0);
        else
            hall_leave(world->hall, &guests[guest], PLACE_ROOM, room + 1, 0);
    }
    for (size_t room = 0; room < ROOMS; room++) {
        const place_t *place = hall_find(world->hall, PLACE_ROOM, room + 1);
        size_t count = 0;
        for (size_t guest = 0; guest < GUESTS; guest++)
            count += there[guest][room];
        assert_int_equal(place_count(place), count);
        for (size_t i = 0; i < count; i++)
            assert_true(there[place_guest(place, i) - guests][room]);
    }
    for (size_t guest = 0; guest < GUESTS; guest++)
        hall_leave_all(world->hall, &guests[guest], 0);
}

static void test_after_a_clear_everything_is_asked_for_anew(void **state)
{
    world_t *world = *state;
    guest_t ann = {0};
    hall_enter(world->hall, &ann, PLACE_ROOM, 5, 0);
    hall_flush(world->hall);
    hall_leave_all(world->hall, &ann, 0);
    hall_clear(world->hall);
    hall_enter(world->hall, &ann, PLACE_ROOM, 5, 0);
    assert_int_not_equal(hall_round(world->hall, &ann), 0);
    hall_flush(world->hall);
    assert_int_equal(world->rounds, 2);
    hall_leave_all(world->hall, &ann, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_turns_places_are_asked_for_in_one_round),
        TEST(test_a_guest_waits_for_the_round_of_its_places),
        TEST(test_a_deserted_place_lingers_is_stopped_and_forgotten),
        TEST(test_a_followed_room_needs_no_asking),
        TEST(test_a_room_that_is_just_being_stopped_is_asked_for_again),
        TEST(test_more_places_than_a_call_holds_take_more_rounds),
        TEST(test_any_order_of_coming_and_going_keeps_both_sides_true),
        TEST(test_after_a_clear_everything_is_asked_for_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
