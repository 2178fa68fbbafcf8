/* span.c - rows of numbers out of two censuses, sorted. */
#include "tools/kith/span.h"

#include <stdlib.h>
#include <string.h>

#include "schema/mem.h"

static const char *const s_orders[] = {
    [ORDER_NAME] = "name",   [ORDER_CALLS] = "calls", [ORDER_EVENTS] = "events",
    [ORDER_QUEUE] = "queue", [ORDER_LAG] = "lag",
};

bool span_read_order(const char *word, span_order_t *ret_order)
{
    for (size_t i = 0; i < COUNT_OF(s_orders); i++)
        if (strcmp(s_orders[i], word) == 0) {
            *ret_order = (span_order_t)i;
            return true;
        }
    return false;
}

const char *span_order_word(span_order_t order)
{
    return s_orders[order];
}

double span_rate(const span_t *span, const char *name, slice_t labels)
{
    return (double)census_growth(&span->now->broker, &span->before->broker, name, labels) /
           span->seconds;
}

static size_t s_count(const census_t *census, const char *name)
{
    slice_t labels;
    size_t count = 0;
    for (size_t at = 0; census_next(census, name, &at, &labels);)
        count++;
    return count;
}

/* The other way round: what is most comes first. */
static int s_falling(double a, double b)
{
    return (a < b) - (a > b);
}

/* ---- actors ---- */

static actor_span_t s_actor(const span_t *span, slice_t labels)
{
    const census_t *now = &span->now->broker;
    uint64_t head = census_value(now, "kith_journal_head", (slice_t){0});
    uint64_t applied = census_value(now, "kith_actor_applied", labels);
    return (actor_span_t){
        .labels = labels,
        .name = census_label(labels),
        .ready = census_value(now, "kith_actor_ready", labels) != 0,
        .calls = span_rate(span, "kith_actor_answered_total", labels),
        .events = span_rate(span, "kith_actor_events_total", labels),
        .waiting = census_value(now, "kith_actor_waiting_calls", labels),
        .queue = census_value(now, "kith_actor_queue_bytes", labels),
        .applied = applied,
        .lag = head > applied ? head - applied : 0,
    };
}

static int s_compare_actors(const void *a, const void *b, void *ctx)
{
    const actor_span_t *left = a, *right = b;
    switch (((const span_t *)ctx)->order) {
    case ORDER_NAME:
        break;
    case ORDER_CALLS:
        return s_falling(left->calls, right->calls);
    case ORDER_EVENTS:
        return s_falling(left->events, right->events);
    case ORDER_QUEUE:
        return s_falling((double)(left->queue + left->waiting),
                         (double)(right->queue + right->waiting));
    case ORDER_LAG:
        return s_falling((double)left->lag, (double)right->lag);
    }
    return slice_compare(left->name, right->name);
}

const actor_span_t *span_actors(const span_t *span, arena_t *arena, size_t *ret_count)
{
    static const char family[] = "kith_actor_ready";
    const census_t *now = &span->now->broker;
    actor_span_t *actors = arena_alloc(arena, (s_count(now, family) + 1) * sizeof *actors);
    slice_t labels;
    *ret_count = 0;
    for (size_t at = 0; census_next(now, family, &at, &labels);)
        actors[(*ret_count)++] = s_actor(span, labels);
    qsort_r(actors, *ret_count, sizeof *actors, s_compare_actors, (void *)(uintptr_t)span);
    return actors;
}

/* ---- bots ---- */

static int s_compare_bots(const void *a, const void *b)
{
    return s_falling((double)((const bot_span_t *)a)->lag, (double)((const bot_span_t *)b)->lag);
}

const bot_span_t *span_bots(const span_t *span, arena_t *arena, size_t *ret_count)
{
    static const char family[] = "kith_bot_lag_records";
    const census_t *now = &span->now->broker;
    bot_span_t *bots = arena_alloc(arena, (s_count(now, family) + 1) * sizeof *bots);
    slice_t labels;
    *ret_count = 0;
    for (size_t at = 0; census_next(now, family, &at, &labels);)
        bots[(*ret_count)++] = (bot_span_t){
            .name = census_label(labels),
            .lag = census_value(now, family, labels),
            .unacknowledged = census_value(now, "kith_bot_unacknowledged_events", labels),
        };
    qsort(bots, *ret_count, sizeof *bots, s_compare_bots);
    return bots;
}

/* ---- edges ---- */

/* Over all dialects, or of the one whose labels these are. */
static void s_add_dialects(edge_span_t *row, const edge_sample_t *now, const edge_sample_t *before,
                           const slice_t *only, double seconds)
{
    slice_t labels;
    for (size_t at = 0; census_next(&now->census, "kith_connections", &at, &labels);) {
        if (only != NULL && !slice_eq(*only, labels))
            continue;
        row->connections += census_value(&now->census, "kith_connections", labels);
        row->heard +=
            (double)census_growth(&now->census, &before->census, "kith_heard_total", labels) /
            seconds;
        row->sent +=
            (double)census_growth(&now->census, &before->census, "kith_deliveries_total", labels) /
            seconds;
    }
}

static double s_growth(const edge_sample_t *now, const edge_sample_t *before, const char *name)
{
    return (double)census_growth(&now->census, &before->census, name, (slice_t){0});
}

static uint64_t s_value(const edge_sample_t *now, const char *name)
{
    return census_value(&now->census, name, (slice_t){0});
}

static edge_span_t s_edge(const span_t *span, const edge_sample_t *now)
{
    const edge_sample_t *before = sample_edge(span->before, now->edge);
    edge_span_t row = {
        .edge = now->edge,
        .requests = s_growth(now, before, "kith_requests_total") / span->seconds,
        .queued = s_value(now, "kith_edge_queued_bytes"),
        .slow = s_value(now, "kith_edge_slow_closed_total"),
        .memory = s_value(now, "process_resident_memory_bytes"),
        .cpu = s_growth(now, before, "process_cpu_seconds_total") / 1e6 / span->seconds,
    };
    s_add_dialects(&row, now, before, NULL, span->seconds);
    return row;
}

const edge_span_t *span_edges(const span_t *span, arena_t *arena, size_t *ret_count)
{
    size_t count = span->now->edge_count;
    edge_span_t *edges = arena_alloc(arena, (count + 1) * sizeof *edges);
    for (size_t i = 0; i < count; i++)
        edges[i] = s_edge(span, &span->now->edges[i]);
    *ret_count = count;
    return edges;
}

static bool s_is_used(const edge_span_t *row)
{
    return row->connections > 0 || row->heard > 0 || row->sent > 0;
}

/* Those that are spoken at this moment, over all edges, which have the same dialects. */
const edge_span_t *span_dialects(const span_t *span, arena_t *arena, size_t *ret_count)
{
    static const char family[] = "kith_connections";
    const sample_t *now = span->now;
    const census_t *first = &now->edges[0].census;
    slice_t labels;
    size_t size = now->edge_count > 0 ? s_count(first, family) : 0;
    edge_span_t *rows = arena_alloc(arena, (size + 1) * sizeof *rows);
    *ret_count = 0;
    for (size_t at = 0; size > 0 && census_next(first, family, &at, &labels);) {
        edge_span_t row = {.dialect = census_label(labels)};
        for (size_t i = 0; i < now->edge_count; i++)
            s_add_dialects(&row, &now->edges[i], sample_edge(span->before, now->edges[i].edge),
                           &labels, span->seconds);
        if (s_is_used(&row))
            rows[(*ret_count)++] = row;
    }
    return rows;
}

/* ---- connections ---- */

static int s_compare_slow(const void *a, const void *b, void *ctx)
{
    const edge_peer_t *left = ((const slow_span_t *)a)->peer;
    const edge_peer_t *right = ((const slow_span_t *)b)->peer;
    bool oldest = ((const span_t *)ctx)->oldest;
    return oldest ? s_falling((double)left->waits_us, (double)right->waits_us)
                  : s_falling((double)left->queued, (double)right->queued);
}

const slow_span_t *span_slowest(const span_t *span, arena_t *arena, size_t *ret_count)
{
    const sample_t *now = span->now;
    slow_span_t *slowest =
        arena_alloc(arena, (now->edge_count * LIMIT_SLOWEST + 1) * sizeof *slowest);
    size_t count = 0;
    for (size_t i = 0; i < now->edge_count; i++)
        for (size_t at = 0; at < now->edges[i].slowest.count; at++)
            slowest[count++] = (slow_span_t){
                now->edges[i].edge, &((const edge_peer_t *)now->edges[i].slowest.items)[at]};
    qsort_r(slowest, count, sizeof *slowest, s_compare_slow, (void *)(uintptr_t)span);
    *ret_count = count;
    return slowest;
}
