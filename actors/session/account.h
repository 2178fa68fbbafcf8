/* account.h - how accounts come to be and how they go, whoever wants it. */
#ifndef ACTORS_SESSION_ACCOUNT_H
#define ACTORS_SESSION_ACCOUNT_H

#include "actors/actor.h"

/* Emit account.registered with the next id and a uuid; names and the rest are the
 * caller's.  Gives the row that came of it. */
MUST_CHECK err_t account_add(turn_t *turn, const account_registered_event_t *event,
                             account_row_t *ret_row);

/* The row that account.registered makes. */
account_row_t account_of(const account_registered_event_t *event, int64_t created);

/* Emit that all sessions of the account end.  Comes before what else the caller emits,
 * since it can fail. */
MUST_CHECK err_t account_expel(turn_t *turn, const account_row_t *row);

/* Emit that the account is deleted, and that its sessions end. */
MUST_CHECK err_t account_delete(turn_t *turn, const account_row_t *row);

/* Emit that its e-mail is proven.  EXISTS if another has proven it. */
MUST_CHECK err_t account_prove_email(turn_t *turn, const account_row_t *row);

/* ---- work for the pool: the first time it is ordered, and nothing given ---- */

/* What verifies a password: itself, and its MD5 in hex. */
typedef struct verifiers {
    slice_t own; /* empty: there is none */
    slice_t md5; /* empty where clients that send it are not let in */
} verifiers_t;

/* The same of a result that is at hand. */
MUST_CHECK err_t account_take_hash(turn_t *turn, const work_result_t *result,
                                   verifiers_t *ret_verifiers);

/* The verifiers of a new password, which may be the MD5 of one if it is `hashed`; none the
 * first time. */
MUST_CHECK err_t account_hash(turn_t *turn, slice_t password, bool hashed,
                              verifiers_t *ret_verifiers);

/* Have it held against an account's; whether it fits, of the result. */
MUST_CHECK err_t account_verify(turn_t *turn, const account_row_t *row, slice_t password,
                                bool hashed);
bool account_fits(const work_result_t *result, const account_row_t *row);

/* Emit that the account has a new password. */
void account_set_password(turn_t *turn, uint64_t account, const verifiers_t *verifiers);

/* The caller's own account, if this is its present password; NULL the first time. */
MUST_CHECK err_t account_check_password(turn_t *turn, const call_t *call, slice_t password,
                                        const account_row_t **ret_row);

#endif
