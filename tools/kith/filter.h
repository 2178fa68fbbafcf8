/* filter.h - which records are wanted. */
#ifndef TOOLS_KITH_FILTER_H
#define TOOLS_KITH_FILTER_H

#include "schema/envelope.h"
#include "tools/kith/options.h"

/* Whether the record fits --type, --room and --account. */
bool filter_fits(const options_t *options, const record_t *record);

/* Whether there is anything to leave out. */
bool filter_any(const options_t *options);

#endif
