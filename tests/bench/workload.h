/* workload.h - one measurement: a row of workloads.def on one server. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <sys/types.h>

#include "tools/bench/traffic.h"

typedef enum measure {
    MEASURE_TRAFFIC,
    MEASURE_MEMORY,
    MEASURE_OPENING,
    MEASURE_SYNCING
} measure_t;

typedef struct workload {
    const char *name;
    const char *doc;
    measure_t measure;
    uint32_t rooms;
    uint32_t seats; /* clients in each room */
    load_t load;
} workload_t;

typedef struct settings {
    const protocol_t *peer;
    const char *name; /* of the peer, in the result */
    uint16_t port;
    pid_t server; /* leader of its process group */
    uint32_t payload_bytes;
    uint32_t spare_rooms; /* of Kith, besides the workload's */
    double seconds;
    double warmup_seconds;
    uint32_t run;       /* noted in the result */
    const char *mark;   /* run where measuring traffic begins and ends; NULL: nothing is */
    const char *folder; /* of the server, where its disk is measured */
} settings_t;

/* NULL if there is none of that name. */
const workload_t *workload_find(const char *name);

/* False where the peer lacks what the workload is about. */
bool workload_fits(const workload_t *workload, const protocol_t *peer);

/* Name and meaning, one a line, of those that fit; all for NULL. */
void workload_list(const protocol_t *peer);

/* Measure, and write the result to the standard output as one line of JSON. */
void workload_run(const workload_t *workload, const settings_t *settings);

#endif
