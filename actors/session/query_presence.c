/* query_presence.c - who is here, for those who share a room with them. */
#include "actors/session/blocks.h"
#include "actors/session/circle.h"
#include "actors/session/rows.h"
#include "actors/session/session.h"

/* Who asks in nobody's name, an operator, may know of everyone. */
static err_t s_may_know(const circle_t *circle, uint64_t other, bool *ret_may)
{
    bool blocked;
    *ret_may = true;
    if (circle->account == 0)
        return ERR_OK;
    err_t err = blocks_between(circle->turn, circle->account, other, &blocked);
    if (err == ERR_OK && !blocked)
        return circle_meets(circle, other, ret_may);
    *ret_may = false;
    return err;
}

static err_t s_add(turn_t *turn, uint64_t account, presence_state_t *states, size_t *count)
{
    const account_row_t *row;
    err_t err = rows_account(turn, account, &row);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    bool online = session_online(turn, row);
    states[(*count)++] = (presence_state_t){
        .account = account,
        .online = online,
        .last_seen = online ? 0 : row->last_seen,
    };
    return ERR_OK;
}

err_t session_presences(turn_t *turn, const call_t *call, const void *body)
{
    const ids_t *asked = &((const presence_get_call_t *)body)->accounts;
    presence_state_t *states = arena_alloc(turn_arena(turn), asked->count * sizeof *states);
    size_t count = 0;
    circle_t circle;
    err_t err = circle_open(turn, call->principal, &circle);
    for (size_t i = 0; i < asked->count && err == ERR_OK; i++) {
        bool may = false;
        err = s_may_know(&circle, asked->items[i], &may);
        if (err == ERR_OK && may)
            err = s_add(turn, asked->items[i], states, &count);
    }
    if (err == ERR_OK)
        turn_answer(turn, &(presence_list_t){.people = {states, count}});
    return err;
}
