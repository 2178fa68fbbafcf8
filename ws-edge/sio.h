/* sio.h - Socket.IO's packets, as messages of Engine.IO carry them.
 *
 *     <type>[<attachments>-][<namespace>,][<ack id>][JSON]
 *
 * A codec: it knows no socket and no session.  Clients 2.x speak it over EIO 3, clients
 * from 3.x on over EIO 4, and they differ in how a namespace is joined and refused. */
#ifndef WS_EDGE_SIO_H
#define WS_EDGE_SIO_H

#include "schema/json.h"
#include "ws-edge/eio.h"

/* SIO(identifier): a packet's type is its place here.  ERROR is CONNECT_ERROR in EIO 4. */
#define SIO_TYPES(SIO) \
    SIO(CONNECT)       \
    SIO(DISCONNECT)    \
    SIO(EVENT)         \
    SIO(ACK)           \
    SIO(ERROR)         \
    SIO(BINARY_EVENT)  \
    SIO(BINARY_ACK)

typedef enum sio_type {
#define SIO(id) SIO_##id,
    SIO_TYPES(SIO)
#undef SIO
        SIO_COUNT_
} sio_type_t;

enum {
    SIO_ATTACHMENTS_MAX = 16,     /* of one packet */
    SIO_NAMESPACE_SIZE_MAX = 256, /* bytes, with its query */
};

typedef struct sio_packet {
    sio_type_t type;
    unsigned attachments; /* of the two binary types, otherwise 0 */
    slice_t nsp;          /* the namespace, "/" or "/name"; never empty */
    slice_t query;        /* behind its '?'; the zero slice if there is none */
    bool has_id;          /* ACK: of the event it answers; EVENT: it wants an answer */
    uint64_t id;          /* up to 2^53 - 1 */
    slice_t data;         /* JSON; the zero slice if there is none */
} sio_packet_t;

bool sio_is_binary(sio_type_t type);

/* ---- reading ---- */

/* Read the header; `data` is what is left, unread: it begins as an array, an object or a
 * text does, and may be no JSON all the same.  ERR_MALFORMED, and ERR_TOO_LARGE for
 * more attachments or a longer namespace than there may be. */
MUST_CHECK err_t sio_read(slice_t text, sio_packet_t *ret_packet);

/* Read the data of a packet, as its type asks for it; *ret_data is the caller's to free,
 * and NULL where there is none.  An event's first item is its name, a text that is not
 * reserved, or a number.  In a binary packet each attachment has just one place. */
MUST_CHECK err_t sio_data_read(eio_version_t version, const sio_packet_t *packet,
                               const json_node_t **ret_data);

/* The attachment whose place this is: `{"_placeholder":true,"num":N}`. */
bool sio_placeholder(const json_node_t *node, uint64_t *ret_number);

/* ---- a packet and its attachments ---- */

/* What has come of a binary packet; a zeroed one is empty.  It holds no more than was
 * sent, and that is at most EIO_PAYLOAD_MAX. */
typedef struct sio_gather {
    buf_t bytes;                          /* the packet's text, then each attachment */
    size_t ends[SIO_ATTACHMENTS_MAX + 1]; /* where each of them ends */
    unsigned count;                       /* attachments that have come */
    unsigned wanted;                      /* 0: no packet is begun */
} sio_gather_t;

/* Whether attachments are to come: anything else is then malformed. */
bool sio_gather_open(const sio_gather_t *gather);

/* Begin with the text of a packet that was read and has attachments. */
MUST_CHECK err_t sio_gather_begin(sio_gather_t *gather, slice_t text, unsigned attachments);

/* Take the next one.  ERR_MALFORMED if none is to come, ERR_TOO_LARGE. */
MUST_CHECK err_t sio_gather_add(sio_gather_t *gather, slice_t attachment);

/* Of a packet that is complete, until gather_reset. */
slice_t sio_gather_text(const sio_gather_t *gather);
slice_t sio_gather_attachment(const sio_gather_t *gather, uint64_t number);

/* Forget all, free all. */
void sio_gather_reset(sio_gather_t *gather);

/* ---- writing ---- */

void sio_put(buf_t *out, const sio_packet_t *packet);

/* The namespace is joined: its socket's id and, for recovery, its private one; EIO 3
 * says neither, and the zero slice for `pid` leaves that out. */
void sio_connected_put(buf_t *out, eio_version_t version, slice_t nsp, slice_t sid, slice_t pid);

/* The namespace is refused, with a sentence for the application. */
void sio_refused_put(buf_t *out, eio_version_t version, slice_t nsp, slice_t sentence);

/* The place of an attachment within data. */
void sio_placeholder_put(buf_t *out, uint64_t number);

/* `out` ends with an event's array: append the offset to it, as its last argument. */
void sio_offset_put(buf_t *out, slice_t offset);

#endif
