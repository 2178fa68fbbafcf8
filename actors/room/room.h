/* room.h - the room actor's functions, one a call or event; room.c lists them. */
#ifndef ACTORS_ROOM_ROOM_H
#define ACTORS_ROOM_ROOM_H

#include "actors/actor.h"
#include "actors/room/rows.h"

apply_fn room_apply_created, room_apply_changed, room_apply_deleted, room_apply_posted,
    room_apply_file_added, room_apply_files_dropped;
apply_fn room_apply_registered;
apply_fn room_apply_joined, room_apply_left, room_apply_role_changed, room_apply_invited,
    room_apply_uninvited, room_apply_banned, room_apply_unbanned;
apply_fn message_apply_edited, message_apply_deleted, message_apply_reacted, message_apply_pinned,
    room_apply_marked;

react_fn room_react_matched, room_react_connected, room_react_made;

decide_fn room_decide_create, room_decide_direct, room_decide_request, room_decide_rename,
    room_decide_set_topic, room_decide_delete, room_decide_join, room_decide_enter,
    room_decide_find, room_decide_leave, room_decide_kick, room_decide_set_role, room_decide_mute,
    room_decide_ban, room_decide_unban, room_decide_invite, room_decide_decline, room_decide_typing,
    room_decide_present, room_decide_post, room_decide_file_add, room_decide_file_drop;

decide_fn message_decide_edit, message_decide_delete, message_decide_react, message_decide_unreact,
    message_decide_pin, message_decide_unpin, room_decide_read;

decide_fn message_query_get, message_query_sent, message_query_reactors, room_query_thread,
    room_query_pins, room_query_readers, room_query_unread;
decide_fn room_query_file_offer, room_query_file_get, room_query_file_unused;
decide_fn room_query_get, room_query_between, room_query_list, room_query_ids, room_query_members,
    room_query_bans, room_query_invitations, room_query_history;

/* The room, if the account may read it: everyone may read an open room, members and
 * admins any, and so may an operator, who is account 0.  *ret_membership is NULL for
 * somebody who is not in it.  ERR_NOT_FOUND otherwise: a room that is not yours looks
 * like none.  ERR_BLOCKED to both members of a direct room if one blocks the other. */
MUST_CHECK err_t room_readable(turn_t *turn, uint64_t room, uint64_t account, room_t *ret_room,
                               const membership_t **ret_membership);

/* Whether there is such a person; not if the account was deleted. */
MUST_CHECK err_t room_knows(turn_t *turn, uint64_t account);

/* ERR_OK if this person has an invitation to the room. */
MUST_CHECK err_t room_invited(turn_t *turn, uint64_t account, uint64_t room);

/* What somebody may in a room, see rights.c; one acts on lower ranks only. */
typedef enum room_rank {
    ROOM_RANK_NONE,
    ROOM_RANK_MEMBER,
    ROOM_RANK_MODERATOR,
    ROOM_RANK_OWNER,
    ROOM_RANK_ADMIN,
} room_rank_t;

MUST_CHECK err_t room_rank(turn_t *turn, const room_t *room, uint64_t account,
                           const membership_t *membership, room_rank_t *ret_rank);

/* The room, if the account may read it, and its rank there. */
MUST_CHECK err_t room_ranked(turn_t *turn, uint64_t room, uint64_t account, room_t *ret_room,
                             room_rank_t *ret_rank);

/* ERR_FORBIDDEN, in words that say for whom it is, below moderator or owner. */
MUST_CHECK err_t room_needs_rank(turn_t *turn, room_rank_t rank, room_rank_t least);

/* Whether somebody who may read the room may also speak in it; ERR_FORBIDDEN, in words
 * that say until when, for those who are muted or banned.  BLOCKED and CLOSED of direct
 * rooms, as tie.h has them. */
MUST_CHECK err_t room_may_post(turn_t *turn, const room_t *room, uint64_t account,
                               const membership_t *membership);

/* ERR_FORBIDDEN, in words that say until when, for those who must stay out. */
MUST_CHECK err_t room_not_banned(turn_t *turn, uint64_t room, uint64_t account);
bool room_ban_holds(const turn_t *turn, const room_ban_t *ban);

/* The mute that stays with somebody who leaves and comes again; 0: none. */
MUST_CHECK err_t room_muted_until(turn_t *turn, uint64_t room, uint64_t account,
                                  const membership_t *membership, int64_t *ret_until);

/* What bots have to say of a message, which goes before its being said: VETOED, in the bot's words, or
 * UNAVAILABLE if one that must be heard was not; *text may become another. */
MUST_CHECK err_t room_judged(turn_t *turn, slice_t *text);

/* What an earlier command with this client id came to, within the window of 24
 * hours; ERR_NOT_FOUND if there was none. */
MUST_CHECK err_t room_receipt(turn_t *turn, uint64_t account, event_number_t event,
                              slice_t client_id, const receipt_t **ret_receipt);

/* For apply: what the record's client id came to, if it has one. */
void room_keep_receipt(turn_t *turn, const record_t *record, const receipt_t *receipt);

/* Somebody is in the room from here on, or no longer; `by` is who put them out, or 0. */
void room_emit_joined(turn_t *turn, const membership_t *member);
void room_emit_left(turn_t *turn, uint64_t room, uint64_t account, uint64_t by);

/* How many items a page of a list has, as it was asked. */
size_t room_page_limit(uint64_t asked);

/* ---- file.c: attachments ---- */

/* The files of a room that a list of file_ref_t names; refuses one that it has not. */
MUST_CHECK err_t room_files(turn_t *turn, uint64_t room, const list_t *refs, list_t *ret_files);

/* For apply: a message of the room carries these files now, or does no longer. */
void room_files_used(turn_t *turn, uint64_t room, const list_t *files);
void room_files_dropped(turn_t *turn, uint64_t room, const list_t *files);

#endif
