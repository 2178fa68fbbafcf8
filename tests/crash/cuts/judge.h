/* judge.h - whether what a power cut has left is what was promised.
 *
 *  1. The files, read without LevelDB, have no damage: at most a torn end.
 *  2. The journal opens, up to what was acknowledged at least, and in an epoch no older.
 *  3. Each record at hand is what was appended, byte for byte; one of somebody who was redacted by a
 *     record that is there has lost what was personal, and no other has.
 *  4. Where the journal was cut, a snapshot stands for it and makes the projection.
 *  5. The projection is not ahead of the journal, or it is known to be of no use: damaged, or of an
 *     older format; else its rows are those of the record that it says.
 *  6. A snapshot that has what was redacted is known to be stale.
 *  7. Life goes on: another record is appended, and is there when it is opened again. */
#ifndef TESTS_CRASH_CUTS_JUDGE_H
#define TESTS_CRASH_CUTS_JUDGE_H

#include "tests/crash/cuts/life.h"

enum { VERDICT_SIZE = 512 };

/* False: `ret_words` has the first violation. */
bool judge_look(const life_t *life, const char *data, promise_t promised,
                char ret_words[VERDICT_SIZE]);

#endif
