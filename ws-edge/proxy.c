/* proxy.c - a header is read strictly: it decides whom everything after it is charged to.
 *
 *   1:  PROXY TCP4|TCP6 source destination port port CRLF, or PROXY UNKNOWN … CRLF;
 *       at most 107 bytes
 *   2:  12 bytes of signature, version and command, family and transport, 16 bits of
 *       length, addresses and ports, extensions (which are skipped)
 *
 * A Unix socket's client behind a proxy has no address that means anything here. */
#include "ws-edge/proxy.h"

#include <string.h>

enum {
    TEXT_SIZE_MAX = 107,
    BINARY_HEAD = 16,
    COMMAND_LOCAL = 0x20, /* of version 2 */
    COMMAND_PROXY = 0x21,
    OVER_UNKNOWN = 0x00,
    OVER_TCP4 = 0x11,
    OVER_TCP6 = 0x21,
    OVER_UNIX = 0x31,
    TCP4_SIZE = 12, /* two addresses and two ports */
    TCP6_SIZE = 36,
    UNIX_SIZE = 216,
};

static const slice_t s_text_start = SLICE_LIT("PROXY ");
static const slice_t s_signature = SLICE_LIT("\r\n\r\n\0\r\nQUIT\n");

/* ---- version 1 ---- */

static slice_t s_take_word(slice_t *rest)
{
    const uint8_t *space = memchr(rest->ptr, ' ', rest->len);
    size_t len = space != NULL ? (size_t)(space - rest->ptr) : rest->len;
    slice_t word = slice_new(rest->ptr, len);
    *rest = slice_from(*rest, space != NULL ? len + 1 : len);
    return word;
}

static bool s_is_port(slice_t word)
{
    unsigned port = 0;
    if (word.len == 0 || word.len > 5 || (word.ptr[0] == '0' && word.len > 1))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9')
            return false;
        port = port * 10 + (unsigned)(word.ptr[i] - '0');
    }
    return port <= UINT16_MAX;
}

static bool s_take_address(slice_t *rest, bool ipv4, address_t *ret_address)
{
    slice_t word = s_take_word(rest);
    bool dotted = memchr(word.ptr, ':', word.len) == NULL;
    return address_read(word, ret_address) && dotted == ipv4;
}

/* What stands between "PROXY " and the line's end. */
static bool s_read_line(slice_t line, address_t *ret_source)
{
    address_t destination;
    slice_t family = s_take_word(&line);
    bool ipv4 = slice_is(family, "TCP4");
    if (slice_is(family, "UNKNOWN")) {
        *ret_source = (address_t){0};
        return true;
    }
    if (!ipv4 && !slice_is(family, "TCP6"))
        return false;
    if (!s_take_address(&line, ipv4, ret_source) || !s_take_address(&line, ipv4, &destination))
        return false;
    slice_t port = s_take_word(&line);
    return s_is_port(port) && s_is_port(line);
}

static proxy_state_t s_read_text(slice_t input, proxy_header_t *ret_header)
{
    size_t most = input.len < TEXT_SIZE_MAX ? input.len : TEXT_SIZE_MAX;
    const uint8_t *end = memchr(input.ptr, '\n', most);
    if (end == NULL)
        return most < TEXT_SIZE_MAX ? PROXY_PART : PROXY_BAD;
    ret_header->size = (size_t)(end - input.ptr) + 1;
    if (end[-1] != '\r')
        return PROXY_BAD;
    slice_t line = slice_from(slice_new(input.ptr, ret_header->size - 2), s_text_start.len);
    return s_read_line(line, &ret_header->source) ? PROXY_WHOLE : PROXY_BAD;
}

/* ---- version 2 ---- */

/* How many bytes of addresses there must be; SIZE_MAX for what we do not take. */
static size_t s_addresses_size(uint8_t over)
{
    switch (over) {
    case OVER_UNKNOWN:
        return 0;
    case OVER_TCP4:
        return TCP4_SIZE;
    case OVER_TCP6:
        return TCP6_SIZE;
    case OVER_UNIX:
        return UNIX_SIZE;
    default:
        return SIZE_MAX;
    }
}

static proxy_state_t s_read_binary(slice_t input, proxy_header_t *ret_header)
{
    if (input.len < BINARY_HEAD)
        return PROXY_PART;
    uint8_t command = input.ptr[12], over = input.ptr[13];
    size_t size = (size_t)input.ptr[14] << 8 | input.ptr[15];
    const uint8_t *addresses = input.ptr + BINARY_HEAD;
    if ((command != COMMAND_LOCAL && command != COMMAND_PROXY) ||
        BINARY_HEAD + size > PROXY_SIZE_MAX ||
        (command == COMMAND_PROXY && size < s_addresses_size(over)))
        return PROXY_BAD;
    if (input.len < BINARY_HEAD + size)
        return PROXY_PART;
    ret_header->size = BINARY_HEAD + size;
    ret_header->source = (address_t){0};
    if (command == COMMAND_PROXY && over == OVER_TCP4)
        ret_header->source = address_of_ipv4(addresses);
    if (command == COMMAND_PROXY && over == OVER_TCP6)
        ret_header->source = address_of_ipv6(addresses);
    return PROXY_WHOLE;
}

/* ---- both ---- */

static bool s_begins_as(slice_t input, slice_t start)
{
    size_t len = input.len < start.len ? input.len : start.len;
    return memcmp(input.ptr, start.ptr, len) == 0;
}

proxy_state_t proxy_read(slice_t input, proxy_header_t *ret_header)
{
    if (input.len == 0)
        return PROXY_PART;
    if (s_begins_as(input, s_text_start))
        return s_read_text(input, ret_header);
    if (s_begins_as(input, s_signature))
        return s_read_binary(input, ret_header);
    return PROXY_BAD;
}
