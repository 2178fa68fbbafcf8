#include "tools/kith/world.h"

#include <string.h>

#include "schema/map.h"
#include "schema/mem.h"

/* An event that there was not. */
typedef struct stray {
    uint64_t after; /* it comes behind this sequence of then */
    slice_t bytes;  /* with its own number, in the arena */
} stray_t;

struct world {
    lane_t lanes[REEL_PARTS];
    size_t count;
    map_t *births; /* by sequence */
    stray_t *strays;
    size_t stray_count;
    arena_t *arena;
    const birth_t *without;
    world_eye_fn *eye;
    void *ctx;
};

/* ---- looking through a tape ---- */

/* The births of a lane that wait for their sequence, the oldest first. */
typedef struct line {
    birth_t **items;
    size_t first;
    size_t count;
} line_t;

static size_t s_count_events(slice_t out)
{
    decision_t decision;
    return decision_read(&out, &decision) == ERR_OK ? decision.records : 0;
}

static void s_find_births(world_t *world, size_t lane, moment_t *moment, line_t *line)
{
    slice_t out = moment->entry.out;
    size_t most = s_count_events(out);
    decision_t decision;
    record_t record;
    if (most == 0 || decision_read(&out, &decision) != ERR_OK)
        return;
    moment->births = arena_alloc(world->arena, most * sizeof *moment->births);
    while (out.len > 0 && record_read(&out, &record) == ERR_OK) {
        const event_type_t *type = event_type(record.type);
        if (type != NULL && type->flags & EVENT_VOLATILE)
            continue;
        birth_t *birth = &moment->births[moment->birth_count++];
        size_t place = (size_t)(moment - world->lanes[lane].moments);
        *birth = (birth_t){.lane = lane, .moment = place, .then = record.bytes};
        line->items = mem_grow(line->items, (line->count + 1) * sizeof *line->items);
        line->items[line->count++] = birth;
    }
}

static void s_settle(world_t *world, line_t *line, uint64_t seq)
{
    if (line->first == line->count)
        return;
    birth_t *birth = line->items[line->first++];
    birth->seq = seq;
    map_put(world->births, seq, birth);
}

static void s_note(world_t *world, size_t lane, moment_t *moment, line_t *line)
{
    slice_t bytes = moment->entry.bytes;
    record_t record;
    if (moment->entry.kind == TAPE_SETTLED) {
        moment->seq = moment->entry.number;
        s_settle(world, line, moment->seq);
    } else if (moment->entry.kind == TAPE_RECORD && record_read(&bytes, &record) == ERR_OK) {
        moment->seq = record.seq;
    } else if (moment->entry.kind == TAPE_EPOCH || moment->entry.kind == TAPE_ABANDON) {
        line->first = line->count;
    }
    s_find_births(world, lane, moment, line);
}

/* All entries between the first and the last. */
static err_t s_read(lane_t *lane)
{
    slice_t rest = lane->part->tape;
    tape_entry_t entry;
    size_t size = 0;
    err_t err = tape_read(&rest, &entry);
    while (err == ERR_OK && rest.len > 0) {
        err = tape_read(&rest, &entry);
        if (err != ERR_OK || entry.kind == TAPE_END)
            break;
        if (lane->count == size) {
            size = size > 0 ? 2 * size : 1024;
            lane->moments = mem_grow(lane->moments, size * sizeof *lane->moments);
        }
        lane->moments[lane->count++] = (moment_t){.entry = entry};
    }
    return ERR_OK; /* one that breaks off ends there */
}

static err_t s_look(world_t *world, size_t place)
{
    lane_t *lane = &world->lanes[place];
    line_t line = {0};
    err_t err = s_read(lane);
    for (size_t i = 0; i < lane->count; i++)
        s_note(world, place, &lane->moments[i], &line);
    uint64_t next = UINT64_MAX;
    for (size_t i = lane->count; i > 0; i--) {
        if (lane->moments[i - 1].seq != 0)
            next = lane->moments[i - 1].seq;
        lane->moments[i - 1].next = next;
    }
    mem_free(line.items);
    return err;
}

err_t world_new(reel_t *reel, world_t **ret_world)
{
    world_t *world = mem_new(world_t);
    err_t err = ERR_OK;
    world->births = map_new();
    world->arena = arena_new();
    world->count = reel->count;
    for (size_t i = 0; i < reel->count && err == ERR_OK; i++) {
        world->lanes[i] = (lane_t){.part = &reel->parts[i], .heard = reel->parts[i].begin->applied};
        err = s_look(world, i);
    }
    if (err == ERR_OK)
        *ret_world = TAKE(world);

    world_destroy(&world); /* NULL after TAKE: on failure only */
    return err;
}

static void s_free_lane(lane_t *lane)
{
    for (size_t i = 0; i < lane->count; i++)
        for (size_t j = 0; j < lane->moments[i].birth_count; j++)
            buf_free(&lane->moments[i].births[j].now);
    mem_free(lane->moments);
}

void world_destroy(world_t **world_p)
{
    world_t *world = *world_p;
    if (world == NULL)
        return;
    *world_p = NULL;
    for (size_t i = 0; i < world->count; i++)
        s_free_lane(&world->lanes[i]);
    map_destroy(&world->births);
    mem_free(world->strays);
    arena_destroy(&world->arena);
    mem_free(world);
}

const birth_t *world_find(const world_t *world, uint64_t seq)
{
    return map_get(world->births, seq);
}

/* ---- events of now ---- */

static uint64_t s_furthest(const world_t *world)
{
    uint64_t most = 0;
    for (size_t i = 0; i < world->count; i++)
        if (world->lanes[i].heard > most)
            most = world->lanes[i].heard;
    return most;
}

/* Behind all that anybody has heard of, and behind those of the same moment. */
static void s_add_stray(world_t *world, const lane_t *lane, const moment_t *moment, slice_t bytes)
{
    uint64_t after = s_furthest(world);
    for (size_t i = 0; i < moment->birth_count; i++)
        if (moment->births[i].seq > after)
            after = moment->births[i].seq;
    if (world->stray_count > 0 && world->strays[world->stray_count - 1].after > after)
        after = world->strays[world->stray_count - 1].after;
    record_t record;
    slice_t copy = arena_copy(world->arena, bytes), in = copy;
    if (record_read(&in, &record) != ERR_OK)
        return;
    record_number((uint8_t *)(uintptr_t)copy.ptr, after * WORLD_STEP + world->stray_count + 1,
                  record.epoch);
    world->strays = mem_grow(world->strays, (world->stray_count + 1) * sizeof *world->strays);
    world->strays[world->stray_count++] = (stray_t){after, copy};
    (void)lane;
}

static void s_take_events(world_t *world, const lane_t *lane, moment_t *moment,
                          const rerun_step_t *step)
{
    size_t births = 0;
    for (size_t i = 0; i < step->event_count; i++) {
        const rerun_event_t *event = &step->events[i];
        if (event->then.ptr != NULL && births < moment->birth_count)
            buf_append(&moment->births[births++].now, event->now);
        else if (event->now.ptr != NULL)
            s_add_stray(world, lane, moment, event->now);
    }
}

static void s_pass(moment_t *moment)
{
    for (size_t i = 0; i < moment->birth_count; i++)
        moment->births[i].passed = true;
}

/* ---- a moment ---- */

/* A record as it is now: with what was decided now, the sequence of here, and the hash of then,
 * of which an actor's randomness comes.  False: it did not happen. */
static bool s_record_now(world_t *world, const moment_t *moment, buf_t *out)
{
    const birth_t *birth = moment->seq != 0 ? map_get(world->births, moment->seq) : NULL;
    slice_t then = moment->entry.bytes;
    record_t record;
    err_t err = record_read(&then, &record);
    if (err != ERR_OK || (birth != NULL && birth->now.len == 0))
        return false;
    buf_append(out, birth != NULL ? buf_slice(&birth->now) : moment->entry.bytes);
    if (moment->seq != 0)
        record_number(out->data, moment->seq * WORLD_STEP, record.epoch);
    record_seal(out->data, out->len, record.previous);
    return true;
}

static err_t s_leave_out(const lane_t *lane, moment_t *moment, buf_t *record)
{
    tape_entry_t entry = moment->entry;
    entry.bytes = buf_slice(record);
    if (entry.kind != TAPE_RECORD)
        return ERR_OK;
    return record->len > 0 ? rerun_overlook(lane->part->rerun, &entry) : ERR_OK;
}

static err_t s_give(world_t *world, lane_t *lane, moment_t *moment, const tape_entry_t *entry)
{
    rerun_step_t step;
    err_t err = rerun_give(lane->part->rerun, entry, &step);
    if (err != ERR_OK)
        return err;
    s_take_events(world, lane, moment, &step);
    world->eye(world->ctx, lane, moment, step.same ? FATE_SAME : FATE_OTHER, &step);
    return ERR_OK;
}

static err_t s_happen(world_t *world, lane_t *lane, moment_t *moment)
{
    tape_entry_t entry = moment->entry;
    buf_t record = {0};
    bool chosen = world->without->lane == (size_t)(lane - world->lanes) &&
                  world->without->moment == (size_t)(moment - lane->moments);
    bool gone = entry.kind == TAPE_RECORD && !s_record_now(world, moment, &record);
    err_t err = ERR_OK;
    if (entry.kind == TAPE_RECORD)
        entry.bytes = buf_slice(&record);
    else if (entry.kind == TAPE_SETTLED || entry.kind == TAPE_SEEN)
        entry.number *= WORLD_STEP;

    if (chosen || gone) {
        if (chosen)
            err = s_leave_out(lane, moment, &record);
        rerun_skip(lane->part->rerun, &moment->entry);
        world->eye(world->ctx, lane, moment, chosen ? FATE_LEFT_OUT : FATE_GONE, NULL);
    } else {
        err = s_give(world, lane, moment, &entry);
    }
    s_pass(moment);
    if (moment->seq > lane->heard)
        lane->heard = moment->seq;
    buf_free(&record);
    return err;
}

/* New events that come before what the lane hears of next. */
static err_t s_hear_strays(world_t *world, lane_t *lane)
{
    uint64_t next = lane->at < lane->count ? lane->moments[lane->at].next : UINT64_MAX;
    while (lane->strays < world->stray_count && world->strays[lane->strays].after < next) {
        rerun_step_t step;
        moment_t moment = {.entry = {.kind = TAPE_RECORD}};
        slice_t bytes = world->strays[lane->strays++].bytes;
        moment.entry.bytes = bytes;
        err_t err = rerun_add(lane->part->rerun, bytes, &step);
        if (err != ERR_OK)
            return err;
        s_take_events(world, lane, &moment, &step);
        world->eye(world->ctx, lane, &moment, FATE_NEW, &step);
    }
    return ERR_OK;
}

/* ---- all of them ---- */

static bool s_waits(const world_t *world, const lane_t *lane)
{
    const moment_t *moment = &lane->moments[lane->at];
    const birth_t *birth = moment->seq != 0 ? map_get(world->births, moment->seq) : NULL;
    return birth != NULL && !birth->passed;
}

/* The lane that is furthest behind and need not wait; NULL at the end. */
static lane_t *s_choose(world_t *world)
{
    lane_t *chosen = NULL;
    for (size_t i = 0; i < world->count; i++) {
        lane_t *lane = &world->lanes[i];
        if (lane->at < lane->count && !s_waits(world, lane) &&
            (chosen == NULL || lane->heard < chosen->heard))
            chosen = lane;
    }
    return chosen;
}

static bool s_over(const world_t *world)
{
    for (size_t i = 0; i < world->count; i++)
        if (world->lanes[i].at < world->lanes[i].count)
            return false;
    return true;
}

/* What comes late enough that nobody hears of anything else behind it. */
static err_t s_end(world_t *world)
{
    err_t err = ERR_OK;
    for (bool more = true; more && err == ERR_OK;) {
        more = false;
        for (size_t i = 0; i < world->count && err == ERR_OK; i++) {
            more = more || world->lanes[i].strays < world->stray_count;
            err = s_hear_strays(world, &world->lanes[i]);
        }
    }
    return err;
}

err_t world_run(world_t *world, const birth_t *without, world_eye_fn *eye, void *ctx)
{
    err_t err = ERR_OK;
    world->without = without;
    world->eye = eye;
    world->ctx = ctx;
    for (lane_t *lane; err == ERR_OK && (lane = s_choose(world)) != NULL;) {
        err = s_hear_strays(world, lane);
        if (err == ERR_OK)
            err = s_happen(world, lane, &lane->moments[lane->at++]);
    }
    if (err == ERR_OK && !s_over(world))
        return ERR_CORRUPT; /* each waits for what another has not done */
    return err == ERR_OK ? s_end(world) : err;
}
