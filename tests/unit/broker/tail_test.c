/* tail_test.c - the ring against a model that keeps every record: random sizes, keys,
 * points and budgets, many times round. */
#include "broker/tail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "schema/pack.h"

enum { RECORDS = 20000, KEYS = 12, READS_A_RECORD = 2 };

/* What the model knows of a record, under its sequence. */
typedef struct row {
    uint64_t room;
    uint64_t account;
    size_t len;
} row_t;

static row_t s_rows[RECORDS + 1];

static uint64_t s_random(uint64_t below)
{
    return (uint64_t)random() % below;
}

static void s_add(tail_t *tail, buf_t *bytes, uint64_t seq, size_t padding_max)
{
    record_t record;
    uint8_t padding[8192] = {0};
    buf_reset(bytes);
    record_begin(bytes, &(record_t){
                            .type = EVENT_room_left,
                            .version = 1,
                            .seq = seq,
                            .room = s_random(3) > 0 ? 1 + s_random(KEYS) : 0,
                            .account = s_random(3) > 0 ? 1 + s_random(KEYS) : 0,
                        });
    pack_bin(bytes, slice_new(padding, s_random(padding_max)));
    record_end(bytes);
    slice_t in = buf_slice(bytes);
    assert_int_equal(record_read(&in, &record), ERR_OK);
    s_rows[seq] = (row_t){record.room, record.account, record.bytes.len};
    tail_add(tail, &record);
}

/* ---- reading ---- */

static bool s_wanted(uint64_t seq, ids_t rooms, ids_t accounts)
{
    bool all = rooms.count + accounts.count == 0;
    return all || ids_have(rooms, s_rows[seq].room) || ids_have(accounts, s_rows[seq].account);
}

/* Some keys, at times one that nobody has, or one twice. */
static ids_t s_keys(uint64_t keys[4])
{
    ids_t ids = {keys, s_random(5)};
    for (size_t i = 0; i < ids.count; i++)
        keys[i] = 1 + s_random(KEYS + 1);
    return ids;
}

static void s_read(const tail_t *tail, uint64_t last, buf_t *out)
{
    uint64_t room_keys[4], account_keys[4];
    ids_t rooms = s_keys(room_keys), accounts = s_keys(account_keys);
    uint64_t first = tail_first(tail), from = first + s_random(last - first + 2);
    size_t budget = 1 + s_random(20000), taken = 0;
    buf_reset(out);
    uint64_t next = tail_read(tail, from, rooms, accounts, budget, out);

    slice_t in = buf_slice(out);
    record_t record;
    uint64_t seq = from;
    for (; seq <= last && taken < budget; seq++) {
        if (!s_wanted(seq, rooms, accounts))
            continue;
        assert_int_equal(record_read(&in, &record), ERR_OK);
        assert_int_equal(record.seq, seq);
        assert_int_equal(record.bytes.len, s_rows[seq].len);
        taken += record.bytes.len;
    }
    assert_int_equal(in.len, 0);
    while (seq <= last && !s_wanted(seq, rooms, accounts))
        seq++; /* reading on from here or from the next that is wanted is the same */
    assert_in_range(next, from, seq > from ? seq : from);
    if (seq > last)
        assert_int_equal(next, from > last ? from : last + 1);
}

/* What is at hand is whole, fits, and is nearly as much as fits. */
static void s_check_extent(const tail_t *tail, uint64_t last, size_t size, size_t longest,
                           size_t entries)
{
    size_t held = 0;
    uint64_t first = tail_first(tail);
    assert_in_range(first, 1, last);
    for (uint64_t seq = first; seq <= last; seq++)
        held += s_rows[seq].len;
    assert_true(held <= size);
    assert_true(first == 1 || held + 3 * longest >= size || last - first + 1 >= entries - 1);
}

static void s_run(size_t size, size_t padding_max)
{
    tail_t *tail = tail_new(size);
    buf_t bytes = {0}, out = {0};
    for (uint64_t seq = 1; seq <= RECORDS; seq++) {
        s_add(tail, &bytes, seq, padding_max);
        for (int i = 0; i < READS_A_RECORD; i++)
            s_read(tail, seq, &out);
        if (seq % 64 == 0)
            s_check_extent(tail, seq, size, padding_max + 160, 1024);
    }
    buf_free(&bytes);
    buf_free(&out);
    tail_destroy(&tail);
    assert_null(tail);
}

static void s_test_short_records(void **state)
{
    (void)state;
    s_run(256 * 1024, 2); /* entries run out before bytes */
}

static void s_test_mixed_records(void **state)
{
    (void)state;
    s_run(64 * 1024, 3000);
}

static void s_test_few_long_records(void **state)
{
    (void)state;
    s_run(20 * 1024, 8000); /* two or three at hand */
}

static void s_test_an_empty_tail_has_nothing(void **state)
{
    tail_t *tail = tail_new(4096);
    buf_t out = {0};
    (void)state;
    assert_int_equal(tail_first(tail), 0);
    assert_int_equal(tail_read(tail, 17, (ids_t){0}, (ids_t){0}, 100, &out), 17);
    assert_int_equal(out.len, 0);
    tail_destroy(&tail);
}

/* After a restart the first record at hand is not the journal's first. */
static void s_test_it_may_begin_anywhere(void **state)
{
    tail_t *tail = tail_new(64 * 1024);
    buf_t bytes = {0}, out = {0};
    (void)state;
    for (uint64_t seq = 5000; seq < 6000; seq++) {
        s_add(tail, &bytes, seq, 100);
        s_read(tail, seq, &out);
    }
    buf_free(&bytes);
    buf_free(&out);
    tail_destroy(&tail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_test_short_records),
        cmocka_unit_test(s_test_mixed_records),
        cmocka_unit_test(s_test_few_long_records),
        cmocka_unit_test(s_test_an_empty_tail_has_nothing),
        cmocka_unit_test(s_test_it_may_begin_anywhere),
    };
    srandom(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
