/* room_member_test.c - ranks in a room: who may do what to whom, and for how long.
 *
 * Every test ends with the same question: does a fresh store that applies what was
 * committed become the same as the live one? */
#include "tests/unit/actors/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { OPERATOR, ALICE, BOB, CAROL, DAVE, ADMIN, WARDEN, PEOPLE = WARDEN, NOBODY = 99 };

static const int64_t s_hour = INT64_C(3600) * 1000 * 1000; /* µs */

static void s_hire(staging_t *at, uint64_t account, const char *login, role_t role)
{
    staging_tell(at, EVENT_account_registered, account,
                 &(account_registered_event_t){
                     .id = account,
                     .login = slice_of(login),
                     .username = slice_of(login),
                     .role = role,
                 });
}

static int s_setup(void **state)
{
    static const char *const names[] = {"alice", "bob", "carol", "dave"};
    srandom(1);
    staging_t *at = people_new(names, COUNT_OF(names));
    s_hire(at, ADMIN, "admin", role_ADMIN);
    s_hire(at, WARDEN, "warden", role_MODERATOR);
    *state = at;
    return 0;
}

/* ---- what people do ---- */

#define DO(at, who, name, ...) assert_int_equal(ASK(at, who, name, __VA_ARGS__)->status, ERR_OK)
#define REFUSED(err, at, who, name, ...) \
    assert_int_equal(ASK(at, who, name, __VA_ARGS__)->status, err)

static uint64_t s_room(staging_t *at, room_kind_t kind)
{
    const outcome_t *outcome = ASK(at, ALICE, room_create, .kind = kind);
    assert_int_equal(outcome->status, ERR_OK);
    return ((const room_t *)outcome->answer)->id;
}

/* Alice's, with Bob as its moderator and Carol as a member. */
static uint64_t s_full_room(staging_t *at, room_kind_t kind)
{
    uint64_t room = s_room(at, kind);
    for (uint64_t who = BOB; who <= CAROL; who++)
        DO(at, ADMIN, room_join, .room = room, .account = who);
    DO(at, ALICE, room_set_role, .room = room, .account = BOB, .role = room_role_MODERATOR);
    return room;
}

static uint64_t s_direct(staging_t *at)
{
    const outcome_t *outcome = ASK(at, ALICE, room_direct, .account = BOB);
    assert_int_equal(outcome->status, ERR_OK);
    return ((const room_t *)outcome->answer)->id;
}

static uint64_t s_members(staging_t *at, uint64_t room)
{
    const outcome_t *outcome = ASK(at, OPERATOR, room_get, .room = room);
    assert_int_equal(outcome->status, ERR_OK);
    return ((const room_t *)outcome->answer)->members;
}

static room_role_t s_role(staging_t *at, uint64_t room, uint64_t who)
{
    const outcome_t *outcome =
        ASK(at, OPERATOR, room_members, .room = room, .after = who - 1, .limit = 1);
    assert_int_equal(outcome->status, ERR_OK);
    const member_list_t *list = outcome->answer;
    const membership_t *member = list->members.items;
    return list->members.count > 0 && member->account == who ? member->role : room_role_NONE;
}

static void s_check_told(const staging_t *at, size_t index, event_number_t event, uint64_t room,
                         uint64_t account)
{
    assert_true(index < at->told_count);
    assert_int_equal(at->told[index].record.type, event);
    assert_int_equal(at->told[index].record.room, room);
    assert_int_equal(at->told[index].record.account, account);
}

static void s_check_detail(const outcome_t *outcome, err_t status, const char *part)
{
    assert_int_equal(outcome->status, status);
    assert_non_null(memmem(outcome->detail.ptr, outcome->detail.len, part, strlen(part)));
}

/* ---- titles ---- */

static void s_test_owners_and_moderators_name_a_room(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_OPEN);
    const room_t *named = ASK(at, BOB, room_rename, .room = room, .name = SLICE_LIT("x"))->answer;
    assert_true(slice_is(named->name, "x"));
    assert_int_equal(named->members, 3);
    s_check_told(at, 0, EVENT_room_changed, room, 0);
    DO(at, ALICE, room_rename, .room = room, .name = SLICE_LIT("x"));
    assert_int_equal(at->told_count, 0); /* it was so before */
    DO(at, ALICE, room_post, .room = room, .text = SLICE_LIT("hello"));
    DO(at, ALICE, room_set_topic, .room = room, .topic = SLICE_LIT("talk"));
    const room_changed_event_t *changed = at->told[0].body;
    assert_int_equal(changed->by, ALICE);
    assert_int_equal(changed->room->seq, 1);
    named = ASK(at, DAVE, room_get, .room = room)->answer;
    assert_true(slice_is(named->name, "x") && slice_is(named->topic, "talk"));
    assert_int_equal(named->seq, 1);

    REFUSED(ERR_FORBIDDEN, at, CAROL, room_rename, .room = room, .name = SLICE_LIT("y"));
    REFUSED(ERR_FORBIDDEN, at, DAVE, room_set_topic, .room = room, .topic = SLICE_LIT("y"));
    DO(at, WARDEN, room_rename, .room = room, .name = SLICE_LIT("y"));
    uint64_t hidden = s_room(at, room_kind_PRIVATE);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_rename, .room = hidden, .name = SLICE_LIT("y"));
    REFUSED(ERR_NOT_FOUND, at, WARDEN, room_rename, .room = hidden, .name = SLICE_LIT("y"));
    DO(at, ADMIN, room_rename, .room = hidden, .name = SLICE_LIT("y"));
    REFUSED(ERR_FORBIDDEN, at, BOB, room_rename, .room = s_direct(at), .name = SLICE_LIT("y"));
}

/* ---- the end of a room ---- */

static size_t s_listed(staging_t *at, uint64_t who)
{
    return ((const room_list_t *)ASK(at, who, room_list, )->answer)->rooms.count;
}

static void s_test_a_deleted_room_looks_like_none(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_OPEN), other = s_full_room(at, room_kind_PRIVATE);
    DO(at, BOB, room_invite, .room = room, .account = DAVE);
    REFUSED(ERR_FORBIDDEN, at, BOB, room_delete, .room = room);
    REFUSED(ERR_FORBIDDEN, at, WARDEN, room_delete, .room = room);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_delete, .room = other);
    DO(at, ALICE, room_delete, .room = room);
    s_check_told(at, 0, EVENT_room_deleted, room, 0);

    REFUSED(ERR_NOT_FOUND, at, ALICE, room_delete, .room = room);
    REFUSED(ERR_NOT_FOUND, at, ALICE, room_get, .room = room);
    REFUSED(ERR_NOT_FOUND, at, ALICE, room_members, .room = room);
    REFUSED(ERR_NOT_FOUND, at, ALICE, room_history, .room = room);
    REFUSED(ERR_NOT_FOUND, at, ALICE, room_post, .room = room, .text = SLICE_LIT("hello"));
    REFUSED(ERR_NOT_FOUND, at, ALICE, room_leave, .room = room);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_join, .room = room);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_decline, .room = room);
    REFUSED(ERR_NOT_FOUND, at, OPERATOR, room_get, .room = room);
    const room_ids_t *ids = ASK(at, ALICE, room_ids, )->answer;
    assert_int_equal(ids->rooms.count, 1);
    assert_int_equal(ids->rooms.items[0], other);
    assert_int_equal(s_listed(at, ALICE), 1);
    const invitation_list_t *invited = ASK(at, DAVE, room_invitations, )->answer;
    assert_int_equal(invited->invitations.count, 0);
}

/* A page is filled behind what it passes over. */
static void s_test_deleted_rooms_leave_no_gap_in_a_list(void **state)
{
    staging_t *at = *state;
    uint64_t rooms[6];
    for (size_t i = 0; i < COUNT_OF(rooms); i++)
        rooms[i] = s_room(at, room_kind_OPEN);
    for (size_t i = 0; i < COUNT_OF(rooms); i += 2)
        DO(at, ALICE, room_delete, .room = rooms[i]);
    const room_list_t *page = ASK(at, ALICE, room_list, .limit = 2)->answer;
    const room_t *listed = page->rooms.items;
    assert_int_equal(page->rooms.count, 2);
    assert_int_equal(listed[0].id, rooms[1]);
    assert_int_equal(listed[1].id, rooms[3]);
    assert_int_equal(s_listed(at, OPERATOR), 3);
}

static void s_test_the_two_of_a_deleted_direct_room_begin_anew(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_direct(at);
    REFUSED(ERR_FORBIDDEN, at, ALICE, room_delete, .room = room);
    DO(at, ADMIN, room_delete, .room = room);
    assert_int_not_equal(s_direct(at), room);
}

/* ---- roles ---- */

static void s_test_owners_give_roles(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_PRIVATE);
    REFUSED(ERR_FORBIDDEN, at, BOB, room_set_role, room, CAROL, room_role_MODERATOR);
    REFUSED(ERR_FORBIDDEN, at, CAROL, room_set_role, room, CAROL, room_role_OWNER);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_set_role, room, DAVE, room_role_OWNER);
    REFUSED(ERR_NOT_FOUND, at, ALICE, room_set_role, room, DAVE, room_role_MODERATOR);
    REFUSED(ERR_INVALID, at, ALICE, room_set_role, room, CAROL, room_role_READER);
    DO(at, ALICE, room_set_role, room, CAROL, room_role_OWNER);
    s_check_told(at, 0, EVENT_room_role_changed, room, CAROL);
    DO(at, ALICE, room_set_role, room, CAROL, room_role_OWNER);
    assert_int_equal(at->told_count, 0);
    REFUSED(ERR_FORBIDDEN, at, ALICE, room_set_role, room, CAROL, room_role_MEMBER); /* equals */
    DO(at, CAROL, room_set_role, room, CAROL, room_role_MEMBER);
    assert_int_equal(s_role(at, room, CAROL), room_role_MEMBER);
    DO(at, ADMIN, room_set_role, room, CAROL, room_role_OWNER);
    REFUSED(ERR_FORBIDDEN, at, ADMIN, room_set_role, s_direct(at), BOB, room_role_OWNER);
}

static void s_test_a_room_keeps_an_owner(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_PRIVATE);
    s_check_detail(ASK(at, ALICE, room_leave, .room = room), ERR_FORBIDDEN, "owner first");
    REFUSED(ERR_FORBIDDEN, at, ALICE, room_set_role, room, ALICE, room_role_MEMBER);
    DO(at, ALICE, room_set_role, room, BOB, room_role_OWNER);
    DO(at, ALICE, room_leave, .room = room);
    REFUSED(ERR_FORBIDDEN, at, BOB, room_leave, .room = room);
    DO(at, BOB, room_kick, .room = room, .account = CAROL);
    assert_int_equal(s_members(at, room), 1);
    DO(at, BOB, room_leave, .room = room); /* alone */
    assert_int_equal(s_members(at, room), 0);
}

static void s_test_members_are_counted(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, room_kind_OPEN);
    assert_int_equal(s_members(at, room), 1);
    DO(at, BOB, room_enter, .room = room);
    DO(at, BOB, room_join, .room = room);
    DO(at, BOB, room_join, .room = room);
    DO(at, CAROL, room_post, .room = room, .text = SLICE_LIT("hello"));
    assert_int_equal(s_members(at, room), 3);
    DO(at, BOB, room_leave, .room = room);
    assert_int_equal(s_members(at, room), 2);
    assert_int_equal(((const room_t *)ASK(at, BOB, room_direct, .account = CAROL)->answer)->members,
                     2);
}

/* ---- putting out ---- */

static void s_test_one_acts_on_lower_ranks_only(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_OPEN);
    DO(at, DAVE, room_join, .room = room);
    DO(at, WARDEN, room_join, .room = room);
    REFUSED(ERR_FORBIDDEN, at, CAROL, room_kick, .room = room, .account = DAVE);
    REFUSED(ERR_FORBIDDEN, at, BOB, room_kick, .room = room, .account = ALICE);
    REFUSED(ERR_FORBIDDEN, at, BOB, room_kick, .room = room, .account = WARDEN); /* equals */
    REFUSED(ERR_FORBIDDEN, at, WARDEN, room_mute, .room = room, .account = BOB, .until = INT64_MAX);
    REFUSED(ERR_FORBIDDEN, at, BOB, room_ban, .room = room, .account = ADMIN);
    REFUSED(ERR_FORBIDDEN, at, ALICE, room_ban, .room = room, .account = ADMIN);
    REFUSED(ERR_INVALID, at, BOB, room_kick, .room = room, .account = BOB);
    REFUSED(ERR_INVALID, at, BOB, room_ban, .room = room, .account = BOB);
    REFUSED(ERR_INVALID, at, BOB, room_mute, .room = room, .account = BOB, .until = INT64_MAX);
    DO(at, BOB, room_kick, .room = room, .account = CAROL);
    s_check_told(at, 0, EVENT_room_left, room, CAROL);
    assert_int_equal(((const room_left_event_t *)at->told[0].body)->by, BOB);
    DO(at, WARDEN, room_leave, .room = room, .account = DAVE); /* the same */
    REFUSED(ERR_NOT_FOUND, at, BOB, room_kick, .room = room, .account = DAVE);
    DO(at, ALICE, room_kick, .room = room, .account = WARDEN);
    DO(at, ADMIN, room_kick, .room = room, .account = ALICE);
    DO(at, CAROL, room_join, .room = room); /* a kick is no ban */
}

static void s_test_staff_and_private_rooms(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_PRIVATE);
    REFUSED(ERR_NOT_FOUND, at, WARDEN, room_get, .room = room);
    REFUSED(ERR_NOT_FOUND, at, WARDEN, room_kick, .room = room, .account = CAROL);
    DO(at, CAROL, room_join, .room = room, .account = WARDEN);
    DO(at, WARDEN, room_kick, .room = room, .account = CAROL);
    DO(at, ADMIN, room_history, .room = room);
    DO(at, ADMIN, room_bans, .room = room);
    REFUSED(ERR_FORBIDDEN, at, ADMIN, room_enter, .room = room);
    DO(at, ADMIN, room_join, .room = room);
    REFUSED(ERR_FORBIDDEN, at, ADMIN, room_join, .room = s_direct(at));
    assert_int_equal(s_role(at, room, ADMIN), room_role_MEMBER);
    const outcome_t *direct = ASK(at, WARDEN, room_direct, .account = CAROL);
    uint64_t two = ((const room_t *)direct->answer)->id;
    REFUSED(ERR_FORBIDDEN, at, WARDEN, room_rename, .room = two, .name = SLICE_LIT("mine"));
}

/* ---- bans ---- */

static void s_test_a_ban_keeps_out(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_OPEN), hidden = s_full_room(at, room_kind_PRIVATE);
    REFUSED(ERR_FORBIDDEN, at, CAROL, room_ban, .room = room, .account = DAVE);
    REFUSED(ERR_NOT_FOUND, at, BOB, room_ban, .room = room, .account = NOBODY);
    REFUSED(ERR_INVALID, at, BOB, room_ban, .room = room, .account = CAROL, .until = at->now);
    REFUSED(ERR_FORBIDDEN, at, ADMIN, room_ban, .room = s_direct(at), .account = BOB);
    DO(at, BOB, room_ban, .room = room, .account = CAROL, .reason = SLICE_LIT("spam"));
    assert_int_equal(at->told_count, 2);
    s_check_told(at, 0, EVENT_room_left, room, CAROL);
    s_check_told(at, 1, EVENT_room_banned, room, CAROL);
    assert_int_equal(s_role(at, room, CAROL), room_role_NONE);

    s_check_detail(ASK(at, CAROL, room_join, .room = room), ERR_FORBIDDEN, "banned");
    REFUSED(ERR_FORBIDDEN, at, CAROL, room_enter, .room = room);
    REFUSED(ERR_FORBIDDEN, at, CAROL, room_post, .room = room, .text = SLICE_LIT("let me in"));
    REFUSED(ERR_FORBIDDEN, at, CAROL, room_typing, .room = room, .typing = true);
    REFUSED(ERR_FORBIDDEN, at, ALICE, room_invite, .room = room, .account = CAROL);
    REFUSED(ERR_FORBIDDEN, at, ADMIN, room_join, .room = room, .account = CAROL);
    DO(at, CAROL, room_history, .room = room); /* as anybody who has its id */
    DO(at, BOB, room_ban, .room = hidden, .account = DAVE);
    assert_int_equal(at->told_count, 1); /* he was not in it */
    REFUSED(ERR_FORBIDDEN, at, ALICE, room_join, .room = hidden, .account = DAVE);

    DO(at, ALICE, room_unban, .room = room, .account = CAROL);
    s_check_told(at, 0, EVENT_room_unbanned, room, CAROL);
    REFUSED(ERR_NOT_FOUND, at, ALICE, room_unban, .room = room, .account = CAROL);
    DO(at, CAROL, room_join, .room = room);
}

static void s_test_a_ban_ends_by_itself(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_OPEN);
    int64_t until = INT64_C(4102444800) * 1000000; /* 2100-01-01 */
    at->now = until - s_hour;
    DO(at, BOB, room_ban, .room = room, .account = CAROL, .until = until);
    DO(at, BOB, room_ban, .room = room, .account = DAVE);
    s_check_detail(ASK(at, CAROL, room_join, .room = room), ERR_FORBIDDEN, "2100-01-01T00:00:00Z");
    s_check_detail(ASK(at, DAVE, room_join, .room = room), ERR_FORBIDDEN, "for good");
    const ban_list_t *bans = ASK(at, BOB, room_bans, .room = room)->answer;
    assert_int_equal(bans->bans.count, 2);
    assert_int_equal(((const room_ban_t *)bans->bans.items)->account, CAROL);
    REFUSED(ERR_FORBIDDEN, at, CAROL, room_bans, .room = room);

    at->now = until + s_hour;
    bans = ASK(at, BOB, room_bans, .room = room)->answer;
    assert_int_equal(bans->bans.count, 1);
    DO(at, CAROL, room_join, .room = room);
}

/* ---- mutes ---- */

static void s_test_who_is_muted_reads_only(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_OPEN);
    int64_t until = at->now + s_hour;
    REFUSED(ERR_NOT_FOUND, at, BOB, room_mute, .room = room, .account = DAVE, .until = until);
    REFUSED(ERR_INVALID, at, BOB, room_mute, .room = room, .account = CAROL, .until = at->now);
    const membership_t *muted =
        ASK(at, BOB, room_mute, .room = room, .account = CAROL, .until = until)->answer;
    assert_int_equal(muted->muted_until, until);
    s_check_told(at, 0, EVENT_room_role_changed, room, CAROL);
    s_check_detail(ASK(at, CAROL, room_post, .room = room, .text = SLICE_LIT("hello")),
                   ERR_FORBIDDEN, "muted in this room until");
    REFUSED(ERR_FORBIDDEN, at, CAROL, room_typing, .room = room, .typing = true);
    DO(at, CAROL, room_history, .room = room);
    DO(at, BOB, room_mute, .room = room, .account = CAROL);
    DO(at, CAROL, room_post, .room = room, .text = SLICE_LIT("hello"));

    DO(at, BOB, room_mute, .room = room, .account = CAROL, .until = until);
    at->now = until;
    DO(at, CAROL, room_post, .room = room, .text = SLICE_LIT("hello"));
}

/* Leaving and coming again does not lift it, whichever way one comes. */
static void s_test_a_mute_outlives_the_membership(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_OPEN);
    int64_t until = at->now + s_hour;
    DO(at, BOB, room_mute, .room = room, .account = CAROL, .until = until);
    DO(at, CAROL, room_leave, .room = room);
    REFUSED(ERR_FORBIDDEN, at, CAROL, room_post, .room = room, .text = SLICE_LIT("hello"));
    DO(at, CAROL, room_enter, .room = room);
    REFUSED(ERR_FORBIDDEN, at, CAROL, room_post, .room = room, .text = SLICE_LIT("hello"));
    const membership_t *again = ASK(at, CAROL, room_join, .room = room)->answer;
    assert_int_equal(again->role, room_role_MEMBER);
    assert_int_equal(again->muted_until, until);
    DO(at, CAROL, room_leave, .room = room);
    at->now = until;
    DO(at, CAROL, room_post, .room = room, .text = SLICE_LIT("hello"));
}

/* ---- invitations ---- */

static void s_test_an_invitation_lets_in(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_PRIVATE);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_join, .room = room);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_invite, .room = room, .account = DAVE);
    REFUSED(ERR_NOT_FOUND, at, CAROL, room_invite, .room = room, .account = NOBODY);
    REFUSED(ERR_INVALID, at, CAROL, room_invite, .room = room, .account = BOB);
    DO(at, CAROL, room_invite, .room = room, .account = DAVE);
    s_check_told(at, 0, EVENT_room_invited, room, DAVE);
    const invitation_t *same = ASK(at, BOB, room_invite, .room = room, .account = DAVE)->answer;
    assert_int_equal(same->by, CAROL); /* it stands */
    assert_int_equal(at->told_count, 0);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_get, .room = room); /* not before it is taken */
    DO(at, ALICE, room_rename, .room = room, .name = SLICE_LIT("now so"));
    const invitation_list_t *list = ASK(at, DAVE, room_invitations, )->answer;
    const invitation_t *invitation = list->invitations.items;
    assert_int_equal(list->invitations.count, 1);
    assert_true(slice_is(invitation->name, "now so"));

    DO(at, DAVE, room_join, .room = room);
    s_check_told(at, 0, EVENT_room_joined, room, DAVE);
    list = ASK(at, DAVE, room_invitations, )->answer;
    assert_int_equal(list->invitations.count, 0);
    DO(at, DAVE, room_leave, .room = room);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_join, .room = room); /* it was for once */
}

static void s_test_an_invitation_is_turned_down_or_taken_back(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_PRIVATE);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_decline, .room = room);
    DO(at, CAROL, room_invite, .room = room, .account = DAVE);
    DO(at, DAVE, room_decline, .room = room);
    s_check_told(at, 0, EVENT_room_uninvited, room, DAVE);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_join, .room = room);
    DO(at, ALICE, room_invite, .room = room, .account = DAVE);
    REFUSED(ERR_FORBIDDEN, at, CAROL, room_decline, .room = room, .account = DAVE);
    REFUSED(ERR_NOT_FOUND, at, WARDEN, room_decline, .room = room, .account = DAVE);
    DO(at, BOB, room_decline, .room = room, .account = DAVE);
    DO(at, CAROL, room_invite, .room = room, .account = DAVE);
    DO(at, CAROL, room_decline, .room = room, .account = DAVE); /* her own */
    DO(at, CAROL, room_invite, .room = room, .account = DAVE);
    DO(at, BOB, room_ban, .room = room, .account = DAVE);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_join, .room = room); /* it fell with the ban */
    DO(at, BOB, room_unban, .room = room, .account = DAVE);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_join, .room = room);
}

static void s_test_who_may_invite(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_OPEN);
    REFUSED(ERR_FORBIDDEN, at, DAVE, room_invite, .room = room, .account = WARDEN);
    DO(at, DAVE, room_enter, .room = room);
    REFUSED(ERR_FORBIDDEN, at, DAVE, room_invite, .room = room, .account = WARDEN);
    DO(at, CAROL, room_invite, .room = room, .account = WARDEN);
    DO(at, ADMIN, room_invite, .room = room, .account = ADMIN);
    REFUSED(ERR_FORBIDDEN, at, ALICE, room_invite, .room = s_direct(at), .account = CAROL);
}

/* ---- typing ---- */

static void s_test_typing_is_told_and_not_kept(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_PRIVATE);
    size_t journal = at->journal.len;
    DO(at, CAROL, room_typing, .room = room, .typing = true);
    s_check_told(at, 0, EVENT_room_typed, room, 0);
    const room_typed_event_t *typed = at->told[0].body;
    assert_int_equal(typed->account, CAROL);
    assert_int_equal(typed->until, at->now + 6000000);
    DO(at, CAROL, room_typing, .room = room);
    typed = at->told[0].body;
    assert_int_equal(typed->until, 0);
    assert_int_equal(at->journal.len, journal);
    REFUSED(ERR_NOT_FOUND, at, DAVE, room_typing, .room = room, .typing = true);
}

static void s_test_typing_goes_unsaid_in_large_rooms(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, room_kind_OPEN);
    for (uint64_t who = 1000; who < 1000 + LIMIT_TYPING_MEMBERS - 1; who++)
        DO(at, who, room_enter, .room = room);
    DO(at, ALICE, room_typing, .room = room, .typing = true);
    assert_int_equal(at->told_count, 1);
    DO(at, BOB, room_enter, .room = room);
    DO(at, ALICE, room_typing, .room = room, .typing = true);
    assert_int_equal(at->told_count, 0);
}

/* ---- operators ---- */

static void s_test_an_operator_sees_every_room(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_PRIVATE);
    (void)s_direct(at);
    assert_int_equal(s_listed(at, OPERATOR), 2);
    const room_list_t *rest = ASK(at, OPERATOR, room_list, .after = room)->answer;
    assert_int_equal(rest->rooms.count, 1);
    assert_int_equal(s_members(at, room), 3);
    DO(at, OPERATOR, room_bans, .room = room);
    REFUSED(ERR_NOT_FOUND, at, OPERATOR, room_get, .room = NOBODY);
}

/* ---- anything, in any order ---- */

static void s_do_something(staging_t *at, uint64_t room)
{
    uint64_t who = 1 + (uint64_t)random() % PEOPLE, whom = 1 + (uint64_t)random() % PEOPLE;
    int64_t until = random() % 2 ? 0 : at->now + random() % s_hour;
    switch (random() % 9) {
    case 0:
        (void)ASK(at, who, room_join, .room = room);
        break;
    case 1:
        (void)ASK(at, who, room_join, .room = room, .account = whom);
        break;
    case 2:
        (void)ASK(at, who, room_leave, .room = room);
        break;
    case 3:
        (void)ASK(at, who, room_kick, .room = room, .account = whom);
        break;
    case 4:
        (void)ASK(at, who, room_ban, .room = room, .account = whom, .until = until);
        break;
    case 5:
        (void)ASK(at, who, room_unban, .room = room, .account = whom);
        break;
    case 6:
        (void)ASK(at, who, room_mute, .room = room, .account = whom, .until = until);
        break;
    case 7:
        (void)ASK(at, who, room_invite, .room = room, .account = whom);
        break;
    default:
        (void)ASK(at, who, room_set_role, room, whom,
                  random() % 3 == 0 ? room_role_OWNER : room_role_MEMBER);
    }
}

/* What is counted is what is there, and as long as somebody stays, somebody owns. */
static void s_test_counts_hold_whatever_happens(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_full_room(at, room_kind_OPEN);
    for (int round = 0; round < 2000; round++) {
        s_do_something(at, room);
        if (round % 100 == 99)
            staging_restart(at);
        if (round % 10 > 0)
            continue;
        const member_list_t *list = ASK(at, OPERATOR, room_members, .room = room)->answer;
        size_t count = list->members.count;
        assert_int_equal(s_members(at, room), count);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s_test_owners_and_moderators_name_a_room),
        TEST(s_test_a_deleted_room_looks_like_none),
        TEST(s_test_deleted_rooms_leave_no_gap_in_a_list),
        TEST(s_test_the_two_of_a_deleted_direct_room_begin_anew),
        TEST(s_test_owners_give_roles),
        TEST(s_test_a_room_keeps_an_owner),
        TEST(s_test_members_are_counted),
        TEST(s_test_one_acts_on_lower_ranks_only),
        TEST(s_test_staff_and_private_rooms),
        TEST(s_test_a_ban_keeps_out),
        TEST(s_test_a_ban_ends_by_itself),
        TEST(s_test_who_is_muted_reads_only),
        TEST(s_test_a_mute_outlives_the_membership),
        TEST(s_test_an_invitation_lets_in),
        TEST(s_test_an_invitation_is_turned_down_or_taken_back),
        TEST(s_test_who_may_invite),
        TEST(s_test_typing_is_told_and_not_kept),
        TEST(s_test_typing_goes_unsaid_in_large_rooms),
        TEST(s_test_an_operator_sees_every_room),
        TEST(s_test_counts_hold_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
