/* front_upgrade.c - from a request to a connection that stays: the same questions as for
 * any other, but asked once, before it is let in. */
#include "ws-edge/answer.h"
#include "ws-edge/client.h"
#include "ws-edge/engine.h"
#include "ws-edge/front_parts.h"
#include "ws-edge/pass.h"

static bool s_fits(const char *pattern, slice_t path)
{
    slice_t params[ROUTE_PARAMS_MAX];
    return pattern != NULL && route_matches(&(route_t){.pattern = pattern}, path, params);
}

/* Whether a dialect speaks there: on WebSockets those of that subprotocol, or any where it
 * is zero; on event streams those that have them. */
static bool s_speaks(const dialect_t *dialect, const request_t *request, slice_t subprotocol)
{
    bool stream = dialect->framing == FRAMING_STREAM;
    return stream != request->upgrade && s_fits(dialect->socket_path, request->path) &&
           (subprotocol.ptr == NULL || slice_eq(subprotocol, slice_of(dialect->subprotocol)));
}

static dialect_id_t s_find_dialect(const request_t *request, slice_t subprotocol)
{
    dialect_id_t id = 0;
    while (id < DIALECT_COUNT && !s_speaks(dialects[id], request, subprotocol))
        id++;
    return id;
}

bool front_is_stream(const request_t *request)
{
    bool asks = request->method == METHOD_GET && !request->upgrade;
    return asks && s_find_dialect(request, (slice_t){0}) < DIALECT_COUNT;
}

/* The first subprotocol that the client offers and we speak; else the path's first dialect,
 * and none is agreed to. */
static dialect_id_t s_find_socket(const request_t *request, const char **ret_subprotocol)
{
    slice_t offer;
    for (size_t i = 0; (offer = request_header_item(request, "sec-websocket-protocol", i)).len > 0;
         i++) {
        dialect_id_t id = s_find_dialect(request, offer);
        if (id == DIALECT_COUNT)
            continue;
        *ret_subprotocol = dialects[id]->subprotocol;
        return id;
    }
    return s_find_dialect(request, (slice_t){0});
}

static bool s_turn_away(edge_t *edge, const request_t *request, const dialect_t *dialect,
                        const answer_t *refusal, upgrade_t *ret_upgrade)
{
    visit_t visit = {
        .arena = edge->arena,
        .headers = &edge->headers,
        .body = &edge->body,
    };
    front_begin_headers(edge, origin_of(edge->origins, request),
                        front_has_token(request, edge->arena));
    front_put_retry(visit.headers, refusal);
    dialect->refuse(&visit, refusal);
    ret_upgrade->refusal = front_response(edge, visit.status);
    return false;
}

/* In a dialect where one comes in as nobody, one says later who one is. */
static err_t s_identify(const edge_t *edge, const dialect_t *dialect, const request_t *request,
                        bearer_t *ret_bearer, answer_t *ret_refusal)
{
    *ret_bearer = (bearer_t){0};
    return dialect->anonymous
               ? ERR_OK
               : front_identify(edge, dialect, NULL, request, NULL, ret_bearer, ret_refusal);
}

bool front_upgrade(void *ctx, const request_t *request, upgrade_t *ret_upgrade)
{
    edge_t *edge = ctx;
    dialect_id_t id = s_find_socket(request, &ret_upgrade->subprotocol);
    const dialect_t *dialect = dialects[id < DIALECT_COUNT ? id : 0];
    answer_t refusal = answer_refuse(NULL, ERR_NOT_FOUND, "there is no WebSocket here");
    greeting_t greeting = {0};
    bearer_t bearer;
    const char *detail;
    arena_reset(edge->arena);
    if (engine_takes(request))
        return engine_upgrade(edge->engine, request, ret_upgrade);
    if (id == DIALECT_COUNT)
        return s_turn_away(edge, request, dialect, &refusal, ret_upgrade);

    refusal = answer_refuse(NULL, ERR_UNAVAILABLE, NULL);
    if (!edge_serves(edge) || s_identify(edge, dialect, request, &bearer, &refusal) != ERR_OK)
        return s_turn_away(edge, request, dialect, &refusal, ret_upgrade);
    if (pass_hear(&bearer.who, edge->arena, &detail) != ERR_OK) {
        refusal = answer_refuse(NULL, ERR_FORBIDDEN, detail);
        return s_turn_away(edge, request, dialect, &refusal, ret_upgrade);
    }
    uint64_t address = edge_meet(edge, request->address);
    if (dialect->wire != NULL) {
        ret_upgrade->user = dialect->wire(edge, request, address);
        return true;
    }
    refusal = answer_refuse(NULL, ERR_INVALID, "`since`: must be a whole number");
    if (dialect->greet(request, edge->arena, &greeting) != ERR_OK)
        return s_turn_away(edge, request, dialect, &refusal, ret_upgrade);

    const bearer_t *somebody = dialect->anonymous ? NULL : &bearer;
    ret_upgrade->user = client_wire(edge->clients, id, somebody, &greeting, address);
    if (!request->upgrade) {
        front_begin_headers(edge, origin_of(edge->origins, request), true);
        buf_append_text(&edge->headers, "X-Accel-Buffering: no\r\n"); /* nginx holds back else */
        ret_upgrade->headers = buf_slice(&edge->headers);
    }
    return true;
}
