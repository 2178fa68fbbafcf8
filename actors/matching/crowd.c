#include "actors/matching/crowd.h"

#include <assert.h>
#include <math.h>

#include "actors/matching/trait.h"
#include "schema/buf.h"
#include "schema/map.h"
#include "schema/mem.h"

enum {
    KINDS = 3, /* of gender: female, male, any other */
    TIERS = 10,
    TIER_FAME = 100,
    CHUNKS = KINDS * TIERS,
    CELLS_A_DEGREE = 2,
    CELLS_ROUND = 360 * CELLS_A_DEGREE,
    CHUNK_FIRST = 4,
};

static const uint64_t NOWHERE = UINT64_MAX; /* the cell of unknown places */
static const float SLACK_KM = 2;            /* for what floats round */

typedef struct chunk {
    candidate_t *candidates;
    glance_t *glances; /* of the same people */
    uint32_t count;
    uint32_t size;
} chunk_t;

typedef struct cell {
    spot_t middle; /* all zero: nowhere */
    float radius_km;
    chunk_t chunks[CHUNKS];
} cell_t;

/* Where somebody is; all zero: nowhere. */
typedef struct place {
    uint32_t cell; /* one more than its index */
    uint32_t chunk;
    uint32_t index;
} place_t;

/* A chunk that is to be looked through, and the highest key in it. */
typedef struct open {
    uint32_t bound;
    uint32_t km; /* nobody in it is nearer */
    chunk_t *chunk;
} open_t;

struct crowd {
    map_t *ids;     /* id of a cell → one more than its index */
    cell_t **cells; /* in the order in which they came */
    size_t cell_count;
    size_t cell_size;
    place_t *places; /* by account */
    size_t place_size;
    size_t count;
    size_t bytes; /* of cells and chunks */
    uint32_t female;
    uint32_t male;
    buf_t open; /* open_t: a heap, the highest bound first */
};

crowd_t *crowd_new(void)
{
    crowd_t *crowd = mem_new(crowd_t);
    crowd->ids = map_new();
    crowd->female = (uint32_t)trait_of(SLICE_LIT("female"));
    crowd->male = (uint32_t)trait_of(SLICE_LIT("male"));
    return crowd;
}

static void s_cell_free(cell_t *cell)
{
    for (size_t i = 0; i < CHUNKS; i++) {
        mem_free(cell->chunks[i].candidates);
        mem_free(cell->chunks[i].glances);
    }
    mem_free(cell);
}

void crowd_destroy(crowd_t **crowd_p)
{
    crowd_t *crowd = *crowd_p;
    if (crowd == NULL)
        return;
    *crowd_p = NULL;
    for (size_t i = 0; i < crowd->cell_count; i++)
        s_cell_free(crowd->cells[i]);
    mem_free(crowd->cells);
    mem_free(crowd->places);
    map_destroy(&crowd->ids);
    buf_free(&crowd->open);
    mem_free(crowd);
}

size_t crowd_count(const crowd_t *crowd)
{
    return crowd->count;
}

size_t crowd_bytes(const crowd_t *crowd)
{
    return crowd->bytes + crowd->place_size * sizeof *crowd->places +
           crowd->cell_size * sizeof(cell_t *) + map_count(crowd->ids) * 3 * sizeof(uint64_t);
}

/* ---- cells ---- */

static uint64_t s_cell_id(spot_t spot)
{
    const double degree = 180 / M_PI;
    if (!spot_known(spot))
        return NOWHERE;
    double lat = asin((double)spot.z) * degree,
           lon = atan2((double)spot.y, (double)spot.x) * degree;
    uint64_t row = (uint64_t)((lat + 90) * CELLS_A_DEGREE);
    uint64_t column = (uint64_t)((lon + 180) * CELLS_A_DEGREE);
    return row * CELLS_ROUND + column;
}

static spot_t s_corner(uint64_t row, uint64_t column, int half_rows, int half_columns)
{
    const int64_t half = 1000 * 1000 / CELLS_A_DEGREE / 2; /* millionths of a degree */
    int64_t lat = (2 * (int64_t)row + half_rows) * half - 90 * 1000 * 1000;
    int64_t lon = (2 * (int64_t)column + half_columns) * half - 180 * 1000 * 1000;
    return spot_of(lat, lon != 0 || lat != 0 ? lon : 1);
}

/* Nobody in the cell is further from its middle than its corners are. */
static cell_t *s_cell_new(uint64_t id)
{
    cell_t *cell = mem_new(cell_t);
    if (id == NOWHERE)
        return cell;
    uint64_t row = id / CELLS_ROUND, column = id % CELLS_ROUND;
    cell->middle = s_corner(row, column, 1, 1);
    for (int side = 0; side <= 2; side += 2)
        cell->radius_km =
            fmaxf(cell->radius_km, spot_distance(cell->middle, s_corner(row, column, side, 0)));
    cell->radius_km += SLACK_KM;
    return cell;
}

static uint32_t s_cell_index(crowd_t *crowd, uint64_t id)
{
    uintptr_t known = (uintptr_t)map_get(crowd->ids, id);
    if (known > 0)
        return (uint32_t)known - 1;
    if (crowd->cell_count == crowd->cell_size) {
        crowd->cell_size = crowd->cell_size > 0 ? crowd->cell_size * 2 : 64;
        crowd->cells = mem_grow(crowd->cells, crowd->cell_size * sizeof(cell_t *));
    }
    crowd->cells[crowd->cell_count++] = s_cell_new(id);
    crowd->bytes += sizeof(cell_t);
    map_put(crowd->ids, id, (void *)(uintptr_t)crowd->cell_count);
    return (uint32_t)crowd->cell_count - 1;
}

/* No closer than that to anybody in the cell. */
static uint32_t s_cell_km(const cell_t *cell, spot_t spot)
{
    if (!spot_known(cell->middle) || !spot_known(spot))
        return SPHERE_KM_MAX + 1;
    float km = spot_distance(cell->middle, spot) - cell->radius_km;
    return km > 0 ? (uint32_t)km : 0;
}

/* ---- chunks ---- */

static uint32_t s_kind(const crowd_t *crowd, uint32_t gender)
{
    return gender == crowd->female ? 0 : gender == crowd->male ? 1 : 2;
}

static uint32_t s_chunk_of(const crowd_t *crowd, const candidate_t *candidate)
{
    return s_kind(crowd, candidate->gender) * TIERS + candidate->fame / TIER_FAME;
}

static void s_chunk_grow(crowd_t *crowd, chunk_t *chunk)
{
    uint32_t size = chunk->size > 0 ? chunk->size + chunk->size / 2 : CHUNK_FIRST;
    chunk->candidates = mem_grow(chunk->candidates, size * sizeof(candidate_t));
    chunk->glances = mem_grow(chunk->glances, size * sizeof(glance_t));
    crowd->bytes += (size - chunk->size) * (sizeof(candidate_t) + sizeof(glance_t));
    chunk->size = size;
}

static void s_chunk_set(chunk_t *chunk, uint32_t index, const candidate_t *candidate)
{
    chunk->candidates[index] = *candidate;
    chunk->glances[index] = glance_of(candidate);
}

/* ---- who is where ---- */

static void s_grow_places(crowd_t *crowd, uint64_t account)
{
    size_t size = crowd->place_size > 0 ? crowd->place_size : 64;
    while (size <= account)
        size += size / 4;
    crowd->places = mem_grow(crowd->places, size * sizeof(place_t));
    memset(crowd->places + crowd->place_size, 0, (size - crowd->place_size) * sizeof(place_t));
    crowd->place_size = size;
}

static chunk_t *s_chunk_at(crowd_t *crowd, place_t place)
{
    return &crowd->cells[place.cell - 1]->chunks[place.chunk];
}

/* The last of the chunk takes the free place. */
void crowd_drop(crowd_t *crowd, uint64_t account)
{
    if (account >= crowd->place_size || crowd->places[account].cell == 0)
        return;
    place_t place = crowd->places[account];
    chunk_t *chunk = s_chunk_at(crowd, place);
    uint32_t last = --chunk->count;
    chunk->candidates[place.index] = chunk->candidates[last];
    chunk->glances[place.index] = chunk->glances[last];
    crowd->places[chunk->glances[place.index].account].index = place.index;
    crowd->places[account] = (place_t){0};
    crowd->count--;
}

static void s_append(crowd_t *crowd, place_t place, const candidate_t *candidate)
{
    chunk_t *chunk = s_chunk_at(crowd, place);
    if (chunk->count == chunk->size)
        s_chunk_grow(crowd, chunk);
    place.index = chunk->count++;
    s_chunk_set(chunk, place.index, candidate);
    crowd->places[candidate->account] = place;
    crowd->count++;
}

void crowd_put(crowd_t *crowd, const candidate_t *candidate)
{
    if (candidate->account >= crowd->place_size)
        s_grow_places(crowd, candidate->account);
    place_t before = crowd->places[candidate->account];
    place_t place = {
        .cell = s_cell_index(crowd, s_cell_id(candidate->spot)) + 1,
        .chunk = s_chunk_of(crowd, candidate),
    };
    if (before.cell == place.cell && before.chunk == place.chunk) {
        s_chunk_set(s_chunk_at(crowd, before), before.index, candidate);
        return;
    }
    crowd_drop(crowd, candidate->account);
    s_append(crowd, place, candidate);
}

/* ---- a search ---- */

typedef struct search {
    crowd_t *crowd;
    const trial_t *trial;
    const wanted_t *wanted;
    look_t look;
    found_t *found;
    size_t count;
} search_t;

static void s_open(search_t *search, chunk_t *chunk, uint32_t km, uint32_t tier)
{
    uint32_t fame = tier * TIER_FAME + TIER_FAME - 1;
    open_t open = {
        .bound = trial_key_bound(search->trial, km, fame, search->look.own_tag_count, 0),
        .km = km,
        .chunk = chunk,
    };
    buf_append(&search->crowd->open, slice_new(&open, sizeof open));
}

static void s_open_cell(search_t *search, cell_t *cell)
{
    const trial_t *trial = search->trial;
    uint32_t km = s_cell_km(cell, trial->spot);
    uint32_t only = search->look.gender != 0 ? s_kind(search->crowd, search->look.gender) : KINDS;
    if (trial->km_max > 0 && km > trial->km_max)
        return;
    for (uint32_t i = 0; i < CHUNKS; i++)
        if (cell->chunks[i].count > 0 && (only == KINDS || i / TIERS == only))
            s_open(search, &cell->chunks[i], km, i % TIERS);
}

static void s_sift(open_t *heap, size_t count, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && heap[child + 1].bound > heap[child].bound;
        if (heap[at].bound >= heap[child].bound)
            return;
        open_t lower = heap[at];
        heap[at] = heap[child];
        heap[child] = lower;
    }
}

static bool s_is_full(const search_t *search)
{
    return search->count == search->wanted->limit;
}

/* Whether somebody of that rank, or of none so high, has a place among the found. */
static bool s_has_place(const search_t *search, rank_t rank)
{
    return !s_is_full(search) || rank_before(rank, search->found[search->count - 1].rank);
}

static bool s_is_apart(const ids_t *apart, uint64_t account)
{
    size_t low = 0, high = apart->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (apart->items[middle] < account)
            low = middle + 1;
        else
            high = middle;
    }
    return low < apart->count && apart->items[low] == account;
}

static void s_insert(search_t *search, rank_t rank, const candidate_t *candidate)
{
    size_t at = s_is_full(search) ? search->count - 1 : search->count++;
    for (; at > 0 && rank_before(rank, search->found[at - 1].rank); at--)
        search->found[at] = search->found[at - 1];
    search->found[at] = (found_t){rank, *candidate};
}

static void s_consider(search_t *search, const candidate_t *candidate)
{
    const wanted_t *wanted = search->wanted;
    if (trial_rules(search->trial, candidate) != 0)
        return;
    rank_t rank = {trial_key(search->trial, candidate), candidate->account};
    if ((wanted->continued && !rank_before(wanted->after, rank)) || !s_has_place(search, rank) ||
        s_is_apart(&wanted->apart, candidate->account))
        return;
    s_insert(search, rank, candidate);
}

static void s_look_through(search_t *search, const open_t *open)
{
    for (uint32_t i = 0; i < open->chunk->count; i++) {
        const glance_t *glance = &open->chunk->glances[i];
        if (!look_lets(&search->look, glance))
            continue;
        uint32_t common = look_common_tags(&search->look, glance);
        rank_t best = {
            trial_key_bound(search->trial, open->km, glance->fame, common, glance->born),
            glance->account,
        };
        if (s_has_place(search, best))
            s_consider(search, &open->chunk->candidates[i]);
    }
}

size_t crowd_search(crowd_t *crowd, const trial_t *trial, const wanted_t *wanted,
                    found_t *ret_found)
{
    search_t search = {
        .crowd = crowd,
        .trial = trial,
        .wanted = wanted,
        .look = look_of(trial),
        .found = ret_found,
    };
    assert(wanted->limit > 0);
    buf_reset(&crowd->open);
    for (size_t i = 0; i < crowd->cell_count; i++)
        s_open_cell(&search, crowd->cells[i]);
    open_t *heap = (open_t *)(void *)crowd->open.data;
    size_t count = crowd->open.len / sizeof(open_t);
    for (size_t at = count / 2; at-- > 0;)
        s_sift(heap, count, at);
    while (count > 0 && s_has_place(&search, (rank_t){heap[0].bound, 0})) {
        s_look_through(&search, &heap[0]);
        heap[0] = heap[--count];
        s_sift(heap, count, 0);
    }
    return search.count;
}
