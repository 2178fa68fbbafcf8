/* eio_packet.h - one packet of Engine.IO by itself, for eio.c and eio_payload.c. */
#ifndef WS_EDGE_EIO_PACKET_H
#define WS_EDGE_EIO_PACKET_H

#include "ws-edge/eio.h"

MUST_CHECK err_t eio_packet_read(eio_version_t version, bool binary, slice_t bytes, arena_t *arena,
                                 eio_packet_t *ret_packet);

/* `text`: base64 for what is binary. */
void eio_packet_put(buf_t *out, eio_version_t version, bool text, const eio_packet_t *packet);

#endif
