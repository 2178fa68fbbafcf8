/* shelf_test.c - what is kept, what is left behind, what is found. */
#include "ws-edge/shelf.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "schema/mem.h"
#include "tests/unit/scratch.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S };

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    shelf_t *shelf;
} world_t;

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    assert_int_equal(crypto_start(), ERR_OK);
    scratch_make(world->folder);
    assert_int_equal(shelf_open(world->folder, &world->shelf), ERR_OK);
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    shelf_close(&world->shelf);
    scratch_remove(world->folder);
    mem_free(world);
    return 0;
}

static size_t s_entries(const world_t *world, const char *name)
{
    char path[SCRATCH_PATH_SIZE + 64];
    size_t count = 0;
    const struct dirent *entry;
    snprintf(path, sizeof path, "%s/%s", world->folder, name);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return 0;
    while ((entry = readdir(folder)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static kept_t s_keep(world_t *world, const char *first, const char *second)
{
    intake_t *intake;
    kept_t kept;
    assert_int_equal(intake_open(world->shelf, &intake), ERR_OK);
    assert_int_equal(intake_take(intake, slice_of(first)), ERR_OK);
    assert_int_equal(intake_take(intake, slice_of(second)), ERR_OK);
    assert_int_equal(intake_keep(intake, &kept), ERR_OK);
    intake_close(&intake);
    return kept;
}

static void test_a_file_is_found_by_the_hash_of_its_content(void **state)
{
    world_t *world = *state;
    uint8_t hash[CRYPTO_BLAKE256_SIZE];
    char content[16] = "";
    buf_t id = {0};
    int fd;
    kept_t kept = s_keep(world, "hello ", "world");
    crypto_blake256(SLICE_LIT("hello world"), hash);
    crypto_base64url(&id, slice_new(hash, sizeof hash));
    assert_true(slice_is(buf_slice(&id), kept.id));
    assert_int_equal(kept.size, 11);
    assert_string_equal(kept.type, "text/plain");
    assert_int_equal(shelf_find(world->shelf, buf_slice(&id), 11, &fd), ERR_OK);
    assert_int_equal(read(fd, content, sizeof content), 11);
    assert_string_equal(content, "hello world");
    close(fd);
    buf_free(&id);
}

/* Flip a bit of what is stored. */
static void s_harm(const world_t *world, const char *id)
{
    char path[SCRATCH_PATH_SIZE + 64], byte;
    snprintf(path, sizeof path, "%s/%.2s/%s", world->folder, id, id);
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, 4), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, 4), 1);
    close(fd);
}

static err_t s_check(const world_t *world, const kept_t *kept)
{
    int fd;
    assert_int_equal(shelf_find(world->shelf, slice_of(kept->id), kept->size, &fd), ERR_OK);
    err_t err = shelf_check(slice_of(kept->id), fd);
    close(fd);
    return err;
}

static void test_what_was_damaged_is_known_and_mended_by_the_same_again(void **state)
{
    world_t *world = *state;
    kept_t kept = s_keep(world, "hello ", "world");
    assert_int_equal(s_check(world, &kept), ERR_OK);
    s_harm(world, kept.id);
    assert_int_equal(s_check(world, &kept), ERR_CORRUPT);
    s_keep(world, "hello", " world");
    assert_int_equal(s_check(world, &kept), ERR_OK);
    int fd = open(world->folder, O_RDONLY); /* reads of a folder fail */
    assert_int_equal(shelf_check(slice_of(kept.id), fd), ERR_STORAGE);
    close(fd);
}

static void test_the_same_content_is_stored_once(void **state)
{
    world_t *world = *state;
    char drawer[3] = "";
    kept_t first = s_keep(world, "hello ", "world"), second = s_keep(world, "hel", "lo world");
    assert_string_equal(first.id, second.id);
    memcpy(drawer, first.id, 2);
    assert_int_equal(s_entries(world, drawer), 1);
    assert_int_equal(s_entries(world, "incoming"), 0);
}

static void test_what_is_not_kept_leaves_nothing(void **state)
{
    world_t *world = *state;
    intake_t *intake;
    assert_int_equal(intake_open(world->shelf, &intake), ERR_OK);
    assert_int_equal(intake_take(intake, SLICE_LIT("hello")), ERR_OK);
    assert_int_equal(s_entries(world, "incoming"), 1);
    intake_close(&intake);
    assert_int_equal(s_entries(world, "incoming"), 0);
    assert_int_equal(s_entries(world, "."), 1);
}

static void test_only_its_owner_reads_a_file(void **state)
{
    world_t *world = *state;
    kept_t kept = s_keep(world, "hello", "");
    struct stat found;
    int fd;
    assert_int_equal(shelf_find(world->shelf, slice_of(kept.id), 5, &fd), ERR_OK);
    assert_int_equal(fstat(fd, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    close(fd);
}

static void test_what_is_no_id_or_of_another_size_is_not_found(void **state)
{
    world_t *world = *state;
    kept_t kept = s_keep(world, "hello", "");
    char id[LIMIT_FILE_ID + 1];
    int fd;
    assert_int_equal(shelf_find(world->shelf, slice_of(kept.id), 4, &fd), ERR_NOT_FOUND);
    assert_int_equal(shelf_find(world->shelf, SLICE_LIT("x"), 5, &fd), ERR_NOT_FOUND);
    memset(id, '/', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    assert_int_equal(shelf_find(world->shelf, slice_of(id), 5, &fd), ERR_NOT_FOUND);
    memset(id, '.', 2);
    assert_int_equal(shelf_find(world->shelf, slice_of(id), 5, &fd), ERR_NOT_FOUND);
}

static void s_age(const char *path, int64_t age_s)
{
    struct timespec then[2] = {{time(NULL) - age_s, 0}, {time(NULL) - age_s, 0}};
    assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
}

static void s_age_kept(const world_t *world, const kept_t *kept, int64_t age_s)
{
    char path[SCRATCH_PATH_SIZE + 64];
    snprintf(path, sizeof path, "%s/%.2s/%s", world->folder, kept->id, kept->id);
    s_age(path, age_s);
}

/* A crash leaves files in `incoming`; those of an hour ago may still be under way. */
static void test_what_was_begun_long_ago_is_cleared_away(void **state)
{
    world_t *world = *state;
    static const int64_t ages_s[] = {HOUR_S, DAY_S + HOUR_S};
    for (size_t i = 0; i < COUNT_OF(ages_s); i++) {
        char path[SCRATCH_PATH_SIZE + 64];
        snprintf(path, sizeof path, "%s/incoming/%zu", world->folder, i);
        close(open(path, O_CREAT | O_WRONLY, 0600));
        s_age(path, ages_s[i]);
    }
    shelf_clear(world->shelf);
    assert_int_equal(s_entries(world, "incoming"), 1);
}

static bool s_is_listed(const world_t *world, const kept_t *kept)
{
    buf_t ids = {0};
    for (unsigned drawer = 0; drawer < SHELF_DRAWERS; drawer++)
        shelf_list_old(world->shelf, drawer, &ids);
    bool listed = false;
    for (size_t at = 0; at < ids.len; at += LIMIT_FILE_ID)
        listed |= slice_is(slice_new(ids.data + at, LIMIT_FILE_ID), kept->id);
    buf_free(&ids);
    return listed;
}

static bool s_is_there(const world_t *world, const kept_t *kept)
{
    int fd;
    if (shelf_find(world->shelf, slice_of(kept->id), kept->size, &fd) != ERR_OK)
        return false;
    close(fd);
    return true;
}

static void test_only_what_is_old_is_discarded(void **state)
{
    world_t *world = *state;
    kept_t young = s_keep(world, "young", ""), old = s_keep(world, "old", "");
    s_age_kept(world, &old, DAY_S + HOUR_S);
    s_age_kept(world, &young, HOUR_S);
    assert_true(s_is_listed(world, &old));
    assert_false(s_is_listed(world, &young));
    shelf_discard(world->shelf, slice_of(old.id));
    shelf_discard(world->shelf, slice_of(young.id));
    shelf_discard(world->shelf, SLICE_LIT("../incoming"));
    assert_false(s_is_there(world, &old));
    assert_true(s_is_there(world, &young));
}

/* Between the question who has it and the answer. */
static void test_what_is_kept_anew_is_not_discarded(void **state)
{
    world_t *world = *state;
    kept_t kept = s_keep(world, "again", "");
    s_age_kept(world, &kept, DAY_S + HOUR_S);
    assert_true(s_is_listed(world, &kept));
    s_keep(world, "again", "");
    shelf_discard(world->shelf, slice_of(kept.id));
    assert_true(s_is_there(world, &kept));
    assert_int_equal(s_entries(world, "incoming"), 0);
}

static void test_what_is_on_its_way_can_be_read(void **state)
{
    world_t *world = *state;
    intake_t *intake;
    buf_t bytes = {0};
    kept_t kept;
    assert_int_equal(intake_open(world->shelf, &intake), ERR_OK);
    assert_int_equal(intake_take(intake, SLICE_LIT("one ")), ERR_OK);
    assert_int_equal(intake_take(intake, SLICE_LIT("two")), ERR_OK);
    buf_append_text(&bytes, "all: ");
    assert_int_equal(intake_read(intake, &bytes), ERR_OK);
    assert_true(slice_is(buf_slice(&bytes), "all: one two"));
    intake_close(&intake);
    assert_int_equal(shelf_put(world->shelf, buf_slice(&bytes), &kept), ERR_OK);
    assert_true(s_is_there(world, &kept));
    buf_free(&bytes);
}

static void test_a_folder_that_cannot_be_made_is_told(void **state)
{
    shelf_t *shelf;
    (void)state;
    scratch_hush();
    assert_int_equal(shelf_open("/nowhere/at/all", &shelf), ERR_STORAGE);
    scratch_speak();
}

/* A full disk: the upload fails, and nothing of it stays. */
static void test_a_full_disk_refuses(void **state)
{
    world_t *world = *state;
    intake_t *intake;
    assert_int_equal(intake_open(world->shelf, &intake), ERR_OK);
    scratch_hush();
    scratch_bound_files(4);
    assert_int_equal(intake_take(intake, SLICE_LIT("hello")), ERR_STORAGE);
    scratch_bound_files(0);
    scratch_speak();
    intake_close(&intake);
    assert_int_equal(s_entries(world, "incoming"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_is_found_by_the_hash_of_its_content),
        TEST(test_what_was_damaged_is_known_and_mended_by_the_same_again),
        TEST(test_the_same_content_is_stored_once),
        TEST(test_what_is_not_kept_leaves_nothing),
        TEST(test_only_its_owner_reads_a_file),
        TEST(test_what_is_no_id_or_of_another_size_is_not_found),
        TEST(test_what_was_begun_long_ago_is_cleared_away),
        TEST(test_only_what_is_old_is_discarded),
        TEST(test_what_is_kept_anew_is_not_discarded),
        TEST(test_what_is_on_its_way_can_be_read),
        TEST(test_a_full_disk_refuses),
        TEST(test_a_folder_that_cannot_be_made_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
