/* view.h - accounts as somebody may see them.
 *
 * Everybody sees the names, the role, and that an account was deleted.  Who shares a room
 * with the person sees whether they are here; contacts, or all if the setting
 * `reveal_emails` says so, see the e-mail.  The person sees also whether that is proven,
 * and staff everything.  Of two of whom one blocks the other neither sees an account. */
#ifndef ACTORS_SESSION_VIEW_H
#define ACTORS_SESSION_VIEW_H

#include "actors/session/circle.h"

typedef struct view {
    turn_t *turn;
    uint64_t account; /* who looks; 0: an operator */
    bool staff;
    circle_t circle; /* of who looks; not for staff */
} view_t;

/* ---- for queries ---- */

/* As whoever asks. */
MUST_CHECK err_t view_open(turn_t *turn, const call_t *call, view_t *ret_view);

/* NOT_FOUND: one of the two blocks the other. */
MUST_CHECK err_t view_account(const view_t *view, const account_row_t *row, account_t *ret_account);

/* ---- for decide, too ---- */

/* As staff sees it. */
account_t view_whole(turn_t *turn, const account_row_t *row);

/* As its owner does. */
account_t view_own(turn_t *turn, const account_row_t *row);

#endif
