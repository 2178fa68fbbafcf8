/* native_files.c - the native API's files: in by POST, out by GET (../NATIVE.md).
 *
 * In: the room is asked first (file.offer), the body is taken only if it may be, and
 * the room hears what came (file.add).  Out: the room is asked each time, also before a
 * 304; the id is the content's hash and so its entity tag.
 *
 * What was uploaded is a stranger's.  A browser shows images, sounds, films and plain
 * text by itself and saves everything else, never guesses another type, and runs nothing
 * of it (a sandbox without a single permission). */
#include "ws-edge/dialects/native.h"

#include "ws-edge/etag.h"
#include "ws-edge/fill.h"
#include "ws-edge/magic.h"
#include "ws-edge/range.h"

/* What is kept of a GET's headers until the room has answered. */
enum { MEMO_FRESH, MEMO_KIND, MEMO_FIRST, MEMO_LAST };

/* ---- in ---- */

err_t native_ask_upload(visit_t *visit, answer_t *ret_refusal)
{
    const request_t *request = visit->request;
    if (request_header(request, "content-length").ptr == NULL)
        return ERR_LENGTH_REQUIRED;
    if (request->body_size > LIMIT_UPLOAD) {
        ret_refusal->detail =
            arena_printf(visit->arena, "a file has at most %d bytes", LIMIT_UPLOAD);
        return ERR_TOO_LARGE;
    }
    err_t err = fill_call(visit, ret_refusal);
    if (err != ERR_OK)
        return err;
    file_offer_call_t *offer = arena_new_of(visit->arena, file_offer_call_t);
    *offer = *(const file_offer_call_t *)visit->args;
    offer->size = request->body_size;
    visit->args = offer;
    return ERR_OK;
}

static void s_take_in(visit_t *visit, const file_offered_t *offered)
{
    file_t *file = arena_new_of(visit->arena, file_t);
    file_add_call_t *add = arena_new_of(visit->arena, file_add_call_t);
    *file = (file_t){.name = offered->name, .size = offered->size};
    *add = (file_add_call_t){offered->room, file};
    visit->call = CALL_file_add;
    visit->args = add;
    visit->take_in = true;
}

void native_show_upload(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_file_offer)
        s_take_in(visit, answer->object);
    else
        native_show(visit, answer);
}

/* ---- out ---- */

err_t native_ask_file(visit_t *visit, answer_t *ret_refusal)
{
    const request_t *request = visit->request;
    slice_t wanted = request_header(request, "range"), same = request_header(request, "if-range");
    err_t err = fill_call(visit, ret_refusal);
    if (err == ERR_INVALID) { /* a path that is no id names nothing */
        ret_refusal->detail = (slice_t){0};
        return ERR_NOT_FOUND;
    }
    if (err != ERR_OK)
        return err;
    slice_t id = ((const file_get_call_t *)visit->args)->id;
    bool whole = same.ptr != NULL && !etag_names(same, id);
    range_t range = range_read(whole ? (slice_t){0} : wanted);
    visit->memo[MEMO_FRESH] = etag_names(request_header(request, "if-none-match"), id);
    visit->memo[MEMO_KIND] = range.kind;
    visit->memo[MEMO_FIRST] = range.first;
    visit->memo[MEMO_LAST] = range.last;
    return ERR_OK;
}

/* RFC 8187: what is no letter or digit in three bytes. */
static void s_put_escaped(buf_t *out, slice_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i], lower = byte | 0x20;
        bool plain = (lower >= 'a' && lower <= 'z' && byte < 0x80) || (byte >= '0' && byte <= '9');
        if (plain || byte == '.' || byte == '-' || byte == '_')
            buf_append_byte(out, byte);
        else
            buf_printf(out, "%%%02X", byte);
    }
}

/* For old clients: what cannot stand in a quoted string of ASCII becomes '_'. */
static void s_put_plain(buf_t *out, slice_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        bool inside = byte >= 0x80 && (byte & 0xc0) == 0x80; /* of a character: once is enough */
        bool plain = byte >= ' ' && byte < 0x7f && strchr("\"\\%/", byte) == NULL;
        if (!inside)
            buf_append_byte(out, plain ? byte : '_');
    }
}

void native_put_disposition(buf_t *headers, const file_t *file)
{
    buf_append_text(headers, "Content-Disposition: ");
    buf_append_text(headers, magic_shows(file->type) ? "inline" : "attachment");
    buf_append_text(headers, "; filename=\"");
    s_put_plain(headers, file->name);
    buf_append_text(headers, "\"; filename*=UTF-8''");
    s_put_escaped(headers, file->name);
    buf_append_text(headers, "\r\n");
}

/* Only its reader may keep it, and asks again whether it still is theirs to read. */
static void s_put_headers(visit_t *visit, const file_t *file)
{
    buf_printf(visit->headers, "ETag: \"%.*s\"\r\n", SLICE_ARG(file->id));
    buf_append_text(visit->headers, "Cache-Control: private, no-cache\r\n"
                                    "Accept-Ranges: bytes\r\n"
                                    "Content-Security-Policy: sandbox; default-src 'none'\r\n"
                                    "Cross-Origin-Resource-Policy: same-site\r\n");
}

static void s_give(visit_t *visit, const file_t *file, uint64_t first, uint64_t count)
{
    visit->content_type =
        slice_is(file->type, "text/plain") ? SLICE_LIT("text/plain; charset=utf-8") : file->type;
    native_put_disposition(visit->headers, file);
    if (visit->status == 206)
        buf_printf(visit->headers, "Content-Range: bytes %llu-%llu/%llu\r\n",
                   (unsigned long long)first, (unsigned long long)(first + count - 1),
                   (unsigned long long)file->size);
    if (count == 0)
        return;
    give_t *give = arena_new_of(visit->arena, give_t);
    *give = (give_t){.id = file->id, .file_size = file->size, .first = first, .count = count};
    visit->give = give;
}

void native_show_file(visit_t *visit, const answer_t *answer)
{
    const file_t *file = answer->object;
    range_t range = {(range_kind_t)visit->memo[MEMO_KIND], visit->memo[MEMO_FIRST],
                     visit->memo[MEMO_LAST]};
    uint64_t first, count;
    s_put_headers(visit, file);
    if (visit->memo[MEMO_FRESH]) {
        visit->status = 304;
    } else if (!range_fit(&range, file->size, &first, &count)) {
        visit->status = 416;
        buf_printf(visit->headers, "Content-Range: bytes */%llu\r\n",
                   (unsigned long long)file->size);
    } else {
        visit->status = range.kind == RANGE_ALL ? 200 : 206;
        s_give(visit, file, first, count);
    }
}
