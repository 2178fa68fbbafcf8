/* row.h - the segments of one journal in order, opened when they are needed.
 *
 * Only the last one grows.  A segment ends where the next one begins, which the
 * folders' names tell, so a row is known without opening any of it. */
#ifndef BROKER_ROW_H
#define BROKER_ROW_H

#include "broker/segment.h"

typedef struct row row_t;

/* Find the segments in the folder `path`; none is an empty row.  Damage found
 * later is noted in *fault, which is kept. */
MUST_CHECK err_t row_open(const char *path, fault_t *fault, row_t **ret_row);
void row_close(row_t **row_p);

size_t row_count(const row_t *row);

/* Where segment `place`, counted from 0, begins. */
uint64_t row_first(const row_t *row, size_t place);

/* Which segment holds a sequence that is not before the first. */
size_t row_place(const row_t *row, uint64_t seq);

/* The segment, opened if need be; valid until the next call of row_use or
 * row_extend, the last one until row_extend. */
MUST_CHECK err_t row_use(row_t *row, size_t place, segment_t **ret_segment);

/* Put an empty segment behind the last one, which is closed for good.  After a failure the row
 * is what it was. */
MUST_CHECK err_t row_extend(row_t *row, uint64_t first);

/* Whether the disk has room to open the row anew. */
bool row_can_reopen(const row_t *row);

/* Take the first segment off: its folder gets the name row_cut_name.  Not the only one. */
extern const char row_cut_name[];
MUST_CHECK err_t row_cut(row_t *row);

/* Bytes of a segment's files. */
uint64_t row_bytes_at(row_t *row, size_t place);

/* Bytes of all files. */
uint64_t row_disk_bytes(row_t *row);

#endif
