#include "actors/session/ended.h"

#include "actors/session/rows.h"
#include "schema/pack.h"

enum {
    ENDED_SIZE = 24,
    FORGET_AT_ONCE = 2, /* more than one, so that the queue shrinks */
};

static err_t s_read(slice_t value, ended_t *ret_ended)
{
    if (value.len != ENDED_SIZE)
        return ERR_CORRUPT;
    *ret_ended = (ended_t){
        .expires = (int64_t)wide_get64(value.ptr),
        .session = wide_get64(value.ptr + 8),
        .account = wide_get64(value.ptr + 16),
    };
    return ERR_OK;
}

static void s_put(turn_t *turn, uint64_t place, const ended_t *ended)
{
    uint8_t value[ENDED_SIZE];
    wide_put64(value, (uint64_t)ended->expires);
    wide_put64(value + 8, ended->session);
    wide_put64(value + 16, ended->account);
    rows_put(turn, ROWS_ENDED, place, slice_new(value, ENDED_SIZE));
}

/* Take expired ones off the front; one that is still needed holds up those behind
 * it, for the rest of its token's life at most. */
static err_t s_forget(turn_t *turn, uint64_t last, int64_t now)
{
    uint64_t gone;
    err_t err = rows_count(turn, ROWS_FORGOTTEN_ENDED, &gone);
    uint64_t before = gone;
    while (err == ERR_OK && gone < last && gone - before < FORGET_AT_ONCE) {
        slice_t value;
        ended_t front;
        err = rows_get(turn, ROWS_ENDED, gone + 1, &value);
        if (err == ERR_OK)
            err = s_read(value, &front);
        if (err != ERR_OK || front.expires > now)
            break;
        rows_delete(turn, ROWS_ENDED, ++gone);
    }
    if (err == ERR_OK && gone > before)
        rows_put_count(turn, ROWS_FORGOTTEN_ENDED, gone);
    return err;
}

err_t ended_add(turn_t *turn, const ended_t *ended, int64_t now)
{
    uint64_t last;
    err_t err = rows_count(turn, ROWS_LAST_ENDED, &last);
    if (err == ERR_OK)
        err = s_forget(turn, last, now);
    if (err != ERR_OK)
        return err;
    s_put(turn, last + 1, ended);
    rows_put_count(turn, ROWS_LAST_ENDED, last + 1);
    return ERR_OK;
}

typedef struct scan {
    ended_each_fn *each;
    void *ctx;
    int64_t now;
    err_t err;
} scan_t;

static bool s_each(void *ctx, slice_t key, slice_t value)
{
    (void)key;
    scan_t *scan = ctx;
    ended_t ended;
    scan->err = s_read(value, &ended);
    if (scan->err == ERR_OK && ended.expires > scan->now)
        scan->each(scan->ctx, &ended);
    return scan->err == ERR_OK;
}

err_t ended_scan(turn_t *turn, ended_each_fn *each, void *ctx)
{
    scan_t scan = {each, ctx, turn_now(turn), ERR_OK};
    err_t err = rows_scan(turn, ROWS_ENDED, 0, s_each, &scan);
    return err == ERR_OK ? scan.err : err;
}
