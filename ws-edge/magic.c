/* magic.c - media types from content, never from what the sender says.
 *
 * What a browser would run (HTML, SVG, scripts) is text to us and nothing else: it has
 * no row here, so it can never be served as what it claims to be.  A row is some bytes
 * at a place; formats inside a common container have a second such run. */
#include "ws-edge/magic.h"

#include "schema/mem.h"
#include "schema/text.h"

#define BYTES(text)                               \
    {                                             \
        (const uint8_t *)(text), sizeof(text) - 1 \
    }

/* Some bytes at a place; none: always there. */
typedef struct mark {
    size_t at;
    slice_t bytes;
} mark_t;

static const struct {
    mark_t first, second;
    const char *type;
} s_formats[] = {
    {{0, BYTES("\xff\xd8\xff")}, {0}, "image/jpeg"},
    {{0, BYTES("\x89PNG\r\n\x1a\n")}, {0}, "image/png"},
    {{0, BYTES("GIF87a")}, {0}, "image/gif"},
    {{0, BYTES("GIF89a")}, {0}, "image/gif"},
    {{0, BYTES("RIFF")}, {8, BYTES("WEBP")}, "image/webp"},
    {{0, BYTES("RIFF")}, {8, BYTES("WAVE")}, "audio/wav"},
    {{4, BYTES("ftyp")}, {8, BYTES("avif")}, "image/avif"},
    {{4, BYTES("ftyp")}, {8, BYTES("M4A")}, "audio/mp4"},
    {{4, BYTES("ftyp")}, {8, BYTES("qt  ")}, "video/quicktime"},
    {{4, BYTES("ftyp")}, {0}, "video/mp4"},
    {{0, BYTES("\x1a\x45\xdf\xa3")}, {0}, "video/webm"},
    {{0, BYTES("OggS")}, {0}, "audio/ogg"},
    {{0, BYTES("ID3")}, {0}, "audio/mpeg"},
    {{0, BYTES("\xff\xfb")}, {0}, "audio/mpeg"},
    {{0, BYTES("\xff\xf3")}, {0}, "audio/mpeg"},
    {{0, BYTES("\xff\xf2")}, {0}, "audio/mpeg"},
    {{0, BYTES("%PDF-")}, {0}, "application/pdf"},
    {{0, BYTES("PK\x03\x04")}, {0}, "application/zip"},
    {{0, BYTES("PK\x05\x06")}, {0}, "application/zip"},
};

static bool s_has(slice_t head, const mark_t *mark)
{
    slice_t bytes = mark->bytes;
    return bytes.len == 0 || (head.len >= mark->at + bytes.len &&
                              memcmp(head.ptr + mark->at, bytes.ptr, bytes.len) == 0);
}

/* Without the beginning of a character at the end, whose rest was cut off. */
static slice_t s_whole_characters(slice_t head)
{
    size_t len = head.len;
    while (len > 0 && head.len - len < 3 && (head.ptr[len - 1] & 0xc0) == 0x80)
        len--;
    if (len > 0 && head.ptr[len - 1] >= 0xc0)
        return slice_new(head.ptr, len - 1);
    return head;
}

static bool s_is_text(slice_t head, bool whole)
{
    static const char breaks[] = {'\t', '\n', '\r', '\f'};
    if (!whole && !text_valid(head))
        head = s_whole_characters(head);
    for (size_t i = 0; i < head.len; i++)
        if (head.ptr[i] < ' ' && memchr(breaks, head.ptr[i], sizeof breaks) == NULL)
            return false;
    return head.len > 0 && text_valid(head);
}

const char *magic_type(slice_t head, bool whole)
{
    for (size_t i = 0; i < COUNT_OF(s_formats); i++)
        if (s_has(head, &s_formats[i].first) && s_has(head, &s_formats[i].second))
            return s_formats[i].type;
    return s_is_text(head, whole) ? "text/plain" : "application/octet-stream";
}

bool magic_shows(slice_t type)
{
    return slice_starts(type, SLICE_LIT("image/")) || slice_starts(type, SLICE_LIT("audio/")) ||
           slice_starts(type, SLICE_LIT("video/")) || slice_is(type, "text/plain");
}

/* ---- lists ---- */

static bool s_covers(slice_t word, slice_t type)
{
    bool all = word.len > 2 && word.ptr[word.len - 1] == '*' && word.ptr[word.len - 2] == '/';
    if (!all)
        return slice_eq(word, type);
    return type.len >= word.len && memcmp(word.ptr, type.ptr, word.len - 1) == 0;
}

bool magic_listed(slice_t type, slice_t list)
{
    while (list.len > 0) {
        const uint8_t *space = memchr(list.ptr, ' ', list.len);
        size_t len = space != NULL ? (size_t)(space - list.ptr) : list.len;
        if (s_covers(slice_new(list.ptr, len), type))
            return true;
        list = slice_from(list, space != NULL ? len + 1 : len);
    }
    return false;
}
