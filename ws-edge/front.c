/* front.c - from a request to its reply.
 *
 *   find the route ─ who is asking? ─ prepare.c: fill the call ─> errand.c: ask, show, reply
 *
 * Every reply to a route, a refusal too, leaves through errand_respond.  What is to
 * become a connection of its own goes through front_upgrade.c. */
#include "ws-edge/errand.h"

#include "ws-edge/answer.h"
#include "ws-edge/engine.h"
#include "ws-edge/fill.h"
#include "ws-edge/metrics.h"
#include "ws-edge/page.h"
#include "ws-edge/prepare.h"

/* ---- who is asking ---- */

/* An explicit credential wins over the cookie, be it good or bad. */
static err_t s_credential(const edge_t *edge, const dialect_t *dialect, const route_t *route,
                          const request_t *request, const badge_t *badge, slice_t *ret_token)
{
    err_t err = badge != NULL ? badge->err : dialect->credential(request, edge->arena, ret_token);
    if (badge != NULL)
        *ret_token = badge->token;
    if (err != ERR_NOT_FOUND || route == NULL || !route->cookie ||
        !origin_trusts_cookie(edge->origins, request))
        return err;
    *ret_token = request_cookie(request, dialect->cookie);
    return ret_token->len > 0 ? ERR_OK : ERR_NOT_FOUND;
}

err_t front_identify(const edge_t *edge, const dialect_t *dialect, const route_t *route,
                     const request_t *request, const badge_t *badge, bearer_t *ret_bearer,
                     answer_t *ret_refusal)
{
    slice_t token;
    const char *why = NULL;
    err_t err = s_credential(edge, dialect, route, request, badge, &token);
    if (err == ERR_NOT_FOUND && route != NULL && route->strangers)
        return ERR_OK;
    if (err == ERR_OK)
        err = bearer_read(edge, token, ret_bearer, &why);
    else
        err = ERR_UNAUTHENTICATED;
    if (err != ERR_OK)
        *ret_refusal = answer_refuse(NULL, err, why);
    else
        ret_bearer->adopt.device = fill_device(request);
    return err;
}

bool front_has_token(const request_t *request, arena_t *arena)
{
    slice_t token;
    return request->query.len > 0 && request_query(request, "token", arena, &token) == ERR_OK;
}

/* ---- requests ---- */

/* Where a request goes: a route, or the dialect that should say that there is none. */
typedef struct target {
    const dialect_t *dialect;
    const route_t *route;
    slice_t params[ROUTE_PARAMS_MAX];
    unsigned methods; /* that the path takes, a bit each */
} target_t;

static void s_look_at(target_t *target, const routes_walk_t *at, method_t wanted)
{
    target->methods |= 1u << at->route->method;
    if (target->route != NULL)
        return;
    target->dialect = at->dialect;
    if (at->route->method != wanted)
        return;
    target->route = at->route;
    memcpy(target->params, at->params, sizeof target->params);
}

/* In all dialects; or in those that issue such sessions, if `via` says which. */
static target_t s_find(const edge_t *edge, const request_t *request, via_t via)
{
    method_t wanted = request->method == METHOD_HEAD ? METHOD_GET : request->method;
    target_t target = {.dialect = dialects[0]};
    routes_walk_t walk = routes_walk(edge->routes, request->path);
    while (routes_next(&walk))
        if (via == VIA_OTHER || walk.dialect->via == via)
            s_look_at(&target, &walk, wanted);
    return target;
}

static void s_put_allow(buf_t *headers, unsigned methods)
{
    const char *comma = "";
    buf_append_text(headers, "Allow: ");
    for (unsigned method = 0; method < METHOD_COUNT_; method++) {
        if ((methods & 1u << method) == 0)
            continue;
        buf_printf(headers, "%s%s%s", comma, method_name(method),
                   method == METHOD_GET ? ", HEAD" : "");
        comma = ", ";
    }
    buf_append_text(headers, "\r\n");
}

/* Into a place of fixed size; what is longer is cut. */
static size_t s_copy(char *to, size_t size, slice_t from)
{
    size_t len = from.len < size ? from.len : size;
    if (len > 0)
        memcpy(to, from.ptr, len);
    return len;
}

static errand_t *s_errand(edge_t *edge, const request_t *request, exchange_t exchange,
                          const target_t *target)
{
    errand_t *errand = mem_new(errand_t);
    slice_t origin = origin_of(edge->origins, request);
    errand->edge = edge;
    errand->exchange = exchange;
    errand->dialect = target->dialect;
    errand->route = target->route;
    errand->head = request->method == METHOD_HEAD;
    errand->secretive = front_has_token(request, edge->arena);
    errand->secure = request->secure;
    errand->caller = engine_caller(edge, request);
    errand->sets_cookies = errand->caller.trusted;
    errand->payer.address = errand->caller.address;
    errand->sid_len = s_copy(errand->sid, sizeof errand->sid, request_cookie(request, "io"));
    errand->origin_len = s_copy(errand->origin, sizeof errand->origin, origin);
    errand->match_len =
        s_copy(errand->match, sizeof errand->match, request_header(request, "if-none-match"));
    return errand;
}

/* Where two documents have one path, the one answers whose dialect has issued the session. */
static void s_go_home(errand_t *errand, const request_t *request, slice_t *params)
{
    via_t via = errand->who.via;
    if (via == VIA_OTHER || via == errand->dialect->via)
        return;
    target_t target = s_find(errand->edge, request, via);
    if (target.route == NULL)
        return;
    errand->dialect = target.dialect;
    errand->route = target.route;
    memcpy(params, target.params, sizeof target.params);
}

/* Who is asking is known, or need not be. */
static void s_run(errand_t *errand, const request_t *request, const slice_t *given)
{
    slice_t params[ROUTE_PARAMS_MAX];
    memcpy(params, given, sizeof params);
    s_go_home(errand, request, params);
    prepare(errand, request, params);
}

static void s_turn_down(errand_t *errand, const answer_t *refusal)
{
    visit_t visit = errand_visit(errand);
    errand_refuse(errand, &visit, refusal);
    errand_respond(errand, &visit);
}

static void s_on_found(void *ctx, const answer_t *answer, who_t who)
{
    errand_t *errand = ctx;
    hold_t *hold = TAKE(errand->hold);
    if (answer->status == ERR_OK) {
        errand_be(errand, who);
        s_run(errand, &hold->request, hold->params);
    } else {
        s_turn_down(errand, answer);
    }
    hold_destroy(&hold);
}

/* Find out who is asking, and run.  It may have to be asked first: the request is kept
 * meanwhile. */
static err_t s_let_in(errand_t *errand, const request_t *request, const slice_t *params,
                      const badge_t *badge, answer_t *ret_refusal)
{
    edge_t *edge = errand->edge;
    const call_type_t *type = call_type(errand->route->call);
    bearer_t bearer = {0};
    err_t err = edge_serves(edge) ? ERR_OK : ERR_UNAVAILABLE;
    *ret_refusal = answer_refuse(type, err, NULL);
    if (err == ERR_OK && type != NULL && type->access != ACCESS_ANYONE)
        err = front_identify(edge, errand->dialect, errand->route, request, badge, &bearer,
                             ret_refusal);
    if (err != ERR_OK)
        return err;
    if (bearer.call != 0) {
        *ret_refusal = bearer_ask(edge, &bearer, errand->payer.address, s_on_found, errand);
        ret_refusal->type = type;
        if (ret_refusal->status == ERR_OK)
            errand->hold = hold_new(request, params);
        return ret_refusal->status;
    }
    bearer_remember(edge, &bearer);
    errand_be(errand, bearer.who);
    s_run(errand, request, params);
    return ERR_OK;
}

static void s_serve(errand_t *errand, const request_t *request, const slice_t *params,
                    const badge_t *badge)
{
    answer_t refusal;
    if (s_let_in(errand, request, params, badge, &refusal) != ERR_OK)
        s_turn_down(errand, &refusal);
}

/* Where the credential may stand in a long body, it is read elsewhere too. */
static void s_serve_long(errand_t *errand, const request_t *request, const slice_t *params)
{
    answer_t refusal = answer_refuse(call_type(errand->route->call), ERR_UNAVAILABLE, NULL);
    if (!prepare_badge(errand, request, params, s_serve))
        s_turn_down(errand, &refusal);
}

static void s_refuse_path(errand_t *errand, unsigned methods)
{
    visit_t visit = errand_visit(errand);
    answer_t refusal = answer_refuse(NULL, ERR_NOT_FOUND, NULL);
    if (methods != 0) {
        refusal.status = ERR_METHOD_NOT_ALLOWED;
        s_put_allow(visit.headers, methods);
    }
    errand_refuse(errand, &visit, &refusal);
    errand_respond(errand, &visit);
}

static void s_preflight(edge_t *edge, const request_t *request, exchange_t exchange)
{
    front_begin_headers(edge, origin_of(edge->origins, request), false);
    origin_put_preflight(&edge->headers, request);
    response_t response = front_response(edge, 204);
    exchange_reply(edge->server, exchange, &response);
}

way_t front_head(void *ctx, const request_t *request)
{
    const edge_t *edge = ctx;
    if (front_is_stream(request))
        return WAY_STREAM;
    if (engine_takes(request))
        return WAY_LARGE;
    routes_walk_t walk = routes_walk(edge->routes, request->path);
    while (routes_next(&walk))
        if ((walk.route->pieces || walk.route->pictures) && walk.route->method == request->method)
            return walk.route->pieces ? WAY_PIECES : WAY_HUGE;
    return WAY_WHOLE;
}

void front_request(void *ctx, const request_t *request, exchange_t exchange)
{
    edge_t *edge = ctx;
    arena_reset(edge->arena);
    if (request->method == METHOD_OPTIONS) {
        s_preflight(edge, request, exchange);
        return;
    }
    edge->counts.requests++;
    if (engine_takes(request)) {
        engine_request(edge->engine, request, exchange);
        return;
    }
    front_begin_headers(edge, origin_of(edge->origins, request), false);
    if (metrics_take(edge, request, exchange))
        return;
    int status = page_show(edge, request, &edge->body);
    if (status != 0) {
        response_t response = front_response(edge, status);
        exchange_reply(edge->server, exchange, &response);
        return;
    }
    target_t target = s_find(edge, request, VIA_OTHER);
    errand_t *errand = s_errand(edge, request, exchange, &target);
    if (target.route == NULL)
        s_refuse_path(errand, target.methods);
    else if (prepare_is_long(target.route, request))
        s_serve_long(errand, request, target.params);
    else
        s_serve(errand, request, target.params, NULL);
}

/* ---- refusals of the plumbing ---- */

/* In the words of whose path it is, as far as that was read. */
static const dialect_t *s_dialect_of(const edge_t *edge, const request_t *request)
{
    bool read = request != NULL && request->path.len > 0;
    return read ? s_find(edge, request, VIA_OTHER).dialect : dialects[0];
}

void front_error(void *ctx, err_t err, const request_t *request, buf_t *headers, buf_t *body)
{
    edge_t *edge = ctx;
    visit_t visit = {.arena = edge->arena, .headers = headers, .body = body};
    answer_t refusal = answer_refuse(NULL, err, NULL);
    arena_reset(edge->arena);
    origin_put_headers(headers, request != NULL ? origin_of(edge->origins, request) : (slice_t){0});
    front_put_retry(headers, &refusal);
    s_dialect_of(edge, request)->refuse(&visit, &refusal);
}
