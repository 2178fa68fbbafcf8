#include "schema/text.h"

#include <ctype.h>

static const uint64_t s_ones = UINT64_C(0x0101010101010101);

/* How many bytes at the start are ASCII and not NUL, eight at a time: most of all that is written
 * is, and needs no decoding. */
static size_t s_plain(slice_t text)
{
    size_t len = 0;
    for (uint64_t word; len + sizeof word <= text.len; len += sizeof word) {
        memcpy(&word, text.ptr + len, sizeof word);
        if (((word | (word - s_ones)) & s_ones << 7) != 0)
            break;
    }
    while (len < text.len && text.ptr[len] - 1u < 0x7f)
        len++;
    return len;
}

size_t text_decode(slice_t text, uint32_t *ret_point)
{
    uint8_t first = text.ptr[0];
    size_t len = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (len == 0 || len > text.len || first > 0xf4)
        return 0;

    uint32_t point = len == 1 ? first : first & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((text.ptr[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (text.ptr[i] & 0x3f);
    }
    bool overlong = (len == 3 && point < 0x800) || (len == 4 && point < 0x10000);
    bool surrogate = point >= 0xd800 && point <= 0xdfff;
    if (point == 0 || overlong || surrogate || point > 0x10ffff)
        return 0;
    *ret_point = point;
    return len;
}

bool text_valid(slice_t text)
{
    while (text.len > 0) {
        uint32_t point;
        size_t len = s_plain(text);
        if (len == 0)
            len = text_decode(text, &point);
        if (len == 0)
            return false;
        text = slice_from(text, len);
    }
    return true;
}

/* Bytes that begin no character: 10xxxxxx. */
static size_t s_continuing(uint64_t word)
{
    return (size_t)((word >> 7 & ~(word >> 6) & s_ones) * s_ones >> 56);
}

size_t text_length(slice_t text)
{
    size_t count = text.len, at = 0;
    uint64_t word;
    for (; at + sizeof word <= text.len; at += sizeof word) {
        memcpy(&word, text.ptr + at, sizeof word);
        count -= s_continuing(word);
    }
    for (; at < text.len; at++)
        count -= s_continuing(text.ptr[at]);
    return count;
}

slice_t text_cut(slice_t text, size_t max)
{
    size_t len = 0;
    for (size_t points = 0; len < text.len; len++) {
        bool begins = (text.ptr[len] & 0xc0) != 0x80;
        if (begins && points++ == max)
            break;
    }
    return slice_new(text.ptr, len);
}

/* What is not seen, or not where it stands: controls, spaces other than ' ', what directs
 * the writing, and letters without a shape. */
static bool s_is_hidden(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } rows[] = {
        {0x00000, 0x0001f}, {0x0007f, 0x000a0}, {0x000ad, 0x000ad}, {0x0034f, 0x0034f},
        {0x0061c, 0x0061c}, {0x0115f, 0x01160}, {0x01680, 0x01680}, {0x017b4, 0x017b5},
        {0x0180b, 0x0180f}, {0x02000, 0x0200f}, {0x02028, 0x0202f}, {0x0205f, 0x0206f},
        {0x02800, 0x02800}, {0x03000, 0x03000}, {0x03164, 0x03164}, {0x0feff, 0x0feff},
        {0x0ffa0, 0x0ffa0}, {0x0fff0, 0x0fffb}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (point >= rows[i].first && point <= rows[i].last)
            return true;
    return false;
}

/* A variation selector says how the symbol before it looks; behind a letter it is a
 * difference that nobody sees. */
static bool s_shown_safely(uint32_t point, uint32_t before)
{
    bool selector = point >= 0xfe00 && point <= 0xfe0f;
    bool symbol = (before >= 0x2010 && before < 0x2c00) || before >= 0x1f000;
    bool markup = point < 0x80 && strchr("<>&\"'", (int)point) != NULL;
    return !s_is_hidden(point) && !markup && (!selector || symbol);
}

bool text_nameable(slice_t text)
{
    if (text.len == 0 || text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ')
        return false;
    for (uint32_t point, before = 0; text.len > 0; before = point) {
        size_t len = text_decode(text, &point);
        if (len == 0 || !s_shown_safely(point, before))
            return false;
        text = slice_from(text, len);
    }
    return true;
}

bool text_is_uuid(slice_t text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t at = 0;
    if (text.len != sizeof form - 1)
        return false;
    while (at < text.len &&
           (form[at] == '-'
                ? text.ptr[at] == '-'
                : text.ptr[at] != '\0' && strchr("0123456789abcdef", text.ptr[at]) != NULL))
        at++;
    return at == text.len;
}

void text_lower(slice_t text, uint8_t *to)
{
    for (size_t i = 0; i < text.len; i++)
        to[i] = text.ptr[i] < 0x80 ? (uint8_t)tolower(text.ptr[i]) : text.ptr[i];
}

bool text_number(slice_t text, size_t digits_max, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (text.len == 0 || text.len > digits_max)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *ret_number = number;
    return true;
}
