/* room_read_test.c - read markers, and what is unread. */
#include "actors/room/head.h"
#include "tests/unit/actors/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void s_check_unread(staging_t *at, uint64_t who, uint64_t room, uint64_t read,
                           uint64_t mentions)
{
    unread_t unread = talk_unread(at, who, room);
    assert_int_equal(unread.read, read);
    assert_int_equal(unread.unread, unread.seq - read);
    assert_int_equal(unread.mentions, mentions);
}

static void s_test_a_marker_never_goes_back(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, BOB);
    const read_marker_t *marker = ASK(at, BOB, room_read, .room = room, .seq = 5)->answer;
    assert_int_equal(marker->seq, 0); /* nothing was said */
    assert_int_equal(at->told_count, 0);
    for (int i = 0; i < 5; i++)
        (void)talk_say(at, ALICE, room, i == 3 ? "@bob" : "hello");
    s_check_unread(at, BOB, room, 0, 1);
    s_check_unread(at, ALICE, room, 5, 0); /* one's own are read */
    marker = ASK(at, BOB, room_read, .room = room, .seq = 3)->answer;
    assert_int_equal(marker->seq, 3);
    assert_int_equal(at->told_count, 1);
    assert_int_equal(at->told[0].record.room, room);
    assert_int_equal(at->told[0].record.account, BOB);
    s_check_unread(at, BOB, room, 3, 1);
    marker = ASK(at, BOB, room_read, .room = room, .seq = 2)->answer;
    assert_int_equal(marker->seq, 3);
    assert_int_equal(at->told_count, 0);
    marker = ASK(at, BOB, room_read, .room = room, .seq = 1000)->answer;
    assert_int_equal(marker->seq, 5);
    s_check_unread(at, BOB, room, 5, 0);
    talk_check(ASK(at, CAROL, room_read, .room = room, .seq = 1), ERR_FORBIDDEN);
    talk_check(ASK(at, CAROL, room_unread, .room = room), ERR_NOT_FOUND);
    (void)talk_say(at, CAROL, room, "who speaks has read");
    s_check_unread(at, CAROL, room, 6, 0);
}

static void s_test_what_was_said_before_one_came_is_not_unread(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, BOB);
    talk_check(ASK(at, DAVE, room_enter, .room = room), ERR_OK); /* nothing was said yet */
    (void)talk_say(at, ALICE, room, "@everyone");
    talk_check(ASK(at, DAVE, room_join, .room = room), ERR_OK);
    s_check_unread(at, DAVE, room, 0, 1);
    talk_check(ASK(at, CAROL, room_enter, .room = room), ERR_OK);
    s_check_unread(at, CAROL, room, 1, 0);
    (void)talk_say(at, ALICE, room, "@carol");
    talk_check(ASK(at, CAROL, room_join, .room = room), ERR_OK); /* was a reader: is a member */
    s_check_unread(at, CAROL, room, 1, 1);
    talk_check(ASK(at, CAROL, room_leave, .room = room), ERR_OK);
    (void)talk_say(at, ALICE, room, "@everyone");
    talk_check(ASK(at, CAROL, room_join, .room = room), ERR_OK);
    s_check_unread(at, CAROL, room, 3, 0);
}

/* An admin may post everywhere, and is in the room only once they join it. */
static void s_test_an_admin_outside_is_no_reader(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_PRIVATE, BOB);
    staging_tell(at, EVENT_role_changed, DAVE,
                 &(role_changed_event_t){.account = DAVE, .role = role_ADMIN});
    (void)talk_say(at, DAVE, room, "a word from above");
    const marker_list_t *list = ASK(at, DAVE, room_readers, .room = room)->answer;
    assert_int_equal(list->readers.count, 2);
    talk_check(ASK(at, DAVE, room_unread, .room = room), ERR_NOT_FOUND);
    (void)talk_say(at, ALICE, room, "@everyone");
    talk_check(ASK(at, ALICE, room_join, .room = room, .account = DAVE), ERR_OK);
    s_check_unread(at, DAVE, room, 2, 0);
}

static void s_test_readers_are_listed(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_PRIVATE, CAROL);
    (void)talk_say(at, ALICE, room, "hello");
    talk_check(ASK(at, CAROL, room_read, .room = room, .seq = 1), ERR_OK);
    const marker_list_t *list = ASK(at, BOB, room_readers, .room = room)->answer;
    const read_marker_t *markers = list->readers.items;
    assert_int_equal(list->readers.count, 3);
    assert_int_equal(markers[0].account, ALICE);
    assert_int_equal(markers[0].seq, 1);
    assert_int_equal(markers[1].seq, 0);
    assert_int_equal(markers[2].account, CAROL);
    assert_int_equal(markers[2].seq, 1);
    assert_int_equal(markers[2].room, room);
    assert_true(markers[2].time > 0);
    talk_check(ASK(at, CAROL, room_leave, .room = room), ERR_OK);
    list = ASK(at, BOB, room_readers, .room = room, .after = ALICE)->answer;
    assert_int_equal(list->readers.count, 1);
    talk_check(ASK(at, CAROL, room_readers, .room = room), ERR_NOT_FOUND);
}

static void s_test_unread_is_told_for_all_rooms(void **state)
{
    staging_t *at = *state;
    uint64_t rooms[5];
    for (size_t i = 0; i < COUNT_OF(rooms); i++) {
        rooms[i] = talk_room(at, room_kind_OPEN, BOB);
        for (size_t n = 0; n < i; n++)
            (void)talk_say(at, ALICE, rooms[i], n == 0 ? "@bob" : "@everyone");
    }
    const unread_list_t *list = ASK(at, BOB, room_unread, .limit = 3)->answer;
    const unread_t *unread = list->rooms.items;
    assert_int_equal(list->rooms.count, 3);
    assert_int_equal(unread[2].unread, 2);
    list = ASK(at, BOB, room_unread, .after = rooms[2])->answer;
    unread = list->rooms.items;
    assert_int_equal(list->rooms.count, 2);
    assert_int_equal(unread[1].room, rooms[4]);
    assert_int_equal(unread[1].unread, 4);
    assert_int_equal(unread[1].mentions, 4);
    talk_check(ASK(at, ALICE, room_delete, .room = rooms[3]), ERR_OK);
    list = ASK(at, BOB, room_unread, .after = rooms[2])->answer;
    assert_int_equal(list->rooms.count, 1);
    talk_check(ASK(at, BOB, room_unread, .room = rooms[3]), ERR_NOT_FOUND);
    list = ASK(at, DAVE, room_unread, )->answer;
    assert_int_equal(list->rooms.count, 0);
}

/* In a large room reading is nobody else's affair. */
static void s_test_reading_is_told_to_small_rooms(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, 100);
    (void)talk_say(at, ALICE, room, "hello");
    talk_check(ASK(at, BOB, room_read, .room = room, .seq = 1), ERR_OK);
    assert_int_equal(at->told[0].record.room, room);
    talk_check(ASK(at, 101, room_join, .room = room), ERR_OK);
    (void)talk_say(at, ALICE, room, "hello");
    talk_check(ASK(at, BOB, room_read, .room = room, .seq = 2), ERR_OK);
    assert_int_equal(at->told[0].record.room, 0);
    assert_int_equal(at->told[0].record.account, BOB);
}

/* More of them than the room's own row remembers. */
static void s_test_all_who_have_spoken_have_read(void **state)
{
    enum { SPEAKERS = 3 * HEAD_SPEAKERS };
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, SPEAKERS), spoke[SPEAKERS + 1] = {0};
    for (uint64_t round = 0; round < 3; round++)
        for (uint64_t who = 1; who <= SPEAKERS; who += 1 + round)
            spoke[who] = talk_say(at, who, room, "a word");
    for (uint64_t who = 1; who <= SPEAKERS; who++)
        s_check_unread(at, who, room, spoke[who], 0);
    const marker_list_t *list = ASK(at, ALICE, room_readers, .room = room)->answer;
    const read_marker_t *readers = list->readers.items;
    assert_int_equal(list->readers.count, SPEAKERS);
    for (uint64_t who = 1; who <= SPEAKERS; who++)
        assert_int_equal(readers[who - 1].seq, spoke[who]);
    talk_check(ASK(at, BOB, room_leave, .room = room), ERR_OK);
    talk_check(ASK(at, BOB, room_join, .room = room), ERR_OK);
    s_check_unread(at, BOB, room, talk_unread(at, BOB, room).seq, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TALK(s_test_a_marker_never_goes_back),
        TALK(s_test_what_was_said_before_one_came_is_not_unread),
        TALK(s_test_readers_are_listed),
        TALK(s_test_all_who_have_spoken_have_read),
        TALK(s_test_an_admin_outside_is_no_reader),
        TALK(s_test_unread_is_told_for_all_rooms),
        TALK(s_test_reading_is_told_to_small_rooms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
