/* client_wire.c - a listener that has a WebSocket, or an event stream, of its own. */
#include "ws-edge/client.h"

typedef struct end {
    wire_t wire;
    outlet_t outlet;
    socket_t *socket;
    client_t *client;
} end_t;

static end_t *s_of_wire(wire_t *wire)
{
    return (end_t *)(void *)wire;
}

static end_t *s_of_outlet(const outlet_t *outlet)
{
    return (end_t *)((uintptr_t)outlet - offsetof(end_t, outlet));
}

/* ---- frames out ---- */

static void s_send(outlet_t *outlet, body_t *frame)
{
    socket_send(s_of_outlet(outlet)->socket, frame);
}

static void s_close(outlet_t *outlet, int code, const char *reason)
{
    socket_close(s_of_outlet(outlet)->socket, code, reason);
}

static size_t s_queued(const outlet_t *outlet)
{
    return socket_queued(s_of_outlet(outlet)->socket);
}

static uint64_t s_waits_us(const outlet_t *outlet)
{
    return socket_waits_us(s_of_outlet(outlet)->socket);
}

static const outlet_verbs_t s_outlet = {
    .send = s_send,
    .close = s_close,
    .queued = s_queued,
    .waits_us = s_waits_us,
};

/* ---- the connection's events ---- */

static void s_opened(wire_t *wire, socket_t *socket)
{
    end_t *end = s_of_wire(wire);
    end->socket = socket;
    client_open(end->client, &end->outlet);
}

static void s_message(wire_t *wire, bool text, slice_t payload)
{
    client_say(s_of_wire(wire)->client, text, payload);
}

static void s_closed(wire_t *wire, int code)
{
    end_t *end = s_of_wire(wire);
    client_gone(end->client, code);
    mem_free(end);
}

static const wire_events_t s_wire = {.opened = s_opened, .message = s_message, .closed = s_closed};

wire_t *client_wire(clients_t *clients, dialect_id_t dialect, const bearer_t *bearer,
                    const greeting_t *greeting, uint64_t address)
{
    end_t *end = mem_new(end_t);
    end->wire.events = &s_wire;
    end->outlet.verbs = &s_outlet;
    end->client = client_new(clients, dialect, bearer, greeting, address);
    return &end->wire;
}
