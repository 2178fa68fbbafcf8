/* main.c - kith-matching: how long a recommendation takes at the server.
 *
 *   kith-matching DIR PEOPLE LIKES     DIR is made and kept; one that is there is asked again
 *
 * The actor's own stage applies what PEOPLE people say of themselves and LIKES likes, and
 * then answers questions, one after the other, as it does behind the bus: from the call's
 * bytes to the reply's, with twenty profiles in it. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "actors/crypto.h"
#include "actors/stage.h"
#include "tests/bench/matching/towns.h"
#include "tools/bench/latency.h"

enum {
    EXIT_USAGE = 2,
    QUESTIONS = 1000,              /* of a kind */
    FLUSH_BYTES = 4 * 1024 * 1024, /* as in actors/actor.c */
    DEADLINE_MS = 5,
    RESET_EVERY = 1000,
};

static const int64_t s_time = INT64_C(1790000000) * 1000 * 1000; /* µs */
static const int64_t DAY_US = INT64_C(24) * 3600 * 1000 * 1000;

typedef struct bench {
    store_t *store;
    stage_t *stage;
    dice_t dice;
    arena_t *arena;
    buf_t bytes;
    uint64_t seq;
    uint64_t people;
    uint64_t likes;
} bench_t;

static void s_must(err_t err)
{
    if (err == ERR_OK)
        return;
    fprintf(stderr, "kith-matching: %s\n", err_info(err)->sentence);
    exit(EXIT_FAILURE);
}

static int64_t s_now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- filling ---- */

static void s_tell(bench_t *bench, event_number_t event, uint64_t account, int64_t time,
                   const void *body)
{
    const event_type_t *type = event_type((uint16_t)event);
    record_t record = {.type = type->number,
                       .version = 1,
                       .actor = (uint8_t)type->owner,
                       .time = time,
                       .account = account,
                       .principal = account};
    buf_reset(&bench->bytes);
    record_begin(&bench->bytes, &record);
    codec_pack(&bench->bytes, type->shape(), body);
    record_end(&bench->bytes);
    record_number(bench->bytes.data, ++bench->seq, 1);
    slice_t in = buf_slice(&bench->bytes);
    s_must(record_read(&in, &record));
    s_must(stage_record(bench->stage, &record));
    if (store_waiting(bench->store) > FLUSH_BYTES)
        s_must(stage_flush(bench->stage));
}

static void s_join(bench_t *bench, uint64_t account)
{
    slice_t login = arena_printf(bench->arena, "person%llu", (unsigned long long)account);
    profile_t profile = towns_profile(&bench->dice, account, bench->arena);
    int64_t seen = s_time - (int64_t)dice_rank(&bench->dice, 400) * DAY_US;
    s_tell(bench, EVENT_account_registered, account, seen,
           &(account_registered_event_t){.id = account, .login = login, .username = login});
    s_tell(bench, EVENT_profile_updated, account, seen,
           &(profile_updated_event_t){.profile = &profile});
    if (account % RESET_EVERY == 0)
        arena_reset(bench->arena);
}

/* Some are liked much more than others. */
static void s_like(bench_t *bench)
{
    uint64_t by = 1 + dice_below(&bench->dice, bench->people);
    uint64_t account = 1 + (dice_rank(&bench->dice, bench->people) * 7919) % bench->people;
    if (by != account)
        s_tell(bench, EVENT_people_liked, account, s_time,
               &(people_liked_event_t){.account = account, .by = by});
}

static void s_fill(bench_t *bench)
{
    int64_t begun = s_now_ns(CLOCK_MONOTONIC);
    s_must(store_hurry(bench->store));
    for (uint64_t account = 1; account <= bench->people; account++)
        s_join(bench, account);
    for (uint64_t i = 0; i < bench->likes; i++)
        s_like(bench);
    s_must(stage_flush(bench->stage));
    double seconds = (double)(s_now_ns(CLOCK_MONOTONIC) - begun) / 1e9;
    printf("applied %llu people and %llu likes in %.0f s, on one thread\n\n",
           (unsigned long long)bench->people, (unsigned long long)bench->likes, seconds);
}

/* ---- questions ---- */

static people_recommend_call_t s_best(bench_t *bench)
{
    (void)bench;
    return (people_recommend_call_t){.sort = people_sort_BEST};
}

static people_recommend_call_t s_near(bench_t *bench)
{
    (void)bench;
    return (people_recommend_call_t){.distance_max = 50};
}

static people_recommend_call_t s_usual(bench_t *bench)
{
    uint64_t age = 20 + dice_below(&bench->dice, 30);
    return (people_recommend_call_t){.age_min = age, .age_max = age + 10, .distance_max = 100};
}

static people_recommend_call_t s_nearest(bench_t *bench)
{
    (void)bench;
    return (people_recommend_call_t){.sort = people_sort_DISTANCE};
}

static people_recommend_call_t s_age(bench_t *bench)
{
    (void)bench;
    return (people_recommend_call_t){.sort = people_sort_AGE};
}

static people_recommend_call_t s_fame(bench_t *bench)
{
    (void)bench;
    return (people_recommend_call_t){.sort = people_sort_FAME};
}

static people_recommend_call_t s_tags(bench_t *bench)
{
    (void)bench;
    return (people_recommend_call_t){.sort = people_sort_TAGS};
}

static people_recommend_call_t s_narrow(bench_t *bench)
{
    uint64_t age = 20 + dice_below(&bench->dice, 30);
    return (people_recommend_call_t){
        .age_min = age,
        .age_max = age + 2,
        .fame_min = 100,
        .tags = towns_tag(&bench->dice, bench->arena),
    };
}

static people_recommend_call_t s_any_kind(bench_t *bench);

static const struct kind {
    const char *name;
    people_recommend_call_t (*make)(bench_t *bench);
} s_kinds[] = {
    {"best, all over the world", s_best},
    {"best within 50 km", s_near},
    {"best within 100 km, ten years of age", s_usual},
    {"the nearest", s_nearest},
    {"the nearest in age, all over the world", s_age},
    {"the most famous", s_fame},
    {"the most common tags, all over the world", s_tags},
    {"a tag, three years of age, some fame", s_narrow},
    {"one of these", s_any_kind},
};

static people_recommend_call_t s_any_kind(bench_t *bench)
{
    return s_kinds[dice_below(&bench->dice, sizeof s_kinds / sizeof *s_kinds - 1)].make(bench);
}

/* One question; how many people come of it. */
static uint64_t s_ask(bench_t *bench, const people_recommend_call_t *wish)
{
    call_t call = {.type = CALL_people_recommend,
                   .corr = 1,
                   .principal = 1 + dice_below(&bench->dice, bench->people),
                   .session = 1,
                   .time = s_time};
    buf_reset(&bench->bytes);
    call_begin(&bench->bytes, &call);
    codec_pack(&bench->bytes, shape_people_recommend_call(), wish);
    slice_t in = buf_slice(&bench->bytes);
    s_must(call_read(&in, &call));
    stage_call(bench->stage, &call);

    reply_t reply;
    fault_t fault;
    const void *body;
    slice_t out = buf_slice(stage_out(bench->stage));
    s_must(reply_read(&out, &reply));
    s_must(reply.status);
    s_must(codec_unpack(reply.body, shape_recommendation_list(), bench->arena, &fault, &body));
    buf_reset(stage_out(bench->stage));
    return ((const recommendation_list_t *)body)->people.count;
}

/* A line of the table; whether its p99 is below the deadline.  Times of the processor tell
 * what a machine of one's own would take. */
static bool s_measure(bench_t *bench, const struct kind *kind)
{
    static latency_t times, spent;
    uint64_t people = 0;
    latency_reset(&times);
    latency_reset(&spent);
    for (int i = 0; i < QUESTIONS; i++) {
        arena_reset(bench->arena);
        people_recommend_call_t wish = kind->make(bench);
        int64_t begun = s_now_ns(CLOCK_MONOTONIC), worked = s_now_ns(CLOCK_THREAD_CPUTIME_ID);
        people += s_ask(bench, &wish);
        latency_add(&spent, (uint64_t)(s_now_ns(CLOCK_THREAD_CPUTIME_ID) - worked));
        latency_add(&times, (uint64_t)(s_now_ns(CLOCK_MONOTONIC) - begun));
    }
    double p99 = (double)latency_at(&times, 0.99) / 1e6;
    printf("| %s | %.1f | %.2f | %.2f | %.2f | %.2f |\n", kind->name, (double)people / QUESTIONS,
           (double)latency_at(&times, 0.5) / 1e6, p99, (double)latency_at(&spent, 0.5) / 1e6,
           (double)latency_at(&spent, 0.99) / 1e6);
    return p99 < DEADLINE_MS;
}

/* The first question makes the crowd. */
static void s_make_crowd(bench_t *bench)
{
    people_recommend_call_t wish = s_best(bench);
    int64_t begun = s_now_ns(CLOCK_MONOTONIC);
    (void)s_ask(bench, &wish);
    printf("the first question, which reads everybody, took %.1f s\n\n",
           (double)(s_now_ns(CLOCK_MONOTONIC) - begun) / 1e9);
}

static bool s_ask_all(bench_t *bench)
{
    bool met = true;
    s_make_crowd(bench);
    printf("| asked for | people | p50 ms | p99 ms | of the processor p50 ms | p99 ms |\n"
           "|---|---:|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < sizeof s_kinds / sizeof *s_kinds; i++)
        met = s_measure(bench, &s_kinds[i]) && met;
    printf("\np99 below %d ms: %s\n", DEADLINE_MS, met ? "met" : "MISSED");
    return met;
}

int main(int argc, char **argv)
{
    bench_t bench = {.dice = {1}};
    if (argc != 4) {
        fprintf(stderr, "usage: kith-matching DIR PEOPLE LIKES (see tests/bench/matching/run)\n");
        return EXIT_USAGE;
    }
    s_must(crypto_start());
    bench.arena = arena_new();
    bench.people = strtoull(argv[2], NULL, 10);
    bench.likes = strtoull(argv[3], NULL, 10);
    s_must(store_open(argv[1], &bench.store));
    s_must(store_expect(bench.store, matching_actor.format));
    bench.stage = stage_new(&matching_actor, bench.store);
    if (store_applied(bench.store) == 0)
        s_fill(&bench);
    bool met = s_ask_all(&bench);
    stage_destroy(&bench.stage);
    store_close(&bench.store);
    arena_destroy(&bench.arena);
    buf_free(&bench.bytes);
    return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
