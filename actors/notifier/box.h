/* box.h - an inbox: how it stands, and what is in it.
 *
 * Places count up and are never given twice; a notification that grows moves to the
 * newest place, so that latest first is last place first.  To read or to put away all is
 * a mark at a place, since apply cannot go through an inbox: what lies at or below it is
 * read, or gone.  At most LIMIT_INBOX rows are kept. */
#ifndef ACTORS_NOTIFIER_BOX_H
#define ACTORS_NOTIFIER_BOX_H

#include "actors/notifier/rows.h"

typedef struct box {
    uint64_t last;       /* place given */
    uint64_t first;      /* no row has a lower one */
    uint64_t count;      /* of rows, those that are put away included */
    uint64_t unread;     /* notifications */
    uint64_t read_to;    /* place up to which all is read */
    int64_t read_time;   /* when it was */
    uint64_t cleared_to; /* place up to which all is put away */
} box_t;

/* All zero if there is none yet. */
MUST_CHECK err_t box_get(turn_t *turn, uint64_t account, box_t *ret_box);
void box_put(turn_t *turn, uint64_t account, const box_t *box);

/* One that is there; ERR_NOT_FOUND also for one that was put away. */
MUST_CHECK err_t box_find(turn_t *turn, const box_t *box, uint64_t account, uint64_t id,
                          notification_t *ret_notification);

/* The one that grows with a room, if it is not read yet. */
MUST_CHECK err_t box_find_open(turn_t *turn, const box_t *box, uint64_t account, uint64_t room,
                               notification_t *ret_notification);

/* When it was read; 0: it is not. */
int64_t box_read_time(const box_t *box, const notification_t *notification);

/* ---- for apply; the box is the caller's to put ---- */

/* A notification at its place, and at no other. */
void box_keep(turn_t *turn, box_t *box, uint64_t account, const notification_t *notification);

/* It is read, or out of the box. */
void box_read(turn_t *turn, box_t *box, uint64_t account, uint64_t id, int64_t time);
void box_drop(turn_t *turn, box_t *box, uint64_t account, uint64_t id);

#endif
