/* param_fuzz.c - any bytes as a form, a query and a JSON body: each parameter is a well-formed
 * text or refused, and what is passed on with a message keeps its bounds and comes back. */
#include <assert.h>

#include "schema/text.h"
#include "ws-edge/extra.h"
#include "ws-edge/param.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const s_known[] = {"a", "id", NULL};

static void s_try_params(const visit_t *visit)
{
    for (size_t i = 0; s_known[i] != NULL; i++) {
        slice_t text;
        uint64_t number;
        if (param_text(visit, s_known[i], &text) == ERR_OK)
            assert(text_valid(text));
        if (param_u64(visit, s_known[i], &number) == ERR_OK)
            assert(number < UINT64_C(1) << 53);
    }
}

static void s_try_extras(const json_node_t *json, arena_t *arena)
{
    const json_node_t *shown = NULL;
    buf_t out = {0};
    slice_t extra = extra_take(json, s_known, arena);
    assert(extra.len <= LIMIT_EXTRA);
    buf_append_byte(&out, '{');
    extra_put(&out, extra, s_known);
    buf_append_byte(&out, '}');
    assert(json_parse(buf_slice(&out), &shown) == ERR_OK);
    assert(json_member(shown, "a") == NULL);
    assert(extra.len == 0 || slice_eq(extra, buf_slice(&out)));
    json_free(&shown);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t input = slice_new(data, size);
    arena_t *arena = arena_new();
    request_t request = {.query = input, .body = input};
    visit_t visit = {.request = &request, .arena = arena};
    s_try_params(&visit);
    if (param_check_form(input, arena) == ERR_OK) {
        visit.form = input;
        s_try_params(&visit);
    }
    if (json_parse(input, &visit.json) == ERR_OK) {
        visit.form = (slice_t){0};
        s_try_params(&visit);
        s_try_extras(visit.json, arena);
    }
    json_free(&visit.json);
    arena_destroy(&arena);
    return 0;
}
