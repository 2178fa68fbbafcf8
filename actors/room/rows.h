/* rows.h - the room actor's projection: what lies under which key.
 *
 *   'R' room                     room, its seq left at 0
 *   'Q' room                     sequence of its last message, u64
 *   'M' room seq                 message
 *   'm' room account             membership
 *   'a' account room             nothing: the rooms of an account, in order
 *   'd' low account, high account   room: the one direct room of two
 *   'g' gid                      room
 *   'k' account event client id  receipt
 *   'C' 'R' | 'M'                the last room id, message id, u64
 *   'F' room id                  file_row: a file that was uploaded for the room
 *   'P' account                  person: kept from the session actor's events
 *
 * Only 'P' is written by foreign events. */
#ifndef ACTORS_ROOM_ROWS_H
#define ACTORS_ROOM_ROWS_H

#include "actors/row.h"

/* The room with its present sequence. */
MUST_CHECK err_t row_get_room(turn_t *turn, uint64_t room, room_t *ret_room);

MUST_CHECK err_t row_get_membership(turn_t *turn, uint64_t room, uint64_t account,
                                    const membership_t **ret_membership);
MUST_CHECK err_t row_get_person(turn_t *turn, uint64_t account, const person_t **ret_person);
MUST_CHECK err_t row_get_message(turn_t *turn, uint64_t room, uint64_t seq,
                                 const message_t **ret_message);

/* The counters, by their letter: 'R' or 'M'. */
row_key_t row_counter_key(char counter);
row_key_t row_direct_key(uint64_t one, uint64_t other);
row_key_t row_gid_key(slice_t gid);
row_key_t row_receipt_key(uint64_t account, event_number_t event, slice_t client_id);

#endif
