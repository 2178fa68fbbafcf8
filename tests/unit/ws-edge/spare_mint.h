/* spare_mint.h - a mint for tests that need tokens and no folder. */
#ifndef TESTS_UNIT_WS_EDGE_SPARE_MINT_H
#define TESTS_UNIT_WS_EDGE_SPARE_MINT_H

#include "actors/token.h"

/* One for all of a process, with the same key each time; it lies nowhere afterwards. */
mint_t *spare_mint(void);

#endif
