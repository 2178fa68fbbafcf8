#include "tests/bench/workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/mem.h"
#include "tools/bench/clock.h"
#include "tools/bench/fail.h"
#include "tools/bench/pace.h"
#include "tests/bench/peers.h"
#include "tools/bench/proc.h"

#define SETTLE_NS (300 * CLOCK_MS_NS) /* after the last client is ready */
#define IDLE_NS (1500 * CLOCK_MS_NS)  /* until memory that is freed late is freed */
#define CONNECTIONS_SETTLED_NS (50 * CLOCK_MS_NS)

enum { DISK_BLOCK_BYTES = 4096, DISK_BLOCKS = 1024 };

static const workload_t workloads[] = {
#define WORKLOAD(name, measure, pace, rooms, seats, window, rate, doc) \
    {#name, doc, MEASURE_##measure, rooms, seats, {pace, window, rate}},
#include "tests/bench/workloads.def"
#undef WORKLOAD
};

/* What was used between two moments. */
typedef struct span {
    uint64_t wall_ns;
    uint64_t server_cpu_ns;
    uint64_t bench_cpu_ns;
} span_t;

const workload_t *workload_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(workloads); i++) {
        if (strcmp(workloads[i].name, name) == 0)
            return &workloads[i];
    }
    return NULL;
}

bool workload_fits(const workload_t *workload, const protocol_t *peer)
{
    if (workload->measure == MEASURE_SYNCING)
        return peer == &protocol_disk;
    const pace_t *pace = workload->load.pace;
    if (pace == NULL || (peer->one_sender && !pace->one_sender))
        return !peer->one_sender;
    return pace != &pace_acks || peer->acknowledges;
}

void workload_list(const protocol_t *peer)
{
    for (size_t i = 0; i < COUNT_OF(workloads); i++) {
        if (peer == NULL || workload_fits(&workloads[i], peer))
            printf("%-12s %s\n", workloads[i].name, workloads[i].doc);
    }
}

/* ---- Writing ---- */

/* Every result begins with what was measured, and ends with s_write_end. */
static void s_write_start(const workload_t *workload, const settings_t *settings)
{
    printf("{\"workload\":\"%s\",\"what\":\"%s\",\"peer\":\"%s\",\"run\":%u,\"rooms\":%u,"
           "\"seats\":%u,\"window\":%u,\"rate\":%u,\"payload_bytes\":%u,\"spare_rooms\":%u",
           workload->name, workload->doc, settings->name, settings->run, workload->rooms,
           workload->seats, workload->load.window, workload->load.rate, settings->payload_bytes,
           settings->spare_rooms);
}

static void s_write_count(const char *name, uint64_t value)
{
    printf(",\"%s\":%" PRIu64, name, value);
}

static void s_write_real(const char *name, double value)
{
    printf(",\"%s\":%.3f", name, value);
}

/* Nothing of nothing is nothing: a span too short for the tick has no rate. */
static void s_write_rate(const char *name, uint64_t count, uint64_t span_ns)
{
    double per_ns = span_ns > 0 ? (double)count / (double)span_ns : 0;
    s_write_real(name, per_ns * (double)CLOCK_SECOND_NS);
}

static void s_write_span(const span_t *span)
{
    s_write_real("seconds", (double)span->wall_ns / 1e9);
    s_write_real("server_cpu_s", (double)span->server_cpu_ns / 1e9);
    s_write_real("bench_cpu_s", (double)span->bench_cpu_ns / 1e9);
}

static void s_write_end(void)
{
    puts("}");
    fflush(stdout);
}

/* ---- Measuring ---- */

static span_t s_now(const settings_t *settings)
{
    return (span_t){clock_ns(), proc_sample(settings->server).cpu_ns, proc_own_cpu_ns()};
}

static span_t s_since(const settings_t *settings, const span_t *start)
{
    span_t now = s_now(settings);
    return (span_t){
        now.wall_ns - start->wall_ns,
        now.server_cpu_ns - start->server_cpu_ns,
        now.bench_cpu_ns - start->bench_cpu_ns,
    };
}

static swarm_t *s_swarm(const workload_t *workload, const settings_t *settings)
{
    swarm_t *swarm = swarm_new(&(swarm_plan_t){
        .protocol = settings->peer,
        .server = {AF_INET, htons(settings->port), {htonl(INADDR_LOOPBACK)}},
        .rooms = workload->rooms,
        .seats = workload->seats,
        .payload_bytes = settings->payload_bytes,
        .in_rooms = workload->measure != MEASURE_OPENING,
    });
    peers_prepare(swarm, settings->spare_rooms);
    return swarm;
}

static void s_write_latency(const latency_t *latency)
{
    s_write_real("p50_us", (double)latency_at(latency, 0.50) / 1e3);
    s_write_real("p99_us", (double)latency_at(latency, 0.99) / 1e3);
    s_write_real("max_us", (double)latency->max_ns / 1e3);
}

/* What came and went between `before` and now, over `span`; the latency of what the pace
 * waits for. */
static void s_write_traffic(const traffic_t *traffic, const tally_t *before, const span_t *span)
{
    const tally_t *tally = &traffic->tally;
    const latency_t *latency =
        traffic->load.pace->acked != NULL ? &traffic->acknowledgement : &traffic->delivery;
    uint64_t delivered = tally->delivered - before->delivered;
    uint64_t acked = tally->acked - before->acked;
    s_write_rate("messages_per_s", tally->sent - before->sent, span->wall_ns);
    s_write_rate("deliveries_per_s", delivered, span->wall_ns);
    s_write_rate("deliveries_per_cpu_s", delivered, span->server_cpu_ns);
    s_write_rate("acks_per_s", acked, span->wall_ns);
    s_write_rate("acks_per_cpu_s", acked, span->server_cpu_ns);
    s_write_latency(latency);
}

/* Faults count from the first message to the end of the drain. */
static void s_write_faults(const traffic_t *traffic)
{
    const tally_t *tally = &traffic->tally;
    s_write_count("lost", traffic_lost(traffic));
    s_write_count("late", tally->late);
    s_write_count("duplicated", tally->duplicated);
    s_write_count("stray", tally->stray);
    s_write_count("refused", tally->refused);
    s_write_count("stalled", tally->stalled);
    s_write_count("closed", traffic->swarm->closed);
}

/* The clients say nothing meanwhile, so the server comes to rest. */
static void s_mark(const settings_t *settings, const char *where)
{
    char command[1024];
    if (settings->mark == NULL)
        return;
    snprintf(command, sizeof command, "%s %s >&2", settings->mark, where);
    if (system(command) != 0)
        fail("`%s` has failed", command);
}

static void s_measure_traffic(const workload_t *workload, const settings_t *settings)
{
    swarm_t *swarm = s_swarm(workload, settings);
    swarm_connect(swarm);
    swarm_idle(swarm, SETTLE_NS);
    traffic_t *traffic = traffic_new(swarm, &workload->load);
    traffic_start(traffic);
    traffic_run(traffic, (uint64_t)(settings->warmup_seconds * 1e9));

    s_mark(settings, "begin");
    traffic_forget_times(traffic);
    tally_t before = traffic->tally;
    span_t start = s_now(settings);
    traffic_run(traffic, (uint64_t)(settings->seconds * 1e9));
    span_t span = s_since(settings, &start);
    s_mark(settings, "end");

    s_write_start(workload, settings);
    s_write_span(&span);
    s_write_traffic(traffic, &before, &span);
    s_write_count("resident_bytes", proc_sample(settings->server).resident_bytes);
    traffic_drain(traffic);
    s_write_faults(traffic);
    s_write_end();
    traffic_destroy(&traffic);
    swarm_destroy(&swarm);
}

static void s_measure_memory(const workload_t *workload, const settings_t *settings)
{
    swarm_t *swarm = s_swarm(workload, settings);
    swarm_idle(swarm, IDLE_NS);
    uint64_t before = proc_sample(settings->server).resident_bytes;
    swarm_connect(swarm);
    swarm_idle(swarm, IDLE_NS);
    uint64_t after = proc_sample(settings->server).resident_bytes;

    s_write_start(workload, settings);
    s_write_count("resident_bytes", after);
    s_write_real("bytes_per_connection", ((double)after - (double)before) / swarm->count);
    s_write_count("closed", swarm->closed);
    s_write_end();
    swarm_destroy(&swarm);
}

static void s_measure_opening(const workload_t *workload, const settings_t *settings)
{
    swarm_t *swarm = s_swarm(workload, settings);
    swarm_idle(swarm, SETTLE_NS);
    s_mark(settings, "begin");
    span_t start = s_now(settings);
    swarm_connect(swarm);
    span_t span = s_since(settings, &start);
    s_mark(settings, "end");

    s_write_start(workload, settings);
    s_write_span(&span);
    s_write_rate("connections_per_s", swarm->count, span.wall_ns);
    s_write_rate("connections_per_cpu_s", swarm->count, span.server_cpu_ns);
    swarm_idle(swarm, CONNECTIONS_SETTLED_NS);
    s_write_count("closed", swarm->closed);
    s_write_end();
    swarm_destroy(&swarm);
}

/* A file of blocks that are written already, so that nothing of the file system's own is synced. */
static int s_open_blocks(const char *folder)
{
    static const uint8_t zeros[DISK_BLOCKS * DISK_BLOCK_BYTES];
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/blocks", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, zeros, sizeof zeros) != sizeof zeros || fsync(fd) != 0)
        fail("%s: %s", path, strerror(errno));
    return fd;
}

static void s_sync_block(int fd, uint64_t number)
{
    static const uint8_t block[DISK_BLOCK_BYTES];
    off_t at = (off_t)(number % DISK_BLOCKS * DISK_BLOCK_BYTES);
    if (pwrite(fd, block, sizeof block, at) != sizeof block || fdatasync(fd) != 0)
        fail("the disk: %s", strerror(errno));
}

static void s_measure_syncing(const workload_t *workload, const settings_t *settings)
{
    latency_t latency = {0};
    uint64_t synced = 0;
    int fd = s_open_blocks(settings->folder);
    span_t start = s_now(settings);
    uint64_t now_ns = clock_ns(), end_ns = now_ns + (uint64_t)(settings->seconds * 1e9);
    while (now_ns < end_ns) {
        uint64_t before_ns = now_ns;
        s_sync_block(fd, synced++);
        now_ns = clock_ns();
        latency_add(&latency, now_ns - before_ns);
    }
    span_t span = s_since(settings, &start);
    close(fd);

    s_write_start(workload, settings);
    s_write_span(&span);
    s_write_rate("acks_per_s", synced, span.wall_ns);
    s_write_rate("acks_per_cpu_s", synced, span.bench_cpu_ns);
    s_write_latency(&latency);
    s_write_end();
}

void workload_run(const workload_t *workload, const settings_t *settings)
{
    switch (workload->measure) {
    case MEASURE_TRAFFIC:
        s_measure_traffic(workload, settings);
        return;
    case MEASURE_MEMORY:
        s_measure_memory(workload, settings);
        return;
    case MEASURE_OPENING:
        s_measure_opening(workload, settings);
        return;
    case MEASURE_SYNCING:
        s_measure_syncing(workload, settings);
        return;
    }
}
