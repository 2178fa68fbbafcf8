/* eio_jsonp.c - polling for browsers that know no cross-origin requests.
 *
 * A payload goes out as an argument in a script, and comes in as a field of a form.
 * Forms change a line feed into two characters, so clients write it as `\n`, and what
 * was `\n` in the packet already as `\\n`. */
#include "ws-edge/eio.h"

#include "schema/json.h"
#include "ws-edge/request.h"

static bool s_is_index(slice_t index)
{
    for (size_t i = 0; i < index.len; i++)
        if (index.ptr[i] < '0' || index.ptr[i] > '9')
            return false;
    return index.len > 0 && index.len <= EIO_JSONP_INDEX_MAX;
}

/* JSON is a literal of JavaScript but for U+2028 and U+2029, which older ones take for
 * the end of a line. */
static void s_put_literal(buf_t *out, slice_t text)
{
    buf_t json = {0};
    json_put_text(&json, text);
    for (slice_t rest = buf_slice(&json); rest.len > 0; rest = slice_from(rest, 1)) {
        bool line = slice_starts(rest, SLICE_LIT("\xe2\x80\xa8"));
        if (!line && !slice_starts(rest, SLICE_LIT("\xe2\x80\xa9"))) {
            buf_append_byte(out, rest.ptr[0]);
            continue;
        }
        buf_append_text(out, line ? "\\u2028" : "\\u2029");
        rest = slice_from(rest, 2);
    }
    buf_free(&json);
}

err_t eio_jsonp_put(buf_t *out, slice_t index, slice_t payload)
{
    if (!s_is_index(index))
        return ERR_MALFORMED;
    buf_append_text(out, "___eio[");
    buf_append(out, index);
    buf_append_text(out, "](");
    s_put_literal(out, payload);
    buf_append_text(out, ");");
    return ERR_OK;
}

/* `to` has room for text.len bytes. */
static slice_t s_line_feeds(slice_t text, uint8_t *to)
{
    size_t len = 0, at = 0;
    while (at < text.len) {
        slice_t rest = slice_from(text, at);
        if (slice_starts(rest, SLICE_LIT("\\\\n"))) {
            to[len++] = '\\';
            to[len++] = 'n';
            at += 3;
        } else if (slice_starts(rest, SLICE_LIT("\\n"))) {
            to[len++] = '\n';
            at += 2;
        } else {
            to[len++] = text.ptr[at++];
        }
    }
    return slice_new(to, len);
}

err_t eio_jsonp_read(slice_t form, arena_t *arena, slice_t *ret_payload)
{
    if (form.len > EIO_PAYLOAD_MAX * 3) /* every byte may be escaped */
        return ERR_TOO_LARGE;
    request_t fields = {.query = form}; /* a form is written as a query is */
    slice_t text;
    err_t err = request_query(&fields, "d", arena, &text);
    if (err == ERR_OK)
        *ret_payload = s_line_feeds(text, arena_alloc(arena, text.len + 1));
    return err == ERR_NOT_FOUND ? ERR_MALFORMED : err;
}
