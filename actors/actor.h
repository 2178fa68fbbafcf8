/* actor.h - what an actor is, and what its functions may do.
 *
 * An actor is a row: the calls that it owns, `decide` for each command, `apply`
 * for each event, `query` for each query.  The runtime around it (actor.c) is one
 * thread, one loop, one mailbox.
 *
 *   decide  a pure function of the store and the command: it emits events, and
 *           answers or refuses.  Time is turn_now, randomness turn_rand.
 *   apply   the only code that writes the store; runs on an event when it is
 *           decided (pending), or when it arrives committed from elsewhere or from
 *           the journal at start.  Depends on the event and on rows that events of
 *           the same actor wrote, and on nothing else.
 *   react   a decide without a caller, run on another actor's event once that is
 *           committed: it emits events, which carry that one's sequence as their cause.
 *           After a restart it may see rows that are newer than its event.
 *   query   reads the committed store only; may scan.
 *
 * No clock, no random source, no thread, no network, no floating point in any of
 * them, so that a recorded input re-runs to the same bytes. */
#ifndef ACTORS_ACTOR_H
#define ACTORS_ACTOR_H

#include "actors/keys.h"
#include "actors/store.h"
#include "schema/codec.h"
#include "schema/envelope.h"

/* One input being worked on; passed to every function of the actor. */
typedef struct turn turn_t;

store_t *turn_store(turn_t *turn);
arena_t *turn_arena(turn_t *turn);            /* lives until the input is done */
int64_t turn_now(const turn_t *turn);         /* µs; the highest time seen, never back */
const uint8_t *turn_rand(const turn_t *turn); /* RAND_SIZE bytes, the input's own */
void *turn_soft(turn_t *turn);                /* the actor's soft state, see actor_row_t */

/* Bytes that follow from the random ones and the purpose, and say nothing of those. */
void turn_draw(turn_t *turn, const char *purpose, uint8_t ret_bytes[RAND_SIZE]);

/* BLAKE2b-256 of a credential that was made of the random bytes, in the arena.  A recording has
 * that, and withholds the random bytes and the answer. */
slice_t turn_hash(turn_t *turn, slice_t credential);

/* What a function learns from elsewhere, such as a postman, is noted for recordings.  True: it
 * is a re-run, and this is what was noted then; empty: nothing. */
bool turn_noted(turn_t *turn, slice_t *ret_note);
void turn_note(turn_t *turn, slice_t note);

/* ---- for decide and query ---- */

/* Answer with an object of the call type's answer shape; without it an answer is `{}`. */
void turn_answer(turn_t *turn, const void *object);

/* Refuse: `return turn_refuse(turn, ERR_INVALID, "`name`: is taken")`; detail may be NULL. */
MUST_CHECK err_t turn_refuse(turn_t *turn, err_t err, const char *detail);

/* ---- for decide ---- */

/* What bots that judge had to say of the command, which came with it; NULL: nothing. */
const verdict_t *turn_verdict(const turn_t *turn);

/* An event has happened: it is recorded and applied at once, so that what is
 * decided next sees it.  `room` and `account` are the keys under which
 * subscribers hear it, 0 for none; `body` is a struct of the event's shape. */
void turn_emit(turn_t *turn, event_number_t event, uint64_t room, uint64_t account,
               const void *body);

/* An order for the pool: make verifiers of a new password, or hold one against them. */
typedef enum work_kind { WORK_HASH, WORK_VERIFY } work_kind_t;
typedef struct work {
    work_kind_t kind;
    slice_t password;
    bool hashed;          /* the client may have sent its MD5 in hex instead */
    slice_t verifier;     /* VERIFY: of the password; empty: none fits */
    slice_t md5_verifier; /* VERIFY: of its MD5 in hex, if there is one */
} work_t;

/* Slow work: the command waits and is decided again with the result.  Texts are copied.
 * Give the error back: it is ERR_OK, or ERR_UNAVAILABLE when the pool's queue is full. */
MUST_CHECK err_t turn_work(turn_t *turn, const work_t *work);

/* The result when a command is decided again; NULL the first time.  HASH gives the
 * new verifiers: `verifier` is empty if there was no memory for it, the other one unless
 * such clients are let in (pool.h).  VERIFY gives whether the password fits either, and the
 * verifier of the password that it was held against. */
typedef struct work_result {
    work_kind_t kind;
    bool fits;
    slice_t verifier;
    slice_t md5_verifier;
} work_result_t;
const work_result_t *turn_result(const turn_t *turn);

/* ---- the row ---- */

typedef err_t decide_fn(turn_t *turn, const call_t *call, const void *body);
typedef void apply_fn(turn_t *turn, const record_t *record, const void *body);
typedef void react_fn(turn_t *turn, const record_t *record, const void *body);

typedef struct call_row {
    call_number_t call;
    decide_fn *decide; /* or query: the call's type tells which */
} call_row_t;

typedef struct event_row {
    event_number_t event; /* its own, or another actor's that it keeps facts of */
    apply_fn *apply;      /* NULL: it keeps nothing of it */
    react_fn *react;      /* to another actor's event; NULL: it does not */
} event_row_t;

typedef struct actor_options actor_options_t;
typedef struct mail_options mail_options_t; /* notifier/mail.h */
typedef struct hook_options hook_options_t; /* notifier/hook.h */
typedef struct push_options push_options_t; /* notifier/push.h */

typedef struct actor_row {
    owner_t owner;
    const char *name; /* of its folder under the data directory and of its thread */
    const call_row_t *calls;
    size_t call_count;
    const event_row_t *events;
    size_t event_count;
    void (*tick)(turn_t *turn); /* a timer's input; may emit; NULL: none */
    int64_t tick_ms;            /* between two of them; 0: a second, which it is also while nothing
                                   comes, unless … */
    bool (*awake)(
        const void *soft); /* … there is something that only ticks go on with; NULL: never */
    size_t soft_size;      /* bytes of state that dies with the thread, zeroed at start */
    void (*soft_open)(void *soft, const actor_options_t *options); /* NULL: zeroed will do */
    void (*soft_close)(void *soft);
    void (*soft_keep)(const void *soft, buf_t *out);   /* what of it decides, for a recording; NULL:
                                                        nothing does */
    err_t (*soft_restore)(turn_t *turn, slice_t kept); /* the same again, in a re-run: in place of
                                                          warming up */
    bool (*settled)(void *soft, const record_t *record); /* for soft state that follows rows: an
                                                            event's are committed; whether there is
                                                            now enough to warm up; NULL: none does */
    void (*heard)(void *soft, const record_t *record);   /* for soft state that follows what passes
                                                            unrecorded; NULL: none does */
    bool (*warm)(
        turn_t *turn);        /* a few ms of making soft state follow committed rows; whether there
                                   is more to do, which calls wait for at start; NULL: nothing is */
    uint64_t format;          /* of its rows: a store of another format is made anew */
    uint64_t converts;        /* the oldest format of which `convert` can read a row */
    copy_convert_fn *convert; /* a snapshot's row as rows of this format, for when the journal was
                                 cut; NULL: none can be read but this format's */
    uint8_t filtered; /* letter of rows that are mostly looked for in vain; 0: there are none */
    bool behind;      /* hears nothing: reads the journal in pages, and serves all the while */
} actor_row_t;

extern const actor_row_t session_actor;
extern const actor_row_t room_actor;
extern const actor_row_t search_actor;
extern const actor_row_t notifier_actor;
extern const actor_row_t matching_actor;

/* ---- the runtime ---- */

struct actor_options {
    const char *data;             /* data directory */
    const char *bus;              /* endpoint of the broker */
    const keyring_t *keys;        /* for it over tcp, copied; NULL: none */
    bool weak_passwords;          /* minimum Argon2 cost: tests only */
    bool md5_clients;             /* clients that send their passwords' MD5 are let in */
    bool public_uuids;            /* a session's uuid is its account's: tests only */
    bool reveal_emails;           /* to everybody who is signed in */
    bool proven_only;             /* without a proven e-mail nobody signs in by password */
    const mail_options_t *mail;   /* outlives the actor; NULL: no mail is sent */
    const hook_options_t *hooks;  /* the same; NULL: no webhook is */
    const push_options_t *pushes; /* the same; NULL: nothing is pushed */
};

typedef struct actor actor_t;

/* Start the actor's thread; it catches up, says so to the broker, and serves. */
MUST_CHECK err_t actor_start(const actor_row_t *row, const actor_options_t *options,
                             actor_t **ret_actor);

/* Ask the thread to end, wait for it, close its store. */
void actor_stop(actor_t **actor_p);

#endif
