/* query.c - accounts as others see them, and what edges must refuse. */
#include "actors/session/ended.h"
#include "actors/session/links.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"
#include "actors/session/view.h"

enum { PAGE = 100 }; /* accounts, when nobody says how many */

/* ---- accounts ---- */

typedef struct page {
    view_t view;
    account_t *items;
    size_t count;
    size_t limit;
    err_t err;
} page_t;

/* Whoever may not be seen is left out. */
static void s_take(page_t *page, const account_row_t *row)
{
    page->err = view_account(&page->view, row, &page->items[page->count]);
    if (page->err == ERR_OK)
        page->count++;
    else if (page->err == ERR_NOT_FOUND)
        page->err = ERR_OK;
}

static bool s_each_account(void *ctx, slice_t key, slice_t value)
{
    (void)key;
    page_t *page = ctx;
    const account_row_t *row;
    page->err = rows_read_account(page->view.turn, value, &row);
    if (page->err == ERR_OK)
        s_take(page, row);
    return page->err == ERR_OK && page->count < page->limit;
}

/* Some of them by id, in the order that was asked for; unknown ones are left out. */
static err_t s_read_named(page_t *page, ids_t ids)
{
    page->items = arena_alloc(turn_arena(page->view.turn), ids.count * sizeof *page->items);
    for (size_t i = 0; i < ids.count && page->err == ERR_OK; i++) {
        const account_row_t *row;
        err_t err = rows_account(page->view.turn, ids.items[i], &row);
        if (err == ERR_OK)
            s_take(page, row);
        else if (err != ERR_NOT_FOUND)
            page->err = err;
    }
    return page->err;
}

static err_t s_read_page(page_t *page, uint64_t after)
{
    page->items = arena_alloc(turn_arena(page->view.turn), page->limit * sizeof *page->items);
    err_t err = rows_scan(page->view.turn, ROWS_ACCOUNT, after, s_each_account, page);
    return err == ERR_OK ? page->err : err;
}

static err_t s_show(turn_t *turn, const call_t *call, uint64_t account)
{
    const account_row_t *row;
    account_t shown;
    view_t view;
    err_t err = rows_account(turn, account, &row);
    if (err == ERR_OK)
        err = view_open(turn, call, &view);
    if (err == ERR_OK)
        err = view_account(&view, row, &shown);
    if (err == ERR_OK)
        turn_answer(turn, &shown);
    return err;
}

err_t session_account(turn_t *turn, const call_t *call, const void *body)
{
    const account_get_call_t *ask = body;
    return s_show(turn, call, ask->account > 0 ? ask->account : call->principal);
}

err_t session_find_account(turn_t *turn, const call_t *call, const void *body)
{
    const account_find_call_t *ask = body;
    uint64_t account;
    err_t err = rows_holder(turn, ROWS_LOGIN, ask->login, &account);
    return err == ERR_OK ? s_show(turn, call, account) : err;
}

err_t session_accounts(turn_t *turn, const call_t *call, const void *body)
{
    const account_list_call_t *ask = body;
    page_t page = {.limit = ask->limit > 0 ? ask->limit : PAGE};
    err_t err = view_open(turn, call, &page.view);
    if (err == ERR_OK)
        err = ask->accounts.count > 0 ? s_read_named(&page, ask->accounts)
                                      : s_read_page(&page, ask->after);
    if (err == ERR_OK)
        turn_answer(turn, &(account_list_t){.accounts = {page.items, page.count}});
    return err;
}

/* For operators' tools and the mail, who sign it. */
err_t session_link(turn_t *turn, const call_t *call, const void *body)
{
    const account_link_call_t *ask = body;
    const account_row_t *row;
    (void)call;
    err_t err = rows_account(turn, ask->account, &row);
    if (err != ERR_OK)
        return err;
    account_link_t link = links_open(turn, row, ask->purpose);
    turn_answer(turn, &link);
    return ERR_OK;
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
