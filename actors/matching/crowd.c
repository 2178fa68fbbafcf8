#include "actors/matching/crowd.h"

#include <assert.h>
#include <math.h>

#include "actors/matching/crowd_parts.h"
#include "actors/matching/trait.h"
#include "schema/mem.h"

crowd_t *crowd_new(void)
{
    crowd_t *crowd = mem_new(crowd_t);
    crowd->cells = map_new();
    crowd->female = (uint32_t)trait_of(SLICE_LIT("female"));
    crowd->male = (uint32_t)trait_of(SLICE_LIT("male"));
    return crowd;
}

static void s_flock_free(flock_t *flock)
{
    mem_free(flock->glances);
    mem_free(flock->seconds);
    mem_free(flock->lines);
}

static void s_cell_free(cell_t *cell)
{
    for (size_t i = 0; i < KINDS; i++)
        s_flock_free(&cell->kinds[i]);
    mem_free(cell);
}

void crowd_destroy(crowd_t **crowd_p)
{
    crowd_t *crowd = *crowd_p;
    uint64_t id;
    void *cell;
    if (crowd == NULL)
        return;
    *crowd_p = NULL;
    for (size_t at = 0; map_next(crowd->cells, &at, &id, &cell);)
        s_cell_free(cell);
    for (size_t i = 0; i < GROUPS; i++)
        s_flock_free(&crowd->groups[i]);
    mem_free(crowd->people);
    mem_free(crowd->seats);
    map_destroy(&crowd->cells);
    mem_free(crowd);
}

size_t crowd_count(const crowd_t *crowd)
{
    return crowd->count;
}

size_t crowd_bytes(const crowd_t *crowd)
{
    return sizeof *crowd + crowd->bytes + crowd->size * (sizeof(candidate_t) + sizeof(seat_t));
}

/* ---- flocks ---- */

static void s_flock_grow(crowd_t *crowd, flock_t *flock)
{
    uint32_t size = flock->size + flock->size / 4 + 2;
    flock->glances = mem_grow(flock->glances, size * sizeof(glance_t));
    flock->seconds = mem_grow(flock->seconds, size * sizeof(second_t));
    crowd->bytes += (size - flock->size) * (sizeof(glance_t) + sizeof(second_t));
    flock->size = size;
}

static uint32_t s_flock_add(crowd_t *crowd, flock_t *flock, const candidate_t *person)
{
    if (flock->count == flock->size)
        s_flock_grow(crowd, flock);
    flock->glances[flock->count] = glance_of(person);
    flock->seconds[flock->count] = second_of(person);
    return flock->count++;
}

/* The last one takes the free place; who that is, 0 if it was itself. */
static uint32_t s_flock_drop(flock_t *flock, uint32_t index)
{
    uint32_t last = --flock->count;
    flock->glances[index] = flock->glances[last];
    flock->seconds[index] = flock->seconds[last];
    return index < last ? flock->glances[index].account : 0;
}

/* ---- their lines ---- */

static void s_lines_add(crowd_t *crowd, flock_t *flock, uint32_t index, const candidate_t *person)
{
    const size_t block_bytes = LINES_A_BLOCK * sizeof(line_t);
    if (index >= flock->lined) {
        size_t blocks = flock->lined / LINE_PEOPLE;
        flock->lines = mem_grow(flock->lines, (blocks + 1) * block_bytes);
        memset(flock->lines + blocks * LINES_A_BLOCK, 0, block_bytes);
        flock->lined += LINE_PEOPLE;
        crowd->bytes += block_bytes;
    }
    lines_set(flock_block(flock, index), index % LINE_PEOPLE, candidate_tags(person), true);
}

/* Somebody leaves their place, and the one from the last place takes it. */
static void s_lines_drop(const crowd_t *crowd, flock_t *flock, uint32_t index, uint64_t account,
                         uint64_t moved)
{
    tags_t tags = candidate_tags(&crowd->people[account]);
    lines_set(flock_block(flock, index), index % LINE_PEOPLE, tags, false);
    if (moved == 0)
        return;
    uint32_t last = flock->count;
    tags = candidate_tags(&crowd->people[moved]);
    lines_set(flock_block(flock, last), last % LINE_PEOPLE, tags, false);
    lines_set(flock_block(flock, index), index % LINE_PEOPLE, tags, true);
}

/* ---- which ones ---- */

static cell_t *s_cell_new(uint32_t row, uint32_t column)
{
    const int64_t half = 500000; /* millionths of a degree */
    int64_t lat = (2 * (int64_t)row + 1) * half - 90000000;
    int64_t lon = (2 * (int64_t)column + 1) * half - 180000000;
    cell_t *cell = mem_new(cell_t);
    cell->middle = spot_of(lat, lon);
    cell->radius_km = (float)fmax(spot_distance(cell->middle, spot_of(lat - half, lon - half)),
                                  spot_distance(cell->middle, spot_of(lat + half, lon - half)));
    return cell;
}

/* NULL for who is nowhere. */
static flock_t *s_cell_of(crowd_t *crowd, const candidate_t *person)
{
    const double degree = 180 / M_PI;
    const spot_t *spot = &person->spot;
    if (!spot_known(*spot))
        return NULL;
    double up = asin(fmin(1, fmax(-1, (double)spot->z))) * degree + 90;
    double on = atan2((double)spot->y, (double)spot->x) * degree + 180;
    uint32_t row = (uint32_t)fmin(up, CELLS_UP - 1), column = (uint32_t)on % CELLS_ROUND;
    cell_t *cell = crowd_cell(crowd, row, column);
    if (cell == NULL) {
        cell = s_cell_new(row, column);
        crowd->bytes += sizeof *cell + 3 * sizeof(uint64_t); /* with its place in the map */
        map_put(crowd->cells, (uint64_t)row * CELLS_ROUND + column, cell);
    }
    return &cell->kinds[crowd_kind(crowd, person->gender)];
}

static flock_t *s_group_of(crowd_t *crowd, const candidate_t *person)
{
    uint32_t kind = crowd_kind(crowd, person->gender);
    uint32_t tier = crowd_tier(person->fame);
    return &crowd->groups[(kind * BANDS + crowd_band(person->born)) * TIERS + tier];
}

/* ---- people ---- */

static void s_grow(crowd_t *crowd, uint64_t account)
{
    size_t size = crowd->size > 0 ? crowd->size : 64;
    while (size <= account)
        size += size / 4;
    crowd->people = mem_grow(crowd->people, size * sizeof(candidate_t));
    crowd->seats = mem_grow(crowd->seats, size * sizeof(seat_t));
    memset(crowd->people + crowd->size, 0, (size - crowd->size) * sizeof(candidate_t));
    crowd->size = size;
}

void crowd_drop(crowd_t *crowd, uint64_t account)
{
    if (account >= crowd->size || crowd->people[account].account == 0)
        return;
    candidate_t *person = &crowd->people[account];
    flock_t *cell = s_cell_of(crowd, person);
    uint32_t moved = cell != NULL ? s_flock_drop(cell, crowd->seats[account].in_cell) : 0;
    crowd->seats[moved].in_cell = crowd->seats[account].in_cell; /* of 0 nobody asks */
    flock_t *group = s_group_of(crowd, person);
    uint32_t index = crowd->seats[account].in_group;
    moved = s_flock_drop(group, index);
    s_lines_drop(crowd, group, index, account, moved);
    crowd->seats[moved].in_group = index;
    *person = (candidate_t){0};
    crowd->count--;
}

void crowd_put(crowd_t *crowd, const candidate_t *candidate)
{
    uint64_t account = candidate->account;
    assert(account > 0 && account <= UINT32_MAX);
    if (account >= crowd->size)
        s_grow(crowd, account);
    crowd_drop(crowd, account);
    flock_t *cell = s_cell_of(crowd, candidate);
    if (cell != NULL)
        crowd->seats[account].in_cell = s_flock_add(crowd, cell, candidate);
    flock_t *group = s_group_of(crowd, candidate);
    crowd->seats[account].in_group = s_flock_add(crowd, group, candidate);
    s_lines_add(crowd, group, crowd->seats[account].in_group, candidate);
    crowd->people[account] = *candidate;
    crowd->count++;
}
