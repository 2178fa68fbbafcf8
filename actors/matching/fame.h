/* fame.h - how much others like a person, between 0 and 999; docs/fame.md says why so.
 *
 *   points  10 for each who likes them, 1 for each who has visited, 20 for each match,
 *           -5 for each who blocks them, -100 for each report that led to something
 *   fame    1000 points / (points + 500), rounded down */
#ifndef ACTORS_MATCHING_FAME_H
#define ACTORS_MATCHING_FAME_H

#include "schema/type.h"

static inline uint64_t fame_of(const standing_row_t *standing)
{
    uint64_t won = 10 * standing->likes + standing->visits + 20 * standing->matches;
    uint64_t lost = 5 * standing->blocks + 100 * standing->upheld;
    uint64_t points = won > lost ? won - lost : 0;
    return 1000 * points / (points + 500);
}

#endif
