/* example_test.c - the dialect that ws-edge/dialects/README.md shows does what is said there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/talker.h"

extern const dialect_t names_dialect;

static err_t s_credential(const request_t *request, arena_t *arena, slice_t *ret_token)
{
    (void)arena;
    *ret_token = request_header(request, "token");
    return ret_token->len > 0 ? ERR_OK : ERR_NOT_FOUND;
}

static void s_show(visit_t *visit, const answer_t *answer)
{
    json_put_text(visit->body, ((const room_t *)answer->object)->name);
}

static void s_refuse(visit_t *visit, const answer_t *refusal)
{
    const err_info_t *info = err_info(refusal->status);
    visit->status = info->status;
    json_put_text(visit->body, slice_of(info->name));
}

static const route_t s_routes[] = {
    {METHOD_GET, "/names/:room", CALL_room_get},
    {METHOD_PUT, "/names/:room", CALL_room_rename},
};

const dialect_t names_dialect = {
    .name = "names",
    .routes = s_routes,
    .route_count = COUNT_OF(s_routes),
    .credential = s_credential,
    .show = s_show,
    .refuse = s_refuse,
};

/* All of a file, NUL-ended. */
static char *s_read(const char *path)
{
    enum { SIZE_MAX_ = 64 * 1024 };
    char *text = mem_grow(NULL, SIZE_MAX_);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, SIZE_MAX_ - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void test_the_page_shows_this_dialect(void **state)
{
    char path[4096];
    const char *tests = strstr(__FILE__, "tests/unit/");
    (void)state;
    assert_non_null(tests);
    snprintf(path, sizeof path, "%.*sws-edge/dialects/README.md", (int)(tests - __FILE__),
             __FILE__);
    char *page = s_read(path), *source = s_read(__FILE__);
    char *code = strstr(page, "```c\n");
    assert_non_null(code);
    code += strlen("```c\n");
    char *end = strstr(code, "```");
    assert_non_null(end);
    *end = '\0';
    assert_non_null(strstr(source, code));
    mem_free(page);
    mem_free(source);
}

static void test_it_names_and_renames_a_room(void **state)
{
    room_t room = {.id = 5, .name = SLICE_LIT("attic")};
    slice_t token;
    (void)state;
    caller_t *caller =
        caller_new(&names_dialect, "PUT /names/5 HTTP/1.1\r\ntoken: t", "{\"name\":\"attic\"}");
    assert_int_equal(names_dialect.credential(&caller->request, caller->arena, &token), ERR_OK);
    assert_true(slice_is(token, "t"));
    caller_expects_call(caller, CALL_room_rename, "{\"room\":5,\"name\":\"attic\"}");
    caller_is_answered(caller, &names_dialect, CALL_room_rename, &room);
    caller_expects_body(caller, 200, "\"attic\"");
    caller_is_refused(caller, &names_dialect, CALL_room_rename, ERR_FORBIDDEN, NULL);
    caller_expects_body(caller, 403, "\"forbidden\"");
    caller_destroy(&caller);
    caller = caller_new(&names_dialect, "GET /names/x HTTP/1.1", NULL);
    caller_expects_body(caller, 404, "\"not_found\"");
    caller_destroy(&caller);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_page_shows_this_dialect),
        cmocka_unit_test(test_it_names_and_renames_a_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
