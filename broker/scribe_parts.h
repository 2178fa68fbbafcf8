/* scribe_parts.h - what the broker and the scribe say to each other.
 *
 * Messages over the pair begin with one byte that says what they are:
 *
 *   to the scribe    'A' records                 append these
 *                    'F' ticket from rooms accounts   fetch a page (numbers u64)
 *                    'N'                          make the place for a snapshot
 *                    'K' snapshot                 keep it
 *                    'Q'                          write what came before, then end
 *   to the broker    'C' records                 these are on disk
 *                    'P' ticket status next records   a page
 *                    'S'                          a write failed: take nothing
 *                    'R' epoch                    mended; what was not reported is lost
 *                    'W'                          have the actors copy, the place is there
 *                    'T' status snapshot          it is kept, or was not
 *                    'D' first                    the journal begins there now */
#ifndef BROKER_SCRIBE_PARTS_H
#define BROKER_SCRIBE_PARTS_H

#include "broker/scribe.h"

typedef enum op {
    OP_APPEND = 'A',
    OP_FETCH = 'F',
    OP_QUIT = 'Q',
    OP_PREPARE = 'N',
    OP_KEEP = 'K',
    OP_COMMITTED = 'C',
    OP_PAGE = 'P',
    OP_SUSPENDED = 'S',
    OP_REOPENED = 'R',
    OP_WANTED = 'W',
    OP_KEPT = 'T',
    OP_CUT = 'D',
} op_t;

/* Send the message; the pair's queue is bounded, and whoever is at the other end always reads. */
void scribe_say(bus_t *bus, buf_t *message);
void scribe_say_op(bus_t *bus, op_t op);

void scribe_put64(buf_t *out, uint64_t number);
void scribe_take64(slice_t *in, uint64_t *ret_number);

#endif
