/* app_keys_test.c - they are made once, stay as they are, and what is set wins. */
#include "actors/app_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "actors/crypto.h"

enum { PATH_SIZE = 256 };

typedef struct folder {
    char path[PATH_SIZE];
    char file[PATH_SIZE + 16];
} folder_t;

static int s_setup(void **state)
{
    static folder_t folder;
    snprintf(folder.path, sizeof folder.path, "/tmp/app-keys-XXXXXX");
    assert_non_null(mkdtemp(folder.path));
    snprintf(folder.file, sizeof folder.file, "%s/pusher.app", folder.path);
    *state = &folder;
    return 0;
}

static int s_teardown(void **state)
{
    const folder_t *folder = *state;
    unlink(folder->file);
    return rmdir(folder->path);
}

static void s_write(const folder_t *folder, const char *text, mode_t mode)
{
    FILE *file = fopen(folder->file, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(folder->file, mode), 0);
}

static void test_they_are_made_once(void **state)
{
    const folder_t *folder = *state;
    app_keys_t first, again, none = {0};
    struct stat facts;
    assert_int_equal(app_keys_read(folder->path, &first), ERR_NOT_FOUND);
    assert_int_equal(app_keys_check(folder->path, &none), ERR_OK);
    assert_int_equal(app_keys_open(folder->path, &none, &first), ERR_OK);
    assert_int_equal(app_keys_open(folder->path, &none, &again), ERR_OK);
    assert_string_equal(first.id, again.id);
    assert_string_equal(first.secret, again.secret);
    assert_int_equal(strlen(first.key), 20);
    assert_string_not_equal(first.key, first.secret);
    assert_string_equal(first.cluster, "mt1");
    assert_int_equal(stat(folder->file, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
}

/* A file that was made here shows whether it is what it was. */
static void test_a_damaged_file_is_refused(void **state)
{
    const folder_t *folder = *state;
    app_keys_t keys, none = {0};
    char text[1024] = "";
    assert_int_equal(app_keys_open(folder->path, &none, &keys), ERR_OK);
    FILE *file = fopen(folder->file, "r");
    size_t len = fread(text, 1, sizeof text - 1, file), own = len - strlen("check = 01234567\n");
    fclose(file);
    for (size_t at = 0; at < len; at++) {
        char letter = text[at];
        text[at] ^= 1;
        s_write(folder, text, 0600);
        err_t err = app_keys_read(folder->path, &keys);
        assert_true(err == ERR_INVALID || (err == ERR_OK && at + 1 >= own && at < own + 6));
        text[at] = letter;
    }
    text[own - 2] = '\0'; /* cut off in the midst */
    s_write(folder, text, 0600);
    assert_int_equal(app_keys_read(folder->path, &keys), ERR_INVALID);
}

static void test_what_is_set_wins(void **state)
{
    const folder_t *folder = *state;
    app_keys_t all = {"1", "key", "sixteen letters!", "eu"}, some = {.key = "mine"}, keys;
    assert_int_equal(app_keys_open(folder->path, &all, &keys), ERR_OK);
    assert_string_equal(keys.key, "key");
    assert_int_equal(access(folder->file, F_OK), -1); /* nothing was needed of it */
    assert_int_equal(app_keys_open(folder->path, &some, &keys), ERR_OK);
    assert_string_equal(keys.key, "mine");
    assert_int_equal(strlen(keys.secret), 20);
}

static void test_what_cannot_be_set(void **state)
{
    (void)state;
    assert_null(app_keys_fault(&(app_keys_t){0}));
    assert_null(app_keys_fault(&(app_keys_t){.secret = "7ad3773142a6692b25b8"}));
    assert_non_null(app_keys_fault(&(app_keys_t){.id = "a/b"}));
    assert_non_null(app_keys_fault(&(app_keys_t){.key = "a:b"}));
    assert_non_null(app_keys_fault(&(app_keys_t){.cluster = "a b"}));
    assert_non_null(app_keys_fault(&(app_keys_t){.secret = "too short"}));
    assert_non_null(app_keys_fault(&(app_keys_t){.secret = "blanks are not visible"}));
}

static void test_a_file_that_will_not_do(void **state)
{
    static const char good[] = "app_id = 1\nkey = k\nsecret = sixteen-letters-\ncluster = eu\n";
    const folder_t *folder = *state;
    app_keys_t keys;
    s_write(folder, good, 0600);
    assert_int_equal(app_keys_read(folder->path, &keys), ERR_OK);
    s_write(folder, good, 0640);
    assert_int_equal(app_keys_read(folder->path, &keys), ERR_INVALID);
    s_write(folder, "app_id = 1\n", 0600);
    assert_int_equal(app_keys_read(folder->path, &keys), ERR_INVALID);
    s_write(folder, "", 0600);
    assert_int_equal(app_keys_open(folder->path, &(app_keys_t){0}, &keys), ERR_INVALID);
    assert_int_equal(app_keys_check(folder->path, &(app_keys_t){0}), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_they_are_made_once, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_a_damaged_file_is_refused, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_set_wins, s_setup, s_teardown),
        cmocka_unit_test(test_what_cannot_be_set),
        cmocka_unit_test_setup_teardown(test_a_file_that_will_not_do, s_setup, s_teardown),
    };
    assert_int_equal(crypto_start(), ERR_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
