/* origin.c - origins are compared as texts, as browsers write them (RFC 6454, 6.2). */
#include "ws-edge/origin.h"

#include "schema/mem.h"

enum { LISTED_MAX = 64, ASKED_MAX = 1024 };

struct origins {
    bool here;  /* pages of this machine count */
    char *text; /* what the rows point into */
    slice_t rows[LISTED_MAX];
    size_t count;
};

/* Scheme, host and port of a URL. */
static slice_t s_origin_part(slice_t url)
{
    const uint8_t *host = memmem(url.ptr, url.len, "://", 3);
    if (host == NULL)
        return url;
    size_t from = (size_t)(host - url.ptr) + 3;
    const uint8_t *path = memchr(url.ptr + from, '/', url.len - from);
    return path == NULL ? url : slice_new(url.ptr, (size_t)(path - url.ptr));
}

static void s_add(origins_t *origins, slice_t url)
{
    if (url.len > 0 && origins->count < LISTED_MAX)
        origins->rows[origins->count++] = s_origin_part(url);
}

/* Nothing, or a colon and digits. */
static bool s_is_port(slice_t text)
{
    if (text.len == 0)
        return true;
    if (text.ptr[0] != ':' || text.len < 2 || text.len > 6)
        return false;
    for (size_t i = 1; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return true;
}

static bool s_is_here(slice_t origin)
{
    static const char *const starts[] = {
        "http://localhost",  "https://localhost", "http://127.0.0.1",
        "https://127.0.0.1", "http://[::1]",      "https://[::1]",
    };
    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (slice_starts(origin, slice_of(starts[i])) &&
            s_is_port(slice_from(origin, strlen(starts[i]))))
            return true;
    return false;
}

/* Whoever has no address in the world is being tried out; a server that has one is not asked by
 * a page of whatever else listens on its visitor's machine. */
origins_t *origins_new(const char *public_url, const char *listed)
{
    origins_t *origins = mem_new(origins_t);
    buf_t text = {0};
    bool public = public_url != NULL && *public_url != '\0';
    origins->here = !public || s_is_here(s_origin_part(slice_of(public_url)));
    buf_printf(&text, "%s %s", public_url ? public_url : "", listed ? listed : "");
    origins->text = mem_text((const char *)text.data);
    buf_free(&text);
    char *rest = origins->text;
    for (char *word; (word = strsep(&rest, " ,")) != NULL;)
        s_add(origins, slice_of(word));
    return origins;
}

void origins_destroy(origins_t **origins_p)
{
    if (*origins_p == NULL)
        return;
    mem_free((*origins_p)->text);
    mem_free(*origins_p);
    *origins_p = NULL;
}

slice_t origin_of(const origins_t *origins, const request_t *request)
{
    slice_t origin = request_header(request, "origin");
    bool one = request_header_item(request, "origin", 1).len == 0; /* no browser names two */
    if (!one || origin.len == 0 || origin.len > ORIGIN_SIZE_MAX)
        return (slice_t){0};
    if (origins->here && s_is_here(origin))
        return origin;
    for (size_t i = 0; i < origins->count; i++)
        if (slice_eq(origins->rows[i], origin))
            return origin;
    return (slice_t){0};
}

bool origin_trusts_cookie(const origins_t *origins, const request_t *request)
{
    slice_t site = request_header(request, "sec-fetch-site");
    if (request_header(request, "origin").ptr != NULL)
        return origin_of(origins, request).len > 0;
    return site.ptr == NULL || slice_is(site, "same-origin") || slice_is(site, "none");
}

void origin_put_headers(buf_t *headers, slice_t origin)
{
    buf_append_text(headers, "Vary: Origin\r\n");
    if (origin.len == 0)
        return;
    buf_append_text(headers, "Access-Control-Allow-Origin: ");
    buf_append(headers, origin);
    buf_append_text(headers, "\r\nAccess-Control-Allow-Credentials: true\r\n"
                             "Access-Control-Expose-Headers: Retry-After, ETag, Link, "
                             "Content-Disposition, Content-Range\r\n");
}

void origin_put_preflight(buf_t *headers, const request_t *request)
{
    slice_t asked = request_header(request, "access-control-request-headers");
    buf_append_text(headers,
                    "Access-Control-Allow-Methods: GET, POST, PUT, PATCH, DELETE, OPTIONS\r\n"
                    "Access-Control-Max-Age: 600\r\n");
    if (asked.len == 0 || asked.len > ASKED_MAX)
        return;
    buf_append_text(headers, "Access-Control-Allow-Headers: ");
    buf_append(headers, asked);
    buf_append_text(headers, "\r\n");
}
