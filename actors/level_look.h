/* level_look.h - whether the files of a LevelDB are all there and whole, before it is opened.
 *
 * LevelDB passes over some losses without a word: a log that is missing, zeros in the midst of
 * one, the end of its list of files, a table that was cut.  Then rows of one batch are gone and
 * those of later ones are not, and nothing that is in the database can tell. */
#ifndef ACTORS_LEVEL_LOOK_H
#define ACTORS_LEVEL_LOOK_H

#include "schema/err.h"

/* Look at the database in the folder `path`: at all of its logs and the lengths of its tables,
 * which LevelDB checks as it reads them.  ERR_CORRUPT: a file is logged, and what is wrong with
 * it.  ERR_STORAGE: the disk refuses. */
MUST_CHECK err_t level_look(const char *path);

#endif
