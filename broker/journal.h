/* journal.h - everything that has happened, in order, on disk: the truth.
 *
 * Records are numbered from 1 without gaps and never change; each holds the hash
 * of the one before it.  Their format and the layout on disk are in JOURNAL.md.
 * A journal belongs to one thread.
 *
 * What is personal in them is sealed on the disk alone: who appends a record and who
 * reads one sees it open (seal.h).  The record that an account was redacted destroys
 * that account's key, before journal_append returns.
 *
 * Acknowledge nothing before journal_append has returned ERR_OK.  After ERR_STORAGE
 * from it the outcome is unknown and all writing is refused until journal_reopen has
 * read the true head, which may have moved.
 *
 * ERR_CORRUPT is logged with the file and the sequence where it was found. */
#ifndef BROKER_JOURNAL_H
#define BROKER_JOURNAL_H

#include "schema/envelope.h"

typedef struct journal journal_t;

typedef struct journal_options {
    uint64_t segment_bytes; /* a segment that has reached this is closed; 0: 256 MiB */
    bool unsynced;          /* acknowledge what a power cut may take: control of a test */
    bool closed;            /* records come as they lie in another journal: sealed ones stay so */
    bool existing;          /* ERR_NOT_FOUND where there is no journal yet, or make one */
} journal_options_t;

/* Open the journal in the folder `path`, whose parent must exist; the keys are there. */
MUST_CHECK err_t journal_open(const char *path, const journal_options_t *options,
                              journal_t **ret_journal);
void journal_close(journal_t **journal_p);

/* Close, open and read the true head: the way on after a failure.  May be called
 * again and again while the disk still refuses; while it has no room nothing is closed. */
MUST_CHECK err_t journal_reopen(journal_t *journal);

/* False after a reopen that failed: there is nothing to read from. */
bool journal_readable(const journal_t *journal);

/* The folder. */
const char *journal_path(const journal_t *journal);

/* Sequences of the last record and of the oldest at hand.  An empty journal has
 * head 0 and first 1. */
uint64_t journal_head(const journal_t *journal);
uint64_t journal_first(const journal_t *journal);

/* Of the last record, 32 bytes; zeros in an empty journal. */
const uint8_t *journal_hash(const journal_t *journal);

/* The highest epoch that was ever raised or recorded; 0 in a new journal. */
uint64_t journal_epoch(const journal_t *journal);

/* Make `epoch`, higher than the present one, the present one; on disk before it
 * returns ERR_OK, unchanged otherwise. */
MUST_CHECK err_t journal_raise_epoch(journal_t *journal, uint64_t epoch);

/* Append records, one behind the other, numbered from expected_head + 1: all or
 * none.  Each gets its hash and its CRC in place; after ERR_OK the bytes are what
 * journal_read gives.  Refused with nothing done: ERR_NOT_DONE when the head is not the
 * expected one or the epoch is older than the present one, ERR_MALFORMED,
 * ERR_TOO_LARGE for a record above LIMIT_RECORD. */
MUST_CHECK err_t journal_append(journal_t *journal, uint8_t *records, size_t len,
                                uint64_t expected_head);

/* Append to `out` whole records from `from` on until at least `budget` bytes are
 * there or the head is reached; *ret_next is the sequence to go on from, `from`
 * itself at the head.  ERR_TOO_OLD when retention has removed that point,
 * ERR_NOT_FOUND past the head.  A damaged record gives ERR_CORRUPT once all the
 * records before it were read. */
MUST_CHECK err_t journal_read(journal_t *journal, uint64_t from, size_t budget, buf_t *out,
                              uint64_t *ret_next);

typedef struct journal_stats {
    uint64_t segments;
    uint64_t records;
    uint64_t bytes; /* on disk */
    uint64_t first;
    uint64_t last;
    uint64_t epoch;
    int64_t first_time; /* µs since 1970; 0 when empty */
    int64_t last_time;
} journal_stats_t;

MUST_CHECK err_t journal_stats(journal_t *journal, journal_stats_t *ret_stats);

/* ---- retention: journal_cut.c ---- */

/* Hash and time of a record that is at hand. */
MUST_CHECK err_t journal_look(journal_t *journal, uint64_t seq, uint8_t ret_hash[HASH_SIZE],
                              int64_t *ret_time);

/* What is to stay: all of the last segment, and of those before it as many whole ones as have
 * `bytes` with it, whose last record is not from before `since`.  0: any. */
typedef struct journal_keep {
    uint64_t bytes;
    int64_t since; /* µs since 1970 */
} journal_keep_t;

/* The first record that is to stay, which begins a segment. */
MUST_CHECK err_t journal_first_kept(journal_t *journal, const journal_keep_t *keep,
                                    uint64_t *ret_first);

/* Where the second segment begins; 0: there is but one. */
uint64_t journal_second(const journal_t *journal);

/* Take the first segment off, at once and for good; its files go by journal_sweep.  There must be
 * a second one, and nothing left to sweep. */
MUST_CHECK err_t journal_cut(journal_t *journal);

/* Remove one file of what was cut; false: there is nothing. */
bool journal_sweep(journal_t *journal);

#endif
