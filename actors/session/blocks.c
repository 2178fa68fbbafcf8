/* blocks.c - rows of the matching actor's events alone:
 *
 *   'b' low account, high account   which of the two blocks the other, a set in a u64
 *   'y' account                     empty: they show themselves
 *   'z' account                     from whom they are kept apart, see apart.h */
#include "actors/session/blocks.h"

#include "actors/apart.h"

enum { LOW_BLOCKS = 1, HIGH_BLOCKS = 2 };

static row_key_t s_key(uint64_t one, uint64_t other)
{
    return row_key_pair('b', one, other);
}

static void s_set(turn_t *turn, uint64_t by, uint64_t account, bool on)
{
    uint64_t flag = by < account ? LOW_BLOCKS : HIGH_BLOCKS, flags = 0;
    row_key_t key = s_key(by, account);
    (void)row_found(row_get_number(turn, key, &flags));
    flags = on ? flags | flag : flags & ~flag;
    if (flags != 0)
        row_put_number(turn, key, flags);
    else
        row_delete(turn, key);
    apart_set(turn, by, account, flags != 0);
}

void blocks_apply_blocked(turn_t *turn, const record_t *record, const void *body)
{
    const people_blocked_event_t *event = body;
    (void)record;
    s_set(turn, event->by, event->account, true);
}

void blocks_apply_unblocked(turn_t *turn, const record_t *record, const void *body)
{
    const people_unblocked_event_t *event = body;
    (void)record;
    s_set(turn, event->by, event->account, false);
}

void blocks_apply_profile(turn_t *turn, const record_t *record, const void *body)
{
    const profile_t *profile = ((const profile_updated_event_t *)body)->profile;
    row_key_t key = row_key1('y', profile->account);
    (void)record;
    if (profile->hidden)
        row_delete(turn, key);
    else
        row_put_mark(turn, key);
}

err_t blocks_between(turn_t *turn, uint64_t one, uint64_t other, bool *ret_blocked)
{
    uint64_t flags = 0;
    err_t err = row_get_number(turn, s_key(one, other), &flags);
    *ret_blocked = flags != 0;
    return err;
}

err_t blocks_shown(turn_t *turn, uint64_t account, bool *ret_shown)
{
    slice_t mark;
    err_t err = row_get_bytes(turn, row_key1('y', account), &mark);
    *ret_shown = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}
