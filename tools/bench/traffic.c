#include "tools/bench/traffic.h"

#include <errno.h>
#include <stdio.h>

#include "schema/mem.h"
#include "tools/bench/clock.h"
#include "tools/bench/fail.h"
#include "tools/bench/pace.h"
#include "tools/bench/protocol.h"

#define TICK_NS (100 * CLOCK_MS_NS)
#define QUIET_NS (3 * CLOCK_SECOND_NS) /* nothing for so long: nothing more will come */

static void s_delivered(void *ctx, client_t *client, const stamp_t *stamp);
static void s_acked(void *ctx, client_t *client, uint32_t seq, uint64_t age_ns);
static void s_refused(void *ctx, client_t *client, slice_t words);

/* Room for four windows, so that answers may overtake each other widely. */
static uint32_t s_ring(uint32_t window)
{
    uint32_t size = 4;
    while (size < 4 * window)
        size *= 2;
    return size;
}

traffic_t *traffic_new(swarm_t *swarm, const load_t *load)
{
    traffic_t *traffic = mem_new(traffic_t);
    traffic->swarm = swarm;
    traffic->load = *load;
    traffic->senders = load->pace->one_sender ? 1 : swarm->plan.seats;
    traffic->ring = s_ring(load->window);
    traffic->tracks = mem_zeroed((size_t)swarm->count * traffic->senders * sizeof *traffic->tracks);
    traffic->rooms = mem_zeroed(swarm->plan.rooms * sizeof *traffic->rooms);
    traffic->acks = mem_zeroed(swarm->count * sizeof *traffic->acks);
    for (uint32_t i = 0; i < swarm->plan.rooms; i++)
        traffic->rooms[i].flights = mem_zeroed(traffic->ring * sizeof(flight_t));
    swarm->listener = (listener_t){traffic, s_delivered, s_acked, s_refused};
    return traffic;
}

void traffic_destroy(traffic_t **traffic_p)
{
    traffic_t *traffic = TAKE(*traffic_p);
    if (traffic == NULL)
        return;
    for (uint32_t i = 0; i < traffic->swarm->plan.rooms; i++)
        mem_free(traffic->rooms[i].flights);
    mem_free(traffic->rooms);
    mem_free(traffic->tracks);
    mem_free(traffic->acks);
    mem_free(traffic);
}

void traffic_start(traffic_t *traffic)
{
    traffic->started_ns = clock_ns();
    for (uint32_t i = 0; i < traffic->swarm->plan.rooms; i++)
        traffic->rooms[i].moved_ns = traffic->started_ns;
    traffic->load.pace->start(traffic);
}

void traffic_forget_times(traffic_t *traffic)
{
    latency_reset(&traffic->delivery);
    latency_reset(&traffic->acknowledgement);
}

void traffic_run(traffic_t *traffic, uint64_t span_ns)
{
    uint64_t end_ns = clock_ns() + span_ns;
    for (uint64_t now_ns; (now_ns = clock_ns()) < end_ns;) {
        uint64_t wait_ns = traffic->load.pace->tick(traffic, now_ns);
        if (wait_ns > TICK_NS)
            wait_ns = TICK_NS;
        swarm_turn(traffic->swarm, wait_ns < end_ns - now_ns ? wait_ns : end_ns - now_ns);
        if (traffic->swarm->closed == traffic->swarm->count)
            fail("the server has closed all connections");
    }
}

static bool s_complete(const traffic_t *traffic)
{
    const tally_t *tally = &traffic->tally;
    return tally->delivered >= tally->sent * traffic->swarm->plan.seats &&
           (!traffic->swarm->plan.protocol->acknowledges ||
            tally->acked + tally->refused >= tally->sent);
}

void traffic_drain(traffic_t *traffic)
{
    traffic->stopped = true;
    traffic->swarm->now_ns = clock_ns();
    while (!s_complete(traffic) && clock_ns() - traffic->swarm->now_ns < QUIET_NS)
        swarm_turn(traffic->swarm, TICK_NS);
}

static track_t *s_track(const traffic_t *traffic, uint32_t client, uint32_t seat)
{
    return &traffic->tracks[(size_t)client * traffic->senders + seat];
}

uint64_t traffic_lost(const traffic_t *traffic)
{
    uint64_t lost = 0;
    swarm_t *swarm = traffic->swarm;
    for (uint32_t i = 0; i < swarm->count; i++) {
        for (uint32_t seat = 0; seat < traffic->senders; seat++) {
            const client_t *sender = swarm_client(swarm, swarm->clients[i].room, seat);
            lost += sender->sent - s_track(traffic, i, seat)->received;
        }
    }
    return lost;
}

void traffic_send(traffic_t *traffic, client_t *client, uint64_t time_ns)
{
    if (!traffic_may_send(traffic, client))
        return;
    traffic->tally.sent += 1;
    client_post(client, time_ns);
}

/* ---- What the swarm tells ---- */

/* False for what must not be counted as delivered. */
static bool s_check(traffic_t *traffic, const client_t *client, const stamp_t *stamp)
{
    tally_t *tally = &traffic->tally;
    const swarm_t *swarm = traffic->swarm;
    if (stamp->sender >= swarm->count || swarm->clients[stamp->sender].room != client->room ||
        swarm->clients[stamp->sender].seat >= traffic->senders) {
        tally->stray += 1;
        return false;
    }
    track_t *track = s_track(traffic, client->number, swarm->clients[stamp->sender].seat);
    switch (track_add(track, stamp->seq)) {
    case TRACK_IN_ORDER:
        return true;
    case TRACK_LATE:
        tally->late += 1;
        return true;
    case TRACK_DUPLICATE:
        tally->duplicated += 1;
        return false;
    }
    return false;
}

static void s_delivered(void *ctx, client_t *client, const stamp_t *stamp)
{
    traffic_t *traffic = ctx;
    const pace_t *pace = traffic->load.pace;
    if (!s_check(traffic, client, stamp))
        return;

    uint64_t now_ns = traffic->swarm->now_ns;
    traffic->tally.delivered += 1;
    traffic_room(traffic, client)->moved_ns = now_ns;
    latency_add(&traffic->delivery, now_ns > stamp->time_ns ? now_ns - stamp->time_ns : 0);
    if (pace->delivered != NULL)
        pace->delivered(traffic, client, stamp);
}

static void s_acked(void *ctx, client_t *client, uint32_t seq, uint64_t age_ns)
{
    traffic_t *traffic = ctx;
    traffic_room(traffic, client)->moved_ns = traffic->swarm->now_ns;
    if (track_add(&traffic->acks[client->number], seq) == TRACK_DUPLICATE) {
        traffic->tally.duplicated += 1;
        return;
    }
    traffic->tally.acked += 1;
    latency_add(&traffic->acknowledgement, age_ns);
    if (traffic->load.pace->acked != NULL)
        traffic->load.pace->acked(traffic, client, seq);
}

/* The first refusal is shown: they tend to be alike. */
static void s_refused(void *ctx, client_t *client, slice_t words)
{
    traffic_t *traffic = ctx;
    if (traffic->tally.refused++ == 0)
        fprintf(stderr, "%s: client %u was refused: %.*s\n", program_invocation_short_name,
                client->number, SLICE_ARG(words));
}
