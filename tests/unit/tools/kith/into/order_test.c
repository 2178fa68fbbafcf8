/* order_test.c - who waits for whom. */
#include "tools/kith/into/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "schema/mem.h"

enum { SIZE = 8 };
enum { ANN = 1, BEA = 2, PLAZA = 10, DEN = 11 };

typedef struct world {
    order_t *order;
    arena_t *arena;
} world_t;

static int s_start(void **state, bool loose)
{
    world_t *world = mem_new(world_t);
    world->order = order_new(SIZE, loose);
    world->arena = arena_new();
    *state = world;
    return 0;
}

static int s_strict(void **state)
{
    return s_start(state, false);
}

static int s_loose(void **state)
{
    return s_start(state, true);
}

static int s_end(void **state)
{
    world_t *world = *state;
    order_destroy(&world->order);
    arena_destroy(&world->arena);
    mem_free(world);
    return 0;
}

static task_t *s_add(world_t *world, deed_t deed)
{
    return order_add(world->order, &deed, &world->arena);
}

static task_t *s_post(world_t *world, uint64_t doer, uint64_t room, uint64_t seq, uint64_t reply_to)
{
    room_post_call_t *post = arena_new_of(world->arena, room_post_call_t);
    *post = (room_post_call_t){.room = room, .reply_to = reply_to};
    return s_add(world, (deed_t){
                            .call = CALL_room_post,
                            .args = post,
                            .doer = doer,
                            .room = room,
                            .seq = seq,
                        });
}

static task_t *s_like(world_t *world, uint64_t doer, uint64_t whom)
{
    people_like_call_t *like = arena_new_of(world->arena, people_like_call_t);
    return s_add(world,
                 (deed_t){.call = CALL_people_like, .args = like, .doer = doer, .whom = whom});
}

/* Exactly these are ready, in this order; and taken. */
static void s_expect(world_t *world, task_t *const *tasks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(order_next(world->order), tasks[i]);
    assert_null(order_next(world->order));
}

#define EXPECT(world, ...) \
    s_expect(world, (task_t *const[]){__VA_ARGS__}, COUNT_OF(((task_t *const[]){__VA_ARGS__})))

static void test_one_person_does_one_thing_after_the_other(void **state)
{
    world_t *world = *state;
    task_t *first = s_post(world, ANN, PLAZA, 1, 0);
    task_t *second = s_post(world, ANN, DEN, 1, 0);
    EXPECT(world, first);
    order_done(world->order, first);
    EXPECT(world, second);
}

static void test_different_people_in_different_rooms_do_not_wait(void **state)
{
    world_t *world = *state;
    task_t *first = s_post(world, ANN, PLAZA, 1, 0);
    task_t *second = s_post(world, BEA, DEN, 1, 0);
    EXPECT(world, first, second);
    assert_int_equal(order_count(world->order), 2);
}

static void test_a_room_has_one_order(void **state)
{
    world_t *world = *state;
    task_t *first = s_post(world, ANN, PLAZA, 1, 0);
    task_t *second = s_post(world, BEA, PLAZA, 2, 0);
    EXPECT(world, first);
    order_done(world->order, first);
    EXPECT(world, second);
}

static void test_who_is_liked_likes_back_after_that(void **state)
{
    world_t *world = *state;
    task_t *first = s_like(world, ANN, BEA);
    task_t *second = s_like(world, BEA, ANN);
    EXPECT(world, first);
    order_done(world->order, first);
    EXPECT(world, second);
}

static void test_what_is_put_back_is_next_again(void **state)
{
    world_t *world = *state;
    task_t *first = s_post(world, ANN, PLAZA, 1, 0);
    task_t *second = s_post(world, BEA, DEN, 1, 0);
    assert_ptr_equal(order_next(world->order), first);
    order_put_back(world->order, first);
    EXPECT(world, first, second);
    order_put_back(world->order, second);
    EXPECT(world, second);
}

static void test_there_is_room_for_so_many_and_again_once_the_oldest_is_done(void **state)
{
    world_t *world = *state;
    task_t *oldest = NULL;
    for (uint64_t i = 1; i <= SIZE; i++) {
        assert_true(order_room(world->order));
        task_t *task = s_post(world, i, 100 + i, 1, 0);
        oldest = oldest != NULL ? oldest : task;
    }
    assert_false(order_room(world->order));
    assert_ptr_equal(order_next(world->order), oldest);
    order_done(world->order, oldest);
    assert_true(order_room(world->order));
    assert_ptr_equal(s_post(world, ANN, PLAZA, 1, 0), oldest); /* its place is used again */
}

static void test_in_a_loose_room_people_speak_side_by_side(void **state)
{
    world_t *world = *state;
    task_t *first = s_post(world, ANN, PLAZA, 1, 0);
    task_t *second = s_post(world, BEA, PLAZA, 2, 0);
    EXPECT(world, first, second);
}

static void test_even_there_an_answer_waits_for_what_it_answers(void **state)
{
    world_t *world = *state;
    task_t *first = s_post(world, ANN, PLAZA, 1, 0);
    task_t *answer = s_post(world, BEA, PLAZA, 2, 1);
    EXPECT(world, first);
    order_done(world->order, first);
    EXPECT(world, answer);
}

static void test_even_there_what_is_done_to_the_room_waits_for_all_and_they_for_it(void **state)
{
    world_t *world = *state;
    room_set_topic_call_t topic = {.room = PLAZA};
    task_t *first = s_post(world, ANN, PLAZA, 1, 0);
    task_t *second = s_post(world, BEA, PLAZA, 2, 0);
    task_t *third = s_add(
        world, (deed_t){.call = CALL_room_set_topic, .args = &topic, .doer = 3, .room = PLAZA});
    task_t *fourth = s_post(world, 4, PLAZA, 3, 0);
    EXPECT(world, first, second);
    order_done(world->order, first);
    assert_null(order_next(world->order));
    order_done(world->order, second);
    EXPECT(world, third);
    order_done(world->order, third);
    EXPECT(world, fourth);
}

int main(void)
{
#define STRICT(test) cmocka_unit_test_setup_teardown(test, s_strict, s_end)
#define LOOSE(test) cmocka_unit_test_setup_teardown(test, s_loose, s_end)
    const struct CMUnitTest tests[] = {
        STRICT(test_one_person_does_one_thing_after_the_other),
        STRICT(test_different_people_in_different_rooms_do_not_wait),
        STRICT(test_a_room_has_one_order),
        STRICT(test_who_is_liked_likes_back_after_that),
        STRICT(test_what_is_put_back_is_next_again),
        STRICT(test_there_is_room_for_so_many_and_again_once_the_oldest_is_done),
        LOOSE(test_in_a_loose_room_people_speak_side_by_side),
        LOOSE(test_even_there_an_answer_waits_for_what_it_answers),
        LOOSE(test_even_there_what_is_done_to_the_room_waits_for_all_and_they_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
