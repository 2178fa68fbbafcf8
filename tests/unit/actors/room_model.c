#include "tests/unit/actors/room_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

const char *const model_emojis[KINDS] = {"+", "-", "\xf0\x9f\x91\x8d", ":party:"};

unsigned model_dice(unsigned sides)
{
    return (unsigned)random() % sides;
}

unsigned model_bit(uint64_t who)
{
    return 1u << who;
}

uint64_t model_any_seq(const model_room_t *room)
{
    return 1 + model_dice((unsigned)room->count + 1);
}

bool model_is_in(const model_room_t *room, uint64_t who)
{
    return room->role[who] != room_role_NONE;
}

bool model_reads(const model_room_t *room, uint64_t who)
{
    return model_is_in(room, who) || room->kind == room_kind_OPEN;
}

bool model_moderates(const model_room_t *room, uint64_t who)
{
    return room->role[who] == room_role_OWNER || room->role[who] == room_role_MODERATOR;
}

model_message_t *model_said(const model_room_t *room, uint64_t seq)
{
    return seq >= 1 && seq <= room->count ? &room->said[seq] : NULL;
}

static uint64_t s_model_mentions(const model_room_t *room, uint64_t who)
{
    uint64_t count = 0;
    for (uint64_t seq = room->read[who] + 1; seq <= room->count; seq++)
        count += room->said[seq].everyone || (room->said[seq].mentions & model_bit(who)) != 0;
    return count;
}

static uint64_t s_model_replies(const model_room_t *room, uint64_t root)
{
    uint64_t count = 0;
    for (uint64_t seq = 1; seq <= room->count; seq++)
        count += room->said[seq].thread == root;
    return count;
}

void model_expect(const outcome_t *outcome, err_t status)
{
    assert_int_equal(outcome->status, status);
}

/* ---- comparing ---- */

static void s_compare_mentions(const model_message_t *said, const message_t *message)
{
    unsigned mentions = 0;
    for (size_t i = 0; i < message->mentions.count; i++)
        mentions |= model_bit(message->mentions.items[i]);
    assert_int_equal(mentions, said->mentions);
    assert_int_equal(message->everyone, said->everyone);
}

static void s_compare_reactions(const model_message_t *said, const message_t *message, uint64_t who)
{
    const reaction_t *reactions = message->reactions.items;
    assert_int_equal(message->reactions.count, said->kind_count);
    for (size_t i = 0; i < said->kind_count; i++) {
        unsigned reacted = said->reacted[said->kinds[i]];
        assert_true(slice_is(reactions[i].emoji, model_emojis[said->kinds[i]]));
        assert_int_equal(reactions[i].count, __builtin_popcount(reacted));
        assert_int_equal(reactions[i].mine, (reacted & model_bit(who)) != 0);
    }
}

static void s_compare_message(const model_room_t *room, const message_t *message, uint64_t who)
{
    const model_message_t *said = model_said(room, message->seq);
    assert_non_null(said);
    assert_int_equal(message->room, room->id);
    assert_int_equal(message->sender, said->sender);
    assert_true(slice_is(message->text, said->text));
    assert_int_equal(message->time, said->time);
    assert_int_equal(message->reply_to, said->reply_to);
    assert_int_equal(message->thread, said->thread);
    assert_int_equal(message->edited, said->edited);
    assert_int_equal(message->deleted, said->deleted);
    assert_int_equal(message->pinned, said->pinned);
    assert_int_equal(message->replies, s_model_replies(room, message->seq));
    s_compare_mentions(said, message);
    s_compare_reactions(said, message, who);
}

/* A page of consecutive messages from `first` on. */
static void s_compare_page(const model_room_t *room, const outcome_t *outcome, uint64_t who,
                           uint64_t first, uint64_t count)
{
    model_expect(outcome, ERR_OK);
    const message_list_t *page = outcome->answer;
    const message_t *messages = page->messages.items;
    assert_int_equal(page->messages.count, count);
    for (uint64_t i = 0; i < count; i++) {
        assert_int_equal(messages[i].seq, first + i);
        s_compare_message(room, &messages[i], who);
    }
}

static uint64_t s_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void s_compare_history(staging_t *at, const model_room_t *room, uint64_t who)
{
    uint64_t seq = model_any_seq(room), limit = 1 + model_dice(60), id = room->id;
    uint64_t before = s_least(seq - 1, limit), half = s_least(seq - 1, limit / 2);
    uint64_t after = s_least(room->count - s_least(seq, room->count), limit);
    uint64_t from = s_least(room->count + 1 - seq, limit - half), newest;
    s_compare_page(room, ASK(at, who, room_history, .room = id, .before = seq, .limit = limit), who,
                   seq - before, before);
    s_compare_page(room, ASK(at, who, room_history, .room = id, .after = seq, .limit = limit), who,
                   seq + 1, after);
    s_compare_page(room, ASK(at, who, room_history, .room = id, .around = seq, .limit = limit), who,
                   seq - half, half + from);
    newest = s_least(room->count, limit);
    s_compare_page(room, ASK(at, who, room_history, .room = id, .limit = limit), who,
                   room->count + 1 - newest, newest);
    if (seq > room->count)
        return;
    s_compare_page(
        room, ASK(at, who, room_history, .room = id, .since = room->said[seq].time, .limit = limit),
        who, seq, s_least(room->count + 1 - seq, limit));
}

/* The messages of the model that are wanted, in order, are those that were answered. */
typedef bool wanted_fn(const model_message_t *said, uint64_t number);

static bool s_of_thread(const model_message_t *said, uint64_t root)
{
    return said->thread == root;
}

static bool s_pinned(const model_message_t *said, uint64_t number)
{
    (void)number;
    return said->pinned != 0;
}

static void s_compare_wanted(const model_room_t *room, const outcome_t *outcome, uint64_t who,
                             wanted_fn *wanted, uint64_t number)
{
    model_expect(outcome, ERR_OK);
    const message_list_t *list = outcome->answer;
    const message_t *messages = list->messages.items;
    size_t met = 0;
    for (uint64_t seq = 1; seq <= room->count; seq++) {
        if (!wanted(&room->said[seq], number))
            continue;
        assert_true(met < list->messages.count);
        assert_int_equal(messages[met].seq, seq);
        s_compare_message(room, &messages[met++], who);
    }
    assert_int_equal(met, list->messages.count);
}

static void s_compare_reactors(staging_t *at, const model_room_t *room, uint64_t who)
{
    uint64_t seq = model_any_seq(room);
    int kind = (int)model_dice(KINDS);
    const outcome_t *outcome = ASK(at, who, message_reactors, .room = room->id, .seq = seq,
                                   .emoji = slice_of(model_emojis[kind]));
    if (seq > room->count) {
        model_expect(outcome, ERR_NOT_FOUND);
        return;
    }
    const reactor_list_t *list = outcome->answer;
    unsigned reacted = 0;
    for (size_t i = 0; i < list->accounts.count; i++)
        reacted |= model_bit(list->accounts.items[i]);
    assert_int_equal(reacted, room->said[seq].reacted[kind]);
    assert_int_equal(list->accounts.count, __builtin_popcount(reacted));
}

static void s_compare_readers(staging_t *at, const model_room_t *room, uint64_t who)
{
    const marker_list_t *list = ASK(at, who, room_readers, .room = room->id)->answer;
    const read_marker_t *markers = list->readers.items;
    size_t met = 0;
    for (uint64_t reader = 1; reader <= PEOPLE; reader++) {
        if (!model_is_in(room, reader))
            continue;
        assert_true(met < list->readers.count);
        assert_int_equal(markers[met].account, reader);
        assert_int_equal(markers[met++].seq, room->read[reader]);
    }
    assert_int_equal(met, list->readers.count);
}

static void s_compare_unread(const model_t *model, staging_t *at, uint64_t who)
{
    const unread_list_t *list = ASK(at, who, room_unread, .limit = ROOMS)->answer;
    const unread_t *unread = list->rooms.items;
    size_t met = 0;
    for (size_t i = 0; i < ROOMS; i++) {
        const model_room_t *room = &model->rooms[i];
        if (!model_is_in(room, who))
            continue;
        assert_true(met < list->rooms.count);
        assert_int_equal(unread[met].room, room->id);
        assert_int_equal(unread[met].seq, room->count);
        assert_int_equal(unread[met].read, room->read[who]);
        assert_int_equal(unread[met].unread, room->count - room->read[who]);
        assert_int_equal(unread[met++].mentions, s_model_mentions(room, who));
    }
    assert_int_equal(met, list->rooms.count);
}

static void s_compare_place(staging_t *at, const model_room_t *room, uint64_t who)
{
    uint64_t seq = model_any_seq(room);
    if (!model_reads(room, who)) {
        model_expect(ASK(at, who, room_history, .room = room->id), ERR_NOT_FOUND);
        return;
    }
    s_compare_history(at, room, who);
    s_compare_reactors(at, room, who);
    s_compare_readers(at, room, who);
    s_compare_wanted(room, ASK(at, who, room_pins, .room = room->id), who, s_pinned, 0);
    if (seq > room->count)
        return;
    uint64_t root = room->said[seq].thread != 0 ? room->said[seq].thread : seq;
    s_compare_wanted(room,
                     ASK(at, who, room_thread, .room = room->id, .seq = seq, .limit = LIMIT_PAGE),
                     who, s_of_thread, root);
}

void model_compare(const model_t *model, staging_t *at)
{
    for (uint64_t who = 1; who <= PEOPLE; who++) {
        s_compare_unread(model, at, who);
        for (size_t i = 0; i < ROOMS; i++)
            s_compare_place(at, &model->rooms[i], who);
    }
}
