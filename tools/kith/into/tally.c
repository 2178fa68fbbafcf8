#include "tools/kith/into/tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/json.h"
#include "schema/mem.h"
#include "tools/bench/latency.h"

enum { CALLS = 512, REASONS_MAX = 128, WHY_SIZE = 96 };

/* How often something was said for a reason. */
typedef struct reason {
    const char *what; /* a call's or an event's name */
    char why[WHY_SIZE];
    uint64_t count;
} reason_t;

typedef struct reasons {
    reason_t rows[REASONS_MAX]; /* the last one takes in what has no row */
    size_t count;
    uint64_t total;
} reasons_t;

/* Of one kind of call. */
typedef struct kind {
    uint64_t made;
    uint64_t refused;
    latency_t latency;
} kind_t;

struct tally {
    kind_t *kinds[CALLS]; /* by the call's number; NULL: there was none */
    latency_t latency;    /* of all */
    latency_t lag;
    reasons_t refused;
    reasons_t unsaid;
    uint64_t scene; /* calls that were not timed */
    uint64_t put_off;
    uint64_t followed;
};

tally_t *tally_new(void)
{
    return mem_new(tally_t);
}

void tally_destroy(tally_t **tally_p)
{
    tally_t *tally = TAKE(*tally_p);
    if (tally == NULL)
        return;
    for (size_t i = 0; i < CALLS; i++)
        mem_free(tally->kinds[i]);
    mem_free(tally);
}

/* ---- counting ---- */

static kind_t *s_kind(tally_t *tally, call_number_t call)
{
    kind_t **kind = &tally->kinds[(size_t)call % CALLS];
    if (*kind == NULL)
        *kind = mem_new(kind_t);
    return *kind;
}

static void s_count(reasons_t *reasons, const char *what, const char *why)
{
    size_t i = 0;
    reasons->total += 1;
    while (i < reasons->count && (strcmp(reasons->rows[i].what, what) != 0 ||
                                  strncmp(reasons->rows[i].why, why, WHY_SIZE - 1) != 0))
        i++;
    if (i == REASONS_MAX)
        i = REASONS_MAX - 1;
    if (i == reasons->count) {
        reasons->rows[i].what = what;
        snprintf(reasons->rows[i].why, WHY_SIZE, "%s", why);
        reasons->count += 1;
    }
    reasons->rows[i].count += 1;
}

void tally_made(tally_t *tally, call_number_t call, uint64_t took_ns, bool timed)
{
    kind_t *kind = s_kind(tally, call);
    if (!timed) {
        tally->scene += 1;
        return;
    }
    kind->made += 1;
    latency_add(&kind->latency, took_ns);
    latency_add(&tally->latency, took_ns);
}

void tally_refused(tally_t *tally, call_number_t call, const char *why)
{
    s_kind(tally, call)->refused += 1;
    s_count(&tally->refused, call_type((uint16_t)call)->name, why);
}

void tally_put_off(tally_t *tally)
{
    tally->put_off += 1;
}

void tally_unsaid(tally_t *tally, const char *what, const char *why)
{
    s_count(&tally->unsaid, what, why);
}

void tally_followed(tally_t *tally)
{
    tally->followed += 1;
}

void tally_lag(tally_t *tally, uint64_t behind_ns)
{
    latency_add(&tally->lag, behind_ns);
}

bool tally_is_clean(const tally_t *tally)
{
    return tally->refused.total == 0;
}

/* ---- telling ---- */

static double s_ms(uint64_t ns)
{
    return (double)ns / 1e6;
}

static double s_rate(const tally_t *tally, const tally_frame_t *frame)
{
    return (double)tally->latency.count * 1e9 / (double)(frame->took_ns + 1);
}

static void s_put_row(buf_t *out, const char *name, const latency_t *latency, uint64_t refused)
{
    buf_printf(out, "%-24s %9" PRIu64 " %9" PRIu64 " %10.2f %10.2f %10.2f %10.2f\n", name,
               latency->count, refused, s_ms(latency_at(latency, 0.5)),
               s_ms(latency_at(latency, 0.9)), s_ms(latency_at(latency, 0.99)),
               s_ms(latency->max_ns));
}

static void s_put_reasons(buf_t *out, const char *head, const reasons_t *reasons)
{
    if (reasons->count > 0)
        buf_printf(out, "\n%s\n", head);
    for (size_t i = 0; i < reasons->count; i++)
        buf_printf(out, "  %-22s %9" PRIu64 "  %s\n", reasons->rows[i].what, reasons->rows[i].count,
                   reasons->rows[i].why);
}

void tally_put(const tally_t *tally, const tally_frame_t *frame, buf_t *out)
{
    buf_printf(out, "into %s as %s: %" PRIu64 " accounts, called %s…, and %" PRIu64 " rooms%s\n\n",
               frame->url, frame->dialect, frame->accounts, frame->prefix, frame->rooms,
               frame->stopped ? ", then stopped" : "");
    buf_printf(out, "%-24s %9s %9s %10s %10s %10s %10s\n", "call", "made", "refused", "p50 ms",
               "p90 ms", "p99 ms", "max ms");
    for (size_t i = 0; i < CALLS; i++)
        if (tally->kinds[i] != NULL)
            s_put_row(out, call_type((uint16_t)i)->name, &tally->kinds[i]->latency,
                      tally->kinds[i]->refused);
    s_put_row(out, "all", &tally->latency, tally->refused.total);
    buf_printf(out, "\n%.2f s, %.0f calls a second; %" PRIu64 " put off by the target\n",
               (double)frame->took_ns / 1e9, s_rate(tally, frame), tally->put_off);
    if (tally->scene > 0)
        buf_printf(out, "%" PRIu64 " calls set the scene before that\n", tally->scene);
    if (frame->paced)
        buf_printf(out, "behind its time: %.2f ms at p50, %.2f ms at p99, %.2f ms at most\n",
                   s_ms(latency_at(&tally->lag, 0.5)), s_ms(latency_at(&tally->lag, 0.99)),
                   s_ms(tally->lag.max_ns));
    s_put_reasons(out, "refused", &tally->refused);
    s_put_reasons(out, "not said", &tally->unsaid);
}

static void s_put_latency_json(buf_t *out, const latency_t *latency)
{
    buf_printf(out, "\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f",
               (double)latency_at(latency, 0.5) / 1e3, (double)latency_at(latency, 0.9) / 1e3,
               (double)latency_at(latency, 0.99) / 1e3, (double)latency->max_ns / 1e3);
}

static void s_put_reasons_json(buf_t *out, const char *name, const reasons_t *reasons)
{
    buf_printf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < reasons->count; i++) {
        buf_printf(out, "%s{\"what\":\"%s\",\"why\":", i > 0 ? "," : "", reasons->rows[i].what);
        json_put_text(out, slice_of(reasons->rows[i].why));
        buf_printf(out, ",\"count\":%" PRIu64 "}", reasons->rows[i].count);
    }
    buf_append_byte(out, ']');
}

static void s_put_kinds_json(buf_t *out, const tally_t *tally)
{
    const char *comma = "";
    buf_append_text(out, ",\"calls\":{");
    for (size_t i = 0; i < CALLS; i++) {
        const kind_t *kind = tally->kinds[i];
        if (kind == NULL)
            continue;
        buf_printf(out, "%s\"%s\":{\"made\":%" PRIu64 ",\"refused\":%" PRIu64 ",", comma,
                   call_type((uint16_t)i)->name, kind->made, kind->refused);
        s_put_latency_json(out, &kind->latency);
        buf_append_byte(out, '}');
        comma = ",";
    }
    buf_append_byte(out, '}');
}

void tally_put_json(const tally_t *tally, const tally_frame_t *frame, buf_t *out)
{
    buf_append_text(out, "{\"target\":");
    json_put_text(out, slice_of(frame->url));
    buf_printf(out, ",\"dialect\":\"%s\",\"prefix\":", frame->dialect);
    json_put_text(out, slice_of(frame->prefix));
    buf_printf(out,
               ",\"accounts\":%" PRIu64 ",\"rooms\":%" PRIu64 ",\"seconds\":%.3f,\"made\":%" PRIu64
               ",\"scene\":%" PRIu64 ",\"refused_calls\":%" PRIu64 ",\"put_off\":%" PRIu64
               ",\"followed\":%" PRIu64 ",\"calls_per_s\":%.1f,\"stopped\":%s,",
               frame->accounts, frame->rooms, (double)frame->took_ns / 1e9, tally->latency.count,
               tally->scene, tally->refused.total, tally->put_off, tally->followed,
               s_rate(tally, frame), frame->stopped ? "true" : "false");
    s_put_latency_json(out, &tally->latency);
    if (frame->paced)
        buf_printf(out, ",\"lag_p50_us\":%.1f,\"lag_p99_us\":%.1f,\"lag_max_us\":%.1f",
                   (double)latency_at(&tally->lag, 0.5) / 1e3,
                   (double)latency_at(&tally->lag, 0.99) / 1e3, (double)tally->lag.max_ns / 1e3);
    s_put_kinds_json(out, tally);
    s_put_reasons_json(out, "refused", &tally->refused);
    s_put_reasons_json(out, "unsaid", &tally->unsaid);
    buf_append_text(out, "}\n");
}
