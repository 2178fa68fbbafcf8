#include "tools/kith/load.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#include "schema/buf.h"
#include "schema/mem.h"
#include "tools/bench/clock.h"
#include "tools/bench/proc.h"
#include "tools/bench/scene.h"

#define SETTLE_NS (300 * CLOCK_MS_NS) /* after the last client is ready */
#define WARM_UP_NS (500 * CLOCK_MS_NS)

/* What was used up to a moment, or between two. */
typedef struct span {
    uint64_t wall_ns;
    uint64_t server_cpu_ns;
    uint64_t bench_cpu_ns;
} span_t;

/* All that is told. */
typedef struct result {
    const traffic_t *traffic;
    const load_plan_t *plan;
    tally_t tally; /* of the measured span; faults: of all of it, see the traffic's */
    span_t span;
    uint64_t lost;
} result_t;

typedef struct fault {
    const char *name;
    uint64_t count;
} fault_count_t;

enum { FAULTS = 9 };

/* Faults count from the first message to the end of the drain. */
static void s_faults(const result_t *result, fault_count_t ret_faults[FAULTS])
{
    const tally_t *tally = &result->traffic->tally;
    const fault_count_t faults[FAULTS] = {
        {"lost", result->lost},
        {"unacknowledged", tally->sent - tally->acked - tally->refused},
        {"duplicated", tally->duplicated},
        {"late", tally->late},
        {"stray", tally->stray},
        {"refused", tally->refused},
        {"held_back", tally->held_back},
        {"stalled", tally->stalled},
        {"closed", result->traffic->swarm->closed},
    };
    for (size_t i = 0; i < FAULTS; i++)
        ret_faults[i] = faults[i];
}

static double s_rate(const result_t *result, uint64_t count)
{
    return (double)count * 1e9 / (double)result->span.wall_ns;
}

/* ---- for programs ---- */

static void s_json_latency(const char *name, const latency_t *latency)
{
    printf(",\"%s_p50_us\":%.1f,\"%s_p99_us\":%.1f,\"%s_max_us\":%.1f", name,
           (double)latency_at(latency, 0.50) / 1e3, name, (double)latency_at(latency, 0.99) / 1e3,
           name, (double)latency->max_ns / 1e3);
}

static void s_print_json(const result_t *result)
{
    const swarm_t *swarm = result->traffic->swarm;
    const load_t *load = &result->plan->load;
    fault_count_t faults[FAULTS];
    printf("{\"name\":\"bench-%08x\",\"rooms\":%u,\"people\":%u,\"window\":%u,\"rate\":%u,"
           "\"payload_bytes\":%u,\"seconds\":%.3f",
           swarm->nonce, swarm->plan.rooms, swarm->plan.seats, load->rate > 0 ? 0 : load->window,
           load->rate, swarm->plan.payload_bytes, (double)result->span.wall_ns / 1e9);
    printf(",\"messages_per_s\":%.1f,\"acks_per_s\":%.1f,\"deliveries_per_s\":%.1f",
           s_rate(result, result->tally.sent), s_rate(result, result->tally.acked),
           s_rate(result, result->tally.delivered));
    s_json_latency("ack", &result->traffic->acknowledgement);
    s_json_latency("delivery", &result->traffic->delivery);
    if (result->plan->server > 0)
        printf(",\"server_cpu_s\":%.2f", (double)result->span.server_cpu_ns / 1e9);
    printf(",\"bench_cpu_s\":%.2f", (double)result->span.bench_cpu_ns / 1e9);
    s_faults(result, faults);
    for (size_t i = 0; i < FAULTS; i++)
        printf(",\"%s\":%" PRIu64, faults[i].name, faults[i].count);
    printf("}\n");
}

/* ---- for people ---- */

static void s_print_plan(const result_t *result)
{
    const swarm_plan_t *plan = &result->traffic->swarm->plan;
    const load_t *load = &result->plan->load;
    printf("%u room%s of %u people at %s:%u, %u bytes a message, ", plan->rooms,
           plan->rooms == 1 ? "" : "s", plan->seats, inet_ntoa(plan->server.sin_addr),
           ntohs(plan->server.sin_port), plan->payload_bytes);
    if (load->rate > 0)
        printf("%u messages/s wanted", load->rate);
    else
        printf("%u under way in each room", load->window);
    printf(", %.1f s\n\n", (double)result->span.wall_ns / 1e9);
}

static void s_print_latency(const char *name, const latency_t *latency)
{
    printf("%-16s %9.2f ms %9.2f ms %9.2f ms\n", name, (double)latency_at(latency, 0.50) / 1e6,
           (double)latency_at(latency, 0.99) / 1e6, (double)latency->max_ns / 1e6);
}

static void s_print_cpu(const char *name, uint64_t cpu_ns, const result_t *result)
{
    printf("%-16s %9.2f s, %.0f %% of a core\n", name, (double)cpu_ns / 1e9,
           100.0 * (double)cpu_ns / (double)result->span.wall_ns);
}

static void s_print_faults(const result_t *result)
{
    fault_count_t faults[FAULTS];
    bool any = false;
    s_faults(result, faults);
    printf("%-16s", "faults");
    for (size_t i = 0; i < FAULTS; i++) {
        if (faults[i].count == 0)
            continue;
        printf("%s %" PRIu64 " %s", any ? "," : "", faults[i].count, faults[i].name);
        any = true;
    }
    printf("%s\n", any ? "" : " none");
}

static void s_print(const result_t *result)
{
    s_print_plan(result);
    printf("%-16s %9.0f /s\n", "messages", s_rate(result, result->tally.sent));
    printf("%-16s %9.0f /s, each on disk\n", "acknowledged", s_rate(result, result->tally.acked));
    printf("%-16s %9.0f /s\n\n", "deliveries", s_rate(result, result->tally.delivered));
    printf("%-16s %12s %12s %12s\n", "from sending to", "p50", "p99", "max");
    s_print_latency("acknowledgement", &result->traffic->acknowledgement);
    s_print_latency("delivery", &result->traffic->delivery);
    printf("\n");
    if (result->plan->server > 0)
        s_print_cpu("server CPU", result->span.server_cpu_ns, result);
    s_print_cpu("CPU of the bench", result->span.bench_cpu_ns, result);
    s_print_faults(result);
}

/* ---- measuring ---- */

static span_t s_now(const load_plan_t *plan)
{
    uint64_t server_cpu_ns = plan->server > 0 ? proc_sample(plan->server).cpu_ns : 0;
    return (span_t){clock_ns(), server_cpu_ns, proc_own_cpu_ns()};
}

static span_t s_since(const load_plan_t *plan, const span_t *start)
{
    span_t now = s_now(plan);
    return (span_t){
        now.wall_ns - start->wall_ns,
        now.server_cpu_ns - start->server_cpu_ns,
        now.bench_cpu_ns - start->bench_cpu_ns,
    };
}

/* After warming up; tally and span are those of the time that is measured. */
static void s_measure(traffic_t *traffic, const load_plan_t *plan, result_t *ret_result)
{
    traffic_start(traffic);
    traffic_run(traffic, WARM_UP_NS);
    traffic_forget_times(traffic);
    tally_t before = traffic->tally;
    span_t start = s_now(plan);
    traffic_run(traffic, plan->seconds * CLOCK_SECOND_NS);
    *ret_result = (result_t){
        .traffic = traffic,
        .plan = plan,
        .tally = {.sent = traffic->tally.sent - before.sent,
                  .delivered = traffic->tally.delivered - before.delivered,
                  .acked = traffic->tally.acked - before.acked},
        .span = s_since(plan, &start),
    };
}

void load_run(swarm_t *swarm, const load_plan_t *plan)
{
    result_t result;
    scene_open_rooms(swarm);
    swarm_connect(swarm);
    swarm_idle(swarm, SETTLE_NS);
    traffic_t *traffic = traffic_new(swarm, &plan->load);
    s_measure(traffic, plan, &result);
    traffic_drain(traffic);
    result.lost = traffic_lost(traffic);
    if (plan->json)
        s_print_json(&result);
    else
        s_print(&result);
    traffic_destroy(&traffic);
}
