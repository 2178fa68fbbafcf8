/* matcha42_accounts.c - matcha42's accounts: in and out, passwords, links, being online.
 *
 * A login and a password stand in for the token where the document says so.  They open a
 * session that makes the calls which follow, and ends with the request (`passing`):
 *
 *     logout      session.open ─ session.revoke_others
 *     reset_pass  password.reset with the id of a mailed link, else password.change, for
 *                 which one is signed in: it ends all sessions and opens the one answered */
#include "ws-edge/dialects/matcha42.h"

#include "ws-edge/cookie.h"
#include "ws-edge/param.h"

/* ---- in and out ---- */

static err_t s_open(visit_t *visit, answer_t *ret_refusal)
{
    session_open_call_t *args = arena_new_of(visit->arena, session_open_call_t);
    err_t err = matcha42_text(visit, ret_refusal, "login", &args->login);
    if (err == ERR_OK)
        err = matcha42_secret(visit, ret_refusal, "password", &args->password);
    return err == ERR_OK ? matcha42_call(visit, ret_refusal, CALL_session_open, args) : err;
}

err_t matcha42_ask_login(visit_t *visit, answer_t *ret_refusal)
{
    return s_open(visit, ret_refusal);
}

void matcha42_show_login(visit_t *visit, const answer_t *answer)
{
    const signed_in_t *session = answer->object;
    buf_append_text(visit->body, "{\"status\":\"ok\"");
    matcha42_put_text(visit->body, "token", answer->token);
    matcha42_put_id(visit->body, "user_id", session->account->id);
    buf_append_byte(visit->body, '}');
    cookie_give(visit, MATCHA42_COOKIE, answer->token);
}

/* A token ends its session; login and password end all of the account. */
err_t matcha42_ask_logout(visit_t *visit, answer_t *ret_refusal)
{
    if (visit->who.account != 0)
        return matcha42_call(visit, ret_refusal, CALL_session_close,
                             arena_new_of(visit->arena, session_close_call_t));
    visit->passing = true;
    return s_open(visit, ret_refusal);
}

void matcha42_show_logout(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_session_open) {
        visit->call = CALL_session_revoke_others;
        visit->args = arena_new_of(visit->arena, session_revoke_others_call_t);
        return;
    }
    matcha42_show_done(visit, answer);
    cookie_give(visit, MATCHA42_COOKIE, (slice_t){0});
}

/* ---- passwords ---- */

static err_t s_ask_reset_by_link(visit_t *visit, answer_t *ret_refusal, slice_t new_pass)
{
    password_reset_call_t *args = arena_new_of(visit->arena, password_reset_call_t);
    args->password = new_pass;
    err_t err = matcha42_text(visit, ret_refusal, "reset_id", &args->id);
    return err == ERR_OK ? matcha42_call(visit, ret_refusal, CALL_password_reset, args) : err;
}

static err_t s_ask_change(visit_t *visit, answer_t *ret_refusal, slice_t old_pass, slice_t new_pass)
{
    password_change_call_t *args = arena_new_of(visit->arena, password_change_call_t);
    if (visit->who.account == 0)
        return ERR_UNAUTHENTICATED;
    *args = (password_change_call_t){old_pass, new_pass};
    return matcha42_call(visit, ret_refusal, CALL_password_change, args);
}

err_t matcha42_ask_reset(visit_t *visit, answer_t *ret_refusal)
{
    slice_t old_pass, new_pass;
    err_t err = matcha42_secret(visit, ret_refusal, "new_pass", &new_pass);
    if (err != ERR_OK)
        return err;
    if (param_secret(visit, "old_pass", &old_pass) == ERR_OK && old_pass.len > 0)
        return s_ask_change(visit, ret_refusal, old_pass, new_pass);
    return s_ask_reset_by_link(visit, ret_refusal, new_pass);
}

void matcha42_show_reset(visit_t *visit, const answer_t *answer)
{
    if (answer->type->number == CALL_password_change)
        matcha42_show_login(visit, answer);
    else
        matcha42_show_done(visit, answer);
}

/* ---- links ---- */

err_t matcha42_ask_verify(visit_t *visit, answer_t *ret_refusal)
{
    email_verify_call_t *args = arena_new_of(visit->arena, email_verify_call_t);
    err_t err = matcha42_text(visit, ret_refusal, "ver_id", &args->id);
    if (err == ERR_OK)
        err = matcha42_text(visit, ret_refusal, "login", &args->login);
    return err == ERR_OK ? matcha42_call(visit, ret_refusal, CALL_email_verify, args) : err;
}

/* ---- being online ---- */

static err_t s_ask_presence(visit_t *visit, answer_t *ret_refusal, bool online)
{
    presence_online_call_t *args = arena_new_of(visit->arena, presence_online_call_t);
    args->online = online;
    err_t err = matcha42_own(visit, ret_refusal);
    return err == ERR_OK ? matcha42_call(visit, ret_refusal, CALL_presence_online, args) : err;
}

err_t matcha42_ask_online(visit_t *visit, answer_t *ret_refusal)
{
    return s_ask_presence(visit, ret_refusal, true);
}

err_t matcha42_ask_offline(visit_t *visit, answer_t *ret_refusal)
{
    return s_ask_presence(visit, ret_refusal, false);
}

void matcha42_show_true(visit_t *visit, const answer_t *answer)
{
    (void)answer;
    buf_append_text(visit->body, "true");
}
