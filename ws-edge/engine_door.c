/* engine_door.c - requests for Engine.IO: what they ask for, and how they are refused.
 *
 *     without a sid   a GET begins a session, an upgrade begins one on a WebSocket
 *     with a sid      a GET waits for packets, a POST brings some, an upgrade is to take over
 *
 * Refusals are {"code","message"}, as the library's own server has them; where it is our
 * load that forbids a session, they look like all others of ours.
 *
 * Whoever asks with a credential, or with a cookie that counts, makes the session theirs if
 * it was nobody's; somebody else's request is refused. */
#include "ws-edge/engine_parts.h"

#include "ws-edge/answer.h"
#include "ws-edge/bearer.h"
#include "ws-edge/cookie.h"
#include "ws-edge/dialects/native.h"
#include "ws-edge/front_parts.h"

enum { RETRY_AFTER_S = 5 };

static const char s_path[] = "/socket.io";
static const char s_cookie[] = "session"; /* that a sign-in of Matcha sets */

/* FAULT(identifier, HTTP status, message): a fault's code is its place here. */
#define FAULTS(FAULT)                          \
    FAULT(TRANSPORT, 400, "Transport unknown") \
    FAULT(SESSION, 400, "Session ID unknown")  \
    FAULT(METHOD, 400, "Bad handshake method") \
    FAULT(REQUEST, 400, "Bad request")         \
    FAULT(FORBIDDEN, 403, "Forbidden")         \
    FAULT(VERSION, 400, "Unsupported protocol version")

typedef enum fault_code {
#define FAULT(id, status, message) FAULT_##id,
    FAULTS(FAULT)
#undef FAULT
        FAULT_NONE
} fault_code_t;

static const struct {
    int status;
    const char *message;
} s_faults[] = {
#define FAULT(id, status_, message_) {status_, message_},
    FAULTS(FAULT)
#undef FAULT
};

/* What a request says of itself. */
typedef struct knock {
    engine_t *engine;
    const request_t *request;
    slice_t sid; /* zero: a handshake */
    slice_t version;
    slice_t index; /* JSONP; zero: no such thing */
    slice_t transport;
    slice_t token; /* an explicit credential, or zero */
    bool base64;
    bool plain;       /* recovery=0 */
    who_t who;        /* account 0: nobody */
    tunnel_t *tunnel; /* of the sid */
} knock_t;

/* ---- reading ---- */

static slice_t s_parameter(const knock_t *knock, const char *name)
{
    slice_t value = {0};
    err_t err = request_query(knock->request, name, knock->engine->arena, &value);
    return err == ERR_OK ? value : (slice_t){0};
}

static void s_read_token(knock_t *knock)
{
    err_t err = native_credential(knock->request, knock->engine->arena, &knock->token);
    if (err != ERR_OK)
        knock->token = s_parameter(knock, "token");
}

/* What is shown openly wins over a cookie, be it good or bad. */
static void s_find_who(knock_t *knock)
{
    const edge_t *edge = knock->engine->edge;
    slice_t credential = knock->token;
    bearer_t bearer = {0};
    const char *why;
    if (credential.len == 0 && origin_trusts_cookie(edge->origins, knock->request))
        credential = request_cookie(knock->request, s_cookie);
    if (credential.len > 0 && bearer_read(edge, credential, &bearer, &why) == ERR_OK)
        knock->who = bearer.who; /* nobody, if it must be asked first */
}

/* A script of another site's page is read by that page, whatever its origin: so whoever
 * asks for one is nobody. */
static knock_t s_read(engine_t *engine, const request_t *request)
{
    knock_t knock = {.engine = engine, .request = request};
    arena_reset(engine->arena);
    arena_reset(engine->edge->arena);
    knock.sid = s_parameter(&knock, "sid");
    knock.version = s_parameter(&knock, "EIO");
    knock.transport = s_parameter(&knock, "transport");
    knock.index = s_parameter(&knock, "j");
    knock.base64 = slice_is(s_parameter(&knock, "b64"), "1");
    knock.plain = slice_is(s_parameter(&knock, "recovery"), "0");
    if (knock.sid.len > 0)
        knock.tunnel = engine_find(engine, knock.sid);
    if (knock.index.ptr != NULL)
        return knock;
    s_read_token(&knock);
    s_find_who(&knock);
    return knock;
}

/* ---- checking ---- */

static bool s_is_index(slice_t index)
{
    bool digits = index.len > 0 && index.len <= EIO_JSONP_INDEX_MAX;
    for (size_t i = 0; digits && i < index.len; i++)
        digits = index.ptr[i] >= '0' && index.ptr[i] <= '9';
    return digits;
}

static bool s_takes_script(const knock_t *knock)
{
    return knock->index.ptr == NULL ||
           (knock->engine->options.jsonp && !knock->request->upgrade && s_is_index(knock->index));
}

static fault_code_t s_check_handshake(const knock_t *knock)
{
    bool polling = slice_is(knock->transport, "polling");
    if (knock->request->method != METHOD_GET)
        return FAULT_METHOD;
    if (polling == knock->request->upgrade)
        return FAULT_REQUEST;
    if (!slice_is(knock->version, "3") && !slice_is(knock->version, "4"))
        return FAULT_VERSION;
    return knock->index.ptr != NULL && !slice_is(knock->version, "3") ? FAULT_REQUEST : FAULT_NONE;
}

/* A session that somebody has is nobody else's to speak through. */
static fault_code_t s_check_session(const knock_t *knock)
{
    const tunnel_t *tunnel = knock->tunnel;
    bool polling = slice_is(knock->transport, "polling");
    bool suits =
        knock->request->method == METHOD_GET || (knock->request->method == METHOD_POST && polling);
    if (tunnel == NULL)
        return FAULT_SESSION;
    if (polling == knock->request->upgrade || !suits || !tunnel_polls(tunnel))
        return FAULT_REQUEST;
    uint64_t owner = sio_session_who(tunnel->session).account;
    return owner != 0 && knock->who.account != 0 && knock->who.account != owner ? FAULT_FORBIDDEN
                                                                                : FAULT_NONE;
}

static fault_code_t s_check(const knock_t *knock)
{
    if (!slice_is(knock->transport, "polling") && !slice_is(knock->transport, "websocket"))
        return FAULT_TRANSPORT;
    if (!s_takes_script(knock))
        return FAULT_REQUEST;
    return knock->sid.ptr != NULL ? s_check_session(knock) : s_check_handshake(knock);
}

/* ---- refusing ---- */

static response_t s_faulty(const knock_t *knock, fault_code_t code)
{
    edge_t *edge = knock->engine->edge;
    front_begin_headers(edge, origin_of(edge->origins, knock->request), true);
    buf_printf(&edge->body, "{\"code\":%d,\"message\":\"%s\"}", code, s_faults[code].message);
    return front_response(edge, s_faults[code].status);
}

static response_t s_overloaded(const knock_t *knock, err_t err)
{
    edge_t *edge = knock->engine->edge;
    visit_t visit = {.arena = edge->arena, .headers = &edge->headers, .body = &edge->body};
    answer_t refusal = answer_refuse(NULL, err, NULL);
    refusal.retry_after_s = RETRY_AFTER_S;
    front_begin_headers(edge, origin_of(edge->origins, knock->request), true);
    front_put_retry(visit.headers, &refusal);
    native_refuse(&visit, &refusal);
    return front_response(edge, visit.status);
}

/* ---- sessions ---- */

static void s_begin_session(const knock_t *knock)
{
    visitor_t visitor = {
        .caller = engine_caller(knock->engine->edge, knock->request),
        .who = knock->who,
        .token = knock->token,
        .plain = knock->plain,
    };
    knock->tunnel->session = sio_session_new(knock->engine->edge, &visitor);
}

/* A new one; on an error *ret_response says so. */
static bool s_add_session(knock_t *knock, response_t *ret_response)
{
    engine_t *engine = knock->engine;
    err_t err = edge_serves(engine->edge) ? ERR_OK : ERR_UNAVAILABLE;
    bool third = slice_is(knock->version, "3");
    eio_peer_t peer = {
        .version = third ? EIO_3 : EIO_4,
        .base64 = third && (knock->base64 || knock->index.ptr != NULL),
    };
    if (err == ERR_OK)
        knock->tunnel = engine_add(engine, peer, knock->request->address, &err);
    if (err != ERR_OK) {
        *ret_response = s_overloaded(knock, err);
        return false;
    }
    s_begin_session(knock);
    return true;
}

/* Whoever asks through a session that is nobody's yet, has it. */
static void s_claim(const knock_t *knock)
{
    if (knock->who.account != 0)
        sio_session_own(knock->tunnel->session, knock->who);
}

/* ---- polling ---- */

static poll_t s_poll(const knock_t *knock, exchange_t exchange)
{
    poll_t poll = {.exchange = exchange, .secure = knock->request->secure};
    slice_t origin = origin_of(knock->engine->edge->origins, knock->request);
    poll.origin_len = origin.len;
    poll.index_len = knock->index.len;
    if (origin.len > 0)
        memcpy(poll.origin, origin.ptr, origin.len);
    if (knock->index.len > 0)
        memcpy(poll.index, knock->index.ptr, knock->index.len);
    return poll;
}

static void s_reply(const knock_t *knock, exchange_t exchange, const response_t *response)
{
    exchange_reply(knock->engine->edge->server, exchange, response);
}

static void s_reply_ok(const knock_t *knock, exchange_t exchange)
{
    edge_t *edge = knock->engine->edge;
    front_begin_headers(edge, origin_of(edge->origins, knock->request), true);
    buf_append_text(&edge->body, "ok");
    response_t response = front_response(edge, 200);
    response.content_type = SLICE_LIT("text/plain; charset=UTF-8");
    s_reply(knock, exchange, &response);
}

static void s_fail(const knock_t *knock, exchange_t exchange, fault_code_t code)
{
    response_t response = s_faulty(knock, code);
    s_reply(knock, exchange, &response);
}

static void s_shake_hands(knock_t *knock, exchange_t exchange)
{
    const edge_t *edge = knock->engine->edge;
    response_t response;
    poll_t poll = s_poll(knock, exchange);
    poll.sets_cookie = slice_is(knock->version, "3") && knock->index.ptr == NULL &&
                       origin_trusts_cookie(edge->origins, knock->request);
    if (!s_add_session(knock, &response)) {
        s_reply(knock, exchange, &response);
        return;
    }
    sio_session_begin(knock->tunnel->session, knock->tunnel);
    if (tunnel_poll(knock->tunnel, &poll) != ERR_OK)
        s_fail(knock, exchange, FAULT_REQUEST);
}

static void s_get(knock_t *knock, exchange_t exchange)
{
    poll_t poll = s_poll(knock, exchange);
    if (tunnel_poll(knock->tunnel, &poll) != ERR_OK)
        s_fail(knock, exchange, FAULT_REQUEST);
}

/* JSONP's body is a form, and text. */
static err_t s_payload(const knock_t *knock, slice_t *ret_payload)
{
    *ret_payload = knock->request->body;
    if (knock->index.ptr == NULL)
        return ERR_OK;
    return eio_jsonp_read(knock->request->body, knock->engine->arena, ret_payload);
}

static void s_post(knock_t *knock, exchange_t exchange)
{
    slice_t payload;
    bool octets = slice_starts(request_header(knock->request, "content-type"),
                               SLICE_LIT("application/octet-stream"));
    err_t err = s_payload(knock, &payload);
    if (err == ERR_OK)
        err = tunnel_post(knock->tunnel, octets && knock->index.ptr == NULL, payload);
    if (err == ERR_OK)
        s_reply_ok(knock, exchange);
    else
        s_fail(knock, exchange, FAULT_REQUEST);
}

/* ---- the front's ---- */

bool engine_takes(const request_t *request)
{
    slice_t path = request->path;
    if (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    return slice_is(path, s_path);
}

void engine_request(engine_t *engine, const request_t *request, exchange_t exchange)
{
    knock_t knock = s_read(engine, request);
    fault_code_t fault = s_check(&knock);
    if (fault != FAULT_NONE) {
        s_fail(&knock, exchange, fault);
        return;
    }
    if (knock.tunnel == NULL) {
        s_shake_hands(&knock, exchange);
        return;
    }
    s_claim(&knock);
    if (request->method == METHOD_GET)
        s_get(&knock, exchange);
    else
        s_post(&knock, exchange);
}

/* The value of the cookie that a WebSocket's handshake sets. */
static slice_t s_cookie_value(const knock_t *knock)
{
    static const char name[] = "Set-Cookie: ";
    edge_t *edge = knock->engine->edge;
    if (!slice_is(knock->version, "3") || !origin_trusts_cookie(edge->origins, knock->request))
        return (slice_t){0};
    buf_reset(&edge->headers);
    cookie_put(&edge->headers, "io", tunnel_sid(knock->tunnel), knock->request->secure);
    slice_t line = buf_slice(&edge->headers);
    return slice_new(line.ptr + sizeof name - 1, line.len - (sizeof name - 1) - 2);
}

/* One that is to take over, or with which a session begins. */
static bool s_attach(knock_t *knock, upgrade_t *ret_upgrade)
{
    bool handshake = knock->tunnel == NULL;
    if (handshake && !s_add_session(knock, &ret_upgrade->refusal))
        return false;
    ret_upgrade->user = tunnel_wire(knock->tunnel);
    ret_upgrade->refusal = s_faulty(knock, FAULT_REQUEST);
    ret_upgrade->message_bytes_max = EIO_PAYLOAD_MAX;
    if (ret_upgrade->user == NULL)
        return false;
    if (handshake)
        ret_upgrade->cookie = s_cookie_value(knock);
    else
        engine_watch_probe(knock->engine, knock->tunnel);
    return true;
}

bool engine_upgrade(engine_t *engine, const request_t *request, upgrade_t *ret_upgrade)
{
    knock_t knock = s_read(engine, request);
    fault_code_t fault = s_check(&knock);
    if (fault != FAULT_NONE) {
        ret_upgrade->refusal = s_faulty(&knock, fault);
        return false;
    }
    if (knock.tunnel != NULL)
        s_claim(&knock);
    return s_attach(&knock, ret_upgrade);
}
