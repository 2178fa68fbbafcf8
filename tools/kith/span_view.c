/* span_view.c - a screen of tables: what matters most stands highest, since a small screen ends
 * where it ends.
 *
 * All is written whole, and then cut to the screen; texts of strangers are made tame before. */
#include "tools/kith/span_view.h"

#include <inttypes.h>
#include <stdio.h>

#include "schema/mem.h"
#include "tools/kith/show.h"

enum { SMALL_ROWS = 30, FEW = 4, LINE_MAX_BYTES = 512 };

typedef struct text {
    char text[16];
} text_t;

/* 999, 12.3k, 4.5M: at most six characters. */
static text_t s_short(double value, double thousand)
{
    static const char units[] = " kMGTP";
    text_t shown;
    size_t unit = 0;
    while (value >= 999.5 && unit + 2 < sizeof units) {
        value /= thousand;
        unit++;
    }
    if (unit == 0)
        snprintf(shown.text, sizeof shown.text, value < 9.95 && value > 0 ? "%.1f" : "%.0f", value);
    else
        snprintf(shown.text, sizeof shown.text, value < 99.95 ? "%.1f%c" : "%.0f%c", value,
                 units[unit]);
    return shown;
}

static text_t s_rate(double value)
{
    return s_short(value, 1000);
}

static text_t s_number(uint64_t value)
{
    text_t shown;
    if (value < 1000)
        snprintf(shown.text, sizeof shown.text, "%" PRIu64, value);
    else
        shown = s_short((double)value, 1000);
    return shown;
}

static text_t s_bytes(uint64_t value)
{
    return value < 1000 ? s_number(value) : s_short((double)value, 1024);
}

/* ---- the head ---- */

static double s_quantile(const span_t *span, const char *name, double part)
{
    return census_quantile(&span->now->broker, &span->before->broker, name, part);
}

static void s_put_journal(const span_t *span, buf_t *out)
{
    const census_t *now = &span->now->broker;
    slice_t none = {0};
    uint64_t head = census_value(now, "kith_journal_head", none);
    uint64_t records = head - census_value(&span->before->broker, "kith_journal_head", none);
    buf_printf(out, "journal   head %" PRIu64 ", epoch %" PRIu64 ", %s records/s, %s bytes/s", head,
               census_value(now, "kith_journal_epoch", none),
               s_rate((double)records / span->seconds).text,
               s_rate(span_rate(span, "kith_commit_bytes", SLICE_LIT("sum"))).text);
    buf_printf(out, ", %s waiting%s\n",
               s_number(census_value(now, "kith_journal_waiting_records", none)).text,
               census_value(now, "kith_journal_suspended", none) ? ", SUSPENDED" : "");
    buf_printf(out, "commits   %s/s, p50 %.2f ms, p99 %.2f ms, records in one p50 %.0f, p99 %.0f\n",
               s_rate(span_rate(span, "kith_commit_seconds", SLICE_LIT("count"))).text,
               s_quantile(span, "kith_commit_seconds", 0.5) * 1000,
               s_quantile(span, "kith_commit_seconds", 0.99) * 1000,
               s_quantile(span, "kith_commit_records", 0.5),
               s_quantile(span, "kith_commit_records", 0.99));
}

static double s_refused(const span_t *span)
{
    slice_t labels;
    double refused = 0;
    for (size_t at = 0; census_next(&span->now->broker, "kith_refused_total", &at, &labels);)
        refused += span_rate(span, "kith_refused_total", labels);
    return refused;
}

static void s_put_head(const span_t *span, buf_t *out)
{
    const census_t *now = &span->now->broker;
    slice_t none = {0};
    buf_append_text(out, "kith top  ");
    show_time(out, span->now->time);
    out->len -= 4; /* without its milliseconds */
    buf_printf(out, "   %s calls/s, %s refused/s, %s peers, %s edges",
               s_rate(span_rate(span, "kith_calls_total", none)).text, s_rate(s_refused(span)).text,
               s_number(census_value(now, "kith_bus_peers", none)).text,
               s_number(span->now->asked.answered).text);
    if (span->now->asked.answered < span->now->asked.asked)
        buf_printf(out, " of %" PRIu64, span->now->asked.asked);
    buf_append_byte(out, '\n');
    s_put_journal(span, out);
}

/* ---- the tables ---- */

static void s_put_actors(const span_t *span, arena_t *arena, buf_t *out)
{
    size_t count;
    const actor_span_t *actors = span_actors(span, arena, &count);
    buf_printf(out, "%-12s %6s %9s %9s %9s %9s %10s %8s\n", "ACTOR", "READY", "CALLS/S", "EVENTS/S",
               "WAITING", "QUEUE", "APPLIED", "LAG");
    for (size_t i = 0; i < count; i++) {
        const actor_span_t *actor = &actors[i];
        buf_printf(out, "%-12.*s %6s %9s %9s %9s %9s %10" PRIu64 " %8s\n", SLICE_ARG(actor->name),
                   actor->ready ? "yes" : "NO", s_rate(actor->calls).text,
                   s_rate(actor->events).text, s_number(actor->waiting).text,
                   s_bytes(actor->queue).text, actor->applied, s_number(actor->lag).text);
    }
}

static void s_put_edges(const span_t *span, arena_t *arena, buf_t *out)
{
    size_t count;
    const edge_span_t *edges = span_edges(span, arena, &count);
    buf_printf(out, "%-12s %6s %9s %9s %9s %9s %10s %8s\n", "EDGE", "CONNS", "REQS/S", "HEARD/S",
               "SENT/S", "QUEUED", "MEMORY", "CPU %");
    for (size_t i = 0; i < count; i++) {
        const edge_span_t *edge = &edges[i];
        buf_printf(out, "%-12" PRIx64 " %6s %9s %9s %9s %9s %10s %8.1f\n", edge->edge,
                   s_number(edge->connections).text, s_rate(edge->requests).text,
                   s_rate(edge->heard).text, s_rate(edge->sent).text, s_bytes(edge->queued).text,
                   s_bytes(edge->memory).text, edge->cpu * 100);
    }
}

static void s_put_slowest(const span_t *span, arena_t *arena, size_t most, buf_t *out)
{
    size_t count;
    const slow_span_t *slowest = span_slowest(span, arena, &count);
    if (count == 0)
        return;
    buf_printf(out, "%-12s %9s %9s %-17s %9s %9s  %s\n", "SLOWEST", "NUMBER", "ACCOUNT", "DIALECT",
               "QUEUED", "WAITS S", "FROM");
    for (size_t i = 0; i < count && i < most; i++) {
        const edge_peer_t *peer = slowest[i].peer;
        buf_printf(out, "%-12" PRIx64 " %9" PRIu64 " %9" PRIu64 " %-17.*s %9s %9.1f  ",
                   slowest[i].edge, peer->connection, peer->account, SLICE_ARG(peer->dialect),
                   s_bytes(peer->queued).text, (double)peer->waits_us / 1e6);
        show_tame(out, peer->address);
        buf_append_byte(out, '\n');
    }
}

static void s_put_bots(const span_t *span, arena_t *arena, size_t most, buf_t *out)
{
    size_t count;
    const bot_span_t *bots = span_bots(span, arena, &count);
    if (count == 0)
        return;
    buf_printf(out, "%-24s %11s %11s\n", "BOT", "LAG", "IN FLIGHT");
    for (size_t i = 0; i < count && i < most; i++)
        buf_printf(out, "%-24.*s %11s %6s/%d\n", SLICE_ARG(bots[i].name),
                   s_number(bots[i].lag).text, s_number(bots[i].unacknowledged).text,
                   LIMIT_BOT_WINDOW);
}

static void s_put_dialects(const span_t *span, arena_t *arena, buf_t *out)
{
    size_t count;
    const edge_span_t *dialects = span_dialects(span, arena, &count);
    if (count == 0)
        return;
    buf_printf(out, "%-19s %9s %9s %9s\n", "DIALECT", "CONNS", "HEARD/S", "SENT/S");
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%-19.*s %9s %9s %9s\n", SLICE_ARG(dialects[i].dialect),
                   s_number(dialects[i].connections).text, s_rate(dialects[i].heard).text,
                   s_rate(dialects[i].sent).text);
}

/* ---- the screen ---- */

/* The first line of what is left, as far as there are columns. */
static void s_put_cut(slice_t *lines, size_t columns, buf_t *out)
{
    const uint8_t *end = memchr(lines->ptr, '\n', lines->len);
    size_t len = end != NULL ? (size_t)(end - lines->ptr) : lines->len;
    buf_append(out, slice_new(lines->ptr, len < columns ? len : columns));
    buf_append_byte(out, '\n');
    *lines = slice_from(*lines, end != NULL ? len + 1 : len);
}

size_t span_view(const span_t *span, size_t rows, size_t columns, buf_t *out)
{
    arena_t *arena = arena_new();
    size_t most = rows <= SMALL_ROWS ? FEW : rows;
    buf_t whole = {0};
    s_put_head(span, &whole);
    s_put_actors(span, arena, &whole);
    s_put_edges(span, arena, &whole);
    s_put_slowest(span, arena, most, &whole);
    s_put_bots(span, arena, most, &whole);
    s_put_dialects(span, arena, &whole);
    slice_t left = buf_slice(&whole);
    size_t row = 0;
    for (; row < rows && left.len > 0; row++)
        s_put_cut(&left, columns, out);
    buf_free(&whole);
    arena_destroy(&arena);
    return row;
}
