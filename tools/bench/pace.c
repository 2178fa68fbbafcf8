#include "tools/bench/pace.h"

#include <assert.h>

#include "tools/bench/clock.h"

/* A room in which nothing has come for so long has lost what it waits for. */
#define STALLED_NS (3 * CLOCK_SECOND_NS) /* longer than a slow server chews on one window */
#define STALL_CHECK_NS (100 * CLOCK_MS_NS)

/* ---- Flights ---- */

static flight_t *s_flight(traffic_t *traffic, const client_t *sender, uint32_t seq)
{
    return &traffic_room(traffic, sender)->flights[seq & (traffic->ring - 1)];
}

/* Send one message and expect `left` answers to it.  Where the ring comes round
 * to a flight that never landed, something of that one was lost, and its place
 * in the window goes to one more message. */
static void s_launch(traffic_t *traffic, client_t *sender, uint32_t left)
{
    if (!traffic_may_send(traffic, sender))
        return;
    for (bool lost = true; lost;) {
        flight_t *flight = s_flight(traffic, sender, sender->sent);
        lost = flight->left > 0;
        *flight = (flight_t){.seq = sender->sent, .left = left, .sent_ns = clock_ns()};
        traffic_send(traffic, sender, flight->sent_ns);
    }
}

/* One answer has come; returns the flight if that was the last one, else NULL. */
static flight_t *s_land(traffic_t *traffic, const client_t *sender, uint32_t seq)
{
    flight_t *flight = s_flight(traffic, sender, seq);
    if (flight->seq != seq || flight->left == 0)
        return NULL;
    flight->left -= 1;
    return flight->left == 0 ? flight : NULL;
}

static void s_forget_flights(traffic_t *traffic, traffic_room_t *room)
{
    for (uint32_t i = 0; i < traffic->ring; i++)
        room->flights[i].left = 0;
}

/* Start every room anew that stands still. */
static uint64_t s_stall_check(traffic_t *traffic, uint64_t now_ns,
                              void (*restart)(traffic_t *traffic, uint32_t room))
{
    for (uint32_t i = 0; i < traffic->swarm->plan.rooms; i++) {
        traffic_room_t *room = &traffic->rooms[i];
        if (now_ns < room->moved_ns + STALLED_NS)
            continue;
        traffic->tally.stalled += 1;
        room->moved_ns = now_ns;
        s_forget_flights(traffic, room);
        restart(traffic, i);
    }
    return STALL_CHECK_NS;
}

static void s_start_each(traffic_t *traffic, void (*start)(traffic_t *traffic, uint32_t room))
{
    for (uint32_t i = 0; i < traffic->swarm->plan.rooms; i++)
        start(traffic, i);
}

/* ---- A window a room ---- */

static void s_window_fill(traffic_t *traffic, uint32_t room)
{
    for (uint32_t i = 0; i < traffic->load.window; i++)
        s_launch(traffic, swarm_client(traffic->swarm, room, 0), traffic->swarm->plan.seats);
}

static void s_window_start(traffic_t *traffic)
{
    s_start_each(traffic, s_window_fill);
}

static uint64_t s_window_tick(traffic_t *traffic, uint64_t now_ns)
{
    return s_stall_check(traffic, now_ns, s_window_fill);
}

static void s_window_delivered(traffic_t *traffic, client_t *client, const stamp_t *stamp)
{
    client_t *sender = swarm_client(traffic->swarm, client->room, 0);
    if (s_land(traffic, sender, stamp->seq) != NULL)
        s_launch(traffic, sender, traffic->swarm->plan.seats);
}

const pace_t pace_window = {
    .one_sender = true,
    .start = s_window_start,
    .tick = s_window_tick,
    .delivered = s_window_delivered,
};

/* ---- A window in all, room after room ---- */

/* The next message, in the room whose turn it is. */
static void s_turns_next(traffic_t *traffic)
{
    const swarm_plan_t *plan = &traffic->swarm->plan;
    assert(plan->rooms > 0);
    uint64_t room = traffic->scheduled++ % plan->rooms;
    s_launch(traffic, swarm_client(traffic->swarm, (uint32_t)room, 0), plan->seats);
}

static void s_turns_start(traffic_t *traffic)
{
    for (uint32_t i = 0; i < traffic->load.window; i++)
        s_turns_next(traffic);
}

/* A room may well be silent until its next turn; all of them together may not. */
static uint64_t s_turns_tick(traffic_t *traffic, uint64_t now_ns)
{
    if (now_ns < traffic->swarm->now_ns + STALLED_NS)
        return STALL_CHECK_NS;
    traffic->tally.stalled += 1;
    traffic->swarm->now_ns = now_ns;
    for (uint32_t i = 0; i < traffic->swarm->plan.rooms; i++)
        s_forget_flights(traffic, &traffic->rooms[i]);
    s_turns_start(traffic);
    return STALL_CHECK_NS;
}

static void s_turns_delivered(traffic_t *traffic, client_t *client, const stamp_t *stamp)
{
    if (s_land(traffic, swarm_client(traffic->swarm, client->room, 0), stamp->seq) != NULL)
        s_turns_next(traffic);
}

const pace_t pace_turns = {
    .one_sender = true,
    .start = s_turns_start,
    .tick = s_turns_tick,
    .delivered = s_turns_delivered,
};

/* ---- To and fro ---- */

static void s_bounce_first(traffic_t *traffic, uint32_t room)
{
    traffic_send(traffic, swarm_client(traffic->swarm, room, 0), clock_ns());
}

static void s_bounce_start(traffic_t *traffic)
{
    s_start_each(traffic, s_bounce_first);
}

static uint64_t s_bounce_tick(traffic_t *traffic, uint64_t now_ns)
{
    return s_stall_check(traffic, now_ns, s_bounce_first);
}

static void s_bounce_delivered(traffic_t *traffic, client_t *client, const stamp_t *stamp)
{
    const swarm_t *swarm = traffic->swarm;
    uint32_t next = (swarm->clients[stamp->sender].seat + 1) % swarm->plan.seats;
    if (client->seat == next)
        traffic_send(traffic, client, clock_ns());
}

const pace_t pace_bounce = {
    .start = s_bounce_start,
    .tick = s_bounce_tick,
    .delivered = s_bounce_delivered,
};

/* ---- A fixed rate ---- */

static void s_rate_start(traffic_t *traffic)
{
    traffic->scheduled = 0;
}

static uint64_t s_rate_due_ns(const traffic_t *traffic)
{
    return traffic->started_ns + traffic->scheduled * CLOCK_SECOND_NS / traffic->load.rate;
}

/* A sender whose connection takes nothing holds its message back: it would wait here, and for longer
 * and longer, for as long as the server is slower than the rate. */
static void s_rate_send(traffic_t *traffic, client_t *client, uint64_t due_ns)
{
    if (client->blocked)
        traffic->tally.held_back += 1;
    else
        traffic_send(traffic, client, due_ns);
}

static uint64_t s_rate_tick(traffic_t *traffic, uint64_t now_ns)
{
    const swarm_plan_t *plan = &traffic->swarm->plan;
    uint64_t due_ns;
    for (; (due_ns = s_rate_due_ns(traffic)) <= now_ns; traffic->scheduled++) {
        uint64_t room = traffic->scheduled % plan->rooms;
        uint64_t seat = traffic->scheduled / plan->rooms % plan->seats;
        s_rate_send(traffic, swarm_client(traffic->swarm, (uint32_t)room, (uint32_t)seat), due_ns);
    }
    return due_ns - now_ns;
}

const pace_t pace_rate = {
    .start = s_rate_start,
    .tick = s_rate_tick,
};

/* ---- A window of acknowledgements ---- */

static void s_acks_fill(traffic_t *traffic, uint32_t room)
{
    uint32_t rooms = traffic->swarm->plan.rooms;
    uint32_t share = traffic->load.window / rooms + (room < traffic->load.window % rooms);
    for (uint32_t i = 0; i < share; i++)
        s_launch(traffic, swarm_client(traffic->swarm, room, 0), 1);
}

static void s_acks_start(traffic_t *traffic)
{
    s_start_each(traffic, s_acks_fill);
}

static uint64_t s_acks_tick(traffic_t *traffic, uint64_t now_ns)
{
    return s_stall_check(traffic, now_ns, s_acks_fill);
}

static void s_acks_acked(traffic_t *traffic, client_t *client, uint32_t seq)
{
    if (s_land(traffic, client, seq) != NULL)
        s_launch(traffic, client, 1);
}

const pace_t pace_acks = {
    .one_sender = true,
    .start = s_acks_start,
    .tick = s_acks_tick,
    .acked = s_acks_acked,
};
