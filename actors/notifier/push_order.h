/* push_order.h - what a push says, to whom, and how urgent it is. */
#ifndef ACTORS_NOTIFIER_PUSH_ORDER_H
#define ACTORS_NOTIFIER_PUSH_ORDER_H

#include "actors/actor.h"

/* Of a notification, as the inbox shows it now; in the turn's arena.  NOT_FOUND: there is nothing
 * to tell any more. */
MUST_CHECK err_t push_order(turn_t *turn, const push_row_t *row, const push_waiting_t *what,
                            const push_order_t **ret_order);

/* Until when something is told that came at `time`, µs. */
int64_t push_order_end(int64_t time);

#endif
