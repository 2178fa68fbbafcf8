/* mend.h - the journal's files after the power has gone, before LevelDB opens them. */
#ifndef BROKER_MEND_H
#define BROKER_MEND_H

#include "schema/err.h"

/* A write that was under way when the power went may have come to the disk with holes in it, on file
 * systems that lengthen a file before its bytes are there.  Nobody was told that it is done, but
 * LevelDB takes it for damage and opens nothing.  So the last write of the data folder's journal is
 * taken off if it is so, which is told in the log, and the file as it was stays beside it, by the
 * name 000012.log.torn.
 *
 * Nothing is touched if the last server has ended in order (anchor.h): then it is damage.  No journal
 * is no error. */
MUST_CHECK err_t mend_end(const char *data);

#endif
