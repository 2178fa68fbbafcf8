/* sio_session.c - packets off a tunnel, and whose the session is.
 *
 *     a text     a packet, or the head of one whose attachments follow
 *     bytes      the next attachment
 *
 * A packet for a namespace that was not joined ends a session of EIO 4, and is dropped in
 * one of EIO 3, as the library's own servers do.  A session that stays without a namespace
 * for 45 s ends.
 *
 * Invariant: a listener has an ear from client_new to client_gone, and it is gone before
 * the tunnel is. */
#include "ws-edge/sio_parts.h"

#include "actors/gate.h"
#include "ws-edge/pass.h"

static const uint64_t IDLE_MAX_US = 45 * UINT64_C(1000000);

/* ---- life ---- */

sio_session_t *sio_session_new(edge_t *edge, const visitor_t *visitor)
{
    sio_session_t *session = mem_new(sio_session_t);
    session->edge = edge;
    session->visitor = *visitor;
    buf_append(&session->token, visitor->token);
    session->visitor.token = buf_slice(&session->token);
    return session;
}

void sio_session_free(sio_session_t **session_p)
{
    sio_session_t *session = *session_p;
    if (session == NULL)
        return;
    sio_leave_all(session, CLOSED_ABNORMALLY);
    sio_gather_reset(&session->gather);
    crypto_wipe(session->token.data, session->token.len);
    buf_free(&session->token);
    mem_free(session);
    *session_p = NULL;
}

void sio_send(sio_session_t *session, const buf_t *packet)
{
    buf_t text = {0};
    eio_packet_t message = {.type = EIO_MESSAGE, .data = buf_slice(packet)};
    eio_frame_put(&text, tunnel_peer(session->tunnel), &message);
    body_t *frame = frame_new(FRAME_TEXT, buf_slice(&text));
    tunnel_send(session->tunnel, frame);
    body_unref(&frame);
    buf_free(&text);
}

void sio_offend(sio_session_t *session, err_t err, const char *reason)
{
    tunnel_close(session->tunnel, err_info(err)->close_code, reason);
}

/* ---- events ---- */

static bool s_claims(const dialect_t *dialect, slice_t name)
{
    const char *const *claim = dialect->claims;
    while (claim != NULL && *claim != NULL && !slice_is(name, *claim))
        claim++;
    return claim != NULL && *claim != NULL;
}

/* Who speaks of such events: a dialect that claims them, or else the first. */
static dialect_id_t s_dialect(const nsp_t *nsp, slice_t name)
{
    for (dialect_id_t id = 0; id < DIALECT_COUNT; id++)
        if (dialects[id]->nsp != NULL && strcmp(dialects[id]->nsp, nsp->name) == 0 &&
            s_claims(dialects[id], name))
            return id;
    return nsp->first;
}

static void s_utter(nsp_t *nsp, const sio_packet_t *packet, const json_node_t *args)
{
    sio_session_t *session = nsp->session;
    utterance_t utterance = {
        .version = session->version,
        .name = SLICE_LIT(""),
        .args = args,
        .has_id = packet->has_id,
        .id = packet->id,
        .gather = packet->attachments > 0 ? &session->gather : NULL,
    };
    (void)json_text(json_item(args, 0), &utterance.name); /* a number is no event of ours */
    client_utter(sio_listener(nsp, s_dialect(nsp, utterance.name)), &utterance);
}

/* ---- packets ---- */

static void s_take_for_namespace(sio_session_t *session, const sio_packet_t *packet,
                                 const json_node_t *data)
{
    nsp_t *nsp = sio_find(session, packet->nsp);
    if (nsp == NULL) {
        if (session->version == EIO_4)
            sio_offend(session, ERR_INVALID, "not in that namespace");
        return;
    }
    if (packet->type == SIO_DISCONNECT)
        sio_leave(nsp, err_info(ERR_OK)->close_code);
    else if (packet->type == SIO_EVENT || packet->type == SIO_BINARY_EVENT)
        s_utter(nsp, packet, data);
    else if (packet->type == SIO_ERROR)
        sio_offend(session, ERR_INVALID, "errors are the server's");
    /* An acknowledgement answers nothing: we ask for none. */
}

static void s_take(sio_session_t *session, const sio_packet_t *packet)
{
    const json_node_t *data = NULL;
    err_t err = sio_data_read(session->version, packet, &data);
    if (err != ERR_OK)
        sio_offend(session, err, "a packet that cannot be read");
    else if (packet->type == SIO_CONNECT)
        sio_join(session, packet->nsp, data);
    else
        s_take_for_namespace(session, packet, data);
    json_free(&data);
}

static err_t s_text(sio_session_t *session, slice_t text)
{
    sio_packet_t packet;
    if (sio_gather_open(&session->gather))
        return ERR_MALFORMED;
    err_t err = sio_read(text, &packet);
    if (err != ERR_OK)
        return err;
    if (packet.attachments > 0)
        return sio_gather_begin(&session->gather, text, packet.attachments);
    s_take(session, &packet);
    return ERR_OK;
}

static err_t s_bytes(sio_session_t *session, slice_t bytes)
{
    sio_packet_t packet;
    err_t err = sio_gather_add(&session->gather, bytes);
    if (err != ERR_OK || sio_gather_open(&session->gather))
        return err;
    err = sio_read(sio_gather_text(&session->gather), &packet);
    if (err == ERR_OK)
        s_take(session, &packet);
    sio_gather_reset(&session->gather);
    return err;
}

/* ---- the tunnel's events ---- */

static void s_on_message(void *user, bool binary, slice_t data)
{
    sio_session_t *session = user;
    err_t err = binary ? s_bytes(session, data) : s_text(session, data);
    if (err != ERR_OK)
        sio_offend(session, err, "a packet that cannot be read");
}

static void s_on_beat(void *user, uint64_t now_us)
{
    sio_session_t *session = user;
    sio_sweep(session);
    if (session->nsps != NULL)
        session->idle_us = now_us;
    else if (now_us - session->idle_us >= IDLE_MAX_US)
        sio_offend(session, ERR_TIMEOUT, "no namespace");
}

static void s_on_closed(void *user, int code)
{
    sio_session_t *session = user;
    sio_leave_all(session, code);
    session->tunnel = NULL;
}

static const tunnel_events_t s_tunnel = {
    .message = s_on_message,
    .beat = s_on_beat,
    .closed = s_on_closed,
};

void sio_session_begin(sio_session_t *session, tunnel_t *tunnel)
{
    session->tunnel = tunnel;
    session->version = tunnel_peer(tunnel).version;
    session->idle_us = loop_now_us(session->edge->loop);
    tunnel_begin(tunnel, &s_tunnel, session);
    if (session->version == EIO_3)
        sio_join(session, SLICE_LIT("/"), NULL);
}

/* ---- whose it is ---- */

who_t sio_session_who(const sio_session_t *session)
{
    who_t who = session->visitor.who;
    bool good = who.account != 0 && gate_passes(session->edge->gate, who.account, who.session);
    return good ? who : (who_t){0};
}

void sio_session_own(sio_session_t *session, who_t who)
{
    const char *detail;
    if (sio_session_who(session).account != 0 ||
        pass_hear(&who, session->edge->arena, &detail) != ERR_OK)
        return;
    session->visitor.who = who;
    for (nsp_t *nsp = session->nsps; nsp != NULL; nsp = nsp->next) {
        ear_t *ear = nsp->ears[nsp->first];
        if (dialects[nsp->first]->cookie != NULL && client_who(ear->client).account == 0)
            client_bind(ear->client, who);
    }
}

void sio_session_bind(sio_session_t *session, who_t who, const caller_t *caller)
{
    const caller_t *first = &session->visitor.caller;
    bool same = first->trusted && caller->trusted && first->address == caller->address &&
                memcmp(first->agent, caller->agent, sizeof first->agent) == 0;
    if (same)
        session->bound = who;
}

void sio_session_settle(sio_session_t *session)
{
    if (session->bound.account != 0)
        sio_session_own(session, session->bound);
    session->bound = (who_t){0};
}
