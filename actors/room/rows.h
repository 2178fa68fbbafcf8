/* rows.h - the room actor's projection: what lies under which key.
 *
 *   'R' room                     room, its seq and members left at 0
 *   'Q' room                     its head: the last message, mention and speakers (head.h)
 *   'M' room seq                 message
 *   'm' room account             membership
 *   'a' account room             nothing: the rooms of an account, in order
 *   'N' room                     how many are in it, u64
 *   'O' room                     how many of them are owners, u64
 *   'I' account room             invitation
 *   'B' room account             room_ban, until it is lifted
 *   'U' room account             mute of somebody who has left, u64
 *   'd' low account, high account   room: the one direct room of two
 *   'g' gid                      room
 *   'k' account event client id  receipt
 *   'C' 'R' | 'M'                the last room id, message id, u64
 *   'F' room id                  file_row: a file that was uploaded for the room
 *   'f' id room                  mark: the same by the file (file.c)
 *   'X' room seq                 annex: what others added to a message (message.h)
 *   'e' room seq account         slots of a person's own reactions, a set in a u64 (react.c)
 *   'E' room, seq and slot, account   mark: who reacted so
 *   't' room root seq            mark: a message of a thread
 *   'p' room                     pins
 *   '@' room account seq         mark: a message that mentions the account; 0: everyone
 *   'y' low account, high account   what keeps the two from talking, u64 (tie.c)
 *   'z' account                  from whom they are kept apart (actors/apart.h)
 *   'r' room account             read marker: sequence and time, two u64 (read.c)
 *   'P' account                  person: kept from the session actor's events
 *   'l' login                    account, u64; the same
 *
 * Only 'P' and 'l', by the session actor's, and 'y' and 'z', by the matching actor's, are
 * written by foreign events. */
#ifndef ACTORS_ROOM_ROWS_H
#define ACTORS_ROOM_ROWS_H

#include "actors/person.h"

/* The room with its present sequence; row_get_members counts those who are in it. */
MUST_CHECK err_t row_get_room(turn_t *turn, uint64_t room, room_t *ret_room);
MUST_CHECK err_t row_has_room(turn_t *turn, uint64_t room);
MUST_CHECK err_t row_get_members(turn_t *turn, room_t *room);
void row_put_room(turn_t *turn, const room_t *room);

MUST_CHECK err_t row_get_membership(turn_t *turn, uint64_t room, uint64_t account,
                                    const membership_t **ret_membership);
MUST_CHECK err_t row_get_message(turn_t *turn, uint64_t room, uint64_t seq,
                                 const message_t **ret_message);

/* The counters, by their letter: 'R' or 'M'. */
row_key_t row_counter_key(char counter);
row_key_t row_direct_key(uint64_t one, uint64_t other);
row_key_t row_gid_key(slice_t gid);
row_key_t row_login_key(slice_t login); /* A-Z and a-z are the same in it */
row_key_t row_receipt_key(uint64_t account, event_number_t event, slice_t client_id);

#endif
