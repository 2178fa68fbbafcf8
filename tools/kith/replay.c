/* replay.c - kith replay --verify: are the projections what the journal makes of them?
 * With --into it is something else: into/into.c.
 *
 * Every projection is made anew in a temporary folder from the same records that the one on
 * disk has applied, and the digests of their rows are compared. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "actors/clock.h"
#include "actors/crypto.h"
#include "tools/kith/cast.h"
#include "tools/kith/command.h"
#include "tools/kith/into/into.h"
#include "tools/kith/place.h"
#include "tools/kith/walk.h"

enum { ACTORS_MAX = 16 };

/* A projection on disk, and what came of it. */
typedef struct projection {
    const actor_row_t *row;
    err_t err; /* of reading the one on disk */
    uint64_t applied;
    uint8_t digest[CRYPTO_BLAKE256_SIZE];
    uint8_t made[CRYPTO_BLAKE256_SIZE];
    int64_t took_us; /* to make it, of a processor */
    bool same;
} projection_t;

typedef struct replay {
    projection_t all[ACTORS_MAX];
    size_t count;
    cast_t *cast;
    bool damaged;
} replay_t;

static bool s_record(void *ctx, const record_t *record, const uint8_t hash[HASH_SIZE])
{
    replay_t *replay = ctx;
    (void)hash;
    cast_take(replay->cast, record);
    return !replay->damaged;
}

static void s_flaw(void *ctx, const audit_flaw_t *flaw)
{
    replay_t *replay = ctx;
    walk_print_flaw(flaw, "kith: ", stderr);
    replay->damaged = replay->damaged || flaw->damage;
}

/* What stands on disk. */
static void s_inspect(replay_t *replay, const char *data)
{
    for (size_t i = 0; cast_rows[i] != NULL; i++) {
        char path[PATH_MAX];
        projection_t *projection = &replay->all[replay->count++];
        projection->row = cast_rows[i];
        place_join(path, data, projection->row->name);
        projection->err = store_inspect(path, &projection->applied, projection->digest);
        if (projection->err != ERR_OK)
            projection->applied = 0;
    }
}

static err_t s_open_cast(replay_t *replay, const char *data)
{
    cast_part_t parts[ACTORS_MAX];
    for (size_t i = 0; i < replay->count; i++) {
        const projection_t *projection = &replay->all[i];
        bool whole = projection->err != ERR_OK; /* nothing to compare; it is made all the same */
        parts[i] = (cast_part_t){projection->row, whole ? UINT64_MAX : projection->applied, 0};
    }
    return cast_open(data, parts, replay->count, &replay->cast);
}

static err_t s_compare(replay_t *replay)
{
    err_t err = ERR_OK;
    for (size_t i = 0; i < replay->count && err == ERR_OK; i++) {
        projection_t *projection = &replay->all[i];
        projection->took_us = cast_took_us(replay->cast, i);
        err = store_digest(cast_store(replay->cast, i), projection->made);
        projection->same = err == ERR_OK && projection->err == ERR_OK &&
                           memcmp(projection->made, projection->digest, CRYPTO_BLAKE256_SIZE) == 0;
    }
    return err;
}

/* ---- telling ---- */

static const char *s_verdict(const projection_t *projection)
{
    if (projection->err == ERR_NOT_FOUND)
        return "missing";
    if (projection->err != ERR_OK)
        return "damaged";
    return projection->same ? "same" : "different";
}

static void s_print(const options_t *options, const projection_t *projection)
{
    buf_t disk = {0}, made = {0};
    if (projection->err == ERR_OK)
        crypto_hex(&disk, slice_new(projection->digest, CRYPTO_BLAKE256_SIZE));
    crypto_hex(&made, slice_new(projection->made, CRYPTO_BLAKE256_SIZE));
    if (options->json)
        printf("{\"actor\":\"%s\",\"applied\":%" PRIu64
               ",\"verdict\":\"%s\",\"digest\":\"%.*s\",\"made\":\"%.*s\","
               "\"processor_us\":%" PRId64 "}\n",
               projection->row->name, projection->applied, s_verdict(projection),
               SLICE_ARG(buf_slice(&disk)), SLICE_ARG(buf_slice(&made)), projection->took_us);
    else
        printf("%-8s %10" PRIu64 "  %-9s  %.*s\n", projection->row->name, projection->applied,
               s_verdict(projection), SLICE_ARG(buf_slice(&made)));
    buf_free(&disk);
    buf_free(&made);
}

static bool s_tell(const options_t *options, const replay_t *replay, const walk_t *walk,
                   int64_t took_us)
{
    uint64_t records = walk->report.records;
    uint64_t speed = records * 1000000 / (uint64_t)(took_us + 1);
    bool same = true;
    for (size_t i = 0; i < replay->count; i++) {
        s_print(options, &replay->all[i]);
        same = same && replay->all[i].same;
    }
    if (options->json)
        printf("{\"records\":%" PRIu64 ",\"microseconds\":%" PRId64 ",\"records_a_second\":%" PRIu64
               "}\n",
               records, took_us, speed);
    else
        printf("%" PRIu64 " records in %.2f s, %" PRIu64 " a second into all projections\n",
               records, (double)took_us / 1e6, speed);
    return same;
}

/* ---- the whole ---- */

static bool s_replay(const options_t *options, replay_t *replay, walk_t *walk)
{
    int64_t start = clock_us(CLOCK_MONOTONIC);
    bool read = walk_run(walk);
    err_t err = cast_rest(replay->cast);
    int64_t took_us = clock_us(CLOCK_MONOTONIC) - start;
    if (err == ERR_OK)
        err = s_compare(replay);
    if (err != ERR_OK)
        place_complain("replay", err);
    if (replay->damaged)
        fprintf(stderr, "kith: a damaged journal makes no projections; see kith journal verify\n");
    return read && err == ERR_OK && !replay->damaged && s_tell(options, replay, walk, took_us);
}

outcome_t replay_run(const options_t *options)
{
    replay_t replay = {0};
    walk_t walk = {.options = options, .eyes = {&replay, s_record, s_flaw}};
    if (options->verify == (options->into != NULL)) {
        fprintf(stderr, "kith: say kith replay --verify, or kith replay --into URL\n");
        return OUTCOME_USAGE;
    }
    if (options->into != NULL)
        return into_run(options);
    if (!place_free(options->data))
        return OUTCOME_BAD;
    s_inspect(&replay, options->data);
    err_t err = s_open_cast(&replay, options->data);
    if (err != ERR_OK && err != ERR_TOO_OLD)
        place_complain("the temporary projections", err);
    bool same = err == ERR_OK && s_replay(options, &replay, &walk);
    cast_close(&replay.cast);
    return same ? OUTCOME_GOOD : OUTCOME_BAD;
}
