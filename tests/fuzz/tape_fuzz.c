/* tape_fuzz.c - any bytes as a tape of a recording: what is read of it is written again as the
 * same entry, and a refusal leaves the tape where it was. */
#include <assert.h>

#include "actors/tape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_assert_same(const tape_entry_t *one, const tape_entry_t *other)
{
    assert(one->kind == other->kind && one->number == other->number);
    assert(slice_eq(one->bytes, other->bytes) && slice_eq(one->notes, other->notes));
    assert(slice_eq(one->out, other->out));
}

static void s_try_again(const tape_entry_t *entry)
{
    buf_t out = {0};
    tape_entry_t again;
    tape_put(&out, entry);
    slice_t rest = buf_slice(&out);
    err_t err = tape_read(&rest, &again);
    assert(err == ERR_OK && rest.len == 0);
    s_assert_same(entry, &again);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t rest = slice_new(data, size), before = rest;
    tape_entry_t entry;
    while (tape_read(&rest, &entry) == ERR_OK) {
        assert(rest.len < before.len);
        s_try_again(&entry);
        before = rest;
    }
    assert(rest.ptr == before.ptr && rest.len == before.len);
    return 0;
}
