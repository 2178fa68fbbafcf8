/* apply.h - what the files of apply functions share. */
#ifndef ACTORS_SESSION_APPLY_H
#define ACTORS_SESSION_APPLY_H

#include "actors/actor.h"

/* A copy of the account's row, to be changed and put back; false if there is none. */
bool apply_account(turn_t *turn, uint64_t account, account_row_t *ret_row);

/* The username signs this account in, unless another has had it before. */
void apply_hold_username(turn_t *turn, slice_t username, uint64_t account);

/* The e-mail is this account's; whoever else held it has none any more, nor open links. */
void apply_take_email(turn_t *turn, slice_t email, uint64_t account);

#endif
