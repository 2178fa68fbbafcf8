/* crowd_search.c - the first ones of those who pass, first near by and then everywhere. */
#include <assert.h>
#include <math.h>

#include "actors/matching/crowd_parts.h"
#include "schema/mem.h"

enum {
    NEAR_KM = 300, /* that cells are looked through for */
    CELLS_NEAR_MAX = 7 * CELLS_ROUND,
    KM_A_DEGREE = 111,
    EQUATOR = CELLS_UP / 2,
    HALF_ROUND = CELLS_ROUND / 2,
};

static const float SLACK_KM = 2; /* for what floats round */

typedef struct search {
    const crowd_t *crowd;
    const trial_t *trial;
    const wanted_t *wanted;
    look_t look;
    uint32_t km;            /* nobody who is still to be looked at is nearer */
    uint32_t score_at_km;   /* the most that this brings */
    uint32_t most_shared;   /* the score's part for all of the asker's tags, … */
    uint32_t most_tags_key; /* … and the key for them */
    uint32_t least;         /* no lower key has a place among the found */
    found_t *found;
    size_t count;
} search_t;

/* ---- what is found ---- */

static inline bool s_is_full(const search_t *search)
{
    return search->count == search->wanted->limit;
}

/* Whether somebody of that rank has a place among the found. */
static inline bool s_has_place(const search_t *search, rank_t rank)
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

/* Who lives near by is met once more in their group. */
static bool s_is_found(const search_t *search, uint64_t account)
{
    for (size_t i = 0; i < search->count; i++)
        if (search->found[i].rank.account == account)
            return true;
    return false;
}

static void s_insert(search_t *search, rank_t rank, const candidate_t *candidate)
{
    size_t at = s_is_full(search) ? search->count - 1 : search->count++;
    for (; at > 0 && rank_before(rank, search->found[at - 1].rank); at--)
        search->found[at] = search->found[at - 1];
    search->found[at] = (found_t){rank, *candidate};
    if (s_is_full(search))
        search->least = search->found[search->count - 1].rank.key;
}

static void s_consider(search_t *search, const candidate_t *candidate)
{
    const wanted_t *wanted = search->wanted;
    if (trial_rules(search->trial, candidate) != 0)
        return;
    rank_t rank = {trial_key(search->trial, candidate), candidate->account};
    if ((wanted->continued && !rank_before(wanted->after, rank)) || !s_has_place(search, rank) ||
        s_is_apart(&wanted->apart, rank.account) || s_is_found(search, rank.account))
        return;
    s_insert(search, rank, candidate);
}

/* ---- looking through a flock ---- */

/* Of who is nowhere it is too high: their key tells that later. */
static inline uint32_t s_bound_by_chord(const search_t *search, spot_t spot)
{
    uint32_t km = (uint32_t)spot_chord(search->trial->spot, spot);
    return trial_key_of_km(km > search->km ? km : search->km);
}

/* No lower than the candidate's key. */
static inline uint32_t s_bound(const search_t *search, people_sort_t sort, const glance_t *glance)
{
    const look_t *look = &search->look;
    switch (sort) {
    case people_sort_DISTANCE:
        return trial_key_of_km(search->km);
    case people_sort_AGE:
        return trial_key_of_age(search->trial, glance->born);
    case people_sort_FAME:
        return glance->fame;
    case people_sort_TAGS:
        return look->tags_key[look_common_bits(look, glance)] + glance->fame;
    case people_sort_NONE:
    case people_sort_BEST:
        break;
    }
    return search->score_at_km + look->shared_bits[look_common_bits(look, glance)] +
           trial_score_of_fame(glance->fame);
}

/* The same at second glance, more closely and dearer. */
static inline uint32_t s_close_bound(const search_t *search, people_sort_t sort,
                                     const glance_t *glance, const second_t *second)
{
    const look_t *look = &search->look;
    switch (sort) {
    case people_sort_DISTANCE:
        return s_bound_by_chord(search, second->spot);
    case people_sort_AGE:
    case people_sort_FAME:
        return s_bound(search, sort, glance);
    case people_sort_TAGS:
        return trial_key_of_tags(look_common_tags(look, glance, second)) + glance->fame;
    case people_sort_NONE:
    case people_sort_BEST:
        break;
    }
    return trial_score_of(search->trial, look, second) +
           look->shared[look_common_tags(look, glance, second)] + trial_score_of_fame(glance->fame);
}

/* The sort is a constant wherever this is called, so that the walk has nothing to choose. */
__attribute__((always_inline)) static inline void s_walk(search_t *search, const flock_t *flock,
                                                         people_sort_t sort)
{
    for (uint32_t i = 0; i < flock->count; i++) {
        const glance_t *glance = &flock->glances[i];
        const second_t *second = &flock->seconds[i];
        if (s_bound(search, sort, glance) < search->least || !look_lets(&search->look, glance) ||
            !look_is_wanted(&search->look, second))
            continue;
        rank_t best = {s_close_bound(search, sort, glance, second), glance->account};
        if (s_has_place(search, best))
            s_consider(search, &search->crowd->people[glance->account]);
    }
}

static void s_look_through(search_t *search, const flock_t *flock)
{
    switch (search->trial->sort) {
    case people_sort_DISTANCE:
        s_walk(search, flock, people_sort_DISTANCE);
        return;
    case people_sort_AGE:
        s_walk(search, flock, people_sort_AGE);
        return;
    case people_sort_FAME:
        s_walk(search, flock, people_sort_FAME);
        return;
    case people_sort_TAGS:
        s_walk(search, flock, people_sort_TAGS);
        return;
    case people_sort_NONE:
    case people_sort_BEST:
        s_walk(search, flock, people_sort_BEST);
        return;
    }
}

/* The kinds of gender that are looked for. */
static bool s_wants_kind(const search_t *search, uint32_t kind)
{
    const trial_t *trial = search->trial;
    return trial->any || trial->preference == 0 ||
           crowd_kind(search->crowd, trial->preference) == kind;
}

/* ---- near by ---- */

/* A cell near by, and how near anybody in it may be. */
typedef struct near {
    uint32_t km;
    const cell_t *cell;
} near_t;

/* Between a place and the corners of a cell lies nothing nearer than its middle less its
 * radius. */
static uint32_t s_cell_km(const search_t *search, uint32_t row, uint32_t column)
{
    const int64_t half = 500000;
    int64_t lat = (2 * (int64_t)row + 1) * half - 90000000;
    int64_t lon = (2 * (int64_t)column + 1) * half - 180000000;
    spot_t middle = spot_of(lat, lon);
    float radius = fmaxf(spot_distance(middle, spot_of(lat - half, lon - half)),
                         spot_distance(middle, spot_of(lat + half, lon - half)));
    float km = spot_distance(search->trial->spot, middle) - radius - SLACK_KM;
    return km > 0 ? (uint32_t)km : 0;
}

static void s_add_near(const search_t *search, uint32_t row, uint32_t column, near_t *nears,
                       size_t *count)
{
    const cell_t *cell = crowd_cell(search->crowd, row, column);
    if (cell == NULL)
        return;
    near_t near = {s_cell_km(search, row, column), cell};
    if (near.km >= NEAR_KM)
        return;
    size_t at = (*count)++;
    assert(at < CELLS_NEAR_MAX);
    for (; at > 0 && nears[at - 1].km > near.km; at--)
        nears[at] = nears[at - 1];
    nears[at] = near;
}

/* How many columns of a row to either side may be near: all of them by the poles. */
static uint32_t s_columns(uint32_t row)
{
    uint32_t far = row >= EQUATOR ? row - EQUATOR + 1 : EQUATOR - row; /* degrees of its far side */
    double width = KM_A_DEGREE * cos(fmin(far + 1, EQUATOR) * M_PI / (2 * EQUATOR));
    double columns = width > 0 ? NEAR_KM / width + 2 : HALF_ROUND;
    return columns < HALF_ROUND ? (uint32_t)columns : HALF_ROUND;
}

/* The cells that have anybody nearer than NEAR_KM, the nearest first. */
static size_t s_find_near(const search_t *search, near_t *nears)
{
    const double degree = 180 / M_PI;
    const spot_t *spot = &search->trial->spot;
    const uint32_t rows = NEAR_KM / KM_A_DEGREE + 1;
    uint32_t row = (uint32_t)(asin(fmin(1, fmax(-1, (double)spot->z))) * degree + 90);
    uint32_t column = (uint32_t)(atan2((double)spot->y, (double)spot->x) * degree + 180);
    uint32_t last = row + rows < CELLS_UP ? row + rows : CELLS_UP - 1;
    size_t count = 0;
    for (uint32_t at = row > rows ? row - rows : 0; at <= last; at++) {
        uint32_t columns = s_columns(at);
        uint32_t width = 2 * columns < CELLS_ROUND ? 2 * columns + 1 : CELLS_ROUND;
        for (uint32_t i = 0; i < width; i++)
            s_add_near(search, at, (column + CELLS_ROUND - columns + i) % CELLS_ROUND, nears,
                       &count);
    }
    return count;
}

static void s_set_km(search_t *search, uint32_t km)
{
    search->km = km;
    search->score_at_km = trial_score_at(km);
}

/* The highest score of anybody who is still to be looked at, and as famous at most. */
static uint32_t s_score_bound(const search_t *search, uint32_t fame)
{
    return search->score_at_km + search->most_shared + trial_score_of_fame(fame);
}

/* The highest key of anybody who is still to be looked at. */
static uint32_t s_bound_of_all(const search_t *search)
{
    const trial_t *trial = search->trial;
    if (trial->sort == people_sort_DISTANCE)
        return trial_key_of_km(search->km);
    return trial->sort == people_sort_BEST ? s_score_bound(search, trial->fame_max) : UINT32_MAX;
}

static bool s_goes_on(const search_t *search, uint32_t bound)
{
    return s_has_place(search, (rank_t){bound, 0});
}

/* True if nobody further away can be among the first. */
static bool s_look_near(search_t *search)
{
    const trial_t *trial = search->trial;
    uint32_t end = trial->km_max > 0 && trial->km_max < NEAR_KM ? trial->km_max + 1 : NEAR_KM;
    near_t *nears = mem_grow(NULL, CELLS_NEAR_MAX * sizeof *nears);
    size_t count = s_find_near(search, nears);
    for (size_t i = 0; i < count && nears[i].km < end; i++) {
        s_set_km(search, nears[i].km);
        if (!s_goes_on(search, s_bound_of_all(search)))
            break;
        for (uint32_t kind = 0; kind < KINDS; kind++)
            if (s_wants_kind(search, kind))
                s_look_through(search, &nears[i].cell->kinds[kind]);
    }
    mem_free(nears);
    s_set_km(search, NEAR_KM);
    return end < NEAR_KM || !s_goes_on(search, s_bound_of_all(search));
}

/* ---- everywhere ---- */

typedef struct order {
    uint32_t bound;
    uint32_t group;
} order_t;

/* The highest key by age in a band. */
static uint32_t s_age_bound(const trial_t *trial, uint32_t band)
{
    uint16_t own = (uint16_t)(trial->born < UINT16_MAX ? trial->born : UINT16_MAX);
    uint16_t first = (uint16_t)((band - 1) * BAND_DAYS);
    uint16_t last = band < BANDS - 1 ? (uint16_t)(band * BAND_DAYS - 1) : UINT16_MAX;
    if (band == 0)
        return 0;
    if (trial->born == 0 || own > last)
        return trial_key_of_age(trial, last);
    return trial_key_of_age(trial, own < first ? first : own);
}

static uint32_t s_group_bound(const search_t *search, uint32_t group)
{
    const trial_t *trial = search->trial;
    uint32_t fame = (group % TIERS + 1) * TIER_FAME - 1;
    switch (trial->sort) {
    case people_sort_DISTANCE:
        return trial_key_of_km(search->km);
    case people_sort_AGE:
        return s_age_bound(trial, group / TIERS % BANDS);
    case people_sort_FAME:
        return fame;
    case people_sort_TAGS:
        return search->most_tags_key + fame;
    case people_sort_NONE:
    case people_sort_BEST:
        break;
    }
    return s_score_bound(search, fame);
}

/* Whether anybody in a group may pass. */
static bool s_wants_group(const search_t *search, uint32_t group)
{
    const look_t *look = &search->look;
    uint32_t tier = group % TIERS, band = group / TIERS % BANDS;
    return search->crowd->groups[group].count > 0 && s_wants_kind(search, group / TIERS / BANDS) &&
           tier >= look->fame_min / TIER_FAME && tier <= look->fame_max / TIER_FAME &&
           band >= crowd_band(look->born_first) && band <= crowd_band(look->born_last);
}

static void s_look_everywhere(search_t *search)
{
    order_t orders[GROUPS];
    size_t count = 0;
    for (uint32_t group = 0; group < GROUPS; group++) {
        if (!s_wants_group(search, group))
            continue;
        order_t order = {s_group_bound(search, group), group};
        size_t at = count++;
        for (; at > 0 && orders[at - 1].bound < order.bound; at--)
            orders[at] = orders[at - 1];
        orders[at] = order;
    }
    for (size_t i = 0; i < count && s_goes_on(search, orders[i].bound); i++)
        s_look_through(search, &search->crowd->groups[orders[i].group]);
}

/* ---- a search ---- */

size_t crowd_search(const crowd_t *crowd, const trial_t *trial, const wanted_t *wanted,
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
    search.most_shared = search.look.shared[trial->own_tag_count];
    search.most_tags_key = trial_key_of_tags((uint32_t)trial->own_tag_count);
    bool known = spot_known(trial->spot),
         sorted = trial->sort == people_sort_DISTANCE || trial->sort == people_sort_BEST;
    bool few = trial->km_max > 0 && trial->km_max < NEAR_KM;
    if (known && (sorted || few) && s_look_near(&search))
        return search.count;
    s_set_km(&search, !known ? SPHERE_KM_MAX + 1 : sorted ? NEAR_KM : 0);
    s_look_everywhere(&search);
    return search.count;
}
