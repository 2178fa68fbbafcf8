/* stage_parts.h - the stage's state, shared by its parts: stage.c (calls and records),
 * stage_react.c (reactions) and stage_work.c (orders for the pool). */
#ifndef ACTORS_STAGE_PARTS_H
#define ACTORS_STAGE_PARTS_H

#include "actors/stage.h"
#include "schema/pack.h"

enum {
    NUMBERS = 512, /* above every number of the tables */
    WAITING_MAX = 64,
    RESULT_ITEMS = 4, /* of a result on a tape */
};

/* A first-in first-out list of small numbers. */
typedef struct fifo {
    size_t *items;
    size_t first;
    size_t count;
    size_t size; /* a power of two */
} fifo_t;

/* A command that waits for the pool. */
typedef struct waiting {
    uint64_t ticket; /* 0: free */
    bool taken;      /* by the pool */
    work_kind_t kind;
    bool hashed;
    buf_t call; /* the envelope; wiped when it is done, it may hold a password */
    buf_t password;
    buf_t verifier;
    buf_t md5_verifier;
} waiting_t;

/* A tape that is told all, see stage_tape.c. */
typedef struct taping {
    tape_t *tape;   /* NULL: none is */
    size_t strange; /* own pending events that were decided before it began */
    int64_t now;    /* the actor's time as the tape has it */
    size_t out;     /* bytes of output before the input at hand */
} taping_t;

struct turn {
    stage_t *stage;
    const call_t *call;
    const call_type_t *type;
    const work_result_t *result;
    const verdict_t *verdict; /* in the arena; NULL: none */
    const char *detail;       /* of a refusal */
    buf_t answer;             /* msgpack */
    buf_t records;            /* emitted */
    uint16_t record_count;
    slice_t client_id;
    bool works;     /* an order for the pool was left: no decision yet */
    uint64_t cause; /* sequence of the event that is reacted to; 0 for a call */
    buf_t notes;    /* for the tape: what was learned from elsewhere */
    bool withheld;  /* from the tape: a credential was made */
    unpack_t told;  /* in a re-run: what was noted then */
};

/* How far other actors' events are reacted to, see stage_react.c. */
typedef struct reacting {
    bool able;     /* the actor has reactions */
    bool on;       /* the journal was applied to its head, and nothing was lost since */
    bool ever;     /* it has been on before, as far as the store knows */
    uint64_t seen; /* while on: all up to here is reacted to, be it pending */
    uint64_t done; /* all up to here is, and what came of it is committed */
    uint64_t open; /* the last whose reaction is not committed; 0: none */
    size_t rests;  /* own events that are pending, and on which one rests that came to nothing */
} reacting_t;

struct stage {
    const actor_row_t *row;
    store_t *store;
    arena_t *arena;
    void *soft;
    decide_fn *calls[NUMBERS];
    apply_fn *events[NUMBERS];
    react_fn *reactions[NUMBERS];
    reacting_t reacting;
    uint64_t epoch;
    uint64_t applied;
    bool behind; /* the store on disk is behind `applied` */
    bool cold;   /* soft state has something to warm up */
    int64_t now;
    fifo_t unsettled;
    waiting_t waiting[WAITING_MAX];
    uint64_t last_ticket;
    turn_t turn;
    buf_t out;
    const actor_options_t *options; /* NULL: none were given */
    taping_t taping;
    bool retelling; /* it is a re-run */
};

/* A command or an event is worked on from here: an empty turn for it. */
void stage_turn_begin(stage_t *stage, const call_t *call, const work_result_t *result);

/* Decide a command, for the first time or with a result of the pool. */
void stage_decide(stage_t *stage, const call_t *call, const work_result_t *result);

/* What a turn came to, for the broker. */
void stage_put_decision(stage_t *stage, const call_t *call, err_t status);

/* An event was applied, pending: its writes settle together. */
void stage_pend_writes(stage_t *stage);

/* ---- the tape: without one these do nothing ---- */

/* An input comes; it is put once its function has run. */
void stage_tape_begin(stage_t *stage);
void stage_tape_put(stage_t *stage, tape_kind_t kind, uint64_t number, slice_t bytes);
void stage_tape_call(stage_t *stage, const call_t *call);
void stage_tape_record(stage_t *stage, const record_t *record, bool pending);
void stage_tape_result(stage_t *stage, uint64_t ticket, const work_result_t *result);
void stage_tape_lost(stage_t *stage, tape_kind_t kind, uint64_t number);

/* The waiting command is done with: its secrets are wiped. */
void stage_waiting_end(waiting_t *waiting);

/* ---- reactions ---- */

void stage_react_begin(stage_t *stage);

/* An own event is committed: what it reacted to is done. */
void stage_react_committed(stage_t *stage, const record_t *record);

/* An own event that was pending is, too. */
void stage_react_settled(stage_t *stage);

/* The reaction that a committed event asks for; NULL if there is none. */
react_fn *stage_reaction(const stage_t *stage, const record_t *record);

/* React to a committed event, whose body is in the stage's arena. */
void stage_react(stage_t *stage, react_fn *react, const record_t *record, const void *body);

/* Everything up to `seq` has been looked at. */
void stage_react_seen(stage_t *stage, uint64_t seq);

/* What is pending is lost, and what was to come of it has to be made again. */
void stage_react_lose(stage_t *stage);

/* All up to here is reacted to for good. */
uint64_t stage_reacted(const stage_t *stage);

#endif
