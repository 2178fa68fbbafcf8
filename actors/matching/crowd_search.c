/* crowd_search.c - the first ones of those who pass, first near by and then everywhere. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "actors/matching/crowd_parts.h"
#include "schema/mem.h"

enum {
    NEAR_KM = 300,          /* that cells are looked through for, … */
    FAR_KM = 3000,          /* … and if need be for this, … */
    PEOPLE_FEW = 20 * 1000, /* … while they are so few */
    KM_A_DEGREE = 111,
    FAME_MOST = 999,
    HALF_ROUND = CELLS_ROUND / 2,
};

static const double SLACK_KM = 2; /* for what floats round */
static const double DEGREE = 180 / M_PI;

typedef struct search {
    const crowd_t *crowd;
    const trial_t *trial;
    const wanted_t *wanted;
    look_t look;
    uint32_t km;            /* nobody who is still to be looked at is nearer */
    uint32_t score_at_km;   /* the most that this brings */
    uint32_t most_shared;   /* the score's part for all of the asker's tags, … */
    uint32_t most_tags_key; /* … and the key for them */
    uint32_t fame_most;     /* of anybody in the flock that is looked through */
    rank_t worst;           /* only what comes before it has a place among the found */
    found_t *found;
    size_t count;
} search_t;

/* ---- what is found ---- */

/* Whether somebody of that rank has a place among the found. */
static inline bool s_has_place(const search_t *search, rank_t rank)
{
    return rank_before(rank, search->worst);
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
    size_t limit = search->wanted->limit;
    size_t at = search->count < limit ? search->count++ : limit - 1;
    for (; at > 0 && rank_before(rank, search->found[at - 1].rank); at--)
        search->found[at] = search->found[at - 1];
    search->found[at] = (found_t){rank, *candidate};
    if (search->count == limit)
        search->worst = search->found[limit - 1].rank;
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

/* The highest key of somebody as famous as anybody in the flock, with so many tags in common. */
static uint32_t s_bound_of_common(const search_t *search, uint32_t common)
{
    switch (search->trial->sort) {
    case people_sort_TAGS:
        return trial_key_of_tags(common) + search->fame_most;
    case people_sort_NONE:
    case people_sort_BEST:
        return search->score_at_km + search->look.shared[common] +
               trial_score_of_fame(search->fame_most);
    case people_sort_DISTANCE:
    case people_sort_AGE:
    case people_sort_FAME:
        break;
    }
    return UINT32_MAX;
}

/* Who has fewer tags in common has no place among the found. */
static uint32_t s_common_min(const search_t *search)
{
    uint32_t common = 0;
    while (common <= search->look.own_tag_count &&
           s_bound_of_common(search, common) < search->worst.key)
        common++;
    return common;
}

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

/* Too far even through the ground; of who is nowhere that is told later. */
static inline bool s_is_far(const search_t *search, const second_t *second)
{
    const trial_t *trial = search->trial;
    return trial->km_max > 0 && (uint32_t)spot_chord(trial->spot, second->spot) > trial->km_max;
}

/* The sort is a constant wherever this is called, so that there is nothing to choose. */
__attribute__((always_inline)) static inline void s_look_at(search_t *search, const flock_t *flock,
                                                            uint32_t index, people_sort_t sort)
{
    const glance_t *glance = &flock->glances[index];
    const second_t *second = &flock->seconds[index];
    rank_t best = {s_bound(search, sort, glance), glance->account};
    if (!s_has_place(search, best) || !look_lets(&search->look, glance) ||
        !look_is_wanted(&search->look, second) || s_is_far(search, second))
        return;
    best.key = s_close_bound(search, sort, glance, second);
    if (s_has_place(search, best))
        s_consider(search, &search->crowd->people[glance->account]);
}

/* Only those whose tags allow it: the lines of hundreds tell that at once. */
__attribute__((always_inline)) static inline void
s_walk_picked(search_t *search, const flock_t *flock, people_sort_t sort)
{
    const trial_t *trial = search->trial;
    const tags_t all = {trial->tags, trial->tag_count},
                 own = {trial->own_tags, trial->own_tag_count};
    for (uint32_t first = 0; first < flock->count; first += LINE_PEOPLE) {
        line_t picked;
        lines_pick(flock_block(flock, first), all, own, s_common_min(search), &picked);
        for (uint32_t word = 0; word < LINE_WORDS; word++)
            for (uint64_t bits = picked.words[word]; bits != 0; bits &= bits - 1) {
                uint32_t index = first + word * 64 + (uint32_t)__builtin_ctzll(bits);
                if (index < flock->count)
                    s_look_at(search, flock, index, sort);
            }
    }
}

__attribute__((always_inline)) static inline void s_walk(search_t *search, const flock_t *flock,
                                                         people_sort_t sort)
{
    bool tagged = sort == people_sort_TAGS || sort == people_sort_BEST;
    if (flock->lines != NULL && (tagged || search->trial->tag_count > 0))
        s_walk_picked(search, flock, sort);
    else
        for (uint32_t i = 0; i < flock->count; i++)
            s_look_at(search, flock, i, sort);
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

typedef struct nears {
    near_t *items;
    size_t count;
    size_t size;
    size_t people; /* of the kinds that are looked for */
} nears_t;

/* Nothing between a place and a cell's corners is nearer than its middle less its radius. */
static uint32_t s_cell_km(const search_t *search, const cell_t *cell)
{
    double km = spot_distance(search->trial->spot, cell->middle) - (double)cell->radius_km;
    return km > SLACK_KM ? (uint32_t)(km - SLACK_KM) : 0;
}

static void s_add_near(const search_t *search, const cell_t *cell, uint32_t end, nears_t *nears)
{
    near_t near = {s_cell_km(search, cell), cell};
    if (near.km >= end)
        return;
    if (nears->count == nears->size) {
        nears->size = 2 * nears->size + 64;
        nears->items = mem_grow(nears->items, nears->size * sizeof near);
    }
    nears->items[nears->count++] = near;
    for (uint32_t kind = 0; kind < KINDS; kind++)
        nears->people += s_wants_kind(search, kind) ? cell->kinds[kind].count : 0;
}

/* How many columns to either side may be so near: all of them where a pole is. */
static uint32_t s_columns(spot_t spot, uint32_t km)
{
    double around = hypot((double)spot.x, (double)spot.y);
    double reach = sin((km + SLACK_KM) / SPHERE_RADIUS_KM);
    return reach < around ? (uint32_t)(asin(reach / around) * DEGREE) + 2 : HALF_ROUND;
}

static int s_by_km(const void *a, const void *b)
{
    const near_t *one = a, *other = b;
    return (one->km > other->km) - (one->km < other->km);
}

/* The cells that have anybody nearer than this, the nearest first. */
static nears_t s_find_near(const search_t *search, uint32_t end)
{
    const spot_t *spot = &search->trial->spot;
    uint32_t row = (uint32_t)(asin(fmin(1, fmax(-1, (double)spot->z))) * DEGREE + 90);
    uint32_t column = (uint32_t)(atan2((double)spot->y, (double)spot->x) * DEGREE + 180);
    uint32_t rows = end / KM_A_DEGREE + 1, columns = s_columns(*spot, end);
    uint32_t last = row + rows < CELLS_UP ? row + rows : CELLS_UP - 1;
    uint32_t width = 2 * columns < CELLS_ROUND ? 2 * columns + 1 : CELLS_ROUND;
    nears_t nears = {0};
    for (uint32_t at = row > rows ? row - rows : 0; at <= last; at++)
        for (uint32_t i = 0; i < width; i++) {
            uint32_t on = (column + CELLS_ROUND - columns + i) % CELLS_ROUND;
            const cell_t *cell = crowd_cell(search->crowd, at, on);
            if (cell != NULL)
                s_add_near(search, cell, end, &nears);
        }
    if (nears.count > 0)
        qsort(nears.items, nears.count, sizeof(near_t), s_by_km);
    return nears;
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

static void s_look_through_cell(search_t *search, const cell_t *cell)
{
    for (uint32_t kind = 0; kind < KINDS; kind++)
        if (s_wants_kind(search, kind))
            s_look_through(search, &cell->kinds[kind]);
}

/* Look through the cells up to `end` that have not been, unless they have too many people.
 * True if nobody who is left can be among the first. */
static bool s_look_within(search_t *search, uint32_t end, size_t people_max)
{
    uint32_t km_max = search->trial->km_max, begin = search->km;
    bool all = km_max > 0 && km_max < end;
    nears_t nears = s_find_near(search, all ? km_max + 1 : end);
    bool few = nears.people <= people_max;
    for (size_t i = 0; few && i < nears.count; i++) {
        if (nears.items[i].km < begin)
            continue;
        s_set_km(search, nears.items[i].km);
        if (!s_goes_on(search, s_bound_of_all(search)))
            break;
        s_look_through_cell(search, nears.items[i].cell);
    }
    mem_free(nears.items);
    if (few)
        s_set_km(search, end);
    return few && (all || !s_goes_on(search, s_bound_of_all(search)));
}

/* The same.  By distance the nearest cells are all that it takes; by score they are as long
 * as being near brings more than all else. */
static bool s_look_near(search_t *search)
{
    const trial_t *trial = search->trial;
    bool bounded = trial->km_max > 0 && trial->km_max < FAR_KM;
    bool sorted = trial->sort == people_sort_DISTANCE || trial->sort == people_sort_BEST;
    if ((sorted || (bounded && trial->km_max < NEAR_KM)) &&
        s_look_within(search, NEAR_KM, SIZE_MAX))
        return true;
    if (trial->sort == people_sort_DISTANCE)
        return s_look_within(search, FAR_KM, SIZE_MAX);
    return bounded && s_look_within(search, FAR_KM, PEOPLE_FEW);
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

/* The most that anybody in a group has. */
static uint32_t s_group_fame(uint32_t group)
{
    uint32_t tier = group % TIERS;
    return tier < TIERS - 1 ? crowd_tier_ends[tier] - 1 : FAME_MOST;
}

static uint32_t s_group_bound(const search_t *search, uint32_t group)
{
    const trial_t *trial = search->trial;
    uint32_t fame = s_group_fame(group);
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
           tier >= crowd_tier(look->fame_min) && tier <= crowd_tier(look->fame_max) &&
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
    for (size_t i = 0; i < count && s_goes_on(search, orders[i].bound); i++) {
        search->fame_most = s_group_fame(orders[i].group);
        s_look_through(search, &search->crowd->groups[orders[i].group]);
    }
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
        .worst = {0, UINT64_MAX},
        .found = ret_found,
    };
    assert(wanted->limit > 0);
    search.most_shared = search.look.shared[trial->own_tag_count];
    search.most_tags_key = trial_key_of_tags((uint32_t)trial->own_tag_count);
    s_set_km(&search, spot_known(trial->spot) ? 0 : SPHERE_KM_MAX + 1);
    if (!spot_known(trial->spot) || !s_look_near(&search))
        s_look_everywhere(&search);
    return search.count;
}
