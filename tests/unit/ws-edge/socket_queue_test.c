/* socket_queue_test.c - what is queued leaves whole and in order, however it is gathered. */
#include "ws-edge/socket_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { STEPS = 20 * 1000, QUEUES = 3, WAITING = 200, MAX = 500 };

static body_t *s_frame(unsigned number)
{
    uint8_t bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(number * 31 + i);
    return body_new(slice_new(bytes, 1 + number % sizeof bytes));
}

static void s_push(queue_t *queue, unsigned number)
{
    body_t *frame = s_frame(number);
    queue_push(queue, frame);
    body_unref(&frame);
}

static slice_t s_gather(queue_t *queue, size_t max, gathered_t *gathered)
{
    uint32_t count;
    slice_t bytes = queue_gather(queue, max, gathered, &count);
    assert_in_range(count, 1, queue->count);
    return bytes;
}

/* ---- beside a model: a queue's frames are numbered `from` to `to` ---- */

typedef struct model {
    queue_t queue;
    unsigned from;
    unsigned to;
} model_t;

/* Take what is gathered off the queue, and hold it against the frames that were put there. */
static void s_take(model_t *model, gathered_t *gathered)
{
    uint32_t count;
    slice_t bytes = queue_gather(&model->queue, MAX, gathered, &count);
    assert_true(count == 1 || bytes.len <= MAX);
    for (uint32_t i = 0; i < count; i++) {
        body_t *frame = s_frame(model->from++);
        slice_t wanted = body_slice(frame);
        assert_true(slice_starts(bytes, wanted));
        bytes = slice_from(bytes, wanted.len);
        body_unref(&frame);
    }
    assert_int_equal(bytes.len, 0);
    queue_drop(&model->queue, count);
    assert_int_equal(model->queue.count, model->to - model->from);
}

static void s_step(model_t *model, gathered_t *gathered)
{
    if (model->queue.count < WAITING && random() % 3 > 0)
        s_push(&model->queue, model->to++);
    else if (model->queue.count > 0)
        s_take(model, gathered);
    if (random() % 50 == 0)
        gathered_forget(gathered);
}

static void test_all_that_is_queued_leaves_in_order(void **state)
{
    (void)state;
    model_t models[QUEUES] = {0};
    gathered_t gathered = {0};
    for (size_t i = 0; i < QUEUES; i++)
        queue_init(&models[i].queue);
    for (int step = 0; step < STEPS; step++)
        s_step(&models[random() % QUEUES], &gathered);
    for (size_t i = 0; i < QUEUES; i++)
        queue_drop(&models[i].queue, models[i].queue.count);
    gathered_free(&gathered);
}

/* ---- many with the same frames ---- */

static void test_the_same_frames_are_copied_once(void **state)
{
    (void)state;
    queue_t queues[QUEUES];
    gathered_t gathered = {0};
    body_t *frames[] = {s_frame(1), s_frame(2)};
    for (size_t i = 0; i < QUEUES; i++) {
        queue_init(&queues[i]);
        queue_push(&queues[i], frames[0]);
        queue_push(&queues[i], frames[1]);
    }
    slice_t first = s_gather(&queues[0], MAX, &gathered);
    gathered.bytes.data[0] ^= 1; /* a mark that another copy would not have */
    for (size_t i = 1; i < QUEUES; i++) {
        slice_t bytes = s_gather(&queues[i], MAX, &gathered);
        assert_ptr_equal(bytes.ptr, first.ptr);
        assert_int_not_equal(bytes.ptr[0], body_slice(frames[0]).ptr[0]);
    }
    for (size_t i = 0; i < QUEUES; i++)
        queue_drop(&queues[i], queues[i].count);
    gathered_free(&gathered);
    body_unref(&frames[0]);
    body_unref(&frames[1]);
}

/* A frame that went and one that came may lie at one place: what was gathered holds its own. */
static void test_new_frames_are_never_taken_for_old_ones(void **state)
{
    (void)state;
    queue_t queue;
    gathered_t gathered = {0};
    queue_init(&queue);
    for (unsigned number = 0; number < 100; number++) {
        s_push(&queue, number);
        s_push(&queue, number);
        body_t *frame = s_frame(number);
        assert_true(slice_starts(s_gather(&queue, MAX, &gathered), body_slice(frame)));
        body_unref(&frame);
        queue_drop(&queue, queue.count);
    }
    gathered_free(&gathered);
}

static void test_what_does_not_fit_waits(void **state)
{
    (void)state;
    queue_t queue;
    gathered_t gathered = {0};
    queue_init(&queue);
    s_push(&queue, 40);
    s_push(&queue, 41);
    assert_int_equal(s_gather(&queue, 41 + 42, &gathered).len, 41 + 42);
    assert_int_equal(s_gather(&queue, 41 + 42, &gathered).len, 41 + 42); /* once more */
    assert_int_equal(s_gather(&queue, 1, &gathered).len, 41);            /* one goes at any rate */
    queue_drop(&queue, 2);
    gathered_free(&gathered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_that_is_queued_leaves_in_order),
        cmocka_unit_test(test_the_same_frames_are_copied_once),
        cmocka_unit_test(test_new_frames_are_never_taken_for_old_ones),
        cmocka_unit_test(test_what_does_not_fit_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
