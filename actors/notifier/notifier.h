/* notifier.h - the notifier's functions, one a call or event; notifier.c lists them. */
#ifndef ACTORS_NOTIFIER_NOTIFIER_H
#define ACTORS_NOTIFIER_NOTIFIER_H

#include "actors/actor.h"
#include "actors/notifier/digest.h"
#include "actors/notifier/hook.h"
#include "actors/notifier/mail.h"
#include "actors/notifier/push.h"
#include "actors/notifier/rows.h"

decide_fn notifier_decide_send, notifier_decide_tell, notifier_decide_read, notifier_decide_clear,
    notifier_decide_prefer, notifier_decide_unsubscribe;
decide_fn notifier_decide_retry, notifier_query_failed;
decide_fn notifier_query_list, notifier_query_unread, notifier_query_preferences;
decide_fn mute_decide, mute_query;
decide_fn push_decide_subscribe, push_decide_unsubscribe, push_query_list, push_query_key,
    push_query_metrics;

/* Its own events. */
apply_fn notifier_apply_notified, notifier_apply_seen, notifier_apply_cleared,
    notifier_apply_preferred, mute_apply, digest_apply_due, mail_apply_queued, mail_apply_tried,
    hook_apply_queued, hook_apply_tried, push_apply_subscribed, push_apply_unsubscribed,
    push_apply_tried;

/* What it keeps of the others. */
apply_fn world_apply_registered, world_apply_proven, world_apply_unproven, world_apply_opened,
    world_apply_seen, world_apply_gone;
apply_fn world_apply_created, world_apply_joined, world_apply_left, world_apply_deleted,
    world_apply_posted, world_apply_marked, world_apply_edited, world_apply_taken_back;
apply_fn world_apply_matched, world_apply_unliked, world_apply_connected, world_apply_disconnected,
    world_apply_blocked, world_apply_unblocked;
apply_fn push_apply_renewed;

/* What it tells of them. */
react_fn notifier_react_posted, notifier_react_marked;
react_fn notifier_react_visited, notifier_react_liked, notifier_react_unliked,
    notifier_react_matched, notifier_react_ticket, notifier_react_connected,
    notifier_react_reported, notifier_react_resolved;
react_fn notifier_react_deleted, notifier_react_blocked; /* vanish.c */
react_fn mail_react_link, digest_react_away;
react_fn push_react_closed, push_react_revoked;

/* What dies with the thread: whoever carries something out of the house (NULL: nobody), and who
 * is connected. */
typedef struct notifier_soft {
    mailroom_t *mailroom;
    hooks_t *hooks;
    digest_pace_t digests;
    pushes_t *pushes;
    present_t present;
} notifier_soft_t;

/* NULL: nothing is pushed. */
const pushes_t *notifier_pushes(turn_t *turn);

/* ERR_FORBIDDEN, in words, but for admins, operators and API keys of the system. */
MUST_CHECK err_t notifier_check_staff(turn_t *turn, const call_t *call);

/* ERR_NOT_FOUND for a room that the account is not in. */
MUST_CHECK err_t notifier_check_member(turn_t *turn, uint64_t account, uint64_t room);

/* An account's preferences, as the answer to whoever sets or asks for them. */
MUST_CHECK err_t notifier_answer_preferences(turn_t *turn, uint64_t account);

/* An entry of a person's inbox as it is shown now; NOT_FOUND: it is not, or no more. */
MUST_CHECK err_t notifier_see(turn_t *turn, uint64_t account, uint64_t id,
                              notification_t *ret_notification);

/* For react: emit that an account has read one that it has not; 0: none. */
void notifier_see_one(turn_t *turn, uint64_t account, uint64_t id);

/* Whether news of this kind is told once in a while only, and the row that remembers. */
bool notifier_told_once(notice_kind_t kind);
row_key_t notifier_once_key(uint64_t account, uint64_t from, notice_kind_t kind);

/* The row of a note that was sent with a client id. */
row_key_t notifier_receipt_key(uint64_t account, notice_kind_t kind, slice_t client_id);

/* What was to be said to whom, as a number to compare. */
uint64_t notifier_content(uint64_t account, slice_t text);

#endif
