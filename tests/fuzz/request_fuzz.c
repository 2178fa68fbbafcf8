/* request_fuzz.c - any bytes, read as the head of an HTTP request.
 *
 * What is taken has a path that a route table may trust: absolute, without a
 * NUL and without a dot segment, or the lone asterisk of OPTIONS (RFC 9112,
 * section 3.2.4); and every question about it ends. */
#include <assert.h>

#include "schema/mem.h"
#include "ws-edge/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_path_is_safe(slice_t path)
{
    assert(path.len > 0 && path.ptr[0] == '/');
    assert(memchr(path.ptr, '\0', path.len) == NULL);
    for (size_t at = 0; at < path.len; at++) {
        if (path.ptr[at] != '/')
            continue;
        slice_t rest = slice_from(path, at);
        assert(!slice_starts(rest, SLICE_LIT("/../")) && !slice_is(rest, "/.."));
        assert(!slice_starts(rest, SLICE_LIT("/./")) && !slice_is(rest, "/."));
    }
}

static void s_ask(const request_t *request)
{
    arena_t *arena = arena_new();
    slice_t value;

    if (request->method != METHOD_OPTIONS || !slice_is(request->path, "*"))
        s_path_is_safe(request->path);
    assert(method_name(request->method) != NULL);
    (void)request_header(request, "authorization");
    (void)request_cookie(request, "session");
    (void)request_header_has(request, "connection", "upgrade");
    if (request_query(request, "token", arena, &value) == ERR_OK)
        assert(memchr(value.ptr, '\0', value.len) == NULL);
    arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    request_t request = {0};
    size_t scanned = 0;
    size_t head = request_head_size(slice_new(data, size), &scanned);

    assert(head <= size);
    if (head == 0)
        return 0;
    uint8_t *path = mem_grow(NULL, head);
    if (request_parse(slice_new(data, head), path, &request) == ERR_OK)
        s_ask(&request);
    mem_free(path);
    return 0;
}
