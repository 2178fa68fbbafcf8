/* trial.h - what somebody looks for, and how a candidate fares against it.
 *
 * A candidate passes if no rule keeps them out.  Their rank decides the order: the higher
 * key first, of equal ones the lower account.  Keys are whole numbers:
 *
 *   best      the score of 0 to 1000, the sum of
 *               distance  20000 / (50 + kilometres): 400 here, 200 at 50 km; 0 unknown
 *               tags      300 times the part of one's own tags that they have too
 *               fame      a fifth of it
 *               recency   700 / (7 + days since they were here)
 *   distance  the nearest first, those of unknown place last
 *   age       the nearest to one's own day of birth first; without that the youngest
 *   fame      the most famous first
 *   tags      the most common tags first, of those the most famous
 *
 * For queries only. */
#ifndef ACTORS_MATCHING_TRIAL_H
#define ACTORS_MATCHING_TRIAL_H

#include "actors/matching/lines.h"
#include "actors/matching/sphere.h"
#include "schema/type.h"

/* What is told apart of people; hashes as trait.h has them. */
typedef struct candidate {
    uint64_t account;
    uint32_t gender;
    uint32_t preference; /* 0: any */
    uint16_t born;       /* day; 0: unknown */
    uint16_t fame;
    uint32_t seen;   /* minutes since 1970 */
    uint32_t barred; /* banned until then, the same */
    spot_t spot;     /* veiled */
    uint8_t tag_count;
    uint32_t tags[LIMIT_TAGS];
} candidate_t;

static inline tags_t candidate_tags(const candidate_t *candidate)
{
    return (tags_t){candidate->tags, candidate->tag_count};
}

/* Who has filled in their profile and is there to be found; false for others. */
bool candidate_make(uint64_t account, const standing_row_t *standing, const person_t *person,
                    candidate_t *ret_candidate);

/* One question. */
typedef struct trial {
    people_sort_t sort;
    int64_t now; /* µs */

    /* Who asks. */
    uint64_t account;
    uint32_t gender;
    uint32_t preference; /* 0: any */
    int64_t born;        /* day; 0: unknown */
    spot_t spot;
    uint32_t own_tags[LIMIT_TAGS];
    size_t own_tag_count;

    /* What they ask for; 0: anything. */
    bool any; /* whatever anybody prefers */
    int64_t born_first;
    int64_t born_last;
    uint32_t km_max;
    uint32_t fame_min;
    uint32_t fame_max; /* 1000: anything */
    uint32_t tags[LIMIT_TAGS];
    size_t tag_count;
} trial_t;

typedef struct rank {
    uint32_t key;
    uint64_t account;
} rank_t;

/* Whether a comes before b. */
static inline bool rank_before(rank_t a, rank_t b)
{
    return a.key != b.key ? a.key > b.key : a.account < b.account;
}

/* The rules that keep a candidate out of everybody's answer to this question: a set of
 * bits, 1 << people_rule_AGE and so on. */
uint32_t trial_rules(const trial_t *trial, const candidate_t *candidate);

uint32_t trial_key(const trial_t *trial, const candidate_t *candidate);

/* How many tags both have. */
size_t trial_common_tags(const trial_t *trial, const candidate_t *candidate);

/* The score, in its parts. */
why_t trial_why(const trial_t *trial, const candidate_t *candidate);
static inline uint32_t why_score(const why_t *why)
{
    return (uint32_t)(why->distance + why->tags + why->fame + why->recency);
}

/* ---- for those who look for the best without looking closely at all ---- */

/* A candidate at first glance, which most get no further than: 16 bytes, … */
typedef struct glance {
    uint64_t tag_bits; /* one of 64 for each tag */
    uint32_t account;
    uint16_t born;
    uint16_t fame;
} glance_t;

/* … and at second: 24. */
typedef struct second {
    uint64_t tag_bits; /* others of 64, which have little to do with the first */
    spot_t spot;
    uint16_t preference; /* its lower half; 0: perhaps any */
    uint16_t seen;       /* days since 1970 */
} second_t;

glance_t glance_of(const candidate_t *candidate);
second_t second_of(const candidate_t *candidate);

/* The question as a glance is held against it. */
typedef struct look {
    uint16_t own_gender; /* its lower half */
    bool any;
    uint16_t born_first; /* 1 … UINT16_MAX if there is a bound, 0 … UINT16_MAX if not */
    uint16_t born_last;
    uint16_t fame_min;
    uint16_t fame_max;
    bool placed;           /* the asker's place is known */
    uint32_t today;        /* days since 1970 */
    uint64_t tag_bits;     /* that they must have */
    uint64_t own_tag_bits; /* those of the asker: of all, and of each */
    uint8_t own_bit[LIMIT_TAGS];
    uint8_t own_bit_2[LIMIT_TAGS];
    uint32_t own_tag_count;

    /* By the number of bits in common, for as many common tags as that can be at most: */
    uint32_t shared_bits[LIMIT_TAGS + 1]; /* the score's part, … */
    uint32_t tags_key[LIMIT_TAGS + 1];    /* … and the key by tags, but for fame */

    uint32_t shared[LIMIT_TAGS + 1]; /* the score's part by the number of common tags */
} look_t;

look_t look_of(const trial_t *trial);

/* Whether the candidate may pass; all is looked at, since guessing wrong costs more. */
static inline bool look_lets(const look_t *look, const glance_t *glance)
{
    bool of_age = (glance->born >= look->born_first) & (glance->born <= look->born_last);
    bool famed = (glance->fame >= look->fame_min) & (glance->fame <= look->fame_max);
    return of_age & famed & ((glance->tag_bits & look->tag_bits) == look->tag_bits);
}

/* The same at second glance. */
static inline bool look_is_wanted(const look_t *look, const second_t *second)
{
    return look->any || second->preference == 0 || second->preference == look->own_gender;
}

/* How many bits are set: not every machine that this is built for can do it at once. */
static inline uint32_t look_count(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(bits * UINT64_C(0x0101010101010101) >> 56);
}

/* The bits of tags that both have: fewer than the tags, if some share one. */
static inline uint32_t look_common_bits(const look_t *look, const glance_t *glance)
{
    return look_count(glance->tag_bits & look->own_tag_bits);
}

/* The most tags that both can have; of a hundred that are told it is right nearly always. */
static inline uint32_t look_common_tags(const look_t *look, const glance_t *glance,
                                        const second_t *second)
{
    uint64_t common = 0;
    for (uint32_t i = 0; i < look->own_tag_count; i++)
        common +=
            (glance->tag_bits >> look->own_bit[i]) & (second->tag_bits >> look->own_bit_2[i]) & 1;
    return (uint32_t)common;
}

/* What keys are made of. */
static inline uint32_t trial_key_of_km(uint32_t km)
{
    return km <= SPHERE_KM_MAX ? SPHERE_KM_MAX + 1 - km : 0; /* further away than anybody */
}
uint32_t trial_key_of_age(const trial_t *trial, uint16_t born);

/* The most that being so far away, or further, and here just now can bring; and what fame
 * does. */
uint32_t trial_score_at(uint32_t km);
static inline uint32_t trial_score_of_fame(uint32_t fame)
{
    return fame / 5;
}

/* The same of tags that both have, but for fame. */
uint32_t trial_key_of_tags(uint32_t common_tags);

/* The score's parts for being so near, … */
static inline uint32_t trial_near(uint32_t km)
{
    return km <= SPHERE_KM_MAX ? UINT32_C(20000) / (50 + km) : 0;
}

/* … and for having been here so many days ago. */
static inline uint32_t trial_recent(uint32_t days)
{
    return UINT32_C(700) / (7 + days);
}

/* No score of this one is higher, but for tags and fame: through the ground it is less far,
 * and days that have begun are one more than those that have passed. */
static inline uint32_t trial_score_of(const trial_t *trial, const look_t *look,
                                      const second_t *second)
{
    uint32_t km = (uint32_t)spot_chord(trial->spot, second->spot);
    uint32_t days = look->today > second->seen ? look->today - second->seen - 1u : 0;
    return (look->placed ? trial_near(km) : 0) + trial_recent(days);
}

/* Kilometres to the candidate's place, more than to anywhere if either is unknown. */
uint32_t trial_km(const trial_t *trial, spot_t spot);

#endif
