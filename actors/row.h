/* row.h - an actor's projection as rows: keys of a letter and numbers, values of a
 * shape of the schema, of one number, or of bytes.
 *
 * Numbers in keys are big-endian, so that order by key is order by number.  Each
 * actor's own rows.h says which letter is what.
 *
 * Errors of reading: ERR_NOT_FOUND is an answer; ERR_CORRUPT and ERR_STORAGE are the
 * disk's.  What is read lives in the turn's arena. */
#ifndef ACTORS_ROW_H
#define ACTORS_ROW_H

#include "actors/actor.h"

/* Keys are made and handed on by the million, so they are short: a longer text stands in
 * them as its hash. */
enum { ROW_KEY_SIZE = 96, ROW_TEXT_MAX = 64 };

/* ---- keys ---- */

typedef struct row_key {
    uint8_t bytes[ROW_KEY_SIZE];
    size_t len;
} row_key_t;

/* A key of a letter and up to three numbers. */
row_key_t row_key0(char letter);
row_key_t row_key1(char letter, uint64_t first);
row_key_t row_key2(char letter, uint64_t first, uint64_t second);
row_key_t row_key3(char letter, uint64_t first, uint64_t second, uint64_t third);

/* The same key for two whichever comes first. */
row_key_t row_key_pair(char letter, uint64_t one, uint64_t other);

/* Text at the end of a key of up to three numbers: as it is up to ROW_TEXT_MAX bytes, by
 * its BLAKE2b-256 beyond, so that rows of long texts can be found but not scanned. */
void row_key_add(row_key_t *key, slice_t text);

slice_t row_slice(const row_key_t *key);

/* The big-endian number at an offset of a key or a value; 0 if it is too short. */
uint64_t row_number(slice_t bytes, size_t offset);

/* ---- one row ---- */

/* Rows with bytes of the actor's own. */
MUST_CHECK err_t row_get_bytes(turn_t *turn, row_key_t key, slice_t *ret_value);
void row_put_bytes(turn_t *turn, row_key_t key, slice_t value);

/* The same under a key that was never used before, for what is soon deleted. */
void row_put_new_bytes(turn_t *turn, row_key_t key, slice_t value);

/* Rows with a struct of a shape. */
MUST_CHECK err_t row_get(turn_t *turn, row_key_t key, const shape_t *shape,
                         const void **ret_object);
void row_put(turn_t *turn, row_key_t key, const shape_t *shape, const void *object);

/* For apply: a row with an object that is a member of the event's body, byte for byte as the
 * record has it, which spares packing it again. */
void row_put_member(turn_t *turn, row_key_t key, const record_t *record, const char *member);

/* Rows with one number; a missing one is 0. */
MUST_CHECK err_t row_get_number(turn_t *turn, row_key_t key, uint64_t *ret_value);
void row_put_number(turn_t *turn, row_key_t key, uint64_t number);

/* Rows with numbers side by side, 8 bytes each, big-endian; a missing one has none. */
MUST_CHECK err_t row_get_numbers(turn_t *turn, row_key_t key, ids_t *ret_numbers);
void row_put_numbers(turn_t *turn, row_key_t key, ids_t numbers);
#define ROW_NUMBERS(...)                      \
    ((ids_t){(const uint64_t[]){__VA_ARGS__}, \
             sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)})

/* For apply: a row with a set of numbers, which has this one, as its last, or not.  Of more
 * than `most` the first ones are forgotten; without any the row goes. */
void row_set_number(turn_t *turn, row_key_t key, uint64_t number, bool has, size_t most);

/* A row that says all by being there. */
void row_put_mark(turn_t *turn, row_key_t key);

void row_delete(turn_t *turn, row_key_t key);

_Noreturn void row_give_up(err_t err);

/* For apply, which cannot fail: whether the row was found.  To pass over an event would make
 * a projection that nobody can trust, so a store that cannot be read ends the process; the
 * journal has the event, and the next start applies it. */
static inline bool row_found(err_t err)
{
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        row_give_up(err);
    return err == ERR_OK;
}

/* ---- many rows: for queries ---- */

/* Committed rows with from <= key < to: the first ones, or the last ones. */
typedef struct row_range {
    row_key_t from;
    row_key_t to;
    bool last;
    size_t bytes_max; /* of a page's rows, though one always fits; 0: LIMIT_PAGE_BYTES */
} row_range_t;

/* The rows of a letter, or of a letter and a number, whose next number is above `after`. */
row_range_t row_range1(char letter, uint64_t after);
row_range_t row_range2(char letter, uint64_t first, uint64_t after);
row_range_t row_range3(char letter, uint64_t first, uint64_t second, uint64_t after);

/* Makes an item of a row that a scan has met, whose key and value live for the call
 * only.  ERR_NOT_FOUND: nothing comes of this row, go on. */
typedef err_t row_make_fn(turn_t *turn, slice_t key, slice_t value, void *item);

/* At most `limit` items of `size` bytes, in the order of their keys; the page also
 * ends when its rows have as many bytes as the range allows. */
MUST_CHECK err_t row_make_list(turn_t *turn, const row_range_t *range, row_make_fn *make,
                               size_t size, size_t limit, list_t *ret_items);

/* Of each row the last number of its key. */
MUST_CHECK err_t row_list_last(turn_t *turn, const row_range_t *range, size_t limit,
                               ids_t *ret_numbers);

/* The same of rows with a struct of a shape, as they are. */
MUST_CHECK err_t row_list(turn_t *turn, const row_range_t *range, const shape_t *shape,
                          size_t limit, list_t *ret_rows);

/* The struct in a value that a scan has met. */
MUST_CHECK err_t row_read(turn_t *turn, slice_t value, const shape_t *shape,
                          const void **ret_object);

#endif
