/* line.h - a record as a line of JSON that says all of it, and back again.
 *
 * Members are those of the entity `exported`, hidden fields among those of `body`, bytes in
 * hexadecimal; what is zero or empty is left out.  A line makes its record again byte for
 * byte: each is read back before it is given out, and one whose members cannot do it (what is
 * sealed, which members show open; a number that JSON cannot carry) has its bytes besides. */
#ifndef TOOLS_KITH_LINE_H
#define TOOLS_KITH_LINE_H

#include "broker/seal.h"
#include "schema/codec.h"

enum { LINE_MAX = 8 * 1024 * 1024 }; /* bytes: a record in its longest form */

/* What writing and reading need; one may be used for any number of lines. */
typedef struct line line_t;

/* With the keys, kept, that open what is sealed; NULL: such records are shown as their bytes. */
line_t *line_new(vault_t *vault);
void line_destroy(line_t **line_p);

/* Append the record with that hash, and a line's end. */
void line_put(line_t *line, buf_t *out, const record_t *record, const uint8_t hash[HASH_SIZE]);

/* Where a record is to stand. */
typedef struct line_place {
    uint64_t seq;
    uint64_t epoch;              /* of the one before */
    uint8_t previous[HASH_SIZE]; /* its hash */
    bool begun;                  /* false: it is for the first line to say whether … */
    bool hashed;                 /* … all of them have a hash, and are to be as they were */
    bool sealed;                 /* a record was */
} line_place_t;

/* Append the record that a line makes at *place, which is then that of the next one.  Where
 * the line has a hash, it must be the record's.  Otherwise an error, `out` and the place are
 * as they were, and *ret_fault says what is wrong, until the next call. */
MUST_CHECK err_t line_read(line_t *line, slice_t text, line_place_t *place, buf_t *out,
                           fault_t *ret_fault);

#endif
