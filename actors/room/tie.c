#include "actors/room/tie.h"

#include "actors/apart.h"

/* Of a row 'y', which is there as long as any of them is set. */
enum { TIE_LOW_BLOCKS = 1, TIE_HIGH_BLOCKS = 2, TIE_BLOCKED = 3, TIE_CLOSED = 4 };

static row_key_t s_key(uint64_t one, uint64_t other)
{
    return row_key_pair('y', one, other);
}

/* ---- for decide and query ---- */

err_t tie_check_block(turn_t *turn, uint64_t one, uint64_t other)
{
    uint64_t tie;
    err_t err = row_get_number(turn, s_key(one, other), &tie);
    return err == ERR_OK && tie & TIE_BLOCKED ? ERR_BLOCKED : err;
}

err_t tie_check(turn_t *turn, uint64_t one, uint64_t other)
{
    uint64_t tie;
    err_t err = row_get_number(turn, s_key(one, other), &tie);
    if (err != ERR_OK)
        return err;
    if (tie & TIE_BLOCKED)
        return ERR_BLOCKED;
    return tie & TIE_CLOSED ? ERR_CLOSED : ERR_OK;
}

/* ---- for apply ---- */

/* The tie as it is then. */
static uint64_t s_set(turn_t *turn, uint64_t one, uint64_t other, uint64_t flag, bool on)
{
    uint64_t tie = 0;
    row_key_t key = s_key(one, other);
    (void)row_found(row_get_number(turn, key, &tie));
    tie = on ? tie | flag : tie & ~flag;
    if (tie != 0)
        row_put_number(turn, key, tie);
    else
        row_delete(turn, key);
    return tie;
}

static void s_set_block(turn_t *turn, uint64_t by, uint64_t account, bool on)
{
    uint64_t flag = by < account ? TIE_LOW_BLOCKS : TIE_HIGH_BLOCKS;
    uint64_t tie = s_set(turn, by, account, flag, on);
    apart_set(turn, by, account, tie & TIE_BLOCKED);
}

void tie_apply_blocked(turn_t *turn, const record_t *record, const void *body)
{
    const people_blocked_event_t *event = body;
    (void)record;
    s_set_block(turn, event->by, event->account, true);
}

void tie_apply_unblocked(turn_t *turn, const record_t *record, const void *body)
{
    const people_unblocked_event_t *event = body;
    (void)record;
    s_set_block(turn, event->by, event->account, false);
}

void tie_apply_connected(turn_t *turn, const record_t *record, const void *body)
{
    const people_connected_event_t *event = body;
    (void)record;
    (void)s_set(turn, event->by, event->account, TIE_CLOSED, false);
}

void tie_apply_disconnected(turn_t *turn, const record_t *record, const void *body)
{
    const people_disconnected_event_t *event = body;
    (void)record;
    (void)s_set(turn, event->by, event->account, TIE_CLOSED, true);
}
