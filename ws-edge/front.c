/* front.c - from a request to its reply.
 *
 *   find the route ─ who is asking? ─ fill the call ─ pay ─ ask ─> answer ─ show
 *                                          ^                          │
 *                                          └── the dialect wants more ┘
 *
 * What a reply needs after the request's bytes are gone is in an errand, which lives
 * until it is answered.  Every reply, a refusal too, leaves through s_respond.  What
 * is to become a connection of its own goes through front_upgrade.c. */
#include "ws-edge/front_parts.h"

#include "ws-edge/answer.h"
#include "ws-edge/download.h"
#include "ws-edge/fill.h"
#include "ws-edge/hold.h"
#include "ws-edge/metrics.h"
#include "ws-edge/page.h"
#include "ws-edge/pass.h"
#include "ws-edge/upload.h"

/* One request between its calls. */
typedef struct errand {
    edge_t *edge;
    exchange_t exchange;
    const dialect_t *dialect;
    const route_t *route;
    who_t who;
    payer_t payer;
    hold_t *hold;   /* while it waits for who is asking */
    bool head;      /* HEAD: must not change anything */
    bool secretive; /* the query holds a token */
    uint64_t memo[VISIT_MEMOS];
    char note[LIMIT_EMAIL];
    size_t note_len;
    char origin[ORIGIN_SIZE_MAX]; /* that is allowed to read the reply */
    size_t origin_len;
} errand_t;

/* ---- replies ---- */

static slice_t s_origin(const errand_t *errand)
{
    return slice_new(errand->origin, errand->origin_len);
}

void front_begin_headers(edge_t *edge, slice_t origin, bool secretive)
{
    buf_reset(&edge->headers);
    buf_reset(&edge->body);
    origin_put_headers(&edge->headers, origin);
    if (secretive)
        buf_append_text(&edge->headers,
                        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n");
}

response_t front_response(const edge_t *edge, int status)
{
    return (response_t){
        .status = status,
        .headers = buf_slice(&edge->headers),
        .body = status == 204 ? (slice_t){0} : buf_slice(&edge->body),
    };
}

static void s_on_begun(void *ctx, err_t err);

/* The errand's reply: what the visit has written, or the file that it gives. */
static void s_respond(errand_t *errand, const visit_t *visit)
{
    edge_t *edge = errand->edge;
    response_t response = front_response(edge, visit->status);
    response.content_type = visit->content_type;
    if (visit->give != NULL && !errand->head) {
        download_start(edge, errand->exchange, &response, visit->give, s_on_begun, errand);
        return;
    }
    response.size = visit->give != NULL ? visit->give->count : 0;
    exchange_reply(edge->server, errand->exchange, &response);
    mem_free(errand);
}

static visit_t s_visit(errand_t *errand)
{
    edge_t *edge = errand->edge;
    visit_t visit = {
        .route = errand->route,
        .who = errand->who,
        .arena = edge->arena,
        .mask = mint_mask(edge->mint),
        .note = slice_new(errand->note, errand->note_len),
        .status = errand->route != NULL && errand->route->status != 0 ? errand->route->status : 200,
        .headers = &edge->headers,
        .body = &edge->body,
    };
    memcpy(visit.memo, errand->memo, sizeof visit.memo);
    front_begin_headers(edge, s_origin(errand), errand->secretive);
    return visit;
}

/* What the dialect wants to remember. */
static void s_keep(errand_t *errand, const visit_t *visit)
{
    size_t len = visit->note.len < sizeof errand->note ? visit->note.len : sizeof errand->note;
    memcpy(errand->memo, visit->memo, sizeof errand->memo);
    if (len > 0 && visit->note.ptr != (const uint8_t *)errand->note)
        memcpy(errand->note, visit->note.ptr, len);
    errand->note_len = len;
}

void front_put_retry(buf_t *headers, const answer_t *refusal)
{
    if (refusal->retry_after_s > 0)
        buf_printf(headers, "Retry-After: %u\r\n", refusal->retry_after_s);
}

static void s_refuse(errand_t *errand, visit_t *visit, const answer_t *refusal)
{
    errand->edge->counts.refused[refusal->status]++;
    front_put_retry(visit->headers, refusal);
    visit->call = 0;
    errand->dialect->refuse(visit, refusal);
}

/* A file that the room has and the shelf has not is nobody's mistake but ours. */
static void s_on_begun(void *ctx, err_t err)
{
    errand_t *errand = ctx;
    if (err == ERR_OK) {
        mem_free(errand);
        return;
    }
    arena_reset(errand->edge->arena);
    visit_t visit = s_visit(errand);
    answer_t refusal = answer_refuse(NULL, err == ERR_NOT_FOUND ? ERR_CORRUPT : err, NULL);
    s_refuse(errand, &visit, &refusal);
    s_respond(errand, &visit);
}

/* ---- calls ---- */

static void s_on_answer(void *ctx, uint64_t tag, const reply_t *reply);

/* Make the visit's call; what is refused here has not been done. */
static answer_t s_try(errand_t *errand, const visit_t *visit)
{
    edge_t *edge = errand->edge;
    const call_type_t *type = call_type(visit->call);
    waiter_t waiter = {.answer = s_on_answer, .ctx = errand, .type = visit->call};
    if (errand->head && !type->query)
        return answer_refuse(type, ERR_METHOD_NOT_ALLOWED, "HEAD changes nothing: use GET");

    answer_t answer = answer_refuse(type, ERR_TOO_MANY, NULL);
    answer.retry_after_s =
        toll_pay(&edge->toll, &errand->payer, type, visit->args, loop_now_us(edge->loop));
    if (answer.retry_after_s > 0)
        return answer;
    err_t err = link_ask(edge->link, errand->who, visit->args, &waiter);
    return answer_refuse(type, err, NULL);
}

static void s_go_on(errand_t *errand, visit_t *visit);

/* A body on its way to the shelf, and what is to be said of it then. */
typedef struct parcel {
    errand_t *errand;
    uint64_t room;
    buf_t name;
} parcel_t;

static void s_parcel_free(parcel_t *parcel)
{
    buf_free(&parcel->name);
    mem_free(parcel);
}

static void s_on_stored(void *ctx, err_t err, const kept_t *kept)
{
    parcel_t *parcel = ctx;
    errand_t *errand = parcel->errand;
    arena_reset(errand->edge->arena);
    visit_t visit = s_visit(errand);
    file_t file = {slice_of(kept->id), buf_slice(&parcel->name), slice_of(kept->type), kept->size};
    file_add_call_t add = {parcel->room, &file};
    if (err == ERR_OK) {
        visit.call = CALL_file_add;
        visit.args = &add;
    } else {
        answer_t refusal = answer_refuse(call_type(CALL_file_add), err, NULL);
        s_refuse(errand, &visit, &refusal);
    }
    s_go_on(errand, &visit);
    s_parcel_free(parcel);
}

/* Have the body stored, before the call is made that names it. */
static answer_t s_take_in(errand_t *errand, const file_add_call_t *add)
{
    edge_t *edge = errand->edge;
    uint64_t size = add->file->size;
    answer_t answer = answer_refuse(call_type(CALL_file_add), ERR_TOO_MANY, NULL);
    answer.retry_after_s =
        toll_pay_upload(&edge->toll, &errand->payer, size, loop_now_us(edge->loop));
    if (answer.retry_after_s > 0)
        return answer;
    parcel_t *parcel = mem_new(parcel_t);
    parcel->errand = errand;
    parcel->room = add->room;
    buf_append(&parcel->name, add->file->name);
    err_t err = upload_start(edge, errand->exchange, size, s_on_stored, parcel);
    if (err != ERR_OK)
        s_parcel_free(parcel);
    return answer_refuse(answer.type, err, NULL);
}

static answer_t s_call(errand_t *errand, const visit_t *visit)
{
    const char *detail;
    if (pass_call(&errand->who, visit->call, errand->edge->arena, &detail) != ERR_OK)
        return answer_refuse(call_type(visit->call), ERR_FORBIDDEN, detail);
    return visit->take_in ? s_take_in(errand, visit->args) : s_try(errand, visit);
}

/* As the visit wants it: another call, or the reply. */
static void s_go_on(errand_t *errand, visit_t *visit)
{
    if (visit->call != 0) {
        s_keep(errand, visit);
        answer_t refusal = s_call(errand, visit);
        if (refusal.status == ERR_OK)
            return;
        s_refuse(errand, visit, &refusal);
    }
    s_respond(errand, visit);
}

static void s_on_answer(void *ctx, uint64_t tag, const reply_t *reply)
{
    errand_t *errand = ctx;
    edge_t *edge = errand->edge;
    (void)tag;
    arena_reset(edge->arena);
    toll_settle(&edge->toll, &errand->payer, call_type(reply->type), reply->status,
                loop_now_us(edge->loop));
    answer_t answer = answer_read(reply, errand->who.account, edge->mint, edge->arena);
    errand->secretive |= answer.token.len > 0;
    visit_t visit = s_visit(errand);
    if (answer.status != ERR_OK)
        s_refuse(errand, &visit, &answer);
    else if (errand->route->show != NULL)
        errand->route->show(&visit, &answer);
    else
        errand->dialect->show(&visit, &answer);
    s_go_on(errand, &visit);
}

/* ---- who is asking ---- */

err_t front_identify(const edge_t *edge, const dialect_t *dialect, const request_t *request,
                     bearer_t *ret_bearer, answer_t *ret_refusal)
{
    slice_t token;
    const char *why = NULL;
    err_t err = dialect->credential(request, edge->arena, &token);
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

static void s_look_in(target_t *target, const dialect_t *dialect, const request_t *request)
{
    method_t wanted = request->method == METHOD_HEAD ? METHOD_GET : request->method;
    slice_t params[ROUTE_PARAMS_MAX] = {0};
    for (size_t i = 0; i < dialect->route_count; i++) {
        const route_t *route = &dialect->routes[i];
        if (!route_matches(route, request->path, params))
            continue;
        target->dialect = dialect;
        target->methods |= 1u << route->method;
        if (route->method == wanted && target->route == NULL) {
            target->route = route;
            memcpy(target->params, params, sizeof params);
        }
    }
}

static target_t s_find(const request_t *request)
{
    target_t target = {.dialect = dialects[0]};
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        s_look_in(&target, dialects[i], request);
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
    errand->payer.address = toll_address(&edge->toll, request->address);
    errand->origin_len = origin.len;
    if (origin.len > 0)
        memcpy(errand->origin, origin.ptr, origin.len);
    return errand;
}

/* What the id says if it is a link's for this purpose; else nothing. */
static account_link_t s_link(const edge_t *edge, slice_t id, purpose_t purpose)
{
    account_link_t link = {0};
    err_t err = token_check_link(edge->mint, id, purpose, link_time(), edge->arena, &link);
    return err == ERR_OK ? link : (account_link_t){0};
}

/* A link's fields that no client can set are read from its id.  Whether it is still good
 * the actor says, of a forged one too: all are refused in the same words. */
static void s_read_link(const edge_t *edge, visit_t *visit)
{
    if (visit->call == CALL_email_verify) {
        email_verify_call_t *args = arena_new_of(edge->arena, email_verify_call_t);
        *args = *(const email_verify_call_t *)visit->args;
        account_link_t link = s_link(edge, args->id, purpose_VERIFY);
        args->account = link.account;
        args->nonce = link.nonce;
        visit->args = args;
    } else if (visit->call == CALL_password_reset) {
        password_reset_call_t *args = arena_new_of(edge->arena, password_reset_call_t);
        *args = *(const password_reset_call_t *)visit->args;
        account_link_t link = s_link(edge, args->id, purpose_RESET);
        args->account = link.account;
        args->nonce = link.nonce;
        visit->args = args;
    }
}

/* Everything up to the first call; the refusal where it does not come to one. */
static err_t s_prepare(errand_t *errand, visit_t *visit, answer_t *ret_refusal)
{
    const call_type_t *type = call_type(errand->route->call);
    slice_t body = visit->request->body;
    if (body.len > 0 && json_parse(body, &visit->json) != ERR_OK) {
        *ret_refusal = answer_refuse(type, ERR_MALFORMED, NULL);
        return ERR_MALFORMED;
    }
    *ret_refusal = answer_refuse(type, ERR_OK, NULL);
    err_t err = errand->route->ask != NULL ? errand->route->ask(visit, ret_refusal)
                                           : fill_call(visit, ret_refusal);
    if (err == ERR_OK && visit->call != 0) {
        s_read_link(errand->edge, visit);
        fill_missing_device(visit);
    }
    return err;
}

/* Who is asking is known, or need not be. */
static void s_run(errand_t *errand, const request_t *request, const slice_t *params)
{
    answer_t refusal;
    visit_t visit = s_visit(errand);
    visit.request = request;
    visit.params = params;
    err_t err = s_prepare(errand, &visit, &refusal);
    if (err != ERR_OK) {
        refusal.status = err;
        s_refuse(errand, &visit, &refusal);
    }
    const json_node_t *json = visit.json;
    s_go_on(errand, &visit);
    json_free(&json);
}

static void s_turn_down(errand_t *errand, const answer_t *refusal)
{
    visit_t visit = s_visit(errand);
    s_refuse(errand, &visit, refusal);
    s_respond(errand, &visit);
}

static void s_be(errand_t *errand, who_t who)
{
    errand->who = who;
    errand->payer.account = who.account;
}

static void s_on_adopted(void *ctx, const answer_t *answer, who_t who)
{
    errand_t *errand = ctx;
    hold_t *hold = TAKE(errand->hold);
    if (answer->status == ERR_OK) {
        s_be(errand, who);
        s_run(errand, &hold->request, hold->params);
    } else {
        s_turn_down(errand, answer);
    }
    hold_destroy(&hold);
}

/* Find out who is asking, and run.  Whose a foreign token is may have to be asked first:
 * the request is kept meanwhile. */
static err_t s_let_in(errand_t *errand, const request_t *request, const slice_t *params,
                      answer_t *ret_refusal)
{
    edge_t *edge = errand->edge;
    const call_type_t *type = call_type(errand->route->call);
    bearer_t bearer = {0};
    err_t err = edge_serves(edge) ? ERR_OK : ERR_UNAVAILABLE;
    *ret_refusal = answer_refuse(type, err, NULL);
    if (err == ERR_OK && type->access != ACCESS_ANYONE)
        err = front_identify(edge, errand->dialect, request, &bearer, ret_refusal);
    if (err != ERR_OK)
        return err;
    if (bearer.adopt.hash.len > 0) {
        err = bearer_adopt(edge, &bearer, s_on_adopted, errand);
        *ret_refusal = answer_refuse(type, err, NULL);
        if (err == ERR_OK)
            errand->hold = hold_new(request, params);
        return err;
    }
    s_be(errand, bearer.who);
    s_run(errand, request, params);
    return ERR_OK;
}

static void s_serve(errand_t *errand, const request_t *request, const slice_t *params)
{
    answer_t refusal;
    if (s_let_in(errand, request, params, &refusal) != ERR_OK)
        s_turn_down(errand, &refusal);
}

static void s_refuse_path(errand_t *errand, unsigned methods)
{
    visit_t visit = s_visit(errand);
    answer_t refusal = answer_refuse(NULL, ERR_NOT_FOUND, NULL);
    if (methods != 0) {
        refusal.status = ERR_METHOD_NOT_ALLOWED;
        s_put_allow(visit.headers, methods);
    }
    s_refuse(errand, &visit, &refusal);
    s_respond(errand, &visit);
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
    slice_t params[ROUTE_PARAMS_MAX];
    (void)ctx;
    if (front_is_stream(request))
        return WAY_STREAM;
    for (size_t i = 0; i < DIALECT_COUNT; i++) {
        const dialect_t *dialect = dialects[i];
        for (size_t at = 0; at < dialect->route_count; at++) {
            const route_t *route = &dialect->routes[at];
            if (route->pieces && route->method == request->method &&
                route_matches(route, request->path, params))
                return WAY_PIECES;
        }
    }
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
    front_begin_headers(edge, origin_of(edge->origins, request), false);
    edge->counts.requests++;
    if (metrics_take(edge, request, exchange))
        return;
    int status = page_show(edge, request, &edge->body);
    if (status != 0) {
        response_t response = front_response(edge, status);
        exchange_reply(edge->server, exchange, &response);
        return;
    }
    target_t target = s_find(request);
    errand_t *errand = s_errand(edge, request, exchange, &target);
    if (target.route == NULL)
        s_refuse_path(errand, target.methods);
    else
        s_serve(errand, request, target.params);
}

/* ---- refusals of the plumbing ---- */

void front_error(void *ctx, err_t err, const request_t *request, buf_t *headers, buf_t *body)
{
    edge_t *edge = ctx;
    visit_t visit = {.arena = edge->arena, .headers = headers, .body = body};
    answer_t refusal = answer_refuse(NULL, err, NULL);
    arena_reset(edge->arena);
    origin_put_headers(headers, request != NULL ? origin_of(edge->origins, request) : (slice_t){0});
    front_put_retry(headers, &refusal);
    dialects[0]->refuse(&visit, &refusal);
}
