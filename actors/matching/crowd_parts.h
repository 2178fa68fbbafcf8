/* crowd_parts.h - the crowd's state, shared by its parts: crowd.c (who is where) and
 * crowd_search.c (whom a question finds). */
#ifndef ACTORS_MATCHING_CROWD_PARTS_H
#define ACTORS_MATCHING_CROWD_PARTS_H

#include "actors/matching/crowd.h"
#include "actors/matching/lines.h"
#include "schema/map.h"

enum {
    KINDS = 3,  /* of gender: female, male, any other */
    BANDS = 16, /* of days of birth; the first: unknown */
    BAND_DAYS = 2800,
    TIERS = 6, /* of fame */
    GROUPS = KINDS * BANDS * TIERS,
    CELLS_ROUND = 360,
    CELLS_UP = 180,
};

/* Some people at first glance and at second, in no order; in groups with their lines. */
typedef struct flock {
    glance_t *glances;
    second_t *seconds;
    line_t *lines; /* LINES_A_BLOCK for each LINE_PEOPLE */
    uint32_t count;
    uint32_t size;
    uint32_t lined; /* people for whom there are lines */
} flock_t;

typedef struct cell {
    flock_t kinds[KINDS];
    spot_t middle;
    float radius_km; /* to its corners */
} cell_t;

/* Where somebody stands in the flocks of their cell and their group. */
typedef struct seat {
    uint32_t in_cell;
    uint32_t in_group;
} seat_t;

struct crowd {
    map_t *cells; /* by row and column */
    flock_t groups[GROUPS];
    candidate_t *people; /* by account; without one: not there */
    seat_t *seats;       /* the same */
    size_t size;         /* of both */
    size_t count;
    size_t bytes; /* of cells and flocks */
    uint32_t female;
    uint32_t male;
};

/* The cell of a row, from the south, and a column, from the date line; NULL if nobody is
 * there. */
static inline cell_t *crowd_cell(const crowd_t *crowd, uint32_t row, uint32_t column)
{
    return map_get(crowd->cells, (uint64_t)row * CELLS_ROUND + column);
}

/* The lines of a block of a flock's people. */
static inline line_t *flock_block(const flock_t *flock, uint32_t index)
{
    return flock->lines + (size_t)(index / LINE_PEOPLE) * LINES_A_BLOCK;
}

static inline uint32_t crowd_kind(const crowd_t *crowd, uint32_t gender)
{
    return gender == crowd->female ? 0 : gender == crowd->male ? 1 : 2;
}

/* Most people have little fame: so that is told apart more finely. */
static const uint32_t crowd_tier_ends[TIERS] = {25, 50, 100, 200, 400, UINT32_MAX};

static inline uint32_t crowd_tier(uint32_t fame)
{
    uint32_t tier = 0;
    while (fame >= crowd_tier_ends[tier])
        tier++;
    return tier;
}

static inline uint32_t crowd_band(uint16_t born)
{
    uint32_t band = born == 0 ? 0 : 1 + born / BAND_DAYS;
    return band < BANDS ? band : BANDS - 1;
}

#endif
