/* crowd_test.c - the crowd against a look at everybody, on random people and questions.
 *
 * People live in a few towns and all over the world, are changed and taken out, and every
 * question is asked page by page until its end. */
#include "actors/matching/crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "actors/matching/trait.h"
#include "schema/mem.h"

enum {
    PEOPLE = 3000,
    QUESTIONS = 400,
    CHANGES = 2000,
    TOWNS = 6,
    TAGS = 40,
    PAGE = 17,
    APART = 50
};

typedef struct world {
    crowd_t *crowd;
    candidate_t people[PEOPLE + 1]; /* by account; 0: not there */
    found_t found[PEOPLE];
    rank_t expected[PEOPLE];
} world_t;

static const int64_t s_now = INT64_C(1790000000) * 1000 * 1000; /* µs */

static uint32_t s_below(uint32_t bound)
{
    return (uint32_t)random() % bound;
}

static int64_t s_degrees(int64_t most)
{
    return (int64_t)(s_below(2000001)) * most - most * 1000000;
}

static uint32_t s_gender(void)
{
    static const char *const words[] = {"female", "male", "other", ""};
    return (uint32_t)trait_of(slice_of(words[s_below(8) < 6 ? s_below(2) : s_below(4)]));
}

static spot_t s_spot(bool exact)
{
    static const int64_t towns[TOWNS][2] = {{48856600, 2352200},    {51507400, -127800},
                                            {-33868800, 151209300}, {40712800, -74006000},
                                            {65000, 179990000},     {-100000, -179980000}};
    int64_t lat = s_degrees(90), lon = s_degrees(180);
    if (s_below(20) == 0)
        return (spot_t){0};
    if (s_below(4) > 0) {
        const int64_t *town = towns[s_below(TOWNS)];
        lat = town[0] + s_below(400000) - 200000;
        lon = town[1] + s_below(400000) - 200000;
    }
    return exact ? spot_of(lat, lon) : spot_veiled(lat, lon);
}

/* Each once, though several share a bit at a glance. */
static size_t s_tags(uint32_t tags[LIMIT_TAGS], size_t most)
{
    size_t count = s_below((uint32_t)most + 1);
    uint32_t tag = s_below(TAGS);
    for (size_t i = 0; i < count; i++) {
        tag = (tag + 1 + s_below(TAGS / LIMIT_TAGS - 1)) % TAGS;
        tags[i] = 1 + 8 * tag;
    }
    return count;
}

static candidate_t s_person(uint64_t account)
{
    candidate_t person = {
        .account = account,
        .gender = s_gender(),
        .preference = s_below(3) == 0 ? 0 : s_gender(),
        .born = (uint16_t)(s_below(10) == 0 ? 0 : 20000 + s_below(19000)),
        .fame = (uint16_t)(s_below(3) == 0 ? 0 : s_below(1000)),
        .seen = (uint32_t)(s_now / 60000000) - s_below(60 * 24 * 60),
        .barred = s_below(50) == 0 ? UINT32_MAX : 0,
        .spot = s_spot(false),
    };
    person.tag_count = (uint8_t)s_tags(person.tags, LIMIT_TAGS);
    return person;
}

static void s_put(world_t *world, uint64_t account)
{
    world->people[account] = s_person(account);
    crowd_put(world->crowd, &world->people[account]);
}

static int s_setup(void **state)
{
    world_t *world = mem_new(world_t);
    world->crowd = crowd_new();
    srandom(11);
    for (uint64_t account = 1; account <= PEOPLE; account++)
        s_put(world, account);
    for (int i = 0; i < CHANGES; i++)
        s_put(world, 1 + s_below(PEOPLE));
    for (int i = 0; i < CHANGES / 4; i++) {
        uint64_t account = 1 + s_below(PEOPLE);
        crowd_drop(world->crowd, account);
        world->people[account].account = 0;
    }
    *state = world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    crowd_destroy(&world->crowd);
    mem_free(world);
    return 0;
}

/* ---- questions ---- */

static trial_t s_question(void)
{
    trial_t trial = {
        .sort = (people_sort_t)(1 + s_below(5)),
        .now = s_now,
        .account = 1 + s_below(PEOPLE),
        .gender = s_gender(),
        .preference = s_below(3) == 0 ? 0 : s_gender(),
        .born = s_below(4) == 0 ? 0 : 20000 + s_below(19000),
        .spot = s_spot(true),
        .any = s_below(5) == 0,
        .fame_max = 1000,
    };
    trial.own_tag_count = s_tags(trial.own_tags, LIMIT_TAGS);
    if (s_below(2) == 0)
        trial.born_first = 20000 + s_below(19000);
    if (s_below(2) == 0)
        trial.born_last = 25000 + s_below(14000);
    if (s_below(3) == 0)
        trial.km_max = spot_known(trial.spot) ? 1 + s_below(s_below(2) ? 400 : 6000) : 0;
    if (s_below(4) == 0)
        trial.fame_min = s_below(500);
    if (s_below(4) == 0)
        trial.fame_max = 500 + s_below(500);
    if (s_below(4) == 0)
        trial.tag_count = s_tags(trial.tags, 2);
    return trial;
}

static ids_t s_apart(uint64_t apart[APART])
{
    for (size_t i = 0; i < APART; i++)
        apart[i] = (i > 0 ? apart[i - 1] : 0) + 1 + s_below(PEOPLE / APART);
    return (ids_t){apart, APART};
}

/* ---- the reference ---- */

static int s_by_rank(const void *a, const void *b)
{
    const rank_t *one = a, *other = b;
    return rank_before(*one, *other) ? -1 : 1;
}

static size_t s_look_at_all(world_t *world, const trial_t *trial, ids_t apart)
{
    size_t count = 0;
    for (size_t i = 1; i <= PEOPLE; i++) {
        const candidate_t *person = &world->people[i];
        if (person->account != 0 && trial_rules(trial, person) == 0 &&
            !ids_have(apart, person->account))
            world->expected[count++] = (rank_t){trial_key(trial, person), person->account};
    }
    qsort(world->expected, count, sizeof(rank_t), s_by_rank);
    return count;
}

static size_t s_ask_all_pages(world_t *world, const trial_t *trial, ids_t apart)
{
    wanted_t wanted = {.apart = apart, .limit = PAGE};
    size_t count = 0;
    for (;;) {
        size_t more = crowd_search(world->crowd, trial, &wanted, world->found + count);
        count += more;
        if (more < PAGE || count + PAGE > PEOPLE)
            return count;
        wanted.continued = true;
        wanted.after = world->found[count - 1].rank;
    }
}

static void test_the_crowd_answers_as_a_look_at_everybody(void **state)
{
    world_t *world = *state;
    uint64_t numbers[APART];
    size_t hits = 0;
    for (int i = 0; i < QUESTIONS; i++) {
        trial_t trial = s_question();
        ids_t apart = s_apart(numbers);
        size_t expected = s_look_at_all(world, &trial, apart);
        size_t found = s_ask_all_pages(world, &trial, apart);
        assert_int_equal(found, expected);
        for (size_t at = 0; at < found; at++) {
            assert_int_equal(world->found[at].rank.account, world->expected[at].account);
            assert_int_equal(world->found[at].rank.key, world->expected[at].key);
        }
        hits += found;
    }
    assert_true(hits > 10000); /* the questions are not all too narrow */
}

static void test_pages_hold_while_people_come_and_go(void **state)
{
    world_t *world = *state;
    trial_t trial = {
        .sort = people_sort_FAME, .now = s_now, .account = 1, .any = true, .fame_max = 1000};
    wanted_t wanted = {.limit = PAGE};
    assert_int_equal(crowd_search(world->crowd, &trial, &wanted, world->found), PAGE);
    wanted.continued = true;
    wanted.after = world->found[PAGE - 1].rank;
    for (size_t i = 0; i < PAGE; i++) /* the whole first page goes, its last one too */
        crowd_drop(world->crowd, world->found[i].rank.account);
    size_t expected = s_look_at_all(world, &trial, (ids_t){0});
    assert_int_equal(crowd_search(world->crowd, &trial, &wanted, world->found), PAGE);
    for (size_t i = 0; i < PAGE; i++)
        assert_int_equal(world->found[i].rank.account, world->expected[PAGE + i].account);
    assert_true(expected > 2 * PAGE);
}

static void test_a_person_takes_less_than_300_bytes(void **state)
{
    world_t *world = *state;
    crowd_t *crowd = crowd_new();
    enum { MANY = 200 * 1000 };
    for (uint64_t account = 1; account <= MANY; account++) {
        candidate_t person = world->people[1 + account % PEOPLE];
        person.account = account;
        crowd_put(crowd, &person);
    }
    assert_int_equal(crowd_count(crowd), MANY);
    assert_true(crowd_bytes(crowd) / MANY < 300);
    crowd_destroy(&crowd);
}

static void test_nobody_is_found_in_an_empty_crowd(void **state)
{
    world_t *world = *state;
    crowd_t *crowd = crowd_new();
    trial_t trial = {.sort = people_sort_BEST, .now = s_now, .account = 1, .fame_max = 1000};
    crowd_drop(crowd, 5);
    assert_int_equal(crowd_search(crowd, &trial, &(wanted_t){.limit = PAGE}, world->found), 0);
    crowd_destroy(&crowd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_the_crowd_answers_as_a_look_at_everybody),
        TEST(test_pages_hold_while_people_come_and_go),
        TEST(test_a_person_takes_less_than_300_bytes),
        TEST(test_nobody_is_found_in_an_empty_crowd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
