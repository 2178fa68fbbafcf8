/* sio_fuzz.c - any text, read as a packet of Socket.IO, and its data for both versions.
 *
 * The first byte cuts the rest into attachments.  A packet that is taken is written again
 * and read again: the same one, and its second writing is its first. */
#include <assert.h>

#include "ws-edge/sio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void s_write_again(const sio_packet_t *packet)
{
    sio_packet_t again = {0};
    buf_t first = {0}, second = {0};
    sio_put(&first, packet);
    err_t err = sio_read(buf_slice(&first), &again);
    assert(err == ERR_OK && again.type == packet->type);
    assert(again.attachments == packet->attachments && slice_eq(again.nsp, packet->nsp));
    assert(slice_eq(again.query, packet->query) && slice_eq(again.data, packet->data));
    assert(again.has_id == packet->has_id && again.id == packet->id);
    sio_put(&second, &again);
    assert(slice_eq(buf_slice(&first), buf_slice(&second)));
    buf_free(&first);
    buf_free(&second);
}

/* An event with our offset behind it is an event still. */
static void s_append_offset(eio_version_t version, const sio_packet_t *packet)
{
    sio_packet_t again = {0};
    const json_node_t *data = NULL;
    buf_t out = {0};
    sio_packet_t tight = *packet;
    while (tight.data.ptr[tight.data.len - 1] != ']')
        tight.data.len--; /* white space, which we write none of */
    sio_put(&out, &tight);
    sio_offset_put(&out, SLICE_LIT("12"));
    err_t err = sio_read(buf_slice(&out), &again);
    assert(err == ERR_OK);
    err = sio_data_read(version, &again, &data);
    assert(err == ERR_OK && json_count(data) >= 2);
    json_free(&data);
    buf_free(&out);
}

static void s_data(eio_version_t version, const sio_packet_t *packet)
{
    const json_node_t *data = NULL;
    if (sio_data_read(version, packet, &data) != ERR_OK) {
        assert(data == NULL);
        return;
    }
    assert((data != NULL) == (packet->data.ptr != NULL));
    json_free(&data);
    if (packet->type == SIO_EVENT || packet->type == SIO_BINARY_EVENT)
        s_append_offset(version, packet);
}

static void s_gather(const sio_packet_t *packet, slice_t text, size_t piece)
{
    sio_gather_t gather = {0};
    slice_t rest = text;
    err_t err = sio_gather_begin(&gather, text, packet->attachments);
    while (err == ERR_OK && sio_gather_open(&gather)) {
        size_t len = piece < rest.len ? piece : rest.len;
        err = sio_gather_add(&gather, slice_new(rest.ptr, len));
        rest = slice_from(rest, len);
    }
    assert(err == ERR_OK && slice_eq(sio_gather_text(&gather), text));
    slice_t first = sio_gather_attachment(&gather, 0);
    assert(first.len == (piece < text.len ? piece : text.len));
    assert(sio_gather_attachment(&gather, packet->attachments - 1).len <= piece);
    sio_gather_reset(&gather);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    sio_packet_t packet = {0};
    slice_t text = slice_new(data + 1, size - 1);
    if (sio_read(text, &packet) != ERR_OK)
        return 0;
    assert(packet.nsp.len > 0 && packet.nsp.ptr[0] == '/');
    assert(packet.attachments <= SIO_ATTACHMENTS_MAX);
    assert(packet.attachments == 0 || sio_is_binary(packet.type));
    s_write_again(&packet);
    s_data(EIO_3, &packet);
    s_data(EIO_4, &packet);
    if (packet.attachments > 0)
        s_gather(&packet, text, data[0]);
    return 0;
}
