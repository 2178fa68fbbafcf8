/* net.c - parcels in queues, each with the time at which it arrives.
 *
 *   peer (DEALER) ── link: up, down ── router (ROUTER)        pair ── up, down ── pair
 *
 * Invariants: parcels of a pipe arrive in the order in which they were sent; a link whose router
 * is dead keeps what is to go up, as ZeroMQ's connections do, and gives it to the next one. */
#include "tests/world/net.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "schema/envelope.h"
#include "schema/mem.h"
#include "schema/type.h"
#include "tests/world/chance.h"
#include "tests/world/fibre.h"
#include "tests/world/hour.h"
#include "tests/world/story.h"

enum {
    NAME_SIZE = 64,
    TEXT_SIZE = 1024, /* of a line of the story */
    PAIR_QUEUE = 4096,
    PAIR_DELAY_US = 20,
    LATE_ONE_IN = 100, /* that takes so much longer: */
    LATE_TIMES = 50,
    RECONNECT_US = 20 * 1000,
};

typedef enum kind { KIND_ROUTER, KIND_PEER, KIND_PAIR_BOUND, KIND_PAIR } bus_kind_t;

typedef struct parcel {
    struct parcel *next;
    int64_t due;
    buf_t bytes;
} parcel_t;

typedef struct pipe {
    parcel_t *first;
    parcel_t *last;
    size_t count;
    int64_t busy_until; /* nothing arrives before */
} pipe_t;

struct bus {
    bus_t *next;
    bus_kind_t kind;
    int process;
    char name[NAME_SIZE];
    bus_t *other;    /* of a peer its router, of a pair its other end; NULL: nobody is there */
    uint32_t number; /* of a peer, at that router */
    pipe_t up;       /* from here; a router has none */
    pipe_t down;     /* to here */
    bool closed;     /* of a peer: what it has sent still arrives */
    buf_t last;      /* whose bytes the receiver holds */
};

static bus_t *s_buses;
static uint32_t s_numbers;
static net_options_t s_options = {1000, 4096};
static net_tamper_fn *s_tamper;

void net_set(const net_options_t *options)
{
    s_options = *options;
}

void net_tamper(net_tamper_fn *tamper)
{
    s_tamper = tamper;
}

/* ---- pipes ---- */

static int64_t s_delay(const bus_t *bus)
{
    if (bus->kind >= KIND_PAIR_BOUND)
        return (int64_t)chance_between(1, PAIR_DELAY_US);
    int64_t us = (int64_t)chance_between(1, (uint64_t)s_options.delay_us);
    return chance_one_in(LATE_ONE_IN) ? us * LATE_TIMES : us;
}

static void s_put(const bus_t *bus, pipe_t *pipe, buf_t *message)
{
    parcel_t *parcel = mem_new(parcel_t);
    int64_t due = hour_now() + s_delay(bus);
    parcel->due = due > pipe->busy_until ? due : pipe->busy_until;
    pipe->busy_until = parcel->due;
    parcel->bytes = *message;
    *message = (buf_t){0};
    *(pipe->last != NULL ? &pipe->last->next : &pipe->first) = parcel;
    pipe->last = parcel;
    pipe->count++;
}

static buf_t s_shift(pipe_t *pipe)
{
    parcel_t *parcel = pipe->first;
    buf_t bytes = parcel->bytes;
    pipe->first = parcel->next;
    if (pipe->first == NULL)
        pipe->last = NULL;
    pipe->count--;
    mem_free(parcel);
    return bytes;
}

static bool s_arrived(const pipe_t *pipe)
{
    return pipe->first != NULL && pipe->first->due <= hour_now();
}

static void s_drop(pipe_t *pipe)
{
    while (pipe->first != NULL) {
        buf_t bytes = s_shift(pipe);
        buf_free(&bytes);
    }
}

/* The first `kept` stay. */
static void s_cut(pipe_t *pipe, size_t kept)
{
    pipe_t whole = *pipe;
    *pipe = (pipe_t){.busy_until = whole.busy_until};
    for (; kept > 0 && whole.first != NULL; kept--) {
        parcel_t *parcel = whole.first;
        whole.first = parcel->next;
        parcel->next = NULL;
        *(pipe->last != NULL ? &pipe->last->next : &pipe->first) = parcel;
        pipe->last = parcel;
        pipe->count++;
    }
    s_drop(&whole);
}

/* ---- buses ---- */

static bus_t *s_new(bus_kind_t kind, const char *name)
{
    bus_t *bus = mem_new(bus_t);
    bus->kind = kind;
    bus->process = fibre_process();
    snprintf(bus->name, sizeof bus->name, "%s", name);
    bus->next = s_buses;
    s_buses = bus;
    return bus;
}

static bus_t *s_find(bus_kind_t kind, const char *name)
{
    for (bus_t *bus = s_buses; bus != NULL; bus = bus->next)
        if (bus->kind == kind && strcmp(bus->name, name) == 0)
            return bus;
    return NULL;
}

static void s_forget(bus_t *gone)
{
    bus_t **place = &s_buses;
    while (*place != gone) {
        assert(*place != NULL);
        place = &(*place)->next;
    }
    *place = gone->next;
    s_drop(&gone->up);
    s_drop(&gone->down);
    buf_free(&gone->last);
    mem_free(gone);
}

static void s_join(bus_t *peer, bus_t *router)
{
    peer->other = router;
    peer->number = ++s_numbers;
    peer->up.busy_until += (int64_t)chance_between(0, RECONNECT_US);
}

void bus_start(void)
{
}

void bus_stop(void)
{
}

bool bus_is_keyed(const char *endpoint)
{
    (void)endpoint;
    return false;
}

err_t bus_bind(const char *endpoint, const key_pair_t *own, bus_t **ret_bus)
{
    (void)own;
    bus_t *router = *ret_bus = s_new(KIND_ROUTER, endpoint);
    for (bus_t *bus = s_buses; bus != NULL; bus = bus->next)
        if (bus->kind == KIND_PEER && bus->other == NULL && !bus->closed &&
            strcmp(bus->name, endpoint) == 0)
            s_join(bus, router);
    return ERR_OK;
}

err_t bus_bind_bots(const char *endpoint, const key_pair_t *own, bus_t **ret_bus)
{
    return bus_bind(endpoint, own, ret_bus);
}

err_t bus_connect(const char *endpoint, const keyring_t *keys, bus_t **ret_bus)
{
    (void)keys;
    bus_t *router = s_find(KIND_ROUTER, endpoint);
    *ret_bus = s_new(KIND_PEER, endpoint);
    if (router != NULL)
        s_join(*ret_bus, router);
    return ERR_OK;
}

err_t bus_renew(bus_t *bus)
{
    s_drop(&bus->up);
    s_drop(&bus->down);
    if (bus->other != NULL)
        s_join(bus, bus->other);
    return ERR_OK;
}

err_t bus_pair_bind(const char *name, bus_t **ret_bus)
{
    *ret_bus = s_new(KIND_PAIR_BOUND, name);
    return ERR_OK;
}

err_t bus_pair_connect(const char *name, bus_t **ret_bus)
{
    bus_t *bound = s_find(KIND_PAIR_BOUND, name);
    assert(bound != NULL);
    *ret_bus = s_new(KIND_PAIR, name);
    (*ret_bus)->other = bound;
    bound->other = *ret_bus;
    return ERR_OK;
}

/* Its router, or the other end of its pair, is no more. */
static void s_part(bus_t *gone)
{
    for (bus_t *bus = s_buses; bus != NULL; bus = bus->next)
        if (bus->other == gone)
            bus->other = NULL;
}

void bus_close(bus_t **bus_p)
{
    bus_t *bus = *bus_p;
    if (bus == NULL)
        return;
    *bus_p = NULL;
    bus->closed = bus->kind == KIND_PEER && bus->other != NULL && bus->up.count > 0;
    if (bus->closed)
        return;
    s_part(bus);
    s_forget(bus);
}

/* ---- sending ---- */

/* What is in a message, for the story. */
static void s_describe(slice_t in, char *text, size_t size)
{
    call_t call;
    reply_t reply;
    decision_t decision;
    record_t record;
    size_t len = 0;
    for (text[0] = '\0'; in.len > 0 && len < size;) {
        envelope_kind_t kind = envelope_kind(in);
        if (kind == ENVELOPE_CALL && call_read(&in, &call) == ERR_OK)
            len += (size_t)snprintf(text + len, size - len, " %s?", call_type(call.type)->name);
        else if (kind == ENVELOPE_REPLY && reply_read(&in, &reply) == ERR_OK)
            len += (size_t)snprintf(text + len, size - len, " %s: %s", call_type(reply.type)->name,
                                    err_info(reply.status)->name);
        else if (kind == ENVELOPE_DECISION && decision_read(&in, &decision) == ERR_OK)
            len += (size_t)snprintf(text + len, size - len, " decision: %s, %u",
                                    err_info(decision.status)->name, decision.records);
        else if (kind == ENVELOPE_RECORD && record_read(&in, &record) == ERR_OK)
            len += (size_t)snprintf(text + len, size - len, " %s %llu",
                                    event_type(record.type)->name, (unsigned long long)record.seq);
        else
            return;
    }
}

static void s_tell(const bus_t *peer, bool up, slice_t message)
{
    char text[TEXT_SIZE];
    if (!story_is_aloud() || peer->kind != KIND_PEER)
        return;
    s_describe(message, text, sizeof text);
    story_aside("%s %u%s", up ? "from   " : "to     ", peer->number, text);
}

static err_t s_send(const bus_t *bus, pipe_t *pipe, size_t most, bool up, buf_t *message)
{
    if (pipe->count >= most)
        return ERR_UNAVAILABLE;
    if (s_tamper != NULL && bus->kind == KIND_PEER)
        s_tamper(up, message);
    story_bytes(buf_slice(message));
    s_tell(bus, up, buf_slice(message));
    s_put(bus, pipe, message);
    return ERR_OK;
}

err_t bus_send(bus_t *bus, buf_t *message)
{
    if (bus->kind == KIND_PEER)
        return s_send(bus, &bus->up, s_options.queue_max, true, message);
    assert(bus->kind != KIND_ROUTER);
    if (bus->other == NULL)
        return ERR_UNAVAILABLE;
    return s_send(bus->other, &bus->other->down, PAIR_QUEUE, false, message);
}

static bus_t *s_peer(const bus_t *router, uint32_t number)
{
    for (bus_t *bus = s_buses; bus != NULL; bus = bus->next)
        if (bus->kind == KIND_PEER && bus->other == router && bus->number == number)
            return bus;
    return NULL;
}

err_t bus_send_to(bus_t *bus, uint32_t peer, buf_t *message)
{
    bus_t *to = s_peer(bus, peer);
    if (to == NULL || to->closed)
        return ERR_NOT_FOUND;
    return s_send(to, &to->down, s_options.queue_max, false, message);
}

/* ---- receiving ---- */

/* A peer from whom something has arrived: any of them. */
static bus_t *s_sender(const bus_t *router)
{
    bus_t *found = NULL;
    uint64_t count = 0;
    for (bus_t *bus = s_buses; bus != NULL; bus = bus->next)
        if (bus->kind == KIND_PEER && bus->other == router && s_arrived(&bus->up) &&
            chance_one_in(++count))
            found = bus;
    return found;
}

static bool s_anybody(const bus_t *router)
{
    for (const bus_t *bus = s_buses; bus != NULL; bus = bus->next)
        if (bus->kind == KIND_PEER && bus->other == router && s_arrived(&bus->up))
            return true;
    return false;
}

bool net_has(bus_t *bus)
{
    return bus->kind == KIND_ROUTER ? s_anybody(bus) : s_arrived(&bus->down);
}

bool bus_receive(bus_t *bus, uint32_t *ret_peer, slice_t *ret_message)
{
    if (!net_has(bus))
        return false;
    bus_t *from = bus->kind == KIND_ROUTER ? s_sender(bus) : bus;
    buf_free(&bus->last);
    bus->last = s_shift(bus->kind == KIND_ROUTER ? &from->up : &bus->down);
    *ret_peer = bus->kind == KIND_ROUTER ? from->number : 0;
    *ret_message = buf_slice(&bus->last);
    if (from->closed && from->up.count == 0)
        s_forget(from);
    return true;
}

typedef struct watch {
    bus_t *const *buses;
    size_t count;
} watch_t;

static bool s_any(void *ctx)
{
    const watch_t *watch = ctx;
    for (size_t i = 0; i < watch->count; i++)
        if (net_has(watch->buses[i]))
            return true;
    return false;
}

void bus_wait(bus_t *const *buses, size_t count, int timeout_ms)
{
    watch_t watch = {buses, count};
    fibre_wait(timeout_ms < 0 ? INT64_MAX : hour_now() + timeout_ms * 1000, s_any, &watch);
}

const char *bus_sender(const bus_t *bus)
{
    (void)bus;
    return NULL;
}

int bus_fd(const bus_t *bus)
{
    (void)bus;
    return -1;
}

/* ---- the guard: nobody is keyed here ---- */

err_t bus_guard_open(bus_t **ret_guard)
{
    (void)ret_guard;
    return ERR_UNAVAILABLE;
}

bool bus_guard_next(bus_t *guard, bus_stranger_t *ret_stranger)
{
    (void)guard;
    (void)ret_stranger;
    return false;
}

void bus_guard_answer(bus_t *guard, const char *name)
{
    (void)guard;
    (void)name;
}

void bus_guard_put_off(bus_t *guard)
{
    (void)guard;
}

/* ---- what happens to it ---- */

/* Of what is under way the end is lost; a router that dies has taken the beginning of the rest. */
static void s_lose(bus_t *peer)
{
    s_cut(&peer->down, chance_below(peer->down.count + 1));
    size_t taken = chance_below(peer->up.count + 1);
    while (taken-- > 0) {
        buf_t bytes = s_shift(&peer->up);
        buf_free(&bytes);
    }
}

static void s_bury(bus_t *bus)
{
    bool sending = bus->kind == KIND_PEER && bus->other != NULL;
    if (sending)
        s_cut(&bus->up, chance_below(bus->up.count + 1));
    bus->closed = sending && bus->up.count > 0;
    bus->process = NO_PROCESS;
    if (bus->closed)
        return;
    for (bus_t *peer = s_buses; bus->kind == KIND_ROUTER && peer != NULL; peer = peer->next)
        if (peer->kind == KIND_PEER && peer->other == bus)
            s_lose(peer);
    s_part(bus);
    s_forget(bus);
}

void net_kill(int process)
{
    for (bus_t *bus = s_buses; bus != NULL;) {
        bus_t *gone = bus->process == process ? bus : NULL;
        bus = bus->next;
        if (gone == NULL)
            continue;
        s_bury(gone);
        bus = s_buses; /* from the start: the list is short */
    }
}

void net_break(bus_t *peer)
{
    s_lose(peer);
    if (peer->other != NULL)
        s_join(peer, peer->other);
}

void net_stall(bus_t *peer, int64_t us)
{
    peer->up.busy_until = peer->down.busy_until = hour_now() + us;
    for (parcel_t *parcel = peer->down.first; parcel != NULL; parcel = parcel->next)
        parcel->due = peer->down.busy_until;
    for (parcel_t *parcel = peer->up.first; parcel != NULL; parcel = parcel->next)
        parcel->due = peer->up.busy_until;
}

bus_t *net_any_peer(void)
{
    bus_t *found = NULL;
    uint64_t count = 0;
    for (bus_t *bus = s_buses; bus != NULL; bus = bus->next)
        if (bus->kind == KIND_PEER && !bus->closed && chance_one_in(++count))
            found = bus;
    return found;
}

void net_heal(void)
{
    s_options = (net_options_t){1000, PAIR_QUEUE};
}

static int64_t s_sooner(const pipe_t *pipe, int64_t next)
{
    bool ahead = pipe->first != NULL && pipe->first->due > hour_now();
    return ahead && pipe->first->due < next ? pipe->first->due : next;
}

int64_t net_next(void)
{
    int64_t next = INT64_MAX;
    for (bus_t *bus = s_buses; bus != NULL; bus = bus->next) {
        if (bus->kind == KIND_PEER && bus->other != NULL)
            next = s_sooner(&bus->up, next);
        next = s_sooner(&bus->down, next);
    }
    return next;
}
