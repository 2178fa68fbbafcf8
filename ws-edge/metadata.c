/* metadata.c - what shows a picture is copied byte for byte, and nothing else is.
 *
 *   JPEG  segments: JFIF, colour profile, Adobe's colour transform, tables, frames, scans;
 *         of Exif the one number that says which side is up, in a segment of our own
 *   PNG   chunks: those that are critical, and those that change what is seen
 *   GIF   blocks: images, what controls them, and how often they are repeated
 *   WebP  chunks: images, their colour profile, animation
 *
 * It is a list of what stays: where a camera puts a position that nobody here has heard of
 * it goes too, and so does whatever lies behind the picture's end.  Nothing is decoded; a
 * length is held against what is there before it is followed, and each byte is looked at
 * once.  What comes out goes through again unchanged. */
#include "ws-edge/metadata.h"

#include "schema/mem.h"
#include "ws-edge/magic.h"

/* What is left of the picture, and where it goes. */
typedef struct walk {
    slice_t rest;
    buf_t *out;
    bool turned; /* JPEG: which side is up has been said */
} walk_t;

static bool s_begins(slice_t bytes, const char *text, size_t len)
{
    return bytes.len >= len && memcmp(bytes.ptr, text, len) == 0;
}
#define BEGINS(bytes, literal) s_begins(bytes, literal, sizeof(literal) - 1)

/* The next `len` bytes; false if there are fewer. */
static bool s_next(walk_t *walk, size_t len, slice_t *ret_bytes)
{
    if (walk->rest.len < len)
        return false;
    *ret_bytes = slice_new(walk->rest.ptr, len);
    walk->rest = slice_from(walk->rest, len);
    return true;
}

static bool s_copy(walk_t *walk, size_t len)
{
    slice_t bytes;
    if (!s_next(walk, len, &bytes))
        return false;
    buf_append(walk->out, bytes);
    return true;
}

static uint32_t s_big(const uint8_t *bytes, size_t count)
{
    uint32_t number = 0;
    for (size_t i = 0; i < count; i++)
        number = number << 8 | bytes[i];
    return number;
}

static uint32_t s_little(const uint8_t *bytes, size_t count)
{
    uint32_t number = 0;
    for (size_t i = count; i-- > 0;)
        number = number << 8 | bytes[i];
    return number;
}

/* ---- JPEG (ITU T.81, annex B) ---- */

enum {
    JPEG_ALONE = 0x01,
    JPEG_RESTART = 0xd0, /* to 0xd7 */
    JPEG_START = 0xd8,
    JPEG_END = 0xd9,
    JPEG_SCAN = 0xda,
    JPEG_APP = 0xe0, /* to 0xef */
    JPEG_COMMENT = 0xfe,
};

static bool s_is_restart(uint8_t marker)
{
    return (marker & 0xf8) == JPEG_RESTART;
}

/* The tag Orientation of TIFF's first directory, 2 to 8; 0: upright, or not said. */
static uint8_t s_orientation(slice_t tiff)
{
    enum { ENTRY = 12, TAG = 0x0112, SHORT = 3 };
    bool little = BEGINS(tiff, "II*\0");
    if (tiff.len < 8 || (!little && !BEGINS(tiff, "MM\0*")))
        return 0;
    uint32_t (*read)(const uint8_t *, size_t) = little ? s_little : s_big;
    uint32_t at = read(tiff.ptr + 4, 4);
    if (at > tiff.len - 2)
        return 0;
    slice_t entries = slice_from(tiff, at + 2);
    size_t count = read(tiff.ptr + at, 2);
    for (; count > 0 && entries.len >= ENTRY; count--, entries = slice_from(entries, ENTRY)) {
        const uint8_t *entry = entries.ptr;
        uint32_t value = read(entry + 8, 2);
        if (read(entry, 2) == TAG && read(entry + 2, 2) == SHORT && value >= 2 && value <= 8)
            return (uint8_t)value;
    }
    return 0;
}

/* Exif that says which side is up, and nothing more. */
static void s_put_orientation(walk_t *walk, uint8_t orientation)
{
    static const uint8_t before[] = "\xff\xe1\0\x22"
                                    "Exif\0\0MM\0*\0\0\0\x08" /* a directory follows */
                                    "\0\x01\x01\x12\0\x03\0\0\0\x01\0";
    static const uint8_t after[] = "\0\0\0\0\0"; /* and it is the last */
    if (orientation == 0 || walk->turned)
        return;
    walk->turned = true;
    buf_append(walk->out, slice_new(before, sizeof before - 1));
    buf_append_byte(walk->out, orientation);
    buf_append(walk->out, slice_new(after, sizeof after));
}

static bool s_jpeg_stays(uint8_t marker, slice_t content)
{
    if (marker == JPEG_COMMENT)
        return false;
    if (marker < JPEG_APP || marker > JPEG_APP + 0xf)
        return true;
    return (marker == JPEG_APP && BEGINS(content, "JFIF\0")) ||
           (marker == JPEG_APP + 2 && BEGINS(content, "ICC_PROFILE\0")) ||
           (marker == JPEG_APP + 14 && BEGINS(content, "Adobe"));
}

/* What follows a scan's head, up to the next marker that is no restart. */
static void s_copy_scan(walk_t *walk)
{
    slice_t rest = walk->rest;
    size_t len = 0;
    while (len < rest.len) {
        const uint8_t *mark = memchr(rest.ptr + len, 0xff, rest.len - len);
        len = mark != NULL ? (size_t)(mark - rest.ptr) : rest.len;
        if (len + 1 >= rest.len)
            len = rest.len;
        else if (rest.ptr[len + 1] == 0 || s_is_restart(rest.ptr[len + 1]))
            len += 2;
        else if (rest.ptr[len + 1] == 0xff)
            len += 1;
        else
            break;
    }
    (void)s_copy(walk, len);
}

static bool s_segment(walk_t *walk, uint8_t marker)
{
    slice_t segment;
    if (walk->rest.len < 4)
        return false;
    size_t len = s_big(walk->rest.ptr + 2, 2);
    if (len < 2 || !s_next(walk, 2 + len, &segment))
        return false;
    slice_t content = slice_from(segment, 4);
    if (s_jpeg_stays(marker, content))
        buf_append(walk->out, segment);
    else if (marker == JPEG_APP + 1 && BEGINS(content, "Exif\0\0"))
        s_put_orientation(walk, s_orientation(slice_from(content, 6)));
    if (marker == JPEG_SCAN)
        s_copy_scan(walk);
    return true;
}

/* One that breaks off inside a scan is shown as far as it goes. */
static bool s_jpeg(walk_t *walk)
{
    bool scanned = false;
    if (!s_copy(walk, 2))
        return false;
    while (walk->rest.len >= 2 && walk->rest.ptr[0] == 0xff) {
        uint8_t marker = walk->rest.ptr[1];
        if (marker == JPEG_END)
            return s_copy(walk, 2) && scanned;
        if (marker == 0xff) { /* filling */
            walk->rest = slice_from(walk->rest, 1);
            continue;
        }
        bool bare = marker == JPEG_ALONE || s_is_restart(marker);
        if (marker < 2 || marker == JPEG_START || (bare && !s_copy(walk, 2)))
            return false;
        if (!bare && !s_segment(walk, marker))
            return false;
        scanned |= marker == JPEG_SCAN;
    }
    return scanned && walk->rest.len == 0;
}

/* ---- PNG (W3C, third edition) ---- */

static bool s_png_stays(const uint8_t *type)
{
    static const char seen[][5] = {"tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "mDCV",
                                   "cLLI", "sBIT", "pHYs", "bKGD", "acTL", "fcTL", "fdAT"};
    for (size_t i = 0; i < COUNT_OF(seen); i++)
        if (memcmp(type, seen[i], 4) == 0)
            return true;
    return (type[0] & 0x20) == 0; /* critical: nobody can show it without */
}

static bool s_png(walk_t *walk)
{
    enum { HEAD = 8, TYPE_AT = 4, CHECK = 4 };
    bool data = false;
    slice_t chunk;
    if (!s_copy(walk, 8) || walk->rest.len < HEAD ||
        memcmp(walk->rest.ptr + TYPE_AT, "IHDR", 4) != 0)
        return false;
    while (walk->rest.len >= HEAD) {
        uint64_t size = s_big(walk->rest.ptr, 4);
        if (size > walk->rest.len || !s_next(walk, HEAD + size + CHECK, &chunk))
            return false;
        const uint8_t *type = chunk.ptr + TYPE_AT;
        if (s_png_stays(type))
            buf_append(walk->out, chunk);
        if (memcmp(type, "IEND", 4) == 0)
            return data;
        data |= memcmp(type, "IDAT", 4) == 0;
    }
    return false;
}

/* ---- GIF (89a) ---- */

enum { GIF_IMAGE = ',', GIF_EXTENSION = '!', GIF_END = ';', GIF_CONTROL = 0xf9, GIF_APP = 0xff };

/* A table of colours, where the flags of a head say that there is one. */
static size_t s_table_size(uint8_t flags)
{
    return (flags & 0x80) != 0 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/* Bytes of the blocks at a place up to the empty one; 0 if they do not end. */
static size_t s_blocks_size(slice_t rest)
{
    size_t len = 0;
    while (len < rest.len && rest.ptr[len] != 0)
        len += (size_t)1 + rest.ptr[len];
    return len < rest.len ? len + 1 : 0;
}

static bool s_image(walk_t *walk)
{
    enum { HEAD = 10, FLAGS_AT = 9 };
    if (walk->rest.len < HEAD || !s_copy(walk, HEAD + s_table_size(walk->rest.ptr[FLAGS_AT]) + 1))
        return false;
    size_t size = s_blocks_size(walk->rest);
    return size > 0 && s_copy(walk, size);
}

static bool s_extension(walk_t *walk)
{
    slice_t extension;
    size_t size = walk->rest.len > 2 ? s_blocks_size(slice_from(walk->rest, 2)) : 0;
    if (size == 0 || !s_next(walk, 2 + size, &extension))
        return false;
    slice_t name = slice_from(extension, 2);
    bool repeats = BEGINS(name, "\x0bNETSCAPE2.0") || BEGINS(name, "\x0b"
                                                                   "ANIMEXTS1.0");
    uint8_t label = extension.ptr[1];
    if (label == GIF_CONTROL || (label == GIF_APP && repeats))
        buf_append(walk->out, extension);
    return true;
}

static bool s_gif(walk_t *walk)
{
    enum { HEAD = 13, FLAGS_AT = 10 };
    bool shown = false, whole = true;
    if (walk->rest.len < HEAD || !s_copy(walk, HEAD + s_table_size(walk->rest.ptr[FLAGS_AT])))
        return false;
    while (whole && walk->rest.len > 0 && walk->rest.ptr[0] != GIF_END) {
        bool image = walk->rest.ptr[0] == GIF_IMAGE;
        whole = image ? s_image(walk) : walk->rest.ptr[0] == GIF_EXTENSION && s_extension(walk);
        shown |= image;
    }
    return whole && shown && s_copy(walk, 1);
}

/* ---- WebP (RFC 9649) ---- */

enum { RIFF_HEAD = 12, RIFF_SIZE_AT = 4, RIFF_CHUNK = 8, WEBP_EXIF = 0x08, WEBP_XMP = 0x04 };

static bool s_webp_stays(slice_t chunk)
{
    static const char seen[][5] = {"VP8 ", "VP8L", "VP8X", "ICCP", "ANIM", "ANMF", "ALPH"};
    for (size_t i = 0; i < COUNT_OF(seen); i++)
        if (s_begins(chunk, seen[i], 4))
            return true;
    return false;
}

/* The flags in front say what is there. */
static void s_copy_chunk(walk_t *walk, slice_t chunk)
{
    size_t at = walk->out->len;
    buf_append(walk->out, chunk);
    if (BEGINS(chunk, "VP8X") && chunk.len > RIFF_CHUNK)
        walk->out->data[at + RIFF_CHUNK] &= (uint8_t) ~(WEBP_EXIF | WEBP_XMP);
}

static bool s_webp(walk_t *walk)
{
    size_t start = walk->out->len;
    slice_t chunk;
    bool shown = false;
    if (!s_copy(walk, RIFF_HEAD))
        return false;
    size_t inside = s_little(walk->out->data + start + RIFF_SIZE_AT, 4);
    if (inside < 4 || inside - 4 > walk->rest.len)
        return false;
    walk->rest.len = inside - 4;
    while (walk->rest.len >= RIFF_CHUNK) {
        uint64_t size = s_little(walk->rest.ptr + 4, 4);
        if (!s_next(walk, RIFF_CHUNK + size + (size & 1), &chunk))
            return false;
        if (s_webp_stays(chunk))
            s_copy_chunk(walk, chunk);
        shown |= BEGINS(chunk, "VP8 ") || BEGINS(chunk, "VP8L") || BEGINS(chunk, "ANMF");
    }
    uint32_t left = (uint32_t)(walk->out->len - start - RIFF_CHUNK);
    for (size_t i = 0; i < 4; i++)
        walk->out->data[start + RIFF_SIZE_AT + i] = (uint8_t)(left >> 8 * i);
    return shown && walk->rest.len == 0;
}

/* ---- any of them ---- */

err_t metadata_strip(slice_t picture, buf_t *out)
{
    static const struct {
        const char *type;
        bool (*walk)(walk_t *walk);
    } formats[] = {
        {"image/jpeg", s_jpeg}, {"image/png", s_png}, {"image/gif", s_gif}, {"image/webp", s_webp}};
    slice_t head =
        slice_new(picture.ptr, picture.len < MAGIC_HEAD_MAX ? picture.len : MAGIC_HEAD_MAX);
    const char *type = magic_type(head, false);
    size_t before = out->len;
    walk_t walk = {.rest = picture, .out = out};
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (strcmp(type, formats[i].type) != 0)
            continue;
        if (formats[i].walk(&walk))
            return ERR_OK;
        out->len = before;
        return ERR_MALFORMED;
    }
    return ERR_UNSUPPORTED_TYPE;
}
