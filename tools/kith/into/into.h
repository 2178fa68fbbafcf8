/* into.h - kith replay --into: a recording played against another server. */
#ifndef TOOLS_KITH_INTO_INTO_H
#define TOOLS_KITH_INTO_INTO_H

#include "tools/kith/command.h"

outcome_t into_run(const options_t *options);

#endif
