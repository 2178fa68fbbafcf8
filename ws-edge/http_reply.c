/* http_reply.c - a reply as bytes: status line, headers and body in one piece.
 *
 * Head and body lie in one buffer so that they leave in one write: a second write is
 * a second system call and often a second packet. */
#include "ws-edge/http.h"

#include <assert.h>

/* STATUS(code, reason): those that the house answers with. */
#define STATUSES(STATUS)                           \
    STATUS(200, "OK")                              \
    STATUS(201, "Created")                         \
    STATUS(202, "Accepted")                        \
    STATUS(204, "No Content")                      \
    STATUS(206, "Partial Content")                 \
    STATUS(301, "Moved Permanently")               \
    STATUS(302, "Found")                           \
    STATUS(303, "See Other")                       \
    STATUS(304, "Not Modified")                    \
    STATUS(400, "Bad Request")                     \
    STATUS(401, "Unauthorized")                    \
    STATUS(403, "Forbidden")                       \
    STATUS(404, "Not Found")                       \
    STATUS(405, "Method Not Allowed")              \
    STATUS(406, "Not Acceptable")                  \
    STATUS(408, "Request Timeout")                 \
    STATUS(409, "Conflict")                        \
    STATUS(410, "Gone")                            \
    STATUS(411, "Length Required")                 \
    STATUS(412, "Precondition Failed")             \
    STATUS(413, "Content Too Large")               \
    STATUS(415, "Unsupported Media Type")          \
    STATUS(416, "Range Not Satisfiable")           \
    STATUS(422, "Unprocessable Content")           \
    STATUS(426, "Upgrade Required")                \
    STATUS(429, "Too Many Requests")               \
    STATUS(431, "Request Header Fields Too Large") \
    STATUS(500, "Internal Server Error")           \
    STATUS(501, "Not Implemented")                 \
    STATUS(503, "Service Unavailable")             \
    STATUS(504, "Gateway Timeout")                 \
    STATUS(507, "Insufficient Storage")

static const char *s_reason(int status)
{
    switch (status) {
#define STATUS(code, reason) \
    case code:               \
        return reason;
        STATUSES(STATUS)
#undef STATUS
    }
    return "";
}

static void s_append_number(buf_t *output, size_t number)
{
    uint8_t digits[20]; /* 2^64 has as many */
    size_t first = sizeof(digits);
    do {
        digits[--first] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    buf_append(output, slice_new(digits + first, sizeof(digits) - first));
}

/* RFC 9110: these have no body, and no length of one. */
static bool s_bodyless(int status)
{
    return status == 204 || status == 304;
}

static void s_append_body_headers(buf_t *output, const response_t *reply)
{
    size_t size = reply->size > 0 ? reply->size : reply->body.len;
    if (size > 0) {
        buf_append_text(output, "Content-Type: ");
        if (reply->content_type.ptr != NULL)
            buf_append(output, reply->content_type);
        else
            buf_append_text(output, "application/json");
        buf_append_text(output, "\r\nX-Content-Type-Options: nosniff\r\n");
    }
    buf_append_text(output, "Content-Length: ");
    s_append_number(output, size);
    buf_append_text(output, "\r\n");
}

void http_render(buf_t *output, const response_t *reply, bool keep_alive, bool head_only)
{
    int status = reply->status != 0 ? reply->status : 200;
    assert(status >= 200 && status <= 599);
    assert(!s_bodyless(status) || reply->body.len == 0);
    assert(reply->size == 0 || reply->body.len == 0);

    buf_append_text(output, "HTTP/1.1 ");
    s_append_number(output, (size_t)status);
    buf_append_byte(output, ' ');
    buf_append_text(output, s_reason(status));
    buf_append_text(output, "\r\n");
    if (!s_bodyless(status))
        s_append_body_headers(output, reply);
    buf_append(output, reply->headers);
    if (!keep_alive)
        buf_append_text(output, "Connection: close\r\n");
    buf_append_text(output, "\r\n");
    if (!head_only)
        buf_append(output, reply->body);
}

void http_render_stream(buf_t *output, slice_t headers)
{
    buf_append_text(output, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                            "X-Content-Type-Options: nosniff\r\n");
    buf_append(output, headers);
    buf_append_text(output, "Connection: close\r\n\r\n");
}
