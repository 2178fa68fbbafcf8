/* room_messages_test.c - what becomes of a message once it is said: edits, deletions,
 * reactions, pins, threads, retries, and how a history shows it. */
#include "tests/unit/actors/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- what people do ---- */

static const message_t *s_see(staging_t *at, uint64_t who, uint64_t room, uint64_t seq)
{
    return talk_message(ASK(at, who, message_get, .room = room, .seq = seq));
}

static const outcome_t *s_react(staging_t *at, uint64_t who, uint64_t room, uint64_t seq,
                                const char *emoji)
{
    return ASK(at, who, message_react, .room = room, .seq = seq, .emoji = slice_of(emoji));
}

static const outcome_t *s_unreact(staging_t *at, uint64_t who, uint64_t room, uint64_t seq,
                                  const char *emoji)
{
    return ASK(at, who, message_unreact, .room = room, .seq = seq, .emoji = slice_of(emoji));
}

static const outcome_t *s_edit(staging_t *at, uint64_t who, uint64_t room, uint64_t seq,
                               const char *text)
{
    return ASK(at, who, message_edit, .room = room, .seq = seq, .text = slice_of(text));
}

/* ---- editing ---- */

static void s_test_an_edit_changes_words_and_mentions(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, CAROL);
    uint64_t seq = talk_say(at, ALICE, room, "@bob come");
    assert_int_equal(talk_unread(at, BOB, room).mentions, 1);

    const message_t *edited = talk_message(s_edit(at, ALICE, room, seq, "@carol come"));
    assert_true(slice_is(edited->text, "@carol come"));
    assert_string_equal(talk_mentions(edited), "3");
    assert_int_equal(edited->edited, at->now);
    assert_int_equal(at->told_count, 1);
    const message_edited_event_t *event = at->told[0].body;
    assert_int_equal(at->told[0].record.room, room);
    assert_true(slice_is(event->text, "@carol come"));
    assert_int_equal(event->mentions.items[0], CAROL);
    assert_int_equal(talk_unread(at, BOB, room).mentions, 0);
    assert_int_equal(talk_unread(at, CAROL, room).mentions, 1);
    assert_int_equal(talk_unread(at, CAROL, room).unread, 1);

    talk_message(s_edit(at, ALICE, room, seq, "@carol come"));
    assert_int_equal(at->told_count, 0); /* nothing has changed */
    talk_message(s_edit(at, ALICE, room, seq, "@everyone come"));
    assert_int_equal(talk_unread(at, BOB, room).mentions, 1);
}

static void s_test_only_ones_own_messages_are_edited(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, CAROL);
    uint64_t seq = talk_say(at, BOB, room, "mine");
    talk_check(s_edit(at, CAROL, room, seq, "yours"), ERR_FORBIDDEN);
    talk_check(s_edit(at, ALICE, room, seq, "the owner's"), ERR_FORBIDDEN);
    talk_check(s_edit(at, BOB, room, seq + 1, "not there"), ERR_NOT_FOUND);
    talk_check(s_edit(at, BOB, room, seq, ""), ERR_INVALID);
    talk_check(ASK(at, BOB, message_delete, .room = room, .seq = seq), ERR_OK);
    talk_check(s_edit(at, BOB, room, seq, "again"), ERR_INVALID);
}

/* ---- deleting ---- */

static void s_test_a_deleted_message_keeps_its_place_only(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, CAROL);
    uint64_t first = talk_say(at, ALICE, room, "first");
    const message_t *said =
        talk_message(ASK(at, ALICE, room_post, .room = room, .text = SLICE_LIT("@bob"),
                         .reply_to = first, .client_id = SLICE_LIT("c")));
    uint64_t seq = said->seq;
    talk_check(s_react(at, BOB, room, seq, "+"), ERR_OK);
    talk_check(ASK(at, ALICE, message_pin, .room = room, .seq = seq), ERR_OK);
    const message_t *gone = talk_message(ASK(at, ALICE, message_delete, .room = room, .seq = seq));
    assert_int_equal(gone->deleted, at->now);
    assert_int_equal(at->told_count, 1);
    assert_int_equal(((const message_deleted_event_t *)at->told[0].body)->by, ALICE);

    gone = s_see(at, BOB, room, seq);
    assert_int_equal(gone->text.len, 0);
    assert_int_equal(gone->mentions.count + gone->reactions.count, 0);
    assert_int_equal(gone->pinned, 0);
    assert_int_equal(gone->sender, ALICE);
    assert_int_equal(gone->reply_to, first);
    assert_int_equal(talk_unread(at, BOB, room).mentions, 0);
    const message_list_t *pins = ASK(at, BOB, room_pins, .room = room)->answer;
    assert_int_equal(pins->messages.count, 0);

    talk_check(ASK(at, ALICE, message_delete, .room = room, .seq = seq), ERR_OK);
    assert_int_equal(at->told_count, 0);
    talk_check(s_react(at, BOB, room, seq, "+"), ERR_INVALID);
    talk_check(s_unreact(at, BOB, room, seq, "+"), ERR_INVALID);
    talk_check(ASK(at, ALICE, message_pin, .room = room, .seq = seq), ERR_INVALID);
    const reactor_list_t *reactors =
        ASK(at, BOB, message_reactors, .room = room, .seq = seq, .emoji = SLICE_LIT("+"))->answer;
    assert_int_equal(reactors->accounts.count, 0);
}

static void s_test_moderators_delete_anybodys(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, CAROL);
    uint64_t seq = talk_say(at, BOB, room, "one");
    talk_check(ASK(at, CAROL, message_delete, .room = room, .seq = seq), ERR_FORBIDDEN);
    talk_check(ASK(at, ALICE, message_delete, .room = room, .seq = seq), ERR_OK);
    uint64_t direct = ((const room_t *)ASK(at, ALICE, room_direct, .account = BOB)->answer)->id;
    seq = talk_say(at, BOB, direct, "two");
    talk_check(ASK(at, ALICE, message_delete, .room = direct, .seq = seq), ERR_FORBIDDEN);
    talk_check(ASK(at, BOB, message_delete, .room = direct, .seq = seq + 1), ERR_NOT_FOUND);
}

/* ---- reactions ---- */

/* The reactions as "+2* -1": kind, count, and whether it is one's own. */
static const char *s_reactions(const message_t *message)
{
    static char text[1024];
    const reaction_t *reactions = message->reactions.items;
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < message->reactions.count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%.*s%d%s", i > 0 ? " " : "",
                                SLICE_ARG(reactions[i].emoji), (int)reactions[i].count,
                                reactions[i].mine ? "*" : "");
    return text;
}

static void s_test_reactions_are_counted_once_each(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, CAROL);
    uint64_t seq = talk_say(at, ALICE, room, "well?");
    assert_string_equal(s_reactions(talk_message(s_react(at, ALICE, room, seq, "+"))), "+1*");
    assert_string_equal(s_reactions(talk_message(s_react(at, BOB, room, seq, "+"))), "+2*");
    assert_int_equal(at->told_count, 1);
    const message_reacted_event_t *event = at->told[0].body;
    assert_int_equal(event->account, BOB);
    assert_true(event->on);
    assert_string_equal(s_reactions(talk_message(s_react(at, BOB, room, seq, "+"))), "+2*");
    assert_int_equal(at->told_count, 0);
    assert_string_equal(s_reactions(talk_message(s_react(at, BOB, room, seq, "-"))), "+2* -1*");
    assert_string_equal(s_reactions(s_see(at, CAROL, room, seq)), "+2 -1");
    assert_string_equal(s_reactions(s_see(at, ALICE, room, seq)), "+2* -1");

    assert_string_equal(s_reactions(talk_message(s_unreact(at, CAROL, room, seq, "+"))), "+2 -1");
    assert_string_equal(s_reactions(talk_message(s_unreact(at, CAROL, room, seq, "?"))), "+2 -1");
    assert_int_equal(at->told_count, 0);
    talk_message(s_unreact(at, ALICE, room, seq, "+"));
    assert_false(((const message_reacted_event_t *)at->told[0].body)->on);
    talk_message(s_unreact(at, BOB, room, seq, "+"));
    assert_string_equal(s_reactions(talk_message(s_react(at, CAROL, room, seq, "!"))), "-1 !1*");
    assert_string_equal(s_reactions(s_see(at, BOB, room, seq)), "-1* !1"); /* + was his before */
}

static void s_test_reactors_are_listed(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, DAVE);
    uint64_t seq = talk_say(at, ALICE, room, "well?");
    for (uint64_t who = ALICE; who <= DAVE; who++)
        talk_check(s_react(at, who, room, seq, who % 2 > 0 ? "+" : "-"), ERR_OK);
    talk_check(s_react(at, BOB, room, seq, "+"), ERR_OK);
    message_reactors_call_t ask = {room, seq, SLICE_LIT("+"), 0, 0};
    const reactor_list_t *list = people_ask(at, DAVE, CALL_message_reactors, &ask)->answer;
    assert_int_equal(list->accounts.count, 3);
    assert_int_equal(list->accounts.items[0], ALICE);
    assert_int_equal(list->accounts.items[1], BOB);
    assert_int_equal(list->accounts.items[2], CAROL);
    ask.after = ALICE;
    ask.limit = 1;
    list = people_ask(at, DAVE, CALL_message_reactors, &ask)->answer;
    assert_int_equal(list->accounts.count, 1);
    assert_int_equal(list->accounts.items[0], BOB);
    ask.emoji = SLICE_LIT("?");
    list = people_ask(at, DAVE, CALL_message_reactors, &ask)->answer;
    assert_int_equal(list->accounts.count, 0);
    ask.seq = seq + 1;
    talk_check(people_ask(at, DAVE, CALL_message_reactors, &ask), ERR_NOT_FOUND);
}

static void s_test_kinds_of_reactions_are_bounded(void **state)
{
    staging_t *at = *state;
    char emoji[16];
    uint64_t room = talk_room(at, room_kind_OPEN, BOB);
    uint64_t seq = talk_say(at, ALICE, room, "well?");
    for (int i = 0; i < LIMIT_REACTIONS; i++) {
        snprintf(emoji, sizeof emoji, ":%d:", i);
        talk_check(s_react(at, ALICE, room, seq, emoji), ERR_OK);
    }
    talk_check(s_react(at, BOB, room, seq, "one more"), ERR_TOO_MANY);
    talk_check(s_react(at, BOB, room, seq, ":7:"), ERR_OK);
    talk_check(s_unreact(at, ALICE, room, seq, ":3:"), ERR_OK);
    const message_t *message = talk_message(s_react(at, BOB, room, seq, "one more"));
    const reaction_t *reactions = message->reactions.items;
    assert_int_equal(message->reactions.count, LIMIT_REACTIONS);
    assert_true(slice_is(reactions[LIMIT_REACTIONS - 1].emoji, "one more"));
    for (size_t i = 0; i < LIMIT_REACTIONS; i++) {
        bool his = slice_is(reactions[i].emoji, ":7:") || slice_is(reactions[i].emoji, "one more");
        assert_true(reactions[i].mine == his);
    }
    talk_check(s_react(at, DAVE, room, seq, ":7:"), ERR_FORBIDDEN); /* is not in the room */
    talk_check(s_react(at, BOB, room, seq + 1, ":7:"), ERR_NOT_FOUND);
    talk_check(s_react(at, BOB, room, seq, ""), ERR_INVALID);
}

/* ---- pins ---- */

static void s_test_pins_are_the_moderators(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, CAROL);
    uint64_t one = talk_say(at, BOB, room, "one"), two = talk_say(at, BOB, room, "two");
    talk_check(ASK(at, BOB, message_pin, .room = room, .seq = one), ERR_FORBIDDEN);
    talk_check(ASK(at, DAVE, message_pin, .room = room, .seq = one), ERR_FORBIDDEN);
    talk_check(ASK(at, ALICE, message_pin, .room = room, .seq = 99), ERR_NOT_FOUND);
    talk_check(ASK(at, ALICE, message_pin, .room = room, .seq = two), ERR_OK);
    const message_t *pinned = talk_message(ASK(at, ALICE, message_pin, .room = room, .seq = one));
    assert_int_equal(pinned->pinned, at->now);
    assert_true(((const message_pinned_event_t *)at->told[0].body)->on);
    talk_check(ASK(at, ALICE, message_pin, .room = room, .seq = one), ERR_OK);
    assert_int_equal(at->told_count, 0);

    const message_list_t *pins = ASK(at, CAROL, room_pins, .room = room)->answer;
    const message_t *messages = pins->messages.items;
    assert_int_equal(pins->messages.count, 2);
    assert_int_equal(messages[0].seq, one);
    assert_int_equal(messages[1].seq, two);
    assert_true(messages[1].pinned > 0);
    talk_check(ASK(at, BOB, message_unpin, .room = room, .seq = one), ERR_FORBIDDEN);
    talk_check(ASK(at, ALICE, message_unpin, .room = room, .seq = one), ERR_OK);
    assert_false(((const message_pinned_event_t *)at->told[0].body)->on);
    talk_check(ASK(at, ALICE, message_unpin, .room = room, .seq = one), ERR_OK);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(s_see(at, CAROL, room, one)->pinned, 0);
}

static void s_test_pins_are_bounded(void **state)
{
    staging_t *at = *state;
    uint64_t room = ((const room_t *)ASK(at, ALICE, room_direct, .account = BOB)->answer)->id;
    for (uint64_t seq = 1; seq <= LIMIT_PINS + 1; seq++)
        (void)talk_say(at, ALICE, room, "keep");
    for (uint64_t seq = LIMIT_PINS; seq >= 1; seq--) /* both of a direct room may */
        talk_check(ASK(at, seq % 2 > 0 ? ALICE : BOB, message_pin, .room = room, .seq = seq),
                   ERR_OK);
    message_pin_call_t more = {room, LIMIT_PINS + 1};
    talk_check(people_ask(at, BOB, CALL_message_pin, &more), ERR_TOO_MANY);
    talk_check(ASK(at, BOB, message_pin, .room = room, .seq = 1), ERR_OK); /* it is pinned */
    talk_check(ASK(at, BOB, message_unpin, .room = room, .seq = 50), ERR_OK);
    talk_check(people_ask(at, BOB, CALL_message_pin, &more), ERR_OK);
    const message_list_t *pins = ASK(at, ALICE, room_pins, .room = room)->answer;
    const message_t *messages = pins->messages.items;
    assert_int_equal(pins->messages.count, LIMIT_PINS);
    assert_int_equal(messages[49].seq, 51);
    talk_check(ASK(at, CAROL, room_pins, .room = room), ERR_NOT_FOUND);
}

/* ---- threads and replies ---- */

static void s_test_a_thread_has_one_root(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, BOB);
    uint64_t root = talk_say(at, ALICE, room, "a question");
    (void)talk_say(at, BOB, room, "something else");
    room_post_call_t post = {.room = room, .text = SLICE_LIT("an answer"), .thread = root};
    const message_t *inside = talk_message(people_ask(at, BOB, CALL_room_post, &post));
    assert_int_equal(inside->thread, root);
    assert_int_equal(inside->answers, ALICE); /* who began it */
    post.thread = inside->seq;                /* a message in it means the thread */
    post.reply_to = inside->seq;
    inside = talk_message(people_ask(at, ALICE, CALL_room_post, &post));
    assert_int_equal(inside->thread, root);
    assert_int_equal(inside->reply_to, 3);
    assert_int_equal(inside->answers, BOB);
    assert_int_equal(inside->seq, 4); /* its place is in the room's order */
    assert_int_equal(s_see(at, BOB, room, root)->replies, 2);

    room_thread_call_t ask = {.room = room, .seq = 3};
    const message_list_t *list = people_ask(at, BOB, CALL_room_thread, &ask)->answer;
    const message_t *messages = list->messages.items;
    assert_int_equal(list->messages.count, 2);
    assert_int_equal(messages[0].seq, 3);
    assert_int_equal(messages[1].seq, 4);
    ask = (room_thread_call_t){.room = room, .seq = root, .after = 3, .limit = 1};
    list = people_ask(at, BOB, CALL_room_thread, &ask)->answer;
    assert_int_equal(list->messages.count, 1);
    ask = (room_thread_call_t){.room = room, .seq = 2};
    list = people_ask(at, BOB, CALL_room_thread, &ask)->answer;
    assert_int_equal(list->messages.count, 0);
    ask.seq = 99;
    talk_check(people_ask(at, BOB, CALL_room_thread, &ask), ERR_NOT_FOUND);

    post.thread = 99;
    talk_check(people_ask(at, BOB, CALL_room_post, &post), ERR_INVALID);
    post.thread = 0;
    post.reply_to = 99;
    talk_check(people_ask(at, BOB, CALL_room_post, &post), ERR_INVALID);
}

/* ---- retries ---- */

static void s_test_a_retry_says_the_same_in_every_respect(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, BOB);
    (void)talk_say(at, ALICE, room, "one");
    (void)talk_say(at, ALICE, room, "two");
    room_post_call_t post = {room, SLICE_LIT("three"), SLICE_LIT("c-1"), 1, 2, {0}};
    uint64_t seq = talk_message(people_ask(at, BOB, CALL_room_post, &post))->seq;
    const message_t *again = talk_message(people_ask(at, BOB, CALL_room_post, &post));
    assert_int_equal(again->seq, seq);
    assert_true(again->repeated);
    post.thread = seq; /* the same thread by another of its messages */
    assert_int_equal(talk_message(people_ask(at, BOB, CALL_room_post, &post))->seq, seq);
    const room_post_call_t others[] = {
        {room, SLICE_LIT("four"), SLICE_LIT("c-1"), 1, 2, {0}},
        {room, SLICE_LIT("three"), SLICE_LIT("c-1"), 2, 2, {0}},
        {room, SLICE_LIT("three"), SLICE_LIT("c-1"), 0, 2, {0}},
        {room, SLICE_LIT("three"), SLICE_LIT("c-1"), 1, 1, {0}},
        {room, SLICE_LIT("three"), SLICE_LIT("c-1"), 1, 0, {0}},
    };
    for (size_t i = 0; i < COUNT_OF(others); i++)
        talk_check(people_ask(at, BOB, CALL_room_post, &others[i]), ERR_CLIENT_ID_REUSED);

    talk_message(s_edit(at, BOB, room, seq, "3"));
    again = talk_message(people_ask(at, BOB, CALL_room_post, &post));
    assert_int_equal(again->seq, seq); /* what it says now does not matter */
    assert_true(slice_is(again->text, "3"));
    talk_check(ASK(at, BOB, message_delete, .room = room, .seq = seq), ERR_OK);
    assert_true(talk_message(people_ask(at, BOB, CALL_room_post, &post))->deleted > 0);
    assert_int_equal(at->told_count, 0);
}

/* ---- history ---- */

static void s_check_page(const outcome_t *outcome, uint64_t first, uint64_t last)
{
    talk_check(outcome, ERR_OK);
    const message_list_t *page = outcome->answer;
    const message_t *messages = page->messages.items;
    assert_int_equal(page->messages.count, last + 1 - first);
    for (uint64_t i = 0; i < page->messages.count; i++)
        assert_int_equal(messages[i].seq, first + i);
}

static void s_test_history_around_and_since(void **state)
{
    staging_t *at = *state;
    int64_t times[101];
    uint64_t room = talk_room(at, room_kind_OPEN, BOB);
    for (uint64_t i = 1; i <= 100; i++) {
        (void)talk_say(at, ALICE, room, "hello");
        times[i] = at->now;
    }
    const struct {
        room_history_call_t ask;
        uint64_t first;
        uint64_t last;
    } rows[] = {
        {{.around = 50}, 25, 74},
        {{.around = 50, .limit = 10}, 45, 54},
        {{.around = 50, .limit = 1}, 50, 50},
        {{.around = 1, .limit = 10}, 1, 10},
        {{.around = 3, .limit = 10}, 1, 10},
        {{.around = 100, .limit = 10}, 95, 100},
        {{.around = 1000, .limit = 10}, 96, 100},
        {{.since = times[1]}, 1, 50},
        {{.since = 1}, 1, 50},
        {{.since = times[40] - 1, .limit = 2}, 40, 41},
        {{.since = times[40], .limit = 2}, 40, 41},
        {{.since = times[40] + 1, .limit = 2}, 41, 42},
        {{.since = times[40], .before = 42}, 40, 41},
        {{.since = times[40], .after = 50, .limit = 2}, 51, 52},
        {{.since = times[100] + 1}, 1, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        room_history_call_t ask = rows[i].ask;
        ask.room = room;
        s_check_page(people_ask(at, BOB, CALL_room_history, &ask), rows[i].first, rows[i].last);
    }
    talk_check(ASK(at, BOB, room_history, .room = room, .around = 5, .before = 7), ERR_INVALID);
}

static void s_test_history_shows_the_present(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, BOB);
    for (int i = 0; i < 60; i++)
        (void)talk_say(at, ALICE, room, "hello");
    talk_message(s_react(at, ALICE, room, 5, "+"));
    talk_message(s_react(at, BOB, room, 20, "-"));
    talk_message(s_edit(at, ALICE, room, 21, "edited"));
    talk_check(ASK(at, ALICE, message_delete, .room = room, .seq = 22), ERR_OK);
    talk_check(ASK(at, ALICE, message_pin, .room = room, .seq = 23), ERR_OK);
    talk_check(ASK(at, BOB, room_post, .room = room, .thread = 24, .text = SLICE_LIT("in it")),
               ERR_OK);
    const message_list_t *page = ASK(at, BOB, room_history, .room = room)->answer;
    const message_t *messages = page->messages.items; /* from 12 on */
    assert_string_equal(s_reactions(&messages[20 - 12]), "-1*");
    assert_true(slice_is(messages[21 - 12].text, "edited"));
    assert_true(messages[22 - 12].deleted > 0);
    assert_true(messages[23 - 12].pinned > 0);
    assert_int_equal(messages[24 - 12].replies, 1);
    assert_int_equal(messages[61 - 12].thread, 24);
    page = ASK(at, ALICE, room_history, .room = room, .around = 5, .limit = 20)->answer;
    messages = page->messages.items;
    assert_string_equal(s_reactions(&messages[4]), "+1*");
    assert_int_equal(page->messages.count, 4 + 16);
}

/* The whole page if the asker has none as of `known` that still holds. */
static bool s_spared(staging_t *at, uint64_t who, uint64_t room, uint64_t known)
{
    const message_list_t *page = ASK(at, who, room_history, .room = room, .known = known)->answer;
    assert_true(page->same ? page->messages.count == 0 : page->messages.count > 0);
    return page->same;
}

static void s_test_a_page_that_is_known_is_given_again_only_once_it_has_changed(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_PRIVATE, BOB),
             other = talk_room(at, room_kind_OPEN, BOB);
    (void)talk_say(at, ALICE, room, "hello");
    assert_false(s_spared(at, BOB, room, 0));
    for (int change = 0; change < 6; change++) {
        uint64_t as_of = at->seq;
        (void)talk_say(at, ALICE, other, "elsewhere");
        assert_true(s_spared(at, BOB, room, as_of));
        assert_false(s_spared(at, BOB, room, as_of - 1));
        switch (change) {
        case 0:
            (void)talk_say(at, ALICE, room, "again");
            break;
        case 1:
            talk_message(s_edit(at, ALICE, room, 1, "edited"));
            break;
        case 2:
            talk_message(s_react(at, BOB, room, 1, "+"));
            break;
        case 3:
            talk_message(s_unreact(at, BOB, room, 1, "+"));
            break;
        case 4:
            talk_check(ASK(at, ALICE, message_pin, .room = room, .seq = 1), ERR_OK);
            break;
        default:
            talk_check(ASK(at, ALICE, message_delete, .room = room, .seq = 2), ERR_OK);
        }
        assert_false(s_spared(at, BOB, room, as_of));
    }
}

/* Whoever lost the right to read hears the same as one who never had it. */
static void s_test_a_known_page_is_no_right_to_read(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_PRIVATE, BOB);
    (void)talk_say(at, ALICE, room, "hello");
    assert_true(s_spared(at, BOB, room, at->seq));
    talk_check(ASK(at, BOB, room_leave, .room = room), ERR_OK);
    talk_check(ASK(at, BOB, room_history, .room = room, .known = at->seq), ERR_NOT_FOUND);
}

/* What came before it began the actor has not heard. */
static void s_test_after_a_restart_nothing_older_is_known(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, BOB);
    (void)talk_say(at, ALICE, room, "hello");
    uint64_t as_of = at->seq;
    assert_true(s_spared(at, BOB, room, as_of));
    staging_restart(at);
    assert_false(s_spared(at, BOB, room, as_of));
    (void)talk_say(at, ALICE, room, "again");
    assert_false(s_spared(at, BOB, room, as_of));
    assert_true(s_spared(at, BOB, room, at->seq));
}

/* ---- rights ---- */

static void s_check_hidden(staging_t *at, uint64_t who, uint64_t room)
{
    slice_t text = SLICE_LIT("x");
    talk_check(ASK(at, who, message_get, .room = room, .seq = 1), ERR_NOT_FOUND);
    talk_check(ASK(at, who, message_edit, .room = room, .seq = 1, .text = text), ERR_NOT_FOUND);
    talk_check(ASK(at, who, message_delete, .room = room, .seq = 1), ERR_NOT_FOUND);
    talk_check(s_react(at, who, room, 1, "+"), ERR_NOT_FOUND);
    talk_check(s_unreact(at, who, room, 1, "+"), ERR_NOT_FOUND);
    talk_check(ASK(at, who, message_reactors, .room = room, .seq = 1, .emoji = text),
               ERR_NOT_FOUND);
    talk_check(ASK(at, who, message_pin, .room = room, .seq = 1), ERR_NOT_FOUND);
    talk_check(ASK(at, who, message_unpin, .room = room, .seq = 1), ERR_NOT_FOUND);
    talk_check(ASK(at, who, room_pins, .room = room), ERR_NOT_FOUND);
    talk_check(ASK(at, who, room_thread, .room = room, .seq = 1), ERR_NOT_FOUND);
    talk_check(ASK(at, who, room_read, .room = room, .seq = 1), ERR_NOT_FOUND);
    talk_check(ASK(at, who, room_readers, .room = room), ERR_NOT_FOUND);
    talk_check(ASK(at, who, room_unread, .room = room), ERR_NOT_FOUND);
}

static void s_test_a_room_that_is_not_yours_looks_like_none(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_PRIVATE, BOB);
    (void)talk_say(at, CAROL - 1, room, "secret");
    s_check_hidden(at, CAROL, room);
    s_check_hidden(at, CAROL, room + 1);
    (void)s_see(at, ALICE, room, 1);
}

static void s_test_who_is_muted_edits_nothing(void **state)
{
    staging_t *at = *state;
    uint64_t room = talk_room(at, room_kind_OPEN, BOB);
    uint64_t seq = talk_say(at, BOB, room, "loud");
    talk_check(
        ASK(at, ALICE, room_mute, .room = room, .account = BOB, .until = at->now + 1000000000),
        ERR_OK);
    talk_check(s_edit(at, BOB, room, seq, "LOUD"), ERR_FORBIDDEN);
    talk_check(ASK(at, BOB, message_delete, .room = room, .seq = seq), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TALK(s_test_an_edit_changes_words_and_mentions),
        TALK(s_test_only_ones_own_messages_are_edited),
        TALK(s_test_a_deleted_message_keeps_its_place_only),
        TALK(s_test_moderators_delete_anybodys),
        TALK(s_test_reactions_are_counted_once_each),
        TALK(s_test_reactors_are_listed),
        TALK(s_test_kinds_of_reactions_are_bounded),
        TALK(s_test_pins_are_the_moderators),
        TALK(s_test_pins_are_bounded),
        TALK(s_test_a_thread_has_one_root),
        TALK(s_test_a_retry_says_the_same_in_every_respect),
        TALK(s_test_history_around_and_since),
        TALK(s_test_history_shows_the_present),
        TALK(s_test_a_page_that_is_known_is_given_again_only_once_it_has_changed),
        TALK(s_test_a_known_page_is_no_right_to_read),
        TALK(s_test_after_a_restart_nothing_older_is_known),
        TALK(s_test_a_room_that_is_not_yours_looks_like_none),
        TALK(s_test_who_is_muted_edits_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
