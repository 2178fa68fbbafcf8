/* rows.h - what the session actor keeps, row by row.
 *
 *   key                                        value
 *   'a' account id                             account_row, MessagePack
 *   's' session number                         session_row, MessagePack
 *   'l' login, 'e' e-mail, 'u' username        account id; names with A-Z in lower case
 *   'o' account id, session number             empty: the account's session, while it has not expired
 *   'k' session number                         empty: it is an API key
 *   'i' account id                             number of the session that a bot has on the bus
 *   'j' public key of a bot                    the same
 *   'h' BLAKE2b-256 of a uuid or token         session number
 *   'f' issuer, NUL, subject                   account id, as a foreign token says
 *   'q' place in the queue (expiry.h)          number of a session that expires then
 *   'x' place in the queue (expiry.h)          ended_t, see ended.h
 *   'n' counter                                a number
 *   'r' 'm' 'd' 'p' 'c'                        who shares rooms with whom, see circle.c
 *   'b' 'y' 'z'                                who blocks whom, see blocks.c
 *   'w'                                        who waits for a match, see hopefuls.h
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
    ROWS_OWNED = 'o',
    ROWS_KEY = 'k',
    ROWS_BOT = 'i',
    ROWS_BOT_KEY = 'j',
    ROWS_HASH = 'h',
    ROWS_SUBJECT = 'f',
    ROWS_EXPIRY = 'q',
    ROWS_ENDED = 'x',
    ROWS_COUNTER = 'n',
} rows_table_t;

typedef enum rows_counter {
    ROWS_LAST_ACCOUNT = 1,
    ROWS_LAST_SESSION,
    ROWS_FIRST_EXPIRY, /* of the queue of sessions, see expiry.h */
    ROWS_FIRST_ENDED,  /* of the queue of what has ended */
    ROWS_SYSTEM,       /* the system's account */
} rows_counter_t;

/* ---- accounts and sessions ---- */

MUST_CHECK err_t rows_account(turn_t *turn, uint64_t id, const account_row_t **ret_row);
void rows_put_account(turn_t *turn, const account_row_t *row);

/* An account from the value of a row that a scan has met. */
MUST_CHECK err_t rows_read_account(turn_t *turn, slice_t value, const account_row_t **ret_row);

MUST_CHECK err_t rows_session(turn_t *turn, uint64_t number, const session_row_t **ret_row);
void rows_put_session(turn_t *turn, const session_row_t *row);

/* Its number among those of its account, and by its hash if it has one. */
void rows_index_session(turn_t *turn, const session_row_t *row);

/* The session is gone with all that leads to it. */
void rows_forget_session(turn_t *turn, const session_row_t *row);

/* The session with this hash of a uuid or a foreign token. */
MUST_CHECK err_t rows_hashed(turn_t *turn, slice_t hash, uint64_t *ret_session);

/* The session that a bot's account, or its public key, has on the bus; it may have ended. */
MUST_CHECK err_t rows_bot(turn_t *turn, uint64_t account, const session_row_t **ret_row);
MUST_CHECK err_t rows_bot_key(turn_t *turn, slice_t key, const session_row_t **ret_row);

/* Committed numbers of an account's sessions above `after`, the highest first, until
 * `each` returns false. */
typedef bool rows_session_fn(void *ctx, uint64_t session);
MUST_CHECK err_t rows_scan_owned(turn_t *turn, uint64_t account, uint64_t after,
                                 rows_session_fn *each, void *ctx);

/* ---- whom a foreign issuer means ---- */

MUST_CHECK err_t rows_subject(turn_t *turn, slice_t issuer, slice_t subject, uint64_t *ret_account);
void rows_put_subject(turn_t *turn, slice_t issuer, slice_t subject, uint64_t account);

/* ---- names: ROWS_LOGIN, ROWS_EMAIL, ROWS_USERNAME ---- */

/* Whose name it is, whatever the case of A-Z. */
MUST_CHECK err_t rows_holder(turn_t *turn, rows_table_t names, slice_t name, uint64_t *ret_account);
void rows_put_holder(turn_t *turn, rows_table_t names, slice_t name, uint64_t account);
void rows_delete_holder(turn_t *turn, rows_table_t names, slice_t name);

/* ---- counters; 0 before they are first set ---- */

MUST_CHECK err_t rows_count(turn_t *turn, rows_counter_t counter, uint64_t *ret_count);

/* The number after a counter's, for what is to be made. */
MUST_CHECK err_t rows_next(turn_t *turn, rows_counter_t counter, uint64_t *ret_number);

void rows_put_count(turn_t *turn, rows_counter_t counter, uint64_t count);

/* ---- any table whose keys are numbers ---- */

MUST_CHECK err_t rows_get(turn_t *turn, rows_table_t table, uint64_t number, slice_t *ret_value);
void rows_put(turn_t *turn, rows_table_t table, uint64_t number, slice_t value);
void rows_delete(turn_t *turn, rows_table_t table, uint64_t number);

/* The number in such a row's key. */
uint64_t rows_number(slice_t key);

/* Committed rows with numbers above `after`, ascending, until `each` returns false. */
MUST_CHECK err_t rows_scan(turn_t *turn, rows_table_t table, uint64_t after, store_each_fn *each,
                           void *ctx);

#endif
