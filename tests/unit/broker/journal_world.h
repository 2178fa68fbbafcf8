/* journal_world.h - a journal in a folder of its own, for the tests of it. */
#ifndef TESTS_UNIT_BROKER_JOURNAL_WORLD_H
#define TESTS_UNIT_BROKER_JOURNAL_WORLD_H

#include "broker/audit.h"
#include "broker/journal.h"
#include "tests/unit/scratch.h"

enum { PATH_SIZE = SCRATCH_PATH_SIZE + 64 };

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char path[SCRATCH_PATH_SIZE + 16];
    journal_options_t options;
    journal_t *journal;
    buf_t told; /* records as they were after journal_append had said ERR_OK */
    buf_t batch;
    buf_t read;
    buf_t flaws; /* of the last audit, a line each, as a text */
} world_t;

/* For cmocka: a world with an empty journal, and its end. */
int world_setup(void **state);
int world_teardown(void **state);

/* Close the journal and open it with world->options. */
MUST_CHECK err_t world_open_again(world_t *world);

/* Append to `out` a record with a text of so many letters. */
void world_record(buf_t *out, uint64_t seq, uint64_t epoch, size_t text_len);

/* Append `count` records behind the head; remembers them when that is acknowledged. */
MUST_CHECK err_t world_append(world_t *world, size_t count, size_t text_len);

/* Everything at hand into world->read, with pages of `budget` bytes. */
MUST_CHECK err_t world_read_all(world_t *world, size_t budget);

/* Read all of the journal's files, whether or not it is open; the flaws go to world->flaws. */
void world_audit(world_t *world, const audit_options_t *options, audit_report_t *ret_report);

/* The journal verifies and has so many records; it holds what was acknowledged. */
void world_assert_sound(world_t *world, uint64_t records);
void world_assert_as_told(world_t *world);

/* The first sequences of the segments on disk, ascending; returns how many. */
size_t world_segments(const world_t *world, uint64_t *ret_firsts, size_t most);

void world_segment_path(const world_t *world, uint64_t first, char ret_path[PATH_SIZE]);

#endif
