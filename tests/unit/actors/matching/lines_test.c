/* lines_test.c - nobody who should be picked is missed, and hardly anybody else is. */
#include "actors/matching/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TAGS = 1000, MOST = 10, CHANGES = 3000, QUESTIONS = 300 };

typedef struct person {
    uint32_t tags[MOST];
    size_t count;
} person_t;

static line_t s_block[LINES_A_BLOCK];
static person_t s_people[LINE_PEOPLE];

static uint32_t s_below(uint32_t bound)
{
    return (uint32_t)random() % bound;
}

/* Each once. */
static person_t s_person(size_t most)
{
    person_t person = {.count = s_below((uint32_t)most + 1)};
    for (size_t i = 0; i < person.count; i++) {
        uint32_t number = (uint32_t)i * (TAGS / MOST) + s_below(s_below(2) ? 3 : TAGS / MOST);
        person.tags[i] = number * UINT32_C(2654435761);
    }
    return person;
}

static tags_t s_tags(const person_t *person)
{
    return (tags_t){person->tags, person->count};
}

static size_t s_common(const person_t *one, const person_t *other)
{
    size_t common = 0;
    for (size_t i = 0; i < one->count; i++)
        for (size_t k = 0; k < other->count; k++)
            common += one->tags[i] == other->tags[k];
    return common;
}

static int s_setup(void **state)
{
    (void)state;
    srandom(5);
    memset(s_block, 0, sizeof s_block);
    memset(s_people, 0, sizeof s_people);
    for (int i = 0; i < CHANGES; i++) {
        uint32_t index = s_below(LINE_PEOPLE);
        lines_set(s_block, index, s_tags(&s_people[index]), false);
        s_people[index] = s_person(MOST);
        lines_set(s_block, index, s_tags(&s_people[index]), true);
    }
    return 0;
}

static void test_nobody_is_missed(void **state)
{
    size_t picked_by_mistake = 0, picked = 0;
    (void)state;
    for (int i = 0; i < QUESTIONS; i++) {
        person_t all = s_person(2), some = s_person(MOST);
        uint32_t least = s_below(4);
        line_t line;
        lines_pick(s_block, s_tags(&all), s_tags(&some), least, &line);
        for (uint32_t index = 0; index < LINE_PEOPLE; index++) {
            bool is_picked = line.words[index / 64] >> index % 64 & 1;
            bool is_right = s_common(&all, &s_people[index]) == all.count &&
                            s_common(&some, &s_people[index]) >= least;
            assert_true(is_picked || !is_right);
            picked += is_picked;
            picked_by_mistake += is_picked && !is_right;
        }
    }
    assert_true(picked > 1000);
    assert_true(picked_by_mistake * 10 < picked);
}

static void test_without_tags_there_is_nobody(void **state)
{
    line_t line;
    person_t rare = {{UINT32_C(0xfffffff1)}, 1};
    (void)state;
    for (uint32_t index = 0; index < LINE_PEOPLE; index++)
        lines_set(s_block, index, s_tags(&s_people[index]), false);
    for (size_t i = 0; i < LINES_A_BLOCK; i++)
        for (size_t word = 0; word < LINE_WORDS; word++)
            assert_int_equal(s_block[i].words[word], 0);
    lines_pick(s_block, s_tags(&rare), (tags_t){0}, 0, &line);
    assert_int_equal(line.words[0], 0);
}

static void test_more_than_one_has_is_not_there(void **state)
{
    line_t line;
    (void)state;
    lines_pick(s_block, (tags_t){0}, s_tags(&s_people[0]), (uint32_t)s_people[0].count + 1, &line);
    for (size_t word = 0; word < LINE_WORDS; word++)
        assert_int_equal(line.words[word], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nobody_is_missed, s_setup),
        cmocka_unit_test_setup(test_without_tags_there_is_nobody, s_setup),
        cmocka_unit_test_setup(test_more_than_one_has_is_not_there, s_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
