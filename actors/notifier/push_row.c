#include "actors/notifier/push_row.h"

static const char COUNT = 'q', LAST = 's'; /* counters */

/* ---- reading ---- */

err_t push_row_get(turn_t *turn, uint64_t id, const push_row_t **ret_row)
{
    return row_get(turn, row_key1('j', id), shape_push_row(), (const void **)ret_row);
}

err_t push_row_ids(turn_t *turn, uint64_t account, ids_t *ret_ids)
{
    return row_get_numbers(turn, row_key1('S', account), ret_ids);
}

static row_key_t s_endpoint_key(slice_t endpoint)
{
    row_key_t key = row_key0('E');
    row_key_add(&key, endpoint);
    return key;
}

err_t push_row_of(turn_t *turn, slice_t endpoint, uint64_t *ret_id)
{
    return row_get_number(turn, s_endpoint_key(endpoint), ret_id);
}

err_t push_row_next(turn_t *turn, uint64_t *ret_id)
{
    uint64_t last;
    err_t err = row_get_number(turn, notifier_counter(LAST), &last);
    *ret_id = last + 1;
    return err;
}

err_t push_row_crowd(turn_t *turn, uint64_t *ret_count)
{
    return row_get_number(turn, notifier_counter(COUNT), ret_count);
}

err_t push_row_at(turn_t *turn, uint64_t place, uint64_t *ret_id)
{
    return row_get_number(turn, row_key1('q', place), ret_id);
}

/* ---- the waiting room ---- */

static void s_place(turn_t *turn, uint64_t id, uint64_t place)
{
    const push_row_t *found;
    if (!row_found(push_row_get(turn, id, &found)))
        return;
    push_row_t row = *found;
    row.place = place;
    row_put_number(turn, row_key1('q', place), id);
    row_put(turn, row_key1('j', id), shape_push_row(), &row);
}

/* Its place, a new one at the end. */
static uint64_t s_enter(turn_t *turn, uint64_t id)
{
    uint64_t count;
    if (!row_found(push_row_crowd(turn, &count)))
        return 0;
    row_put_number(turn, notifier_counter(COUNT), count + 1);
    row_put_number(turn, row_key1('q', count + 1), id);
    return count + 1;
}

static void s_leave(turn_t *turn, uint64_t place)
{
    uint64_t count, last;
    if (place == 0 || !row_found(push_row_crowd(turn, &count)) ||
        !row_found(push_row_at(turn, count, &last)))
        return;
    if (place != count)
        s_place(turn, last, place);
    row_delete(turn, row_key1('q', count));
    row_put_number(turn, notifier_counter(COUNT), count - 1);
}

/* ---- writing ---- */

void push_row_put(turn_t *turn, const push_row_t *row)
{
    push_row_t put = *row;
    if (row->waiting.count > 0 && row->place == 0)
        put.place = s_enter(turn, row->subscription->id);
    if (row->waiting.count == 0)
        put.place = 0;
    row_put(turn, row_key1('j', row->subscription->id), shape_push_row(), &put);
    if (row->waiting.count == 0)
        s_leave(turn, row->place);
}

/* The person's subscriptions but for one, which comes at the end if it stays. */
static void s_list(turn_t *turn, uint64_t account, uint64_t id, bool stays)
{
    row_set_number(turn, row_key1('S', account), id, stays, LIMIT_PUSH_SUBSCRIPTIONS);
}

void push_row_join(turn_t *turn, const push_row_t *row)
{
    uint64_t id = row->subscription->id, last;
    push_row_put(turn, row);
    row_put_number(turn, s_endpoint_key(row->subscription->endpoint), id);
    s_list(turn, row->account, id, true);
    if (row_found(row_get_number(turn, notifier_counter(LAST), &last)) && id > last)
        row_put_number(turn, notifier_counter(LAST), id);
}

void push_row_remove(turn_t *turn, const push_row_t *row)
{
    row_delete(turn, row_key1('j', row->subscription->id));
    row_delete(turn, s_endpoint_key(row->subscription->endpoint));
    s_list(turn, row->account, row->subscription->id, false);
    s_leave(turn, row->place);
}
