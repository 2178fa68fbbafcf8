/* pusher_wire.c - the session's outlet is the socket; the client's lets through only what
 * belongs to a channel that the session is in.
 *
 * A client hears all of its account and every room that it was told to hear; the frame of
 * each names its channel, by which it passes or not.  So a client event, a server event and
 * a message of Kith's all reach whoever has subscribed, and nobody else.
 *
 * Whoever is let in with a newer session of the same account stays by that one: its end
 * ends the connection, and no longer the older one's. */
#include "ws-edge/pusher_wire.h"

#include <assert.h>

#include "schema/mem.h"
#include "ws-edge/client.h"
#include "ws-edge/pass.h"
#include "ws-edge/pusher_frame.h"
#include "ws-edge/pusher_grant.h"
#include "ws-edge/socket_queue.h"

/* One of Kith's own channels that it is in. */
typedef struct own {
    char *channel;
    uint64_t room;
    bool told; /* that it is in */
} own_t;

typedef struct pusher_wire {
    wire_t wire;
    pusher_session_t session;
    outlet_t plain; /* the session's and the hub's */
    outlet_t own;   /* the client's */
    edge_t *edge;
    uint64_t address;
    pusher_code_t fault; /* of the handshake; PUSHER_CODE_COUNT_: none */
    socket_t *socket;
    client_t *client; /* NULL: nobody's */
    own_t *owns;
    size_t count;
} pusher_wire_t;

static void *s_around(const void *member, size_t offset)
{
    return (void *)((uintptr_t)member - offset);
}

static pusher_wire_t *s_of_session(const pusher_session_t *session)
{
    return s_around(session, offsetof(pusher_wire_t, session));
}

static pusher_wire_t *s_of_plain(const outlet_t *outlet)
{
    return s_around(outlet, offsetof(pusher_wire_t, plain));
}

static pusher_wire_t *s_of_own(const outlet_t *outlet)
{
    return s_around(outlet, offsetof(pusher_wire_t, own));
}

/* ---- the session's outlet ---- */

static void s_send(outlet_t *outlet, body_t *frame)
{
    socket_send(s_of_plain(outlet)->socket, frame);
}

static void s_close(outlet_t *outlet, int code, const char *reason)
{
    pusher_wire_t *wire = s_of_plain(outlet);
    wire->session.failed = true; /* the hub may close it too */
    socket_close(wire->socket, code, reason);
}

static size_t s_queued(const outlet_t *outlet)
{
    return socket_queued(s_of_plain(outlet)->socket);
}

static const outlet_verbs_t s_plain = {.send = s_send, .close = s_close, .queued = s_queued};

/* ---- the client's outlet ---- */

static void s_send_own(outlet_t *outlet, body_t *frame)
{
    const pusher_wire_t *wire = s_of_own(outlet);
    slice_t channel = pusher_frame_channel(frame_payload(body_slice(frame)));
    if (pusher_hub_seat(&wire->session.peer, channel) != NULL)
        socket_send(wire->socket, frame);
}

/* Why a client is closed, in Pusher's words. */
static void s_close_own(outlet_t *outlet, int code, const char *reason)
{
    bool ended = code == err_info(ERR_SESSION_ENDED)->close_code;
    (void)reason;
    pusher_session_fail(&s_of_own(outlet)->session,
                        ended ? PUSHER_UNAUTHORIZED : PUSHER_OVER_CAPACITY, NULL);
}

static size_t s_queued_own(const outlet_t *outlet)
{
    return socket_queued(s_of_own(outlet)->socket);
}

static uint64_t s_waits_own_us(const outlet_t *outlet)
{
    return socket_waits_us(s_of_own(outlet)->socket);
}

static const outlet_verbs_t s_own = {
    .send = s_send_own,
    .close = s_close_own,
    .queued = s_queued_own,
    .waits_us = s_waits_own_us,
};

/* ---- Kith's own channels ---- */

static void s_order(pusher_wire_t *wire, uint64_t room, bool leave)
{
    pusher_order_t order = {&wire->session, room, leave};
    client_say(wire->client, true, slice_new(&order, sizeof order));
}

static void s_be(pusher_wire_t *wire, who_t who)
{
    bearer_t bearer = {.who = who};
    wire->client =
        client_new(wire->edge->clients, DIALECT_pusher, &bearer, &(greeting_t){0}, wire->address);
    wire->edge->counts.open[DIALECT_pusher]--; /* the client counts */
    client_open(wire->client, &wire->own);
}

/* It stays by the newer session: hear all again, which it knows of already. */
static void s_be_anew(pusher_wire_t *wire, who_t who)
{
    client_bind(wire->client, who);
    for (size_t i = 0; i < wire->count; i++)
        s_order(wire, wire->owns[i].room, false);
}

static bool s_belong(pusher_session_t *session, who_t who)
{
    pusher_wire_t *wire = s_of_session(session);
    const char *detail;
    if (pass_hear(&who, wire->edge->arena, &detail) != ERR_OK ||
        !gate_passes(wire->edge->gate, who.account, who.session))
        return false;
    if (wire->client == NULL) {
        s_be(wire, who);
        return true;
    }
    who_t was = client_who(wire->client);
    if (was.account == who.account && was.session != who.session)
        s_be_anew(wire, who);
    return was.account == who.account;
}

static bool s_hear(pusher_session_t *session, const pusher_grant_t *grant)
{
    pusher_wire_t *wire = s_of_session(session);
    if (!s_belong(session, grant->who))
        return false;
    wire->owns = mem_grow(wire->owns, (wire->count + 1) * sizeof *wire->owns);
    wire->owns[wire->count++] = (own_t){mem_text(grant->channel), grant->room, false};
    s_order(wire, grant->room, false);
    return true;
}

static void s_forget(pusher_wire_t *wire, own_t *own)
{
    mem_free(own->channel);
    *own = wire->owns[--wire->count];
}

static void s_leave(pusher_session_t *session, slice_t channel)
{
    pusher_wire_t *wire = s_of_session(session);
    size_t at = 0;
    while (at < wire->count && !slice_is(channel, wire->owns[at].channel))
        at++;
    assert(at < wire->count);
    if (wire->owns[at].room != 0)
        s_order(wire, wire->owns[at].room, true);
    s_forget(wire, &wire->owns[at]);
}

static const pusher_session_ports_t s_ports = {
    .belong = s_belong, .hear = s_hear, .leave = s_leave};

void pusher_wire_heard(pusher_session_t *session, uint64_t room)
{
    pusher_wire_t *wire = s_of_session(session);
    for (size_t i = 0; i < wire->count; i++) {
        own_t *own = &wire->owns[i];
        if (own->room != room || own->told)
            continue;
        own->told = true;
        pusher_session_heard(session, slice_of(own->channel));
    }
}

void pusher_wire_lost(pusher_session_t *session, uint64_t room)
{
    pusher_wire_t *wire = s_of_session(session);
    for (size_t i = wire->count; i-- > 0;)
        if (wire->owns[i].room == room) {
            pusher_session_expel(session, slice_of(wire->owns[i].channel));
            s_forget(wire, &wire->owns[i]);
        }
}

/* ---- the connection's events ---- */

static pusher_wire_t *s_of_wire(wire_t *wire)
{
    return (pusher_wire_t *)(void *)wire;
}

static void s_opened(wire_t *base, socket_t *socket)
{
    pusher_wire_t *wire = s_of_wire(base);
    wire->socket = socket;
    pusher_session_begin(&wire->session, wire->edge->hub, &wire->plain, &s_ports, wire->fault);
}

static void s_message(wire_t *base, bool text, slice_t payload)
{
    pusher_session_say(&s_of_wire(base)->session, text, payload);
}

static void s_closed(wire_t *base, int code)
{
    pusher_wire_t *wire = s_of_wire(base);
    pusher_session_end(&wire->session);
    if (wire->client != NULL)
        client_gone(wire->client, code);
    else
        wire->edge->counts.open[DIALECT_pusher]--;
    while (wire->count > 0)
        mem_free(wire->owns[--wire->count].channel);
    mem_free(wire->owns);
    mem_free(wire);
}

static const wire_events_t s_wire = {.opened = s_opened, .message = s_message, .closed = s_closed};

/* ---- all of them ---- */

enum { KEY_AT = sizeof "/app/" - 1 }; /* in the path */

static slice_t s_key(slice_t path)
{
    slice_t key = slice_from(path, KEY_AT);
    if (key.len > 0 && key.ptr[key.len - 1] == '/')
        key.len--;
    return key;
}

wire_t *pusher_wire(edge_t *edge, const request_t *request, uint64_t address)
{
    pusher_wire_t *wire = mem_new(pusher_wire_t);
    pusher_handshake_t handshake = {.key = s_key(request->path)};
    if (request_query(request, "protocol", edge->arena, &handshake.protocol) != ERR_OK)
        handshake.protocol = (slice_t){0};
    wire->wire.events = &s_wire;
    wire->plain.verbs = &s_plain;
    wire->own.verbs = &s_own;
    wire->edge = edge;
    wire->address = address;
    edge->counts.open[DIALECT_pusher]++;
    wire->fault = pusher_handshake_fault(pusher_hub_setup(edge->hub), &handshake);
    return &wire->wire;
}

static pusher_session_t *s_session(pusher_peer_t *peer)
{
    return (pusher_session_t *)(void *)peer; /* its first member */
}

void pusher_wires_turn(pusher_hub_t *hub)
{
    pusher_peer_t *peer;
    while ((peer = pusher_hub_vouched(hub)) != NULL)
        pusher_session_vouched(s_session(peer));
}

/* Not 4200, on which clients come back at once: pusher-js tries again only after 15 s if
 * nobody listens yet. */
void pusher_wires_close(pusher_hub_t *hub)
{
    pusher_peer_t *peer = NULL;
    while ((peer = pusher_hub_next(hub, peer)) != NULL)
        pusher_session_fail(s_session(peer), PUSHER_OVER_CAPACITY,
                            "the server restarts: come back in a moment");
}

void pusher_wires_tick(pusher_hub_t *hub)
{
    pusher_peer_t *peer = NULL;
    while ((peer = pusher_hub_next(hub, peer)) != NULL)
        pusher_session_tick(s_session(peer));
}
