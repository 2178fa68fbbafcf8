/* query_sessions.c - sessions as their owners see them, and as edges find them. */
#include "actors/session/rows.h"
#include "actors/session/session.h"

session_info_t session_info(const session_row_t *row)
{
    return (session_info_t){
        .id = row->id,
        .account = row->account,
        .created = row->created,
        .expires = row->expires,
        .device = row->device,
        .scopes = row->scopes,
    };
}

/* ---- one's own ---- */

typedef struct own {
    turn_t *turn;
    const account_row_t *account;
    uint64_t current;
    session_info_t *items; /* filled from the end, as the highest number comes first */
    size_t count;
    err_t err;
} own_t;

static bool s_each_own(void *ctx, uint64_t number)
{
    own_t *own = ctx;
    const session_row_t *row;
    own->err = rows_session(own->turn, number, &row);
    if (own->err != ERR_OK)
        return false;
    if (session_good(own->turn, row, own->account)) {
        session_info_t *item = &own->items[LIMIT_PAGE - ++own->count];
        *item = session_info(row);
        item->current = number == own->current;
    }
    return own->count < LIMIT_PAGE;
}

err_t session_list(turn_t *turn, const call_t *call, const void *body)
{
    (void)body;
    own_t own = {.turn = turn, .current = call->session};
    err_t err = rows_account(turn, call->principal, &own.account);
    if (err != ERR_OK)
        return err;
    own.items = arena_alloc(turn_arena(turn), LIMIT_PAGE * sizeof *own.items);
    err = rows_scan_owned(turn, call->principal, 0, s_each_own, &own);
    if (err == ERR_OK)
        err = own.err;
    if (err == ERR_OK)
        turn_answer(turn, &(session_list_t){
                              .sessions = {own.items + LIMIT_PAGE - own.count, own.count},
                          });
    return err;
}

/* ---- by a credential ---- */

err_t session_answer_found(turn_t *turn, uint64_t number)
{
    const session_row_t *session;
    const account_row_t *account;
    err_t err = rows_session(turn, number, &session);
    if (err == ERR_OK)
        err = rows_account(turn, session->account, &account);
    if (err != ERR_OK)
        return err;
    if (!session_good(turn, session, account))
        return ERR_SESSION_ENDED;
    turn_answer(turn, &(found_session_t){session->id, session->account, session->expires});
    return ERR_OK;
}

/* One that was opened while uuids were public: everybody knows it. */
static err_t s_refuse_public(turn_t *turn, uint64_t number, slice_t uuid)
{
    const session_row_t *session;
    const account_row_t *account;
    err_t err = rows_session(turn, number, &session);
    if (err == ERR_OK)
        err = rows_account(turn, session->account, &account);
    return err == ERR_OK && slice_eq(uuid, account->uuid) ? ERR_NOT_FOUND : err;
}

err_t session_find(turn_t *turn, const call_t *call, const void *body)
{
    (void)call;
    const session_find_call_t *ask = body;
    uint64_t number;
    err_t err = rows_hashed(turn, session_hash(turn, ask->uuid), &number);
    if (err == ERR_OK && !session_has_public_uuids(turn))
        err = s_refuse_public(turn, number, ask->uuid);
    return err == ERR_OK ? session_answer_found(turn, number) : err;
}
