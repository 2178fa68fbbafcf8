/* prepare.c - what a request says, put into a call.
 *
 * To read pictures in a body of megabytes takes a tenth of a second, in which nobody else
 * would be served.  So such a request is copied, and read by its dialect on a pool's thread:
 * a dialect has no state but its visit's, so it need not know.  What only the edge's own
 * thread may do comes before and after.
 *
 *     credential (pool) ──► who is that? ──► the first call (pool) ──► the errand goes on
 *
 * So much may be read at once, in bytes of bodies; what is more is refused. */
#include "ws-edge/prepare.h"

#include "ws-edge/answer.h"
#include "ws-edge/fill.h"
#include "ws-edge/param.h"
#include "ws-edge/portrait.h"

enum { LONG_BODY = 64 * 1024, READ_BYTES_MAX = 64 * 1024 * 1024 };

/* A request whose credential is looked for elsewhere. */
typedef struct search {
    errand_t *errand;
    hold_t *hold;
    badge_t badge;
    serve_fn *serve;
} search_t;

/* A request that is read elsewhere. */
typedef struct reading {
    errand_t *errand;
    hold_t *hold;
    visit_t visit;
    answer_t refusal;
    err_t err;
    buf_t headers;
    buf_t body;
} reading_t;

/* ---- by its dialect ---- */

/* The caller frees visit->json. */
static err_t s_read_body(const errand_t *errand, visit_t *visit)
{
    const request_t *request = visit->request;
    if (errand->route->deaf)
        return ERR_OK;
    if (!errand->dialect->forms || !param_is_form(request))
        return request->body.len > 0 ? json_parse(request->body, &visit->json) : ERR_OK;
    visit->form = request->body;
    return param_check_form(visit->form, visit->arena);
}

/* Anything but a visit is only looked at here. */
static err_t s_read(const errand_t *errand, visit_t *visit, answer_t *ret_refusal)
{
    const call_type_t *type = call_type(errand->route->call);
    err_t err = s_read_body(errand, visit);
    *ret_refusal = answer_refuse(type, err == ERR_OK ? ERR_OK : ERR_MALFORMED, NULL);
    if (err != ERR_OK)
        return ERR_MALFORMED;
    return errand->route->ask != NULL ? errand->route->ask(visit, ret_refusal)
                                      : fill_call(visit, ret_refusal);
}

/* ---- by the edge ---- */

/* What the id says if it is a link's for this purpose; else nothing. */
static account_link_t s_link(const edge_t *edge, slice_t id, purpose_t purpose)
{
    account_link_t link = {0};
    err_t err = token_check_link(edge->mint, id, purpose, link_time(), edge->arena, &link);
    return err == ERR_OK ? link : (account_link_t){0};
}

/* Fields of a link, or of a photo's address, that no client can set are read from what was
 * signed here.  Whether it is still good the actor says, of a forged one too: all are refused
 * in the same words. */
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
    } else if (visit->call == CALL_notification_unsubscribe) {
        notification_unsubscribe_call_t *args =
            arena_new_of(edge->arena, notification_unsubscribe_call_t);
        *args = *(const notification_unsubscribe_call_t *)visit->args;
        args->account = s_link(edge, args->id, purpose_DIGEST).account;
        visit->args = args;
    } else if (visit->call == CALL_photo_show) {
        photo_show_call_t *args = arena_new_of(edge->arena, photo_show_call_t);
        *args = *(const photo_show_call_t *)visit->args;
        portrait_open(edge->mint, args, edge->arena);
        visit->args = args;
    }
}

static void s_go_on(errand_t *errand, visit_t *visit, err_t err, answer_t *refusal)
{
    if (err == ERR_OK && visit->call != 0) {
        s_read_link(errand->edge, visit);
        fill_missing_device(visit);
    }
    if (err != ERR_OK) {
        refusal->status = err;
        errand_refuse(errand, visit, refusal);
    }
    errand_go_on(errand, visit);
}

/* ---- elsewhere ---- */

bool prepare_is_long(const route_t *route, const request_t *request)
{
    return route->pictures && request->body.len > LONG_BODY;
}

static bool s_fits(const edge_t *edge, const request_t *request)
{
    return edge->reading_bytes + request->body.len <= READ_BYTES_MAX;
}

static void s_search(void *ctx)
{
    search_t *search = ctx;
    search->badge.err = search->errand->dialect->credential(
        &search->hold->request, search->hold->arena, &search->badge.token);
}

static void s_on_searched(void *ctx)
{
    search_t *search = ctx;
    const hold_t *hold = search->hold;
    edge_t *edge = search->errand->edge;
    edge->reading_bytes -= hold->request.body.len;
    arena_reset(edge->arena);
    search->serve(search->errand, &hold->request, hold->params, &search->badge);
    hold_destroy(&search->hold);
    mem_free(search);
}

bool prepare_badge(errand_t *errand, const request_t *request, const slice_t *params,
                   serve_fn *serve)
{
    edge_t *edge = errand->edge;
    if (!s_fits(edge, request))
        return false;
    search_t *search = mem_new(search_t);
    edge->reading_bytes += request->body.len;
    search->errand = errand;
    search->hold = hold_new(request, params);
    search->serve = serve;
    loop_work(edge->loop, s_search, s_on_searched, search);
    return true;
}

static void s_work(void *ctx)
{
    reading_t *reading = ctx;
    reading->err = s_read(reading->errand, &reading->visit, &reading->refusal);
}

static void s_on_worked(void *ctx)
{
    reading_t *reading = ctx;
    edge_t *edge = reading->errand->edge;
    const json_node_t *json = reading->visit.json;
    edge->reading_bytes -= reading->hold->request.body.len;
    arena_reset(edge->arena);
    visit_t begun = errand_visit(reading->errand);
    buf_append(begun.headers, buf_slice(&reading->headers));
    buf_append(begun.body, buf_slice(&reading->body));
    reading->visit.headers = begun.headers;
    reading->visit.body = begun.body;
    s_go_on(reading->errand, &reading->visit, reading->err, &reading->refusal);
    json_free(&json);
    hold_destroy(&reading->hold);
    buf_free(&reading->headers);
    buf_free(&reading->body);
    mem_free(reading);
}

static void s_read_elsewhere(errand_t *errand, const request_t *request, const slice_t *params)
{
    edge_t *edge = errand->edge;
    reading_t *reading = mem_new(reading_t);
    edge->reading_bytes += request->body.len;
    reading->errand = errand;
    reading->hold = hold_new(request, params);
    reading->visit = errand_visit(errand);
    reading->visit.request = &reading->hold->request;
    reading->visit.params = reading->hold->params;
    reading->visit.arena = reading->hold->arena;
    reading->visit.headers = &reading->headers;
    reading->visit.body = &reading->body;
    loop_work(edge->loop, s_work, s_on_worked, reading);
}

void prepare(errand_t *errand, const request_t *request, const slice_t *params)
{
    bool is_long = prepare_is_long(errand->route, request);
    answer_t refusal = answer_refuse(call_type(errand->route->call), ERR_UNAVAILABLE, NULL);
    if (is_long && s_fits(errand->edge, request)) {
        s_read_elsewhere(errand, request, params);
        return;
    }
    visit_t visit = errand_visit(errand);
    visit.request = request;
    visit.params = params;
    err_t err = is_long ? ERR_UNAVAILABLE : s_read(errand, &visit, &refusal);
    const json_node_t *json = visit.json;
    s_go_on(errand, &visit, err, &refusal);
    json_free(&json);
}
