/* room_test.c - rooms, members and messages, as their callers see them.
 *
 * Every test ends with the same question: does a fresh store that applies what was
 * committed become the same as the live one? */
#include "tests/unit/actors/staging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"

enum { ALICE = 1, BOB, CAROL, DAVE, PEOPLE = DAVE, NOBODY = 99 };

static const int64_t s_day = INT64_C(24) * 60 * 60 * 1000 * 1000; /* µs */

static int s_setup(void **state)
{
    static const char *const names[] = {"alice", "bob", "carol", "dave"};
    staging_t *at = staging_new(&room_actor);
    for (uint64_t account = 1; account <= PEOPLE; account++)
        staging_tell(at, EVENT_account_registered, account,
                     &(account_registered_event_t){
                         .id = account,
                         .login = slice_of(names[account - 1]),
                         .username = slice_of(names[account - 1]),
                     });
    srandom(1);
    *state = at;
    return 0;
}

/* ---- what people do ---- */

static const outcome_t *s_ask(staging_t *at, uint64_t who, call_number_t call, const void *body)
{
    at->principal = who;
    at->now += 1000;
    for (size_t i = 0; i < RAND_SIZE; i++)
        at->rand[i] = (uint8_t)random();
    return staging_ask(at, call, body);
}

static const outcome_t *s_create(staging_t *at, uint64_t who, room_kind_t kind, const char *name,
                                 const char *client_id)
{
    room_create_call_t ask = {kind, slice_of(name), slice_of(client_id)};
    return s_ask(at, who, CALL_room_create, &ask);
}

static uint64_t s_room(staging_t *at, uint64_t who, room_kind_t kind)
{
    const outcome_t *outcome = s_create(at, who, kind, "a room", NULL);
    assert_int_equal(outcome->status, ERR_OK);
    return ((const room_t *)outcome->answer)->id;
}

static const outcome_t *s_post(staging_t *at, uint64_t who, uint64_t room, const char *text,
                               const char *client_id)
{
    room_post_call_t ask = {room, slice_of(text), slice_of(client_id)};
    return s_ask(at, who, CALL_room_post, &ask);
}

static const message_t *s_posted(const outcome_t *outcome)
{
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

static const outcome_t *s_join(staging_t *at, uint64_t who, uint64_t room, uint64_t whom)
{
    return s_ask(at, who, CALL_room_join, &(room_join_call_t){room, whom});
}

static const outcome_t *s_enter(staging_t *at, uint64_t who, uint64_t room)
{
    return s_ask(at, who, CALL_room_enter, &(room_enter_call_t){room});
}

static const outcome_t *s_leave(staging_t *at, uint64_t who, uint64_t room, uint64_t whom)
{
    return s_ask(at, who, CALL_room_leave, &(room_leave_call_t){room, whom});
}

static const outcome_t *s_direct(staging_t *at, uint64_t who, uint64_t whom)
{
    return s_ask(at, who, CALL_room_direct, &(room_direct_call_t){whom});
}

static const outcome_t *s_get(staging_t *at, uint64_t who, uint64_t room)
{
    return s_ask(at, who, CALL_room_get, &(room_get_call_t){room});
}

static const outcome_t *s_history(staging_t *at, uint64_t who, room_history_call_t ask)
{
    return s_ask(at, who, CALL_room_history, &ask);
}

static room_role_t s_role(const outcome_t *outcome)
{
    assert_int_equal(outcome->status, ERR_OK);
    return ((const membership_t *)outcome->answer)->role;
}

/* ---- rights ---- */

static void s_test_an_open_room_is_everybodys(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE, room_kind_OPEN);
    assert_int_equal(at->told_count, 2);
    assert_int_equal(at->told[0].record.type, EVENT_room_created);
    assert_int_equal(at->told[1].record.type, EVENT_room_joined);
    assert_int_equal(at->told[1].record.account, ALICE);
    assert_int_equal(s_get(at, BOB, room)->status, ERR_OK);
    assert_int_equal(s_history(at, BOB, (room_history_call_t){.room = room})->status, ERR_OK);

    const message_t *message = s_posted(s_post(at, BOB, room, "hello", NULL));
    assert_int_equal(message->sender, BOB);
    assert_true(slice_is(message->login, "bob"));
    assert_int_equal(at->told[0].record.type, EVENT_room_joined); /* who speaks hears */
    assert_int_equal(at->told[1].record.type, EVENT_room_posted);
    s_posted(s_post(at, BOB, room, "hello again", NULL));
    assert_int_equal(at->told_count, 1);
}

/* A room that is not yours looks like none, whatever is asked. */
static void s_check_hidden(staging_t *at, uint64_t who, uint64_t room)
{
    room_members_call_t members = {.room = room};
    room_history_call_t history = {.room = room};
    assert_int_equal(s_get(at, who, room)->status, ERR_NOT_FOUND);
    assert_int_equal(s_history(at, who, history)->status, ERR_NOT_FOUND);
    assert_int_equal(s_ask(at, who, CALL_room_members, &members)->status, ERR_NOT_FOUND);
    assert_int_equal(s_post(at, who, room, "hello", NULL)->status, ERR_NOT_FOUND);
    assert_int_equal(s_join(at, who, room, 0)->status, ERR_NOT_FOUND);
    assert_int_equal(s_join(at, who, room, CAROL)->status, ERR_NOT_FOUND);
    assert_int_equal(s_enter(at, who, room)->status, ERR_NOT_FOUND);
    assert_int_equal(s_leave(at, who, room, 0)->status, ERR_NOT_FOUND);
}

static void s_test_a_private_room_is_its_members(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE, room_kind_PRIVATE);
    s_check_hidden(at, BOB, room);
    s_check_hidden(at, BOB, room + 1); /* and none looks the same */
    assert_int_equal(s_role(s_join(at, ALICE, room, BOB)), room_role_MEMBER);
    assert_int_equal(s_role(s_join(at, ALICE, room, BOB)), room_role_MEMBER);
    assert_int_equal(at->told_count, 0); /* he was in it */
    assert_int_equal(s_role(s_join(at, BOB, room, CAROL)), room_role_MEMBER);
    s_posted(s_post(at, CAROL, room, "hello", NULL));
    assert_int_equal(s_join(at, CAROL, room, NOBODY)->status, ERR_NOT_FOUND);
    assert_int_equal(s_leave(at, BOB, room, CAROL)->status, ERR_FORBIDDEN);
    assert_int_equal(s_leave(at, BOB, room, BOB)->status, ERR_OK);
    s_check_hidden(at, BOB, room);
}

static void s_test_coming_into_an_open_room(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE, room_kind_OPEN);
    assert_int_equal(s_leave(at, BOB, room, 0)->status, ERR_NOT_FOUND);
    assert_int_equal(s_role(s_enter(at, BOB, room)), room_role_READER);
    assert_int_equal(s_role(s_enter(at, BOB, room)), room_role_READER);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(s_role(s_join(at, BOB, room, 0)), room_role_MEMBER);
    assert_int_equal(at->told_count, 1);
    assert_int_equal(s_role(s_join(at, BOB, room, BOB)), room_role_MEMBER);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(s_role(s_enter(at, BOB, room)), room_role_MEMBER);
    assert_int_equal(s_role(s_join(at, ALICE, room, 0)), room_role_OWNER);
    assert_int_equal(s_join(at, ALICE, room, CAROL)->status, ERR_FORBIDDEN);
    assert_int_equal(s_leave(at, BOB, room, 0)->status, ERR_OK);
    assert_int_equal(s_role(s_enter(at, BOB, room)), room_role_READER);
}

static void s_test_two_people_have_one_direct_room(void **state)
{
    staging_t *at = *state;
    const outcome_t *made = s_direct(at, ALICE, BOB);
    assert_int_equal(made->status, ERR_OK);
    const room_t *room = made->answer;
    uint64_t id = room->id;
    assert_int_equal(room->kind, room_kind_DIRECT);
    assert_int_equal(room->first, ALICE);
    assert_int_equal(room->second, BOB);
    assert_int_equal(at->told_count, 3);
    assert_int_equal(((const room_t *)s_direct(at, BOB, ALICE)->answer)->id, id);
    assert_int_equal(((const room_t *)s_direct(at, ALICE, BOB)->answer)->id, id);
    assert_int_equal(at->told_count, 0);
    assert_int_not_equal(((const room_t *)s_direct(at, ALICE, CAROL)->answer)->id, id);

    s_posted(s_post(at, BOB, id, "hello", NULL));
    s_check_hidden(at, DAVE, id);
    assert_int_equal(s_leave(at, ALICE, id, 0)->status, ERR_FORBIDDEN);
    assert_int_equal(s_join(at, ALICE, id, DAVE)->status, ERR_FORBIDDEN);
    assert_int_equal(s_direct(at, ALICE, ALICE)->status, ERR_INVALID);
    assert_int_equal(s_direct(at, ALICE, NOBODY)->status, ERR_NOT_FOUND);
    assert_int_equal(s_create(at, ALICE, room_kind_DIRECT, NULL, NULL)->status, ERR_INVALID);
}

/* ---- sequences ---- */

/* All that was ever committed of a room: 1, 2, 3 … */
static uint64_t s_check_gapless(const staging_t *at, uint64_t room)
{
    slice_t in = buf_slice(&at->journal);
    arena_t *arena = arena_new();
    uint64_t last = 0, last_id = 0;
    while (in.len > 0) {
        record_t record;
        fault_t fault;
        const void *body;
        assert_int_equal(record_read(&in, &record), ERR_OK);
        if (record.type != EVENT_room_posted || record.room != room)
            continue;
        assert_int_equal(codec_unpack(record.body, shape_room_posted_event(), arena, &fault, &body),
                         ERR_OK);
        const message_t *message = ((const room_posted_event_t *)body)->message;
        assert_int_equal(message->seq, ++last);
        assert_true(message->id > last_id);
        last_id = message->id;
    }
    arena_destroy(&arena);
    return last;
}

/* Many at once, some of them lost with an epoch, and a restart. */
static void s_test_sequences_have_no_gap(void **state)
{
    staging_t *at = *state;
    uint64_t rooms[] = {s_room(at, ALICE, room_kind_OPEN), s_room(at, BOB, room_kind_OPEN)};
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < 5; i++) {
            at->principal = 1 + (uint64_t)random() % PEOPLE;
            room_post_call_t post = {rooms[random() % 2], SLICE_LIT("hello"), {0}};
            staging_send(at, CALL_room_post, &post);
        }
        if (round % 5 == 4)
            staging_lose(at);
        else
            staging_commit(at);
        if (round % 20 == 19)
            staging_restart(at);
    }
    uint64_t count = s_check_gapless(at, rooms[0]) + s_check_gapless(at, rooms[1]);
    assert_int_equal(count, 60 * 5 * 4 / 5);
    const room_t *room = s_get(at, ALICE, rooms[0])->answer;
    assert_int_equal(room->seq, s_check_gapless(at, rooms[0]));
}

/* ---- receipts ---- */

static void s_test_a_retry_has_one_effect(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE, room_kind_OPEN), other = s_room(at, ALICE, room_kind_OPEN);
    uint64_t id = s_posted(s_post(at, ALICE, room, "once", "a-1"))->id;
    const message_t *again = s_posted(s_post(at, ALICE, room, "once", "a-1"));
    assert_int_equal(again->id, id);
    assert_int_equal(again->seq, 1);
    assert_true(again->repeated);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(s_post(at, ALICE, room, "twice", "a-1")->status, ERR_CLIENT_ID_REUSED);
    assert_int_equal(s_post(at, ALICE, other, "once", "a-1")->status, ERR_CLIENT_ID_REUSED);
    assert_int_equal(s_posted(s_post(at, ALICE, room, "once", NULL))->seq, 2);
    assert_int_equal(s_posted(s_post(at, ALICE, room, "once", NULL))->seq, 3);
    assert_int_equal(s_posted(s_post(at, BOB, room, "once", "a-1"))->seq, 4); /* his own id */
    assert_int_equal(s_posted(s_post(at, ALICE, room, "once", "A-1"))->seq, 5);
}

/* The id of what is found of that client id; 0: nothing is. */
static uint64_t s_sent(staging_t *at, uint64_t who, const char *client_id)
{
    const outcome_t *outcome =
        s_ask(at, who, CALL_message_sent, &(message_sent_call_t){slice_of(client_id)});
    assert_int_equal(outcome->status, ERR_OK);
    const message_list_t *list = outcome->answer;
    return list->messages.count > 0 ? ((const message_t *)list->messages.items)->id : 0;
}

static void s_test_one_finds_ones_own_message_by_its_client_id(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE, room_kind_OPEN);
    uint64_t id = s_posted(s_post(at, ALICE, room, "once", "a-1"))->id;
    assert_int_equal(s_sent(at, ALICE, "a-1"), id);
    assert_int_equal(s_sent(at, ALICE, "a-2"), 0);
    assert_int_equal(s_sent(at, BOB, "a-1"), 0);
    at->now += s_day;
    assert_int_equal(s_sent(at, ALICE, "a-1"), 0);
}

static void s_test_what_one_sent_is_hidden_with_its_room(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE, room_kind_PRIVATE);
    assert_int_equal(s_join(at, ALICE, room, BOB)->status, ERR_OK);
    uint64_t id = s_posted(s_post(at, BOB, room, "once", "b-1"))->id;
    assert_int_equal(s_sent(at, BOB, "b-1"), id);
    assert_int_equal(s_leave(at, BOB, room, 0)->status, ERR_OK);
    assert_int_equal(s_sent(at, BOB, "b-1"), 0);
}

/* A client id is bounded in characters, and each may have four bytes. */
static void s_test_a_client_id_may_be_long(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE, room_kind_OPEN);
    char client_id[4 * LIMIT_CLIENT_ID + 1] = "";
    for (size_t i = 0; i < LIMIT_CLIENT_ID; i++)
        memcpy(client_id + 4 * i, (const uint8_t[]){0xf0, 0x9f, 0x98, 0x80}, 4);
    uint64_t id = s_posted(s_post(at, ALICE, room, "once", client_id))->id;
    assert_int_equal(s_posted(s_post(at, ALICE, room, "once", client_id))->id, id);
}

static void s_test_a_retry_rests_on_what_is_pending(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE, room_kind_OPEN);
    room_post_call_t post = {room, SLICE_LIT("once"), SLICE_LIT("a-1")};
    at->principal = ALICE;
    staging_send(at, CALL_room_post, &post);
    staging_send(at, CALL_room_post, &post);
    staging_commit(at);
    assert_int_equal(at->outcome_count, 2);
    assert_int_equal(at->told_count, 1);
    assert_true(at->outcomes[1].rests);
    assert_true(((const message_t *)at->outcomes[1].answer)->repeated);

    staging_send(at, CALL_room_post, &post);
    staging_commit(at);
    assert_false(at->outcomes[0].rests); /* that is on disk */

    post.client_id = SLICE_LIT("a-2");
    staging_send(at, CALL_room_post, &post);
    staging_lose(at);
    assert_false(s_posted(s_post(at, ALICE, room, "once", "a-2"))->repeated);
    assert_int_equal(s_check_gapless(at, room), 2);
}

static void s_test_a_receipt_holds_for_a_day(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE, room_kind_OPEN);
    uint64_t id = s_posted(s_post(at, ALICE, room, "once", "a-1"))->id;
    int64_t then = at->now;
    at->now = then + s_day - 1000; /* s_ask adds it again */
    assert_int_equal(s_posted(s_post(at, ALICE, room, "once", "a-1"))->id, id);
    at->now = then + s_day;
    const message_t *later = s_posted(s_post(at, ALICE, room, "once", "a-1"));
    assert_int_not_equal(later->id, id);
    assert_int_equal(later->seq, 2);
    uint64_t later_id = later->id;
    staging_restart(at);
    assert_int_equal(s_posted(s_post(at, ALICE, room, "once", "a-1"))->id, later_id);
}

static void s_test_a_retried_room_is_made_once(void **state)
{
    staging_t *at = *state;
    const room_t *room = s_create(at, ALICE, room_kind_OPEN, "hall", "r-1")->answer;
    uint64_t id = room->id;
    const outcome_t *again = s_create(at, ALICE, room_kind_OPEN, "hall", "r-1");
    assert_int_equal(((const room_t *)again->answer)->id, id);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(s_create(at, ALICE, room_kind_OPEN, "other", "r-1")->status,
                     ERR_CLIENT_ID_REUSED);
    assert_int_equal(s_create(at, ALICE, room_kind_PRIVATE, "hall", "r-1")->status,
                     ERR_CLIENT_ID_REUSED);
    assert_int_equal(s_posted(s_post(at, ALICE, id, "hello", "r-1"))->seq, 1); /* a post's own */
    assert_int_not_equal(
        ((const room_t *)s_create(at, BOB, room_kind_OPEN, "hall", "r-1")->answer)->id, id);
}

/* ---- reading ---- */

/* The page has the sequences from `first` to `last`. */
static void s_check_page(const outcome_t *outcome, uint64_t first, uint64_t last)
{
    assert_int_equal(outcome->status, ERR_OK);
    const message_list_t *page = outcome->answer;
    const message_t *messages = page->messages.items;
    assert_int_equal(page->messages.count, last + 1 - first);
    for (uint64_t i = 0; i < page->messages.count; i++)
        assert_int_equal(messages[i].seq, first + i);
}

static void s_test_history_goes_both_ways(void **state)
{
    staging_t *at = *state;
    uint64_t other = s_room(at, ALICE, room_kind_OPEN), room = s_room(at, ALICE, room_kind_OPEN);
    uint64_t next = s_room(at, ALICE, room_kind_OPEN), id = 0, foreign = 0;
    s_check_page(s_history(at, ALICE, (room_history_call_t){.room = room}), 1, 0);
    for (uint64_t i = 1; i <= 130; i++) {
        foreign = s_posted(s_post(at, ALICE, other, "elsewhere", NULL))->id;
        const message_t *message = s_posted(s_post(at, ALICE, room, "here", NULL));
        id = i == 100 ? message->id : id;
        s_posted(s_post(at, ALICE, next, "elsewhere", NULL));
    }
    static const struct {
        room_history_call_t ask;
        uint64_t first;
        uint64_t last;
    } rows[] = {
        {{0}, 81, 130},
        {{.limit = 1}, 130, 130},
        {{.limit = 10000}, 1, 130},
        {{.before = 81}, 31, 80},
        {{.before = 31, .limit = 50}, 1, 30},
        {{.before = 1}, 1, 0},
        {{.before = 1000, .limit = 2}, 129, 130},
        {{.after = 1}, 2, 51},
        {{.after = 120}, 121, 130},
        {{.after = 130}, 1, 0},
        {{.after = UINT64_MAX}, 1, 0},
        {{.forward = true, .limit = 3}, 1, 3},
        {{.after = 10, .before = 13}, 11, 12},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        room_history_call_t ask = rows[i].ask;
        ask.room = room;
        s_check_page(s_history(at, BOB, ask), rows[i].first, rows[i].last);
    }
    room_history_call_t by_id = {.room = room, .before_id = id, .limit = 9};
    s_check_page(s_history(at, BOB, by_id), 91, 99);
    by_id.before_id = foreign;
    assert_int_equal(s_history(at, BOB, by_id)->status, ERR_INVALID);
    by_id.before_id = 100000;
    assert_int_equal(s_history(at, BOB, by_id)->status, ERR_INVALID);
}

/* A query sees what is committed, and nothing that is pending. */
static void s_test_history_is_of_what_is_committed(void **state)
{
    staging_t *at = *state;
    uint64_t room = s_room(at, ALICE, room_kind_OPEN);
    room_post_call_t post = {room, SLICE_LIT("pending"), {0}};
    room_history_call_t history = {.room = room};
    at->principal = ALICE;
    staging_send(at, CALL_room_post, &post);
    staging_send(at, CALL_room_history, &history);
    staging_commit(at);
    assert_int_equal(at->outcome_count, 2);
    s_check_page(&at->outcomes[1], 1, 0);
    s_check_page(s_history(at, ALICE, history), 1, 1);
}

static void s_test_rooms_and_members_are_listed(void **state)
{
    staging_t *at = *state;
    uint64_t rooms[12];
    for (size_t i = 0; i < COUNT_OF(rooms); i++)
        rooms[i] = s_room(at, i % 2 > 0 ? ALICE : BOB, room_kind_OPEN);
    for (uint64_t who = BOB; who <= DAVE; who++)
        s_join(at, who, rooms[1], 0);
    const room_ids_t *ids = s_ask(at, ALICE, CALL_room_ids, &(room_ids_call_t){})->answer;
    assert_int_equal(ids->rooms.count, 6);
    assert_int_equal(ids->rooms.items[5], rooms[11]);

    room_list_call_t list = {.after = rooms[3], .limit = 2};
    const room_list_t *page = s_ask(at, ALICE, CALL_room_list, &list)->answer;
    const room_t *listed = page->rooms.items;
    assert_int_equal(page->rooms.count, 2);
    assert_int_equal(listed[0].id, rooms[5]);
    assert_int_equal(listed[1].id, rooms[7]);
    list.after = UINT64_MAX;
    page = s_ask(at, ALICE, CALL_room_list, &list)->answer;
    assert_int_equal(page->rooms.count, 0);

    room_members_call_t ask = {.room = rooms[1], .after = ALICE, .limit = 2};
    const member_list_t *members = s_ask(at, DAVE, CALL_room_members, &ask)->answer;
    const membership_t *member = members->members.items;
    assert_int_equal(members->members.count, 2);
    assert_int_equal(member[0].account, BOB);
    assert_int_equal(member[1].account, CAROL);
}

/* ---- names of rooms ---- */

static void s_test_gids_have_no_letters_that_are_mistaken(void **state)
{
    staging_t *at = *state;
    char met[256] = {0};
    for (int i = 0; i < 500; i++) {
        const room_t *room = s_create(at, ALICE, room_kind_OPEN, NULL, NULL)->answer;
        assert_int_equal(room->gid.len, 8);
        for (size_t letter = 0; letter < 8; letter++)
            met[room->gid.ptr[letter]] = 1;
    }
    for (int letter = 0; letter < 256; letter++) {
        bool sound =
            strchr("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", letter) != NULL;
        assert_true(met[letter] == (sound && letter != 0));
    }
}

static void s_test_a_taken_gid_is_not_given_again(void **state)
{
    staging_t *at = *state;
    room_create_call_t create = {.kind = room_kind_OPEN};
    char first[9] = {0};
    at->principal = ALICE;
    memset(at->rand, 7, RAND_SIZE);
    const room_t *room = staging_ask(at, CALL_room_create, &create)->answer;
    memcpy(first, room->gid.ptr, 8);
    memset(at->rand + 8, 8, 8); /* the first eight bytes name a room that is there */
    room = staging_ask(at, CALL_room_create, &create)->answer;
    assert_memory_not_equal(room->gid.ptr, first, 8);
    assert_int_equal(staging_ask(at, CALL_room_create, &create)->status, ERR_NOT_DONE);
    memset(at->rand, 9, RAND_SIZE);
    assert_int_equal(staging_ask(at, CALL_room_create, &create)->status, ERR_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, staging_end)

/* Two hundred of the longest texts in three-byte letters are more than a page may hold. */
static void s_test_a_page_ends_at_its_bytes(void **state)
{
    staging_t *at = *state;
    enum { LONGEST = 3 * LIMIT_TEXT, POSTS = 200 };
    uint64_t room = s_room(at, ALICE, room_kind_OPEN);
    char *text = mem_zeroed(LONGEST + 1);
    for (size_t i = 0; i < LONGEST; i += 3)
        memcpy(text + i, (const uint8_t[]){0xe2, 0x82, 0xac}, 3); /* the euro sign */
    for (int i = 0; i < POSTS; i++)
        (void)s_posted(s_post(at, ALICE, room, text, ""));
    mem_free(text);

    uint64_t before = 0, seen = 0;
    for (;;) {
        room_history_call_t ask = {.room = room, .before = before, .limit = LIMIT_HISTORY_PAGE};
        const message_list_t *page = s_history(at, ALICE, ask)->answer;
        if (page->messages.count == 0)
            break;
        assert_true(page->messages.count < POSTS);
        before = ((const message_t *)page->messages.items)->seq;
        seen += page->messages.count;
        if (before == 1)
            break;
    }
    assert_int_equal(seen, POSTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s_test_an_open_room_is_everybodys),
        TEST(s_test_a_private_room_is_its_members),
        TEST(s_test_coming_into_an_open_room),
        TEST(s_test_two_people_have_one_direct_room),
        TEST(s_test_sequences_have_no_gap),
        TEST(s_test_a_retry_has_one_effect),
        TEST(s_test_one_finds_ones_own_message_by_its_client_id),
        TEST(s_test_what_one_sent_is_hidden_with_its_room),
        TEST(s_test_a_client_id_may_be_long),
        TEST(s_test_a_retry_rests_on_what_is_pending),
        TEST(s_test_a_receipt_holds_for_a_day),
        TEST(s_test_a_retried_room_is_made_once),
        TEST(s_test_history_goes_both_ways),
        TEST(s_test_a_page_ends_at_its_bytes),
        TEST(s_test_history_is_of_what_is_committed),
        TEST(s_test_rooms_and_members_are_listed),
        TEST(s_test_gids_have_no_letters_that_are_mistaken),
        TEST(s_test_a_taken_gid_is_not_given_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
