#include "actors/session/ended.h"

#include "actors/session/expiry.h"
#include "schema/pack.h"

enum {
    ENDED_SIZE = 32,
    FORGET_AT_ONCE = 2, /* more than one, so that the queue shrinks */
};

static const expiry_t s_queue = {ROWS_ENDED, ROWS_FIRST_ENDED};

static err_t s_read(slice_t value, ended_t *ret_ended)
{
    if (value.len != ENDED_SIZE)
        return ERR_CORRUPT;
    *ret_ended = (ended_t){
        .expires = (int64_t)wide_get64(value.ptr),
        .session = wide_get64(value.ptr + 8),
        .account = wide_get64(value.ptr + 16),
        .kept = wide_get64(value.ptr + 24),
    };
    return ERR_OK;
}

err_t ended_add(turn_t *turn, const ended_t *ended, int64_t now)
{
    slice_t gone;
    uint8_t value[ENDED_SIZE];
    wide_put64(value, (uint64_t)ended->expires);
    wide_put64(value + 8, ended->session);
    wide_put64(value + 16, ended->account);
    wide_put64(value + 24, ended->kept);
    err_t err = expiry_add(turn, &s_queue, ended->expires, slice_new(value, ENDED_SIZE));
    for (int i = 0; i < FORGET_AT_ONCE && err == ERR_OK; i++)
        err = expiry_take(turn, &s_queue, now, &gone);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

typedef struct scan {
    ended_each_fn *each;
    void *ctx;
    int64_t now;
    err_t err;
} scan_t;

static bool s_each(void *ctx, slice_t value)
{
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
    err_t err = expiry_scan(turn, &s_queue, s_each, &scan);
    return err == ERR_OK ? scan.err : err;
}
