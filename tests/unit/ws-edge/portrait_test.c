/* portrait_test.c - addresses of photos: whose they are, for whom, and forged ones. */
#include "ws-edge/portrait.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "actors/photo.h"
#include "schema/mem.h"
#include "tests/unit/scratch.h"

#define ID "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

enum { OWNER = 7, VIEWER = 8 };

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    mint_t *mint;
    arena_t *arena;
} world_t;

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    assert_int_equal(crypto_start(), ERR_OK);
    scratch_make(world->folder);
    assert_int_equal(mint_open(world->folder, &world->mint), ERR_OK);
    world->arena = arena_new();
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    mint_close(&world->mint);
    arena_destroy(&world->arena);
    scratch_remove(world->folder);
    mem_free(world);
    return 0;
}

static const photo_t s_photos[] = {
    {.url = {(const uint8_t *)PHOTO_FOLDER ID "-8.png", sizeof PHOTO_FOLDER ID "-8.png" - 1},
     .main = true},
    {.url = {(const uint8_t *)"https://a/1", sizeof "https://a/1" - 1}},
};

static const profile_t s_profile = {.account = OWNER, .photos = {s_photos, COUNT_OF(s_photos)}};

/* As the viewer is shown it. */
static const photo_t *s_shown(const world_t *world, call_number_t call, const void *answer)
{
    const void *shown =
        portrait_answer(world->mint, call_type((uint16_t)call), answer, VIEWER, world->arena);
    const profile_t *profile = shown;
    if (call == CALL_profile_list)
        profile = ((const profile_list_t *)shown)->profiles.items;
    else if (call == CALL_people_recommend)
        profile = ((const recommendation_t *)((const recommendation_list_t *)shown)->people.items)
                      ->profile;
    assert_int_equal(profile->account, OWNER);
    assert_int_equal(profile->photos.count, COUNT_OF(s_photos));
    return profile->photos.items;
}

static photo_show_call_t s_open(const world_t *world, slice_t name)
{
    photo_show_call_t show = {.name = name, .account = 1, .viewer = 1};
    portrait_open(world->mint, &show, world->arena);
    return show;
}

static void test_an_address_is_for_whom_it_is_shown_to(void **state)
{
    const world_t *world = *state;
    recommendation_t one = {.profile = &s_profile};
    profile_list_t list = {.profiles = {&s_profile, 1}};
    recommendation_list_t people = {.people = {&one, 1}};
    const struct {
        call_number_t call;
        const void *answer;
    } rows[] = {{CALL_profile_get, &s_profile},
                {CALL_profile_list, &list},
                {CALL_people_recommend, &people}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const photo_t *photos = s_shown(world, rows[i].call, rows[i].answer);
        assert_true(slice_is(photos[0].id, ID) && photos[0].main);
        assert_true(slice_is(photo_id(photos[0].url), ID));
        assert_true(slice_is(photos[1].url, "https://a/1") && photos[1].id.len == 0);
        photo_show_call_t show = s_open(world, slice_from(photos[0].url, sizeof PHOTO_FOLDER - 1));
        assert_int_equal(show.account, OWNER);
        assert_int_equal(show.viewer, VIEWER);
        assert_true(slice_is(show.id, ID));
    }
    assert_true(slice_is(s_photos[0].url, PHOTO_FOLDER ID "-8.png")); /* a copy was changed */
}

static void test_an_event_shows_it_to_its_owner(void **state)
{
    const world_t *world = *state;
    profile_updated_event_t event = {.profile = &s_profile};
    const profile_updated_event_t *shown =
        portrait_event(world->mint, event_type(EVENT_profile_updated), &event, world->arena);
    const photo_t *photos = shown->profile->photos.items;
    photo_show_call_t show = s_open(world, slice_from(photos[0].url, sizeof PHOTO_FOLDER - 1));
    assert_int_equal(show.viewer, OWNER);
}

static void test_what_has_no_photo_is_not_copied(void **state)
{
    const world_t *world = *state;
    profile_t bare = {.account = OWNER, .photos = {&s_photos[1], 1}};
    relation_t relation = {.account = OWNER};
    assert_ptr_equal(
        portrait_answer(world->mint, call_type(CALL_profile_get), &bare, VIEWER, world->arena),
        &bare);
    assert_ptr_equal(
        portrait_answer(world->mint, call_type(CALL_people_like), &relation, VIEWER, world->arena),
        &relation);
}

/* Each byte of a name counts. */
static void test_no_other_name_is_good(void **state)
{
    const world_t *world = *state;
    const photo_t *photos = s_shown(world, CALL_profile_get, &s_profile);
    slice_t name = slice_from(photos[0].url, sizeof PHOTO_FOLDER - 1);
    for (size_t i = 0; i < name.len; i++) {
        slice_t other = arena_copy(world->arena, name);
        ((uint8_t *)(uintptr_t)other.ptr)[i] ^= 1;
        assert_int_equal(s_open(world, other).viewer, 0);
        assert_int_equal(s_open(world, slice_new(name.ptr, i)).viewer, 0);
    }
    static const char *const others[] = {"",
                                         ID,
                                         ID "-",
                                         ID "-7-8-",
                                         ID "-7-8-x",
                                         ID "-07-8-x",
                                         ID "-99999999999999999999-8-x",
                                         ID "-8.png",
                                         ID "--"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_int_equal(s_open(world, slice_of(others[i])).account, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_address_is_for_whom_it_is_shown_to),
        TEST(test_an_event_shows_it_to_its_owner),
        TEST(test_what_has_no_photo_is_not_copied),
        TEST(test_no_other_name_is_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
