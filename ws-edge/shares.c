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

enum {
    COMPACT_FROM = 65536, /* bytes that have left, before their room is used again */
    LEARN_FROM = 8,       /* calls that have left, for how long the next ones will wait */
};

typedef struct share {
    TAILQ_ENTRY(share) in_round; /* if something waits */
    uint64_t account;
    size_t asked;
    size_t waiting;
    buf_t calls; /* those that wait, each behind its head */
    size_t at;   /* the first of them */
} share_t;

typedef struct head {
    size_t len;
    size_t ahead; /* calls of that person that waited already */
    uint64_t asked_us;
} head_t;

struct shares {
    map_t *all;
    TAILQ_HEAD(, share) round;
    size_t round_count;
    size_t asked;
    size_t waiting;
    size_t bytes;      /* that wait */
    uint64_t round_us; /* what one call waits for each that is ahead of it, lately; 0: not known */
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
    size_t own = s_under_way(share->asked, share->waiting);
    size_t all = s_under_way(shares->asked, shares->waiting);
    return all < SHARES_UNDER_WAY || own < (all < SHARES_CROWDED ? SHARES_FREE : 1);
}

/* Of the first call that waits; there is one. */
static head_t s_head(const share_t *share)
{
    head_t head;
    memcpy(&head, share->calls.data + share->at, sizeof head);
    return head;
}

static bool s_waits_too_long(const shares_t *shares, const share_t *share)
{
    return share->waiting * shares->round_us >= SHARES_FULL_US;
}

static bool s_waits_since(const share_t *share, uint64_t now_us, uint64_t us)
{
    return now_us - s_head(share).asked_us >= us;
}

bool shares_full(const shares_t *shares, uint64_t account, uint64_t now_us)
{
    const share_t *share = map_get(shares->all, account);
    return share != NULL && share->waiting > 0 &&
           (share->calls.len - share->at >= SHARES_BYTES_MAX ||
            shares->bytes >= SHARES_ALL_BYTES_MAX || s_waits_too_long(shares, share) ||
            s_waits_since(share, now_us, SHARES_FULL_US));
}

/* ---- a queue ---- */

static void s_keep(shares_t *shares, share_t *share, slice_t call, uint64_t now_us)
{
    head_t head = {call.len, share->waiting, now_us};
    if (share->waiting == 0) {
        TAILQ_INSERT_TAIL(&shares->round, share, in_round);
        shares->round_count++;
    }
    buf_append(&share->calls, slice_new(&head, sizeof head));
    buf_append(&share->calls, call);
    share->waiting++;
    shares->waiting++;
    shares->bytes += sizeof head + call.len;
}

static void s_leave_round(shares_t *shares, share_t *share)
{
    TAILQ_REMOVE(&shares->round, share, in_round);
    shares->round_count--;
    if (shares->round_count == 0)
        shares->round_us = 0;
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
    head_t head = s_head(share);
    buf_append(out, slice_new(share->calls.data + share->at + sizeof head, head.len));
    share->at += sizeof head + head.len;
    shares->bytes -= sizeof head + head.len;
    share->waiting--;
    shares->waiting--;
    s_compact(share);
}

/* How long the call at the head of this queue has waited tells how long the next ones will. */
static void s_learn(shares_t *shares, const share_t *share, uint64_t now_us)
{
    head_t head = s_head(share);
    uint64_t each_us = (now_us - head.asked_us) / (head.ahead + 1);
    shares->round_us += each_us / LEARN_FROM - shares->round_us / LEARN_FROM;
}

/* ---- all of them ---- */

static void s_forget_idle(shares_t *shares, share_t *share)
{
    if (share->asked > 0 || share->waiting > 0)
        return;
    map_remove(shares->all, share->account);
    s_free(share);
}

bool shares_ask(shares_t *shares, uint64_t account, slice_t call, uint64_t now_us)
{
    share_t *share = s_take(shares, account);
    bool leaves = share->waiting == 0 && s_may_leave(shares, share);
    share->asked++;
    shares->asked++;
    if (!leaves)
        s_keep(shares, share, call, now_us);
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

void shares_release(shares_t *shares, uint64_t now_us, buf_t *out)
{
    size_t in_vain = 0; /* how many in a row may not send */
    while (in_vain < shares->round_count) {
        share_t *share = TAILQ_FIRST(&shares->round);
        bool leaves = s_may_leave(shares, share);
        TAILQ_REMOVE(&shares->round, share, in_round);
        TAILQ_INSERT_TAIL(&shares->round, share, in_round);
        in_vain = leaves ? 0 : in_vain + 1;
        if (leaves) {
            s_learn(shares, share, now_us);
            s_send(shares, share, out);
        }
        if (share->waiting == 0) {
            s_leave_round(shares, share);
            s_forget_idle(shares, share);
        }
    }
}

/* Each person's calls wait in the order in which they came. */
void shares_give_up(shares_t *shares, uint64_t now_us, buf_t *out)
{
    share_t *share, *next;
    for (share = TAILQ_FIRST(&shares->round); share != NULL; share = next) {
        next = TAILQ_NEXT(share, in_round);
        while (share->waiting > 0 && s_waits_since(share, now_us, SHARES_LATE_US))
            s_send(shares, share, out);
        if (share->waiting == 0)
            s_leave_round(shares, share);
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
