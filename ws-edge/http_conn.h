/* http_conn.h - one HTTP connection, as the files that work on it see it.
 *
 * http.c keeps the set: states, deadlines, replies, writing.  http_read.c takes
 * requests off a connection's input and hands them to their handlers; http_pieces.c
 * has large bodies pass through. */
#ifndef WS_EDGE_HTTP_CONN_H
#define WS_EDGE_HTTP_CONN_H

#include <sys/queue.h>

#include "ws-edge/http.h"

enum { CONN_READ_SIZE = PIECE_SIZE }; /* bytes read at once, and of http_t's scratch */

typedef enum conn_state {
    CONN_IDLE,
    CONN_HEAD,
    CONN_BODY,
    CONN_ANSWER,
    CONN_PIECE,
    CONN_SOURCE,
    CONN_WRITE,
    CONN_LINGER,
    CONN_PAUSE,
    CONN_STATE_COUNT_
} conn_state_t;

typedef struct conn {
    TAILQ_ENTRY(conn) in_state;
    TAILQ_ENTRY(conn) in_dirty;
    http_t *http;
    watch_t *watch;
    peer_t *peer;
    uint64_t due_us;
    buf_t input;
    size_t scanned; /* of the input, in the search for the end of a head */
    size_t needed;  /* bytes of input that make the request whole; 0: not known yet */
    buf_t output;
    size_t sent;        /* of the output */
    size_t held;        /* of the output, as far as http_t counts it */
    size_t expected;    /* bytes of a body in pieces that were not handed on yet */
    uint64_t whole_us;  /* when all of that has to be there */
    size_t owed;        /* bytes of a reply's body that exchange_write has still to bring */
    piece_call_t piece; /* waits for the next piece, or NULL */
    taken_call_t taken; /* waits for the output to leave, or NULL */
    void *stream_ctx;   /* of either */
    exchange_t exchange;
    int fd;
    conn_state_t state;
    bool dirty;  /* in the list of those with something to write or to read on */
    bool last;   /* close after the output */
    bool rude;   /* close by way of LINGER: unread input is likely */
    bool pauses; /* before it is read again */
    bool keep_alive;
    bool head_only;
    bool asks_first; /* `Expect: 100-continue`, of a body in pieces */
    sender_t sender; /* at its other end: the client, or a proxy */
} conn_t;

TAILQ_HEAD(conn_list, conn);

struct http {
    loop_t *loop;
    server_options_t options;
    server_events_t events;
    peers_t *peers;
    sockets_t *sockets;
    const trust_t *trust;
    struct conn_list states[CONN_STATE_COUNT_];
    size_t counts[CONN_STATE_COUNT_];
    uint64_t allowed_us[CONN_STATE_COUNT_]; /* 0: no deadline */
    struct conn_list dirty;
    conn_t **slots;
    uint32_t slot_count;
    uint32_t *free_slots; /* a stack */
    uint32_t free_count;
    uint32_t turn;       /* distinguishes the exchanges of a slot */
    size_t awaited;      /* bytes of requests whose bodies are on their way */
    size_t awaited_huge; /* those of them that are huge */
    size_t held;         /* bytes of replies that clients have not taken */
    bool draining;
    conn_t *heard;     /* in on_request */
    request_t request; /* of the callback that is running */
    sender_t sender;   /* of that request */
    char address[ADDRESS_TEXT_SIZE];
    uint8_t *path;
    uint8_t *scratch;
    buf_t error_headers;
    buf_t error_body;
};

/* ---- http.c ---- */

/* Move to a state, and to the end of its list of deadlines. */
void conn_enter(conn_t *conn, conn_state_t state);

/* Release all but the descriptor and the peer. */
void conn_release(conn_t *conn);

/* Release, and close. */
void conn_close(conn_t *conn);

/* Have the turn's end write the output and go on with the input. */
void conn_mark_dirty(conn_t *conn);

/* Whose turn this is, in any state; NULL if it is over. */
conn_t *conn_find(const http_t *http, exchange_t exchange);

void conn_answer(conn_t *conn, const response_t *reply);

/* The reply to what no handler shall see; its body lives until the next one. */
response_t conn_error_reply(http_t *http, err_t err, const request_t *request);

/* Answer with an error and end the connection: where its next request would begin is
 * not known. */
void conn_refuse(conn_t *conn, err_t err, const request_t *request);

/* ---- http_pieces.c ---- */

/* A body of that size comes in pieces. */
void conn_expect_pieces(conn_t *conn, size_t size);

/* In PIECE: hand a piece on, if it has come. */
void conn_take_piece(conn_t *conn);

/* All output has left: tell who waits for that. */
void conn_taken(conn_t *conn);

/* Tell who waits for anything that it does not come. */
void conn_abandon(conn_t *conn);

/* ---- http_read.c ---- */

/* Its request's body is awaited no more. */
void conn_expect_nothing(conn_t *conn);

/* Take in what the kernel has; may close the connection or hand it over. */
void conn_read(conn_t *conn);

/* Serve the requests that lie in the input, as long as their replies come at once. */
void conn_advance(conn_t *conn);

#endif
