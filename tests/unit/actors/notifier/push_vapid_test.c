/* push_vapid_test.c - the key in its file, and the header of RFC 8292. */
#include "actors/notifier/push_vapid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "tests/unit/scratch.h"

enum { PATH_SIZE = SCRATCH_PATH_SIZE + 16, NOW_S = 1453523768 };

/* The private key 1, whose public one is the curve's base point. */
static const char ONE[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE";
static const char POINT[] =
    "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU";

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char path[PATH_SIZE];
} world_t;

static int s_setup(void **state)
{
    static world_t world;
    scratch_hush();
    scratch_make(world.folder);
    snprintf(world.path, sizeof world.path, "%s/push.key", world.folder);
    *state = &world;
    return 0;
}

static int s_teardown(void **state)
{
    scratch_remove(((world_t *)*state)->folder);
    scratch_speak();
    return 0;
}

static void s_write(const world_t *world, const char *text, mode_t mode)
{
    FILE *file = fopen(world->path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(world->path, mode), 0);
}

static vapid_t *s_open(const world_t *world, const char *contact)
{
    vapid_t *vapid = NULL;
    assert_int_equal(vapid_open(world->folder, contact, &vapid), ERR_OK);
    return vapid;
}

static void test_a_key_is_made_and_kept(void **state)
{
    const world_t *world = *state;
    struct stat facts;
    char key[128];
    vapid_t *vapid = s_open(world, "");
    snprintf(key, sizeof key, "%.*s", SLICE_ARG(vapid_key(vapid)));
    vapid_close(&vapid);
    assert_int_equal(stat(world->path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    vapid = s_open(world, "");
    assert_true(slice_is(vapid_key(vapid), key));
    vapid_close(&vapid);
}

/* The file has both keys of the pair, and a change of either shows. */
static void test_a_damaged_pair(void **state)
{
    const world_t *world = *state;
    char text[256] = "";
    vapid_t *vapid = s_open(world, "");
    vapid_close(&vapid);
    FILE *file = fopen(world->path, "r");
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_true(len > 100);
    for (size_t at = 0; at + 1 < len; at++) {
        char letter = text[at];
        text[at] = letter == 'A' ? 'B' : 'A';
        s_write(world, text, 0600);
        assert_int_equal(vapid_open(world->folder, "", &vapid), ERR_INVALID);
        text[at] = letter;
    }
}

static void test_a_key_of_one_s_own(void **state)
{
    const world_t *world = *state;
    s_write(world, ONE, 0600); /* without a newline, as one pastes it */
    vapid_t *vapid = s_open(world, "");
    assert_true(slice_is(vapid_key(vapid), POINT));
    vapid_close(&vapid);
}

static void test_no_key(void **state)
{
    const char *const none[] = {"",     "\n",
                                "AAAA", "no base64url at all!",
                                POINT,  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    const world_t *world = *state;
    vapid_t *vapid;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        s_write(world, none[i], 0600);
        assert_int_equal(vapid_open(world->folder, "", &vapid), ERR_INVALID);
    }
    s_write(world, ONE, 0640); /* others can read it */
    assert_int_equal(vapid_open(world->folder, "", &vapid), ERR_INVALID);
    assert_int_equal(vapid_open("/no/such/folder", "", &vapid), ERR_INVALID);
}

/* The claims of a header, as JSON. */
static void s_claims(slice_t header, buf_t *out)
{
    const char *text = (const char *)header.ptr;
    const char *begin = strchr(text, '.') + 1, *end = strchr(begin, '.');
    assert_memory_equal(text, "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.", 45);
    assert_int_equal(crypto_base64url_read(slice_new(begin, (size_t)(end - begin)), out), ERR_OK);
}

static void s_expect(const world_t *world, const char *contact, const char *claims)
{
    vapid_t *vapid = s_open(world, contact);
    buf_t header = {0}, found = {0};
    vapid_put(vapid, "https://push.example.net", NOW_S - 12 * 3600, &header);
    buf_append_byte(&header, '\0');
    s_claims(buf_slice(&header), &found);
    assert_true(slice_is(buf_slice(&found), claims));
    const char *key = strstr((const char *)header.data, ", k=");
    assert_non_null(key);
    assert_string_equal(key + 4, POINT);
    assert_int_equal(key - strrchr((const char *)header.data, '.'), 1 + 86); /* 64 bytes */
    buf_free(&header);
    buf_free(&found);
    vapid_close(&vapid);
}

static void test_the_header(void **state)
{
    const world_t *world = *state;
    s_write(world, ONE, 0600);
    s_expect(world, "mailto:push@example.com",
             "{\"aud\":\"https://push.example.net\",\"exp\":1453523768,"
             "\"sub\":\"mailto:push@example.com\"}");
    s_expect(world, "", "{\"aud\":\"https://push.example.net\",\"exp\":1453523768}");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_key_is_made_and_kept),
        TEST(test_a_damaged_pair),
        TEST(test_a_key_of_one_s_own),
        TEST(test_no_key),
        TEST(test_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
