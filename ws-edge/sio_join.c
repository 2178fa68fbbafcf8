/* sio_join.c - into a namespace: who comes, as whom, from which point on; and out again.
 *
 *     CONNECT ─ unknown, a bad token ──► refused
 *        └──► its first listener ── stands ──► joined: its client gets the id
 *                     └── closed before that ──► refused
 *
 * Who it is, is said in CONNECT (EIO 4) or in the handshake; a cookie says it only where
 * the dialect takes cookies.  A client that comes back shows its ticket (`pid`) and the
 * offset up to which it has everything.  If the listener resumes there, it keeps its id
 * and ticket, by which the client knows that nothing was lost; else it gets others.
 *
 * A listener that is closed once it has joined ends the whole session: clients do not
 * come back after a DISCONNECT of ours, but they do when the transport closes. */
#include "ws-edge/sio_parts.h"

#include "ws-edge/bearer.h"
#include "ws-edge/dialects/native.h"
#include "ws-edge/pass.h"

static const char s_unknown[] = "Invalid namespace";

/* ---- refusing ---- */

static void s_refuse(sio_session_t *session, slice_t name, const char *sentence)
{
    buf_t packet = {0};
    sio_refused_put(&packet, session->version, name, slice_of(sentence));
    sio_send(session, &packet);
    buf_free(&packet);
}

/* ---- the outlet ---- */

static ear_t *s_ear(const outlet_t *outlet)
{
    return (ear_t *)(uintptr_t)outlet; /* its first member */
}

static void s_send(outlet_t *outlet, body_t *frame)
{
    tunnel_send(s_ear(outlet)->nsp->session->tunnel, frame);
}

static bool s_comes_back(int code)
{
    return code == err_info(ERR_UNAVAILABLE)->close_code;
}

static void s_close(outlet_t *outlet, int code, const char *reason)
{
    nsp_t *nsp = s_ear(outlet)->nsp;
    if (nsp->joined || s_comes_back(code)) {
        tunnel_close(nsp->session->tunnel, code, reason);
    } else if (!nsp->refused) {
        nsp->refused = true;
        s_refuse(nsp->session, slice_of(nsp->name),
                 reason != NULL ? reason : err_info(ERR_UNAUTHENTICATED)->name);
    }
}

static size_t s_queued(const outlet_t *outlet)
{
    return tunnel_queued(s_ear(outlet)->nsp->session->tunnel);
}

static uint64_t s_waits_us(const outlet_t *outlet)
{
    const tunnel_t *tunnel = s_ear(outlet)->nsp->session->tunnel;
    return tunnel != NULL ? tunnel_waits_us(tunnel) : 0;
}

static void s_put_ticket(const nsp_t *nsp, buf_t *out)
{
    if (dialects[nsp->first]->offsets)
        ticket_put(out, nsp->session->edge->mint, &nsp->ticket);
}

/* Tell the client that it has joined, and by which id. */
static void s_stands(outlet_t *outlet, bool resumed)
{
    ear_t *ear = s_ear(outlet);
    nsp_t *nsp = ear->nsp;
    buf_t packet = {0}, pid = {0};
    if (nsp->joined || ear != nsp->ears[nsp->first])
        return;
    nsp->joined = true;
    if (!resumed) {
        tunnel_make_sid(nsp->ticket.sid);
        nsp->ticket.who = client_who(ear->client);
    }
    s_put_ticket(nsp, &pid);
    sio_connected_put(&packet, nsp->session->version, slice_of(nsp->name),
                      slice_new(nsp->ticket.sid, sizeof nsp->ticket.sid), buf_slice(&pid));
    sio_send(nsp->session, &packet);
    buf_free(&packet);
    buf_free(&pid);
}

static const outlet_verbs_t s_outlet = {
    .send = s_send,
    .close = s_close,
    .queued = s_queued,
    .waits_us = s_waits_us,
    .stands = s_stands,
};

/* ---- listeners ---- */

static ear_t *s_listen(nsp_t *nsp, dialect_id_t dialect, const bearer_t *bearer,
                       const greeting_t *greeting)
{
    const sio_session_t *session = nsp->session;
    ear_t *ear = mem_new(ear_t);
    ear->outlet.verbs = &s_outlet;
    ear->nsp = nsp;
    ear->client = client_new(session->edge->clients, dialect, bearer, greeting,
                             session->visitor.caller.address);
    nsp->ears[dialect] = ear;
    client_open(ear->client, &ear->outlet);
    return ear;
}

client_t *sio_listener(nsp_t *nsp, dialect_id_t dialect)
{
    ear_t *ear = nsp->ears[dialect];
    if (ear == NULL)
        ear = s_listen(nsp, dialect, NULL, &(greeting_t){0});
    return ear->client;
}

/* ---- the namespaces of a session ---- */

nsp_t *sio_find(const sio_session_t *session, slice_t name)
{
    nsp_t *nsp = session->nsps;
    while (nsp != NULL && (nsp->refused || !slice_is(name, nsp->name)))
        nsp = nsp->next;
    return nsp;
}

void sio_leave(nsp_t *nsp, int code)
{
    nsp_t **link = &nsp->session->nsps;
    while (*link != nsp)
        link = &(*link)->next;
    *link = nsp->next;
    for (size_t i = 0; i < DIALECT_COUNT; i++) {
        if (nsp->ears[i] == NULL)
            continue;
        client_gone(nsp->ears[i]->client, code);
        mem_free(nsp->ears[i]);
    }
    mem_free(nsp);
}

void sio_leave_all(sio_session_t *session, int code)
{
    while (session->nsps != NULL)
        sio_leave(session->nsps, code);
}

void sio_sweep(sio_session_t *session)
{
    nsp_t *next;
    for (nsp_t *nsp = session->nsps; nsp != NULL; nsp = next) {
        next = nsp->next;
        if (nsp->refused)
            sio_leave(nsp, err_info(ERR_FORBIDDEN)->close_code);
    }
}

/* ---- who comes ---- */

/* What the client says of itself. */
typedef struct arrival {
    sio_session_t *session;
    const json_node_t *auth;
    bearer_t bearer;
    bool known;   /* it is somebody, or will be once that was asked */
    bool offsets; /* it can do with them */
    ticket_t ticket;
    greeting_t greeting;
} arrival_t;

static slice_t s_word(const json_node_t *auth, const char *name)
{
    slice_t word = {0};
    (void)json_text(json_member(auth, name), &word);
    return word;
}

/* A token in CONNECT, or one that the handshake showed. */
static slice_t s_token(const arrival_t *arrival)
{
    slice_t token = s_word(arrival->auth, "token");
    return token.len > 0 ? token : arrival->session->visitor.token;
}

static bool s_wants_offsets(const arrival_t *arrival)
{
    const json_node_t *wish = json_member(arrival->auth, "recovery");
    int64_t number = 1;
    bool yes = true;
    slice_t word = {0};
    bool refused = (json_i64(wish, &number) && number == 0) || (json_bool(wish, &yes) && !yes) ||
                   (json_text(wish, &word) && slice_is(word, "0"));
    return arrival->session->version == EIO_4 && !arrival->session->visitor.plain && !refused;
}

static bool s_is_good(const edge_t *edge, who_t who)
{
    return who.expires > link_time() && gate_passes(edge->gate, who.account, who.session);
}

static bool s_same(who_t a, who_t b)
{
    return a.account == b.account && a.session == b.session;
}

/* A ticket resumes if nobody else comes with it, and alone as long as its session is good.
 * With a token of the same session it may be old: the session was renewed since. */
static void s_read_ticket(arrival_t *arrival)
{
    const edge_t *edge = arrival->session->edge;
    greeting_t greeting = {0};
    ticket_t ticket;
    if (!arrival->offsets ||
        ticket_read(edge->mint, s_word(arrival->auth, "pid"), &ticket) != ERR_OK ||
        native_since(s_word(arrival->auth, "offset"), &greeting) != ERR_OK)
        return;
    bool named = arrival->known && arrival->bearer.call == 0;
    if (named ? !s_same(arrival->bearer.who, ticket.who) : !s_is_good(edge, ticket.who))
        return;
    if (!named)
        arrival->bearer = (bearer_t){.who = ticket.who};
    arrival->known = true;
    arrival->ticket = ticket;
    arrival->greeting = greeting;
}

/* ERR_UNAUTHENTICATED and the like, for a token that is not good. */
static err_t s_read_token(arrival_t *arrival)
{
    const edge_t *edge = arrival->session->edge;
    slice_t token = s_token(arrival);
    const char *why;
    if (token.len == 0)
        return ERR_OK;
    arrival->known = true;
    return bearer_read(edge, token, &arrival->bearer, &why);
}

static err_t s_identify(arrival_t *arrival, const dialect_t *dialect)
{
    const char *detail;
    err_t err = ERR_OK;
    if (dialect->cookie != NULL) {
        arrival->bearer.who = sio_session_who(arrival->session);
        arrival->known = arrival->bearer.who.account != 0;
    } else {
        err = s_read_token(arrival);
        if (err == ERR_OK)
            s_read_ticket(arrival);
    }
    if (err == ERR_OK && arrival->known && arrival->bearer.call == 0)
        err = pass_hear(&arrival->bearer.who, arrival->session->edge->arena, &detail);
    return err;
}

/* The dialect that stands for a namespace; with offsets, if there is one. */
static dialect_id_t s_first(slice_t name, bool offsets)
{
    dialect_id_t found = DIALECT_COUNT;
    for (dialect_id_t id = 0; id < DIALECT_COUNT; id++) {
        const dialect_t *dialect = dialects[id];
        if (dialect->nsp == NULL || dialect->claims != NULL || !slice_is(name, dialect->nsp))
            continue;
        if (found == DIALECT_COUNT || dialect->offsets == offsets)
            found = id;
    }
    return found;
}

static void s_enter(arrival_t *arrival, slice_t name)
{
    sio_session_t *session = arrival->session;
    nsp_t *nsp = mem_new(nsp_t);
    nsp->session = session;
    nsp->first = s_first(name, arrival->known && arrival->offsets);
    nsp->name = dialects[nsp->first]->nsp;
    nsp->ticket = arrival->ticket;
    nsp->next = session->nsps;
    session->nsps = nsp;
    s_listen(nsp, nsp->first, arrival->known ? &arrival->bearer : NULL, &arrival->greeting);
}

/* Joined already: a client of 2.x is told again, a later one does not ask twice. */
static void s_join_again(sio_session_t *session, const nsp_t *nsp)
{
    buf_t packet = {0};
    if (session->version == EIO_4) {
        sio_offend(session, ERR_INVALID, "in that namespace already");
        return;
    }
    sio_connected_put(&packet, EIO_3, slice_of(nsp->name), (slice_t){0}, (slice_t){0});
    if (nsp->joined)
        sio_send(session, &packet);
    buf_free(&packet);
}

void sio_join(sio_session_t *session, slice_t name, const json_node_t *auth)
{
    arrival_t arrival = {.session = session, .auth = auth};
    sio_sweep(session);
    const nsp_t *nsp = sio_find(session, name);
    if (nsp != NULL) {
        s_join_again(session, nsp);
        return;
    }
    arrival.offsets = s_wants_offsets(&arrival);
    dialect_id_t first = s_first(name, false);
    if (!edge_serves(session->edge)) {
        sio_offend(session, ERR_UNAVAILABLE, "try again shortly");
    } else if (first == DIALECT_COUNT) {
        s_refuse(session, name, s_unknown);
    } else {
        err_t err = s_identify(&arrival, dialects[first]);
        if (err == ERR_OK)
            s_enter(&arrival, name);
        else
            s_refuse(session, name, err_info(err)->name);
    }
}
