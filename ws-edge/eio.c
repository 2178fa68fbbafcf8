/* eio.c - one packet: a digit for its type and then its data.
 *
 *            text           binary message on WebSocket   binary message as text
 *     EIO 4  <type><data>   <bytes>                       b<base64>
 *     EIO 3  <type><data>   0x04 <bytes>                  b4<base64>
 *
 * The two shapes of the right-hand columns are written by eio_packet_put and read by
 * eio_packet_read, which polling payloads (eio_payload.c) are made of. */
#include "ws-edge/eio_packet.h"

#include <assert.h>

#include "actors/crypto.h"
#include "schema/json.h"
#include "schema/text.h"

static err_t s_base64_read(slice_t text, arena_t *arena, slice_t *ret_bytes)
{
    buf_t bytes = {0};
    err_t err = crypto_base64_read(text, &bytes);
    if (err == ERR_OK)
        *ret_bytes = arena_copy(arena, buf_slice(&bytes));
    buf_free(&bytes);
    return err;
}

/* What follows the 'b'. */
static err_t s_base64_packet_read(eio_version_t version, slice_t text, arena_t *arena,
                                  eio_packet_t *ret_packet)
{
    slice_t bytes;
    if (version == EIO_3) {
        if (!slice_starts(text, SLICE_LIT("4")))
            return ERR_MALFORMED;
        text = slice_from(text, 1);
    }
    err_t err = s_base64_read(text, arena, &bytes);
    if (err == ERR_OK)
        *ret_packet = (eio_packet_t){EIO_MESSAGE, .binary = true, .data = bytes};
    return err;
}

static err_t s_text_read(eio_version_t version, slice_t text, arena_t *arena,
                         eio_packet_t *ret_packet)
{
    if (text.len == 0)
        return ERR_MALFORMED;
    uint8_t first = text.ptr[0];
    slice_t data = slice_from(text, 1);
    if (first == 'b')
        return s_base64_packet_read(version, data, arena, ret_packet);
    if (first < '0' || first >= '0' + EIO_COUNT_ || !text_valid(data))
        return ERR_MALFORMED;
    *ret_packet = (eio_packet_t){(eio_type_t)(first - '0'), .data = data};
    return ERR_OK;
}

static err_t s_bytes_read(eio_version_t version, slice_t bytes, eio_packet_t *ret_packet)
{
    if (version == EIO_3) {
        if (bytes.len == 0 || bytes.ptr[0] != EIO_MESSAGE)
            return ERR_MALFORMED;
        bytes = slice_from(bytes, 1);
    }
    *ret_packet = (eio_packet_t){EIO_MESSAGE, .binary = true, .data = bytes};
    return ERR_OK;
}

err_t eio_packet_read(eio_version_t version, bool binary, slice_t bytes, arena_t *arena,
                      eio_packet_t *ret_packet)
{
    return binary ? s_bytes_read(version, bytes, ret_packet)
                  : s_text_read(version, bytes, arena, ret_packet);
}

void eio_packet_put(buf_t *out, eio_version_t version, bool text, const eio_packet_t *packet)
{
    assert(packet->type < EIO_COUNT_ && (!packet->binary || packet->type == EIO_MESSAGE));
    if (!packet->binary) {
        buf_append_byte(out, (uint8_t)('0' + packet->type));
        buf_append(out, packet->data);
    } else if (text) {
        buf_append_text(out, version == EIO_3 ? "b4" : "b");
        crypto_base64(out, packet->data);
    } else {
        if (version == EIO_3)
            buf_append_byte(out, EIO_MESSAGE);
        buf_append(out, packet->data);
    }
}

err_t eio_frame_read(eio_version_t version, bool binary, slice_t frame, arena_t *arena,
                     eio_packet_t *ret_packet)
{
    if (frame.len > EIO_PAYLOAD_MAX)
        return ERR_TOO_LARGE;
    return eio_packet_read(version, binary, frame, arena, ret_packet);
}

bool eio_frame_put(buf_t *out, eio_peer_t peer, const eio_packet_t *packet)
{
    eio_packet_put(out, peer.version, peer.base64, packet);
    return packet->binary && !peer.base64;
}

void eio_open_put(buf_t *out, const eio_open_t *open)
{
    buf_append_byte(out, '{');
    json_put_key(out, "sid");
    json_put_text(out, open->sid);
    json_put_key(out, "upgrades");
    buf_append_text(out, open->upgrades ? "[\"websocket\"]" : "[]");
    json_put_key(out, "pingInterval");
    json_put_u64(out, open->ping_interval_ms);
    json_put_key(out, "pingTimeout");
    json_put_u64(out, open->ping_timeout_ms);
    json_put_key(out, "maxPayload");
    json_put_u64(out, EIO_PAYLOAD_MAX);
    buf_append_byte(out, '}');
}
