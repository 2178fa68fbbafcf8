#include "tests/bench/matching/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "schema/map.h"

enum {
    EPOCH = 1,
    BATCH_BYTES = 256 * 1024,      /* of records, at once into the journal */
    FLUSH_BYTES = 4 * 1024 * 1024, /* as in actors/actor.c */
    RESET_EVERY = 1000,
    LIKES_OF_AVID = 50, /* each so many likes one is theirs, … */
    LIKES_A_DISLIKE = 50,
    LIKES_A_BLOCK = 500,
    DAYS_AWAY = 400,
};

const int64_t world_time = INT64_C(1790000000) * 1000 * 1000;
static const int64_t DAY_US = INT64_C(24) * 3600 * 1000 * 1000;

void world_must(err_t err)
{
    if (err == ERR_OK)
        return;
    fprintf(stderr, "kith-matching: %s\n", err_info(err)->sentence);
    exit(EXIT_FAILURE);
}

static void s_begin(world_t *world, uint64_t people)
{
    *world = (world_t){.dice = {1}, .arena = arena_new(), .people = people};
    world_must(crypto_start());
}

void world_open_journal(world_t *world, const char *folder, uint64_t people)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/journal", folder);
    s_begin(world, people);
    world_must(journal_open(path, &(journal_options_t){.unsynced = true}, &world->journal));
    world_must(journal_raise_epoch(world->journal, EPOCH));
}

void world_open(world_t *world, const char *folder, uint64_t people)
{
    s_begin(world, people);
    world_must(store_open(folder, &world->store));
    world_must(store_expect(world->store, matching_actor.format));
    world->stage = stage_new(&matching_actor, world->store);
}

void world_close(world_t *world)
{
    stage_destroy(&world->stage);
    store_close(&world->store);
    journal_close(&world->journal);
    buf_free(&world->batch);
    arena_destroy(&world->arena);
    buf_free(&world->bytes);
}

/* ---- filling ---- */

static void s_flush(world_t *world)
{
    if (world->journal == NULL)
        world_must(stage_flush(world->stage));
    else if (world->batch.len > 0)
        world_must(journal_append(world->journal, world->batch.data, world->batch.len,
                                  journal_head(world->journal)));
    buf_reset(&world->batch);
}

static void s_apply(world_t *world, slice_t bytes)
{
    record_t record;
    world_must(record_read(&bytes, &record));
    world_must(stage_record(world->stage, &record));
    if (store_waiting(world->store) > FLUSH_BYTES)
        s_flush(world);
}

static void s_append(world_t *world, slice_t bytes)
{
    buf_append(&world->batch, bytes);
    if (world->batch.len > BATCH_BYTES)
        s_flush(world);
}

static void s_tell(world_t *world, event_number_t event, uint64_t account, int64_t time,
                   const void *body)
{
    const event_type_t *type = event_type((uint16_t)event);
    record_t record = {.type = type->number,
                       .version = 1,
                       .actor = (uint8_t)type->owner,
                       .time = time,
                       .account = account,
                       .principal = account};
    buf_reset(&world->bytes);
    record_begin(&world->bytes, &record);
    codec_pack(&world->bytes, type->shape(), body);
    record_end(&world->bytes);
    record_number(world->bytes.data, ++world->seq, EPOCH);
    if (world->journal == NULL)
        s_apply(world, buf_slice(&world->bytes));
    else
        s_append(world, buf_slice(&world->bytes));
}

static void s_join(world_t *world, uint64_t account)
{
    slice_t login = arena_printf(world->arena, "person%llu", (unsigned long long)account);
    profile_t profile = towns_profile(&world->dice, account, world->arena);
    int64_t seen = world_time - (int64_t)dice_rank(&world->dice, DAYS_AWAY) * DAY_US;
    s_tell(world, EVENT_account_registered, account, seen,
           &(account_registered_event_t){.id = account, .login = login, .username = login});
    s_tell(world, EVENT_profile_updated, account, seen,
           &(profile_updated_event_t){.profile = &profile});
    if (account % RESET_EVERY == 0)
        arena_reset(world->arena);
}

/* What one thinks of the other; the first thought stays.  Some are liked much more than
 * others, and some like much more. */
static bool s_think(world_t *world, map_t *thoughts, uint64_t number)
{
    bool avid = dice_below(&world->dice, LIKES_OF_AVID) == 0;
    uint64_t by = 1 + dice_below(&world->dice, avid ? AVID : world->people);
    uint64_t account = 1 + (dice_rank(&world->dice, world->people) * 7919) % world->people;
    uint64_t pair = by << 32 | account;
    if (by == account || map_get(thoughts, pair) != NULL)
        return false;
    map_put(thoughts, pair, thoughts);
    if (number % LIKES_A_BLOCK == 1)
        s_tell(world, EVENT_people_blocked, by, world_time,
               &(people_blocked_event_t){.account = account, .by = by});
    else if (number % LIKES_A_DISLIKE == 1)
        s_tell(world, EVENT_people_disliked, by, world_time,
               &(people_disliked_event_t){.account = account, .by = by, .on = true});
    else
        s_tell(world, EVENT_people_liked, account, world_time,
               &(people_liked_event_t){.account = account, .by = by});
    return true;
}

void world_fill(world_t *world, uint64_t likes)
{
    map_t *thoughts = map_new();
    if (world->journal == NULL)
        world_must(store_hurry(world->store));
    for (uint64_t account = 1; account <= world->people; account++)
        s_join(world, account);
    for (uint64_t i = 0; i < likes + likes / LIKES_A_DISLIKE;)
        i += s_think(world, thoughts, i);
    s_flush(world);
    map_destroy(&thoughts);
}

void world_put_profile(world_t *world, FILE *file)
{
    profile_t profile = towns_profile(&world->dice, 2, world->arena);
    const tag_t *tags = profile.tags.items;
    fprintf(file, "{\"gender\":\"%.*s\",\"birth\":\"%.*s\",\"lat\":%lld,\"lon\":%lld,\"tags\":[",
            SLICE_ARG(profile.gender), SLICE_ARG(profile.birth), (long long)profile.lat,
            (long long)profile.lon);
    for (size_t i = 0; i < profile.tags.count; i++)
        fprintf(file, "%s{\"name\":\"%.*s\"}", i > 0 ? "," : "", SLICE_ARG(tags[i].name));
    fprintf(file, "]}\n");
}

/* ---- questions ---- */

const recommendation_list_t *world_ask(world_t *world, uint64_t account,
                                       const people_recommend_call_t *wish)
{
    call_t call = {.type = CALL_people_recommend,
                   .corr = 1,
                   .principal = account,
                   .session = 1,
                   .time = world_time};
    buf_reset(&world->bytes);
    call_begin(&world->bytes, &call);
    codec_pack(&world->bytes, shape_people_recommend_call(), wish);
    slice_t in = buf_slice(&world->bytes);
    world_must(call_read(&in, &call));
    stage_call(world->stage, &call);

    reply_t reply;
    fault_t fault;
    const void *body;
    slice_t out = buf_slice(stage_out(world->stage));
    world_must(reply_read(&out, &reply));
    world_must(reply.status);
    world_must(codec_unpack(reply.body, shape_recommendation_list(), world->arena, &fault, &body));
    buf_reset(stage_out(world->stage));
    return body;
}
