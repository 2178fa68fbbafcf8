/* room_model_test.c - ten thousand random deeds of some people in some rooms against a
 * model in plain arrays, which counts everything anew whenever it is asked.
 *
 * Every call of which the model knows what must come of it is held to that; every now and
 * then all that can be asked about messages is compared for everybody, and at the end
 * once more with an actor that knows nothing but the journal.  A failure prints its
 * seed; KITH_SEED=… does the same again. */
#include "tests/unit/actors/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"

enum {
    PEOPLE = 8,
    ROOMS = 5,
    KINDS = 4, /* of reactions */
    STEPS = 10000,
    STEPS_A_COMPARISON = 500,
    TEXT_SIZE = 128,
};

static const char *const s_logins[PEOPLE] = {"p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"};
static const char *const s_emojis[KINDS] = {"+", "-", "\xf0\x9f\x91\x8d", ":party:"};

/* ---- the model ---- */

typedef struct said {
    uint64_t sender;
    char text[TEXT_SIZE];
    unsigned mentions; /* a bit a person */
    bool everyone;
    uint64_t reply_to;
    uint64_t thread;
    int64_t time;
    int64_t edited;
    int64_t deleted;
    int64_t pinned;
    unsigned reacted[KINDS]; /* a bit a person */
    int kinds[KINDS];        /* in the order in which they first came */
    size_t kind_count;
    char client_id[24];
} said_t;

typedef struct place {
    uint64_t id;
    room_kind_t kind;
    said_t *said; /* by sequence, from 1 on */
    uint64_t count;
    room_role_t role[PEOPLE + 1]; /* NONE: not in the room */
    uint64_t read[PEOPLE + 1];
} place_t;

typedef struct world {
    staging_t *at;
    place_t places[ROOMS];
    unsigned last_client_id;
} world_t;

static unsigned s_dice(unsigned sides)
{
    return (unsigned)random() % sides;
}

static unsigned s_bit(uint64_t who)
{
    return 1u << who;
}

static uint64_t s_anybody(void)
{
    return 1 + s_dice(PEOPLE);
}

/* A sequence that is there, or just behind the last. */
static uint64_t s_any_seq(const place_t *place)
{
    return 1 + s_dice((unsigned)place->count + 1);
}

static bool s_is_in(const place_t *place, uint64_t who)
{
    return place->role[who] != room_role_NONE;
}

static bool s_reads(const place_t *place, uint64_t who)
{
    return s_is_in(place, who) || place->kind == room_kind_OPEN;
}

static bool s_moderates(const place_t *place, uint64_t who)
{
    return place->role[who] == room_role_OWNER || place->role[who] == room_role_MODERATOR;
}

static said_t *s_said(const place_t *place, uint64_t seq)
{
    return seq >= 1 && seq <= place->count ? &place->said[seq] : NULL;
}

static uint64_t s_model_mentions(const place_t *place, uint64_t who)
{
    uint64_t count = 0;
    for (uint64_t seq = place->read[who] + 1; seq <= place->count; seq++)
        count += place->said[seq].everyone || (place->said[seq].mentions & s_bit(who)) != 0;
    return count;
}

static uint64_t s_model_replies(const place_t *place, uint64_t root)
{
    uint64_t count = 0;
    for (uint64_t seq = 1; seq <= place->count; seq++)
        count += place->said[seq].thread == root;
    return count;
}

static void s_model_join(place_t *place, uint64_t who, room_role_t role)
{
    if (!s_is_in(place, who))
        place->read[who] = place->count;
    place->role[who] = role;
}

/* ---- texts, and whom they mention ---- */

static void s_write(const place_t *place, uint64_t who, said_t *said)
{
    size_t len = (size_t)snprintf(said->text, TEXT_SIZE, "%u", s_dice(1000000));
    said->mentions = 0;
    said->everyone = false;
    for (unsigned words = s_dice(4); words > 0; words--) {
        uint64_t whom = s_anybody();
        bool inside = s_dice(4) == 0; /* as in an address */
        len += (size_t)snprintf(said->text + len, TEXT_SIZE - len, " %s@%s,", inside ? "x" : "",
                                s_logins[whom - 1]);
        if (!inside && s_is_in(place, whom))
            said->mentions |= s_bit(whom);
    }
    if (s_dice(8) > 0)
        return;
    snprintf(said->text + len, TEXT_SIZE - len, " @everyone");
    said->everyone = s_moderates(place, who);
}

/* ---- what people do ---- */

static void s_expect(const outcome_t *outcome, err_t status)
{
    assert_int_equal(outcome->status, status);
}

static void s_post(world_t *world, place_t *place, uint64_t who)
{
    said_t *said = &place->said[place->count + 1];
    *said = (said_t){.sender = who};
    s_write(place, who, said);
    if (s_dice(3) == 0)
        said->reply_to = s_any_seq(place);
    uint64_t thread = s_dice(3) == 0 ? s_any_seq(place) : 0;
    if (s_dice(2) == 0)
        snprintf(said->client_id, sizeof said->client_id, "c-%u", ++world->last_client_id);
    const outcome_t *outcome =
        ASK(world->at, who, room_post, .room = place->id, .text = slice_of(said->text),
            .client_id = slice_of(said->client_id), .reply_to = said->reply_to, .thread = thread);
    if (!s_reads(place, who)) {
        s_expect(outcome, ERR_NOT_FOUND);
        return;
    }
    if (said->reply_to > place->count || thread > place->count) {
        s_expect(outcome, ERR_INVALID);
        return;
    }
    s_expect(outcome, ERR_OK);
    if (thread != 0)
        said->thread = place->said[thread].thread != 0 ? place->said[thread].thread : thread;
    said->time = world->at->now;
    place->count++;
    s_model_join(place, who, s_is_in(place, who) ? place->role[who] : room_role_READER);
    place->read[who] = place->count;
}

/* Said again with the same client id: nothing happens, whatever it says now. */
static void s_post_again(world_t *world, place_t *place, uint64_t seq)
{
    const said_t *said = s_said(place, seq);
    if (said == NULL || said->client_id[0] == '\0' || said->edited != 0 || said->deleted != 0)
        return; /* its first words are not at hand */
    const outcome_t *outcome = ASK(
        world->at, said->sender, room_post, .room = place->id, .text = slice_of(said->text),
        .client_id = slice_of(said->client_id), .reply_to = said->reply_to, .thread = said->thread);
    s_expect(outcome, ERR_OK);
    assert_int_equal(((const message_t *)outcome->answer)->seq, seq);
    assert_int_equal(world->at->told_count, 0);
}

/* What becomes of a deed to a message that has to stand. */
static err_t s_standing(const place_t *place, uint64_t who, uint64_t seq, bool allowed)
{
    const said_t *said = s_said(place, seq);
    if (!s_reads(place, who) || said == NULL)
        return ERR_NOT_FOUND;
    if (said->deleted != 0)
        return ERR_INVALID;
    return allowed ? ERR_OK : ERR_FORBIDDEN;
}

static void s_edit(world_t *world, place_t *place, uint64_t who, uint64_t seq)
{
    said_t *said = s_said(place, seq), draft;
    s_write(place, who, &draft);
    err_t status = s_standing(place, who, seq, said != NULL && said->sender == who);
    s_expect(ASK(world->at, who, message_edit, .room = place->id, .seq = seq,
                 .text = slice_of(draft.text)),
             status);
    if (status != ERR_OK || strcmp(said->text, draft.text) == 0)
        return;
    memcpy(said->text, draft.text, TEXT_SIZE);
    said->mentions = draft.mentions;
    said->everyone = draft.everyone;
    said->edited = world->at->now;
}

static void s_delete(world_t *world, place_t *place, uint64_t who, uint64_t seq)
{
    said_t *said = s_said(place, seq);
    bool there = s_reads(place, who) && said != NULL;
    bool allowed = there && (said->sender == who || s_moderates(place, who));
    s_expect(ASK(world->at, who, message_delete, .room = place->id, .seq = seq),
             !there    ? ERR_NOT_FOUND
             : allowed ? ERR_OK
                       : ERR_FORBIDDEN);
    if (!allowed || said->deleted != 0)
        return;
    said->deleted = world->at->now;
    said->text[0] = '\0';
    said->mentions = 0;
    said->everyone = false;
    said->pinned = 0;
    said->kind_count = 0;
    memset(said->reacted, 0, sizeof said->reacted);
}

static void s_model_unreact(said_t *said, uint64_t who, int kind)
{
    size_t kept = 0;
    said->reacted[kind] &= ~s_bit(who);
    for (size_t i = 0; i < said->kind_count; i++)
        if (said->reacted[said->kinds[i]] != 0)
            said->kinds[kept++] = said->kinds[i];
    said->kind_count = kept;
}

static void s_react(world_t *world, place_t *place, uint64_t who, uint64_t seq)
{
    said_t *said = s_said(place, seq);
    int kind = (int)s_dice(KINDS);
    slice_t emoji = slice_of(s_emojis[kind]);
    bool on = s_dice(3) > 0;
    err_t status = s_standing(place, who, seq, s_is_in(place, who));
    const outcome_t *outcome =
        on ? ASK(world->at, who, message_react, .room = place->id, .seq = seq, .emoji = emoji)
           : ASK(world->at, who, message_unreact, .room = place->id, .seq = seq, .emoji = emoji);
    s_expect(outcome, status);
    if (status != ERR_OK)
        return;
    if (on && said->reacted[kind] == 0)
        said->kinds[said->kind_count++] = kind;
    if (on)
        said->reacted[kind] |= s_bit(who);
    else
        s_model_unreact(said, who, kind);
}

static void s_pin(world_t *world, place_t *place, uint64_t who, uint64_t seq)
{
    said_t *said = s_said(place, seq);
    bool on = s_dice(2) > 0;
    bool allowed = place->kind == room_kind_DIRECT ? s_is_in(place, who) : s_moderates(place, who);
    err_t status = s_standing(place, who, seq, allowed);
    s_expect(on ? ASK(world->at, who, message_pin, .room = place->id, .seq = seq)
                : ASK(world->at, who, message_unpin, .room = place->id, .seq = seq),
             status);
    if (status == ERR_OK && (said->pinned != 0) != on)
        said->pinned = on ? world->at->now : 0;
}

static void s_read(world_t *world, place_t *place, uint64_t who, uint64_t seq)
{
    const outcome_t *outcome = ASK(world->at, who, room_read, .room = place->id, .seq = seq);
    s_expect(outcome, !s_reads(place, who)  ? ERR_NOT_FOUND
                      : s_is_in(place, who) ? ERR_OK
                                            : ERR_FORBIDDEN);
    if (outcome->status != ERR_OK)
        return;
    uint64_t capped = seq < place->count ? seq : place->count;
    if (capped > place->read[who])
        place->read[who] = capped;
    assert_int_equal(((const read_marker_t *)outcome->answer)->seq, place->read[who]);
}

/* Who comes and goes is another test's affair: the model follows. */
static void s_come(world_t *world, place_t *place, uint64_t who)
{
    uint64_t whom = s_dice(2) > 0 ? who : s_anybody();
    bool only_reads = s_dice(4) == 0;
    const outcome_t *outcome =
        only_reads ? ASK(world->at, who, room_enter, .room = place->id)
                   : ASK(world->at, who, room_join, .room = place->id, .account = whom);
    if (outcome->status != ERR_OK)
        return;
    const membership_t *member = outcome->answer;
    s_model_join(place, member->account, member->role);
}

static void s_go(world_t *world, place_t *place, uint64_t who)
{
    uint64_t whom = s_dice(2) > 0 ? who : s_anybody();
    const outcome_t *outcome =
        whom == who ? ASK(world->at, who, room_leave, .room = place->id)
                    : ASK(world->at, who, room_kick, .room = place->id, .account = whom);
    if (outcome->status == ERR_OK)
        place->role[whom] = room_role_NONE;
}

static void s_rank(world_t *world, place_t *place, uint64_t who)
{
    uint64_t whom = s_anybody();
    room_role_t role = s_dice(2) > 0 ? room_role_MODERATOR : room_role_MEMBER;
    if (ASK(world->at, who, room_set_role, .room = place->id, .account = whom, .role = role)
            ->status == ERR_OK)
        place->role[whom] = role;
}

/* Something is said and reacted to, and lost with the journal's tail. */
static void s_lose(world_t *world, const place_t *place, uint64_t who, uint64_t seq)
{
    room_post_call_t post = {.room = place->id, .text = SLICE_LIT("lost @p1"), .thread = seq};
    message_react_call_t react = {place->id, seq, SLICE_LIT("+")};
    world->at->principal = who;
    staging_send(world->at, CALL_room_post, &post);
    staging_send(world->at, CALL_message_react, &react);
    staging_lose(world->at);
    if (s_dice(4) == 0)
        staging_restart(world->at);
}

static void s_step(world_t *world)
{
    place_t *place = &world->places[s_dice(ROOMS)];
    uint64_t who = s_anybody(), seq = s_any_seq(place);
    unsigned dice = s_dice(100);
    if (dice < 35)
        s_post(world, place, who);
    else if (dice < 38)
        s_post_again(world, place, seq);
    else if (dice < 46)
        s_edit(world, place, s_dice(2) > 0 && seq <= place->count ? place->said[seq].sender : who,
               seq);
    else if (dice < 50)
        s_delete(world, place, who, seq);
    else if (dice < 66)
        s_react(world, place, who, seq);
    else if (dice < 72)
        s_pin(world, place, who, place->count > 50 ? 1 + seq % 50 : seq); /* few, and pinned again */
    else if (dice < 84)
        s_read(world, place, who, seq);
    else if (dice < 91)
        s_come(world, place, who);
    else if (dice < 95)
        s_go(world, place, who);
    else if (dice < 98)
        s_rank(world, place, who);
    else
        s_lose(world, place, who, seq);
}

/* ---- comparing ---- */

static void s_compare_mentions(const said_t *said, const message_t *message)
{
    unsigned mentions = 0;
    for (size_t i = 0; i < message->mentions.count; i++)
        mentions |= s_bit(message->mentions.items[i]);
    assert_int_equal(mentions, said->mentions);
    assert_int_equal(message->everyone, said->everyone);
}

static void s_compare_reactions(const said_t *said, const message_t *message, uint64_t who)
{
    const reaction_t *reactions = message->reactions.items;
    assert_int_equal(message->reactions.count, said->kind_count);
    for (size_t i = 0; i < said->kind_count; i++) {
        unsigned reacted = said->reacted[said->kinds[i]];
        assert_true(slice_is(reactions[i].emoji, s_emojis[said->kinds[i]]));
        assert_int_equal(reactions[i].count, __builtin_popcount(reacted));
        assert_int_equal(reactions[i].mine, (reacted & s_bit(who)) != 0);
    }
}

static void s_compare_message(const place_t *place, const message_t *message, uint64_t who)
{
    const said_t *said = s_said(place, message->seq);
    assert_non_null(said);
    assert_int_equal(message->room, place->id);
    assert_int_equal(message->sender, said->sender);
    assert_true(slice_is(message->text, said->text));
    assert_int_equal(message->time, said->time);
    assert_int_equal(message->reply_to, said->reply_to);
    assert_int_equal(message->thread, said->thread);
    assert_int_equal(message->edited, said->edited);
    assert_int_equal(message->deleted, said->deleted);
    assert_int_equal(message->pinned, said->pinned);
    assert_int_equal(message->replies, s_model_replies(place, message->seq));
    s_compare_mentions(said, message);
    s_compare_reactions(said, message, who);
}

/* A page of consecutive messages from `first` on. */
static void s_compare_page(const place_t *place, const outcome_t *outcome, uint64_t who,
                           uint64_t first, uint64_t count)
{
    s_expect(outcome, ERR_OK);
    const message_list_t *page = outcome->answer;
    const message_t *messages = page->messages.items;
    assert_int_equal(page->messages.count, count);
    for (uint64_t i = 0; i < count; i++) {
        assert_int_equal(messages[i].seq, first + i);
        s_compare_message(place, &messages[i], who);
    }
}

static uint64_t s_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void s_compare_history(staging_t *at, const place_t *place, uint64_t who)
{
    uint64_t seq = s_any_seq(place), limit = 1 + s_dice(60), room = place->id;
    uint64_t before = s_least(seq - 1, limit), half = s_least(seq - 1, limit / 2);
    uint64_t after = s_least(place->count - s_least(seq, place->count), limit);
    uint64_t from = s_least(place->count + 1 - seq, limit - half), newest;
    s_compare_page(place, ASK(at, who, room_history, .room = room, .before = seq, .limit = limit),
                   who, seq - before, before);
    s_compare_page(place, ASK(at, who, room_history, .room = room, .after = seq, .limit = limit),
                   who, seq + 1, after);
    s_compare_page(place, ASK(at, who, room_history, .room = room, .around = seq, .limit = limit),
                   who, seq - half, half + from);
    newest = s_least(place->count, limit);
    s_compare_page(place, ASK(at, who, room_history, .room = room, .limit = limit), who,
                   place->count + 1 - newest, newest);
    if (seq > place->count)
        return;
    s_compare_page(
        place,
        ASK(at, who, room_history, .room = room, .since = place->said[seq].time, .limit = limit),
        who, seq, s_least(place->count + 1 - seq, limit));
}

/* The messages of the model that are wanted, in order, are those that were answered. */
typedef bool wanted_fn(const said_t *said, uint64_t number);

static bool s_of_thread(const said_t *said, uint64_t root)
{
    return said->thread == root;
}

static bool s_pinned(const said_t *said, uint64_t number)
{
    (void)number;
    return said->pinned != 0;
}

static void s_compare_wanted(const place_t *place, const outcome_t *outcome, uint64_t who,
                             wanted_fn *wanted, uint64_t number)
{
    s_expect(outcome, ERR_OK);
    const message_list_t *list = outcome->answer;
    const message_t *messages = list->messages.items;
    size_t met = 0;
    for (uint64_t seq = 1; seq <= place->count; seq++) {
        if (!wanted(&place->said[seq], number))
            continue;
        assert_true(met < list->messages.count);
        assert_int_equal(messages[met].seq, seq);
        s_compare_message(place, &messages[met++], who);
    }
    assert_int_equal(met, list->messages.count);
}

static void s_compare_reactors(staging_t *at, const place_t *place, uint64_t who)
{
    uint64_t seq = s_any_seq(place);
    int kind = (int)s_dice(KINDS);
    const outcome_t *outcome = ASK(at, who, message_reactors, .room = place->id, .seq = seq,
                                   .emoji = slice_of(s_emojis[kind]));
    if (seq > place->count) {
        s_expect(outcome, ERR_NOT_FOUND);
        return;
    }
    const reactor_list_t *list = outcome->answer;
    unsigned reacted = 0;
    for (size_t i = 0; i < list->accounts.count; i++)
        reacted |= s_bit(list->accounts.items[i]);
    assert_int_equal(reacted, place->said[seq].reacted[kind]);
    assert_int_equal(list->accounts.count, __builtin_popcount(reacted));
}

static void s_compare_readers(staging_t *at, const place_t *place, uint64_t who)
{
    const marker_list_t *list = ASK(at, who, room_readers, .room = place->id)->answer;
    const read_marker_t *markers = list->readers.items;
    size_t met = 0;
    for (uint64_t reader = 1; reader <= PEOPLE; reader++) {
        if (!s_is_in(place, reader))
            continue;
        assert_true(met < list->readers.count);
        assert_int_equal(markers[met].account, reader);
        assert_int_equal(markers[met++].seq, place->read[reader]);
    }
    assert_int_equal(met, list->readers.count);
}

static void s_compare_unread(const world_t *world, staging_t *at, uint64_t who)
{
    const unread_list_t *list = ASK(at, who, room_unread, .limit = ROOMS)->answer;
    const unread_t *unread = list->rooms.items;
    size_t met = 0;
    for (size_t i = 0; i < ROOMS; i++) {
        const place_t *place = &world->places[i];
        if (!s_is_in(place, who))
            continue;
        assert_true(met < list->rooms.count);
        assert_int_equal(unread[met].room, place->id);
        assert_int_equal(unread[met].seq, place->count);
        assert_int_equal(unread[met].read, place->read[who]);
        assert_int_equal(unread[met].unread, place->count - place->read[who]);
        assert_int_equal(unread[met++].mentions, s_model_mentions(place, who));
    }
    assert_int_equal(met, list->rooms.count);
}

static void s_compare_place(staging_t *at, const place_t *place, uint64_t who)
{
    uint64_t seq = s_any_seq(place);
    if (!s_reads(place, who)) {
        s_expect(ASK(at, who, room_history, .room = place->id), ERR_NOT_FOUND);
        return;
    }
    s_compare_history(at, place, who);
    s_compare_reactors(at, place, who);
    s_compare_readers(at, place, who);
    s_compare_wanted(place, ASK(at, who, room_pins, .room = place->id), who, s_pinned, 0);
    if (seq > place->count)
        return;
    uint64_t root = place->said[seq].thread != 0 ? place->said[seq].thread : seq;
    s_compare_wanted(place,
                     ASK(at, who, room_thread, .room = place->id, .seq = seq, .limit = LIMIT_PAGE),
                     who, s_of_thread, root);
}

static void s_compare(const world_t *world, staging_t *at)
{
    for (uint64_t who = 1; who <= PEOPLE; who++) {
        s_compare_unread(world, at, who);
        for (size_t i = 0; i < ROOMS; i++)
            s_compare_place(at, &world->places[i], who);
    }
}

/* ---- the test ---- */

static void s_open(world_t *world, place_t *place, room_kind_t kind, uint64_t who)
{
    const outcome_t *made = kind == room_kind_DIRECT
                                ? ASK(world->at, who, room_direct, .account = who + 1)
                                : ASK(world->at, who, room_create, .kind = kind);
    s_expect(made, ERR_OK);
    place->id = ((const room_t *)made->answer)->id;
    place->kind = kind;
    place->said = mem_zeroed((STEPS + 2) * sizeof(said_t));
    place->role[who] = kind == room_kind_DIRECT ? room_role_MEMBER : room_role_OWNER;
    if (kind == room_kind_DIRECT)
        place->role[who + 1] = room_role_MEMBER;
}

static unsigned s_seed(void)
{
    const char *given = getenv("KITH_SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : 20260101;
    print_message("KITH_SEED=%u\n", seed);
    return seed;
}

static void s_test_random_deeds_match_the_model(void **state)
{
    static const room_kind_t kinds[ROOMS] = {room_kind_OPEN, room_kind_OPEN, room_kind_PRIVATE,
                                             room_kind_PRIVATE, room_kind_DIRECT};
    (void)state;
    world_t *world = mem_new(world_t);
    srandom(s_seed());
    world->at = people_new(s_logins, PEOPLE);
    for (size_t i = 0; i < ROOMS; i++)
        s_open(world, &world->places[i], kinds[i], 1 + i);
    for (int step = 1; step <= STEPS; step++) {
        s_step(world);
        if (step % STEPS_A_COMPARISON == 0)
            s_compare(world, world->at);
    }
    assert_true(staging_replays(world->at));
    staging_t *fresh = staging_replayed(world->at);
    s_compare(world, fresh);
    staging_destroy(&fresh);
    staging_destroy(&world->at);
    for (size_t i = 0; i < ROOMS; i++)
        mem_free(world->places[i].said);
    mem_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_test_random_deeds_match_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
