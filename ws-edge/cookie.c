#include "ws-edge/cookie.h"

#include <assert.h>
#include <string.h>

void cookie_put(buf_t *headers, const char *name, slice_t value, bool secure)
{
    assert(value.len == 0 || memchr(value.ptr, ';', value.len) == NULL);
    buf_printf(headers, "Set-Cookie: %s=%.*s; Path=/; HttpOnly; SameSite=Lax%s%s\r\n", name,
               SLICE_ARG(value), secure ? "; Secure" : "", value.len > 0 ? "" : "; Max-Age=0");
}

void cookie_give(visit_t *visit, const char *name, slice_t value)
{
    if (visit->sets_cookies)
        cookie_put(visit->headers, name, value, visit->secure);
}
