/* rows.h - the search actor's projection: what lies under which key.
 *
 *   'D' room seq            message: as it is now; gone when it is deleted
 *   'O'                     the open segment, u64
 *   'T' id                  entry: a message of the open segment, and its words
 *   'W' beginning 00 segment   posting: messages with a word that begins so; beginnings of
 *                           up to BEGINNING_CHARS characters
 *   'G' room segment        posting: messages of a room
 *   'C' segment             column: for each room, which offsets are its messages
 *   'a' account room        nothing: the rooms of an account, in order
 *   'x' room                nothing: a room that was deleted
 *   'p' low account, high   the direct room of two, u64
 *   'b' low account, high   which of the two blocks the other, a set in a u64
 *
 * Numbers are big-endian: ids and sequences 8 bytes, segments 4.  A word has no byte 0.
 * W, G and C are written once, when a segment is sealed; later W only by edits. */
#ifndef ACTORS_SEARCH_ROWS_H
#define ACTORS_SEARCH_ROWS_H

#include "actors/row.h"
#include "actors/search/posting.h"
#include "actors/search/words.h"

/* Longer beginnings have no rows: words that nobody else uses, numbers and names, would
 * each make a dozen.  What begins alike up to here is told apart by the message's text. */
enum { BEGINNING_CHARS = 6 };

static inline slice_t search_beginning(slice_t word)
{
    return slice_new(word.ptr, word_beginning(word, BEGINNING_CHARS));
}

row_key_t search_word_key(slice_t beginning, uint32_t segment);
row_key_t search_room_key(uint64_t room, uint32_t segment);
row_key_t search_column_key(uint32_t segment);

/* The segment at the end of a posting's key; the id at the end of another's. */
uint32_t search_key_segment(slice_t key);
uint64_t search_key_id(slice_t key);

static inline uint32_t segment_of(uint64_t id)
{
    return (uint32_t)(id >> SEGMENT_BITS);
}

static inline size_t offset_of(uint64_t id)
{
    return id & (SEGMENT - 1);
}

/* A row in the turn's arena; false if there is none. */
bool search_get(turn_t *turn, row_key_t key, slice_t *ret_value);

/* The segment that grows, `otherwise` before the first message. */
uint32_t search_open_segment(turn_t *turn, uint32_t otherwise);
void search_set_open_segment(turn_t *turn, uint32_t segment);

/* The message, or NULL. */
const message_t *search_message(turn_t *turn, uint64_t room, uint64_t seq);

/* ---- an entry: room, sequence, words, each behind a byte of its length ---- */

typedef struct entry {
    uint64_t room;
    uint64_t seq;
    slice_t words; /* not read yet */
} entry_t;

slice_t entry_make(arena_t *arena, uint64_t room, uint64_t seq, words_t words);
bool entry_read(slice_t bytes, entry_t *ret_entry);

/* The next word off the entry. */
bool entry_next(entry_t *entry, slice_t *ret_word);

/* ---- a column: rooms ascending ----
 *
 * The messages that a room has in a segment have consecutive sequences, in the order of
 * their ids: so the first one's sequence tells those of all. */

typedef struct column {
    slice_t left;
} column_t;

typedef struct column_room {
    uint64_t room;
    uint64_t seq;    /* of the first */
    slice_t offsets; /* two bytes each, ascending */
} column_room_t;

void column_begin(buf_t *out, uint64_t room, uint64_t seq, size_t count);
void column_add(buf_t *out, size_t offset);

/* The next room off the column. */
bool column_next(column_t *column, column_room_t *ret_room);

static inline size_t column_offset(const column_room_t *room, size_t place)
{
    return (size_t)room->offsets.ptr[2 * place] << 8 | room->offsets.ptr[2 * place + 1];
}

#endif
