/* router_state.h - the router's state, shared by its parts: router.c (calls and commits),
 * router_decide.c (what actors say), router_answer.c (replies), router_calls.c (what the
 * broker itself is asked), router_peers.c (who comes into office, and who goes), router_bots.c
 * (what bots say), router_streams.c (what they hear) router_judge.c (what they judge) and
 * router_snapshots.c (copies of all projections). */
#ifndef BROKER_ROUTER_STATE_H
#define BROKER_ROUTER_STATE_H

#include "actors/gate.h"
#include "broker/counts.h"
#include "broker/flight.h"
#include "broker/judges.h"
#include "broker/peer.h"
#include "broker/roster.h"
#include "broker/router.h"
#include "broker/stream.h"
#include "broker/tail.h"
#include "broker/verdicts.h"
#include "schema/arena.h"
#include "schema/codec.h"
#include "schema/map.h"

enum {
    OUT_BYTES_MAX = 64 * 1024 * 1024,     /* a peer that lets more wait is cut off */
    BOT_OUT_BYTES_MAX = 16 * 1024 * 1024, /* the same of a bot */
    BOT_SILENCE_US = 60 * 1000 * 1000,    /* of a bot that is forgotten then */
};

/* A snapshot that is being made. */
typedef enum snapping_state {
    SNAPPING_NOT,
    SNAPPING_PREPARED, /* an operator waits, and the place is being made */
    SNAPPING_COPYING,  /* actors are at it */
    SNAPPING_KEEPING,  /* the scribe is */
} snapping_state_t;

typedef struct snapping {
    snapping_state_t state;
    uint64_t order;   /* counts them */
    unsigned waiting; /* for these actors, a bit each */
    snapshot_part_t parts[OWNERS];
    size_t count;
    arena_t *arena; /* of the parts' texts */
    uint64_t peer;  /* who asked for it; 0: retention did */
    call_t call;
} snapping_t;

/* What an actor has told of its part of a recording. */
typedef struct tape_report {
    uint64_t peer; /* who told it; 0: nobody yet */
    recording_t part;
    char name[LIMIT_RECORDING_NAME + 1];
    char reason[256];
} tape_report_t;

/* The last recording. */
typedef struct recordings {
    bool asked[OWNERS]; /* by owner_t */
    tape_report_t reports[OWNERS];
} recordings_t;

struct router {
    router_ports_t ports;
    registry_t *registry;
    peer_t *offices[OWNERS]; /* the actor in office, by owner_t */
    flight_t *flight;
    tail_t *tail;
    gate_t *gate;  /* sessions that have ended: their calls are refused */
    int64_t swept; /* µs, monotonic: when the gate was */
    roster_t *roster;
    judges_t *judges;
    verdicts_t *verdicts;
    bool judging;        /* there may be something to ask before a command goes on */
    bool unsettled;      /* in which rooms some judge is, is not known */
    int64_t patience_us; /* that a command waits for verdicts */
    size_t streams;      /* peers that have one */
    int64_t warned;      /* µs, monotonic: when the log last told of a bot that nobody knows */
    int64_t now;         /* the same of the message or the tick at hand */
    map_t *fetches;      /* ticket → who waits for that page */
    uint64_t tickets;
    arena_t *arena; /* of the call at hand */
    snapping_t snapping;
    uint64_t first; /* that retention has left */
    recordings_t recordings;
    uint64_t head;     /* last sequence committed */
    uint64_t assigned; /* last sequence given out */
    uint64_t epoch;
    uint64_t marks; /* given to published records */
    bool suspended;
    buf_t records;   /* numbered in this turn, for the journal */
    buf_t committed; /* record_t, of the commit that is being told */
    buf_t reply;     /* being made */
    buf_t said;      /* a bot's call, as its owner is given it */
    counts_t counts;
};

/* Answer a call of `peer`: with an object of the answer's shape, or refuse. */
void router_answer(router_t *router, peer_t *peer, const call_t *call, const void *object);

/* The same once all that was decided before is on disk; "unknown" if that fails. */
void router_answer_settled(router_t *router, peer_t *peer, const call_t *call, const void *object);

void router_refuse(router_t *router, peer_t *peer, const call_t *call, err_t err,
                   const char *detail);

/* A reply of the broker's own, in router->reply; its body is to follow. */
void router_reply_begin(router_t *router, const call_t *call, err_t status);

/* The reply in a decision, as of a sequence; without its body if another status is given.
 * Good until the next reply is made. */
slice_t router_reply_of(router_t *router, const decision_t *decision, err_t status, uint64_t as_of);

/* Give a whole reply to the peer that asked, if it is still there. */
void router_send(router_t *router, uint64_t origin, slice_t reply);

/* What an actor says, off the front of *in; false when it makes no sense. */
bool router_decision(router_t *router, peer_t *peer, slice_t *in);
bool router_reply(router_t *router, peer_t *peer, slice_t *in);

/* A call whose owner is the broker. */
void router_own_call(router_t *router, peer_t *peer, const call_t *call);

/* What an operator asks of all edges, and an answer: router_inquiry.c. */
MUST_CHECK err_t router_ask_edges(router_t *router, peer_t *peer, const call_t *call,
                                  const void *body);
MUST_CHECK err_t router_tell_operator(router_t *router, peer_t *peer, const call_t *call,
                                      const void *body);

/* ---- recordings: router_record.c ---- */

MUST_CHECK err_t router_start_recording(router_t *router, peer_t *peer, const call_t *call,
                                        const void *body);
MUST_CHECK err_t router_stop_recording(router_t *router, peer_t *peer, const call_t *call,
                                       const void *body);
MUST_CHECK err_t router_tell_recordings(router_t *router, peer_t *peer, const call_t *call,
                                        const void *body);
MUST_CHECK err_t router_hear_recording(router_t *router, peer_t *peer, const call_t *call,
                                       const void *body);

/* Give a call to its owner, if the peer may ask for that; or have bots judge it first. */
MUST_CHECK err_t router_forward(router_t *router, const peer_t *peer, const call_type_t *type,
                                const call_t *call);

/* Whether the peer may ask for that, and the owner takes it now.  And the same, unjudged or done
 * with that: it is the owner's from here on. */
MUST_CHECK err_t router_admits(const router_t *router, const peer_t *peer, const call_type_t *type,
                               const call_t *call);
MUST_CHECK err_t router_pass(router_t *router, const peer_t *peer, const call_type_t *type,
                             const call_t *call);

/* What is before the journal's first record: the detail begins with that one's sequence. */
void router_refuse_old(router_t *router, peer_t *peer, const call_t *call);
slice_t router_old_detail(const router_t *router, arena_t *arena);

/* ---- snapshots: router_snapshots.c ---- */

MUST_CHECK err_t router_take_snapshot(router_t *router, peer_t *peer, const call_t *call,
                                      const void *body);
MUST_CHECK err_t router_hear_copied(router_t *router, peer_t *peer, const call_t *call,
                                    const void *body);

/* An actor leaves its office: it will tell nothing more. */
void router_snapshot_lose(router_t *router, const peer_t *peer);

/* Have a page of the journal fetched, for a call or, without one, for a peer's stream.  Gives
 * its ticket. */
uint64_t router_fetch(router_t *router, page_order_t *order, uint64_t peer, const call_t *call);

/* ---- bots: router_bots.c ---- */

/* What a bot says, off the front of *in; false when it makes no sense. */
bool router_hear_bot(router_t *router, peer_t *peer, slice_t *in);

/* A reply to a call of a bot; and a word that needs no answer. */
void router_tell_bot(router_t *router, peer_t *peer, const reply_t *reply);
void router_knock_bot(router_t *router, peer_t *peer);

/* A line in the log, now and then. */
void router_warn_bot(router_t *router, const peer_t *peer, const char *what);

/* The room actor has said in which rooms a bot is; its answer's number is the peer's. */
void router_learn_rooms(router_t *router, const reply_t *reply);

/* A committed record: somebody was redacted, of whom nothing is to be had from memory then. */
void router_note_redacted(router_t *router, const record_t *record);

/* A committed record: bots may have come, changed or ended. */
void router_note_bots(router_t *router, const record_t *record);

/* The peer is gone, and what it followed with it. */
void router_drop_bot(router_t *router, peer_t *peer);

/* ---- what bots hear: router_streams.c ---- */

void router_note_streams(router_t *router, const record_t *record);
void router_pass_bots(router_t *router, const record_t *record);
void router_page_bot(router_t *router, peer_t *peer, uint64_t ticket, err_t status, uint64_t next,
                     slice_t records);

/* Read all streams on; false if there was more than a turn's share. */
bool router_move_streams(router_t *router);

/* ---- what bots judge: router_judge.c ---- */

/* A command, while something may have to be asked. */
MUST_CHECK err_t router_judge(router_t *router, const peer_t *peer, const call_type_t *type,
                              const call_t *call);

/* A bot wants to judge on this connection, and has judged.  UNAVAILABLE, FORBIDDEN; NOT_FOUND for
 * what waits no longer, INVALID for a text out of its bounds. */
MUST_CHECK err_t router_let_judge(router_t *router, const peer_t *peer,
                                  const bot_judge_call_t *wish);
MUST_CHECK err_t router_hear_verdict(router_t *router, const peer_t *peer,
                                     const bot_verdict_call_t *said);

/* This connection judges no more, if it did; and the bot with this session. */
void router_unseat(router_t *router, const peer_t *peer);
void router_dismiss(router_t *router, uint64_t session);

/* The roster has changed, and with it perhaps who judges; and a record may have changed where. */
void router_heed_roster(router_t *router);
void router_note_judges(router_t *router, const record_t *record);

/* Ask the room actor where judges are, of whom that is not known: those who were not asked, or all
 * `again`.  It has answered: false if that was about somebody else. */
void router_settle_judges(router_t *router, bool again);
bool router_learn_judge(router_t *router, const reply_t *reply);

/* ---- what the router itself asks: router_peers.c ---- */

/* In which rooms a bot is; the answer has the number. */
void router_ask_rooms(router_t *router, uint64_t number, uint64_t account, uint64_t session);
void router_ask_bots(router_t *router, uint64_t after);

/* Give a record to all who hear it. */
void router_publish(router_t *router, const record_t *record);

/* Whoever waits for the disk hears that the outcome is unknown. */
void router_give_up_flight(router_t *router);

/* The session actor serves: ask it which sessions have ended, and have it learn anew who
 * is connected. */
void router_greet_session(router_t *router, peer_t *session);

/* It decides for nobody any more: who waits for it hears that nothing was done. */
void router_leave_office(router_t *router, peer_t *peer);

/* The peer is gone: an actor leaves its office, an edge's people go offline. */
void router_drop(router_t *router, peer_t *peer);

#endif
