/* stage_react.c - reactions: what an actor makes of other actors' events, exactly once.
 *
 *   record ── apply (settled) ── react ──> events with `cause` ──> decision
 *
 * Two marks say how far that is:
 *
 *   seen   all up to here is reacted to, be it pending
 *   done   all up to here is, and what came of it is in the journal
 *
 * The journal moves `done`: an own event that is committed names its cause.  What nothing came
 * of leaves no trace there, so as soon as nothing is open `done` is as far as `seen`, and goes
 * to the store with each flush.  That nothing was to be done may rest on what was pending, and
 * may be lost: such a reaction is open until all of that is committed.
 *
 * Before the journal is applied to its head nothing is reacted to, since a later page may have
 * the reaction already.  Then whatever lies behind `done` is read again, and reacted to.  The
 * same happens when what was pending is lost.  A projection that has never reacted begins at
 * the head: nobody wants to hear of years that went by without the actor.  One that was lost
 * and is made anew goes on behind its last reaction that is in the journal. */
#include <assert.h>

#include "actors/stage_parts.h"

void stage_react_begin(stage_t *stage)
{
    reacting_t *reacting = &stage->reacting;
    const actor_row_t *row = stage->row;
    for (size_t i = 0; i < row->event_count; i++) {
        stage->reactions[row->events[i].event] = row->events[i].react;
        reacting->able = reacting->able || row->events[i].react != NULL;
    }
    reacting->ever = store_reacted(stage->store, &reacting->done);
}

uint64_t stage_reacted(const stage_t *stage)
{
    return stage->reacting.done;
}

bool stage_start_reacting(stage_t *stage)
{
    reacting_t *reacting = &stage->reacting;
    if (!reacting->able || reacting->on)
        return false;
    if (!reacting->ever && reacting->done == 0)
        reacting->done = stage->applied;
    reacting->ever = true;
    reacting->seen = reacting->done;
    reacting->on = true;
    stage->behind = true; /* the store does not know yet that it has begun */
    stage_tape_begin(stage);
    stage_tape_put(stage, TAPE_REACT, 0, (slice_t){0});
    return true;
}

uint64_t stage_owes(const stage_t *stage)
{
    const reacting_t *reacting = &stage->reacting;
    bool owes = reacting->able && (!reacting->on || reacting->seen < stage->applied);
    return owes ? stage_reacted(stage) + 1 : 0;
}

void stage_react_lose(stage_t *stage)
{
    stage->reacting.open = 0;
    stage->reacting.rests = 0;
    stage->reacting.on = false;
}

void stage_react_committed(stage_t *stage, const record_t *record)
{
    reacting_t *reacting = &stage->reacting;
    if (record->actor != stage->row->owner || record->cause <= reacting->done)
        return;
    reacting->done = record->cause;
    if (reacting->open <= record->cause)
        reacting->open = 0;
}

void stage_react_settled(stage_t *stage)
{
    if (stage->reacting.rests > 0)
        stage->reacting.rests--;
}

void stage_react_seen(stage_t *stage, uint64_t seq)
{
    reacting_t *reacting = &stage->reacting;
    if (!reacting->on || seq <= reacting->seen)
        return;
    reacting->seen = seq;
    if (reacting->open == 0 && reacting->rests == 0)
        reacting->done = seq;
    stage->behind = true;
}

react_fn *stage_reaction(const stage_t *stage, const record_t *record)
{
    bool due = stage->reacting.on && record->seq > stage->reacting.seen &&
               record->actor != stage->row->owner && record->type < NUMBERS;
    return due ? stage->reactions[record->type] : NULL;
}

/* The randomness is the journal's own: the hash of the record before. */
void stage_react(stage_t *stage, react_fn *react, const record_t *record, const void *body)
{
    call_t itself = {.principal = record->principal, .time = record->time};
    memcpy(itself.rand, record->previous, RAND_SIZE);
    stage_turn_begin(stage, &itself, NULL);
    stage->turn.cause = record->seq;
    react(&stage->turn, record, body);
    if (stage->turn.record_count > 0) {
        stage_put_decision(stage, &itself, ERR_OK);
        stage->reacting.open = record->seq;
    } else if (store_rests(stage->store)) {
        stage->reacting.rests = stage->unsettled.count;
    }
}
