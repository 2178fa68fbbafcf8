/* album_test.c - photos: whose they are, who may see them, and when nobody has them any more. */
#include "tests/unit/actors/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "actors/photo.h"

enum { ALICE = 1, BOB, PEOPLE = BOB };

#define PHOTO(letter) letter "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static int s_setup(void **state)
{
    static const char *const logins[] = {"alice", "bob"};
    *state = people_of(&matching_actor, logins, PEOPLE);
    return 0;
}

static file_t s_file(const char *id)
{
    return (file_t){slice_of(id), SLICE_LIT("photo.png"), SLICE_LIT("image/png"), 8};
}

static err_t s_add(staging_t *at, uint64_t who, const char *id, bool main, const char *replaces)
{
    file_t file = s_file(id);
    return ASK(at, who, photo_add, .file = &file, .main = main, .replaces = slice_of(replaces))
        ->status;
}

/* Their letters in order, the main one's small: "Ab". */
static const char *s_letters(staging_t *at, uint64_t who)
{
    static char letters[LIMIT_PHOTOS + 1];
    const outcome_t *outcome = ASK(at, who, profile_get, .account = 0);
    assert_int_equal(outcome->status, ERR_OK);
    list_t list = ((const profile_t *)outcome->answer)->photos;
    const photo_t *photos = list.items;
    for (size_t i = 0; i < list.count; i++)
        letters[i] = (char)(photo_id(photos[i].url).ptr[0] | (photos[i].main ? 0x20 : 0));
    letters[list.count] = '\0';
    return letters;
}

static size_t s_unused(staging_t *at, const char *id)
{
    file_ref_t file = {slice_of(id)};
    const outcome_t *outcome = ASK(at, 0, photo_unused, .files = {&file, 1});
    assert_int_equal(outcome->status, ERR_OK);
    return ((const unused_files_t *)outcome->answer)->files.count;
}

static err_t s_update(staging_t *at, uint64_t who, list_t photos, list_t stored)
{
    return ASK(at, who, profile_update, .photos = photos, .stored = stored)->status;
}

static void test_they_are_added_replaced_removed_and_one_is_the_main_one(void **state)
{
    staging_t *at = *state;
    assert_int_equal(s_add(at, ALICE, PHOTO("A"), false, NULL), ERR_OK);
    assert_int_equal(s_add(at, ALICE, PHOTO("B"), false, NULL), ERR_OK);
    assert_string_equal(s_letters(at, ALICE), "aB");
    assert_int_equal(s_add(at, ALICE, PHOTO("C"), true, NULL), ERR_OK);
    assert_string_equal(s_letters(at, ALICE), "ABc");
    assert_int_equal(s_add(at, ALICE, PHOTO("D"), false, PHOTO("C")), ERR_OK);
    assert_string_equal(s_letters(at, ALICE), "ABd");
    assert_int_equal(ASK(at, ALICE, photo_set_main, SLICE_LIT(PHOTO("B")))->status, ERR_OK);
    assert_string_equal(s_letters(at, ALICE), "AbD");
    assert_int_equal(ASK(at, ALICE, photo_set_main, SLICE_LIT(PHOTO("B")))->status, ERR_OK);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(ASK(at, ALICE, photo_remove, SLICE_LIT(PHOTO("B")))->status, ERR_OK);
    assert_string_equal(s_letters(at, ALICE), "aD");
    assert_int_equal(ASK(at, ALICE, photo_remove, SLICE_LIT(PHOTO("B")))->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, BOB, photo_set_main, SLICE_LIT(PHOTO("A")))->status, ERR_NOT_FOUND);
}

static void test_the_same_again_changes_nothing(void **state)
{
    staging_t *at = *state;
    assert_int_equal(s_add(at, ALICE, PHOTO("A"), false, NULL), ERR_OK);
    assert_int_equal(s_add(at, ALICE, PHOTO("B"), false, NULL), ERR_OK);
    assert_int_equal(s_add(at, ALICE, PHOTO("B"), false, PHOTO("A")), ERR_OK);
    assert_int_equal(at->told_count, 0);
    assert_string_equal(s_letters(at, ALICE), "aB");
    assert_int_equal(s_add(at, ALICE, PHOTO("B"), true, NULL), ERR_OK);
    assert_string_equal(s_letters(at, ALICE), "Ab");
}

static void test_a_profile_has_room_for_so_many(void **state)
{
    staging_t *at = *state;
    static const char *const ids[] = {PHOTO("A"), PHOTO("B"), PHOTO("C"), PHOTO("D"), PHOTO("E")};
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        assert_int_equal(ASK(at, ALICE, photo_offer, .size = 8)->status, ERR_OK);
        assert_int_equal(s_add(at, ALICE, ids[i], false, NULL), ERR_OK);
    }
    assert_int_equal(ASK(at, ALICE, photo_offer, .size = 8)->status, ERR_INVALID);
    assert_int_equal(s_add(at, ALICE, PHOTO("F"), false, NULL), ERR_INVALID);
    assert_int_equal(s_add(at, ALICE, PHOTO("F"), false, PHOTO("G")), ERR_INVALID);
    assert_int_equal(s_add(at, ALICE, PHOTO("F"), false, PHOTO("E")), ERR_OK);
    assert_string_equal(s_letters(at, ALICE), "aBCDF");
    file_t text = {SLICE_LIT(PHOTO("H")), SLICE_LIT("a"), SLICE_LIT("text/plain"), 8};
    assert_int_equal(ASK(at, BOB, photo_add, .file = &text)->status, ERR_INVALID);
}

/* Counted by those who have them, however they came to them. */
static void test_what_nobody_has_any_more_is_unused(void **state)
{
    staging_t *at = *state;
    assert_int_equal(s_unused(at, PHOTO("A")), 1);
    assert_int_equal(s_add(at, ALICE, PHOTO("A"), false, NULL), ERR_OK);
    assert_int_equal(s_add(at, BOB, PHOTO("A"), false, NULL), ERR_OK);
    assert_int_equal(s_add(at, BOB, PHOTO("B"), false, NULL), ERR_OK);
    assert_int_equal(s_unused(at, PHOTO("A")), 0);
    assert_int_equal(ASK(at, ALICE, profile_update, .clear = SLICE_LIT("photos"))->status, ERR_OK);
    assert_int_equal(s_unused(at, PHOTO("A")), 0);
    assert_int_equal(s_add(at, BOB, PHOTO("C"), false, PHOTO("A")), ERR_OK);
    assert_int_equal(s_unused(at, PHOTO("A")), 1);
    staging_tell(at, EVENT_account_deleted, BOB,
                 &(account_deleted_event_t){BOB, SLICE_LIT("deleted")});
    staging_commit(at);
    assert_int_equal(s_unused(at, PHOTO("B")), 1);
    assert_int_equal(s_unused(at, PHOTO("C")), 1);
    assert_int_equal(staging_rows(at, 'h'), 0);
}

static void test_a_photo_that_is_merely_known_is_not_ones_own(void **state)
{
    staging_t *at = *state;
    photo_t photos[] = {{.url = SLICE_LIT("/api/photos/" PHOTO("A") "-8.png"), .main = true},
                        {.url = SLICE_LIT("https://example.org/1.png")}};
    file_t stored = s_file(PHOTO("A"));
    list_t list = {photos, COUNT_OF(photos)}, none = {0};
    assert_int_equal(s_add(at, ALICE, PHOTO("A"), false, NULL), ERR_OK);
    assert_int_equal(s_update(at, BOB, list, none), ERR_INVALID);
    assert_int_equal(s_update(at, BOB, list, (list_t){&stored, 1}), ERR_OK);
    assert_int_equal(s_update(at, BOB, list, none), ERR_OK); /* now it is */
    photos[0].url = SLICE_LIT("/api/photos/" PHOTO("A") "-2-2-whatever");
    assert_int_equal(s_update(at, BOB, list, none), ERR_OK); /* as it was shown */
    const outcome_t *got = ASK(at, ALICE, photo_get, BOB, SLICE_LIT(PHOTO("A")));
    assert_int_equal(got->status, ERR_OK);
    assert_int_equal(((const file_t *)got->answer)->size, 8);
    assert_int_equal(s_unused(at, PHOTO("A")), 0);
}

static err_t s_show(staging_t *at, uint64_t whose, uint64_t viewer)
{
    return ASK(at, 0, photo_show, .name = SLICE_LIT("x"), .account = whose, .viewer = viewer,
               .id = SLICE_LIT(PHOTO("A")))
        ->status;
}

static err_t s_get(staging_t *at, uint64_t whose, uint64_t who)
{
    return ASK(at, who, photo_get, whose, SLICE_LIT(PHOTO("A")))->status;
}

static void s_assert_seen(staging_t *at, err_t expected)
{
    assert_int_equal(s_get(at, ALICE, BOB), expected);
    assert_int_equal(s_show(at, ALICE, BOB), expected);
}

static void test_who_may_see_the_profile_may_see_them(void **state)
{
    staging_t *at = *state;
    s_assert_seen(at, ERR_NOT_FOUND);
    assert_int_equal(s_add(at, ALICE, PHOTO("A"), false, NULL), ERR_OK);
    s_assert_seen(at, ERR_OK);
    assert_int_equal(s_get(at, ALICE, ALICE), ERR_OK);
    assert_int_equal(s_show(at, ALICE, 0), ERR_NOT_FOUND);
    assert_int_equal(ASK(at, BOB, people_block, ALICE)->status, ERR_OK);
    s_assert_seen(at, ERR_BLOCKED);
    assert_int_equal(ASK(at, BOB, people_unblock, ALICE)->status, ERR_OK);
    assert_int_equal(ASK(at, ALICE, people_block, BOB)->status, ERR_OK);
    s_assert_seen(at, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, ALICE, people_unblock, BOB)->status, ERR_OK);
    assert_int_equal(ASK(at, ALICE, profile_update, .hidden = true)->status, ERR_OK);
    s_assert_seen(at, ERR_NOT_FOUND);
    staging_tell(at, EVENT_role_changed, BOB, &(role_changed_event_t){BOB, role_MODERATOR});
    s_assert_seen(at, ERR_OK);
    staging_tell(at, EVENT_account_banned, BOB,
                 &(account_banned_event_t){.account = BOB, .until = INT64_MAX});
    assert_int_equal(s_show(at, ALICE, BOB), ERR_NOT_FOUND);
    staging_tell(at, EVENT_account_deleted, BOB,
                 &(account_deleted_event_t){BOB, SLICE_LIT("deleted")});
    staging_commit(at);
    assert_int_equal(s_show(at, ALICE, BOB), ERR_NOT_FOUND);
}

static void test_an_address_says_what_lies_there(void **state)
{
    static const char *const others[] = {"",
                                         "/api/photos/",
                                         "/api/photos/" PHOTO("A"),
                                         "/api/photos/" PHOTO("A") "-",
                                         "/api/photos/" PHOTO("A") "-.png",
                                         "/api/photos/" PHOTO("A") "-0.png",
                                         "/api/photos/" PHOTO("A") "-8",
                                         "/api/photos/" PHOTO("A") "-8.svg",
                                         "/api/photos/" PHOTO("A") "-8.pngx",
                                         "/api/photos/" PHOTO("A") "-8x.png",
                                         "/api/photos/" PHOTO("A") "8.png",
                                         "/api/photos/" PHOTO("A") "-12345678.png",
                                         "/api/photos/" PHOTO("/") "-8.png",
                                         "https://x/api/photos/" PHOTO("A") "-8.png"};
    file_t file = s_file(PHOTO("A")), found;
    arena_t *arena = arena_new();
    (void)state;
    slice_t url = photo_url(&file, arena);
    assert_true(slice_is(url, "/api/photos/" PHOTO("A") "-8.png"));
    assert_true(photo_at(url, &found));
    assert_true(slice_eq(found.id, file.id) && slice_eq(found.type, file.type));
    assert_int_equal(found.size, 8);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(photo_at(slice_of(others[i]), &found));
    arena_destroy(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_they_are_added_replaced_removed_and_one_is_the_main_one),
        TEST(test_the_same_again_changes_nothing),
        TEST(test_a_profile_has_room_for_so_many),
        TEST(test_what_nobody_has_any_more_is_unused),
        TEST(test_a_photo_that_is_merely_known_is_not_ones_own),
        TEST(test_who_may_see_the_profile_may_see_them),
        TEST(test_an_address_says_what_lies_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
