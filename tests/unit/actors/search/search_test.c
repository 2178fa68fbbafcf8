/* search_test.c - the index against a reference that looks at every message.
 *
 * Ten thousand random operations on rooms and messages in many scripts; the reference
 * keeps all of it in arrays, and every question is asked of both, page by page. */
#include "tests/unit/actors/staging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "actors/search/words.h"
#include "schema/mem.h"

enum { ACCOUNTS = 5, ROOMS = 24, MESSAGES = 12 * 1000, OPERATIONS = 10 * 1000, NOBODY = 99 };

/* ---- the reference ---- */

typedef struct said {
    message_t message;
    words_t words;
    bool gone;
} said_t;

typedef struct world {
    staging_t *at;
    arena_t *arena; /* of all texts and words */
    arena_t *asked; /* of one question */
    said_t said[MESSAGES];
    size_t count;
    uint64_t seqs[ROOMS + 1];
    bool in[ACCOUNTS + 1][ROOMS + 1];
    bool deleted[ROOMS + 1];
} world_t;

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    world->at = staging_new(&search_actor);
    world->arena = arena_new();
    world->asked = arena_new();
    srandom(7);
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    bool replays = staging_replays(world->at);
    staging_destroy(&world->at);
    arena_destroy(&world->arena);
    arena_destroy(&world->asked);
    mem_free(world);
    return replays ? 0 : -1;
}

static bool s_has(words_t words, slice_t beginning)
{
    for (size_t i = 0; i < words.count; i++)
        if (slice_starts(words.items[i], beginning))
            return true;
    return false;
}

static bool s_is_hit(const world_t *world, const said_t *said, uint64_t who, words_t asked,
                     const search_messages_call_t *wish)
{
    uint64_t room = said->message.room;
    if (said->gone || world->deleted[room] || who > ACCOUNTS || !world->in[who][room])
        return false;
    if ((wish->room > 0 && wish->room != room) ||
        (wish->before > 0 && said->message.id >= wish->before))
        return false;
    for (size_t i = 0; i < asked.count; i++)
        if (!s_has(said->words, asked.items[i]))
            return false;
    return true;
}

/* ---- what happens ---- */

static void s_post_as(world_t *world, uint64_t id, uint64_t who, uint64_t room, const char *text)
{
    said_t *said = &world->said[world->count++];
    assert_true(world->count <= MESSAGES);
    said->message = (message_t){
        .id = id,
        .room = room,
        .seq = ++world->seqs[room],
        .sender = who,
        .login = SLICE_LIT("somebody"),
        .username = SLICE_LIT("Somebody"),
        .text = arena_copy(world->arena, slice_of(text)),
        .time = world->at->now,
        .client_id = SLICE_LIT("mine"),
    };
    said->words = words_of(said->message.text, world->arena);
    staging_tell(world->at, EVENT_room_posted, who,
                 &(room_posted_event_t){.message = &said->message});
}

static void s_post(world_t *world, uint64_t who, uint64_t room, const char *text)
{
    uint64_t last = world->count > 0 ? world->said[world->count - 1].message.id : 0;
    s_post_as(world, last + 1, who, room, text);
}

static void s_edit(world_t *world, said_t *said, const char *text)
{
    world->at->now++;
    said->message.text = arena_copy(world->arena, slice_of(text));
    said->message.edited = world->at->now;
    said->words = words_of(said->message.text, world->arena);
    staging_tell(world->at, EVENT_message_edited, said->message.sender,
                 &(message_edited_event_t){.room = said->message.room,
                                           .seq = said->message.seq,
                                           .text = said->message.text});
}

static void s_delete(world_t *world, said_t *said)
{
    said->gone = true;
    staging_tell(world->at, EVENT_message_deleted, said->message.sender,
                 &(message_deleted_event_t){.room = said->message.room,
                                            .seq = said->message.seq,
                                            .by = said->message.sender});
}

static void s_join(world_t *world, uint64_t who, uint64_t room)
{
    membership_t member = {.room = room, .account = who, .role = room_role_READER, .joined = 1};
    world->in[who][room] = true;
    staging_tell(world->at, EVENT_room_joined, who, &(room_joined_event_t){.member = &member});
}

static void s_leave(world_t *world, uint64_t who, uint64_t room)
{
    world->in[who][room] = false;
    staging_tell(world->at, EVENT_room_left, who,
                 &(room_left_event_t){.room = room, .account = who});
}

static void s_ban(world_t *world, uint64_t who, uint64_t room)
{
    room_ban_t ban = {.room = room, .account = who, .time = 1};
    world->in[who][room] = false;
    staging_tell(world->at, EVENT_room_banned, who, &(room_banned_event_t){.ban = &ban});
}

static void s_delete_room(world_t *world, uint64_t room)
{
    world->deleted[room] = true;
    staging_tell(world->at, EVENT_room_deleted, 0, &(room_deleted_event_t){.room = room});
}

/* ---- asking ---- */

static const outcome_t *s_ask(world_t *world, uint64_t who, const search_messages_call_t *wish)
{
    world->at->principal = who;
    return staging_ask(world->at, CALL_search_messages, wish);
}

static void s_same(const message_t *hit, const said_t *said, uint64_t who)
{
    const message_t *message = &said->message;
    assert_int_equal(hit->id, message->id);
    assert_int_equal(hit->room, message->room);
    assert_int_equal(hit->seq, message->seq);
    assert_int_equal(hit->edited, message->edited);
    assert_true(slice_eq(hit->text, message->text));
    assert_int_equal(hit->client_id.len, message->sender == who ? 4 : 0);
}

/* Where the reference finds the next hit below `at`; 0: nowhere, else one above it. */
static size_t s_next_hit(const world_t *world, size_t at, uint64_t who, words_t asked,
                         const search_messages_call_t *wish)
{
    while (at > 0 && !s_is_hit(world, &world->said[at - 1], who, asked, wish))
        at--;
    return at;
}

/* Both find the same, on every page; how many that is. */
static size_t s_agree(world_t *world, uint64_t who, search_messages_call_t wish)
{
    arena_reset(world->asked);
    words_t asked = words_of(wish.text, world->asked);
    const search_messages_call_t first = wish;
    size_t at = world->count, found = 0;
    for (bool more = true; more;) {
        const outcome_t *outcome = s_ask(world, who, &wish);
        assert_int_equal(outcome->status, ERR_OK);
        const hit_list_t *page = outcome->answer;
        const message_t *hits = page->messages.items;
        for (size_t i = 0; i < page->messages.count; i++, at--, found++) {
            at = s_next_hit(world, at, who, asked, &first);
            assert_true(at > 0);
            s_same(&hits[i], &world->said[at - 1], who);
        }
        more = page->next > 0;
        assert_true(!more || wish.before == 0 || page->next < wish.before);
        wish.before = page->next;
    }
    assert_int_equal(s_next_hit(world, at, who, asked, &first), 0);
    return found;
}

static size_t s_count(world_t *world, uint64_t who, const char *text)
{
    return s_agree(world, who, (search_messages_call_t){.text = slice_of(text)});
}

/* ---- tests ---- */

static void s_test_words_beginnings_and_all_of_them(void **state)
{
    world_t *world = *state;
    s_join(world, 1, 1);
    s_post(world, 1, 1, "The quick brown fox");
    s_post(world, 1, 1, "a quiet brow");
    assert_int_equal(s_count(world, 1, "qui"), 2);
    assert_int_equal(s_count(world, 1, "QUICK"), 1);
    assert_int_equal(s_count(world, 1, "brow"), 2);
    assert_int_equal(s_count(world, 1, "brown qui"), 1);
    assert_int_equal(s_count(world, 1, "fox brow the quick"), 1);
    assert_int_equal(s_count(world, 1, "uick"), 0);
    assert_int_equal(s_count(world, 1, "quick quiet"), 0);
}

static void s_test_edits_and_deletes(void **state)
{
    world_t *world = *state;
    s_join(world, 1, 1);
    for (int i = 0; i < 5000; i++)
        s_post(world, 1, 1, "filling");
    for (size_t i = 0; i < 5000; i += 499)
        s_edit(world, &world->said[i], "changed to something else");
    for (size_t i = 0; i < 5000; i += 998)
        s_delete(world, &world->said[i]);
    assert_int_equal(s_count(world, 1, "chan some"), 5);
    assert_int_equal(s_count(world, 1, "filling"), 5000 - 11);
    for (size_t i = 499; i < 5000; i += 998)
        s_edit(world, &world->said[i], "filling again");
    assert_int_equal(s_count(world, 1, "fill"), 5000 - 6);
    assert_int_equal(s_count(world, 1, "changed"), 0);
}

static void s_test_only_rooms_that_one_is_in(void **state)
{
    world_t *world = *state;
    s_join(world, 1, 1);
    s_join(world, 2, 1);
    s_join(world, 2, 2);
    s_post(world, 2, 1, "hello one");
    s_post(world, 2, 2, "hello two");
    assert_int_equal(s_count(world, 1, "hello"), 1);
    assert_int_equal(s_count(world, 2, "hello"), 2);
    assert_int_equal(s_count(world, NOBODY, "hello"), 0);
    assert_int_equal(s_agree(world, 2, (search_messages_call_t){SLICE_LIT("hello"), .room = 2}), 1);
    assert_int_equal(s_agree(world, 1, (search_messages_call_t){SLICE_LIT("hello"), .room = 2}), 0);
    s_leave(world, 1, 1);
    assert_int_equal(s_count(world, 1, "hello"), 0);
    s_join(world, 1, 1);
    assert_int_equal(s_count(world, 1, "hello"), 1);
    s_ban(world, 1, 1);
    assert_int_equal(s_count(world, 1, "hello"), 0);
    s_delete_room(world, 2);
    assert_int_equal(s_count(world, 2, "hello"), 1);
}

static void s_test_pages_are_newest_first(void **state)
{
    world_t *world = *state;
    s_join(world, 1, 1);
    for (int i = 0; i < 50; i++)
        s_post(world, 1, 1, "again");
    const hit_list_t *page =
        s_ask(world, 1, &(search_messages_call_t){.text = SLICE_LIT("again")})->answer;
    assert_int_equal(page->messages.count, 20);
    assert_int_equal(((const message_t *)page->messages.items)[0].id, 50);
    assert_int_equal(page->next, 31);
    search_messages_call_t last = {.text = SLICE_LIT("again"), .before = 31, .limit = 30};
    page = s_ask(world, 1, &last)->answer;
    assert_int_equal(page->messages.count, 30);
    assert_int_equal(page->next, 0);
    last.before = UINT64_MAX;
    page = s_ask(world, 1, &last)->answer;
    assert_int_equal(page->messages.count, 30);
}

static void s_test_refusals(void **state)
{
    world_t *world = *state;
    char many[256] = "";
    for (int i = 0; i < 33; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "%c%c ", 'a' + i / 6, 'a' + i);
    s_join(world, 1, 1);
    const char *const junk[] = {"", "?!", " \t ", "\xe2\x80\x8b", many};
    for (size_t i = 0; i < COUNT_OF(junk); i++)
        assert_int_equal(
            s_ask(world, 1, &(search_messages_call_t){.text = slice_of(junk[i])})->status,
            ERR_INVALID);
}

/* A segment may be passed over, and messages without words are messages. */
static void s_test_gaps_between_ids(void **state)
{
    world_t *world = *state;
    s_join(world, 1, 1);
    s_post_as(world, 5, 1, 1, "first");
    s_post_as(world, 4000, 1, 1, "...");
    s_post_as(world, 4001, 1, 1, "first again");
    s_post_as(world, 90000, 1, 1, "first of all");
    s_post_as(world, 99999, 1, 1, "!");
    assert_int_equal(s_count(world, 1, "first"), 3);
    s_edit(world, &world->said[1], "first now");
    assert_int_equal(s_count(world, 1, "first"), 4);
}

/* Eight bytes of them are sorted as a number, what is behind by itself. */
static void s_test_words_that_begin_alike_for_long(void **state)
{
    static const char *const texts[] = {"приватно", "приветик", "привет",
                                        "прив",     "привычка", "при"};
    world_t *world = *state;
    s_join(world, 1, 1);
    for (size_t i = 0; i < 60; i++)
        s_post(world, 1, 1, texts[i * 7 % COUNT_OF(texts)]);
    s_post_as(world, 90000, 1, 1, "the segment is full");
    assert_int_equal(s_count(world, 1, "при"), 60);
    assert_int_equal(s_count(world, 1, "прив"), 50);
    assert_int_equal(s_count(world, 1, "приве"), 20);
    assert_int_equal(s_count(world, 1, "приветик"), 10);
    assert_int_equal(s_count(world, 1, "привыч"), 10);
    assert_int_equal(s_count(world, 1, "приват"), 10);
}

/* Words that all use, in rooms of others, cost more rows than one answer may read: by
 * columns for who is in many rooms, by words for who is in few. */
static void s_test_a_long_search_goes_on_with_the_next_page(void **state)
{
    enum { OURS = 750 };
    static const char text[] = "needle a b c d e f g h i j k l m n o p q r s t";
    world_t *world = *state;
    for (uint64_t room = 1; room <= 20; room++)
        s_join(world, 1, room);
    s_join(world, 2, 1);
    for (uint64_t segment = 1; segment < 3000; segment++)
        s_post_as(world, segment << 11, 2, segment <= OURS ? 1 : 23, text);
    search_messages_call_t by_columns = {.text = SLICE_LIT("needle"), .limit = 100};
    search_messages_call_t by_words = {.text = slice_of(text), .limit = 100};
    assert_int_equal(s_agree(world, 1, by_columns), OURS);
    assert_int_equal(s_agree(world, 2, by_words), OURS);
    const hit_list_t *page = s_ask(world, 1, &by_columns)->answer;
    assert_true(page->next > 0 && page->messages.count > 0 && page->messages.count < 100);
    page = s_ask(world, 2, &by_words)->answer;
    assert_true(page->next > 0 && page->messages.count == 0);
}

/* ---- random ---- */

static const char *const s_vocabulary[] = {
    "hello", "help",     "helm",  "Hell",    "station", "stationary", "état",   "ETA",
    "train", "трамвай",  "трава", "Тарелка", "Αθήνα",   "αθλητής",    "東京都", "京都",
    "世界",  "你好世界", "مرحبا", "مَرْحَبًا",   "שלום",    "🎉",          "🎉👍",     "straße",
    "a",     "ab",       "abc",   "abcd",    "한국어",  "ไทยแลนด์",    "42",     "4242",
};

static void s_random_text(char *text, size_t size, size_t words)
{
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < words && len + 40 < size; i++)
        len += (size_t)snprintf(text + len, size - len, "%s%s", i > 0 ? " " : "",
                                s_vocabulary[(size_t)random() % COUNT_OF(s_vocabulary)]);
}

/* The beginning of a word, and another one at times. */
static void s_random_question(char *text, size_t size)
{
    char word[64];
    size_t len = 0;
    for (long words = 1 + random() % 3; words > 0; words--) {
        s_random_text(word, sizeof word, 1);
        size_t bytes = word_beginning(slice_of(word), (size_t)(1 + random() % 5));
        len += (size_t)snprintf(text + len, size - len, "%.*s ", (int)bytes, word);
    }
}

static void s_random_query(world_t *world)
{
    char text[256];
    s_random_question(text, sizeof text);
    search_messages_call_t wish = {.text = slice_of(text)};
    if (random() % 3 == 0)
        wish.room = (uint64_t)(1 + random() % ROOMS);
    if (random() % 4 == 0 && world->count > 0)
        wish.before = (uint64_t)(1 + random() % (long)(world->count + 10));
    wish.limit = (uint64_t)(random() % 2 ? 100 : 1 + random() % 100);
    (void)s_agree(world, (uint64_t)(1 + random() % ACCOUNTS), wish);
}

static void s_random_change(world_t *world)
{
    char text[512];
    said_t *said = &world->said[(size_t)random() % world->count];
    if (said->gone || world->deleted[said->message.room])
        return;
    s_random_text(text, sizeof text, (size_t)(1 + random() % 8));
    if (random() % 3 == 0)
        s_delete(world, said);
    else
        s_edit(world, said, text);
}

static void s_random_move(world_t *world)
{
    uint64_t who = (uint64_t)(1 + random() % ACCOUNTS), room = (uint64_t)(1 + random() % ROOMS);
    if (!world->in[who][room])
        s_join(world, who, room);
    else if (random() % 3 > 0)
        return;
    else if (random() % 2)
        s_leave(world, who, room);
    else
        s_ban(world, who, room);
}

static void s_random_post(world_t *world)
{
    char text[512];
    uint64_t room = (uint64_t)(1 + random() % ROOMS);
    if (world->deleted[room])
        return;
    s_random_text(text, sizeof text, (size_t)(random() % 10));
    s_post(world, (uint64_t)(1 + random() % ACCOUNTS), room, text);
}

static void s_random_operation(world_t *world)
{
    long kind = random() % 1000;
    world->at->now += random() % 1000;
    if (kind < 650 || world->count == 0)
        s_random_post(world);
    else if (kind < 850)
        s_random_change(world);
    else if (kind < 949)
        s_random_move(world);
    else if (kind < 950)
        s_delete_room(world, (uint64_t)(1 + random() % ROOMS));
    else if (kind < 951)
        staging_restart(world->at);
    else
        s_random_query(world);
}

static void s_test_random_operations(void **state)
{
    world_t *world = *state;
    for (int i = 0; i < OPERATIONS; i++)
        s_random_operation(world);
    assert_true(world->count > 5000);
    for (int i = 0; i < 100; i++)
        s_random_query(world);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(s_test_words_beginnings_and_all_of_them),
        TEST(s_test_edits_and_deletes),
        TEST(s_test_only_rooms_that_one_is_in),
        TEST(s_test_pages_are_newest_first),
        TEST(s_test_refusals),
        TEST(s_test_gaps_between_ids),
        TEST(s_test_words_that_begin_alike_for_long),
        TEST(s_test_a_long_search_goes_on_with_the_next_page),
        TEST(s_test_random_operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
