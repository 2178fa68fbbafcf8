#include "actors/session/expiry.h"

#include "schema/pack.h"

enum {
    PLACE_BITS = 32,
    COUNT_SIZE = 8,
    HOURS_AT_ONCE = 1000, /* empty ones that a take passes over, after a long silence */
};

static const int64_t s_hour = INT64_C(60) * 60 * 1000 * 1000; /* µs */

static uint64_t s_hour_of(int64_t time)
{
    return time > 0 ? (uint64_t)(time / s_hour) : 0;
}

bool expiry_same(int64_t one, int64_t other)
{
    return s_hour_of(one) == s_hour_of(other);
}

/* ---- buckets ---- */

static uint64_t s_key(uint64_t hour, uint64_t place)
{
    return hour << PLACE_BITS | place;
}

static err_t s_count(turn_t *turn, const expiry_t *queue, uint64_t hour, uint64_t *ret_count)
{
    slice_t value;
    err_t err = rows_get(turn, queue->table, s_key(hour, 0), &value);
    if (err == ERR_OK && value.len != COUNT_SIZE)
        return ERR_CORRUPT;
    if (err == ERR_OK || err == ERR_NOT_FOUND)
        *ret_count = err == ERR_OK ? wide_get64(value.ptr) : 0;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void s_put_count(turn_t *turn, const expiry_t *queue, uint64_t hour, uint64_t count)
{
    uint8_t value[COUNT_SIZE];
    wide_put64(value, count);
    if (count > 0)
        rows_put(turn, queue->table, s_key(hour, 0), slice_new(value, sizeof value));
    else
        rows_delete(turn, queue->table, s_key(hour, 0));
}

/* ---- adding ---- */

err_t expiry_add(turn_t *turn, const expiry_t *queue, int64_t expires, slice_t value)
{
    uint64_t hour = s_hour_of(expires), count, front;
    err_t err = rows_count(turn, queue->front, &front);
    if (err == ERR_OK)
        err = s_count(turn, queue, hour, &count);
    if (err != ERR_OK)
        return err;
    if (front == 0 || hour < front)
        rows_put_count(turn, queue->front, hour);
    rows_put(turn, queue->table, s_key(hour, count + 1), value);
    s_put_count(turn, queue, hour, count + 1);
    return ERR_OK;
}

/* ---- taking ---- */

/* The first bucket with something in it, from `hour` on and before `end`, as far as a
 * call may look. */
static err_t s_find(turn_t *turn, const expiry_t *queue, uint64_t end, uint64_t *hour,
                    uint64_t *ret_count)
{
    uint64_t count = 0;
    err_t err = ERR_OK;
    for (int i = 0; i < HOURS_AT_ONCE && *hour < end; i++, (*hour)++) {
        err = s_count(turn, queue, *hour, &count);
        if (err != ERR_OK || count > 0)
            break;
    }
    *ret_count = count;
    return err;
}

/* The last one of a bucket, which leaves no gap. */
static err_t s_take(turn_t *turn, const expiry_t *queue, uint64_t hour, uint64_t count,
                    slice_t *ret_value)
{
    err_t err = rows_get(turn, queue->table, s_key(hour, count), ret_value);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
    rows_delete(turn, queue->table, s_key(hour, count));
    s_put_count(turn, queue, hour, count - 1);
    return ERR_OK;
}

err_t expiry_take(turn_t *turn, const expiry_t *queue, int64_t now, slice_t *ret_value)
{
    uint64_t front, hour, count;
    err_t err = rows_count(turn, queue->front, &front);
    if (err != ERR_OK)
        return err;
    if (front == 0)
        return ERR_NOT_FOUND;
    hour = front;
    err = s_find(turn, queue, s_hour_of(now), &hour, &count);
    if (err != ERR_OK)
        return err;
    if (hour != front)
        rows_put_count(turn, queue->front, hour);
    return count > 0 ? s_take(turn, queue, hour, count, ret_value) : ERR_NOT_FOUND;
}

/* ---- looking ---- */

typedef struct scan {
    expiry_each_fn *each;
    void *ctx;
} scan_t;

/* The lower half of a key is the place; a bucket's count has none. */
static bool s_each(void *ctx, slice_t key, slice_t value)
{
    const scan_t *scan = ctx;
    return (uint32_t)rows_number(key) == 0 || scan->each(scan->ctx, value);
}

err_t expiry_scan(turn_t *turn, const expiry_t *queue, expiry_each_fn *each, void *ctx)
{
    return rows_scan(turn, queue->table, 0, s_each, &(scan_t){each, ctx});
}
