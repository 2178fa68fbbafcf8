/* shares.c - a queue a person, and a round of those that have something in it.
 *
 * `asked` counts calls until they are settled, `waiting` until they have left; what is
 * between is under way.  A call that runs out of time while it waits is settled before it
 * leaves, so the difference may be short of the truth for a while, but never ahead of it. */
#include "ws-edge/shares.h"

#include <string.h>
#include <sys/queue.h>

#include "schema/map.h"
#include "schema/mem.h"

enum { COMPACT_FROM = 65536 }; /* bytes that have left, before their room is used again */

typedef struct share {
    TAILQ_ENTRY(share) in_round; /* if something waits */
    uint64_t account;
    size_t asked;
    size_t waiting;
    buf_t calls; /* those that wait, each behind its length */
    size_t at;   /* the first of them */
} share_t;

struct shares {
    map_t *all;
    TAILQ_HEAD(, share) round;
    size_t round_count;
    size_t asked;
    size_t waiting;
    size_t bytes; /* that wait */
};

shares_t *shares_new(void)
{
    shares_t *shares = mem_new(shares_t);
    shares->all = map_new();
    TAILQ_INIT(&shares->round);
    return shares;
}

static void s_free(share_t *share)
{
    buf_free(&share->calls);
    mem_free(share);
}

void shares_destroy(shares_t **shares_p)
{
    uint64_t account;
    void *share;
    if (*shares_p == NULL)
        return;
    for (size_t at = 0; map_next((*shares_p)->all, &at, &account, &share);)
        s_free(share);
    map_destroy(&(*shares_p)->all);
    mem_free(*shares_p);
    *shares_p = NULL;
}

static share_t *s_take(shares_t *shares, uint64_t account)
{
    share_t *share = map_get(shares->all, account);
    if (share != NULL)
        return share;
    share = mem_new(share_t);
    share->account = account;
    map_put(shares->all, account, share);
    return share;
}

static size_t s_under_way(size_t asked, size_t waiting)
{
    return asked > waiting ? asked - waiting : 0;
}

static bool s_may_leave(const shares_t *shares, const share_t *share)
{
    return s_under_way(share->asked, share->waiting) < SHARES_FREE ||
           s_under_way(shares->asked, shares->waiting) < SHARES_UNDER_WAY;
}

bool shares_full(const shares_t *shares, uint64_t account)
{
    const share_t *share = map_get(shares->all, account);
    return share != NULL && share->waiting > 0 &&
           (share->calls.len - share->at >= SHARES_BYTES_MAX ||
            shares->bytes >= SHARES_ALL_BYTES_MAX);
}

/* ---- a queue ---- */

static void s_keep(shares_t *shares, share_t *share, slice_t call)
{
    if (share->waiting == 0) {
        TAILQ_INSERT_TAIL(&shares->round, share, in_round);
        shares->round_count++;
    }
    buf_append(&share->calls, slice_new(&call.len, sizeof call.len));
    buf_append(&share->calls, call);
    share->waiting++;
    shares->waiting++;
    shares->bytes += sizeof call.len + call.len;
}

static void s_leave_round(shares_t *shares, share_t *share)
{
    TAILQ_REMOVE(&shares->round, share, in_round);
    shares->round_count--;
    buf_free(&share->calls);
    share->at = 0;
}

/* Use the room of what has left, unless moving the rest costs more than that is worth. */
static void s_compact(share_t *share)
{
    buf_t *calls = &share->calls;
    if (share->at < COMPACT_FROM || share->at < calls->len / 2)
        return;
    memmove(calls->data, calls->data + share->at, calls->len - share->at);
    calls->len -= share->at;
    share->at = 0;
}

static void s_send(shares_t *shares, share_t *share, buf_t *out)
{
    slice_t call = slice_from(buf_slice(&share->calls), share->at);
    memcpy(&call.len, call.ptr, sizeof call.len);
    call.ptr += sizeof call.len;
    buf_append(out, call);
    share->at += sizeof call.len + call.len;
    shares->bytes -= sizeof call.len + call.len;
    share->waiting--;
    shares->waiting--;
    s_compact(share);
}

/* ---- all of them ---- */

static void s_forget_idle(shares_t *shares, share_t *share)
{
    if (share->asked > 0 || share->waiting > 0)
        return;
    map_remove(shares->all, share->account);
    s_free(share);
}

bool shares_ask(shares_t *shares, uint64_t account, slice_t call)
{
    share_t *share = s_take(shares, account);
    bool leaves = share->waiting == 0 && s_may_leave(shares, share);
    share->asked++;
    shares->asked++;
    if (!leaves)
        s_keep(shares, share, call);
    return leaves;
}

void shares_settle(shares_t *shares, uint64_t account)
{
    share_t *share = map_get(shares->all, account);
    if (share == NULL || share->asked == 0)
        return;
    share->asked--;
    shares->asked--;
    s_forget_idle(shares, share);
}

void shares_release(shares_t *shares, buf_t *out)
{
    size_t in_vain = 0; /* how many in a row may not send */
    while (in_vain < shares->round_count) {
        share_t *share = TAILQ_FIRST(&shares->round);
        bool leaves = s_may_leave(shares, share);
        TAILQ_REMOVE(&shares->round, share, in_round);
        TAILQ_INSERT_TAIL(&shares->round, share, in_round);
        in_vain = leaves ? 0 : in_vain + 1;
        if (leaves)
            s_send(shares, share, out);
        if (share->waiting == 0) {
            s_leave_round(shares, share);
            s_forget_idle(shares, share);
        }
    }
}

void shares_clear(shares_t *shares)
{
    share_t *share;
    while ((share = TAILQ_FIRST(&shares->round)) != NULL) {
        share->waiting = 0;
        s_leave_round(shares, share);
        s_forget_idle(shares, share);
    }
    shares->waiting = 0;
    shares->bytes = 0;
}
