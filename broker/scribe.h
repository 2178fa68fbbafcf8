/* scribe.h - the journal's thread.
 *
 * It owns the journal, the catch-up index and the snapshots (keeper.h).  Over its pair it takes records to
 * append and pages to fetch, and tells what is on disk.  Appends that arrive while
 * the disk works are committed together by the next one: the previous fsync sets
 * the size of the next batch, there is no timer. */
#ifndef BROKER_SCRIBE_H
#define BROKER_SCRIBE_H

#include "actors/bus.h"
#include "broker/keeper.h"
#include "broker/router.h"

typedef struct scribe scribe_t;

/* Takes the journal.  The index, the anchor and the snapshots lie beside it, in the folder
 * `data`. */
MUST_CHECK err_t scribe_start(journal_t **journal_p, const char *data, const keeper_options_t *keep,
                              scribe_t **ret_scribe);

/* Ends the thread after everything that was given to it is on disk. */
void scribe_stop(scribe_t **scribe_p);

/* The broker's end of the pair: readable when the scribe has said something. */
bus_t *scribe_bus(const scribe_t *scribe);

void scribe_append(scribe_t *scribe, slice_t records);
void scribe_fetch(scribe_t *scribe, const page_order_t *order);

/* Make the place for a snapshot; and keep one, of which the actors have told. */
void scribe_prepare(scribe_t *scribe);
void scribe_keep(scribe_t *scribe, slice_t snapshot);

/* Hand to the router what the scribe has said; false if it has said nothing. */
bool scribe_deliver(scribe_t *scribe, router_t *router);

#endif
