/* cut.h - what a power cut may leave on a disk.
 *
 * A cut comes behind some deed.  All that was synced before it is there.  Of the names (files made,
 * renamed, removed) there are those up to some deed between the last sync of anything and the cut, in
 * their order, as ext4's journal has them.  Of the bytes that no sync covers there are, for each
 * file by itself: */
#ifndef TESTS_CRASH_CUTS_CUT_H
#define TESTS_CRASH_CUTS_CUT_H

#include "tests/crash/cuts/disk.h"

/*   none, all, the first few with the last of them torn, or any sectors with zeros between them */
typedef enum leaving { LEAVING_NONE, LEAVING_ALL, LEAVING_TORN, LEAVING_HOLES, LEAVINGS } leaving_t;

typedef struct cut cut_t;

/* Deeds must stay as they are. */
cut_t *cut_new(const deed_t *deeds, size_t count);
void cut_destroy(cut_t **cut_p);

/* Make in the empty folder `out` what is left behind the first `at` deeds.  Equal seeds leave the
 * same.  May be called for other cuts later, which come no earlier. */
void cut_leave(cut_t *cut, size_t at, uint64_t seed, const char *out);

#endif
