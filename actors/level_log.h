/* level_log.h - a log file of LevelDB, read byte by byte: its *.log and MANIFEST-*.
 *
 *   file    blocks of 32,768 bytes; what a header does not fit in is zeros
 *   part    CRC u32, length u16, type u8 (1 whole, 2 first, 3 middle, 4 last), bytes
 *
 * A log may end anywhere when the power goes, and of its last write some sectors may be missing:
 * that is *torn*, which is no damage, unless somebody knows that more was there.  Each write is
 * synced before the next, so what another one follows was whole once. */
#ifndef ACTORS_LEVEL_LOG_H
#define ACTORS_LEVEL_LOG_H

#include "schema/buf.h"

typedef enum level_found {
    LEVEL_FOUND,
    LEVEL_END,
    LEVEL_TORN,    /* the last record is not all there; nothing follows */
    LEVEL_DAMAGED, /* some of the file cannot be read; the rest of it follows */
} level_found_t;

typedef struct level_log {
    slice_t file; /* borrowed */
    size_t at;    /* of what comes next */
    size_t fault; /* where it was torn or is damaged */
    bool open;    /* the first part of a record was seen, its last was not */
    bool holed;   /* it was torn otherwise than by ending too soon */
    buf_t parts;  /* of that record; free it */
} level_log_t;

/* The next record, valid until the next call; written for LEVEL_FOUND only. */
level_found_t level_log_next(level_log_t *log, slice_t *ret_record);

/* Bytes of a file without the record that it was torn in, if it was. */
size_t level_log_whole(slice_t file);

/* The same of one with a hole in its last record, which LevelDB does not open; false: it is none. */
bool level_log_holed(slice_t file, size_t *ret_whole);

#endif
