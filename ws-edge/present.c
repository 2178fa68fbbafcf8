/* present.c - a file that is stored as the reply to a GET.
 *
 * What was uploaded is a stranger's.  A browser shows images, sounds, films and plain
 * text by itself and saves everything else, never guesses another type, and runs nothing
 * of it (a sandbox without a single permission). */
#include "ws-edge/present.h"

#include "ws-edge/etag.h"
#include "ws-edge/magic.h"
#include "ws-edge/range.h"

/* What is kept of a GET's headers until the owner has answered. */
enum { MEMO_FRESH, MEMO_KIND, MEMO_FIRST, MEMO_LAST };

void present_note(visit_t *visit, slice_t id)
{
    const request_t *request = visit->request;
    slice_t wanted = request_header(request, "range"), same = request_header(request, "if-range");
    bool whole = same.ptr != NULL && !etag_names(same, id);
    range_t range = range_read(whole ? (slice_t){0} : wanted);
    visit->memo[MEMO_FRESH] = etag_names(request_header(request, "if-none-match"), id);
    visit->memo[MEMO_KIND] = range.kind;
    visit->memo[MEMO_FIRST] = range.first;
    visit->memo[MEMO_LAST] = range.last;
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

static void s_put_disposition(buf_t *headers, const file_t *file)
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
static void s_put_headers(visit_t *visit, const file_t *file, bool anywhere)
{
    buf_printf(visit->headers, "ETag: \"%.*s\"\r\n", SLICE_ARG(file->id));
    buf_append_text(visit->headers, "Cache-Control: private, no-cache\r\n"
                                    "Accept-Ranges: bytes\r\n"
                                    "Content-Security-Policy: sandbox; default-src 'none'\r\n");
    buf_printf(visit->headers, "Cross-Origin-Resource-Policy: %s\r\n",
               anywhere ? "cross-origin" : "same-site");
}

static void s_give(visit_t *visit, const file_t *file, bool photo, uint64_t first, uint64_t count)
{
    visit->content_type =
        slice_is(file->type, "text/plain") ? SLICE_LIT("text/plain; charset=utf-8") : file->type;
    s_put_disposition(visit->headers, file);
    if (visit->status == 206)
        buf_printf(visit->headers, "Content-Range: bytes %llu-%llu/%llu\r\n",
                   (unsigned long long)first, (unsigned long long)(first + count - 1),
                   (unsigned long long)file->size);
    if (count == 0)
        return;
    give_t *give = arena_new_of(visit->arena, give_t);
    *give = (give_t){photo, file->id, .file_size = file->size, .first = first, .count = count};
    visit->give = give;
}

void present_file(visit_t *visit, const file_t *file, present_t what)
{
    range_t range = {(range_kind_t)visit->memo[MEMO_KIND], visit->memo[MEMO_FIRST],
                     visit->memo[MEMO_LAST]};
    uint64_t first, count;
    s_put_headers(visit, file, what == PRESENT_PORTRAIT);
    if (visit->memo[MEMO_FRESH]) {
        visit->status = 304;
    } else if (!range_fit(&range, file->size, &first, &count)) {
        visit->status = 416;
        buf_printf(visit->headers, "Content-Range: bytes */%llu\r\n",
                   (unsigned long long)file->size);
    } else {
        visit->status = range.kind == RANGE_ALL ? 200 : 206;
        s_give(visit, file, what != PRESENT_FILE, first, count);
    }
}
