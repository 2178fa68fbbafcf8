/* level_made_test.c - tables and manifests that are laid out otherwise than LevelDB does, under CRCs
 * that hold: each is told as what it is, and none is believed. */
#include "tests/unit/actors/level_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/level_manifest.h"
#include "actors/level_table.h"
#include "schema/mem.h"

/* ---- tables ---- */

typedef struct seen {
    size_t rows;
    size_t flaws;
    size_t most; /* rows, and no more are wanted */
} seen_t;

static bool s_row(void *ctx, slice_t key, slice_t value)
{
    seen_t *seen = ctx;
    (void)key;
    (void)value;
    return ++seen->rows < seen->most;
}

static void s_flaw(void *ctx, size_t at, const char *words)
{
    (void)at;
    assert_true(strlen(words) > 0);
    ((seen_t *)ctx)->flaws++;
}

static seen_t s_read(slice_t file, size_t most)
{
    seen_t seen = {.most = most};
    const level_table_eyes_t eyes = {&seen, s_row, s_flaw};
    assert_true(level_table_read(file, &eyes) == (seen.rows < most));
    return seen;
}

/* Three rows with keys as LevelDB has them, eight bytes behind each: two put, one deleted. */
static size_t s_put_rows(buf_t *block, size_t ret_ends[3])
{
    static const char *const keys[] = {"a\1\0\0\0\0\0\0\0", "b\1\0\0\0\0\0\0\0",
                                       "c\0\0\0\0\0\0\0\0"};
    for (size_t i = 0; i < 3; i++) {
        level_made_entry(block, slice_new(keys[i], 9), SLICE_LIT("value"));
        ret_ends[i] = block->len;
    }
    return block->len;
}

static seen_t s_read_data(slice_t data, size_t most)
{
    buf_t file = {0};
    level_made_table(&file, data, (slice_t){0});
    seen_t seen = s_read(buf_slice(&file), most);
    buf_free(&file);
    return seen;
}

static void test_rows_are_told_until_no_more_are_wanted(void **state)
{
    buf_t block = {0};
    size_t ends[3];
    (void)state;
    s_put_rows(&block, ends);
    level_made_block_end(&block);
    for (size_t most = 1; most <= 4; most++) {
        seen_t seen = s_read_data(buf_slice(&block), most);
        assert_int_equal(seen.rows, most < 3 ? most : 3);
        assert_int_equal(seen.flaws, 0);
    }
    buf_free(&block);
}

static void test_a_block_that_ends_inside_of_an_entry_is_told(void **state)
{
    buf_t rows = {0}, cut = {0};
    size_t ends[3], len;
    (void)state;
    len = s_put_rows(&rows, ends);
    for (size_t at = 0; at < len; at++) {
        size_t whole = (size_t)(at >= ends[0]) + (size_t)(at >= ends[1]);
        bool between = at == 0 || at == ends[0] || at == ends[1];
        buf_reset(&cut);
        buf_append(&cut, slice_new(rows.data, at));
        level_made_block_end(&cut);
        seen_t seen = s_read_data(buf_slice(&cut), 10);
        assert_int_equal(seen.rows, whole);
        assert_int_equal(seen.flaws, !between);
    }
    buf_free(&rows);
    buf_free(&cut);
}

/* Numbers of an entry that are no entry's: shared with nothing before, a key without its tag, and a
 * block of more starts than it has room for. */
static void test_a_block_that_is_laid_out_otherwise_is_told(void **state)
{
    static const uint8_t shares[] = {1, 9, 0, 'a', 1, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t untagged[] = {0, 3, 0, 'a', 'b', 'c'};
    static const uint8_t starts[] = {0, 0, 0, 0, 9, 0, 0, 0};
    const slice_t entries[] = {slice_new(shares, sizeof shares),
                               slice_new(untagged, sizeof untagged)};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        buf_t block = {0};
        buf_append(&block, entries[i]);
        level_made_block_end(&block);
        assert_int_equal(s_read_data(buf_slice(&block), 10).flaws, 1);
        buf_free(&block);
    }
    assert_int_equal(s_read_data(slice_new(starts, sizeof starts), 10).flaws, 1);
    assert_int_equal(s_read_data(slice_new(starts, 3), 10).flaws, 1);
}

/* An index of one entry, of these handles: where, and how many bytes. */
static seen_t s_read_index(slice_t data, uint64_t at, uint64_t bytes)
{
    buf_t file = {0}, handle = {0}, index = {0};
    level_made_number(&handle, at);
    level_made_number(&handle, bytes);
    level_made_entry(&index, SLICE_LIT("key"), buf_slice(&handle));
    level_made_block_end(&index);
    level_made_table(&file, data, buf_slice(&index));
    seen_t seen = s_read(buf_slice(&file), 10);
    buf_free(&file);
    buf_free(&handle);
    buf_free(&index);
    return seen;
}

static void test_an_index_that_names_something_else_is_told(void **state)
{
    buf_t block = {0};
    size_t ends[3];
    (void)state;
    s_put_rows(&block, ends);
    level_made_block_end(&block);
    slice_t data = buf_slice(&block);
    assert_int_equal(s_read_index(data, 0, data.len).flaws, 0);
    assert_int_equal(s_read_index(data, 1, data.len).flaws, 1);
    assert_int_equal(s_read_index(data, 0, UINT64_MAX).flaws, 1);
    assert_true(s_read_index(data, 0, data.len - 1).flaws > 0);
    buf_free(&block);
}

static void test_an_index_that_ends_inside_of_an_entry_is_told(void **state)
{
    buf_t block = {0}, handle = {0}, entry = {0}, index = {0}, file = {0};
    size_t ends[3];
    (void)state;
    s_put_rows(&block, ends);
    level_made_block_end(&block);
    level_made_number(&handle, 0);
    level_made_number(&handle, block.len);
    level_made_entry(&entry, SLICE_LIT("key"), buf_slice(&handle));
    for (size_t at = 0; at < entry.len; at++) {
        buf_reset(&index);
        buf_reset(&file);
        buf_append(&index, slice_new(entry.data, at));
        level_made_block_end(&index);
        level_made_table(&file, buf_slice(&block), buf_slice(&index));
        assert_int_equal(s_read(buf_slice(&file), 10).flaws, 1);
    }
    buf_free(&block);
    buf_free(&handle);
    buf_free(&entry);
    buf_free(&index);
    buf_free(&file);
}

/* Whatever of a table is not as it was is told, be it its end, where no CRC is. */
static void test_each_byte_of_a_table_counts(void **state)
{
    buf_t block = {0}, file = {0};
    size_t ends[3];
    (void)state;
    s_put_rows(&block, ends);
    level_made_block_end(&block);
    level_made_table(&file, buf_slice(&block), (slice_t){0});
    for (size_t at = 0; at < file.len; at++) {
        file.data[at] ^= 0x41;
        assert_true(s_read(buf_slice(&file), 10).flaws > 0);
        file.data[at] ^= 0x41;
        assert_true(s_read(slice_new(file.data, at), 10).flaws > 0);
    }
    assert_int_equal(s_read(buf_slice(&file), 10).flaws, 0);
    buf_free(&block);
    buf_free(&file);
}

/* ---- manifests ---- */

static void s_put_change(buf_t *out, uint64_t kind, uint64_t number, bool *ret_ends)
{
    level_made_number(out, kind);
    level_made_number(out, number);
    if (ret_ends != NULL)
        ret_ends[out->len] = true;
}

static void s_put_table(buf_t *out, uint64_t number, const char *least)
{
    s_put_change(out, 7, 0, NULL);
    level_made_number(out, number);
    level_made_number(out, 1000);
    level_made_run(out, slice_of(least));
    level_made_run(out, SLICE_LIT("z"));
}

/* Every kind of change there is, and where each ends. */
static void s_put_changes(buf_t *out, bool *ret_ends)
{
    ret_ends[0] = true;
    level_made_number(out, 1);
    level_made_run(out, SLICE_LIT("a comparator"));
    ret_ends[out->len] = true;
    s_put_change(out, 2, 8, ret_ends);
    s_put_change(out, 9, 6, ret_ends);
    s_put_change(out, 3, 300, ret_ends);
    s_put_change(out, 4, 1000, ret_ends);
    s_put_change(out, 5, 1, NULL);
    level_made_run(out, SLICE_LIT("key"));
    ret_ends[out->len] = true;
    s_put_table(out, 12, "b");
    ret_ends[out->len] = true;
    s_put_table(out, 11, "b");
    ret_ends[out->len] = true;
    s_put_table(out, 13, "");
    ret_ends[out->len] = true;
    s_put_change(out, 6, 1, NULL);
    level_made_number(out, 13);
    ret_ends[out->len] = true;
    s_put_change(out, 6, 1, NULL);
    level_made_number(out, 99); /* one that came and went before */
    ret_ends[out->len] = true;
}

static level_manifest_t s_manifest(slice_t record)
{
    buf_t file = {0};
    level_manifest_t manifest;
    level_made_log(&file, record);
    level_manifest_read(buf_slice(&file), &manifest);
    buf_free(&file);
    return manifest;
}

static void test_a_manifest_says_which_files_count(void **state)
{
    bool ends[256] = {false};
    buf_t changes = {0};
    (void)state;
    s_put_changes(&changes, ends);
    level_manifest_t manifest = s_manifest(buf_slice(&changes));
    assert_int_equal(manifest.end, LEVEL_END);
    assert_int_equal(manifest.log, 8);
    assert_int_equal(manifest.log_more, 6);
    assert_int_equal(manifest.count, 2);
    assert_int_equal(manifest.tables[0].number, 11);
    assert_int_equal(manifest.tables[1].number, 12);
    level_manifest_free(&manifest);
    buf_free(&changes);
}

static void test_a_manifest_that_ends_inside_of_a_change_is_damaged(void **state)
{
    bool ends[256] = {false};
    buf_t changes = {0};
    (void)state;
    s_put_changes(&changes, ends);
    for (size_t at = 0; at < changes.len; at++) {
        level_manifest_t manifest = s_manifest(slice_new(changes.data, at));
        assert_int_equal(manifest.end, ends[at] ? LEVEL_END : LEVEL_DAMAGED);
        level_manifest_free(&manifest);
    }
    buf_free(&changes);
}

static void test_a_change_that_nobody_knows_is_damage(void **state)
{
    static const uint64_t strange[] = {0, 8, 10, UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(strange); i++) {
        buf_t change = {0};
        s_put_change(&change, strange[i], 1, NULL);
        level_manifest_t manifest = s_manifest(buf_slice(&change));
        assert_int_equal(manifest.end, LEVEL_DAMAGED);
        level_manifest_free(&manifest);
        buf_free(&change);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_told_until_no_more_are_wanted),
        cmocka_unit_test(test_a_block_that_ends_inside_of_an_entry_is_told),
        cmocka_unit_test(test_a_block_that_is_laid_out_otherwise_is_told),
        cmocka_unit_test(test_an_index_that_names_something_else_is_told),
        cmocka_unit_test(test_an_index_that_ends_inside_of_an_entry_is_told),
        cmocka_unit_test(test_each_byte_of_a_table_counts),
        cmocka_unit_test(test_a_manifest_says_which_files_count),
        cmocka_unit_test(test_a_manifest_that_ends_inside_of_a_change_is_damaged),
        cmocka_unit_test(test_a_change_that_nobody_knows_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
