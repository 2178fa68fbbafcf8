/* client_line.c - a listener at a plain TCP connection. */
#include "ws-edge/client.h"
#include "ws-edge/line.h"

typedef struct end {
    wire_t wire;
    outlet_t outlet;
    line_t *line;
    client_t *client;
} end_t;

static end_t *s_of_outlet(const outlet_t *outlet)
{
    return (end_t *)((uintptr_t)outlet - offsetof(end_t, outlet));
}

/* ---- frames out ---- */

static void s_send(outlet_t *outlet, body_t *frame)
{
    line_send(s_of_outlet(outlet)->line, frame);
}

/* Why it is closed cannot be said there. */
static void s_close(outlet_t *outlet, int code, const char *reason)
{
    (void)code;
    (void)reason;
    line_close(s_of_outlet(outlet)->line);
}

static size_t s_queued(const outlet_t *outlet)
{
    return line_queued(s_of_outlet(outlet)->line);
}

static uint64_t s_waits_us(const outlet_t *outlet)
{
    return line_waits_us(s_of_outlet(outlet)->line);
}

static const outlet_verbs_t s_outlet = {
    .send = s_send,
    .close = s_close,
    .queued = s_queued,
    .waits_us = s_waits_us,
};

/* ---- the connection's one event ---- */

static void s_closed(wire_t *wire, int code)
{
    end_t *end = (end_t *)(void *)wire;
    client_gone(end->client, code);
    mem_free(end);
}

static const wire_events_t s_wire = {.closed = s_closed};

/* The dialect that speaks so, of which there is one. */
static dialect_id_t s_find_dialect(void)
{
    dialect_id_t id = 0;
    while (dialects[id]->framing != FRAMING_LINE)
        id++;
    return id;
}

wire_t *client_line(clients_t *clients, line_t *line, uint64_t address, slice_t hail)
{
    greeting_t greeting = {.from_now = true}; /* nothing tells when it hears */
    end_t *end = mem_new(end_t);
    end->wire.events = &s_wire;
    end->outlet.verbs = &s_outlet;
    end->line = line;
    end->client = client_new(clients, s_find_dialect(), NULL, &greeting, address);
    client_open(end->client, &end->outlet);
    client_say(end->client, false, hail);
    return &end->wire;
}
