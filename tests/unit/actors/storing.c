#include "tests/unit/actors/storing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

int storing_setup(void **state)
{
    storing_t *storing = mem_new(storing_t);
    scratch_make(storing->folder);
    snprintf(storing->path, sizeof storing->path, "%s/actor", storing->folder);
    storing->arena = arena_new();
    assert_int_equal(store_open(storing->path, &storing->store), ERR_OK);
    *state = storing;
    return 0;
}

int storing_teardown(void **state)
{
    storing_t *storing = *state;
    store_close(&storing->store);
    scratch_remove(storing->folder);
    arena_destroy(&storing->arena);
    mem_free(storing);
    return 0;
}

void storing_reopen(storing_t *storing)
{
    store_close(&storing->store);
    assert_int_equal(store_open(storing->path, &storing->store), ERR_OK);
}

void storing_put(storing_t *storing, const char *key, const char *value)
{
    store_put(storing->store, slice_of(key), slice_of(value));
}

void storing_put_settled(storing_t *storing, const char *key, const char *value)
{
    store_settled_begin(storing->store);
    storing_put(storing, key, value);
    store_settled_end(storing->store);
}

void storing_flush(storing_t *storing, uint64_t applied)
{
    assert_int_equal(store_flush(storing->store, applied), ERR_OK);
}

void storing_expect(storing_t *storing, const char *key, const char *value)
{
    slice_t found;
    err_t err = store_get(storing->store, slice_of(key), storing->arena, &found);
    assert_int_equal(err, value != NULL ? ERR_OK : ERR_NOT_FOUND);
    if (value != NULL)
        assert_true(slice_is(found, value));
}

void storing_digest(storing_t *storing, uint8_t ret_hash[32])
{
    assert_int_equal(store_digest(storing->store, ret_hash), ERR_OK);
}
