/* rows.h - what the session actor keeps, row by row.
 *
 *   key                                        value
 *   'a' account id                             account_row, MessagePack
 *   's' session number                         session_row, MessagePack
 *   'l' login, 'e' e-mail, 'u' username        account id; names with A-Z in lower case
 *   'x' place in the queue                     ended_t, see ended.h
 *   'n' counter                                a number
 *
 * Numbers are 8 bytes, big-endian, so that rows lie in their order.  Everything
 * is read by key; only queries scan.
 *
 * Gets: ERR_NOT_FOUND is an answer; ERR_CORRUPT and ERR_STORAGE are the disk's.
 * What they give lives in the turn's arena. */
#ifndef ACTORS_SESSION_ROWS_H
#define ACTORS_SESSION_ROWS_H

#include "actors/actor.h"

typedef enum rows_table {
    ROWS_ACCOUNT = 'a',
    ROWS_SESSION = 's',
    ROWS_LOGIN = 'l',
    ROWS_EMAIL = 'e',
    ROWS_USERNAME = 'u',
    ROWS_ENDED = 'x',
    ROWS_COUNTER = 'n',
} rows_table_t;

typedef enum rows_counter {
    ROWS_LAST_ACCOUNT = 1,
    ROWS_LAST_SESSION,
    ROWS_FORGOTTEN_SESSION, /* sessions up to here have expired and are gone */
    ROWS_LAST_ENDED,        /* newest place in the queue of what has ended */
    ROWS_FORGOTTEN_ENDED,   /* places up to here are gone */
} rows_counter_t;

/* ---- accounts and sessions ---- */

MUST_CHECK err_t rows_account(turn_t *turn, uint64_t id, const account_row_t **ret_row);
void rows_put_account(turn_t *turn, const account_row_t *row);

/* An account from the value of a row that a scan has met. */
MUST_CHECK err_t rows_read_account(turn_t *turn, slice_t value, const account_row_t **ret_row);

MUST_CHECK err_t rows_session(turn_t *turn, uint64_t number, const session_row_t **ret_row);
void rows_put_session(turn_t *turn, const session_row_t *row);

/* ---- names: ROWS_LOGIN, ROWS_EMAIL, ROWS_USERNAME ---- */

/* Whose name it is, whatever the case of A-Z. */
MUST_CHECK err_t rows_holder(turn_t *turn, rows_table_t names, slice_t name, uint64_t *ret_account);
void rows_put_holder(turn_t *turn, rows_table_t names, slice_t name, uint64_t account);

/* ---- counters; 0 before they are first set ---- */

MUST_CHECK err_t rows_count(turn_t *turn, rows_counter_t counter, uint64_t *ret_count);
void rows_put_count(turn_t *turn, rows_counter_t counter, uint64_t count);

/* ---- any table whose keys are numbers ---- */

MUST_CHECK err_t rows_get(turn_t *turn, rows_table_t table, uint64_t number, slice_t *ret_value);
void rows_put(turn_t *turn, rows_table_t table, uint64_t number, slice_t value);
void rows_delete(turn_t *turn, rows_table_t table, uint64_t number);

/* Committed rows with numbers above `after`, ascending, until `each` returns false. */
MUST_CHECK err_t rows_scan(turn_t *turn, rows_table_t table, uint64_t after, store_each_fn *each,
                           void *ctx);

#endif
