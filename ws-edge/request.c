/* request.c - reading the head of an HTTP/1.1 request (RFC 9112), and looking things up.
 *
 *     head = request-line *( name ":" value CRLF ) CRLF
 *
 * Strict where leniency has made holes elsewhere: lines end in CRLF, names are tokens
 * with the colon right behind them, no folded lines, no control characters, one Host,
 * one Content-Length, and no Transfer-Encoding at all.  Two servers in a row that read
 * a request differently are a smuggler's road; we read it one way or refuse it.
 *
 * The path is decoded once, here.  After that a segment "..", a NUL or an ill-formed
 * UTF-8 sequence is refused, so no one behind has to think of them.
 *
 * Pure functions of bytes: no connection, no clock. */
#include "ws-edge/request.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "schema/text.h"

static const char *const s_methods[] = {
#define METHOD(id) [METHOD_##id] = #id,
    METHODS(METHOD)
#undef METHOD
};

const char *method_name(method_t method)
{
    assert(method < METHOD_COUNT_);
    return s_methods[method];
}

/* ---- pieces ---- */

static bool s_is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* A `tchar` of RFC 9110. */
static bool s_is_token(uint8_t byte)
{
    bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    bool digit = byte >= '0' && byte <= '9';
    return letter || digit || (byte > ' ' && strchr("!#$%&'*+-.^_`|~", byte) != NULL);
}

static bool s_all_token(slice_t text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!s_is_token(text.ptr[i]))
            return false;
    return text.len > 0;
}

static slice_t s_trim(slice_t text)
{
    while (text.len > 0 && s_is_space(text.ptr[0]))
        text = slice_from(text, 1);
    while (text.len > 0 && s_is_space(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

static bool s_same(slice_t text, const char *word)
{
    return text.len == strlen(word) && strncasecmp((const char *)text.ptr, word, text.len) == 0;
}

/* Cut `*rest` at the first `mark`: returns what is before it and leaves what is behind.
 * Without a mark all of it is returned, and `*rest` becomes the zero slice. */
static slice_t s_cut(slice_t *rest, uint8_t mark)
{
    slice_t whole = *rest;
    const uint8_t *at = whole.len > 0 ? memchr(whole.ptr, mark, whole.len) : NULL;

    if (at == NULL) {
        *rest = (slice_t){0};
        return whole;
    }
    size_t before = (size_t)(at - whole.ptr);
    *rest = slice_from(whole, before + 1);
    return slice_new(whole.ptr, before);
}

static int s_hex(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Undo percent escapes (and '+' for a space) into `to`, which has room for text.len. */
static err_t s_decode(slice_t text, bool plus, uint8_t *to, slice_t *ret_plain)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (byte == '%') {
            if (text.len - i < 3)
                return ERR_MALFORMED;
            int high = s_hex(text.ptr[i + 1]), low = s_hex(text.ptr[i + 2]);
            if (high < 0 || low < 0)
                return ERR_MALFORMED;
            byte = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (plus && byte == '+') {
            byte = ' ';
        }
        to[len++] = byte;
    }
    *ret_plain = slice_new(to, len);
    return text_valid(*ret_plain) ? ERR_OK : ERR_MALFORMED;
}

/* ---- looking things up ---- */

slice_t request_header(const request_t *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (s_same(request->headers[i].name, name))
            return request->headers[i].value;
    return (slice_t){0};
}

static size_t s_header_count(const request_t *request, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        if (s_same(request->headers[i].name, name))
            count++;
    return count;
}

slice_t request_header_item(const request_t *request, const char *name, size_t index)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (!s_same(request->headers[i].name, name))
            continue;
        slice_t rest = request->headers[i].value;
        while (rest.len > 0) {
            slice_t item = s_trim(s_cut(&rest, ','));
            if (item.len > 0 && index-- == 0)
                return item;
        }
    }
    return (slice_t){0};
}

bool request_header_has(const request_t *request, const char *name, const char *token)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (!s_same(request->headers[i].name, name))
            continue;
        slice_t rest = request->headers[i].value;
        while (rest.len > 0)
            if (s_same(s_trim(s_cut(&rest, ',')), token))
                return true;
    }
    return false;
}

err_t request_query(const request_t *request, const char *name, arena_t *arena, slice_t *ret_value)
{
    slice_t rest = request->query;

    while (rest.len > 0) {
        slice_t value = s_cut(&rest, '&');
        if (!slice_is(s_cut(&value, '='), name))
            continue;
        return s_decode(value, true, arena_alloc(arena, value.len + 1), ret_value);
    }
    return ERR_NOT_FOUND;
}

err_t request_query_next(slice_t *rest, arena_t *arena, slice_t *ret_name, slice_t *ret_value)
{
    if (rest->len == 0)
        return ERR_NOT_FOUND;
    slice_t value = s_cut(rest, '&');
    slice_t name = s_cut(&value, '=');
    err_t err = s_decode(name, true, arena_alloc(arena, name.len + 1), ret_name);
    if (err == ERR_OK)
        err = s_decode(value, true, arena_alloc(arena, value.len + 1), ret_value);
    return err;
}

static slice_t s_unquoted(slice_t value)
{
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        return slice_new(value.ptr + 1, value.len - 2);
    return value;
}

slice_t request_cookie(const request_t *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (!s_same(request->headers[i].name, "cookie"))
            continue;
        slice_t rest = request->headers[i].value;
        while (rest.len > 0) {
            slice_t value = s_trim(s_cut(&rest, ';'));
            if (slice_is(s_cut(&value, '='), name))
                return s_unquoted(value);
        }
    }
    return (slice_t){0};
}

/* ---- reading a head ---- */

size_t request_head_size(slice_t input, size_t *scanned)
{
    size_t from = *scanned > 3 ? *scanned - 3 : 0;
    *scanned = input.len;
    if (input.len - from < 4)
        return 0;
    const uint8_t *end = memmem(input.ptr + from, input.len - from, "\r\n\r\n", 4);
    return end != NULL ? (size_t)(end - input.ptr) + 4 : 0;
}

/* The next line, without its CRLF; a lone CR or LF, or a control character, is refused. */
static err_t s_line(slice_t *rest, slice_t *ret_line)
{
    slice_t line = s_cut(rest, '\n');
    if (line.len == 0 || line.ptr[line.len - 1] != '\r')
        return ERR_MALFORMED;
    line.len--;
    for (size_t i = 0; i < line.len; i++)
        if ((line.ptr[i] < ' ' && line.ptr[i] != '\t') || line.ptr[i] == 0x7f)
            return ERR_MALFORMED;
    *ret_line = line;
    return ERR_OK;
}

static err_t s_read_method(slice_t word, method_t *ret_method)
{
    for (method_t method = 0; method < METHOD_COUNT_; method++)
        if (slice_is(word, s_methods[method])) {
            *ret_method = method;
            return ERR_OK;
        }
    return s_all_token(word) ? ERR_METHOD_NOT_ALLOWED : ERR_MALFORMED;
}

static bool s_has_dots(slice_t path)
{
    slice_t rest = slice_from(path, 1);
    while (rest.ptr != NULL) {
        slice_t segment = s_cut(&rest, '/');
        if (slice_is(segment, ".") || slice_is(segment, ".."))
            return true;
    }
    return false;
}

/* "http://host/path" is a valid target too; what counts is its path. */
static slice_t s_origin_form(slice_t target)
{
    static const char scheme[] = "http://";
    size_t skip = sizeof(scheme) - 1;
    if (target.len <= skip || strncasecmp((const char *)target.ptr, scheme, skip) != 0)
        return target;
    const uint8_t *path = memchr(target.ptr + skip, '/', target.len - skip);
    return path != NULL ? slice_from(target, (size_t)(path - target.ptr)) : SLICE_LIT("/");
}

static err_t s_read_target(slice_t target, uint8_t *path, request_t *request)
{
    for (size_t i = 0; i < target.len; i++)
        if (target.ptr[i] <= ' ' || target.ptr[i] >= 0x7f)
            return ERR_MALFORMED;
    if (request->method == METHOD_OPTIONS && slice_is(target, "*")) {
        request->path = target;
        return ERR_OK;
    }
    slice_t rest = s_origin_form(target);
    slice_t raw = s_cut(&rest, '?');
    request->query = rest;
    if (raw.len == 0 || raw.ptr[0] != '/')
        return ERR_MALFORMED;
    err_t err = s_decode(raw, false, path, &request->path);
    if (err == ERR_OK && s_has_dots(request->path))
        err = ERR_MALFORMED;
    return err;
}

/* method SP target SP version */
static err_t s_read_first_line(slice_t line, uint8_t *path, request_t *request)
{
    slice_t rest = line;
    slice_t method = s_cut(&rest, ' ');
    slice_t target = s_cut(&rest, ' ');

    request->keep_alive = slice_is(rest, "HTTP/1.1");
    if (!request->keep_alive && !slice_is(rest, "HTTP/1.0"))
        return ERR_MALFORMED;
    err_t err = s_read_method(method, &request->method);
    return err == ERR_OK ? s_read_target(target, path, request) : err;
}

static err_t s_read_header(slice_t line, request_t *request)
{
    slice_t value = line;
    slice_t name = s_cut(&value, ':');

    if (value.ptr == NULL || !s_all_token(name))
        return ERR_MALFORMED;
    if (request->header_count == REQUEST_HEADERS_MAX)
        return ERR_HEADERS_TOO_LARGE;
    request->headers[request->header_count++] = (header_t){name, s_trim(value)};
    return ERR_OK;
}

static err_t s_read_size(slice_t text, size_t *ret_size)
{
    size_t size = 0;

    if (text.len == 0 || text.len > 18) /* more digits than any body of ours has bytes */
        return ERR_MALFORMED;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return ERR_MALFORMED;
        size = size * 10 + (size_t)(text.ptr[i] - '0');
    }
    *ret_size = size;
    return ERR_OK;
}

/* What the headers say about the connection and where the body ends. */
static err_t s_read_framing(request_t *request)
{
    size_t hosts = s_header_count(request, "host");
    size_t sizes = s_header_count(request, "content-length");

    if (hosts > 1 || (hosts == 0 && request->keep_alive) || sizes > 1)
        return ERR_MALFORMED;
    if (s_header_count(request, "transfer-encoding") > 0)
        return ERR_LENGTH_REQUIRED;
    request->keep_alive =
        request->keep_alive && !request_header_has(request, "connection", "close");
    request->upgrade = request->method == METHOD_GET &&
                       request_header_has(request, "upgrade", "websocket") &&
                       request_header_has(request, "connection", "upgrade");
    if (sizes == 0)
        return ERR_OK;
    return s_read_size(request_header(request, "content-length"), &request->body_size);
}

err_t request_parse(slice_t head, uint8_t *path, request_t *ret_request)
{
    slice_t rest = head, line = {0};

    memset(ret_request, 0, offsetof(request_t, headers)); /* the table need not be cleared */
    err_t err = s_line(&rest, &line);
    if (err == ERR_OK)
        err = s_read_first_line(line, path, ret_request);
    while (err == ERR_OK && (err = s_line(&rest, &line)) == ERR_OK && line.len > 0)
        err = s_read_header(line, ret_request);
    return err == ERR_OK ? s_read_framing(ret_request) : err;
}
