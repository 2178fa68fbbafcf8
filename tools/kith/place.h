/* place.h - the data folder of a stopped server. */
#ifndef TOOLS_KITH_PLACE_H
#define TOOLS_KITH_PLACE_H

#include <limits.h>
#include <sys/types.h>

#include "broker/journal.h"
#include "schema/err.h"

/* The actors that have a projection; the last is NULL. */
extern const char *const place_actors[];

/* `name` in the data folder. */
void place_join(char ret_path[PATH_MAX], const char *data, const char *name);

/* The first record of the journal at hand, or the one that will be: 1 if nothing was cut. */
uint64_t place_first(const char *data);

/* The process that holds the files of a data folder; 0 for none. */
pid_t place_server(const char *data);

/* Whether there is a data folder that no server is using; else a sentence on stderr. */
MUST_CHECK bool place_free(const char *data);

/* Open its journal, after place_free. */
MUST_CHECK err_t place_journal(const char *data, journal_t **ret_journal);

/* Both; false after a sentence on stderr. */
MUST_CHECK bool place_open(const char *data, journal_t **ret_journal);

/* A fault, on stderr: "kith: <what>: <a sentence about the error>". */
void place_complain(const char *what, err_t err);

#endif
