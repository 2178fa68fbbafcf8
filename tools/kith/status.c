/* status.c - kith status */
#include <inttypes.h>
#include <stdio.h>

#include "tools/kith/ask.h"

static void s_print(const options_t *options, const bus_state_t *state)
{
    if (options->json) {
        ask_print_json(shape_bus_state(), state);
        return;
    }
    printf("%s: epoch %" PRIu64 ", head %" PRIu64 ", %" PRIu64 " peers on the bus\n",
           state->ready ? "ready" : "not ready", state->epoch, state->head, state->peers);
}

outcome_t status_run(const options_t *options)
{
    peer_t *peer = ask_meet(options);
    const bus_state_t *state =
        peer != NULL ? ask(peer, CALL_bus_status, &(bus_status_call_t){}) : NULL;
    bool ready = state != NULL && state->ready;
    if (state != NULL)
        s_print(options, state);
    peer_close(&peer);
    return ready ? OUTCOME_GOOD : OUTCOME_BAD;
}
