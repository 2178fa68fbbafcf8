/* revive_test.c - of which projections there are copies; what becomes of them is for end-to-end tests. */
#include "actors/revive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/search/search.h"
#include "schema/codec.h"
#include "tests/unit/scratch.h"

enum { ORDER = 7 };

/* A reader from behind has caught up before it has read anything: it is there, and empty. */
static void test_of_nothing_there_is_no_copy(void **state)
{
    (void)state;
    char folder[SCRATCH_PATH_SIZE], path[SCRATCH_PATH_SIZE + 8];
    store_t *store = NULL;
    buf_t body = {0};
    copying_t copying = {0};
    bus_snapshotted_call_t told = {0};
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/rows", folder);
    assert_int_equal(store_open(path, &store), ERR_OK);
    stage_t *stage = stage_new(&search_actor, store);
    revive_t revive = {.data = folder, .row = &search_actor};
    codec_pack(&body, shape_bus_snapshot_event(), &(bus_snapshot_event_t){.order = ORDER});
    record_t order = {.type = EVENT_bus_snapshot, .body = buf_slice(&body)};

    assert_false(copying_begin(&copying, &revive, stage, store, &order, &told));
    assert_int_equal(told.order, ORDER);
    assert_null(told.part);

    stage_destroy(&stage);
    store_close(&store);
    buf_free(&body);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_of_nothing_there_is_no_copy)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
