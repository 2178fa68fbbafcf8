/* metrics.c - a question to each that counts something, then everything in one reply; without a
 * broker there is what the edge knows alone, and kith_up is 0. */
#include "ws-edge/metrics.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ws-edge/client.h"
#include "ws-edge/front_parts.h"

enum { LABEL_SIZE = 96 };

/* A scrape that waits for an answer. */
typedef struct scrape {
    edge_t *edge;
    exchange_t exchange;
    size_t asked; /* how many of the questions */
    buf_t heard;  /* what came of them, as text */
} scrape_t;

/* In this order; all are without fields. */
static const call_number_t s_questions[] = {CALL_bus_metrics, CALL_notifier_metrics};

/* ---- the process ---- */

static uint64_t s_memory_bytes(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %llu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t s_cpu_us(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void s_put_process(ledger_t *ledger)
{
    ledger_one(ledger, metric_kind_GAUGE, "process_resident_memory_bytes", "Memory of this process",
               s_memory_bytes());
    ledger_family(ledger, metric_kind_COUNTER, "process_cpu_seconds_total",
                  "CPU time of this process", true);
    ledger_value(ledger, NULL, s_cpu_us());
}

/* ---- the edge ---- */

static void s_put_by_dialect(ledger_t *ledger, metric_kind_t kind, const char *name,
                             const char *help, const uint64_t values[DIALECT_COUNT])
{
    char label[LABEL_SIZE];
    ledger_family(ledger, kind, name, help, false);
    for (size_t i = 0; i < DIALECT_COUNT; i++) {
        snprintf(label, sizeof label, "dialect=\"%s\"", dialects[i]->name);
        ledger_value(ledger, label, values[i]);
    }
}

static void s_put_dialects(const edge_t *edge, ledger_t *ledger)
{
    const edge_counts_t *counts = &edge->counts;
    s_put_by_dialect(ledger, metric_kind_GAUGE, "kith_connections",
                     "Open connections of clients that stay, by dialect", counts->open);
    s_put_by_dialect(ledger, metric_kind_COUNTER, "kith_heard_total",
                     "Messages of connections, by dialect", counts->heard);
    s_put_by_dialect(ledger, metric_kind_COUNTER, "kith_renderings_total",
                     "Frames made of live events, by dialect", counts->renderings);
    s_put_by_dialect(ledger, metric_kind_COUNTER, "kith_deliveries_total",
                     "Events queued to connections, by dialect", counts->deliveries);
}

static void s_put_refused(const edge_t *edge, ledger_t *ledger)
{
    char label[LABEL_SIZE];
    ledger_family(ledger, metric_kind_COUNTER, "kith_edge_refused_total",
                  "Requests and calls answered with an error, by reason", false);
    for (int err = ERR_OK + 1; err < ERR_COUNT_; err++) {
        if (edge->counts.refused[err] == 0)
            continue;
        snprintf(label, sizeof label, "reason=\"%s\"", err_info((err_t)err)->name);
        ledger_value(ledger, label, edge->counts.refused[err]);
    }
}

static void s_put_edge(const edge_t *edge, ledger_t *ledger)
{
    server_counts_t server = server_counts(edge->server);
    ledger_one(ledger, metric_kind_GAUGE, "kith_up", "1: the edge hears the broker",
               link_is_up(edge->link));
    ledger_one(ledger, metric_kind_GAUGE, "kith_edge_connections", "All connections of this edge",
               server.connections);
    ledger_one(ledger, metric_kind_GAUGE, "kith_edge_waiting_requests",
               "Requests that wait for their reply", server.exchanges);
    ledger_one(ledger, metric_kind_GAUGE, "kith_edge_queued_bytes",
               "Queued for connections and not taken yet", clients_queued(edge->clients));
    ledger_one(ledger, metric_kind_COUNTER, "kith_edge_slow_closed_total",
               "WebSockets, event streams and lines closed because they read too slowly",
               server.slow);
    ledger_one(ledger, metric_kind_COUNTER, "kith_requests_total", "HTTP requests answered",
               edge->counts.requests);
    s_put_dialects(edge, ledger);
    s_put_refused(edge, ledger);
}

void metrics_put(const edge_t *edge, ledger_t *ledger)
{
    s_put_edge(edge, ledger);
    s_put_process(ledger);
}

/* ---- the reply ---- */

static void s_reply(const scrape_t *scrape)
{
    edge_t *edge = scrape->edge;
    ledger_t ledger = {.arena = edge->arena};
    metrics_put(edge, &ledger);
    front_begin_headers(edge, (slice_t){0}, false);
    ledger_print(&edge->body, ledger_list(&ledger));
    buf_append(&edge->body, buf_slice(&scrape->heard));
    ledger_free(&ledger);
    response_t response = front_response(edge, 200);
    response.content_type = SLICE_LIT("text/plain; version=0.0.4; charset=utf-8");
    exchange_reply(edge->server, scrape->exchange, &response);
}

static void s_on_answer(void *ctx, uint64_t tag, const reply_t *reply);

/* The next question that can be asked; after the last one the reply. */
static void s_go_on(scrape_t *scrape)
{
    while (scrape->asked < COUNT_OF(s_questions)) {
        waiter_t waiter = {
            .answer = s_on_answer, .ctx = scrape, .type = (uint16_t)s_questions[scrape->asked++]};
        if (link_ask(scrape->edge->link, (who_t){0}, &(bus_metrics_call_t){}, &waiter) == ERR_OK)
            return;
    }
    s_reply(scrape);
    buf_free(&scrape->heard);
    mem_free(scrape);
}

/* Who refuses, or is not there, has counted nothing. */
static void s_on_answer(void *ctx, uint64_t tag, const reply_t *reply)
{
    scrape_t *scrape = ctx;
    const void *answer;
    fault_t fault;
    (void)tag;
    arena_reset(scrape->edge->arena);
    if (reply->status == ERR_OK && codec_unpack(reply->body, shape_metric_list(),
                                                scrape->edge->arena, &fault, &answer) == ERR_OK)
        ledger_print(&scrape->heard, ((const metric_list_t *)answer)->metrics);
    s_go_on(scrape);
}

/* ---- who may ---- */

static bool s_may(const edge_t *edge, const request_t *request)
{
    static const char *const forwarded[] = {"x-forwarded-for", "x-forwarded-proto", "x-real-ip",
                                            "forwarded", "via"};
    address_t address;
    for (size_t i = 0; i < COUNT_OF(forwarded); i++)
        if (request_header(request, forwarded[i]).ptr != NULL)
            return false;
    return address_read(request->address, &address) && trust_has(edge->watchers, &address);
}

bool metrics_take(edge_t *edge, const request_t *request, exchange_t exchange)
{
    if (request->method != METHOD_GET || !slice_is(request->path, "/metrics") ||
        !s_may(edge, request))
        return false;
    scrape_t *scrape = mem_new(scrape_t);
    *scrape = (scrape_t){.edge = edge, .exchange = exchange};
    s_go_on(scrape);
    return true;
}
