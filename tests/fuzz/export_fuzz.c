/* export_fuzz.c - any lines as an export that is to be imported: what is taken are records that
 * chain, and each is written as a line that makes it again. */
#include <assert.h>

#include "actors/crypto.h"
#include "tools/kith/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_try_again(line_t *line, const line_place_t *before, slice_t bytes)
{
    record_t record;
    buf_t text = {0}, again = {0};
    fault_t fault = {0};
    line_place_t place = *before;
    uint8_t hash[HASH_SIZE];
    slice_t rest = bytes;
    err_t err = record_read(&rest, &record);
    assert(err == ERR_OK && rest.len == 0 && record_intact(bytes));
    assert(memcmp(record.previous, before->previous, HASH_SIZE) == 0 && record.seq == before->seq);
    crypto_blake256(bytes, hash);
    line_put(line, &text, &record, hash);
    place.begun = false;
    err = line_read(line, slice_new(text.data, text.len - 1), &place, &again, &fault);
    assert(err == ERR_OK && slice_eq(buf_slice(&again), bytes));
    buf_free(&text);
    buf_free(&again);
}

static bool s_try(line_t *line, slice_t text, line_place_t *place)
{
    buf_t out = {0};
    fault_t fault = {0};
    line_place_t before = *place;
    err_t err = line_read(line, text, place, &out, &fault);
    assert(err == ERR_OK || (out.len == 0 && place->seq == before.seq));
    if (err == ERR_OK)
        s_try_again(line, &before, buf_slice(&out));
    buf_free(&out);
    return err == ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t rest = slice_new(data, size);
    line_place_t place = {.seq = 1};
    err_t err = crypto_start();
    assert(err == ERR_OK);
    line_t *line = line_new(NULL);
    bool taken = true;
    while (rest.len > 0 && taken) {
        const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
        size_t len = end != NULL ? (size_t)(end - rest.ptr) : rest.len;
        taken = s_try(line, slice_new(rest.ptr, len), &place);
        rest = slice_from(rest, len + (end != NULL));
    }
    line_destroy(&line);
    return 0;
}
