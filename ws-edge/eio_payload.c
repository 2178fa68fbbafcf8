/* eio_payload.c - the three shapes of a polling payload.
 *
 *     EIO 4          <packet> 0x1e <packet> …                     binary as base64
 *     EIO 3, text    <length>:<packet><length>:<packet> …         binary as base64
 *     EIO 3, octets  [0 text, 1 binary][length][0xff]<packet> …   only if one is binary
 *
 * A length of the text shape counts UTF-16 units, because JavaScript's strings do; one
 * of the octets counts bytes and has a digit, 0 to 9 and not '0' to '9', a byte.
 * Each shape has a function that takes the next packet off the front of the payload. */
#include "ws-edge/eio_packet.h"

#include <assert.h>

#include "schema/json.h"
#include "schema/text.h"

enum {
    SEPARATOR = 0x1e,
    LENGTH_END = 0xff,
    LENGTH_DIGITS_MAX = 7, /* of EIO_PAYLOAD_MAX */
    PACKET_SIZE_MIN = 2,   /* of a payload that goes on: a packet and what sets it apart */
};

/* ---- reading ---- */

/* A packet's bytes off the front of `*rest`, and whether they are binary. */
typedef err_t s_take_fn(slice_t *rest, bool *ret_binary, slice_t *ret_packet);

static slice_t s_cut(slice_t *rest, size_t len)
{
    slice_t front = slice_new(rest->ptr, len);
    *rest = slice_from(*rest, len);
    return front;
}

/* The separator stands between packets, so that there is one more behind it. */
static err_t s_take_separated(slice_t *rest, bool *ret_binary, slice_t *ret_packet)
{
    const uint8_t *end = memchr(rest->ptr, SEPARATOR, rest->len);
    *ret_binary = false;
    *ret_packet = s_cut(rest, end != NULL ? (size_t)(end - rest->ptr) : rest->len);
    if (end == NULL)
        return ERR_OK;
    s_cut(rest, 1);
    return rest->len > 0 ? ERR_OK : ERR_MALFORMED;
}

/* Decimal digits, `zero` being the byte of the 0, up to the byte `end`. */
static err_t s_take_length(slice_t *rest, uint8_t zero, uint8_t end, size_t *ret_length)
{
    size_t length = 0, digits = 0;
    while (digits < rest->len && rest->ptr[digits] != end) {
        unsigned digit = (unsigned)rest->ptr[digits] - zero;
        if (digit > 9 || ++digits > LENGTH_DIGITS_MAX)
            return ERR_MALFORMED;
        length = length * 10 + digit;
    }
    if (digits == 0 || digits == rest->len)
        return ERR_MALFORMED;
    s_cut(rest, digits + 1);
    *ret_length = length;
    return ERR_OK;
}

/* Bytes of the first `units` UTF-16 units of `text`; ERR_MALFORMED if it has fewer, or if
 * they end within a surrogate pair. */
static err_t s_units_size(slice_t text, size_t units, size_t *ret_size)
{
    size_t size = 0;
    while (units > 0 && size < text.len) {
        uint32_t point;
        size_t len = text_decode(slice_from(text, size), &point);
        size_t wide = len == 4 ? 2 : 1;
        if (len == 0 || wide > units)
            return ERR_MALFORMED;
        size += len;
        units -= wide;
    }
    *ret_size = size;
    return units == 0 ? ERR_OK : ERR_MALFORMED;
}

static err_t s_take_counted(slice_t *rest, bool *ret_binary, slice_t *ret_packet)
{
    size_t units, size;
    err_t err = s_take_length(rest, '0', ':', &units);
    if (err == ERR_OK)
        err = s_units_size(*rest, units, &size);
    if (err != ERR_OK)
        return err;
    *ret_binary = false;
    *ret_packet = s_cut(rest, size);
    return ERR_OK;
}

static err_t s_take_octets(slice_t *rest, bool *ret_binary, slice_t *ret_packet)
{
    size_t size;
    uint8_t kind = s_cut(rest, 1).ptr[0];
    if (kind > 1)
        return ERR_MALFORMED;
    err_t err = s_take_length(rest, 0, LENGTH_END, &size);
    if (err != ERR_OK || size > rest->len)
        return ERR_MALFORMED;
    *ret_binary = kind == 1;
    *ret_packet = s_cut(rest, size);
    return ERR_OK;
}

/* As many as the payload can hold, so that the arena gives no more than is needed. */
static size_t s_room(slice_t payload)
{
    size_t most = payload.len / PACKET_SIZE_MIN + 1;
    return most < EIO_PACKETS_MAX ? most : EIO_PACKETS_MAX;
}

static err_t s_payload_read(eio_version_t version, s_take_fn *take, slice_t rest, arena_t *arena,
                            eio_packets_t *packets)
{
    size_t room = s_room(rest);
    packets->items = arena_alloc(arena, room * sizeof *packets->items);
    while (rest.len > 0) {
        bool binary;
        slice_t packet;
        if (packets->count == room)
            return ERR_TOO_LARGE;
        err_t err = take(&rest, &binary, &packet);
        if (err == ERR_OK)
            err = eio_packet_read(version, binary, packet, arena, &packets->items[packets->count]);
        if (err != ERR_OK)
            return err;
        packets->count++;
    }
    return ERR_OK;
}

err_t eio_payload_read(eio_version_t version, bool octets, slice_t payload, arena_t *arena,
                       eio_packets_t *ret_packets)
{
    eio_packets_t packets = {0};
    s_take_fn *take = version == EIO_4 ? s_take_separated : octets ? s_take_octets : s_take_counted;
    if (payload.len > EIO_PAYLOAD_MAX)
        return ERR_TOO_LARGE;
    if (payload.len == 0 || (octets && version == EIO_4))
        return ERR_MALFORMED;
    err_t err = s_payload_read(version, take, payload, arena, &packets);
    if (err == ERR_OK)
        *ret_packets = packets;
    return err;
}

/* ---- writing ---- */

static size_t s_units(slice_t text)
{
    size_t units = 0;
    for (size_t i = 0; i < text.len; i++) /* a byte that leads counts; one that leads four, twice */
        units += (size_t)((text.ptr[i] & 0xc0) != 0x80) + (size_t)(text.ptr[i] >= 0xf0);
    return units;
}

/* A packet's size stands before it, so it is written apart first. */
static void s_put_counted(buf_t *out, const eio_packet_t *packet)
{
    buf_t text = {0};
    eio_packet_put(&text, EIO_3, true, packet);
    json_put_u64(out, s_units(buf_slice(&text)));
    buf_append_byte(out, ':');
    buf_append(out, buf_slice(&text));
    buf_free(&text);
}

static void s_put_octets(buf_t *out, const eio_packet_t *packet)
{
    buf_append_byte(out, packet->binary);
    size_t at = out->len;
    json_put_u64(out, packet->data.len + 1);
    for (; at < out->len; at++)
        out->data[at] = (uint8_t)(out->data[at] - '0');
    buf_append_byte(out, LENGTH_END);
    eio_packet_put(out, EIO_3, false, packet);
}

static bool s_has_binary(const eio_packet_t *packets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (packets[i].binary)
            return true;
    return false;
}

bool eio_payload_put(buf_t *out, eio_peer_t peer, const eio_packet_t *packets, size_t count)
{
    assert(count > 0);
    bool octets = peer.version == EIO_3 && !peer.base64 && s_has_binary(packets, count);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && peer.version == EIO_4)
            buf_append_byte(out, SEPARATOR);
        if (peer.version == EIO_4)
            eio_packet_put(out, EIO_4, true, &packets[i]);
        else if (octets)
            s_put_octets(out, &packets[i]);
        else
            s_put_counted(out, &packets[i]);
    }
    return octets;
}
