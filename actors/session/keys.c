/* keys.c - API keys: sessions of the system or of a bot, with scopes and a long life.
 *
 * A key may what its account may, and of that only the calls of its scopes, which is
 * the edge's affair.  The system's account is made with the first key; it has no
 * password, so nobody signs in as it. */
#include "actors/session/account.h"
#include "actors/session/names.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"
#include "actors/session/staff.h"

static const int64_t s_life = INT64_C(10) * 365 * 24 * 60 * 60 * 1000 * 1000; /* µs */

/* ---- whose ---- */

static err_t s_make_system(turn_t *turn, account_row_t *ret_row)
{
    static const slice_t name = SLICE_LIT("system");
    account_registered_event_t event = {.username = name, .role = role_SYSTEM};
    err_t err = names_make_login(turn, name, &event.login);
    return err == ERR_OK ? account_add(turn, &event, ret_row) : err;
}

/* The system's account; made if need be. */
static err_t s_system(turn_t *turn, account_row_t *ret_row)
{
    uint64_t id;
    const account_row_t *row;
    err_t err = rows_count(turn, ROWS_SYSTEM, &id);
    if (err == ERR_OK && id == 0)
        return s_make_system(turn, ret_row);
    if (err == ERR_OK)
        err = rows_account(turn, id, &row);
    if (err == ERR_OK)
        *ret_row = *row;
    return err;
}

static err_t s_bot(turn_t *turn, uint64_t id, account_row_t *ret_row)
{
    const account_row_t *row;
    err_t err = rows_account(turn, id, &row);
    if (err != ERR_OK)
        return err;
    if (row->role != role_BOT || row->deleted != 0)
        return turn_refuse(turn, ERR_INVALID, "`account`: is not a bot's");
    *ret_row = *row;
    return ERR_OK;
}

/* ---- commands ---- */

/* An admin or an operator. */
static err_t s_check_admin(turn_t *turn, const call_t *call)
{
    rank_t rank;
    return staff_check(turn, call, RANK_ADMIN, &rank);
}

err_t session_create_key(turn_t *turn, const call_t *call, const void *body)
{
    const key_create_call_t *ask = body;
    account_row_t row;
    uint64_t next;
    err_t err = s_check_admin(turn, call);
    if (err == ERR_OK && !scopes_valid(ask->scopes))
        err = turn_refuse(turn, ERR_INVALID,
                          "`scopes`: are words of the list of scopes, each once, with a space "
                          "between them");
    if (err == ERR_OK)
        err = rows_next(turn, ROWS_LAST_SESSION, &next);
    if (err == ERR_OK)
        err = ask->account > 0 ? s_bot(turn, ask->account, &row) : s_system(turn, &row);
    if (err != ERR_OK)
        return err;
    session_begin(turn, next,
                  &(opening_t){
                      .account = &row,
                      .expires = turn_now(turn) + s_life,
                      .device = ask->name,
                      .scopes = ask->scopes,
                  });
    return ERR_OK;
}

err_t session_revoke_key(turn_t *turn, const call_t *call, const void *body)
{
    const key_revoke_call_t *ask = body;
    const session_row_t *session;
    err_t err = s_check_admin(turn, call);
    if (err == ERR_OK)
        err = rows_session(turn, ask->session, &session);
    if (err == ERR_OK && session->scopes.len == 0)
        err = ERR_NOT_FOUND;
    if (err == ERR_OK && session->ended == 0)
        session_close(turn, session);
    return err;
}

/* ---- the list ---- */

typedef struct keys {
    turn_t *turn;
    session_info_t *items;
    size_t count;
    err_t err;
} keys_t;

static bool s_each_key(void *ctx, slice_t key, slice_t value)
{
    keys_t *keys = ctx;
    const session_row_t *row;
    const account_row_t *account;
    (void)value;
    keys->err = rows_session(keys->turn, rows_number(key), &row);
    if (keys->err == ERR_OK)
        keys->err = rows_account(keys->turn, row->account, &account);
    if (keys->err != ERR_OK)
        return false;
    if (session_good(keys->turn, row, account))
        keys->items[keys->count++] = session_info(row);
    return keys->count < LIMIT_PAGE;
}

err_t session_keys(turn_t *turn, const call_t *call, const void *body)
{
    (void)body;
    keys_t keys = {.turn = turn};
    err_t err = s_check_admin(turn, call);
    if (err != ERR_OK)
        return err;
    keys.items = arena_alloc(turn_arena(turn), LIMIT_PAGE * sizeof *keys.items);
    err = rows_scan(turn, ROWS_KEY, 0, s_each_key, &keys);
    if (err == ERR_OK)
        err = keys.err;
    if (err == ERR_OK)
        turn_answer(turn, &(session_list_t){.sessions = {keys.items, keys.count}});
    return err;
}
