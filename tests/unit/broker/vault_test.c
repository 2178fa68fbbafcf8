/* vault_test.c - a key is on disk before it is used, and nowhere once it is destroyed. */
#include "broker/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/folder.h"
#include "tests/crash/cuts/disk.h"
#include "tests/unit/scratch.h"

enum { FILE_MAX = 1 << 20 };

typedef struct safe {
    char folder[SCRATCH_PATH_SIZE];
    vault_t *vault;
} safe_t;

static int s_setup(void **state)
{
    static safe_t safe;
    scratch_make(safe.folder);
    assert_int_equal(vault_make(safe.folder), ERR_OK);
    assert_int_equal(vault_open(safe.folder, true, &safe.vault), ERR_OK);
    *state = &safe;
    return 0;
}

static int s_teardown(void **state)
{
    safe_t *safe = *state;
    vault_close(&safe->vault);
    scratch_remove(safe->folder);
    return 0;
}

static void s_open_again(safe_t *safe)
{
    vault_close(&safe->vault);
    assert_int_equal(vault_open(safe->folder, true, &safe->vault), ERR_OK);
}

static bool s_in_file(const safe_t *safe, const uint8_t key[CRYPTO_KEY_SIZE])
{
    buf_t file = {0};
    assert_int_equal(folder_get(safe->folder, "keyring", FILE_MAX, &file), ERR_OK);
    bool found = memmem(file.data, file.len, key, CRYPTO_KEY_SIZE) != NULL;
    buf_free(&file);
    return found;
}

static void test_a_key_stays_and_is_nobody_elses(void **state)
{
    safe_t *safe = *state;
    uint8_t one[CRYPTO_KEY_SIZE], other[CRYPTO_KEY_SIZE], again[CRYPTO_KEY_SIZE];
    assert_int_equal(vault_key(safe->vault, 1, one), ERR_CORRUPT); /* there is none */
    assert_int_equal(vault_key_to_seal(safe->vault, 1, one), ERR_OK);
    assert_true(s_in_file(safe, one));
    assert_int_equal(vault_key_to_seal(safe->vault, 1025, other), ERR_OK); /* the same place */
    assert_memory_not_equal(one, other, CRYPTO_KEY_SIZE);
    assert_int_equal(vault_key(safe->vault, 1, again), ERR_OK);
    assert_memory_equal(one, again, CRYPTO_KEY_SIZE);
    s_open_again(safe);
    assert_int_equal(vault_key_to_seal(safe->vault, 1025, again), ERR_OK);
    assert_memory_equal(other, again, CRYPTO_KEY_SIZE);
}

static void test_a_destroyed_key_is_nowhere(void **state)
{
    safe_t *safe = *state;
    uint8_t key[CRYPTO_KEY_SIZE], beside[CRYPTO_KEY_SIZE], again[CRYPTO_KEY_SIZE];
    assert_int_equal(vault_key_to_seal(safe->vault, 7, key), ERR_OK);
    assert_int_equal(vault_key_to_seal(safe->vault, 8, beside), ERR_OK);
    assert_int_equal(vault_destroy(safe->vault, 7), ERR_OK);
    assert_false(s_in_file(safe, key));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vault_key(safe->vault, 7, again), ERR_NOT_FOUND);
        assert_int_equal(vault_key(safe->vault, 8, again), ERR_OK);
        assert_memory_equal(beside, again, CRYPTO_KEY_SIZE);
        assert_int_equal(vault_destroy(safe->vault, 7), ERR_OK);
        s_open_again(safe);
    }
    /* What is sealed from now on is sealed with what nobody keeps, each time anew. */
    assert_int_equal(vault_key_to_seal(safe->vault, 7, key), ERR_OK);
    assert_int_equal(vault_key_to_seal(safe->vault, 7, again), ERR_OK);
    assert_memory_not_equal(key, again, CRYPTO_KEY_SIZE);
    assert_false(s_in_file(safe, key));
}

/* One that never had a key gets none later. */
static void test_who_was_never_here_is_destroyed_too(void **state)
{
    safe_t *safe = *state;
    uint8_t key[CRYPTO_KEY_SIZE];
    assert_int_equal(vault_destroy(safe->vault, 70000), ERR_OK);
    assert_int_equal(vault_key_to_seal(safe->vault, 70001, key), ERR_OK);
    assert_int_equal(vault_key(safe->vault, 70000, key), ERR_NOT_FOUND);
}

/* ---- damage ---- */

/* Change a byte of the file, and open it again. */
static err_t s_flip(safe_t *safe, off_t at)
{
    char path[SCRATCH_PATH_SIZE + 8];
    uint8_t byte;
    snprintf(path, sizeof path, "%s/keyring", safe->folder);
    vault_close(&safe->vault);
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 4;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
    return vault_open(safe->folder, true, &safe->vault);
}

static void test_a_damaged_key_neither_opens_nor_seals(void **state)
{
    safe_t *safe = *state;
    vault_t *reading = NULL;
    uint8_t key[CRYPTO_KEY_SIZE], again[CRYPTO_KEY_SIZE];
    assert_int_equal(vault_key_to_seal(safe->vault, 7, key), ERR_OK);
    scratch_hush();
    for (off_t at = 0; at < CRYPTO_KEY_SIZE; at++) {
        assert_int_equal(s_flip(safe, 7 * CRYPTO_KEY_SIZE + at), ERR_CORRUPT);
        assert_int_equal(vault_open(safe->folder, false, &reading), ERR_OK);
        assert_int_equal(vault_key(reading, 7, again), ERR_CORRUPT);
        assert_int_equal(vault_key_to_seal(reading, 7, again), ERR_CORRUPT);
        assert_int_equal(vault_key(reading, 8, again), ERR_OK);
        vault_close(&reading);
        assert_int_equal(s_flip(safe, 7 * CRYPTO_KEY_SIZE + at), ERR_OK);
    }
    scratch_speak();
    assert_int_equal(vault_key(safe->vault, 7, again), ERR_OK);
    assert_memory_equal(key, again, CRYPTO_KEY_SIZE);
}

static void test_a_damaged_head_is_refused(void **state)
{
    safe_t *safe = *state;
    scratch_hush();
    for (off_t at = 0; at < CRYPTO_KEY_SIZE; at++) {
        assert_int_equal(s_flip(safe, at), ERR_CORRUPT);
        vault_t *none = NULL;
        assert_int_equal(vault_open(safe->folder, false, &none), ERR_CORRUPT);
        assert_int_equal(s_flip(safe, at), ERR_OK);
    }
    scratch_speak();
}

/* What is gone from a file is not made anew: it has sealed what is in the journal. */
static void test_a_key_that_was_made_is_not_made_again(void **state)
{
    safe_t *safe = *state;
    uint8_t key[CRYPTO_KEY_SIZE], erased[CRYPTO_KEY_SIZE];
    char path[SCRATCH_PATH_SIZE + 8];
    snprintf(path, sizeof path, "%s/keyring", safe->folder);
    assert_int_equal(vault_key_to_seal(safe->vault, 40, key), ERR_OK);
    vault_close(&safe->vault);
    assert_int_equal(truncate(path, (off_t)40 * CRYPTO_KEY_SIZE), 0);
    int fd = open(path, O_RDWR);
    memset(erased, 0xff, sizeof erased); /* as a disk may give it, and as no key is destroyed */
    assert_int_equal(pwrite(fd, erased, sizeof erased, 30 * CRYPTO_KEY_SIZE), sizeof erased);
    close(fd);
    scratch_hush();
    assert_int_equal(vault_open(safe->folder, true, &safe->vault), ERR_CORRUPT);
    assert_int_equal(vault_open(safe->folder, false, &safe->vault), ERR_OK);
    assert_int_equal(vault_key_to_seal(safe->vault, 40, key), ERR_CORRUPT);
    assert_int_equal(vault_key(safe->vault, 30, key), ERR_CORRUPT);
    scratch_speak();
}

/* Files from before there were CRCs go on as they were. */
static void test_a_file_of_the_first_kind(void **state)
{
    safe_t *safe = *state;
    uint8_t file[2 * CRYPTO_KEY_SIZE] = "KITHKEY1", key[CRYPTO_KEY_SIZE], again[CRYPTO_KEY_SIZE];
    memset(file + CRYPTO_KEY_SIZE, 7, CRYPTO_KEY_SIZE);
    vault_close(&safe->vault);
    assert_int_equal(folder_put(safe->folder, "keyring", slice_new(file, sizeof file)), ERR_OK);
    assert_int_equal(vault_open(safe->folder, true, &safe->vault), ERR_OK);
    assert_int_equal(vault_key(safe->vault, 1, key), ERR_OK);
    assert_memory_equal(key, file + CRYPTO_KEY_SIZE, CRYPTO_KEY_SIZE);
    assert_int_equal(vault_key_to_seal(safe->vault, 2, key), ERR_OK);
    assert_int_equal(vault_destroy(safe->vault, 1), ERR_OK);
    assert_int_equal(vault_set_checked(safe->vault, 9), ERR_OK);
    s_open_again(safe);
    assert_int_equal(vault_checked(safe->vault), 9);
    assert_int_equal(vault_key(safe->vault, 1, again), ERR_NOT_FOUND);
    assert_int_equal(vault_key(safe->vault, 2, again), ERR_OK);
    assert_memory_equal(key, again, CRYPTO_KEY_SIZE);
}

/* A power cut leaves zeros of a block that was not synced: nobody has sealed with it. */
static void test_zeros_are_no_key(void **state)
{
    safe_t *safe = *state;
    uint8_t key[CRYPTO_KEY_SIZE];
    char path[SCRATCH_PATH_SIZE + 8];
    snprintf(path, sizeof path, "%s/keyring", safe->folder);
    vault_close(&safe->vault);
    assert_int_equal(truncate(path, (off_t)40 * CRYPTO_KEY_SIZE + 5), 0);
    assert_int_equal(vault_open(safe->folder, true, &safe->vault), ERR_OK);
    assert_int_equal(vault_key(safe->vault, 30, key), ERR_CORRUPT);
    assert_int_equal(vault_key(safe->vault, 40, key), ERR_CORRUPT);
    assert_int_equal(vault_key_to_seal(safe->vault, 40, key), ERR_OK);
    assert_true(s_in_file(safe, key));
}

/* It may leave a part of a key, too, or one that is whole and that no disk has promised. */
static void test_what_a_cut_leaves_of_a_block_is_no_key(void **state)
{
    safe_t *safe = *state;
    uint8_t key[CRYPTO_KEY_SIZE], torn[CRYPTO_KEY_SIZE / 2];
    char path[SCRATCH_PATH_SIZE + 8];
    snprintf(path, sizeof path, "%s/keyring", safe->folder);
    vault_close(&safe->vault);
    int fd = open(path, O_RDWR);
    memset(torn, 5, sizeof torn);
    assert_int_equal(pwrite(fd, torn, sizeof torn, 40 * CRYPTO_KEY_SIZE), sizeof torn);
    close(fd);
    assert_int_equal(vault_open(safe->folder, true, &safe->vault), ERR_OK);
    assert_int_equal(vault_key(safe->vault, 40, key), ERR_CORRUPT);
    assert_int_equal(vault_key_to_seal(safe->vault, 40, key), ERR_OK);
    s_open_again(safe);
    assert_int_equal(vault_key(safe->vault, 40, key), ERR_OK);
    assert_true(s_in_file(safe, key));
}

static void test_a_full_disk_makes_no_key(void **state)
{
    safe_t *safe = *state;
    uint8_t key[CRYPTO_KEY_SIZE];
    scratch_hush();
    scratch_bound_files(100);
    assert_int_equal(vault_key_to_seal(safe->vault, 9, key), ERR_STORAGE);
    scratch_bound_files(0);
    scratch_speak();
    assert_int_equal(vault_key_to_seal(safe->vault, 9, key), ERR_OK);
    assert_true(s_in_file(safe, key));
}

/* Whatever of it is refused is told, and goes well the next time. */
static void test_a_disk_that_refuses_is_told_of(void **state)
{
    enum { FAR = 5000 }; /* of a block that is not made yet */
    static const struct {
        refusal_t kind;
        size_t nth;
    } making[] = {
        {REFUSE_READ, 2}, {REFUSE_WRITE, 1}, {REFUSE_SYNC, 1}, {REFUSE_WRITE, 6}, {REFUSE_SYNC, 6}};
    safe_t *safe = *state;
    uint8_t key[CRYPTO_KEY_SIZE];
    vault_close(&safe->vault);
    disk_watch(safe->folder); /* which knows the files that are made from here on */
    assert_int_equal(vault_make(safe->folder), ERR_OK);
    for (refusal_t kind = REFUSE_OPEN; kind <= REFUSE_READ; kind++) {
        disk_refuse(kind, 1, EIO);
        assert_int_equal(vault_open(safe->folder, true, &safe->vault), ERR_STORAGE);
    }
    assert_int_equal(vault_open(safe->folder, true, &safe->vault), ERR_OK);
    for (size_t i = 0; i < COUNT_OF(making); i++) {
        disk_refuse(making[i].kind, making[i].nth, EIO);
        assert_int_equal(vault_key_to_seal(safe->vault, FAR, key), ERR_STORAGE);
    }
    assert_int_equal(vault_key_to_seal(safe->vault, FAR, key), ERR_OK);
    disk_refuse(REFUSE_READ, 1, EIO);
    assert_int_equal(vault_key(safe->vault, FAR + 1, key), ERR_STORAGE);
    for (refusal_t kind = REFUSE_WRITE; kind <= REFUSE_SYNC; kind++) {
        disk_refuse(kind, 1, EIO);
        assert_int_equal(vault_destroy(safe->vault, FAR), ERR_STORAGE);
    }
    assert_int_equal(vault_destroy(safe->vault, FAR), ERR_OK);
    assert_int_equal(vault_key(safe->vault, FAR, key), ERR_NOT_FOUND);
    disk_refuse(REFUSE_WRITE, 1, EIO);
    assert_int_equal(vault_set_checked(safe->vault, 9), ERR_STORAGE);
    assert_int_equal(vault_checked(safe->vault), 0);
    disk_rest();
    disk_forget();
}

/* A head whose sync failed is in the page cache, and on no disk. */
static void test_what_the_head_says_is_synced_before_it_is_believed(void **state)
{
    safe_t *safe = *state;
    uint8_t key[CRYPTO_KEY_SIZE];
    vault_close(&safe->vault);
    disk_watch(safe->folder);
    assert_int_equal(vault_make(safe->folder), ERR_OK);
    assert_int_equal(vault_open(safe->folder, true, &safe->vault), ERR_OK);
    disk_refuse(REFUSE_SYNC, 2, EIO); /* the first is the block's */
    assert_int_equal(vault_key_to_seal(safe->vault, 1, key), ERR_STORAGE);
    vault_close(&safe->vault);
    disk_refuse(REFUSE_SYNC, 1, EIO);
    assert_int_equal(vault_open(safe->folder, true, &safe->vault), ERR_STORAGE);
    assert_int_equal(vault_open(safe->folder, true, &safe->vault), ERR_OK);
    assert_int_equal(vault_key_to_seal(safe->vault, 1, key), ERR_OK);
    disk_rest();
    disk_forget();
}

static void test_the_mark_stays(void **state)
{
    safe_t *safe = *state;
    assert_int_equal(vault_checked(safe->vault), 0);
    assert_int_equal(vault_set_checked(safe->vault, 77), ERR_OK);
    s_open_again(safe);
    assert_int_equal(vault_checked(safe->vault), 77);
}

static void test_what_is_no_vault_is_refused(void **state)
{
    safe_t *safe = *state;
    vault_t *vault = NULL;
    uint8_t key[CRYPTO_KEY_SIZE];
    assert_int_equal(vault_open("/nowhere", true, &vault), ERR_NOT_FOUND);
    assert_int_equal(vault_open("/nowhere", false, &vault), ERR_OK);
    assert_int_equal(vault_key(vault, 1, key), ERR_CORRUPT);
    vault_close(&vault);
    assert_int_equal(folder_put(safe->folder, "keyring", SLICE_LIT("something else")), ERR_OK);
    scratch_hush();
    assert_int_equal(vault_open(safe->folder, false, &vault), ERR_CORRUPT);
    scratch_speak();
    assert_null(vault);
}

int main(void)
{
    if (crypto_start() != ERR_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_key_stays_and_is_nobody_elses, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_a_destroyed_key_is_nowhere, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_who_was_never_here_is_destroyed_too, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_a_damaged_key_neither_opens_nor_seals, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_a_damaged_head_is_refused, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_a_key_that_was_made_is_not_made_again, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_a_file_of_the_first_kind, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_zeros_are_no_key, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_what_a_cut_leaves_of_a_block_is_no_key, s_setup,
                                        s_teardown),
        cmocka_unit_test_setup_teardown(test_a_full_disk_makes_no_key, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_a_disk_that_refuses_is_told_of, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_what_the_head_says_is_synced_before_it_is_believed,
                                        s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_the_mark_stays, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_vault_is_refused, s_setup, s_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
