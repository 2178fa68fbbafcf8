/* query.c - accounts as others see them, and what edges must refuse. */
#include "actors/session/circle.h"
#include "actors/session/ended.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

enum { PAGE = 100 }; /* accounts, when nobody says how many */

account_t session_shown(turn_t *turn, const account_row_t *row, bool own)
{
    return (account_t){
        .id = row->id,
        .login = row->login,
        .username = row->username,
        .email = own ? row->email : (slice_t){0},
        .created = row->created,
        .online = session_online(turn, row),
        .last_seen = row->last_seen,
    };
}

/* Others see it as far as they may know of the person: whether they are here if the two
 * share a room, their e-mail if they are contacts. */
static err_t s_show(const circle_t *circle, const account_row_t *row, account_t *ret_account)
{
    bool all = circle->account == 0, meets = all, contacts = all;
    err_t err = all ? ERR_OK : circle_meets(circle, row->id, &meets);
    if (err == ERR_OK && !all)
        err = circle_contacts(circle->turn, circle->account, row->id, &contacts);
    *ret_account = session_shown(circle->turn, row, contacts || row->id == circle->account);
    ret_account->online &= meets;
    if (!meets || ret_account->online)
        ret_account->last_seen = 0;
    return err;
}

/* ---- accounts ---- */

typedef struct page {
    turn_t *turn;
    circle_t circle; /* of the asker */
    account_t *items;
    size_t count;
    size_t limit;
    err_t err;
} page_t;

static bool s_each_account(void *ctx, slice_t key, slice_t value)
{
    (void)key;
    page_t *page = ctx;
    const account_row_t *row;
    page->err = rows_read_account(page->turn, value, &row);
    if (page->err == ERR_OK)
        page->err = s_show(&page->circle, row, &page->items[page->count]);
    if (page->err != ERR_OK)
        return false;
    return ++page->count < page->limit;
}

static err_t s_read_page(page_t *page, uint64_t after)
{
    page->items = arena_alloc(turn_arena(page->turn), page->limit * sizeof *page->items);
    err_t err = rows_scan(page->turn, ROWS_ACCOUNT, after, s_each_account, page);
    return err == ERR_OK ? page->err : err;
}

err_t session_account(turn_t *turn, const call_t *call, const void *body)
{
    const account_get_call_t *ask = body;
    uint64_t id = ask->account > 0 ? ask->account : call->principal;
    const account_row_t *row;
    circle_t circle;
    account_t shown;
    err_t err = rows_account(turn, id, &row);
    if (err == ERR_OK)
        err = circle_open(turn, call->principal, &circle);
    if (err == ERR_OK)
        err = s_show(&circle, row, &shown);
    if (err == ERR_OK)
        turn_answer(turn, &shown);
    return err;
}

err_t session_accounts(turn_t *turn, const call_t *call, const void *body)
{
    const account_list_call_t *ask = body;
    page_t page = {
        .turn = turn,
        .limit = ask->limit > 0 ? ask->limit : PAGE,
    };
    err_t err = circle_open(turn, call->principal, &page.circle);
    if (err == ERR_OK)
        err = s_read_page(&page, ask->after);
    if (err == ERR_OK)
        turn_answer(turn, &(account_list_t){.accounts = {page.items, page.count}});
    return err;
}

/* ---- what has ended ---- */

typedef struct refused {
    buf_t sessions; /* ended_session_t, one behind the other */
    buf_t accounts; /* not_before_t */
} refused_t;

static void s_each_ended(void *ctx, const ended_t *ended)
{
    refused_t *refused = ctx;
    ended_session_t session = {ended->session, ended->expires};
    not_before_t account = {ended->account, ended->session, ended->expires, ended->kept};
    if (ended->account == 0)
        buf_append(&refused->sessions, slice_new(&session, sizeof session));
    else
        buf_append(&refused->accounts, slice_new(&account, sizeof account));
}

err_t session_ended(turn_t *turn, const call_t *call, const void *body)
{
    (void)call;
    (void)body;
    refused_t refused = {0};
    err_t err = ended_scan(turn, s_each_ended, &refused);
    if (err == ERR_OK)
        turn_answer(
            turn,
            &(ended_list_t){
                .sessions = {refused.sessions.data, refused.sessions.len / sizeof(ended_session_t)},
                .accounts = {refused.accounts.data, refused.accounts.len / sizeof(not_before_t)},
            });
    buf_free(&refused.sessions);
    buf_free(&refused.accounts);
    return err;
}
