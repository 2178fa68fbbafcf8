/* matching_test.c - profiles, likes, chats, blocks and reports, as their callers see them.
 *
 * Every test ends with the same question: does a fresh store that applies what was
 * committed become the same as the live one? */
#include "tests/unit/actors/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ALICE = 1, BOB, CAROL, DAVE, PEOPLE = DAVE, NOBODY = 99 };

static const int64_t MINUTE = INT64_C(60) * 1000 * 1000;

static int s_setup(void **state)
{
    static const char *const logins[] = {"alice", "bob", "carol", "dave"};
    *state = people_of(&matching_actor, logins, PEOPLE);
    return 0;
}

/* ---- what is asked often ---- */

static const relation_t *s_relation(const outcome_t *outcome)
{
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

static const profile_t *s_profile(const outcome_t *outcome)
{
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

static const encounter_list_t *s_people(const outcome_t *outcome)
{
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

static void s_like(staging_t *at, uint64_t who, uint64_t whom)
{
    (void)s_relation(ASK(at, who, people_like, .account = whom));
}

static void s_block(staging_t *at, uint64_t who, uint64_t whom)
{
    (void)s_relation(ASK(at, who, people_block, .account = whom));
}

static bool s_told(const staging_t *at, size_t index, event_number_t event, uint64_t account)
{
    return index < at->told_count && at->told[index].record.type == event &&
           at->told[index].record.account == account;
}

static void s_make_moderator(staging_t *at, uint64_t account, role_t role)
{
    staging_tell(at, EVENT_role_changed, account, &(role_changed_event_t){account, role});
}

/* ---- profiles ---- */

static void test_only_what_is_sent_changes(void **state)
{
    staging_t *at = *state;
    (void)s_profile(ASK(at, ALICE, profile_update, .first_name = SLICE_LIT("Alice"),
                        .gender = SLICE_LIT(" Female "), .preference = SLICE_LIT("MALE"),
                        .birth = SLICE_LIT("1990-02-28"), .description = SLICE_LIT("hello")));
    const profile_t *profile =
        s_profile(ASK(at, ALICE, profile_update, .last_name = SLICE_LIT("O'Hara"),
                      .clear = SLICE_LIT("description hidden")));
    assert_true(slice_is(profile->first_name, "Alice"));
    assert_true(slice_is(profile->last_name, "O'Hara"));
    assert_true(slice_is(profile->gender, "female"));
    assert_true(slice_is(profile->preference, "male"));
    assert_true(slice_is(profile->birth, "1990-02-28"));
    assert_int_equal(profile->description.len, 0);
    assert_true(slice_is(profile->login, "alice"));
    assert_int_equal(profile->age, 36); /* staging begins in September 2026 */
    assert_true(s_told(at, 0, EVENT_profile_updated, ALICE));
}

static void test_any_is_no_preference(void **state)
{
    staging_t *at = *state;
    const profile_t *profile =
        s_profile(ASK(at, ALICE, profile_update, .preference = SLICE_LIT("any")));
    assert_int_equal(profile->preference.len, 0);
}

static void test_an_age_is_a_birth(void **state)
{
    staging_t *at = *state;
    const profile_t *profile = s_profile(ASK(at, ALICE, profile_update, .age = 30));
    assert_int_equal(profile->age, 30);
    at->now += 400 * 24 * 60 * MINUTE;
    profile = s_profile(ASK(at, ALICE, profile_get, 0));
    assert_int_equal(profile->age, 31);
}

static void test_wrong_profiles_are_refused(void **state)
{
    staging_t *at = *state;
    const tag_t comma = {.name = SLICE_LIT("a,b")}, markup = {.name = SLICE_LIT("<b>")};
    const photo_t plain = {.url = SLICE_LIT("http://a.example/1")},
                  quoted = {.url = SLICE_LIT("https://a.example/\"")};
    const photo_t mains[] = {{.url = SLICE_LIT("https://a/1"), .main = true},
                             {.url = SLICE_LIT("https://a/2"), .main = true}};
#define WRONG(...) \
    assert_int_equal(ASK(at, ALICE, profile_update, __VA_ARGS__)->status, ERR_INVALID)
    WRONG(.first_name = SLICE_LIT("<Alice>"));
    WRONG(.gender = SLICE_LIT("a\"b"));
    WRONG(.birth = SLICE_LIT("1990-02-30"));
    WRONG(.birth = SLICE_LIT("1899-12-31"));
    WRONG(.birth = SLICE_LIT("2015-01-01"));
    WRONG(.birth = SLICE_LIT("1990-01-01"), .age = 30);
    WRONG(.tags = {&comma, 1});
    WRONG(.tags = {&markup, 1});
    WRONG(.photos = {&plain, 1});
    WRONG(.photos = {&quoted, 1});
    WRONG(.photos = {mains, 2});
    WRONG(.lat = 90000001);
    WRONG(.lon = -180000001);
    WRONG(.clear = SLICE_LIT("login"));
#undef WRONG
    assert_int_equal(ASK(at, NOBODY, profile_update, .age = 30)->status, ERR_NOT_FOUND);
    assert_int_equal(s_profile(ASK(at, ALICE, profile_get, 0))->updated, 0);
}

static void test_the_first_photo_is_the_main_one(void **state)
{
    staging_t *at = *state;
    const photo_t photos[] = {{.url = SLICE_LIT("https://a/1")}, {.url = SLICE_LIT("https://a/2")}};
    const profile_t *profile = s_profile(ASK(at, ALICE, profile_update, .photos = {photos, 2}));
    const photo_t *shown = profile->photos.items;
    assert_int_equal(profile->photos.count, 2);
    assert_true(shown[0].main && !shown[1].main);
}

static void test_tags_are_counted(void **state)
{
    staging_t *at = *state;
    const tag_t first[] = {{SLICE_LIT("Chess")}, {SLICE_LIT("vegan")}, {SLICE_LIT("chess ")}};
    const tag_t second[] = {{SLICE_LIT("chess")}, {SLICE_LIT("cheese")}};
    assert_int_equal(s_profile(ASK(at, ALICE, profile_update, .tags = {first, 3}))->tags.count, 2);
    (void)s_profile(ASK(at, BOB, profile_update, .tags = {second, 2}));
    const tag_list_t *list = ASK(at, CAROL, people_tags, .prefix = SLICE_LIT("che"))->answer;
    const tag_t *tags = list->tags.items;
    assert_int_equal(list->tags.count, 2);
    assert_true(slice_is(tags[0].name, "chess") && tags[0].count == 2);
    assert_true(slice_is(tags[1].name, "cheese") && tags[1].count == 1);
    (void)s_profile(ASK(at, BOB, profile_update, .clear = SLICE_LIT("tags")));
    list = ASK(at, CAROL, people_tags, .limit = 1)->answer;
    tags = list->tags.items;
    assert_int_equal(list->tags.count, 1);
    assert_int_equal(tags[0].count, 1);
    assert_int_equal(staging_rows(at, 't'), 2);
}

static void test_others_see_no_place_and_no_birthday(void **state)
{
    staging_t *at = *state;
    (void)s_profile(ASK(at, ALICE, profile_update, .lat = 48856600, .lon = 2352200));
    const profile_t *own = s_profile(ASK(at, BOB, profile_update, .lat = 51507400, .lon = -127800,
                                         .birth = SLICE_LIT("1990-01-01")));
    assert_int_equal(own->lat, 51507400);
    const profile_t *seen = s_profile(ASK(at, ALICE, profile_get, .account = BOB));
    assert_int_equal(seen->lat, 0);
    assert_int_equal(seen->lon, 0);
    assert_int_equal(seen->birth.len, 0);
    assert_int_equal(seen->age, 36);
    assert_in_range(seen->distance, 342, 346); /* London to Paris */
    assert_int_equal(seen->relation->account, BOB);
}

static void test_hidden_people_are_seen_by_those_they_like(void **state)
{
    staging_t *at = *state;
    (void)s_profile(ASK(at, BOB, profile_update, .hidden = true));
    assert_int_equal(ASK(at, ALICE, profile_get, .account = BOB)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, ALICE, people_visit, .account = BOB)->status, ERR_NOT_FOUND);
    s_like(at, BOB, ALICE);
    assert_int_equal(ASK(at, ALICE, profile_get, .account = BOB)->status, ERR_OK);
}

static void test_who_is_gone_or_banned_is_nobody(void **state)
{
    staging_t *at = *state;
    staging_tell(at, EVENT_account_banned, BOB, &(account_banned_event_t){BOB, INT64_MAX, {0}});
    staging_tell(at, EVENT_account_deleted, CAROL,
                 &(account_deleted_event_t){CAROL, SLICE_LIT("deleted")});
    assert_int_equal(ASK(at, ALICE, profile_get, .account = BOB)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, ALICE, people_like, .account = CAROL)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, ALICE, people_block, .account = CAROL)->status, ERR_NOT_FOUND);
    staging_tell(at, EVENT_account_unbanned, BOB, &(account_unbanned_event_t){BOB});
    assert_int_equal(ASK(at, ALICE, profile_get, .account = BOB)->status, ERR_OK);
}

static void test_who_is_gone_leaves_no_profile(void **state)
{
    staging_t *at = *state;
    const tag_t chess = {.name = SLICE_LIT("chess")};
    (void)s_profile(ASK(at, BOB, profile_update, .description = SLICE_LIT("Likes long walks"),
                        .tags = {&chess, 1}));
    staging_tell(at, EVENT_account_deleted, BOB,
                 &(account_deleted_event_t){BOB, SLICE_LIT("deleted")});
    staging_commit(at);
    assert_int_equal(at->told_count, 1);
    assert_int_equal(at->told[0].record.type, EVENT_profile_updated);
    assert_int_equal(at->told[0].record.cause, at->seq - 1);
    assert_int_equal(staging_rows(at, 't'), 0);
    staging_tell(at, EVENT_account_deleted, CAROL,
                 &(account_deleted_event_t){CAROL, SLICE_LIT("deleted")});
    staging_commit(at);
    assert_int_equal(at->told_count, 0); /* had none */
}

static void test_a_list_leaves_out_whom_one_may_not_see(void **state)
{
    staging_t *at = *state;
    const uint64_t asked[] = {DAVE, BOB, NOBODY, CAROL, BOB};
    s_block(at, CAROL, ALICE);
    const outcome_t *outcome = ASK(at, ALICE, profile_list, .accounts = {asked, 5});
    const profile_list_t *list = outcome->answer;
    const profile_t *profiles = list->profiles.items;
    assert_int_equal(list->profiles.count, 2);
    assert_int_equal(profiles[0].account, BOB);
    assert_int_equal(profiles[1].account, DAVE);
}

/* ---- visits and likes ---- */

static void test_visits_are_listed_the_latest_first(void **state)
{
    staging_t *at = *state;
    const encounter_t *people;
    assert_int_equal(ASK(at, BOB, people_visit, .account = ALICE)->status, ERR_OK);
    assert_true(s_told(at, 0, EVENT_people_visited, ALICE));
    assert_int_equal(ASK(at, CAROL, people_visit, .account = ALICE)->status, ERR_OK);
    assert_int_equal(ASK(at, BOB, people_visit, .account = ALICE)->status, ERR_OK);
    assert_int_equal(at->told_count, 0); /* within a minute */
    at->now += MINUTE;
    assert_int_equal(ASK(at, BOB, people_visit, .account = ALICE)->status, ERR_OK);
    const encounter_list_t *list = s_people(ASK(at, ALICE, people_visits, 0));
    people = list->people.items;
    assert_int_equal(list->people.count, 2);
    assert_int_equal(people[0].account, BOB);
    assert_int_equal(people[1].account, CAROL);
    assert_true(slice_is(people[0].login, "bob"));
    list = s_people(ASK(at, ALICE, people_visits, .limit = 1));
    list = s_people(ASK(at, ALICE, people_visits, .before = list->next));
    people = list->people.items;
    assert_int_equal(list->people.count, 1);
    assert_int_equal(people[0].account, CAROL);
    assert_int_equal(s_profile(ASK(at, BOB, profile_get, .account = ALICE))->visits, 2);
}

static void test_a_like_twice_is_one(void **state)
{
    staging_t *at = *state;
    s_like(at, ALICE, BOB);
    assert_true(s_told(at, 0, EVENT_people_liked, BOB));
    s_like(at, ALICE, BOB);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(s_profile(ASK(at, CAROL, profile_get, .account = BOB))->likes, 1);
    assert_int_equal(s_people(ASK(at, BOB, people_likes, 0))->people.count, 1);
    assert_int_equal(s_people(ASK(at, ALICE, people_likes, .given = true))->people.count, 1);
}

static void test_a_match_is_made_once(void **state)
{
    staging_t *at = *state;
    s_like(at, ALICE, BOB);
    s_like(at, BOB, ALICE);
    s_like(at, ALICE, BOB);
    assert_int_equal(at->told_count, 0);
    s_like(at, BOB, ALICE);
    assert_int_equal(at->told_count, 0);
}

static void test_a_mutual_like_is_a_match(void **state)
{
    staging_t *at = *state;
    s_like(at, ALICE, BOB);
    const relation_t *relation = s_relation(ASK(at, BOB, people_like, .account = ALICE));
    assert_true(relation->liked != 0 && relation->likes != 0 && relation->matched != 0);
    assert_int_equal(at->told_count, 2);
    assert_true(s_told(at, 0, EVENT_people_liked, ALICE));
    assert_true(s_told(at, 1, EVENT_people_matched, ALICE));
    assert_int_equal(s_people(ASK(at, ALICE, people_matches, 0))->people.count, 1);
    assert_int_equal(s_people(ASK(at, BOB, people_matches, 0))->people.count, 1);
}

static void test_an_unlike_ends_a_match(void **state)
{
    staging_t *at = *state;
    s_like(at, ALICE, BOB);
    s_like(at, BOB, ALICE);
    const relation_t *relation = s_relation(ASK(at, ALICE, people_unlike, .account = BOB));
    assert_true(relation->liked == 0 && relation->likes != 0 && relation->matched == 0);
    assert_true(s_told(at, 0, EVENT_people_unliked, BOB));
    assert_true(((const people_unliked_event_t *)at->told[0].body)->matched);
    assert_int_equal(s_people(ASK(at, BOB, people_matches, 0))->people.count, 0);
    (void)ASK(at, ALICE, people_unlike, .account = BOB);
    assert_int_equal(at->told_count, 0);
    s_like(at, ALICE, BOB); /* and again it is one */
    assert_true(s_told(at, 1, EVENT_people_matched, BOB));
}

static void test_a_dislike_takes_a_like_back(void **state)
{
    staging_t *at = *state;
    s_like(at, ALICE, BOB);
    const relation_t *relation = s_relation(ASK(at, ALICE, people_dislike, .account = BOB));
    assert_true(relation->liked == 0 && relation->disliked != 0);
    assert_true(s_told(at, 0, EVENT_people_unliked, BOB));
    assert_true(s_told(at, 1, EVENT_people_disliked, ALICE)); /* not told to Bob */
    (void)ASK(at, ALICE, people_dislike, .account = BOB);
    assert_int_equal(at->told_count, 0);
    relation = s_relation(ASK(at, ALICE, people_like, .account = BOB));
    assert_true(relation->liked != 0 && relation->disliked == 0);
    assert_int_equal(staging_rows(at, 'n'), 1);
}

static void test_nobody_meets_themselves(void **state)
{
    staging_t *at = *state;
    assert_int_equal(ASK(at, ALICE, people_like, .account = ALICE)->status, ERR_INVALID);
    assert_int_equal(ASK(at, ALICE, people_block, .account = ALICE)->status, ERR_INVALID);
    assert_int_equal(ASK(at, ALICE, people_like, .account = NOBODY)->status, ERR_NOT_FOUND);
}

/* ---- chats ---- */

static void test_who_closed_a_chat_opens_it_again(void **state)
{
    staging_t *at = *state;
    assert_int_equal(s_relation(ASK(at, ALICE, people_connect, .account = BOB))->chat,
                     chat_state_OPEN);
    assert_true(s_told(at, 0, EVENT_people_connected, BOB));
    (void)ASK(at, BOB, people_connect, .account = ALICE);
    assert_int_equal(at->told_count, 0);
    const relation_t *closed = s_relation(ASK(at, BOB, people_disconnect, .account = ALICE));
    assert_int_equal(closed->chat, chat_state_CLOSED);
    assert_int_equal(closed->closed_by, BOB);
    (void)ASK(at, ALICE, people_disconnect, .account = BOB); /* is closed: does nothing */
    assert_int_equal(at->told_count, 0);
    assert_int_equal(ASK(at, ALICE, people_connect, .account = BOB)->status, ERR_CLOSED);
    assert_int_equal(s_relation(ASK(at, BOB, people_connect, .account = ALICE))->chat,
                     chat_state_OPEN);
}

static void test_a_direct_room_is_an_open_chat(void **state)
{
    staging_t *at = *state;
    const room_t room = {.id = 1,
                         .gid = SLICE_LIT("abcdefgh"),
                         .kind = room_kind_DIRECT,
                         .creator = ALICE,
                         .first = ALICE,
                         .second = BOB};
    staging_tell(at, EVENT_room_created, ALICE, &(room_created_event_t){.room = &room});
    assert_int_equal(s_profile(ASK(at, BOB, profile_get, .account = ALICE))->relation->chat,
                     chat_state_OPEN);
}

/* ---- blocks ---- */

static void test_the_blocked_see_nothing(void **state)
{
    staging_t *at = *state;
    s_like(at, BOB, ALICE);
    assert_int_equal(ASK(at, BOB, people_visit, .account = ALICE)->status, ERR_OK);
    s_block(at, ALICE, BOB);
    assert_true(s_told(at, 0, EVENT_people_blocked, ALICE)); /* not told to Bob */
    s_block(at, ALICE, BOB);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(ASK(at, BOB, profile_get, .account = ALICE)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, BOB, people_visit, .account = ALICE)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, BOB, people_like, .account = ALICE)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, BOB, people_connect, .account = ALICE)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, BOB, people_why_not, .account = ALICE)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(at, ALICE, profile_get, .account = BOB)->status, ERR_BLOCKED);
    assert_int_equal(ASK(at, ALICE, people_like, .account = BOB)->status, ERR_BLOCKED);
    assert_int_equal(s_people(ASK(at, ALICE, people_likes, 0))->people.count, 0);
    assert_int_equal(s_people(ASK(at, ALICE, people_visits, 0))->people.count, 0);
    assert_int_equal(s_people(ASK(at, BOB, people_likes, .given = true))->people.count, 0);
    assert_int_equal(s_people(ASK(at, ALICE, people_blocks, 0))->people.count, 1);
    assert_int_equal(s_people(ASK(at, BOB, people_blocks, 0))->people.count, 0);
}

static void test_tags_of_who_blocks_are_not_counted(void **state)
{
    staging_t *at = *state;
    const tag_t hers[] = {{SLICE_LIT("tea")}, {SLICE_LIT("hers alone")}}, his = {SLICE_LIT("tea")};
    (void)s_profile(ASK(at, ALICE, profile_update, .tags = {hers, 2}));
    (void)s_profile(ASK(at, BOB, profile_update, .tags = {&his, 1}));
    s_block(at, ALICE, BOB);
    const tag_list_t *list = ASK(at, BOB, people_tags, 0)->answer;
    const tag_t *tags = list->tags.items;
    assert_int_equal(list->tags.count, 1);
    assert_true(slice_is(tags[0].name, "tea") && tags[0].count == 1);
    list = ASK(at, CAROL, people_tags, 0)->answer;
    assert_int_equal(list->tags.count, 2);
}

static void test_a_relation_to_who_blocks_is_ones_own_side(void **state)
{
    staging_t *at = *state;
    s_like(at, ALICE, BOB);
    s_like(at, BOB, ALICE);
    s_block(at, ALICE, BOB);
    const relation_t *relation = s_relation(ASK(at, BOB, people_unblock, .account = ALICE));
    assert_true(relation->liked != 0);
    assert_true(relation->likes == 0 && relation->matched == 0);
    assert_int_equal(relation->chat, chat_state_NONE);
}

static void test_an_unblock_brings_everything_back(void **state)
{
    staging_t *at = *state;
    s_like(at, BOB, ALICE);
    s_block(at, ALICE, BOB);
    s_block(at, BOB, ALICE); /* works on somebody whom one cannot see */
    (void)s_relation(ASK(at, ALICE, people_unblock, .account = BOB));
    assert_int_equal(ASK(at, ALICE, profile_get, .account = BOB)->status, ERR_NOT_FOUND);
    (void)s_relation(ASK(at, BOB, people_unblock, .account = ALICE));
    assert_int_equal(ASK(at, ALICE, profile_get, .account = BOB)->status, ERR_OK);
    assert_int_equal(s_people(ASK(at, ALICE, people_likes, 0))->people.count, 1);
}

static void test_moderators_see_everybody(void **state)
{
    staging_t *at = *state;
    s_make_moderator(at, DAVE, role_MODERATOR);
    s_block(at, ALICE, DAVE);
    assert_int_equal(ASK(at, DAVE, profile_get, .account = ALICE)->status, ERR_OK);
    assert_int_equal(ASK(at, 0, profile_get, .account = ALICE)->status, ERR_OK);
}

/* ---- reports ---- */

static const report_t *s_report(staging_t *at, uint64_t who, uint64_t whom)
{
    const outcome_t *outcome = ASK(at, who, people_report, .account = whom,
                                   .reason = report_reason_SPAM, .text = SLICE_LIT("buy this"));
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

static void test_a_report_waits_for_a_moderator(void **state)
{
    staging_t *at = *state;
    s_make_moderator(at, DAVE, role_MODERATOR);
    assert_int_equal(s_report(at, ALICE, BOB)->id, 1);
    assert_true(s_told(at, 0, EVENT_people_reported, 0));
    assert_int_equal(s_report(at, ALICE, BOB)->id, 1); /* still waits */
    assert_int_equal(at->told_count, 0);
    assert_int_equal(s_report(at, CAROL, BOB)->id, 2);
    assert_int_equal(ASK(at, ALICE, report_list, 0)->status, ERR_FORBIDDEN);
    const report_list_t *list = ASK(at, DAVE, report_list, .after = 1)->answer;
    assert_int_equal(list->reports.count, 1);
    assert_int_equal(
        ASK(at, ALICE, report_resolve, .report = 1, .outcome = report_outcome_WARNED)->status,
        ERR_FORBIDDEN);
    const report_t *report =
        ASK(at, DAVE, report_resolve, .report = 1, .outcome = report_outcome_WARNED)->answer;
    assert_int_equal(report->moderator, DAVE);
    assert_true(s_told(at, 0, EVENT_report_resolved, ALICE));
    list = ASK(at, 0, report_list, 0)->answer;
    assert_int_equal(list->reports.count, 1);
    list = ASK(at, DAVE, report_list, .all = true)->answer;
    assert_int_equal(list->reports.count, 2);
    assert_int_equal(s_report(at, ALICE, BOB)->id, 3); /* that was decided: a new one */
}

static void test_what_is_decided_is_decided(void **state)
{
    staging_t *at = *state;
    s_make_moderator(at, DAVE, role_MODERATOR);
    (void)s_report(at, ALICE, BOB);
#define RESOLVE(...) ASK(at, DAVE, report_resolve, __VA_ARGS__)->status
    assert_int_equal(RESOLVE(.report = 9, .outcome = report_outcome_WARNED), ERR_NOT_FOUND);
    assert_int_equal(RESOLVE(.report = 1, .outcome = report_outcome_WARNED, .until = INT64_MAX),
                     ERR_INVALID);
    assert_int_equal(RESOLVE(.report = 1, .outcome = report_outcome_BANNED, .until = 1),
                     ERR_INVALID);
    assert_int_equal(RESOLVE(.report = 1, .outcome = report_outcome_DISMISSED), ERR_OK);
    assert_int_equal(RESOLVE(.report = 1, .outcome = report_outcome_DISMISSED), ERR_OK);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(RESOLVE(.report = 1, .outcome = report_outcome_BANNED), ERR_INVALID);
#undef RESOLVE
}

static void test_moderators_ban_no_staff(void **state)
{
    staging_t *at = *state;
    s_make_moderator(at, DAVE, role_MODERATOR);
    s_make_moderator(at, CAROL, role_ADMIN);
    s_make_moderator(at, BOB, role_SYSTEM);
    (void)s_report(at, ALICE, CAROL);
    (void)s_report(at, ALICE, DAVE);
    (void)s_report(at, ALICE, BOB);
#define BAN(who, id) \
    ASK(at, who, report_resolve, .report = id, .outcome = report_outcome_BANNED)->status
    assert_int_equal(BAN(DAVE, 1), ERR_FORBIDDEN);
    assert_int_equal(BAN(DAVE, 2), ERR_FORBIDDEN);
    assert_int_equal(BAN(CAROL, 1), ERR_FORBIDDEN); /* oneself */
    assert_int_equal(BAN(CAROL, 3), ERR_FORBIDDEN);
    assert_int_equal(BAN(CAROL, 2), ERR_OK);
#undef BAN
}

static void test_fame_is_what_others_make_of_one(void **state)
{
    staging_t *at = *state;
    s_make_moderator(at, DAVE, role_MODERATOR);
    s_like(at, ALICE, BOB);
    assert_int_equal(ASK(at, CAROL, people_visit, .account = BOB)->status, ERR_OK);
    assert_int_equal(s_profile(ASK(at, ALICE, profile_get, .account = BOB))->fame,
                     21); /* 11 points */
    s_like(at, BOB, ALICE);
    assert_int_equal(s_profile(ASK(at, ALICE, profile_get, .account = BOB))->fame, 58); /* 31 */
    s_block(at, CAROL, BOB);
    assert_int_equal(s_profile(ASK(at, ALICE, profile_get, .account = BOB))->fame, 49); /* 26 */
    (void)s_report(at, CAROL, BOB);
    (void)ASK(at, DAVE, report_resolve, .report = 1, .outcome = report_outcome_WARNED);
    assert_int_equal(s_profile(ASK(at, ALICE, profile_get, .account = BOB))->fame, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)
    const struct CMUnitTest tests[] = {
        TEST(test_only_what_is_sent_changes),
        TEST(test_any_is_no_preference),
        TEST(test_an_age_is_a_birth),
        TEST(test_wrong_profiles_are_refused),
        TEST(test_the_first_photo_is_the_main_one),
        TEST(test_tags_are_counted),
        TEST(test_others_see_no_place_and_no_birthday),
        TEST(test_hidden_people_are_seen_by_those_they_like),
        TEST(test_who_is_gone_or_banned_is_nobody),
        TEST(test_who_is_gone_leaves_no_profile),
        TEST(test_a_list_leaves_out_whom_one_may_not_see),
        TEST(test_visits_are_listed_the_latest_first),
        TEST(test_a_like_twice_is_one),
        TEST(test_a_match_is_made_once),
        TEST(test_a_mutual_like_is_a_match),
        TEST(test_an_unlike_ends_a_match),
        TEST(test_a_dislike_takes_a_like_back),
        TEST(test_nobody_meets_themselves),
        TEST(test_who_closed_a_chat_opens_it_again),
        TEST(test_a_direct_room_is_an_open_chat),
        TEST(test_the_blocked_see_nothing),
        TEST(test_tags_of_who_blocks_are_not_counted),
        TEST(test_a_relation_to_who_blocks_is_ones_own_side),
        TEST(test_an_unblock_brings_everything_back),
        TEST(test_moderators_see_everybody),
        TEST(test_a_report_waits_for_a_moderator),
        TEST(test_what_is_decided_is_decided),
        TEST(test_moderators_ban_no_staff),
        TEST(test_fame_is_what_others_make_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
