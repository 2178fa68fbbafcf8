/* judge.h - when all has ended: is the journal as was promised, and what the actors made of it? */
#ifndef TESTS_WORLD_JUDGE_H
#define TESTS_WORLD_JUDGE_H

/* Read the journal in the folder `data`, and hold it against the ledger; then make every
 * projection anew and hold it against the one that is there.  In a fibre. */
void judge(const char *data);

#endif
