#include "actors/ledger.h"

#include <inttypes.h>
#include <stdio.h>

#include "schema/mem.h"

/* ---- histograms ---- */

void histogram_add(histogram_t *histogram, uint64_t value)
{
    int bucket = value > 1 ? 64 - __builtin_clzll(value - 1) : 0;
    histogram->buckets[bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1]++;
    histogram->sum += value;
}

/* ---- putting ---- */

list_t ledger_list(const ledger_t *ledger)
{
    return (list_t){ledger->metrics.data, ledger->metrics.len / sizeof(metric_t)};
}

void ledger_free(ledger_t *ledger)
{
    buf_free(&ledger->metrics);
}

static void s_put(ledger_t *ledger, const metric_t *metric)
{
    buf_append(&ledger->metrics, slice_new(metric, sizeof *metric));
}

void ledger_family(ledger_t *ledger, metric_kind_t kind, const char *name, const char *help,
                   bool seconds)
{
    s_put(ledger, &(metric_t){
                      .kind = kind,
                      .name = arena_copy(ledger->arena, slice_of(name)),
                      .help = arena_copy(ledger->arena, slice_of(help)),
                      .seconds = seconds,
                  });
}

void ledger_value(ledger_t *ledger, const char *labels, uint64_t value)
{
    s_put(ledger, &(metric_t){
                      .labels = arena_copy(ledger->arena, slice_of(labels != NULL ? labels : "")),
                      .value = value,
                  });
}

void ledger_one(ledger_t *ledger, metric_kind_t kind, const char *name, const char *help,
                uint64_t value)
{
    ledger_family(ledger, kind, name, help, false);
    ledger_value(ledger, NULL, value);
}

/* Buckets are told as Prometheus counts them: each with all that lie below it. */
void ledger_histogram(ledger_t *ledger, const char *name, const char *help, bool seconds,
                      const histogram_t *histogram)
{
    char label[32];
    uint64_t count = 0;
    ledger_family(ledger, metric_kind_HISTOGRAM, name, help, seconds);
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
        count += histogram->buckets[i];
        uint64_t bound = UINT64_C(1) << i;
        if (i == HISTOGRAM_BUCKETS - 1)
            snprintf(label, sizeof label, "le=\"+Inf\"");
        else if (seconds)
            snprintf(label, sizeof label, "le=\"%.6f\"", (double)bound / 1e6);
        else
            snprintf(label, sizeof label, "le=\"%" PRIu64 "\"", bound);
        ledger_value(ledger, label, count);
    }
    ledger_value(ledger, "sum", histogram->sum);
    ledger_value(ledger, "count", count);
}

/* ---- printing ---- */

static void s_print_family(buf_t *out, const metric_t *family)
{
    buf_printf(out, "# HELP %.*s %.*s\n# TYPE %.*s %s\n", SLICE_ARG(family->name),
               SLICE_ARG(family->help), SLICE_ARG(family->name),
               choice_word(choices_metric_kind, (int)family->kind));
}

/* A histogram's sum and count stand in rows of those names. */
static void s_print_name(buf_t *out, const metric_t *family, slice_t labels)
{
    bool part = slice_is(labels, "sum") || slice_is(labels, "count");
    buf_append(out, family->name);
    if (family->kind == metric_kind_HISTOGRAM && part)
        buf_printf(out, "_%.*s", SLICE_ARG(labels));
    else if (family->kind == metric_kind_HISTOGRAM)
        buf_printf(out, "_bucket{%.*s}", SLICE_ARG(labels));
    else if (labels.len > 0)
        buf_printf(out, "{%.*s}", SLICE_ARG(labels));
}

static void s_print_value(buf_t *out, const metric_t *family, const metric_t *metric)
{
    bool counts = family->kind == metric_kind_HISTOGRAM && !slice_is(metric->labels, "sum");
    s_print_name(out, family, metric->labels);
    if (family->seconds && !counts)
        buf_printf(out, " %.6f\n", (double)metric->value / 1e6);
    else
        buf_printf(out, " %" PRIu64 "\n", metric->value);
}

void ledger_print(buf_t *out, list_t metrics)
{
    static const metric_t none;
    const metric_t *items = metrics.items, *family = &none;
    for (size_t i = 0; i < metrics.count; i++) {
        if (items[i].name.len > 0) {
            family = &items[i];
            s_print_family(out, family);
        } else if (family != &none) {
            s_print_value(out, family, &items[i]);
        }
    }
}
