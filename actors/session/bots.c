/* bots.c - bots that come by the bus: accounts of the role bot with a public key each.
 *
 * Such a key is a session with scopes, as an API key is, but it has no token: whoever holds
 * the other half of the pair is the bot, which the broker's guard sees to.  A bot has one key
 * at a time; another one takes a revocation first, so that nobody keeps an old one by
 * oversight.  The broker knows all of them by bot.list and by the events. */
#include <stdio.h>

#include "actors/keys.h"
#include "actors/row.h"
#include "actors/session/account.h"
#include "actors/session/names.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

static const int64_t s_life = INT64_C(10) * 365 * 24 * 60 * 60 * 1000 * 1000; /* µs */

static bot_t s_bot(const account_row_t *account, const session_row_t *session)
{
    return (bot_t){
        .account = account->id,
        .login = account->login,
        .session = session->id,
        .created = session->created,
        .key = session->key,
        .scopes = session->scopes,
    };
}

/* ---- letting in ---- */

static bool s_is_key(slice_t text)
{
    char key[KEY_TEXT_SIZE];
    snprintf(key, sizeof key, "%.*s", SLICE_ARG(text));
    return text.len == KEY_TEXT_SIZE - 1 && keys_valid(key);
}

static err_t s_check_ask(turn_t *turn, const bot_add_call_t *ask)
{
    if (!scopes_valid(ask->scopes))
        return turn_refuse(turn, ERR_INVALID, "`scopes`: has a word that is no scope");
    if (!s_is_key(ask->key))
        return turn_refuse(turn, ERR_INVALID, "`key`: is no public key");
    return ERR_OK;
}

/* Whether what leads there is free: it was never used, or its session is over. */
static err_t s_check_free(turn_t *turn, err_t found, const session_row_t *session,
                          const char *refusal)
{
    const account_row_t *account;
    err_t err = found;
    if (err == ERR_OK)
        err = rows_account(turn, session->account, &account);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    return session_good(turn, session, account) ? turn_refuse(turn, ERR_EXISTS, refusal) : ERR_OK;
}

static err_t s_make_account(turn_t *turn, slice_t login, account_row_t *ret_row)
{
    names_t names;
    err_t err = names_choose(turn, &(names_t){.login = login}, &names);
    if (err != ERR_OK)
        return err;
    return account_add(turn,
                       &(account_registered_event_t){
                           .login = names.login,
                           .username = names.username,
                           .role = role_BOT,
                       },
                       ret_row);
}

/* The account that is there, if it may be a bot's on the bus. */
static err_t s_check_account(turn_t *turn, uint64_t id, account_row_t *ret_row)
{
    const account_row_t *row;
    const session_row_t *session = NULL;
    err_t err = rows_account(turn, id, &row);
    if (err != ERR_OK)
        return err;
    if (row->role != role_BOT || row->deleted != 0)
        return turn_refuse(turn, ERR_EXISTS, "`login`: is not a bot's");
    *ret_row = *row;
    err_t found = rows_bot(turn, id, &session);
    return s_check_free(turn, found, session, "`login`: has a key; revoke it first");
}

err_t session_add_bot(turn_t *turn, const call_t *call, const void *body)
{
    const bot_add_call_t *ask = body;
    const session_row_t *holder = NULL;
    account_row_t account;
    uint64_t id, next;
    (void)call;
    err_t err = s_check_ask(turn, ask);
    if (err == ERR_OK)
        err = rows_bot_key(turn, ask->key, &holder);
    if (err == ERR_OK || err == ERR_NOT_FOUND)
        err = s_check_free(turn, err, holder, "`key`: is another bot's");
    if (err == ERR_OK)
        err = rows_next(turn, ROWS_LAST_SESSION, &next);
    if (err == ERR_OK)
        err = rows_holder(turn, ROWS_LOGIN, ask->login, &id);
    if (err == ERR_OK)
        err = s_check_account(turn, id, &account);
    else if (err == ERR_NOT_FOUND)
        err = s_make_account(turn, ask->login, &account);
    if (err != ERR_OK)
        return err;
    const session_row_t session = {
        .id = next, .created = turn_now(turn), .key = ask->key, .scopes = ask->scopes};
    session_start(turn, next,
                  &(opening_t){
                      .account = &account,
                      .expires = turn_now(turn) + s_life,
                      .device = SLICE_LIT("bus"),
                      .scopes = ask->scopes,
                      .key = ask->key,
                  });
    bot_t bot = s_bot(&account, &session);
    turn_answer(turn, &bot);
    return ERR_OK;
}

/* ---- changes ---- */

/* The bot of that login, if it may come. */
static err_t s_find(turn_t *turn, slice_t login, const account_row_t **ret_account,
                    const session_row_t **ret_session)
{
    uint64_t id;
    err_t err = rows_holder(turn, ROWS_LOGIN, login, &id);
    if (err == ERR_OK)
        err = rows_account(turn, id, ret_account);
    if (err == ERR_OK)
        err = rows_bot(turn, id, ret_session);
    if (err == ERR_OK && !session_good(turn, *ret_session, *ret_account))
        err = ERR_NOT_FOUND;
    return err;
}

err_t session_revoke_bot(turn_t *turn, const call_t *call, const void *body)
{
    const bot_revoke_call_t *ask = body;
    const account_row_t *account;
    const session_row_t *session;
    (void)call;
    err_t err = s_find(turn, ask->login, &account, &session);
    if (err == ERR_OK)
        session_close(turn, session);
    return err;
}

err_t session_scope_bot(turn_t *turn, const call_t *call, const void *body)
{
    const bot_scopes_call_t *ask = body;
    const account_row_t *account;
    const session_row_t *session;
    (void)call;
    if (!scopes_valid(ask->scopes))
        return turn_refuse(turn, ERR_INVALID, "`scopes`: has a word that is no scope");
    err_t err = s_find(turn, ask->login, &account, &session);
    if (err != ERR_OK)
        return err;
    turn_emit(turn, EVENT_bot_scoped, 0, account->id,
              &(bot_scoped_event_t){session->id, account->id, ask->scopes});
    bot_t bot = s_bot(account, session);
    bot.scopes = ask->scopes;
    turn_answer(turn, &bot);
    return ERR_OK;
}

/* ---- the list ---- */

static err_t s_make(turn_t *turn, slice_t key, slice_t value, void *item)
{
    const session_row_t *session;
    const account_row_t *account;
    err_t err = rows_session(turn, row_number(value, 0), &session);
    (void)key;
    if (err == ERR_OK)
        err = rows_account(turn, session->account, &account);
    if (err == ERR_OK && !session_good(turn, session, account))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        *(bot_t *)item = s_bot(account, session);
    return err;
}

err_t session_bots(turn_t *turn, const call_t *call, const void *body)
{
    const bot_list_call_t *ask = body;
    bot_list_t list = {0};
    row_range_t range = row_range1(ROWS_BOT, ask->after);
    (void)call;
    err_t err = row_make_list(turn, &range, s_make, sizeof(bot_t), LIMIT_PAGE, &list.bots);
    if (err == ERR_OK)
        turn_answer(turn, &list);
    return err;
}
