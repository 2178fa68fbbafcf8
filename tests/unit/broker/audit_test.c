/* audit_test.c - a real journal, changed in a thousand ways, one at a time: each is found.
 *
 * Two kinds of hands are at work.  One changes bytes and files, and knows nothing.  The other
 * knows the format: it changes records, computes CRCs and sequences anew, and writes whole
 * segments as LevelDB would.  All changes come from a seed, KITH_SEED, that a failure names;
 * KITH_CHANGES is how many there are of files; of records, which cost a disk more, a tenth. */
#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "actors/level.h"
#include "broker/folder.h"
#include "schema/pack.h"
#include "tests/unit/broker/journal_world.h"

enum { RECORDS = 240, FILES_MAX = 64, CHANGES = 1000, LINE = 256 };

/* A file of the journal as it ought to be. */
typedef struct original {
    char path[PATH_SIZE + 300];
    buf_t bytes;
    bool changed; /* it is otherwise now */
} original_t;

typedef struct hand {
    world_t *world;
    original_t files[FILES_MAX];
    size_t count;
    uint64_t random;
    uint8_t hash[HASH_SIZE]; /* of the head */
    char done[LINE];         /* what was changed, for a failure */
} hand_t;

/* ---- chance ---- */

static uint64_t s_below(hand_t *hand, uint64_t bound)
{
    hand->random ^= hand->random << 13;
    hand->random ^= hand->random >> 7;
    hand->random ^= hand->random << 17;
    return hand->random % bound;
}

static uint64_t s_setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

/* ---- files ---- */

static void s_write(original_t *file, slice_t bytes)
{
    file->changed = true;
    int fd = open(file->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.ptr, bytes.len), bytes.len);
    close(fd);
}

/* All but what LevelDB says to people, and its lock. */
static bool s_matters(const char *name)
{
    return name[0] != '.' && strncmp(name, "LO", 2) != 0;
}

static void s_remember(hand_t *hand, const char *folder)
{
    DIR *list = opendir(folder);
    assert_non_null(list);
    for (struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list)) {
        struct stat seen;
        original_t *file = &hand->files[hand->count];
        if (!s_matters(entry->d_name))
            continue;
        snprintf(file->path, sizeof file->path, "%s/%s", folder, entry->d_name);
        assert_int_equal(stat(file->path, &seen), 0);
        if (S_ISDIR(seen.st_mode)) {
            char deeper[PATH_SIZE + 300];
            memcpy(deeper, file->path, sizeof deeper);
            s_remember(hand, deeper);
            continue;
        }
        assert_int_equal(folder_get(folder, entry->d_name, 64 << 20, &file->bytes), ERR_OK);
        assert_true(++hand->count < FILES_MAX);
    }
    closedir(list);
}

/* A file with something in it. */
static original_t *s_any(hand_t *hand)
{
    original_t *file;
    do
        file = &hand->files[s_below(hand, hand->count)];
    while (file->bytes.len == 0);
    return file;
}

static void s_say(hand_t *hand, const char *what, const original_t *file, size_t at)
{
    const char *name = strrchr(file->path, '/');
    snprintf(hand->done, sizeof hand->done, "%s %s at %zu of %zu", what, name, at, file->bytes.len);
}

/* ---- changes of bytes and files ---- */

static void s_turn_bit(hand_t *hand)
{
    original_t *file = s_any(hand);
    size_t at = s_below(hand, file->bytes.len);
    uint8_t bit = (uint8_t)(1u << s_below(hand, 8));
    s_say(hand, "a bit of", file, at);
    file->bytes.data[at] ^= bit;
    s_write(file, buf_slice(&file->bytes));
    file->bytes.data[at] ^= bit;
}

static void s_truncate(hand_t *hand)
{
    original_t *file = s_any(hand);
    size_t len = s_below(hand, file->bytes.len);
    s_say(hand, "cut", file, len);
    s_write(file, slice_new(file->bytes.data, len));
}

static void s_insert(hand_t *hand)
{
    original_t *file = s_any(hand);
    size_t at = s_below(hand, file->bytes.len + 1);
    uint64_t more = s_below(hand, UINT64_MAX - 1) + 1;
    buf_t bytes = {0};
    s_say(hand, "inserted into", file, at);
    buf_append(&bytes, slice_new(file->bytes.data, at));
    buf_append(&bytes, slice_new(&more, 1 + s_below(hand, sizeof more)));
    buf_append(&bytes, slice_from(buf_slice(&file->bytes), at));
    s_write(file, buf_slice(&bytes));
    buf_free(&bytes);
}

static void s_remove(hand_t *hand)
{
    original_t *file = &hand->files[s_below(hand, hand->count)];
    s_say(hand, "removed", file, 0);
    file->changed = true;
    unlink(file->path);
}

/* Two files of one length or another, each under the other's name. */
static void s_swap(hand_t *hand)
{
    original_t *one = s_any(hand), *other;
    do
        other = s_any(hand);
    while (slice_eq(buf_slice(&one->bytes), buf_slice(&other->bytes)));
    s_say(hand, "swapped", one, 0);
    s_write(one, buf_slice(&other->bytes));
    s_write(other, buf_slice(&one->bytes));
}

/* Two runs of bytes in one file. */
static void s_swap_bytes(hand_t *hand)
{
    enum { RUN = 64 };
    uint8_t run[RUN];
    original_t *file;
    size_t one, other;
    do {
        file = s_any(hand);
        size_t room = file->bytes.len > 2 * RUN ? file->bytes.len - 2 * RUN : 0;
        one = room > 0 ? s_below(hand, room) : 0;
        other = room > 0 ? one + RUN + s_below(hand, room - one) : 0;
    } while (other == 0 || memcmp(file->bytes.data + one, file->bytes.data + other, RUN) == 0);
    s_say(hand, "swapped bytes of", file, one);
    memcpy(run, file->bytes.data + one, RUN);
    memcpy(file->bytes.data + one, file->bytes.data + other, RUN);
    memcpy(file->bytes.data + other, run, RUN);
    s_write(file, buf_slice(&file->bytes));
    memcpy(file->bytes.data + other, file->bytes.data + one, RUN);
    memcpy(file->bytes.data + one, run, RUN);
}

/* ---- whether it is found ---- */

static void s_restore(hand_t *hand)
{
    for (size_t i = 0; i < hand->count; i++)
        if (hand->files[i].changed) {
            s_write(&hand->files[i], buf_slice(&hand->files[i].bytes));
            hand->files[i].changed = false;
        }
}

static void s_audit(const hand_t *hand, audit_report_t *ret_report)
{
    const audit_mark_t mark = {RECORDS, hand->hash, "anchor"};
    world_audit(hand->world, &(audit_options_t){.clean = true, .marks = &mark, .mark_count = 1},
                ret_report);
}

static void s_assert_found(hand_t *hand)
{
    audit_report_t report;
    s_audit(hand, &report);
    if (report.damages == 0)
        fail_msg("not found: %s; %s", hand->done, (const char *)hand->world->flaws.data);
}

static int s_setup(void **state)
{
    void *world = NULL;
    audit_report_t report;
    hand_t *hand = mem_new(hand_t);
    hand->random = s_setting("KITH_SEED", 20261121);
    world_setup(&world);
    hand->world = world;
    hand->world->options.segment_bytes = 16 * 1024;
    assert_int_equal(world_open_again(world), ERR_OK);
    assert_int_equal(journal_raise_epoch(hand->world->journal, 3), ERR_OK);
    for (int i = 0; i < RECORDS; i += 10) {
        assert_int_equal(world_append(world, 10, 20 + s_below(hand, 600)), ERR_OK);
        if (i % 40 == 0) /* some lie in tables, some in logs */
            assert_int_equal(world_open_again(world), ERR_OK);
    }
    memcpy(hand->hash, journal_hash(hand->world->journal), HASH_SIZE);
    journal_close(&hand->world->journal);
    s_remember(hand, hand->world->path);
    s_audit(hand, &report);
    assert_string_equal((const char *)hand->world->flaws.data, "");
    assert_int_equal(report.records, RECORDS);
    assert_true(report.segments > 3);
    *state = hand;
    return 0;
}

static int s_teardown(void **state)
{
    hand_t *hand = *state;
    void *world = hand->world;
    for (size_t i = 0; i < hand->count; i++)
        buf_free(&hand->files[i].bytes);
    mem_free(hand);
    return world_teardown(&world);
}

static void test_each_change_of_a_file_is_found(void **state)
{
    hand_t *hand = *state;
    void (*const changes[])(hand_t *) = {s_turn_bit, s_truncate, s_insert,
                                         s_remove,   s_swap,     s_swap_bytes};
    for (uint64_t i = s_setting("KITH_CHANGES", CHANGES); i > 0; i--) {
        changes[s_below(hand, COUNT_OF(changes))](hand);
        s_assert_found(hand);
        s_restore(hand);
    }
}

/* ---- changes of records, by somebody who knows the format ---- */

/* All records in their order, in one buffer. */
typedef struct scroll {
    slice_t records[RECORDS + 1];
    size_t count;
    buf_t changed; /* bytes of one that is not as it was */
} scroll_t;

static void s_unroll(const hand_t *hand, scroll_t *ret_scroll)
{
    slice_t in = buf_slice(&hand->world->told);
    record_t record;
    *ret_scroll = (scroll_t){0};
    for (; in.len > 0; ret_scroll->records[ret_scroll->count++] = record.bytes)
        assert_int_equal(record_read(&in, &record), ERR_OK);
    assert_int_equal(ret_scroll->count, RECORDS);
}

/* The copy of a record with one letter of its text changed, sealed again. */
static void s_forge(hand_t *hand, scroll_t *scroll, size_t place)
{
    record_t record;
    slice_t in = scroll->records[place];
    buf_append(&scroll->changed, in);
    in = buf_slice(&scroll->changed);
    assert_int_equal(record_read(&in, &record), ERR_OK);
    size_t at = (size_t)(record.body.ptr - record.bytes.ptr) + record.body.len - 1;
    scroll->changed.data[at - s_below(hand, 10)] ^= 1;
    record_seal(scroll->changed.data, scroll->changed.len, record.previous);
    scroll->records[place] = buf_slice(&scroll->changed);
}

static void s_change_record(hand_t *hand, scroll_t *scroll)
{
    s_forge(hand, scroll, s_below(hand, scroll->count));
}

static void s_drop_record(hand_t *hand, scroll_t *scroll)
{
    size_t place = s_below(hand, scroll->count--);
    memmove(scroll->records + place, scroll->records + place + 1,
            (scroll->count - place) * sizeof *scroll->records);
}

static void s_swap_records(hand_t *hand, scroll_t *scroll)
{
    size_t one = s_below(hand, scroll->count), other;
    do
        other = s_below(hand, scroll->count);
    while (other == one);
    slice_t record = scroll->records[one];
    scroll->records[one] = scroll->records[other];
    scroll->records[other] = record;
}

static void s_insert_record(hand_t *hand, scroll_t *scroll)
{
    size_t place = s_below(hand, scroll->count);
    memmove(scroll->records + place + 1, scroll->records + place,
            (scroll->count - place) * sizeof *scroll->records);
    scroll->count++;
    s_forge(hand, scroll, place);
}

static void s_cut_records(hand_t *hand, scroll_t *scroll)
{
    scroll->count = s_below(hand, scroll->count);
}

/* One segment with these records, numbered from 1; each has its CRC, and the hash of the one
 * before is as it was. */
static void s_write_journal(const hand_t *hand, const scroll_t *scroll)
{
    char path[PATH_SIZE];
    level_t *level = NULL;
    buf_t record = {0};
    world_segment_path(hand->world, 1, path);
    assert_int_equal(level_destroy(path), ERR_OK);
    assert_int_equal(level_open(path, &(level_options_t){.create = true}, &level), ERR_OK);
    for (size_t i = 0; i < scroll->count; i++) {
        record_t read;
        uint8_t key[8];
        record.len = 0;
        buf_append(&record, scroll->records[i]);
        slice_t in = buf_slice(&record);
        assert_int_equal(record_read(&in, &read), ERR_OK);
        record_number(record.data, i + 1, read.epoch);
        record_seal(record.data, record.len, read.previous);
        wide_put64(key, i + 1);
        level_put(level, slice_new(key, sizeof key), buf_slice(&record));
    }
    assert_int_equal(level_commit(level, false), ERR_OK);
    level_close(&level);
    buf_free(&record);
}

static void s_one_segment(hand_t *hand)
{
    uint64_t firsts[64];
    size_t count = world_segments(hand->world, firsts, COUNT_OF(firsts));
    for (size_t i = 0; i < count; i++) {
        char path[PATH_SIZE];
        world_segment_path(hand->world, firsts[i], path);
        assert_int_equal(level_destroy(path), ERR_OK);
    }
}

static void test_each_change_of_a_record_is_found(void **state)
{
    static const struct {
        const char *what;
        void (*make)(hand_t *, scroll_t *);
    } changes[] = {{"changed", s_change_record},
                   {"dropped", s_drop_record},
                   {"swapped", s_swap_records},
                   {"inserted", s_insert_record},
                   {"cut", s_cut_records}};
    hand_t *hand = *state;
    audit_report_t report;
    scroll_t scroll;
    s_one_segment(hand);
    s_unroll(hand, &scroll);
    s_write_journal(hand, &scroll);
    s_audit(hand, &report);
    assert_string_equal((const char *)hand->world->flaws.data, "");

    for (uint64_t i = s_setting("KITH_CHANGES", CHANGES) / 10; i > 0; i--) {
        size_t kind = s_below(hand, COUNT_OF(changes));
        s_unroll(hand, &scroll);
        changes[kind].make(hand, &scroll);
        s_write_journal(hand, &scroll);
        snprintf(hand->done, sizeof hand->done, "a record was %s", changes[kind].what);
        s_assert_found(hand);
        buf_free(&scroll.changed);
    }
}

/* A finding names the record: not its neighbours, and once. */
static void test_a_forged_record_is_named(void **state)
{
    hand_t *hand = *state;
    audit_report_t report;
    scroll_t scroll;
    s_one_segment(hand);
    s_unroll(hand, &scroll);
    s_forge(hand, &scroll, 99);
    s_write_journal(hand, &scroll);
    s_audit(hand, &report);
    assert_int_equal(report.damages, 1);
    assert_memory_equal(hand->world->flaws.data, "!100-100 00000000000000000001/", 30);
    buf_free(&scroll.changed);
}

/* ---- a server that runs, or that was killed ---- */

static void test_a_torn_end_is_a_crash_unless_the_end_was_clean(void **state)
{
    hand_t *hand = *state;
    audit_report_t report;
    original_t *last = NULL;
    for (size_t i = 0; i < hand->count; i++) {
        original_t *file = &hand->files[i];
        if (strstr(file->path, ".log") != NULL && file->bytes.len > 0 &&
            (last == NULL || strcmp(file->path, last->path) > 0))
            last = file;
    }
    assert(last != NULL);
    s_write(last, slice_new(last->bytes.data, last->bytes.len - 3));

    world_audit(hand->world, &(audit_options_t){.clean = true}, &report);
    assert_int_equal(report.damages, 1);
    world_audit(hand->world, &(audit_options_t){.clean = false}, &report);
    assert_int_equal(report.damages, 0);
    assert_int_equal(report.notes, 1);
    world_audit(hand->world, &(audit_options_t){.live = true}, &report);
    assert_int_equal(report.damages + report.notes, 0);
    s_restore(hand);
}

/* The files are read while the journal is open and grows, and nothing is disturbed. */
static void test_a_journal_in_use_is_read(void **state)
{
    hand_t *hand = *state;
    world_t *world = hand->world;
    audit_report_t report;
    assert_int_equal(world_open_again(world), ERR_OK);
    for (uint64_t i = 1; i <= 50; i++) {
        assert_int_equal(world_append(world, 3, 200), ERR_OK);
        world_audit(world, &(audit_options_t){.live = true}, &report);
        assert_string_equal((const char *)world->flaws.data, "");
        assert_int_equal(report.head, RECORDS + 3 * i);
        assert_memory_equal(report.hash, journal_hash(world->journal), HASH_SIZE);
    }
    journal_close(&world->journal);
}

static void test_a_file_that_nothing_names_is_told(void **state)
{
    hand_t *hand = *state;
    audit_report_t report;
    original_t stray = {0};
    char path[PATH_SIZE];
    world_segment_path(hand->world, 1, path);
    snprintf(stray.path, sizeof stray.path, "%s/000999.ldb", path);
    s_write(&stray, SLICE_LIT("not of this house"));
    s_audit(hand, &report);
    assert_int_equal(report.damages, 0);
    assert_non_null(strstr((const char *)hand->world->flaws.data, "000999.ldb: nothing names"));
    unlink(stray.path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_each_change_of_a_file_is_found),
        TEST(test_each_change_of_a_record_is_found),
        TEST(test_a_forged_record_is_named),
        TEST(test_a_torn_end_is_a_crash_unless_the_end_was_clean),
        TEST(test_a_journal_in_use_is_read),
        TEST(test_a_file_that_nothing_names_is_told),
    };
    if (crypto_start() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
