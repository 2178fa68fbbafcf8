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

/* Who has filled in their profile and is there to be found; false for others. */
bool candidate_make(uint64_t account, const standing_row_t *standing, const person_row_t *person,
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

/* A candidate at a glance: 24 bytes. */
typedef struct glance {
    uint64_t account;
    uint32_t gender;
    uint32_t preference;
    uint32_t tag_bits; /* one of 32 for each tag */
    uint16_t born;
    uint16_t fame;
} glance_t;

glance_t glance_of(const candidate_t *candidate);

/* The question as a glance is held against it. */
typedef struct look {
    uint32_t gender; /* 0: any */
    uint32_t own_gender;
    bool any;
    uint16_t born_first; /* 1 … UINT16_MAX if there is a bound, 0 … UINT16_MAX if not */
    uint16_t born_last;
    uint16_t fame_min;
    uint16_t fame_max;
    uint32_t tag_bits;      /* that they must have */
    uint32_t own_tag_bits;  /* those of the asker, … */
    uint32_t own_tags_more; /* … which are so many tags more than bits */
    uint32_t own_tag_count;
} look_t;

look_t look_of(const trial_t *trial);

/* Whether the candidate may pass. */
static inline bool look_lets(const look_t *look, const glance_t *glance)
{
    return (look->gender == 0 || glance->gender == look->gender) &&
           (look->any || glance->preference == 0 || glance->preference == look->own_gender) &&
           glance->born >= look->born_first && glance->born <= look->born_last &&
           glance->fame >= look->fame_min && glance->fame <= look->fame_max &&
           (glance->tag_bits & look->tag_bits) == look->tag_bits;
}

/* The most tags that both can have. */
static inline uint32_t look_common_tags(const look_t *look, const glance_t *glance)
{
    uint32_t bits = glance->tag_bits & look->own_tag_bits;
    return bits == 0 ? 0 : (uint32_t)__builtin_popcount(bits) + look->own_tags_more;
}

/* No candidate so far away, so famous, with so many common tags has a higher key; `born` is
 * their day of birth, or 0 for whichever is best. */
uint32_t trial_key_bound(const trial_t *trial, uint32_t km, uint32_t fame, uint32_t common_tags,
                         uint16_t born);

#endif
