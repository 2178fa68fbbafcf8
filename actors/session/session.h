/* session.h - the parts of the session actor, as its row (session.c) names them. */
#ifndef ACTORS_SESSION_SESSION_H
#define ACTORS_SESSION_SESSION_H

#include "actors/actor.h"
#include "actors/session/presence.h"
#include "actors/session/said.h"

/* ---- commands ---- */

decide_fn session_sign_up;         /* sign_up.c: account.register */
decide_fn session_sign_in;         /* sign_in.c: session.open */
decide_fn session_sign_out;        /* sign_out.c: session.close */
decide_fn session_change_password; /* password.c: password.change */
decide_fn session_renew;           /* own_sessions.c: session.renew, .revoke, .revoke_others */
decide_fn session_revoke;
decide_fn session_revoke_others;
void session_tick(turn_t *turn); /* come_and_go.c: who came and went is told */
decide_fn session_announce;      /* come_and_go.c: presence.announce, .set, .gone */
decide_fn session_come_or_go;
decide_fn session_edge_gone;
decide_fn session_say_online; /* come_and_go.c: presence.online */

decide_fn session_mint;       /* mint.c: session.mint */
decide_fn session_adopt;      /* adopt.c: session.adopt */
decide_fn session_create_key; /* keys.c: key.create, key.revoke */
decide_fn session_revoke_key;

decide_fn session_rename; /* profile.c: account.rename, .delete, email.change, .ask, .verify */
decide_fn session_delete_own;
decide_fn session_change_email;
decide_fn session_ask_email;
decide_fn session_verify_email;
decide_fn session_ask_reset; /* reset.c: reset.ask, password.reset */
decide_fn session_reset_password;
decide_fn session_create; /* admin.c: account.create, .set_role, .ban, .unban, .verify, .remove */
decide_fn session_set_role;
decide_fn session_ban;
decide_fn session_unban;
decide_fn session_vouch;
decide_fn session_remove;
decide_fn session_redact; /* redact.c: account.redact */
decide_fn session_import; /* import.c: account.import */

/* ---- reactions ---- */

react_fn session_react_digest; /* away.c: who has one due may be connected */
apply_fn session_apply_away;
react_fn session_react_resolved; /* admin.c: a report's outcome may be a ban */

/* ---- queries: query.c ---- */

decide_fn session_account;
decide_fn session_accounts;
decide_fn session_find_account;
decide_fn session_link;
decide_fn session_ended;
decide_fn session_list; /* query_sessions.c: session.list, session.find */
decide_fn session_find;
decide_fn session_presences; /* query_presence.c: presence.get */
decide_fn session_keys;      /* keys.c: key.list */
decide_fn session_add_bot;   /* bots.c: bot.add, bot.revoke, bot.scopes, bot.list */
decide_fn session_revoke_bot;
decide_fn session_scope_bot;
decide_fn session_bots;

/* ---- events: apply.c ---- */

apply_fn session_apply_registered;
apply_fn session_apply_opened; /* apply_sessions.c */
apply_fn session_apply_renewed;
apply_fn session_apply_closed;
apply_fn session_apply_revoked;
apply_fn session_apply_password;
apply_fn session_apply_renamed; /* apply_changes.c */
apply_fn session_apply_email;
apply_fn session_apply_verified;
apply_fn session_apply_link;
apply_fn session_apply_role;
apply_fn session_apply_banned;
apply_fn session_apply_unbanned;
apply_fn session_apply_deleted;
apply_fn session_apply_redacted;
apply_fn session_apply_scoped;
apply_fn session_apply_seen;
apply_fn session_apply_online;

/* ---- what they share ---- */

/* Whether the account may have a new session: BANNED if it is banned or deleted. */
MUST_CHECK err_t session_admit(turn_t *turn, const account_row_t *row);

/* A session that is to be opened. */
typedef struct opening {
    const account_row_t *account;
    int64_t expires; /* µs; 0: as people's sessions do */
    slice_t device;  /* or the name of the key */
    slice_t scopes;  /* of an API key or a bot */
    slice_t key;     /* of a bot on the bus */
    bool uuid;       /* it gets one, which the answer tells */
    slice_t hash;    /* of the foreign token that opens it */
    bool foreign;
} opening_t;

/* Emit session.opened with this number; and answer with it. */
void session_start(turn_t *turn, uint64_t session, const opening_t *opening);
void session_begin(turn_t *turn, uint64_t session, const opening_t *opening);

/* Emit that the account's sessions with numbers below `before` end, all but `kept`. */
void session_end_all(turn_t *turn, const account_row_t *row, uint64_t before, uint64_t kept);

/* Emit that this one ends. */
void session_close(turn_t *turn, const session_row_t *session);

/* When a person's token that is issued now expires, or was that was issued at `begin`. */
int64_t session_expiry(const turn_t *turn);
int64_t session_expiry_of(int64_t begin);

/* A version 4 uuid of the call's random bytes, another one for each purpose. */
slice_t session_uuid(turn_t *turn, const char *purpose);

/* The hash by which a session's uuid is kept. */
slice_t session_hash(turn_t *turn, slice_t credential);

/* Answer with a session that a credential has led to; ERR_SESSION_ENDED if it is over. */
MUST_CHECK err_t session_answer_found(turn_t *turn, uint64_t number);

/* Whether a session of this account has not ended or expired. */
bool session_good(const turn_t *turn, const session_row_t *session, const account_row_t *account);

/* The caller's own session and account.  ERR_SESSION_ENDED if it is over. */
MUST_CHECK err_t session_mine(turn_t *turn, const call_t *call, const session_row_t **ret_session,
                              const account_row_t **ret_account);

/* The session as its owner sees it. */
session_info_t session_info(const session_row_t *row);

/* The soft state. */
typedef struct session_soft {
    presence_t presence;
    said_t said;
    said_t awaited;     /* until when, see hopefuls.h */
    bool reveal_emails; /* settings */
    bool public_uuids;
    bool proven_only;
} session_soft_t;

presence_t *session_presence(turn_t *turn);
said_t *session_said(turn_t *turn);
bool session_reveals_emails(turn_t *turn);
bool session_has_public_uuids(turn_t *turn);
bool session_wants_proof(turn_t *turn);

/* Whether the person is here: connected, or says so. */
bool session_online(turn_t *turn, const account_row_t *row);

#endif
