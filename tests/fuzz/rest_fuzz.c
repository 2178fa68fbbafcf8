/* rest_fuzz.c - any bytes, as a request to the routes of all dialects.
 *
 * What is asked keeps the schema's bounds; what is refused says why, in JSON. */
#include <assert.h>

#include "ws-edge/dialect.h"
#include "ws-edge/fill.h"
#include "ws-edge/param.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_expect_json(const buf_t *body)
{
    const json_node_t *json = NULL;
    assert(json_parse(buf_slice(body), &json) == ERR_OK);
    json_free(&json);
}

static void s_refuse(const dialect_t *dialect, visit_t *visit, const answer_t *refusal)
{
    dialect->refuse(visit, refusal);
    assert(visit->status >= 200 && visit->status < 600);
    s_expect_json(visit->body);
}

static void s_ask(const dialect_t *dialect, visit_t *visit)
{
    const call_type_t *type = call_type(visit->route->call);
    answer_t refusal = {.type = type};
    fault_t fault;
    err_t err =
        visit->route->ask != NULL ? visit->route->ask(visit, &refusal) : fill_call(visit, &refusal);
    refusal.status = err;
    if (err != ERR_OK)
        s_refuse(dialect, visit, &refusal);
    else if (visit->call == 0 && visit->give == NULL)
        s_expect_json(visit->body); /* it needs to ask nobody */
    else if (visit->call != 0)
        assert(codec_check(call_type(visit->call)->shape(), visit->args, &fault) == ERR_OK);
}

static void s_try_route(const dialect_t *dialect, const route_t *route, const request_t *request,
                        const json_node_t *json)
{
    slice_t params[ROUTE_PARAMS_MAX] = {0}, token;
    buf_t headers = {0}, body = {0};
    if (!route_matches(route, request->path, params))
        return;
    arena_t *arena = arena_new();
    visit_t visit = {
        .route = route,
        .request = request,
        .params = params,
        .json = json,
        .form = json == NULL ? request->body : (slice_t){0},
        .who = {.account = 7, .session = 70},
        .arena = arena,
        .headers = &headers,
        .body = &body,
    };
    (void)dialect->credential(request, arena, &token);
    s_ask(dialect, &visit);
    arena_destroy(&arena);
    buf_free(&headers);
    buf_free(&body);
}

static bool s_may_be_form(const request_t *request)
{
    arena_t *arena = arena_new();
    bool may = param_is_form(request) && param_check_form(request->body, arena) == ERR_OK;
    arena_destroy(&arena);
    return may;
}

static void s_try(const request_t *request)
{
    const json_node_t *json = NULL;
    bool form = s_may_be_form(request);
    if (!form && request->body.len > 0 && json_parse(request->body, &json) != ERR_OK)
        return;
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        for (size_t row = 0; row < dialects[i]->route_count; row++)
            if (dialects[i]->forms || !form)
                s_try_route(dialects[i], &dialects[i]->routes[row], request, json);
    json_free(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    request_t request = {0};
    size_t scanned = 0;
    slice_t input = slice_new(data, size);
    size_t head = request_head_size(input, &scanned);
    if (head == 0)
        return 0;
    uint8_t *path = mem_grow(NULL, head);
    if (request_parse(slice_new(data, head), path, &request) == ERR_OK) {
        request.body = slice_from(input, head);
        s_try(&request);
    }
    mem_free(path);
    return 0;
}
