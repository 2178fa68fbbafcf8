/* segment.h - one piece of the journal: a run of records in a LevelDB of its own.
 *
 * The folder is named for the first sequence that belongs in it, as 20 digits; the
 * keys are big-endian sequences, the values the records' bytes.  A folder with such
 * a name is always a complete database: it is made under the name "new" first. */
#ifndef BROKER_SEGMENT_H
#define BROKER_SEGMENT_H

#include "broker/seal.h"
#include "schema/buf.h"
#include "schema/envelope.h"

/* Where damage was found, for a report; the journal owns one for all segments. */
typedef struct fault {
    uint64_t seq;
    char words[256];
} fault_t;

/* Note and log what is wrong with record `seq` in the file or folder `path`; gives
 * ERR_CORRUPT. */
MUST_CHECK err_t fault_note(fault_t *fault, const char *path, uint64_t seq, const char *words);

/* The first sequence of the segment that a folder of this name is; 0: it is none. */
uint64_t segment_named(const char *name);

typedef struct segment segment_t;

/* Bytes of the files of a segment, open or not. */
uint64_t segment_disk_bytes(const char *journal, uint64_t first);

/* Whether the disk has room to open it anew. */
bool segment_has_room(const char *journal, uint64_t first);

/* Give the folder of a closed one another name. */
MUST_CHECK err_t segment_rename(const char *journal, uint64_t first, const char *name);

/* Make an empty segment in the folder `journal`. */
MUST_CHECK err_t segment_create(const char *journal, uint64_t first);

/* Open one, with the memory that writing wants when it is `growing`.  Damage is
 * noted in *fault, which is kept. */
MUST_CHECK err_t segment_open(const char *journal, uint64_t first, bool growing, fault_t *fault,
                              segment_t **ret_segment);
void segment_close(segment_t **segment_p);

/* Bytes in it, roughly, with those put since it was opened. */
uint64_t segment_size(const segment_t *segment);

/* Add a record to the batch; write the batch, all or nothing; empty it unwritten. */
void segment_put(segment_t *segment, uint64_t seq, slice_t record);
MUST_CHECK err_t segment_commit(segment_t *segment, bool sync);
void segment_abandon(segment_t *segment);

/* The last record as it lies there, checked, copied to `out`; *ret_record points there.
 * ERR_NOT_FOUND when the segment is empty. */
MUST_CHECK err_t segment_last(segment_t *segment, buf_t *out, record_t *ret_record);

/* Append the records `from` to `until`, excluded, all of which must be here, until
 * at least `budget` bytes were appended, opened with the keys of the vault; without one
 * they are appended as they lie there.  *ret_next is the first not appended; it is written at a fault too, and then names the faulty one. */
MUST_CHECK err_t segment_read(segment_t *segment, vault_t *vault, uint64_t from, uint64_t until,
                              size_t budget, buf_t *out, uint64_t *ret_next);

#endif
