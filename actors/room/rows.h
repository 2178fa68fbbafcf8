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
 * Numbers in keys are big-endian, so that order by key is order by number.  Only
 * 'P' is written by foreign events. */
#ifndef ACTORS_ROOM_ROWS_H
#define ACTORS_ROOM_ROWS_H

#include "actors/actor.h"

enum { KEY_SIZE = 128 };

typedef struct row_key {
    uint8_t bytes[KEY_SIZE];
    size_t len;
} row_key_t;

/* A key of a prefix and up to two numbers. */
row_key_t row_key0(char prefix);
row_key_t row_key1(char prefix, uint64_t first);
row_key_t row_key2(char prefix, uint64_t first, uint64_t second);
slice_t row_slice(const row_key_t *key);

/* The big-endian number at an offset of a key or a value; 0 if it is too short. */
uint64_t row_number(slice_t bytes, size_t offset);

/* Rows with a struct of a shape.  Errors of get: NOT_FOUND, or the store's. */
MUST_CHECK err_t row_get(turn_t *turn, row_key_t key, const shape_t *shape,
                         const void **ret_object);
void row_put(turn_t *turn, row_key_t key, const shape_t *shape, const void *object);

/* Rows with one number; a missing one is 0. */
MUST_CHECK err_t row_get_number(turn_t *turn, row_key_t key, uint64_t *ret_value);
void row_put_number(turn_t *turn, row_key_t key, uint64_t number);

/* The room with its present sequence. */
MUST_CHECK err_t row_get_room(turn_t *turn, uint64_t room, room_t *ret_room);

MUST_CHECK err_t row_get_membership(turn_t *turn, uint64_t room, uint64_t account,
                                    const membership_t **ret_membership);
MUST_CHECK err_t row_get_person(turn_t *turn, uint64_t account, const person_t **ret_person);
MUST_CHECK err_t row_get_message(turn_t *turn, uint64_t room, uint64_t seq,
                                 const message_t **ret_message);

row_key_t row_direct_key(uint64_t one, uint64_t other);
row_key_t row_gid_key(slice_t gid);
row_key_t row_receipt_key(uint64_t account, event_number_t event, slice_t client_id);

#endif
