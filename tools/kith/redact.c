/* redact.c - kith redact: an account is deleted, with all that is personal in the journal.
 *
 * The server destroys the key and makes its projections anew; this waits for that, and then
 * looks whether the journal has records from before there were keys, in which nothing is. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "tools/kith/ask.h"

/* Nobody would wait for longer than a projection of 100 million records takes. */
enum { LOOK_MS = 50, LOOKS_MAX = 15 * 60 * 1000 / LOOK_MS };

static bool s_is_ready(peer_t *peer)
{
    const bus_state_t *state = ask(peer, CALL_bus_status, &(bus_status_call_t){});
    return state != NULL && state->ready;
}

static outcome_t s_await(peer_t *peer)
{
    const struct timespec pause = {0, LOOK_MS * 1000000L};
    for (int i = 0; i < LOOKS_MAX; i++) {
        if (s_is_ready(peer))
            return OUTCOME_GOOD;
        nanosleep(&pause, NULL);
    }
    fprintf(stderr, "kith: the projections are not made anew yet: see kith status\n");
    return OUTCOME_BAD;
}

outcome_t redact_run(const options_t *options)
{
    peer_t *peer = ask_meet(options);
    const account_t *account = peer != NULL ? ask_account(peer, options->operands[0]) : NULL;
    account_redact_call_t body = {.account = account != NULL ? account->id : 0};
    outcome_t outcome = OUTCOME_BAD;
    if (account != NULL && ask(peer, CALL_account_redact, &body) != NULL)
        outcome = s_await(peer);
    if (outcome == OUTCOME_GOOD)
        printf("account %" PRIu64 " is redacted\n", body.account);
    peer_close(&peer);
    return outcome;
}
