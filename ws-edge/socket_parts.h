/* socket_parts.h - one connection, as the four files that work on it see it (private).
 *
 * socket.c has its life: adoption, silence, the end.  socket_read.c makes messages of what it says,
 * socket_write.c is the one place that writes, socket_pause.c has whom we do not read for a while. */
#ifndef WS_EDGE_SOCKET_PARTS_H
#define WS_EDGE_SOCKET_PARTS_H

#include <sys/queue.h>

#include <libwebsockets.h>

#include "ws-edge/socket.h"
#include "ws-edge/socket_queue.h"

enum { RX_BUFFER_SIZE = 1024 }; /* bytes; most of what an idle connection costs in user space */

typedef enum socket_state { SOCKET_OPEN, SOCKET_CLOSING, SOCKET_CLOSED } socket_state_t;

struct socket {
    TAILQ_ENTRY(socket) in_time; /* in `open` or in `closing` */
    TAILQ_ENTRY(socket) in_dirty;
    TAILQ_ENTRY(socket) in_awaited;
    TAILQ_ENTRY(socket) in_paused;
    TAILQ_ENTRY(socket) in_talking;
    sockets_t *sockets;
    struct lws *wsi;
    void *user;
    peer_t *peer;
    queue_t queue;
    buf_t message;      /* fragments so far */
    uint64_t begun_us;  /* when its first one came; 0: none is under way */
    size_t message_max; /* bytes */
    uint64_t due_us;    /* next look, or the end of the closing */
    uint64_t heard_us;
    uint64_t filled_us; /* when the queue last began to fill, or something was lost */
    uint64_t read_us;   /* if paused: when it is read on */
    uint32_t said;      /* bytes, in about the turn that heard it last */
    uint16_t close_code;
    socket_state_t state;
    bool paused;  /* in reading */
    bool talking; /* has more to say, it seems */
    bool ended;   /* so has the client, though we may not have read that far */
    bool dirty;
    bool waiting; /* for WRITEABLE, which was asked for */
    bool pinged;  /* and nothing heard since */
    bool text;    /* of the message under way */
    bool stream;  /* of events, not a WebSocket */
    bool lossy;   /* something that was queued, or was to be, will never be sent */
};

TAILQ_HEAD(socket_list, socket);

struct sockets {
    loop_t *loop;
    server_options_t options;
    server_events_t events;
    peers_t *peers;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct socket_list open;
    struct socket_list closing;
    struct socket_list dirty;
    struct socket_list awaited; /* whose message is under way, by when it began */
    size_t awaited_bytes;       /* of those messages, so far */
    struct socket_list paused;
    struct socket_list talking;
    socket_t *heard; /* in on_message */
    size_t count;
    uint64_t slow;   /* closed for reading too slowly, so far */
    uint64_t now_us; /* as of the last tick or turn: precise enough for silence */
    body_t *ping;
    body_t *beat;
    gathered_t gathered;        /* output */
    buf_t framed;               /* the same as lws_write wants it */
    const handover_t *adopting; /* while libwebsockets does its handshake */
    bool adopted;
};

/* ---- socket_read.c ---- */

/* A piece of a message; frames arrive in pieces when they straddle reads, too. */
void socket_receive(socket_t *socket, slice_t piece);

/* What has come of a message is forgotten. */
void socket_drop_message(socket_t *socket);

/* It is not read on. */
void socket_stop_talking(socket_t *socket);

/* End those whose message takes too long. */
void sockets_end_slow_messages(sockets_t *sockets);

/* ---- socket_pause.c ---- */

/* Hear what was said, with the pauses that come of it. */
void socket_hear(socket_t *socket, slice_t payload);

/* Read on those whose pause is over. */
void sockets_end_pauses(sockets_t *sockets);

/* Read on, if it is paused. */
void socket_end_pause(socket_t *socket);

/* It is closed: nothing will be read. */
void socket_drop_pause(socket_t *socket);

/* ---- socket_write.c ---- */

/* What is queued will not be sent. */
void socket_lose(socket_t *socket);

/* A connection that cannot be written to ends; libwebsockets notices by itself. */
void socket_cut_off(socket_t *socket);

/* Have the turn's end write what is queued; and no longer. */
void socket_mark_dirty(socket_t *socket);
void socket_clean(socket_t *socket);

/* Write what is queued as far as it goes; true if a write was made. */
bool socket_flush(socket_t *socket);

/* One frame, by the manual of libwebsockets: for its WRITEABLE callback. */
void socket_write_officially(socket_t *socket);

/* From here on nothing is queued, and the peer has `close_ms` for its part. */
void socket_start_closing(socket_t *socket, int code);

#endif
