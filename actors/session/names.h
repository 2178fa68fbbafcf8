/* names.h - who may be called what, and who is meant by a name.
 *
 * Logins and e-mails are one space of names: a new login, username or e-mail must
 * not be somebody else's login or e-mail.  Usernames alone may be shared; such a
 * one signs in only its first holder, and only if it is nobody's login or e-mail.
 * Who signs up with a username alone is given a login made from it, and may share
 * it with whoever got the login before.  A-Z and a-z are the same in all of them.
 *
 * An e-mail counts for one account.  Who signs up can't have one that counts for somebody
 * else; an account that is there may claim it as long as nobody has proven it, and it
 * counts for whoever proves it first. */
#ifndef ACTORS_SESSION_NAMES_H
#define ACTORS_SESSION_NAMES_H

#include "actors/actor.h"

typedef struct names {
    slice_t login;
    slice_t username;
    slice_t email; /* empty if there is none */
    bool proven;   /* the e-mail is */
} names_t;

/* The names of a new account that wants these: without a login or a username it gets one
 * from the other.  Refuses with INVALID or EXISTS and the field. */
MUST_CHECK err_t names_choose(turn_t *turn, const names_t *wanted, names_t *ret_names);

/* Whether the account may be called that from now on; whose it is already may.  Refuses
 * as names_choose does. */
MUST_CHECK err_t names_check_username(turn_t *turn, slice_t username, uint64_t account);

/* Whether the account may claim that address: nobody else has proven it. */
MUST_CHECK err_t names_check_email(turn_t *turn, slice_t email, uint64_t account);

/* A login from a name of good shape: itself, or with -2, -3 … behind it.  ERR_EXISTS
 * when a hundred of them are taken. */
MUST_CHECK err_t names_make_login(turn_t *turn, slice_t name, slice_t *ret_login);

/* The names of the account numbered `id` for the bearer of a foreign token: what the
 * token says as far as it can be had, else something else. */
MUST_CHECK err_t names_adopt(turn_t *turn, const session_adopt_call_t *ask, uint64_t id,
                             names_t *ret_names);

/* Who signs in by this name: by login, else e-mail, else username.  ERR_NOT_FOUND. */
MUST_CHECK err_t names_find(turn_t *turn, slice_t name, const account_row_t **ret_row);

#endif
