#include "actors/notifier/push_row.h"

#include "schema/pack.h"

enum { ID_SIZE = 8 };

static const char COUNT = 'q', LAST = 's'; /* counters */

/* ---- reading ---- */

err_t push_row_get(turn_t *turn, uint64_t id, const push_row_t **ret_row)
{
    return row_get(turn, row_key1('j', id), shape_push_row(), (const void **)ret_row);
}

err_t push_row_ids(turn_t *turn, uint64_t account, ids_t *ret_ids)
{
    slice_t value = {0};
    err_t err = row_get_bytes(turn, row_key1('S', account), &value);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    size_t count = value.len / ID_SIZE;
    uint64_t *ids = arena_alloc(turn_arena(turn), value.len);
    for (size_t i = 0; i < count; i++)
        ids[i] = row_number(value, ID_SIZE * i);
    *ret_ids = (ids_t){ids, count};
    return ERR_OK;
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
    uint8_t value[ID_SIZE * (LIMIT_PUSH_SUBSCRIPTIONS + 1)];
    size_t len = 0;
    ids_t ids;
    if (!row_found(push_row_ids(turn, account, &ids)))
        return;
    for (size_t i = 0; i < ids.count && i < LIMIT_PUSH_SUBSCRIPTIONS; i++)
        if (ids.items[i] != id) {
            wide_put64(value + len, ids.items[i]);
            len += ID_SIZE;
        }
    if (stays) {
        wide_put64(value + len, id);
        len += ID_SIZE;
    }
    if (len > 0)
        row_put_bytes(turn, row_key1('S', account), slice_new(value, len));
    else
        row_delete(turn, row_key1('S', account));
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
