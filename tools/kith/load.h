/* load.h - what kith bench measures, and how it says so. */
#ifndef TOOLS_KITH_LOAD_H
#define TOOLS_KITH_LOAD_H

#include <sys/types.h>

#include "tools/bench/traffic.h"

typedef struct load_plan {
    load_t load;
    uint32_t seconds;
    pid_t server; /* whose processor time is told; 0: unknown */
    bool json;
} load_plan_t;

/* Open the swarm's rooms, connect, send, and print what came of it.  Its clients have their
 * tokens.  Whatever goes wrong ends the process (tools/bench/fail.h). */
void load_run(swarm_t *swarm, const load_plan_t *plan);

#endif
