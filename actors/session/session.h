/* session.h - the parts of the session actor, as its row (session.c) names them. */
#ifndef ACTORS_SESSION_SESSION_H
#define ACTORS_SESSION_SESSION_H

#include "actors/actor.h"
#include "actors/session/presence.h"

/* ---- commands ---- */

decide_fn session_sign_up;         /* sign_up.c: account.register */
decide_fn session_sign_in;         /* sign_in.c: session.open */
decide_fn session_sign_out;        /* sign_out.c: session.close */
decide_fn session_change_password; /* password.c: password.change */
void session_tick(turn_t *turn);   /* come_and_go.c: who came and went is told */
decide_fn session_announce;        /* come_and_go.c: presence.announce, .set, .gone */
decide_fn session_come_or_go;
decide_fn session_edge_gone;

/* ---- queries: query.c ---- */

decide_fn session_account;
decide_fn session_accounts;
decide_fn session_ended;

/* ---- events: apply.c ---- */

apply_fn session_apply_registered;
apply_fn session_apply_opened;
apply_fn session_apply_closed;
apply_fn session_apply_revoked;
apply_fn session_apply_password;
apply_fn session_apply_seen;

/* ---- what they share ---- */

/* Emit session.opened with this number for the account, and answer with it. */
void session_begin(turn_t *turn, uint64_t session, const account_row_t *row);

/* When a token that is issued now expires. */
int64_t session_expiry(const turn_t *turn);

/* The caller's own session and account.  ERR_SESSION_ENDED if it is over. */
MUST_CHECK err_t session_mine(turn_t *turn, const call_t *call, const session_row_t **ret_session,
                              const account_row_t **ret_account);

/* The account as somebody sees it; the e-mail only if it is their own. */
account_t session_shown(turn_t *turn, const account_row_t *row, bool own);

/* The soft state. */
presence_t *session_presence(turn_t *turn);

#endif
