/* session.c - the actor of accounts, sessions and presence.
 *
 * An account has names, a verifier of its password, and any number of sessions; a
 * session is the record behind one token.  A session is over when it was closed,
 * when a later number was made the account's first good one (a new password), or
 * when its last token has expired.
 *
 *   session.open ──> good ── session.close, .revoke ─────> over
 *                    ^ │├─── sessions.revoked_before ──────^
 *       session.renew└─┘└─── 30 days since ────────────────^
 *
 * An API key is a session with scopes that lives ten years, and so is a bot's key on the bus; the bearer of a foreign
 * token has one that lives as long as the token.
 *
 * An account's e-mail is claimed first and proven by a link (profile.c, links.h); who is
 * banned has no session and gets none (admin.c); of who is deleted a row with the login
 * stays.
 *
 * Passwords come in with commands, go to the pool, and are in no event; the pool's
 * verifiers are in events and in rows, and in no answer.  Those of MD5s (pool.c) are left
 * alone by a server that does not let such clients in, until the password changes. */
#include "actors/session/session.h"

#include "actors/session/blocks.h"
#include "actors/session/circle.h"
#include "actors/session/hopefuls.h"
#include "actors/session/keep.h"

static const call_row_t s_calls[] = {
    {CALL_account_register, session_sign_up},
    {CALL_session_open, session_sign_in},
    {CALL_session_close, session_sign_out},
    {CALL_password_change, session_change_password},
    {CALL_presence_announce, session_announce},
    {CALL_presence_set, session_come_or_go},
    {CALL_presence_gone, session_edge_gone},
    {CALL_account_get, session_account},
    {CALL_account_list, session_accounts},
    {CALL_session_ended, session_ended},
    {CALL_presence_online, session_say_online},
    {CALL_presence_get, session_presences},
    {CALL_session_renew, session_renew},
    {CALL_session_revoke, session_revoke},
    {CALL_session_list, session_list},
    {CALL_session_revoke_others, session_revoke_others},
    {CALL_session_find, session_find},
    {CALL_session_mint, session_mint},
    {CALL_session_adopt, session_adopt},
    {CALL_key_create, session_create_key},
    {CALL_key_revoke, session_revoke_key},
    {CALL_key_list, session_keys},
    {CALL_bot_add, session_add_bot},
    {CALL_bot_revoke, session_revoke_bot},
    {CALL_bot_scopes, session_scope_bot},
    {CALL_bot_list, session_bots},
    {CALL_account_rename, session_rename},
    {CALL_account_delete, session_delete_own},
    {CALL_email_change, session_change_email},
    {CALL_email_ask, session_ask_email},
    {CALL_email_verify, session_verify_email},
    {CALL_reset_ask, session_ask_reset},
    {CALL_account_create, session_create},
    {CALL_password_reset, session_reset_password},
    {CALL_account_import, session_import},
    {CALL_account_set_role, session_set_role},
    {CALL_account_ban, session_ban},
    {CALL_account_unban, session_unban},
    {CALL_account_verify, session_vouch},
    {CALL_account_remove, session_remove},
    {CALL_account_redact, session_redact},
    {CALL_account_find, session_find_account},
    {CALL_account_link, session_link},
};

static const event_row_t s_events[] = {
    {EVENT_account_registered, session_apply_registered},
    {EVENT_session_opened, session_apply_opened},
    {EVENT_session_renewed, session_apply_renewed},
    {EVENT_session_closed, session_apply_closed},
    {EVENT_sessions_revoked, session_apply_revoked},
    {EVENT_password_changed, session_apply_password},
    {EVENT_bot_scoped, session_apply_scoped},
    {EVENT_account_seen, session_apply_seen},
    {EVENT_online_set, session_apply_online},
    {EVENT_account_renamed, session_apply_renamed},
    {EVENT_email_changed, session_apply_email},
    {EVENT_email_verified, session_apply_verified},
    {EVENT_link_asked, session_apply_link},
    {EVENT_role_changed, session_apply_role},
    {EVENT_account_banned, session_apply_banned},
    {EVENT_account_unbanned, session_apply_unbanned},
    {EVENT_account_deleted, session_apply_deleted},
    {EVENT_account_redacted, session_apply_redacted},
    {EVENT_room_created, circle_apply_created},
    {EVENT_room_joined, circle_apply_joined},
    {EVENT_room_left, circle_apply_left},
    {EVENT_room_deleted, circle_apply_deleted},
    {EVENT_people_blocked, blocks_apply_blocked},
    {EVENT_people_unblocked, blocks_apply_unblocked},
    {EVENT_profile_updated, blocks_apply_profile},
    {EVENT_report_resolved, NULL, session_react_resolved},
    {EVENT_ticket_opened, hopefuls_apply_opened, hopefuls_react_opened},
    {EVENT_ticket_closed, hopefuls_apply_closed, hopefuls_react_closed},
    {EVENT_match_made, hopefuls_apply_made, hopefuls_react_made},
    {EVENT_digest_due, NULL, session_react_digest},
    {EVENT_account_away, session_apply_away},
};

presence_t *session_presence(turn_t *turn)
{
    session_soft_t *soft = turn_soft(turn);
    return &soft->presence;
}

said_t *session_said(turn_t *turn)
{
    session_soft_t *soft = turn_soft(turn);
    return &soft->said;
}

bool session_reveals_emails(turn_t *turn)
{
    const session_soft_t *soft = turn_soft(turn);
    return soft->reveal_emails;
}

bool session_has_public_uuids(turn_t *turn)
{
    const session_soft_t *soft = turn_soft(turn);
    return soft->public_uuids;
}

bool session_wants_proof(turn_t *turn)
{
    const session_soft_t *soft = turn_soft(turn);
    return soft->proven_only;
}

static void s_soft_open(void *ctx, const actor_options_t *options)
{
    session_soft_t *soft = ctx;
    soft->reveal_emails = options->reveal_emails;
    soft->public_uuids = options->public_uuids;
    soft->proven_only = options->proven_only;
}

static void s_soft_close(void *ctx)
{
    session_soft_t *soft = ctx;
    presence_close(&soft->presence);
    said_close(&soft->said);
    said_close(&soft->awaited);
}

const actor_row_t session_actor = {
    .owner = owner_SESSION,
    .name = "session",
    .calls = s_calls,
    .call_count = COUNT_OF(s_calls),
    .events = s_events,
    .event_count = COUNT_OF(s_events),
    .warm = hopefuls_warm,
    .tick = session_tick,
    .format = 3, /* who is kept apart from whom */
    .soft_size = sizeof(session_soft_t),
    .soft_open = s_soft_open,
    .soft_close = s_soft_close,
    .soft_keep = session_keep,
    .soft_restore = session_restore,
};
