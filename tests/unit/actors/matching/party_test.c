/* party_test.c - who is matched, held against all subsets of small crowds: what is found fits,
 * and what fits is found. */
#include "actors/matching/party.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/actors/matching/asking.h"

enum { PEOPLE = 9, WORLDS = 2000, ROUNDS = 12 };

static const int64_t START = INT64_C(1790000000) * 1000 * 1000;
static const int64_t SECOND_US = 1000000;

/* A crowd of tickets that come one by one. */
typedef struct world {
    chance_t chance;
    lobby_t *lobby;
    asking_t askings[PEOPLE];
    standing_row_t standings[PEOPLE];
    match_ticket_t tickets[PEOPLE];
    bool open[PEOPLE];
    size_t count;
    int64_t now;
    size_t matched;
} world_t;

static bool s_agree(void *ctx, waiter_t *const *members, size_t count, waiter_t *candidate)
{
    (void)ctx;
    (void)members;
    (void)count;
    (void)candidate;
    return true;
}

static void s_come(world_t *world, uint64_t size_max)
{
    size_t i = world->count++;
    asking_make(&world->askings[i], &world->chance, size_max, 1);
    asking_standing(&world->standings[i], &world->chance, world->now);
    bool filled = chance_below(&world->chance, 4) > 0;
    world->tickets[i] =
        asking_ticket(&world->askings[i], i + 1, world->now, filled ? &world->standings[i] : NULL);
    world->open[i] = true;
    lobby_add(world->lobby, &world->tickets[i]);
}

static void s_go(world_t *world, uint64_t ticket)
{
    world->open[ticket - 1] = false;
    lobby_remove(world->lobby, ticket);
}

static void s_take(world_t *world, const party_t *party)
{
    const match_ticket_t *tickets[LIMIT_TICKET_SIZE];
    for (size_t i = 0; i < party->count; i++) {
        tickets[i] = &world->tickets[party->members[i]->ticket - 1];
        assert_true(world->open[party->members[i]->ticket - 1]);
    }
    assert_true(asking_match(tickets, party->count, world->now));
    uint64_t numbers[LIMIT_TICKET_SIZE];
    for (size_t i = 0; i < party->count; i++)
        numbers[i] = party->members[i]->ticket;
    for (size_t i = 0; i < party->count; i++) {
        assert_true(i == 0 || numbers[i - 1] < numbers[i]);
        s_go(world, numbers[i]);
    }
    world->matched += party->count;
}

/* As a round of the matchmaker does, without bounds. */
static void s_round(world_t *world)
{
    waiter_t *waiter;
    while ((waiter = lobby_due(world->lobby, world->now)) != NULL) {
        if (waiter->expires <= world->now) {
            s_go(world, waiter->ticket);
            continue;
        }
        party_t party = party_find(world->lobby, waiter, world->now, s_agree, NULL);
        if (party.count > 0)
            s_take(world, &party);
        else
            lobby_postpone(world->lobby, waiter, waiter_next(waiter, world->now));
    }
}

/* Of those who wait still no match can be made. */
static void s_assert_none_is_left(const world_t *world)
{
    const match_ticket_t *waiting[PEOPLE];
    size_t count = 0;
    for (size_t i = 0; i < world->count; i++)
        if (world->open[i])
            waiting[count++] = &world->tickets[i];
    for (size_t i = 0; i + 1 < count; i++)
        assert_false(asking_any(waiting + i, count - i, world->now));
    assert_int_equal(lobby_count(world->lobby), count);
}

static size_t s_live(uint64_t seed, uint64_t size_max)
{
    world_t world = {.chance = {seed}, .lobby = lobby_new(), .now = START};
    for (size_t round = 0; round < ROUNDS; round++) {
        uint64_t come = chance_below(&world.chance, 3);
        for (uint64_t i = 0; i < come && world.count < PEOPLE; i++)
            s_come(&world, size_max);
        s_round(&world);
        s_assert_none_is_left(&world);
        world.now += (int64_t)chance_below(&world.chance, 3) * SECOND_US / 2;
    }
    lobby_destroy(&world.lobby);
    return world.matched;
}

static void s_live_all(uint64_t size_max)
{
    size_t matched = 0;
    for (uint64_t seed = 1; seed <= WORLDS; seed++)
        matched += s_live(seed * UINT64_C(0x9e3779b97f4a7c15), size_max);
    assert_true(matched > WORLDS); /* the worlds are not empty */
}

static void test_pairs_are_what_all_pairs_say(void **state)
{
    (void)state;
    s_live_all(2);
}

static void test_groups_are_what_all_subsets_say(void **state)
{
    (void)state;
    s_live_all(5);
}

/* ---- who of several ---- */

static match_ticket_t s_plain(uint64_t id, uint64_t min, uint64_t max)
{
    return (match_ticket_t){
        .id = id,
        .account = id,
        .queue = SLICE_LIT("duel"),
        .min = min,
        .max = max,
        .opened = START,
        .expires = START + 60 * SECOND_US,
    };
}

/* The last one, after all others have had their turn. */
static waiter_t *s_last(lobby_t *lobby)
{
    waiter_t *waiter = lobby_oldest(lobby, waiter_word(SLICE_LIT("duel")));
    for (; waiter->newer != NULL; waiter = waiter->newer)
        lobby_postpone(lobby, waiter, waiter->expires);
    return waiter;
}

static void test_the_oldest_who_fit_come_first(void **state)
{
    lobby_t *lobby = lobby_new();
    (void)state;
    for (uint64_t id = 1; id <= 5; id++)
        lobby_add(lobby, &(match_ticket_t[]){s_plain(id, 2, 2)}[0]);
    party_t party = party_find(lobby, s_last(lobby), START, s_agree, NULL);
    assert_int_equal(party.count, 2);
    assert_int_equal(party.members[0]->ticket, 1);
    assert_int_equal(party.members[1]->ticket, 5);
    lobby_destroy(&lobby);
}

/* A newer one that has not had its turn may fit an older one than who looks. */
static void test_nobody_is_taken_before_their_turn(void **state)
{
    lobby_t *lobby = lobby_new();
    (void)state;
    for (uint64_t id = 1; id <= 2; id++)
        lobby_add(lobby, &(match_ticket_t[]){s_plain(id, 2, 2)}[0]);
    waiter_t *first = lobby_due(lobby, START);
    assert_int_equal(first->ticket, 1);
    assert_int_equal(party_find(lobby, first, START, s_agree, NULL).count, 0);
    lobby_destroy(&lobby);
}

static void test_who_stands_aside_is_met_by_nobody(void **state)
{
    lobby_t *lobby = lobby_new();
    (void)state;
    for (uint64_t id = 1; id <= 3; id++)
        lobby_add(lobby, &(match_ticket_t[]){s_plain(id, 2, 2)}[0]);
    waiter_t *last = s_last(lobby);
    lobby_set_aside(lobby, lobby_oldest(lobby, last->queue), START + SECOND_US);
    assert_int_equal(party_find(lobby, last, START, s_agree, NULL).members[0]->ticket, 2);

    assert_int_equal(lobby_due(lobby, START + SECOND_US)->ticket, 3);
    lobby_postpone(lobby, last, last->expires);
    assert_int_equal(lobby_due(lobby, START + SECOND_US)->ticket, 1);
    assert_int_equal(lobby_oldest(lobby, last->queue)->ticket, 1);
    lobby_destroy(&lobby);
}

static void test_the_largest_size_comes_first(void **state)
{
    lobby_t *lobby = lobby_new();
    (void)state;
    for (uint64_t id = 1; id <= 4; id++)
        lobby_add(lobby, &(match_ticket_t[]){s_plain(id, 2, 5)}[0]);
    assert_int_equal(party_find(lobby, s_last(lobby), START, s_agree, NULL).count, 4);
    lobby_destroy(&lobby);
}

enum { CLASSES = 14, MANY = 250 };

static bool s_keep_classes_apart(void *ctx, waiter_t *const *members, size_t count,
                                 waiter_t *candidate)
{
    (void)ctx;
    for (size_t i = 0; i < count; i++)
        if (members[i]->account != MANY &&
            members[i]->account % CLASSES == candidate->account % CLASSES)
            return false;
    return true;
}

/* With one of each class, and itself, it is one short, in more ways than can be tried. */
static void test_a_search_for_many_is_given_up(void **state)
{
    lobby_t *lobby = lobby_new();
    (void)state;
    for (uint64_t id = 1; id <= MANY; id++)
        lobby_add(lobby, &(match_ticket_t[]){s_plain(id, CLASSES + 2, CLASSES + 2)}[0]);
    party_t party = party_find(lobby, s_last(lobby), START, s_keep_classes_apart, NULL);
    assert_int_equal(party.count, 0);
    assert_true(party.work > PARTY_STEPS);
    assert_true(party.work < (LIMIT_TICKET_SIZE + 1) * (PARTY_STEPS + MANY));
    lobby_destroy(&lobby);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_are_what_all_pairs_say),
        cmocka_unit_test(test_groups_are_what_all_subsets_say),
        cmocka_unit_test(test_the_oldest_who_fit_come_first),
        cmocka_unit_test(test_nobody_is_taken_before_their_turn),
        cmocka_unit_test(test_who_stands_aside_is_met_by_nobody),
        cmocka_unit_test(test_the_largest_size_comes_first),
        cmocka_unit_test(test_a_search_for_many_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
