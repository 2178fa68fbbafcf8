#include "tests/unit/actors/staging.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "actors/level.h"
#include "actors/rerun.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum { PATH_SIZE = SCRATCH_PATH_SIZE + 16 };

static const int64_t s_start = INT64_C(1790000000) * 1000 * 1000; /* µs */

/* ---- a store in a folder ---- */

static store_t *s_open(const staging_t *staging, const char *name)
{
    char path[PATH_SIZE];
    store_t *store = NULL;
    snprintf(path, sizeof path, "%s/%s", staging->folder, name);
    err_t err = store_open(path, &store);
    assert(err == ERR_OK);
    return store;
}

static void s_destroy(const staging_t *staging, const char *name)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", staging->folder, name);
    err_t err = level_destroy(path);
    assert(err == ERR_OK);
}

/* ---- coming and going ---- */

static void s_give(slice_t journal, stage_t *stage, uint64_t from, uint64_t to)
{
    while (journal.len > 0) {
        record_t record;
        err_t err = record_read(&journal, &record);
        assert(err == ERR_OK);
        if (record.seq >= from && record.seq <= to)
            err = stage_record(stage, &record);
        assert(err == ERR_OK);
    }
}

/* As an actor starts: the journal to its head, then what it has not reacted to. */
static void s_catch_up(staging_t *staging)
{
    slice_t journal = buf_slice(&staging->journal);
    s_give(journal, staging->stage, stage_applied(staging->stage) + 1, UINT64_MAX);
    err_t err = stage_start_reacting(staging->stage) ? stage_flush(staging->stage) : ERR_OK;
    assert(err == ERR_OK);
    if (stage_owes(staging->stage) > 0)
        s_give(journal, staging->stage, stage_owes(staging->stage), UINT64_MAX);
}

/* All that goes in from here on can be given to another stage. */
static void s_record(staging_t *staging)
{
    err_t err = tape_new(NULL, SIZE_MAX, &staging->tape);
    assert(err == ERR_OK);
    stage_tape(staging->stage, staging->tape);
}

static void s_enter(staging_t *staging)
{
    staging->store = s_open(staging, "live");
    staging->stage = stage_new(staging->row, staging->store);
    stage_new_epoch(staging->stage, staging->epoch);
    s_catch_up(staging);
    while (stage_warm(staging->stage))
        continue;
    s_record(staging);
}

static void s_leave(staging_t *staging)
{
    stage_destroy(&staging->stage);
    tape_close(&staging->tape);
    store_close(&staging->store);
}

static staging_t *s_make(const actor_row_t *row)
{
    err_t err = crypto_start();
    assert(err == ERR_OK);
    staging_t *staging = mem_new(staging_t);
    staging->row = row;
    staging->arena = arena_new();
    staging->epoch = 1;
    staging->now = s_start;
    scratch_make(staging->folder);
    return staging;
}

staging_t *staging_new(const actor_row_t *row)
{
    staging_t *staging = s_make(row);
    s_enter(staging);
    return staging;
}

void staging_destroy(staging_t **staging_p)
{
    staging_t *staging = *staging_p;
    *staging_p = NULL;
    s_leave(staging);
    scratch_remove(staging->folder);
    arena_destroy(&staging->arena);
    buf_free(&staging->journal);
    mem_free(staging);
}

/* ---- calls ---- */

void staging_send(staging_t *staging, call_number_t call, const void *body)
{
    buf_t bytes = {0}, verdict = {0};
    if (staging->verdict != NULL)
        codec_pack(&verdict, shape_verdict(), staging->verdict);
    call_t sent = {
        .type = (uint16_t)call,
        .corr = 1,
        .origin = staging->origin,
        .principal = staging->principal,
        .session = staging->session,
        .time = staging->now,
        .verdict = buf_slice(&verdict),
    };
    memcpy(sent.rand, staging->rand, RAND_SIZE);
    call_begin(&bytes, &sent);
    codec_pack(&bytes, call_type((uint16_t)call)->shape(), body);
    slice_t in = buf_slice(&bytes);
    err_t err = call_read(&in, &sent);
    assert(err == ERR_OK);
    stage_call(staging->stage, &sent);
    buf_free(&verdict);
    buf_free(&bytes);
}

slice_t staging_verifier(staging_t *staging, slice_t password)
{
    uint8_t hash[CRYPTO_BLAKE128_SIZE];
    buf_t text = {0};
    crypto_blake128((slice_t){0}, password, hash);
    crypto_hex(&text, slice_new(hash, sizeof hash));
    slice_t copy = arena_copy(staging->arena, buf_slice(&text));
    buf_free(&text);
    return copy;
}

bool staging_work(staging_t *staging)
{
    uint64_t ticket;
    work_t work;
    if (!stage_take_work(staging->stage, &ticket, &work))
        return false;
    slice_t fitting = staging_verifier(staging, work.password);
    work_result_t result = {.kind = work.kind, .verifier = fitting};
    if (work.kind == WORK_VERIFY) {
        result.fits = slice_eq(work.verifier, fitting);
        result.verifier = arena_copy(staging->arena, work.verifier);
    }
    stage_result(staging->stage, ticket, &result);
    return true;
}

/* ---- what comes out ---- */

static const void *s_unpack(staging_t *staging, slice_t body, const shape_t *shape)
{
    const void *object;
    fault_t fault;
    err_t err = codec_unpack(body, shape, staging->arena, &fault, &object);
    assert(err == ERR_OK);
    return object;
}

static slice_t s_detail(slice_t body)
{
    slice_t text = {0};
    unpack_t in = {body};
    return unpack_str(&in, &text) == ERR_OK ? text : (slice_t){0};
}

static void s_note(staging_t *staging, uint16_t type, err_t status, bool rests, slice_t body)
{
    if (call_type(type) == NULL)
        return; /* a timer's: nobody asked */
    assert(staging->outcome_count < STAGING_OUTCOMES);
    outcome_t *outcome = &staging->outcomes[staging->outcome_count++];
    *outcome = (outcome_t){.status = status, .rests = rests};
    if (status == ERR_OK)
        outcome->answer = s_unpack(staging, body, call_type(type)->answer());
    else
        outcome->detail = s_detail(body);
}

/* What the journal does: number the record, keep it, hand it back. */
static void s_settle(staging_t *staging, slice_t bytes)
{
    uint8_t *at = buf_reserve(&staging->journal, bytes.len);
    buf_append(&staging->journal, bytes);
    record_number(at, ++staging->seq, staging->epoch);

    record_t record;
    slice_t in = slice_new(at, bytes.len);
    err_t err = record_read(&in, &record);
    assert(err == ERR_OK);
    err = stage_record(staging->stage, &record);
    assert(err == ERR_OK);
}

void staging_tell(staging_t *staging, event_number_t event, uint64_t account, const void *body)
{
    buf_t bytes = {0};
    const event_type_t *type = event_type((uint16_t)event);
    record_begin(&bytes, &(record_t){
                             .type = type->number,
                             .version = type->version,
                             .actor = (uint8_t)type->owner,
                             .time = staging->now,
                             .principal = account,
                             .account = account,
                         });
    codec_pack(&bytes, type->shape(), body);
    record_end(&bytes);
    s_settle(staging, buf_slice(&bytes));
    buf_free(&bytes);
}

static void s_take_record(staging_t *staging, slice_t *out)
{
    assert(staging->told_count < STAGING_TOLD);
    told_t *told = &staging->told[staging->told_count++];
    err_t err = record_read(out, &told->record);
    assert(err == ERR_OK);
    const event_type_t *type = event_type(told->record.type);
    told->body = s_unpack(staging, told->record.body, type->shape());
    if (!(type->flags & EVENT_VOLATILE))
        s_settle(staging, told->record.bytes);
}

static void s_take_decision(staging_t *staging, slice_t *out)
{
    decision_t decision;
    err_t err = decision_read(out, &decision);
    assert(err == ERR_OK);
    s_note(staging, decision.type, decision.status, decision.rests, decision.body);
    for (uint16_t i = 0; i < decision.records; i++)
        s_take_record(staging, out);
}

static void s_take_reply(staging_t *staging, slice_t *out)
{
    reply_t reply;
    err_t err = reply_read(out, &reply);
    assert(err == ERR_OK);
    s_note(staging, reply.type, reply.status, false, reply.body);
}

void staging_commit(staging_t *staging)
{
    arena_reset(staging->arena);
    staging->outcome_count = 0;
    staging->told_count = 0;
    slice_t out = arena_copy(staging->arena, buf_slice(stage_out(staging->stage)));
    buf_reset(stage_out(staging->stage));
    while (out.len > 0)
        if (envelope_kind(out) == ENVELOPE_DECISION)
            s_take_decision(staging, &out);
        else
            s_take_reply(staging, &out);
}

const outcome_t *staging_ask(staging_t *staging, call_number_t call, const void *body)
{
    staging_send(staging, call, body);
    while (staging_work(staging))
        continue;
    staging_commit(staging);
    assert(staging->outcome_count == 1);
    return &staging->outcomes[0];
}

void staging_tick(staging_t *staging)
{
    staging->now += 1000000;
    stage_tick(staging->stage, staging->now);
    staging_commit(staging);
}

/* ---- what can happen to it ---- */

void staging_lose(staging_t *staging)
{
    buf_reset(stage_out(staging->stage));
    stage_new_epoch(staging->stage, ++staging->epoch);
    s_catch_up(staging);
}

void staging_restart(staging_t *staging)
{
    err_t err = stage_flush(staging->stage);
    assert(err == ERR_OK);
    staging_crash(staging);
}

void staging_crash(staging_t *staging)
{
    s_leave(staging);
    ++staging->epoch;
    s_enter(staging);
}

static bool s_count_row(void *ctx, slice_t key, slice_t value)
{
    (void)key;
    (void)value;
    ++*(size_t *)ctx;
    return true;
}

size_t staging_rows(staging_t *staging, char table)
{
    size_t count = 0;
    char end = (char)(table + 1);
    err_t err = stage_flush(staging->stage);
    if (err == ERR_OK)
        err = store_scan(staging->store, slice_new(&table, 1), slice_new(&end, 1), false,
                         s_count_row, &count);
    assert(err == ERR_OK);
    return count;
}

staging_t *staging_replayed(const staging_t *staging)
{
    staging_t *fresh = s_make(staging->row);
    buf_append(&fresh->journal, buf_slice(&staging->journal));
    fresh->seq = staging->seq;
    fresh->now = staging->now;
    s_enter(fresh);
    return fresh;
}

bool staging_replays(staging_t *staging)
{
    uint8_t live[32], fresh[32];
    store_t *store = s_open(staging, "fresh");
    stage_t *stage = stage_new(staging->row, store);
    s_give(buf_slice(&staging->journal), stage, 1, UINT64_MAX);
    err_t err = stage_flush(stage);
    if (err == ERR_OK)
        err = stage_flush(staging->stage);
    if (err == ERR_OK)
        err = store_digest(staging->store, live);
    if (err == ERR_OK)
        err = store_digest(store, fresh);
    assert(err == ERR_OK);
    stage_destroy(&stage);
    store_close(&store);
    s_destroy(staging, "fresh");
    return memcmp(live, fresh, sizeof live) == 0;
}

/* A store as the journal makes it up to a record. */
static store_t *s_store_at(staging_t *staging, const char *name, uint64_t seq)
{
    store_t *store = s_open(staging, name);
    stage_t *stage = stage_new(staging->row, store);
    s_give(buf_slice(&staging->journal), stage, 1, seq);
    stage_seen(stage, seq);
    err_t err = stage_flush(stage);
    assert(err == ERR_OK);
    stage_destroy(&stage);
    return store;
}

static bool s_goes_on(rerun_t *rerun, size_t *place)
{
    tape_entry_t entry;
    rerun_step_t step;
    if (rerun_next(rerun, &entry) != ERR_OK)
        return false;
    err_t err = rerun_give(rerun, &entry, &step);
    ++*place;
    if (err != ERR_OK || !step.same)
        print_error("input %zu, of kind %d, came to something else\n", *place, (int)entry.kind);
    return err == ERR_OK && step.same;
}

bool staging_reruns_of(staging_t *staging, slice_t tape)
{
    const tape_begin_t *begin;
    rerun_t *rerun = NULL;
    size_t place = 0;
    arena_t *arena = arena_new();
    err_t err = rerun_look(tape, arena, &begin);
    assert(err == ERR_OK);
    store_t *store = s_store_at(staging, "rerun", begin->applied);
    err = rerun_new(staging->row, store, tape, &rerun);
    while (err == ERR_OK && s_goes_on(rerun, &place))
        continue;
    bool reruns = err == ERR_OK && place == tape_inputs(staging->tape);
    rerun_destroy(&rerun);
    store_close(&store);
    arena_destroy(&arena);
    s_destroy(staging, "rerun");
    return reruns;
}

bool staging_reruns(staging_t *staging)
{
    return staging_reruns_of(staging, tape_content(staging->tape));
}

int staging_end(void **state)
{
    staging_t *staging = *state;
    bool same = staging_replays(staging) && staging_reruns(staging);
    staging_destroy(&staging);
    return same ? 0 : -1;
}
