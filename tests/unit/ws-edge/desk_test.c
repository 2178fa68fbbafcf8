/* desk_test.c - every call is answered once: by its answer, its time, or the end. */
#include "ws-edge/desk.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "schema/type.h"

enum { MAX = 300, PATIENCE_US = 1000 };

/* What the last waiter heard. */
static struct heard {
    size_t count;
    uint64_t tag;
    err_t status;
} s_heard;

static void s_hear(void *ctx, uint64_t tag, const reply_t *reply)
{
    assert_ptr_equal(ctx, &s_heard);
    s_heard.count++;
    s_heard.tag = tag;
    s_heard.status = reply->status;
}

static uint64_t s_add(desk_t *desk, uint64_t tag, call_number_t type, uint64_t now_us)
{
    waiter_t waiter = {.answer = s_hear, .ctx = &s_heard, .tag = tag, .type = (uint16_t)type};
    return desk_add(desk, &waiter, now_us);
}

static void s_answer(desk_t *desk, uint64_t corr, call_number_t type)
{
    desk_answer(desk, &(reply_t){.corr = corr, .type = (uint16_t)type});
}

static desk_t *s_new(void)
{
    s_heard = (struct heard){0};
    return desk_new(MAX, PATIENCE_US);
}

static void test_an_answer_finds_its_waiter_once(void **state)
{
    desk_t *desk = s_new();
    (void)state;
    uint64_t first = s_add(desk, 1, CALL_room_post, 0);
    uint64_t second = s_add(desk, 2, CALL_room_get, 0);
    s_answer(desk, second, CALL_room_get);
    assert_int_equal(s_heard.tag, 2);
    s_answer(desk, second, CALL_room_get);
    s_answer(desk, first, CALL_room_get); /* an answer to something else */
    s_answer(desk, 0, CALL_room_post);
    s_answer(desk, first + 12345, CALL_room_post);
    assert_int_equal(s_heard.count, 1);
    s_answer(desk, first, CALL_room_post);
    assert_int_equal(s_heard.tag, 1);
    assert_int_equal(desk_count(desk), 0);
    desk_destroy(&desk);
}

static void test_a_slot_taken_again_has_another_number(void **state)
{
    desk_t *desk = s_new();
    (void)state;
    uint64_t old = s_add(desk, 1, CALL_room_post, 0);
    s_answer(desk, old, CALL_room_post);
    uint64_t fresh = s_add(desk, 2, CALL_room_post, 0);
    assert_int_not_equal(old, fresh);
    s_answer(desk, old, CALL_room_post);
    assert_int_equal(s_heard.count, 1);
    s_answer(desk, fresh, CALL_room_post);
    assert_int_equal(s_heard.tag, 2);
    desk_destroy(&desk);
}

static void test_time_runs_out_in_order_commands_unknown_queries_unavailable(void **state)
{
    desk_t *desk = s_new();
    (void)state;
    (void)s_add(desk, 1, CALL_room_post, 0);
    uint64_t answered = s_add(desk, 2, CALL_room_post, 0);
    (void)s_add(desk, 3, CALL_room_get, 500);
    s_answer(desk, answered, CALL_room_post);
    desk_expire(desk, PATIENCE_US - 1);
    assert_int_equal(s_heard.count, 1);
    desk_expire(desk, PATIENCE_US);
    assert_int_equal(s_heard.tag, 1);
    assert_int_equal(s_heard.status, ERR_UNKNOWN_OUTCOME);
    desk_expire(desk, PATIENCE_US + 500);
    assert_int_equal(s_heard.tag, 3);
    assert_int_equal(s_heard.status, ERR_UNAVAILABLE);
    assert_int_equal(desk_count(desk), 0);
    desk_destroy(&desk);
}

static void test_a_full_desk_takes_no_more_until_one_is_answered(void **state)
{
    desk_t *desk = s_new();
    uint64_t corr = 0;
    (void)state;
    for (uint64_t i = 0; i < MAX; i++)
        assert_int_not_equal(corr = s_add(desk, i, CALL_room_post, 0), 0);
    assert_int_equal(s_add(desk, MAX, CALL_room_post, 0), 0);
    s_answer(desk, corr, CALL_room_post);
    assert_int_not_equal(s_add(desk, MAX, CALL_room_post, 0), 0);
    desk_fail_all(desk);
    assert_int_equal(s_heard.count, MAX + 1);
    desk_destroy(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_answer_finds_its_waiter_once),
        cmocka_unit_test(test_a_slot_taken_again_has_another_number),
        cmocka_unit_test(test_time_runs_out_in_order_commands_unknown_queries_unavailable),
        cmocka_unit_test(test_a_full_desk_takes_no_more_until_one_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
