/* shares.h - whose calls leave first when somebody asks for more than others can wait for.
 *
 * What one person asks for in a burst would stand in everybody's way: those who come after
 * wait until the broker and the actors are through with it.  So only so many calls are
 * under way at a time, and what is more waits here, a queue for each person, of which
 * each in turn may send one.  A person who has but a few under way never waits, unless so many people
 * have a few that all of it is too much: then it is one.
 *
 * When more is asked for than is ever done, waiting longer helps nobody: who waits too long gets no
 * further call in, and what has waited so long that its answer would come too late is given up.
 *
 * The order of one person's calls stays as it was. */
#ifndef WS_EDGE_SHARES_H
#define WS_EDGE_SHARES_H

#include "schema/buf.h"

enum {
    SHARES_UNDER_WAY = 128,         /* calls of all, beyond which who has more than … */
    SHARES_FREE = 16,               /* … so many of their own waits; beyond … */
    SHARES_CROWDED = 4096,          /* … so many calls of all it is one */
    SHARES_FULL_US = 3000000,       /* who waits so long, or would, gets no further call in */
    SHARES_LATE_US = 7000000,       /* a call that has waited so long is given up */
    SHARES_BYTES_MAX = 4194304,     /* waiting calls of one person; further ones are refused */
    SHARES_ALL_BYTES_MAX = 67108864 /* the same of all */
};

typedef struct shares shares_t;

shares_t *shares_new(void);
void shares_destroy(shares_t **shares_p);

/* Whether no further call of this account can be taken. */
bool shares_full(const shares_t *shares, uint64_t account, uint64_t now_us);

/* Count a call: true if it may leave; else a copy of it is kept until shares_release. */
bool shares_ask(shares_t *shares, uint64_t account, slice_t call, uint64_t now_us);

/* One of the account's calls is through, whether it was answered or not. */
void shares_settle(shares_t *shares, uint64_t account);

/* Append the calls whose turn it is. */
void shares_release(shares_t *shares, uint64_t now_us, buf_t *out);

/* Append those that have waited too long, and let go of them: they never leave, and are to be
 * settled. */
void shares_give_up(shares_t *shares, uint64_t now_us, buf_t *out);

/* Forget the calls that wait; they will be settled like the others. */
void shares_clear(shares_t *shares);

#endif
