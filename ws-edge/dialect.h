/* dialect.h - one way of talking to us: a translator and nothing else.
 *
 *   HTTP        request ──ask──> a call ... its answer ──show──> status and body
 *   WebSocket   frame ──frame──> calls  ... their answers ──reply──> frames
 *               a record of the journal ──event──> one frame for all who hear it
 *   Socket.IO   the same, with `utter` in the place of `frame`
 *
 * A dialect sees bytes, its connection's state and the answers to its calls.  It has
 * no socket, clock, store or thread: what it wants done it says through the verbs
 * that it is handed.  So it is tested, fuzzed and replayed alone.
 *
 * A dialect is one file in dialects/ and one row in dialects/dialects.def. */
#ifndef WS_EDGE_DIALECT_H
#define WS_EDGE_DIALECT_H

#include "actors/token.h"
#include "schema/arena.h"
#include "schema/codec.h"
#include "ws-edge/picture.h"
#include "ws-edge/request.h"
#include "ws-edge/route.h"
#include "ws-edge/sio.h"

/* What a call came to.  Fields that the asker may not see are gone already. */
typedef struct answer {
    const call_type_t *type;
    err_t status;
    slice_t detail;         /* of a refusal; zero if there is nothing to add */
    unsigned retry_after_s; /* of ERR_TOO_MANY and ERR_UNAVAILABLE; 0: not said */
    uint64_t as_of;         /* journal sequence that the answer reflects */
    const void *object;     /* of type->answer(); NULL for a refusal */
    slice_t token;          /* of signed_in answers: the token to hand out */
    slice_t shown;          /* what was shown of it before, and still holds; zero: show it */
} answer_t;

/* The dialect that has issued a session, for those that show something else to others' clients. */
typedef enum via { VIA_OTHER = 0, VIA_MATCHA = 1, VIA_PUSHER_CHAT = 2 } via_t;

/* Something that happened, to be shown to all of one kind of receiver. */
typedef struct event {
    const event_type_t *type;
    uint64_t seq; /* journal sequence; 0 for what is not journaled */
    int64_t time; /* µs since 1970 */
    const void *object;
} event_t;

/* ---- HTTP ---- */

enum { VISIT_MEMOS = 4, VISIT_NOTES = 3 };

struct edge;
struct pusher_hub;
struct wire;

/* Bytes of a file that was uploaded. */
typedef struct give {
    bool photo; /* from the shelf of photos */
    slice_t id;
    uint64_t file_size;
    uint64_t first;
    uint64_t count; /* not 0 */
} give_t;

/* One request on its way through a dialect.  `ask` and `show` either set `call` and
 * `args`, for one more call, or leave `call` 0 and have `status` and `body` sent. */
typedef struct visit {
    const route_t *route;
    const request_t *request; /* in `ask` only */
    const slice_t *params;    /* the path's, in `ask` only */
    const json_node_t *json;  /* the body, in `ask` only; NULL without one */
    slice_t form;             /* the body, in `ask` only, if it is a form (param.h) */
    who_t who;
    struct pusher_hub *hub;     /* Pusher's channels on this edge (pusher_hub.h) */
    arena_t *arena;             /* of this callback */
    bool sets_cookies;          /* cookie_give does something */
    bool secure;                /* the client's own connection is TLS */
    slice_t mask;               /* secret for what only has to look like one */
    uint16_t call;              /* call_number_t */
    const void *args;           /* of its shape; in the arena */
    uint64_t memo[VISIT_MEMOS]; /* kept until the visit ends */
    slice_t notes[VISIT_NOTES]; /* the same; copied */
    bool passing;               /* the session that the call opens ends with the visit */
    const picture_t *pictures;  /* that the request came with; set in `ask`, copied */
    size_t picture_count;       /* at most LIMIT_PHOTOS */
    bool hang;                  /* store them before the call is made */
    bool keeps;     /* with room_history: the newest page, which may be `shown` next time */
    bool take_in;   /* with file_add, photo_add: once the body is stored, whose file it is */
    int status;     /* starts as the route's */
    buf_t *headers; /* further lines, each with its CRLF */
    buf_t *body;
    size_t tagged;        /* bytes of `body` that make its entity tag; 0: it has none */
    slice_t content_type; /* zero: JSON */
    const give_t *give;   /* what is sent in place of `body`, or NULL */
} visit_t;

/* ---- connections ---- */

/* What a connection hears. */
typedef enum hearing {
    HEARS_ALL,    /* its account and all of that one's rooms; may resume */
    HEARS_PICKED, /* its account, and the rooms that its dialect asks for */
} hearing_t;

/* What the upgrade asks for. */
typedef struct greeting {
    bool resume; /* send what came after `since` */
    uint64_t since;
    bool from_now; /* resume from the moment of the handshake */
    uint64_t note; /* what the dialect will want to know of the handshake */
} greeting_t;

typedef struct verbs verbs_t;

/* One connection as its dialect sees it, for the time of one callback. */
typedef struct talk {
    const verbs_t *verbs;
    void *ctx;
    who_t who;   /* account 0: nobody yet */
    void *state; /* of the dialect's `state_size`, zeroed at first; its own to keep */
    arena_t *arena;
    buf_t *out; /* the frame being written; empty at first */
} talk_t;

struct verbs {
    /* Ask; the answer comes to `reply` with the same tag, perhaps before this returns. */
    void (*call)(talk_t *talk, const call_type_t *type, const void *args, uint64_t tag);
    /* Send what is in `out` as one frame and empty it. */
    void (*send)(talk_t *talk);
    /* Nothing after this is heard. */
    void (*close)(talk_t *talk, int code, const char *reason);
    /* Become the bearer of this token or session uuid, in place of whoever it was: comes
     * back as `bound`, perhaps before this returns. */
    void (*bind)(talk_t *talk, slice_t credential, uint64_t tag);
    /* Be nobody: hear nothing, and stay open. */
    void (*unbind)(talk_t *talk);
    /* HEARS_PICKED: hear a room, to which the dialect has seen the right in this very
     * callback; comes back as `heard` once all that is said there arrives. */
    void (*hear)(talk_t *talk, uint64_t room, uint64_t tag);
    void (*leave)(talk_t *talk, uint64_t room);
};

typedef struct standing {
    uint64_t as_of;
    bool resumed;
    uint64_t first; /* the oldest record there is, if that is why it is not resumed; 0: it is not */
    uint64_t note;  /* the greeting's */
} standing_t;

/* One event of a Socket.IO client. */
typedef struct utterance {
    eio_version_t version;
    slice_t name;
    const json_node_t *args;    /* the whole array: its first item is the name */
    bool has_id;                /* it wants to be answered */
    uint64_t id;                /* with this */
    const sio_gather_t *gather; /* its attachments; NULL without any */
} utterance_t;

/* What a frame is to the plumbing. */
typedef enum framing {
    FRAMING_TEXT,
    FRAMING_BINARY,
    FRAMING_STREAM, /* no WebSocket: a GET of socket_path is answered with events */
    FRAMING_LINE,   /* bytes over plain TCP, in which frames end by themselves */
} framing_t;

/* ---- the plug ---- */

typedef struct dialect {
    const char *name;
    const route_t *routes;
    size_t route_count;

    /* For good, since tokens carry it; 0: whose tokens need not say so. */
    via_t via;
    bool forms;         /* a body may be a form */
    const char *cookie; /* in which routes with `cookie` look for a credential */

    /* The explicit credential of a request; ERR_NOT_FOUND if it has none. */
    err_t (*credential)(const request_t *request, arena_t *arena, slice_t *ret_token);
    /* Show an answer, where the route has no own way to. */
    void (*show)(visit_t *visit, const answer_t *answer);
    /* Show a refusal: sets the status and writes the body.  Of what an actor has not found it
     * may make something else, and set `call` as `show` does. */
    void (*refuse)(visit_t *visit, const answer_t *refusal);

    /* ---- connections; a dialect without any has none of what follows ---- */

    const char *socket_path; /* of a WebSocket, perhaps with parameters as in a route */
    const char *subprotocol; /* by which it is chosen among those of its path; may be NULL */
    framing_t framing;
    bool anonymous;            /* one comes in as nobody, and says later who one is */
    const char *nsp;           /* Socket.IO: the namespace in which it speaks, and … */
    const char *const *claims; /* … the events that are for it, up to a NULL; NULL: all others */
    bool offsets;              /* Socket.IO: its events end with their offset, to resume from */

    hearing_t hears;
    size_t state_size;
    void (*state_free)(void *state); /* what it holds, not itself; may be NULL */
    bool announces;                  /* a person's first in a room, and last, are told there */
    bool own_frames;                 /* who has done it is shown it with its own state */

    /* Own the connection in the place of a client that begins with it; NULL: do not. */
    struct wire *(*wire)(struct edge *edge, const request_t *request, uint64_t address);
    err_t (*greet)(const request_t *request, arena_t *arena, greeting_t *ret_greeting);
    /* All that it may hear arrives from here on; may be NULL. */
    void (*welcome)(talk_t *talk, const standing_t *standing);
    void (*frame)(talk_t *talk, bool text, slice_t payload);
    void (*utter)(talk_t *talk, const utterance_t *utterance);
    void (*reply)(talk_t *talk, uint64_t tag, const answer_t *answer);
    /* Of `bind`: talk->who is the bearer now, unless the answer is a refusal. */
    void (*bound)(talk_t *talk, uint64_t tag, const answer_t *answer);
    /* Of `hear`. */
    void (*heard)(talk_t *talk, uint64_t tag);
    /* Its account has lost a room that it heard; may be NULL. */
    void (*lost)(talk_t *talk, uint64_t room);
    /* Its session has ended: close, or unbind.  NULL: it is closed. */
    void (*ended)(talk_t *talk);
    /* Write the frame; false if this dialect does not speak of such things.  `state` is
     * NULL for a frame that many get. */
    bool (*event)(const event_t *event, const void *state, buf_t *out);
} dialect_t;

/* All of them, in the order of dialects.def. */
typedef enum dialect_id {
#define DIALECT(id) DIALECT_##id,
#include "ws-edge/dialects/dialects.def"
#undef DIALECT
    DIALECT_COUNT
} dialect_id_t;

#define DIALECT(id) extern const dialect_t id##_dialect;
#include "ws-edge/dialects/dialects.def"
#undef DIALECT

extern const dialect_t *const dialects[DIALECT_COUNT];

#endif
