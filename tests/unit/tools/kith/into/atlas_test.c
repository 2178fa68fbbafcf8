/* atlas_test.c - who, where and what a deed is about on the target. */
#include "tools/kith/into/atlas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "schema/mem.h"
#include "schema/text.h"

enum { ANN = 3, BEA = 4, PLAZA = 10, NOW = 5000, THEN = 1000 };

typedef struct world {
    atlas_t *atlas;
    arena_t *arena;
} world_t;

static int s_begin(void **state, bool filler)
{
    world_t *world = mem_new(world_t);
    assert_int_equal(crypto_start(), ERR_OK);
    world->atlas = atlas_new(&(atlas_plan_t){.prefix = "x-", .filler = filler});
    world->arena = arena_new();
    atlas_introduce(world->atlas, ANN, SLICE_LIT("ann"), SLICE_LIT("Ann"), true);
    atlas_introduce(world->atlas, BEA, SLICE_LIT("bea two"), SLICE_LIT("Bea"), false);
    *state = world;
    return 0;
}

static int s_kept(void **state)
{
    return s_begin(state, false);
}

static int s_filled(void **state)
{
    return s_begin(state, true);
}

static int s_end(void **state)
{
    world_t *world = *state;
    atlas_destroy(&world->atlas);
    arena_destroy(&world->arena);
    mem_free(world);
    return 0;
}

static void s_arrive(world_t *world, uint64_t account, uint64_t id)
{
    stand_in_t *stand_in = atlas_stand_in(world->atlas, account);
    stand_in->there = true;
    stand_in->id = id;
}

static const void *s_args(world_t *world, const deed_t *deed)
{
    const char *why = NULL;
    const void *args = atlas_args(world->atlas, deed, NOW, world->arena, &why);
    assert_int_equal(args == NULL, why != NULL);
    return args;
}

static void assert_text(slice_t text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
}

/* ---- names ---- */

static void test_names_stand_behind_the_prefix(void **state)
{
    const stand_in_t *ann = atlas_stand_in(((world_t *)*state)->atlas, ANN);
    assert_string_equal(ann->login, "x-ann");
    assert_string_equal(ann->username, "x-Ann");
    assert_string_equal(ann->email, "x-3.0@replay.example");
    assert_true(ann->has_email);
    assert_false(atlas_stand_in(((world_t *)*state)->atlas, BEA)->has_email);
}

static void test_long_names_are_cut_and_stay_apart(void **state)
{
    world_t *world = *state;
    static const char name[] = "ññññññññññññññññññññññññññññññññññññññññññññññññññ";
    atlas_introduce(world->atlas, 7, SLICE_LIT(name), SLICE_LIT("seven"), false);
    atlas_introduce(world->atlas, 8, SLICE_LIT(name), SLICE_LIT("eight"), false);
    const char *seven = atlas_stand_in(world->atlas, 7)->login;
    const char *eight = atlas_stand_in(world->atlas, 8)->login;
    assert_int_equal(text_length(slice_of(seven)), LIMIT_USERNAME);
    assert_true(text_valid(slice_of(seven)));
    assert_string_not_equal(seven, eight);
}

static void test_a_new_password_counts_once_it_is_taken(void **state)
{
    stand_in_t *ann = atlas_stand_in(((world_t *)*state)->atlas, ANN);
    char *before = mem_text(ann->password);
    char *next = mem_text(atlas_next_password(ann));
    assert_string_equal(ann->password, before);
    assert_string_equal(atlas_next_password(ann), next); /* a repeat is the same */
    atlas_take_password(ann);
    assert_string_equal(ann->password, next);
    assert_string_not_equal(next, before);
    mem_free(before);
    mem_free(next);
}

/* ---- texts ---- */

static const uint64_t both[] = {ANN, BEA};
static const ids_t mentions = {both, 2};

static void test_mentions_are_of_stand_ins(void **state)
{
    world_t *world = *state;
    slice_t text = SLICE_LIT("@ANN: ask @bea two or write to me@ann.example, @nobody @");
    assert_text(atlas_text(world->atlas, text, mentions, world->arena),
                "@x-ann: ask @x-bea two or write to me@x-ann.example, @nobody @");
    assert_text(atlas_text(world->atlas, SLICE_LIT("@ann"), (ids_t){0}, world->arena), "@ann");
    assert_text(atlas_text(world->atlas, SLICE_LIT(""), mentions, world->arena), "");
}

static void test_filler_weighs_what_the_text_weighed(void **state)
{
    world_t *world = *state;
    slice_t text = SLICE_LIT("hé, 日本\n🎉 @ann!");
    slice_t filled = atlas_text(world->atlas, text, mentions, world->arena);
    assert_text(filled, "xøx 字字\n🙂 @x-annx");
    assert_int_equal(filled.len, text.len + strlen("x-"));
}

/* ---- arguments ---- */

static void test_a_post_is_about_the_targets_numbers(void **state)
{
    world_t *world = *state;
    const room_post_call_t post = {
        .room = PLAZA, .text = SLICE_LIT("hello @ann"), .reply_to = 5, .thread = 6};
    const deed_t deed = {
        .call = CALL_room_post,
        .args = &post,
        .doer = ANN,
        .room = PLAZA,
        .mentions = mentions,
        .record = 77,
        .time = THEN,
    };
    s_arrive(world, ANN, 30);
    assert_null(s_args(world, &deed)); /* there is no such room yet */
    atlas_learn_room(world->atlas, PLAZA, 100, SLICE_LIT("abcdefgh"));
    atlas_learn_message(world->atlas, PLAZA, 5, 50);
    const room_post_call_t *args = s_args(world, &deed);
    assert_int_equal(args->room, 100);
    assert_int_equal(args->reply_to, 50);
    assert_int_equal(args->thread, 0); /* it was not played, and is not needed */
    assert_text(args->text, "hello @x-ann");
    assert_text(args->client_id, "replay-77");
    assert_string_equal(atlas_venue(world->atlas, PLAZA)->gid, "abcdefgh");
}

static void test_what_is_about_a_message_needs_it(void **state)
{
    world_t *world = *state;
    const message_edit_call_t edit = {PLAZA, 5, SLICE_LIT("better")};
    const deed_t deed = {.call = CALL_message_edit, .args = &edit, .doer = ANN, .room = PLAZA};
    atlas_learn_room(world->atlas, PLAZA, 100, (slice_t){0});
    assert_null(s_args(world, &deed));
    atlas_learn_message(world->atlas, PLAZA, 5, 50);
    assert_int_equal(((const message_edit_call_t *)s_args(world, &deed))->seq, 50);
}

static void test_what_is_about_a_person_needs_them(void **state)
{
    world_t *world = *state;
    const people_like_call_t like = {BEA};
    const deed_t deed = {.call = CALL_people_like, .args = &like, .doer = ANN, .whom = BEA};
    assert_null(s_args(world, &deed));
    s_arrive(world, BEA, 40);
    assert_int_equal(((const people_like_call_t *)s_args(world, &deed))->account, 40);
}

static void test_times_are_as_far_ahead_as_they_were(void **state)
{
    world_t *world = *state;
    room_mute_call_t mute = {PLAZA, BEA, THEN + 60};
    const deed_t deed = {
        .call = CALL_room_mute, .args = &mute, .doer = ANN, .room = PLAZA, .time = THEN};
    s_arrive(world, BEA, 40);
    atlas_learn_room(world->atlas, PLAZA, 100, (slice_t){0});
    assert_int_equal(((const room_mute_call_t *)s_args(world, &deed))->until, NOW + 60);
    mute.until = 0;
    assert_int_equal(((const room_mute_call_t *)s_args(world, &deed))->until, 0);
    mute.until = INT64_MAX - 1;
    assert_int_equal(((const room_mute_call_t *)s_args(world, &deed))->until, 0); /* for good */
}

static void test_whoever_signs_up_is_the_stand_in(void **state)
{
    world_t *world = *state;
    const account_register_call_t sign_up = {
        .login = SLICE_LIT("ann"), .username = SLICE_LIT("Ann"), .email = SLICE_LIT("a@b.org")};
    const deed_t deed = {.call = CALL_account_register, .args = &sign_up, .doer = ANN};
    const account_register_call_t *args = s_args(world, &deed);
    assert_text(args->login, "x-ann");
    assert_text(args->username, "x-Ann");
    assert_text(args->email, "x-3.0@replay.example");
}

static void test_what_is_there_is_counted(void **state)
{
    world_t *world = *state;
    uint64_t accounts, rooms;
    s_arrive(world, ANN, 30);
    atlas_venue(world->atlas, PLAZA + 1);
    atlas_learn_room(world->atlas, PLAZA, 100, (slice_t){0});
    atlas_count(world->atlas, &accounts, &rooms);
    assert_int_equal(accounts, 1);
    assert_int_equal(rooms, 1);
}

int main(void)
{
#define KEPT(test) cmocka_unit_test_setup_teardown(test, s_kept, s_end)
    const struct CMUnitTest tests[] = {
        KEPT(test_names_stand_behind_the_prefix),
        KEPT(test_long_names_are_cut_and_stay_apart),
        KEPT(test_a_new_password_counts_once_it_is_taken),
        KEPT(test_mentions_are_of_stand_ins),
        cmocka_unit_test_setup_teardown(test_filler_weighs_what_the_text_weighed, s_filled, s_end),
        KEPT(test_a_post_is_about_the_targets_numbers),
        KEPT(test_what_is_about_a_message_needs_it),
        KEPT(test_what_is_about_a_person_needs_them),
        KEPT(test_times_are_as_far_ahead_as_they_were),
        KEPT(test_whoever_signs_up_is_the_stand_in),
        KEPT(test_what_is_there_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
