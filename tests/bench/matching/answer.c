#include "tests/bench/matching/answer.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <time.h>

#include "actors/matching/date.h"
#include "actors/matching/rows.h"
#include "actors/matching/sphere.h"
#include "actors/matching/trait.h"

/* What a question took, in ns. */
typedef struct taken {
    int64_t clock;
    int64_t processor;
} taken_t;

static int64_t s_now(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static taken_t s_begin(void)
{
    return (taken_t){s_now(CLOCK_MONOTONIC), s_now(CLOCK_THREAD_CPUTIME_ID)};
}

static taken_t s_end(taken_t begun)
{
    int64_t processor = s_now(CLOCK_THREAD_CPUTIME_ID);
    return (taken_t){s_now(CLOCK_MONOTONIC) - begun.clock, processor - begun.processor};
}

/* ---- who asks ---- */

static standing_row_t s_standing(world_t *world, uint64_t account)
{
    row_key_t key = row_key1('i', account);
    slice_t value;
    fault_t fault;
    const void *row;
    world_must(store_get(world->store, row_slice(&key), world->arena, &value));
    world_must(codec_unpack(value, shape_standing_row(), world->arena, &fault, &row));
    return *(const standing_row_t *)row;
}

static void s_put_traits(const char *name, ids_t traits)
{
    printf("\"%s\":[", name);
    for (size_t i = 0; i < traits.count; i++)
        printf("%s%" PRIu64, i > 0 ? "," : "", traits.items[i]);
    printf("],");
}

static void s_put_asker(world_t *world, uint64_t account)
{
    standing_row_t standing = s_standing(world, account);
    spot_t spot = spot_of(standing.lat, standing.lon);
    printf("\"account\":%" PRIu64 ",\"gender\":%" PRIu64 ",\"preference\":%" PRIu64
           ",\"born\":%" PRId64 ",",
           account, standing.gender, standing.preference, standing.born);
    printf("\"spot\":[%.17g,%.17g,%.17g],", (double)spot.x, (double)spot.y, (double)spot.z);
    s_put_traits("own_tags", standing.tags);
}

/* ---- for what ---- */

static void s_put_wish(world_t *world, const people_recommend_call_t *wish)
{
    int64_t today = date_of_time(world_time);
    ids_t tags;
    world_must(traits_read(wish->tags, world->arena, &tags));
    s_put_traits("tags", tags);
    printf("\"now\":%" PRId64 ",\"sort\":%d,\"any\":%d,\"km_max\":%" PRIu64 ",", world_time,
           (int)wish->sort, wish->any, wish->distance_max);
    printf("\"fame_min\":%" PRIu64 ",\"fame_max\":%" PRIu64 ",", wish->fame_min, wish->fame_max);
    printf("\"born_first\":%" PRId64 ",\"born_last\":%" PRId64 ",",
           wish->age_max > 0 ? date_born_by(today, wish->age_max + 1) + 1 : 0,
           wish->age_min > 0 ? date_born_by(today, wish->age_min) : 0);
    printf("\"after\":\"%.*s\",", SLICE_ARG(wish->cursor));
}

/* ---- what came of it ---- */

static void s_put_people(const recommendation_list_t *list)
{
    const recommendation_t *people = list->people.items;
    printf("\"people\":[");
    for (size_t i = 0; i < list->people.count; i++)
        printf("%s[%" PRIu64 ",%" PRIu64 "]", i > 0 ? "," : "", people[i].profile->account,
               people[i].score);
    printf("]");
}

void answer_put(world_t *world, uint64_t number)
{
    const kind_t *kind = &kinds[number % kind_count];
    arena_reset(world->arena);
    question_t question = kind_question(kind, world);
    taken_t taken = s_begin();
    const recommendation_list_t *list = world_ask(world, question.account, &question.wish);
    taken = s_end(taken);
    for (int page = 0; page < question.pages && list->next.len > 0; page++) {
        question.wish.cursor = arena_copy(world->arena, list->next);
        taken = s_begin();
        list = world_ask(world, question.account, &question.wish);
        taken = s_end(taken);
    }
    printf("{\"clock\":%" PRId64 ",\"processor\":%" PRId64 ",", taken.clock, taken.processor);
    s_put_asker(world, question.account);
    s_put_wish(world, &question.wish);
    s_put_people(list);
    printf("}\n");
    fflush(stdout);
}

/* Bytes that were asked of the system's allocator. */
static size_t s_memory(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

void answer_begin(world_t *world)
{
    int64_t longest = 0;
    size_t memory = s_memory();
    taken_t begun = s_begin();
    for (bool more = true; more;) {
        taken_t step = s_begin();
        more = stage_warm(world->stage);
        step = s_end(step);
        longest = step.processor > longest ? step.processor : longest;
    }
    begun = s_end(begun);
    printf("{\"clock\":%" PRId64 ",\"processor\":%" PRId64 ",\"longest\":%" PRId64
           ",\"bytes\":%zu,\"kinds\":[",
           begun.clock, begun.processor, longest, s_memory() - memory);
    for (size_t i = 0; i < kind_count; i++)
        printf("%s\"%s\"", i > 0 ? "," : "", kinds[i].name);
    printf("]}\n");
    fflush(stdout);
}
