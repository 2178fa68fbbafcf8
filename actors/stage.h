/* stage.h - an actor at work, without thread, socket or clock.
 *
 * The stage takes envelopes in the order of the actor's one input stream and
 * gives envelopes for the broker.  The same stage runs live (actor.c), in tests
 * and in any re-run: equal input gives equal output, byte for byte. */
#ifndef ACTORS_STAGE_H
#define ACTORS_STAGE_H

#include "actors/actor.h"
#include "actors/tape.h"

typedef struct stage stage_t;

/* The store stays the caller's and must outlive the stage. */
stage_t *stage_new(const actor_row_t *row, store_t *store);

/* The actor's soft state, as the options of its process would have it; they outlive the stage. */
void stage_set_options(stage_t *stage, const actor_options_t *options);
void stage_destroy(stage_t **stage_p);

/* It takes the place of another: what the pool still works on for that one is nobody's. */
void stage_succeed(stage_t *stage, const stage_t *before);

/* A committed event: an own one that is pending settles; any other is applied, and
 * reacted to.  Events at or below stage_applied are not applied again.  An ERR_CORRUPT body means
 * that this build cannot read the journal. */
MUST_CHECK err_t stage_record(stage_t *stage, const record_t *record);

/* The journal was applied to its head: from here on events are reacted to, in their order.
 * False: they are already, or the actor has no reactions. */
bool stage_start_reacting(stage_t *stage);

/* The first event that is yet to be reacted to: it and all behind it must be given once
 * more.  0: none is. */
uint64_t stage_owes(const stage_t *stage);

/* A command or query: leaves a decision or a reply in the output, or work. */
void stage_call(stage_t *stage, const call_t *call);

/* A worker's result for the command that waits under this ticket. */
void stage_result(stage_t *stage, uint64_t ticket, const work_result_t *result);

/* A bit of warming up, which takes some ms; true: there is more to do. */
bool stage_warm(stage_t *stage);

/* A second has passed: the actor's timer. */
void stage_tick(stage_t *stage, int64_t time);

/* Whether there is something that only ticks go on with. */
bool stage_awake(const stage_t *stage);

/* The broker's epoch, which decisions carry; what is pending will never be committed. */
void stage_new_epoch(stage_t *stage, uint64_t epoch);

/* The broker is lost, or may have given this actor up: what is pending will never be
 * committed, and who waits for the pool is answered for by the broker. */
void stage_abandon(stage_t *stage);

/* Whether the rows have anything of such an event; where all that happens is applying, the others
 * need not be given: stage_seen and stage_pass will do. */
bool stage_keeps(const stage_t *stage, uint16_t event);

/* Everything up to `seq` has been seen, also what did not concern this actor. */
void stage_seen(stage_t *stage, uint64_t seq);
uint64_t stage_applied(const stage_t *stage);

/* Put what is settled on disk. */
MUST_CHECK err_t stage_flush(stage_t *stage);

/* From here on all that goes in and all that comes of it goes onto the tape, too, which begins
 * anew; NULL: no longer.  The tape stays the caller's. */
void stage_tape(stage_t *stage, tape_t *tape);

/* ---- a re-run (rerun.h) ---- */

/* To where a tape begins: the store has applied the journal that far, and nothing more was
 * done here.  ERR_INVALID: it is not this actor's tape, or not of this point. */
MUST_CHECK err_t stage_restore(stage_t *stage, const tape_begin_t *begin);

/* An own event is pending that was decided before. */
MUST_CHECK err_t stage_pend(stage_t *stage, const record_t *record);

/* What was noted with the input that comes next. */
void stage_retell(stage_t *stage, slice_t notes);

/* The pool's result, as the tape has it. */
MUST_CHECK err_t stage_retell_result(stage_t *stage, const tape_entry_t *entry);

/* The actor's time is at least this. */
void stage_pass(stage_t *stage, int64_t time);

/* The epoch in which it decides. */
uint64_t stage_epoch(const stage_t *stage);

/* As stage_record, without reacting to it. */
MUST_CHECK err_t stage_overlook(stage_t *stage, const record_t *record);

/* Envelopes for the broker; the caller sends and empties it. */
buf_t *stage_out(stage_t *stage);

/* The next order for the pool; its texts live until the next call on the stage. */
bool stage_take_work(stage_t *stage, uint64_t *ret_ticket, work_t *ret_work);

#endif
