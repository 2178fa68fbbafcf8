/* tell.h - somebody should know something.
 *
 * Whoever wants no such news, is not there any more, or is on bad terms with whom it comes
 * from is not told.  Messages of one room are one notification, until it is read. */
#ifndef ACTORS_NOTIFIER_TELL_H
#define ACTORS_NOTIFIER_TELL_H

#include "actors/notifier/rows.h"

typedef struct news {
    uint64_t account; /* whom to tell */
    notice_kind_t kind;
    uint64_t from;    /* 0: the server */
    slice_t login;    /* of `from`; empty: to be looked up */
    slice_t username; /* the same */
    uint64_t room;
    uint64_t seq;
    slice_t text;
    int64_t time;   /* µs */
    bool mention;   /* a message mentions or answers the person */
    bool crowd;     /* a message in a room of several, where each is named (crowd.h) */
    uint64_t reads; /* a notification of `from` that is read by this, see `notified` */
} news_t;

/* Emit `notified`, or do nothing; *ret_told says which. */
MUST_CHECK err_t tell(turn_t *turn, const news_t *news, bool *ret_told);

/* What an account wants of a kind; on if it has not said. */
MUST_CHECK err_t tell_wish(turn_t *turn, uint64_t account, notice_kind_t kind,
                           notice_wish_t *ret_wish);

/* The same of pushes; on if it has not said. */
MUST_CHECK err_t tell_push_wish(turn_t *turn, uint64_t account, notice_kind_t kind,
                                notice_wish_t *ret_wish);

#endif
