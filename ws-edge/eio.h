/* eio.h - Engine.IO 3 and 4: packets, and how polling and WebSocket carry them.
 *
 * A codec: no session, no clock, no socket.  What is read points into the input or
 * into the arena.  What a stranger sent is refused with ERR_MALFORMED, and with
 * ERR_TOO_LARGE where only its size is wrong. */
#ifndef WS_EDGE_EIO_H
#define WS_EDGE_EIO_H

#include "schema/arena.h"
#include "schema/buf.h"
#include "schema/err.h"

/* EIO(identifier): a packet's type is its place here. */
#define EIO_TYPES(EIO) \
    EIO(OPEN)          \
    EIO(CLOSE)         \
    EIO(PING)          \
    EIO(PONG)          \
    EIO(MESSAGE)       \
    EIO(UPGRADE)       \
    EIO(NOOP)

typedef enum eio_type {
#define EIO(id) EIO_##id,
    EIO_TYPES(EIO)
#undef EIO
        EIO_COUNT_
} eio_type_t;

typedef enum eio_version { EIO_3 = 3, EIO_4 = 4 } eio_version_t;

enum {
    EIO_PAYLOAD_MAX = 1000000, /* bytes of a polling payload: what `maxPayload` announces */
    EIO_PACKETS_MAX = 1000,    /* of one payload */
    EIO_JSONP_INDEX_MAX = 10,  /* digits of `j` */
};

/* How the other side wants to be spoken to; fixed by its handshake. */
typedef struct eio_peer {
    eio_version_t version;
    bool base64; /* `b64=1`, which only EIO 3 has: binary travels as text, everywhere */
} eio_peer_t;

typedef struct eio_packet {
    eio_type_t type;
    bool binary; /* only messages are; otherwise `data` is well-formed UTF-8 */
    slice_t data;
} eio_packet_t;

/* ---- WebSocket: one packet a frame ---- */

/* `binary` is the frame's kind. */
MUST_CHECK err_t eio_frame_read(eio_version_t version, bool binary, slice_t frame, arena_t *arena,
                                eio_packet_t *ret_packet);

/* Append the frame's content; whether the frame is a binary one. */
bool eio_frame_put(buf_t *out, eio_peer_t peer, const eio_packet_t *packet);

/* ---- polling: any number of packets a payload ---- */

typedef struct eio_packets {
    eio_packet_t *items;
    size_t count; /* at least 1 */
} eio_packets_t;

/* `octets`: the content is application/octet-stream, which only EIO 3 has.  All of it is
 * read or none. */
MUST_CHECK err_t eio_payload_read(eio_version_t version, bool octets, slice_t payload,
                                  arena_t *arena, eio_packets_t *ret_packets);

/* Append the packets as one payload; whether it is application/octet-stream.  A text for
 * EIO 4 has no byte 0x1e, as JSON has none. */
bool eio_payload_put(buf_t *out, eio_peer_t peer, const eio_packet_t *packets, size_t count);

/* ---- the first packet ---- */

typedef struct eio_open {
    slice_t sid;
    bool upgrades; /* to WebSocket: false once it is one */
    unsigned ping_interval_ms;
    unsigned ping_timeout_ms;
} eio_open_t;

/* Append the data of an open packet. */
void eio_open_put(buf_t *out, const eio_open_t *open);

/* ---- JSONP, which only EIO 3 has ---- */

/* Append the script that hands `payload`, a text, to the function number `index`;
 * ERR_MALFORMED unless that is up to EIO_JSONP_INDEX_MAX digits. */
MUST_CHECK err_t eio_jsonp_put(buf_t *out, slice_t index, slice_t payload);

/* The payload in the body of a form: its field `d`, with line feeds as they were. */
MUST_CHECK err_t eio_jsonp_read(slice_t form, arena_t *arena, slice_t *ret_payload);

#endif
