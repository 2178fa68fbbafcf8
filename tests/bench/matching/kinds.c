#include "tests/bench/matching/kinds.h"

enum {
    USUAL = 8, /* kinds, the first ones */
    DEEP = 25  /* pages: 500 people */
};

/* ---- who asks ---- */

static uint64_t s_anybody(world_t *world)
{
    return 1 + dice_below(&world->dice, world->people);
}

static uint64_t s_one_who(world_t *world, bool (*is)(uint64_t account))
{
    uint64_t account = s_anybody(world);
    while (!is(account))
        account = s_anybody(world);
    return account;
}

static uint64_t s_avid(world_t *world)
{
    return 1 + dice_below(&world->dice, world->people < AVID ? world->people : AVID);
}

/* ---- for what ---- */

#define ASKED(who, ...)                                     \
    (question_t)                                            \
    {                                                       \
        .account = (who), .wish = (people_recommend_call_t) \
        {                                                   \
            .limit = 20, __VA_ARGS__                        \
        }                                                   \
    }

static question_t s_best(world_t *world)
{
    return ASKED(s_anybody(world), .sort = people_sort_BEST);
}

static question_t s_near(world_t *world)
{
    return ASKED(s_anybody(world), .sort = people_sort_BEST, .distance_max = 50);
}

static question_t s_usual(world_t *world)
{
    uint64_t age = 20 + dice_below(&world->dice, 30);
    return ASKED(s_anybody(world), .sort = people_sort_BEST, .age_min = age, .age_max = age + 10,
                 .distance_max = 100);
}

static question_t s_nearest(world_t *world)
{
    return ASKED(s_anybody(world), .sort = people_sort_DISTANCE);
}

static question_t s_age(world_t *world)
{
    return ASKED(s_anybody(world), .sort = people_sort_AGE);
}

static question_t s_fame(world_t *world)
{
    return ASKED(s_anybody(world), .sort = people_sort_FAME);
}

static question_t s_tags(world_t *world)
{
    return ASKED(s_anybody(world), .sort = people_sort_TAGS);
}

static question_t s_narrow(world_t *world)
{
    uint64_t age = 20 + dice_below(&world->dice, 30);
    return ASKED(s_anybody(world), .sort = people_sort_BEST, .age_min = age, .age_max = age + 2,
                 .fame_min = 100, .tags = towns_tag(&world->dice, world->arena));
}

static question_t s_usual_one(world_t *world)
{
    return kinds[dice_below(&world->dice, USUAL)].make(world);
}

/* ---- hard ones ---- */

static question_t s_rare(world_t *world)
{
    return ASKED(s_anybody(world), .sort = people_sort_BEST,
                 .tags = towns_rare_tag(&world->dice, world->arena));
}

static question_t s_two_tags(world_t *world)
{
    slice_t one = towns_tag(&world->dice, world->arena),
            other = towns_tag(&world->dice, world->arena);
    slice_t both = arena_printf(world->arena, "%.*s,%.*s", SLICE_ARG(one), SLICE_ARG(other));
    return ASKED(s_anybody(world), .sort = people_sort_TAGS, .tags = both);
}

static question_t s_nobody(world_t *world)
{
    return ASKED(s_anybody(world), .sort = people_sort_TAGS, .tags = SLICE_LIT("a tag of nobody"));
}

static question_t s_nobody_else(world_t *world)
{
    uint64_t age = 20 + dice_below(&world->dice, 30);
    return ASKED(s_anybody(world), .sort = people_sort_BEST, .age_min = age, .age_max = age + 5,
                 .fame_min = 60, .fame_max = 60, .tags = SLICE_LIT("tag1500,tag1600"));
}

static question_t s_remote_nearest(world_t *world)
{
    return ASKED(s_one_who(world, towns_is_remote), .sort = people_sort_DISTANCE);
}

static question_t s_remote_best(world_t *world)
{
    return ASKED(s_one_who(world, towns_is_remote), .sort = people_sort_BEST);
}

static question_t s_remote_wide(world_t *world)
{
    return ASKED(s_one_who(world, towns_is_remote), .sort = people_sort_BEST, .distance_max = 1000);
}

static question_t s_nowhere_best(world_t *world)
{
    return ASKED(s_one_who(world, towns_is_nowhere), .sort = people_sort_BEST);
}

static question_t s_any_kind(world_t *world)
{
    return ASKED(s_anybody(world), .sort = people_sort_BEST, .any = true);
}

static question_t s_deep(world_t *world)
{
    question_t question = s_usual_one(world);
    question.pages = DEEP;
    return question;
}

static question_t s_of_avid(world_t *world)
{
    question_t question = s_usual_one(world);
    question.account = s_avid(world);
    return question;
}

const kind_t kinds[] = {
    {"best, all over the world", s_best},
    {"best within 50 km", s_near},
    {"best within 100 km, ten years of age", s_usual},
    {"the nearest", s_nearest},
    {"the nearest in age, all over the world", s_age},
    {"the most famous", s_fame},
    {"the most common tags, all over the world", s_tags},
    {"a tag, three years of age, some fame", s_narrow},
    {"one of these", s_usual_one},
    {"a tag that few have", s_rare},
    {"two tags, the most common ones first", s_two_tags},
    {"a tag that nobody has", s_nobody},
    {"years, fame and tags that nobody has", s_nobody_else},
    {"the nearest, to whom all are far", s_remote_nearest},
    {"best, to whom all are far", s_remote_best},
    {"best within 1000 km, to whom all are far", s_remote_wide},
    {"best, to who is nowhere", s_nowhere_best},
    {"best, whatever anybody prefers", s_any_kind},
    {"the 26th page of one of these", s_deep},
    {"one of these, to who likes 10,000", s_of_avid},
};

const size_t kind_count = sizeof kinds / sizeof *kinds;

question_t kind_question(const kind_t *kind, world_t *world)
{
    question_t question = kind->make(world);
    if (towns_is_nowhere(question.account)) /* nothing is near to them */
        question.wish.distance_max = 0;
    return question;
}
