/* life.c - a few hundred steps, each of a kind that chance picks.
 *
 *   say      a batch of messages, some of people whose keys are in a block that is not made yet
 *   redact   somebody's key is to be destroyed
 *   flush    the projection writes what it has applied, unsynced
 *   keep     a snapshot: the projection is copied, and noted by the keeper
 *   turn     the keeper cuts and removes what may go
 *   note     the anchor
 *   mend     journal and projection are closed and opened, in a new epoch
 *
 * In the middle of it the rows of the projection get another format, and it is made anew, from a
 * snapshot where the journal was cut.
 *
 * Records are small and segments too, so that there are many of them. */
#include "tests/crash/cuts/life.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "actors/revive.h"
#include "actors/snapshots.h"
#include "actors/store.h"
#include "broker/anchor.h"
#include "broker/keeper.h"
#include "schema/codec.h"
#include "schema/pack.h"
#include "tests/crash/cuts/disk.h"

enum {
    BATCH_MOST = 12,
    LETTERS_MOST = 900,
    PEOPLE = 24,
    BLOCK = 1024, /* accounts whose keys are made at once */
    SEGMENT_BYTES = 24 * 1024,
    JOURNAL_BYTES = 64 * 1024, /* retention's goal */
    SECOND_US = 1000 * 1000,
    PAGE = 16 * 1024,
};

const char life_canary[] = "a word that is somebody's own";
static void s_convert(level_t *to, slice_t key, slice_t value)
{
    level_put(to, key, value);
}

const actor_row_t life_actor = {.name = "room", .format = 2, .converts = 1, .convert = s_convert};

static const int64_t s_time = INT64_C(1790000000000000);

typedef struct scene {
    life_t *life;
    uint64_t seed;
    const char *data;
    char journal_path[PATH_MAX], store_path[PATH_MAX];
    journal_options_t options;
    journal_t *journal;
    keeper_t *keeper;
    store_t *store;
    arena_t *arena;
    buf_t batch;
    uint64_t applied; /* by the projection, on disk or not */
    uint64_t redacted;
    uint64_t gone[PEOPLE]; /* accounts that were redacted */
    size_t gone_count;
    uint64_t format;
    int64_t now; /* monotonic */
} scene_t;

uint64_t life_draw(uint64_t *seed)
{
    uint64_t mixed = *seed += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

static uint64_t s_below(scene_t *scene, uint64_t limit)
{
    return life_draw(&scene->seed) % limit;
}

static void s_must(scene_t *scene, err_t err, const char *what)
{
    if (err != ERR_OK && scene->life->fault == NULL)
        scene->life->fault = what;
}

uint64_t life_segment_bytes(void)
{
    return SEGMENT_BYTES;
}

/* ---- records ---- */

void life_put_message(buf_t *out, uint64_t seq, uint64_t epoch, uint64_t sender, size_t letters)
{
    buf_t text = {0};
    buf_append(&text, slice_of(life_canary));
    memset(buf_reserve(&text, letters), 'x', letters);
    text.len += letters;
    const message_t message = {
        .id = seq,
        .room = 1 + seq % 3,
        .seq = seq,
        .sender = sender,
        .login = SLICE_LIT("somebody"),
        .username = SLICE_LIT("Somebody"),
        .text = buf_slice(&text),
        .time = s_time + (int64_t)seq,
    };
    record_begin(out, &(record_t){.type = EVENT_room_posted,
                                  .version = 1,
                                  .seq = seq,
                                  .epoch = epoch,
                                  .actor = owner_ROOM,
                                  .time = s_time + (int64_t)seq,
                                  .principal = sender,
                                  .room = 1 + seq % 3});
    codec_pack(out, shape_room_posted_event(), &(room_posted_event_t){&message});
    record_end(out);
    buf_free(&text);
}

static void s_put_redaction(buf_t *out, uint64_t seq, uint64_t epoch, uint64_t account)
{
    record_begin(out, &(record_t){.type = EVENT_account_redacted,
                                  .version = 1,
                                  .seq = seq,
                                  .epoch = epoch,
                                  .actor = owner_SESSION,
                                  .time = s_time + (int64_t)seq,
                                  .account = account});
    codec_pack(out, shape_account_redacted_event(), &(account_redacted_event_t){account});
    record_end(out);
}

/* Most are of the first block; others begin one. */
static uint64_t s_person(scene_t *scene)
{
    for (;;) {
        uint64_t account = 1 + s_below(scene, PEOPLE);
        if (s_below(scene, 60) == 0)
            return BLOCK * (1 + s_below(scene, 40)) + account;
        size_t i = 0;
        while (i < scene->gone_count && scene->gone[i] != account)
            i++;
        if (i == scene->gone_count)
            return account;
    }
}

/* ---- what is remembered ---- */

/* Where the bytes are is known once there are no more: until then `bytes.ptr` is an offset. */
static void s_remember(life_t *life, const record_t *record)
{
    if (life->count + 1 >= life->size) {
        life->size = life->size > 0 ? life->size * 2 : 1024;
        life->told = mem_grow(life->told, life->size * sizeof *life->told);
    }
    bool redacts = record->type == EVENT_account_redacted;
    life->told[++life->count] = (told_t){
        .bytes = {(const uint8_t *)life->words.len, record->bytes.len},
        .owner = redacts ? 0 : record->principal,
        .destroys = redacts ? record->account : 0,
    };
    buf_append(&life->words, record->bytes);
    assert(record->seq == life->count);
    for (uint64_t seq = 1; redacts && seq < record->seq; seq++)
        if (life->told[seq].owner == record->account && life->told[seq].redacted == 0)
            life->told[seq].redacted = record->seq;
}

static void s_promise(scene_t *scene)
{
    life_t *life = scene->life;
    if (life->promise_count == life->promise_size) {
        life->promise_size = life->promise_size > 0 ? life->promise_size * 2 : 256;
        life->promises = mem_grow(life->promises, life->promise_size * sizeof *life->promises);
    }
    life->promises[life->promise_count++] = (promise_t){
        .deeds = disk_count(),
        .head = journal_head(scene->journal),
        .epoch = journal_epoch(scene->journal),
        .redacted = scene->redacted,
    };
}

promise_t life_promised(const life_t *life, size_t deeds)
{
    promise_t last = {0};
    for (size_t i = 0; i < life->promise_count && life->promises[i].deeds <= deeds; i++)
        last = life->promises[i];
    return last;
}

/* ---- steps ---- */

slice_t life_cell(uint64_t seq, uint8_t key[CELL_KEY])
{
    key[0] = 'c';
    wide_put32(key + 1, (uint32_t)(seq % LIFE_CELLS));
    return slice_new(key, CELL_KEY);
}

static void s_apply(scene_t *scene, uint64_t seq)
{
    uint8_t key[CELL_KEY], value[8];
    wide_put64(value, seq);
    store_settled_begin(scene->store);
    store_put(scene->store, life_cell(seq, key), slice_new(value, sizeof value));
    store_settled_end(scene->store);
    scene->applied = seq;
}

/* As the scribe does it: what is stale is noted, then all is appended, then acknowledged. */
static void s_append(scene_t *scene)
{
    slice_t in = buf_slice(&scene->batch);
    record_t record;
    err_t err = keeper_heed(scene->keeper, in);
    if (err == ERR_OK)
        err = journal_append(scene->journal, scene->batch.data, scene->batch.len,
                             journal_head(scene->journal));
    s_must(scene, err, "appending");
    while (in.len > 0 && record_read(&in, &record) == ERR_OK) {
        s_remember(scene->life, &record); /* of a write that failed it may be there, too */
        if (err == ERR_OK)
            s_apply(scene, record.seq);
    }
    if (err == ERR_OK)
        s_promise(scene);
}

static void s_say(scene_t *scene)
{
    uint64_t head = journal_head(scene->journal), count = 1 + s_below(scene, BATCH_MOST);
    scene->batch.len = 0;
    for (uint64_t i = 1; i <= count; i++)
        life_put_message(&scene->batch, head + i, journal_epoch(scene->journal), s_person(scene),
                         s_below(scene, LETTERS_MOST));
    s_append(scene);
}

static void s_redact(scene_t *scene)
{
    if (scene->gone_count + 4 >= PEOPLE)
        return;
    uint64_t account = s_person(scene), seq = journal_head(scene->journal) + 1;
    if (account <= PEOPLE)
        scene->gone[scene->gone_count++] = account;
    scene->batch.len = 0;
    s_put_redaction(&scene->batch, seq, journal_epoch(scene->journal), account);
    scene->redacted = seq;
    s_append(scene);
}

static void s_flush(scene_t *scene)
{
    s_must(scene, store_flush(scene->store, scene->applied), "flushing the projection");
}

static err_t s_copy(scene_t *scene, copy_report_t *ret_report)
{
    char path[PATH_MAX];
    snapshots_path_new(path, scene->data, life_actor.name);
    err_t err = keeper_prepare(scene->keeper);
    if (err == ERR_OK)
        err = store_copy_begin(scene->store, path);
    if (err != ERR_OK)
        return err;
    while (!store_copy_end(scene->store, ret_report))
        continue;
    return ret_report->err;
}

static void s_keep(scene_t *scene)
{
    const snapshot_t *kept;
    copy_report_t report;
    buf_t digest = {0};
    s_flush(scene);
    uint64_t applied = scene->applied;
    if (applied == 0 || scene->life->fault != NULL)
        return;
    err_t err = s_copy(scene, &report);
    s_must(scene, err, "copying the projection");
    if (err != ERR_OK)
        return;
    if (s_below(scene, 4) == 0)
        s_redact(scene); /* while it is being made */
    crypto_hex(&digest, slice_new(report.digest, sizeof report.digest));
    const snapshot_part_t part = {
        .actor = slice_of(life_actor.name),
        .format = scene->format,
        .seq = applied,
        .base = applied,
        .digest = buf_slice(&digest),
        .rows = report.rows,
    };
    const snapshot_t taken = {.number = 1, .parts = {&part, 1}};
    arena_reset(scene->arena);
    s_must(scene, keeper_keep(scene->keeper, scene->journal, &taken, s_time, scene->arena, &kept),
           "keeping a snapshot");
    buf_free(&digest);
}

static void s_turn(scene_t *scene)
{
    scene->now += 20 * SECOND_US;
    keeper_turn_t turn;
    do
        turn = keeper_turn(scene->keeper, scene->journal, scene->now, s_time);
    while ((turn == KEEPER_WORKS || turn == KEEPER_CUT) && s_below(scene, 8) > 0);
    if (turn == KEEPER_WANTS)
        s_keep(scene);
}

static void s_note(scene_t *scene)
{
    s_must(scene, anchor_write(scene->data, scene->journal, s_time, false), "noting the end");
}

/* ---- coming and going ---- */

static void s_open(scene_t *scene)
{
    const keeper_options_t keep = {.bytes = JOURNAL_BYTES, .snapshots = 2};
    err_t err = journal_open(scene->journal_path, &scene->options, &scene->journal);
    if (err == ERR_OK)
        err = journal_raise_epoch(scene->journal, journal_epoch(scene->journal) + 1);
    if (err == ERR_OK)
        err = keeper_open(scene->data, &keep, &scene->keeper);
    if (err == ERR_OK)
        err = store_open(scene->store_path, &scene->store);
    if (err == ERR_OK)
        err = store_expect(scene->store, scene->format);
    s_must(scene, err, "opening");
    if (err == ERR_OK)
        s_promise(scene);
}

static void s_close(scene_t *scene)
{
    store_close(&scene->store);
    keeper_close(&scene->keeper);
    journal_close(&scene->journal);
}

static void s_mend(scene_t *scene)
{
    s_flush(scene);
    s_close(scene);
    s_open(scene);
}

/* What the journal has behind the projection, as an actor reads it at its start. */
static void s_catch_up(scene_t *scene)
{
    buf_t page = {0};
    record_t record;
    err_t err = ERR_OK;
    scene->applied = store_applied(scene->store);
    for (uint64_t next = scene->applied + 1;
         err == ERR_OK && next <= journal_head(scene->journal);) {
        page.len = 0;
        err = journal_read(scene->journal, next, PAGE, &page, &next);
        for (slice_t in = buf_slice(&page); in.len > 0 && record_read(&in, &record) == ERR_OK;)
            s_apply(scene, record.seq);
        s_flush(scene);
    }
    s_must(scene, err, "catching up");
    buf_free(&page);
}

static void s_upgrade(scene_t *scene)
{
    scene->life->upgrade = disk_count();
    scene->format = life_actor.format;
    s_mend(scene);
    if (scene->life->fault != NULL)
        return;
    revive_t revive = {scene->data, &life_actor, journal_first(scene->journal),
                       journal_head(scene->journal)};
    assert(!store_fits(scene->store));
    s_must(scene, revive_store(&revive, scene->store), "bringing rows to another format");
    s_catch_up(scene);
    scene->life->upgraded = disk_count();
}

/* How often each kind of step comes. */
static const struct {
    unsigned weight;
    void (*step)(scene_t *scene);
} s_kinds[] = {{60, s_say}, {3, s_redact}, {8, s_flush}, {2, s_keep},
               {8, s_turn}, {3, s_note},   {2, s_mend}};

static void s_step(scene_t *scene)
{
    unsigned total = 0;
    for (size_t i = 0; i < COUNT_OF(s_kinds); i++)
        total += s_kinds[i].weight;
    uint64_t drawn = s_below(scene, total);
    size_t kind = 0;
    while (drawn >= s_kinds[kind].weight)
        drawn -= s_kinds[kind++].weight;
    s_kinds[kind].step(scene);
}

life_t *life_live(const char *data, uint64_t seed, unsigned steps, bool unsynced)
{
    life_t *life = mem_new(life_t);
    scene_t scene = {
        .life = life,
        .seed = seed,
        .data = data,
        .options = {.segment_bytes = SEGMENT_BYTES, .unsynced = unsynced},
        .format = 1,
        .arena = arena_new(),
    };
    life->seed = seed;
    snprintf(scene.journal_path, sizeof scene.journal_path, "%s/journal", data);
    snprintf(scene.store_path, sizeof scene.store_path, "%s/%s", data, life_actor.name);
    s_open(&scene);
    for (unsigned i = 0; i < steps && life->fault == NULL; i++) {
        s_step(&scene);
        if (i == steps / 2 && life->fault == NULL)
            s_upgrade(&scene);
    }
    s_close(&scene);
    for (size_t seq = 1; seq <= life->count; seq++)
        life->told[seq].bytes.ptr = life->words.data + (size_t)life->told[seq].bytes.ptr;
    buf_free(&scene.batch);
    arena_destroy(&scene.arena);
    return life;
}

void life_destroy(life_t **life_p)
{
    life_t *life = *life_p;
    *life_p = NULL;
    buf_free(&life->words);
    mem_free(life->told);
    mem_free(life->promises);
    mem_free(life);
}
