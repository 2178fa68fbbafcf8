/* eio_fuzz.c - any bytes, read as what Engine.IO carries.
 *
 * The first byte chooses the version and the shape.  What is taken is written again for
 * each kind of peer of that version and read again: the same packets. */
#include <assert.h>

#include "ws-edge/eio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_assert_same(const eio_packet_t *a, const eio_packet_t *b)
{
    assert(a->type < EIO_COUNT_ && a->type == b->type);
    assert(a->binary == b->binary && (!a->binary || a->type == EIO_MESSAGE));
    assert(slice_eq(a->data, b->data));
}

static void s_payload_again(eio_peer_t peer, const eio_packets_t *packets, arena_t *arena)
{
    eio_packets_t again = {0};
    buf_t out = {0};
    bool octets = eio_payload_put(&out, peer, packets->items, packets->count);
    err_t err = eio_payload_read(peer.version, octets, buf_slice(&out), arena, &again);
    assert(err == ERR_TOO_LARGE ? out.len > EIO_PAYLOAD_MAX : err == ERR_OK);
    assert(err != ERR_OK || again.count == packets->count);
    for (size_t i = 0; i < again.count; i++)
        s_assert_same(&packets->items[i], &again.items[i]);
    buf_free(&out);
}

static void s_payload(eio_version_t version, bool octets, slice_t payload, arena_t *arena)
{
    eio_packets_t packets = {0};
    if (eio_payload_read(version, octets, payload, arena, &packets) != ERR_OK)
        return;
    assert(packets.count > 0 && packets.count <= EIO_PACKETS_MAX);
    s_payload_again((eio_peer_t){version, false}, &packets, arena);
    s_payload_again((eio_peer_t){version, version == EIO_3}, &packets, arena);
}

static void s_frame(eio_version_t version, bool binary, slice_t frame, arena_t *arena)
{
    eio_packet_t packet, again;
    buf_t out = {0};
    if (eio_frame_read(version, binary, frame, arena, &packet) != ERR_OK)
        return;
    bool now = eio_frame_put(&out, (eio_peer_t){version, false}, &packet);
    err_t err = eio_frame_read(version, now, buf_slice(&out), arena, &again);
    assert(err == ERR_OK);
    s_assert_same(&packet, &again);
    buf_free(&out);
}

static void s_jsonp(slice_t bytes, arena_t *arena)
{
    slice_t payload;
    buf_t out = {0};
    if (eio_jsonp_read(bytes, arena, &payload) != ERR_OK)
        return;
    assert(payload.len <= bytes.len);
    err_t err = eio_jsonp_put(&out, SLICE_LIT("0"), payload);
    assert(err == ERR_OK && slice_starts(buf_slice(&out), SLICE_LIT("___eio[0](\"")));
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    arena_t *arena = arena_new();
    eio_version_t version = data[0] & 1 ? EIO_3 : EIO_4;
    bool binary = data[0] & 2;
    slice_t input = slice_new(data + 1, size - 1);
    if (data[0] & 4)
        s_frame(version, binary, input, arena);
    else
        s_payload(version, binary, input, arena);
    s_jsonp(input, arena);
    arena_destroy(&arena);
    return 0;
}
