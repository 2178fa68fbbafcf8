/* span_json.c - a span for programs: the rates, and the counters that they come from. */
#include <inttypes.h>

#include "schema/json.h"
#include "tools/kith/span_view.h"

static void s_open(buf_t *out, size_t index)
{
    buf_append_text(out, index > 0 ? ",{" : "{");
}

static void s_put_text(buf_t *out, const char *name, slice_t text)
{
    buf_printf(out, "\"%s\":", name);
    json_put_text(out, text);
}

static uint64_t s_value(const span_t *span, const char *name, slice_t labels)
{
    return census_value(&span->now->broker, name, labels);
}

static double s_quantile(const span_t *span, const char *name, double part)
{
    return census_quantile(&span->now->broker, &span->before->broker, name, part);
}

static void s_put_journal(const span_t *span, buf_t *out)
{
    slice_t none = {0}, count = SLICE_LIT("count"), sum = SLICE_LIT("sum");
    buf_printf(out,
               "\"journal\":{\"head\":%" PRIu64 ",\"epoch\":%" PRIu64 ",\"waiting\":%" PRIu64
               ",\"suspended\":%s",
               s_value(span, "kith_journal_head", none), s_value(span, "kith_journal_epoch", none),
               s_value(span, "kith_journal_waiting_records", none),
               s_value(span, "kith_journal_suspended", none) != 0 ? "true" : "false");
    buf_printf(out, ",\"records_per_second\":%.3f,\"bytes_per_second\":%.3f",
               span_rate(span, "kith_commit_records", sum),
               span_rate(span, "kith_commit_bytes", sum));
    buf_printf(out, ",\"commits_per_second\":%.3f,\"commit_ms\":{\"p50\":%.4f,\"p99\":%.4f}",
               span_rate(span, "kith_commit_seconds", count),
               s_quantile(span, "kith_commit_seconds", 0.5) * 1000,
               s_quantile(span, "kith_commit_seconds", 0.99) * 1000);
    buf_printf(out, ",\"commit_records\":{\"p50\":%.2f,\"p99\":%.2f}}",
               s_quantile(span, "kith_commit_records", 0.5),
               s_quantile(span, "kith_commit_records", 0.99));
}

static void s_put_actors(const span_t *span, arena_t *arena, buf_t *out)
{
    size_t count;
    const actor_span_t *actors = span_actors(span, arena, &count);
    buf_append_text(out, ",\"actors\":[");
    for (size_t i = 0; i < count; i++) {
        const actor_span_t *actor = &actors[i];
        s_open(out, i);
        s_put_text(out, "actor", actor->name);
        buf_printf(out,
                   ",\"ready\":%s,\"calls_per_second\":%.3f,\"events_per_second\":%.3f"
                   ",\"calls\":%" PRIu64 ",\"events\":%" PRIu64,
                   actor->ready ? "true" : "false", actor->calls, actor->events,
                   s_value(span, "kith_actor_answered_total", actor->labels),
                   s_value(span, "kith_actor_events_total", actor->labels));
        buf_printf(out,
                   ",\"waiting_calls\":%" PRIu64 ",\"queue_bytes\":%" PRIu64 ",\"applied\":%" PRIu64
                   ",\"lag\":%" PRIu64 "}",
                   actor->waiting, actor->queue, actor->applied, actor->lag);
    }
    buf_append_byte(out, ']');
}

static void s_put_edges(const span_t *span, arena_t *arena, buf_t *out)
{
    size_t count;
    const edge_span_t *edges = span_edges(span, arena, &count);
    buf_append_text(out, ",\"edges\":[");
    for (size_t i = 0; i < count; i++) {
        const edge_span_t *edge = &edges[i];
        s_open(out, i);
        buf_printf(out,
                   "\"edge\":%" PRIu64 ",\"connections\":%" PRIu64 ",\"requests_per_second\":%.3f"
                   ",\"heard_per_second\":%.3f,\"sent_per_second\":%.3f",
                   edge->edge, edge->connections, edge->requests, edge->heard, edge->sent);
        buf_printf(out,
                   ",\"queued_bytes\":%" PRIu64 ",\"slow_closed\":%" PRIu64
                   ",\"memory_bytes\":%" PRIu64 ",\"cpu\":%.4f}",
                   edge->queued, edge->slow, edge->memory, edge->cpu);
    }
    buf_append_byte(out, ']');
}

static void s_put_dialects(const span_t *span, arena_t *arena, buf_t *out)
{
    size_t count;
    const edge_span_t *dialects = span_dialects(span, arena, &count);
    buf_append_text(out, ",\"dialects\":[");
    for (size_t i = 0; i < count; i++) {
        s_open(out, i);
        s_put_text(out, "dialect", dialects[i].dialect);
        buf_printf(out,
                   ",\"connections\":%" PRIu64 ",\"heard_per_second\":%.3f"
                   ",\"sent_per_second\":%.3f}",
                   dialects[i].connections, dialects[i].heard, dialects[i].sent);
    }
    buf_append_byte(out, ']');
}

static void s_put_slowest(const span_t *span, arena_t *arena, buf_t *out)
{
    size_t count;
    const slow_span_t *slowest = span_slowest(span, arena, &count);
    buf_append_text(out, ",\"slowest\":[");
    for (size_t i = 0; i < count; i++) {
        const edge_peer_t *peer = slowest[i].peer;
        s_open(out, i);
        buf_printf(out,
                   "\"edge\":%" PRIu64 ",\"connection\":%" PRIu64 ",\"account\":%" PRIu64
                   ",\"queued_bytes\":%" PRIu64 ",\"waits_ms\":%.1f,\"opened\":%" PRId64 ",",
                   slowest[i].edge, peer->connection, peer->account, peer->queued,
                   (double)peer->waits_us / 1000, peer->opened);
        s_put_text(out, "dialect", peer->dialect);
        buf_append_byte(out, ',');
        s_put_text(out, "address", peer->address);
        buf_append_byte(out, '}');
    }
    buf_append_byte(out, ']');
}

static void s_put_bots(const span_t *span, arena_t *arena, buf_t *out)
{
    size_t count;
    const bot_span_t *bots = span_bots(span, arena, &count);
    buf_append_text(out, ",\"bots\":[");
    for (size_t i = 0; i < count; i++) {
        s_open(out, i);
        s_put_text(out, "bot", bots[i].name);
        buf_printf(out, ",\"lag\":%" PRIu64 ",\"unacknowledged\":%" PRIu64 ",\"window\":%d}",
                   bots[i].lag, bots[i].unacknowledged, LIMIT_BOT_WINDOW);
    }
    buf_append_byte(out, ']');
}

void span_put_json(const span_t *span, buf_t *out)
{
    arena_t *arena = arena_new();
    buf_printf(out, "{\"time\":%" PRId64 ",\"seconds\":%.6f,\"calls_per_second\":%.3f,",
               span->now->time, span->seconds, span_rate(span, "kith_calls_total", (slice_t){0}));
    s_put_journal(span, out);
    s_put_actors(span, arena, out);
    buf_printf(out, ",\"edges_asked\":%" PRIu64, span->now->asked.asked);
    s_put_edges(span, arena, out);
    s_put_dialects(span, arena, out);
    s_put_slowest(span, arena, out);
    s_put_bots(span, arena, out);
    buf_append_text(out, "}\n");
    arena_destroy(&arena);
}
