/* store_model_test.c - thousands of random verbs against a model in plain arrays,
 * compared after each. */
#include "actors/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "tests/unit/actors/storing.h"

enum { KEYS = 40, QUEUE = 256, STEPS = 20000, VALUE_SIZE = 400 };

/* A value is a number, 0 for none; its text is the number and a tail that depends on it. */
typedef struct model {
    unsigned committed[KEYS];
    unsigned settled[KEYS];
    struct {
        size_t key;
        unsigned value;
    } queue[QUEUE];
    size_t pending;
    size_t marked;
    unsigned last;
    uint64_t applied;
} model_t;

static slice_t s_key_of(storing_t *storing, size_t key)
{
    return arena_printf(storing->arena, "%zu/%.*s", key, (int)(key % 17), "a rather long key");
}

static slice_t s_value_of(storing_t *storing, unsigned value)
{
    slice_t text =
        arena_printf(storing->arena, "%u:%*s", value, (int)(value * 37 % VALUE_SIZE), "");
    return text;
}

static size_t s_model_newest(const model_t *model, size_t key, unsigned *ret_value)
{
    for (size_t i = model->pending; i > 0; i--)
        if (model->queue[i - 1].key == key) {
            *ret_value = model->queue[i - 1].value;
            return 1;
        }
    *ret_value = model->settled[key];
    return 0;
}

static void s_compare(storing_t *storing, const model_t *model, size_t key)
{
    unsigned value;
    slice_t found;
    bool pending = s_model_newest(model, key, &value) > 0;
    store_rest_begin(storing->store);
    err_t err = store_get(storing->store, s_key_of(storing, key), storing->arena, &found);
    assert_int_equal(err, value != 0 ? ERR_OK : ERR_NOT_FOUND);
    assert_int_equal(store_rests(storing->store), pending);
    if (value != 0)
        assert_true(slice_eq(found, s_value_of(storing, value)));
}

static void s_step_write(storing_t *storing, model_t *model, size_t key, bool settled)
{
    unsigned value = rand() % 4 > 0 ? ++model->last : 0;
    if (settled)
        store_settled_begin(storing->store);
    if (value != 0)
        store_put(storing->store, s_key_of(storing, key), s_value_of(storing, value));
    else
        store_delete(storing->store, s_key_of(storing, key));
    if (settled) {
        store_settled_end(storing->store);
        model->settled[key] = value;
        return;
    }
    model->queue[model->pending].key = key;
    model->queue[model->pending++].value = value;
    model->marked++;
}

static void s_step_settle(storing_t *storing, model_t *model, size_t writes)
{
    for (size_t i = 0; i < writes; i++)
        model->settled[model->queue[i].key] = model->queue[i].value;
    model->pending -= writes;
    memmove(model->queue, model->queue + writes, model->pending * sizeof model->queue[0]);
    store_settle(storing->store, writes);
}

static void s_step_flush(storing_t *storing, model_t *model)
{
    assert_int_equal(store_flush(storing->store, ++model->applied), ERR_OK);
    memcpy(model->committed, model->settled, sizeof model->committed);
    assert_int_equal(store_waiting(storing->store), 0);
}

static void s_step_forget(storing_t *storing, model_t *model)
{
    store_forget(storing->store);
    model->pending = model->marked = 0;
}

static void s_step_reopen(storing_t *storing, model_t *model)
{
    store_close(&storing->store);
    assert_int_equal(store_open(storing->path, &storing->store), ERR_OK);
    model->pending = model->marked = 0;
    memcpy(model->settled, model->committed, sizeof model->settled);
    assert_int_equal(store_applied(storing->store), model->applied);
}

static void s_step(storing_t *storing, model_t *model)
{
    int dice = rand() % 1000;
    size_t key = (size_t)rand() % KEYS;
    if (dice < 500 && model->pending < QUEUE)
        s_step_write(storing, model, key, false);
    else if (dice < 600)
        s_step_write(storing, model, key, true);
    else if (dice < 900)
        s_step_settle(storing, model,
                      model->pending > 0 ? (size_t)rand() % (model->pending + 1) : 0);
    else if (dice < 970)
        s_step_flush(storing, model);
    else if (dice < 995)
        s_step_forget(storing, model);
    else
        s_step_reopen(storing, model);
    s_compare(storing, model, key);
}

static void s_compare_mark(storing_t *storing, model_t *model)
{
    assert_int_equal(store_mark(storing->store), model->marked);
    model->marked = 0;
}

typedef struct walk {
    storing_t *storing;
    const model_t *model;
    bool reverse;
    slice_t last; /* key */
    size_t rows;
    size_t most;
} walk_t;

static size_t s_number_of(slice_t key)
{
    size_t number = 0;
    for (size_t i = 0; i < key.len && key.ptr[i] != '/'; i++)
        number = number * 10 + (size_t)(key.ptr[i] - '0');
    return number;
}

/* Each is what is settled of its key, and they come in order. */
static bool s_check_row(void *ctx, slice_t key, slice_t value)
{
    walk_t *walk = ctx;
    size_t number = s_number_of(key);
    assert_true(slice_eq(key, s_key_of(walk->storing, number)));
    assert_true(slice_eq(value, s_value_of(walk->storing, walk->model->settled[number])));
    if (walk->last.len > 0) {
        size_t shorter = key.len < walk->last.len ? key.len : walk->last.len;
        int order = memcmp(key.ptr, walk->last.ptr, shorter);
        assert_true(walk->reverse ? order < 0 : order > 0);
    }
    walk->last = arena_copy(walk->storing->arena, key);
    return ++walk->rows < walk->most;
}

/* Scans see what is settled, on disk or not yet, and nothing of what is pending. */
static void s_compare_scan(storing_t *storing, const model_t *model, bool reverse)
{
    size_t settled = 0;
    for (size_t key = 0; key < KEYS; key++)
        settled += model->settled[key] != 0;
    size_t most = rand() % 2 > 0 ? KEYS : 1 + (size_t)rand() % KEYS;
    walk_t walk = {.storing = storing, .model = model, .reverse = reverse, .most = most};
    err_t err = store_scan(storing->store, (slice_t){0}, (slice_t){0}, reverse, s_check_row, &walk);
    assert_int_equal(err, ERR_OK);
    assert_int_equal(walk.rows, settled < most ? settled : most);
}

/* The rows of one end only: from a key on, or up to it. */
static void s_compare_part(storing_t *storing, const model_t *model)
{
    slice_t bound = s_key_of(storing, (size_t)rand() % KEYS);
    walk_t up = {.storing = storing, .model = model, .most = KEYS};
    walk_t down = {.storing = storing, .model = model, .most = KEYS, .reverse = true};
    size_t settled = 0;
    for (size_t key = 0; key < KEYS; key++)
        settled += model->settled[key] != 0;
    err_t err = store_scan(storing->store, bound, (slice_t){0}, false, s_check_row, &up);
    assert_int_equal(err, ERR_OK);
    err = store_scan(storing->store, (slice_t){0}, bound, true, s_check_row, &down);
    assert_int_equal(err, ERR_OK);
    assert_int_equal(up.rows + down.rows, settled);
}

/* Such a get sees what a scan sees. */
static void s_compare_committed(storing_t *storing, const model_t *model, size_t key)
{
    slice_t found;
    store_committed_begin(storing->store);
    err_t err = store_get(storing->store, s_key_of(storing, key), storing->arena, &found);
    assert_int_equal(err, model->settled[key] != 0 ? ERR_OK : ERR_NOT_FOUND);
    assert_false(store_rests(storing->store));
    if (model->settled[key] != 0)
        assert_true(slice_eq(found, s_value_of(storing, model->settled[key])));
}

static void test_random_verbs_match_the_model(void **state)
{
    storing_t *storing = *state;
    model_t *model = mem_new(model_t);
    srand(20260101);
    for (int step = 0; step < STEPS; step++) {
        s_step(storing, model);
        if (step % 7 == 0)
            s_compare_mark(storing, model);
        if (step % 50 == 0)
            s_compare_scan(storing, model, step % 100 == 0);
        if (step % 50 == 10)
            s_compare_part(storing, model);
        for (size_t key = 0; step % 100 == 0 && key < KEYS; key++) {
            s_compare(storing, model, key);
            s_compare_committed(storing, model, key);
        }
        arena_reset(storing->arena);
    }
    mem_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_random_verbs_match_the_model, storing_setup,
                                        storing_teardown),
    };
    return crypto_start() != ERR_OK || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
