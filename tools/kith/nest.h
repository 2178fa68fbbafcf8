/* nest.h - a data folder that is being made, and in its place only once it is whole.
 *
 *     DATA/unfinished/    all of it, until then
 *
 * What fails has been told on stderr. */
#ifndef TOOLS_KITH_NEST_H
#define TOOLS_KITH_NEST_H

#include <limits.h>
#include <stdbool.h>

/* Make the folder to work in; false also when there is anything in `data` but what a broken-off
 * attempt has left there, which goes. */
bool nest_begin(const char *data, char ret_path[PATH_MAX]);

/* All of it is there: put it into its place, synced. */
bool nest_finish(const char *data);

/* Leave nothing of it. */
void nest_abandon(const char *data);

#endif
