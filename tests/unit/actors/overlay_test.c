/* overlay_test.c - what the overlay keeps and what it lets go; the store's tests
 * cover its values. */
#include "actors/overlay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"

enum { ROWS = 100, ROOM = 2000 /* bytes; for some of the rows */ };

static overlay_t *s_overlay;
static char s_key_text[16];

static int s_setup(void **state)
{
    (void)state;
    s_overlay = overlay_new(ROOM);
    return 0;
}

static int s_teardown(void **state)
{
    (void)state;
    overlay_destroy(&s_overlay);
    return 0;
}

static slice_t s_key(unsigned row)
{
    snprintf(s_key_text, sizeof s_key_text, "row %u", row);
    return slice_of(s_key_text);
}

static overlay_found_t s_find(unsigned row)
{
    slice_t value;
    return overlay_get(s_overlay, s_key(row), &value);
}

static unsigned s_known(void)
{
    unsigned known = 0;
    for (unsigned row = 0; row < ROWS; row++)
        known += s_find(row) != OVERLAY_UNKNOWN;
    return known;
}

static void test_clean_rows_go_oldest_first(void **state)
{
    (void)state;
    for (unsigned row = 0; row < ROWS; row++)
        overlay_keep(s_overlay, s_key(row), SLICE_LIT("value"));
    unsigned known = s_known();
    assert_in_range(known, 5, ROOM / 64);
    assert_int_equal(s_find(ROWS - known - 1), OVERLAY_UNKNOWN);
    assert_int_equal(s_find(ROWS - known), OVERLAY_SETTLED);
}

static void test_rows_that_are_read_stay(void **state)
{
    (void)state;
    for (unsigned row = 0; row < ROWS; row++) {
        overlay_keep(s_overlay, s_key(row), SLICE_LIT("value"));
        assert_int_equal(s_find(0), OVERLAY_SETTLED);
    }
}

static void test_dirty_and_pending_rows_never_go(void **state)
{
    (void)state;
    for (unsigned row = 0; row < ROWS; row++) {
        if (row % 2 > 0)
            overlay_write_settled(s_overlay, s_key(row), SLICE_LIT("dirty"));
        else
            overlay_write_pending(s_overlay, s_key(row), SLICE_LIT("pending"));
    }
    assert_int_equal(s_known(), ROWS);
    assert_true(overlay_dirty(s_overlay) > ROOM);
    overlay_settle(s_overlay, ROWS / 2);
    assert_int_equal(s_known(), ROWS);
    overlay_cleaned(s_overlay);
    assert_int_equal(overlay_dirty(s_overlay), 0);
    assert_in_range(s_known(), 5, ROOM / 64);
}

static void test_written_rows_that_nobody_reads_go_at_once(void **state)
{
    (void)state;
    overlay_write_settled(s_overlay, s_key(0), SLICE_LIT("asked for"));
    overlay_write_settled(s_overlay, s_key(1), SLICE_LIT("written only"));
    assert_int_equal(s_find(0), OVERLAY_SETTLED);
    overlay_cleaned(s_overlay);
    assert_int_equal(s_find(0), OVERLAY_SETTLED);
    assert_int_equal(s_find(1), OVERLAY_UNKNOWN);
}

static void test_a_clean_row_that_is_written_is_held(void **state)
{
    (void)state;
    overlay_keep(s_overlay, s_key(0), SLICE_LIT("old"));
    overlay_write_pending(s_overlay, s_key(0), SLICE_LIT("new"));
    for (unsigned row = 1; row < ROWS; row++)
        overlay_keep(s_overlay, s_key(row), SLICE_LIT("value"));
    assert_int_equal(s_find(0), OVERLAY_PENDING);
    overlay_forget(s_overlay);
    assert_int_equal(s_find(0), OVERLAY_SETTLED);
}

static void test_that_a_row_is_absent_is_kept_until_it_is_written(void **state)
{
    slice_t value = SLICE_LIT("untouched");
    (void)state;
    overlay_keep(s_overlay, s_key(0), (slice_t){0});
    assert_int_equal(overlay_get(s_overlay, s_key(0), &value), OVERLAY_SETTLED);
    assert_null(value.ptr);
    overlay_write_settled(s_overlay, s_key(0), SLICE_LIT("there"));
    assert_int_equal(overlay_get(s_overlay, s_key(0), &value), OVERLAY_SETTLED);
    assert_true(slice_is(value, "there"));
}

static void test_forgotten_rows_are_unknown_again(void **state)
{
    (void)state;
    overlay_write_pending(s_overlay, s_key(0), SLICE_LIT("one"));
    overlay_write_pending(s_overlay, s_key(0), SLICE_LIT("two"));
    overlay_forget(s_overlay);
    assert_int_equal(s_find(0), OVERLAY_UNKNOWN);
}

/* ---- walking ---- */

typedef struct walk {
    char keys[64];
    unsigned deletions;
} walk_t;

static void s_walk(void *ctx, slice_t key, slice_t value)
{
    walk_t *walk = ctx;
    strncat(walk->keys, (const char *)key.ptr, key.len);
    walk->deletions += value.ptr == NULL;
}

static void test_dirty_rows_are_walked_in_key_order(void **state)
{
    (void)state;
    static const char *const keys[] = {"m", "b", "ab", "a", "z", "b"};
    walk_t walk = {0};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        overlay_write_settled(s_overlay, slice_of(keys[i]), SLICE_LIT("value"));
    overlay_write_settled(s_overlay, SLICE_LIT("c"), (slice_t){0});
    overlay_write_pending(s_overlay, SLICE_LIT("pending"), SLICE_LIT("value"));
    overlay_keep(s_overlay, SLICE_LIT("clean"), SLICE_LIT("value"));
    overlay_each_dirty(s_overlay, s_walk, &walk);
    assert_string_equal(walk.keys, "aabbcmz");
    assert_int_equal(walk.deletions, 1);
}

static void test_a_new_row_that_goes_before_a_flush_is_no_work(void **state)
{
    (void)state;
    walk_t walk = {0};
    overlay_write_settled(s_overlay, s_key(0), SLICE_LIT("short-lived"));
    overlay_mark_new(s_overlay, s_key(0));
    overlay_write_settled(s_overlay, s_key(0), (slice_t){0});
    overlay_write_pending(s_overlay, s_key(1), SLICE_LIT("the same"));
    overlay_mark_new(s_overlay, s_key(1));
    overlay_write_pending(s_overlay, s_key(1), (slice_t){0});
    overlay_settle(s_overlay, 2);
    assert_int_equal(overlay_dirty(s_overlay), 0);
    overlay_each_dirty(s_overlay, s_walk, &walk);
    assert_string_equal(walk.keys, "");
    assert_int_equal(s_known(), 0);
}

static void test_a_new_row_that_may_be_on_disk_is_deleted_there(void **state)
{
    (void)state;
    walk_t walk = {0};
    overlay_write_settled(s_overlay, s_key(0), SLICE_LIT("value"));
    overlay_mark_new(s_overlay, s_key(0));
    overlay_each_dirty(s_overlay, s_walk, &walk);
    overlay_doubt(s_overlay);
    overlay_write_settled(s_overlay, s_key(0), (slice_t){0});
    overlay_each_dirty(s_overlay, s_walk, &walk);
    assert_string_equal(walk.keys, "row 0row 0");
    assert_int_equal(walk.deletions, 1);
}

typedef struct ascent {
    uint8_t last[64];
    size_t len;
    size_t rows;
} ascent_t;

static void s_ascend(void *ctx, slice_t key, slice_t value)
{
    ascent_t *ascent = ctx;
    size_t shorter = key.len < ascent->len ? key.len : ascent->len;
    int order = memcmp(ascent->last, key.ptr, shorter);
    assert_true(order < 0 || (order == 0 && ascent->len < key.len));
    memcpy(ascent->last, key.ptr, key.len);
    ascent->len = key.len;
    ascent->rows++;
    (void)value;
}

/* Wherever it is that they differ first, and when one is the beginning of another. */
static void test_long_keys_are_walked_in_order(void **state)
{
    (void)state;
    enum { LONGEST = 40 };
    static const uint8_t ends[] = {0xff, 0, 1};
    ascent_t ascent = {0};
    uint8_t key[LONGEST];
    memset(key, 0xff, sizeof key);
    for (size_t len = LONGEST; len > 0; len--)
        for (size_t i = 0; i < COUNT_OF(ends); i++) {
            key[len - 1] = ends[i];
            overlay_write_settled(s_overlay, slice_new(key, len), SLICE_LIT("value"));
            key[len - 1] = 0xff;
        }
    overlay_each_dirty(s_overlay, s_ascend, &ascent);
    assert_int_equal(ascent.rows, LONGEST * COUNT_OF(ends));
}

/* ---- many rows ---- */

static void test_the_table_grows(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    for (unsigned row = 0; row < MANY; row++)
        overlay_write_settled(s_overlay, s_key(row), slice_new(&row, sizeof row));
    for (unsigned row = 0; row < MANY; row++) {
        slice_t value;
        assert_int_equal(overlay_get(s_overlay, s_key(row), &value), OVERLAY_SETTLED);
        assert_true(slice_eq(value, slice_new(&row, sizeof row)));
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_clean_rows_go_oldest_first),
        TEST(test_rows_that_are_read_stay),
        TEST(test_dirty_and_pending_rows_never_go),
        TEST(test_written_rows_that_nobody_reads_go_at_once),
        TEST(test_a_clean_row_that_is_written_is_held),
        TEST(test_that_a_row_is_absent_is_kept_until_it_is_written),
        TEST(test_forgotten_rows_are_unknown_again),
        TEST(test_dirty_rows_are_walked_in_key_order),
        TEST(test_a_new_row_that_goes_before_a_flush_is_no_work),
        TEST(test_a_new_row_that_may_be_on_disk_is_deleted_there),
        TEST(test_long_keys_are_walked_in_order),
        TEST(test_the_table_grows),
    };
    return crypto_start() != ERR_OK || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
