/* client_parts.h - a listener's state, as the files of the client share it. */
#ifndef WS_EDGE_CLIENT_PARTS_H
#define WS_EDGE_CLIENT_PARTS_H

#include <sys/queue.h>

#include "schema/map.h"
#include "ws-edge/client.h"

typedef enum client_state {
    CLIENT_SHAKING,  /* accepted; the handshake is under way */
    CLIENT_TUNING,   /* its account's records begin to come */
    CLIENT_ASKING,   /* which rooms is the account in? */
    CLIENT_ENTERING, /* their records begin to come */
    CLIENT_LOOKING,  /* what became of its memberships since then? */
    CLIENT_READING,  /* what was missed, page by page */
    CLIENT_LIVE,
    CLIENT_CLOSING, /* told to go; nothing counts any more */
} client_state_t;

/* Needed until the connection is live. */
typedef struct start {
    bool resume;    /* read on from `next` before going live */
    bool told;      /* the client has had its welcome, or gets none */
    bool heeds;     /* it resumes, and what it says is done at once */
    bool moved;     /* a membership changed since the last question */
    bool paused;    /* the client was slow, so that records were passed over */
    uint64_t next;  /* first sequence that it has not got */
    map_t *rooms;   /* memberships that changed since `next`, see client_start.c */
    map_t *shut;    /* rooms in which a block stands between the two; NULL: there are none */
    map_t *apart;   /* accounts between which and its own a block stands; the same */
    buf_t page;     /* records; not empty while in the queue of those that read */
    size_t page_at; /* the first one that was not shown yet */
    uint64_t first; /* the oldest record there is, if `next` is older; 0: it is not */
    bool complete;  /* the page reaches up to the head */
    buf_t frames;   /* what the client has said meanwhile: length, then bytes */
} start_t;

struct client {
    guest_t guest; /* first: client_of() */
    edge_t *edge;
    clients_t *clients;
    const dialect_t *dialect;
    dialect_id_t dialect_id;
    client_state_t state;
    who_t who;
    uint64_t address;
    uint64_t number;  /* of its edge's connections */
    int64_t opened;   /* µs since 1970 */
    int64_t closed;   /* the same; 0: it is not */
    int64_t untaken;  /* as in visit_note_t, once it is gone */
    bool was_live;    /* as it closed */
    void *own;        /* the dialect's state; NULL if it has none */
    outlet_t *outlet; /* NULL until opened and once gone */
    start_t *start;   /* NULL once live, or nobody */
    bool finding;     /* who it is, is being asked */
    bool trying;      /* a stranger's call waits for its answer */
    bool gone;        /* the outlet is */
    bool present;     /* counted as a connection of its person */
    uint32_t turn;    /* how often it ceased to be somebody */
    uint32_t waiting; /* calls that it made, and rooms that it is to hear */
    uint64_t note;    /* the greeting's */
    uint64_t since;   /* the first room that it hears is read from there; 0: or none */
    uint64_t mark;    /* the record that it was last shown */
    uint64_t round;   /* that it waits for, 0: none */
    int close_code;   /* once closing */
    TAILQ_ENTRY(client) in_all;
    TAILQ_ENTRY(client) in_queue; /* of those that wait for a round, or catch up */
};

TAILQ_HEAD(client_list, client);

/* A room that a client hears once the broker has acknowledged it. */
typedef struct hearsay {
    client_t *client;
    uint64_t tag;
    uint64_t round;
    uint32_t turn;
    TAILQ_ENTRY(hearsay) in_queue;
} hearsay_t;

struct clients {
    edge_t *edge;
    struct client_list all;
    struct client_list tuning;     /* round != 0, ascending */
    struct client_list reading;    /* with a page at hand */
    TAILQ_HEAD(, hearsay) hearing; /* by round, ascending */
};

/* ---- client_talk.c: to and from the dialect ---- */

/* What was said, to its dialect. */
void client_hear(client_t *client, bool text, slice_t payload);
void client_welcome(client_t *client, const standing_t *standing);

/* Who it is was asked for by the dialect, and is known now or refused. */
void client_bound(client_t *client, uint64_t tag, const answer_t *answer);

/* The room that it was to hear arrives. */
void client_heard(client_t *client, uint64_t tag, uint32_t turn);

/* It was let out of a room that it heard. */
void client_lost(client_t *client, uint64_t room);

/* Make a call for the connection, whose answer comes to `answer` unless it closes. */
MUST_CHECK err_t client_ask(client_t *client, uint16_t type, const void *args, uint64_t tag,
                            waiter_fn *answer);

/* First thing in such an answer: true if the connection is still to be served. */
bool client_answered(client_t *client);

/* ---- client_start.c: up to live ---- */

void start_begin(client_t *client, const greeting_t *greeting);
void start_opened(client_t *client);

/* Nobody hears nothing, and is live at once. */
void start_as_nobody(client_t *client);

void start_end(client_t *client);

/* The round that it waited for is there. */
void start_tuned(client_t *client);

/* Show of the page at hand as much as the client takes; false if it waits for room. */
void start_read_on(client_t *client);

/* HEARS_PICKED: it is in a room now, and wants what was said there since it came. */
void start_room(client_t *client);

/* Records may have been missed since this one: read them again, then go on live. */
void start_again(client_t *client, uint64_t next);

/* Whether what the client says waits for its welcome, and keep that; false if it is too much. */
bool start_waits(const client_t *client);
bool start_keep(client_t *client, slice_t frame);

/* ---- client_past.c: what the diary has of it ---- */

/* It has a beginning, and an end. */
void past_begin(client_t *client);
void past_close(client_t *client);
void past_end(const client_t *client, int code);

/* Since when something queued for it was not taken, µs since 1970; 0: all was. */
int64_t past_untaken(const client_t *client);

/* It hears from here on, or does not; it is somebody else from here on; it picked a room, or
 * let go of one. */
void past_live(const client_t *client, bool live);
void past_become(const client_t *client);
void past_room(const client_t *client, uint64_t room, bool in);
void past_leave_rooms(const client_t *client);

/* A record that it had missed was shown to it, or hidden. */
void past_resume(const client_t *client, const record_t *record, bool shown);

/* ---- client.c ---- */

/* It is somebody now: hear what that one hears. */
void client_enter(client_t *client);

/* Be in a room, or no longer, and tell it where the dialect does; whether it was in it. */
void client_come_in(client_t *client, uint64_t room);
bool client_go_out(client_t *client, uint64_t room);

/* Nothing waits for it any more, perhaps. */
void client_free_if_over(client_t *client);

#endif
