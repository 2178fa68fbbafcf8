#include "actors/session/hopefuls.h"

#include "actors/row.h"
#include "actors/session/session.h"

static const int64_t WHILE_US = INT64_C(10) * 1000 * 1000;

static said_t *s_awaited(turn_t *turn)
{
    session_soft_t *soft = turn_soft(turn);
    return &soft->awaited;
}

/* ---- rows ---- */

static row_key_t s_key(uint64_t account)
{
    return row_key1('w', account);
}

bool hopefuls_have(turn_t *turn, uint64_t account)
{
    slice_t mark;
    return row_get_bytes(turn, s_key(account), &mark) == ERR_OK;
}

void hopefuls_apply_opened(turn_t *turn, const record_t *record, const void *body)
{
    const match_ticket_t *ticket = ((const ticket_opened_event_t *)body)->ticket;
    (void)record;
    if (!ticket->stay)
        row_put_mark(turn, s_key(ticket->account));
}

void hopefuls_apply_closed(turn_t *turn, const record_t *record, const void *body)
{
    row_delete(turn, s_key(((const ticket_closed_event_t *)body)->account));
    (void)record;
}

void hopefuls_apply_made(turn_t *turn, const record_t *record, const void *body)
{
    ids_t accounts = ((const match_made_event_t *)body)->match->accounts;
    (void)record;
    for (size_t i = 0; i < accounts.count; i++)
        row_delete(turn, s_key(accounts.items[i]));
}

/* ---- who is awaited ---- */

void hopefuls_react_opened(turn_t *turn, const record_t *record, const void *body)
{
    const match_ticket_t *ticket = ((const ticket_opened_event_t *)body)->ticket;
    (void)record;
    if (!ticket->stay)
        (void)said_set(s_awaited(turn), ticket->account, turn_now(turn) + WHILE_US);
}

void hopefuls_react_closed(turn_t *turn, const record_t *record, const void *body)
{
    (void)said_set(s_awaited(turn), ((const ticket_closed_event_t *)body)->account, 0);
    (void)record;
}

void hopefuls_react_made(turn_t *turn, const record_t *record, const void *body)
{
    ids_t accounts = ((const match_made_event_t *)body)->match->accounts;
    (void)record;
    for (size_t i = 0; i < accounts.count; i++)
        (void)said_set(s_awaited(turn), accounts.items[i], 0);
}

bool hopefuls_warm(turn_t *turn)
{
    row_range_t all = row_range1('w', 0);
    ids_t accounts = {0};
    (void)row_found(row_list_last(turn, &all, LIMIT_TICKETS, &accounts));
    for (size_t i = 0; i < accounts.count; i++)
        (void)said_set(s_awaited(turn), accounts.items[i], turn_now(turn) + WHILE_US);
    return false;
}

uint64_t hopefuls_absent(turn_t *turn)
{
    uint64_t account;
    do
        account = said_over(s_awaited(turn), turn_now(turn));
    while (account != 0 && presence_online(session_presence(turn), account));
    return account;
}
