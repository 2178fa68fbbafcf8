#include "actors/matching/trial.h"

#include "actors/matching/fame.h"

enum {
    KM_BEYOND = SPHERE_KM_MAX + 1, /* further away than anybody */
    TAGS_MOST = 300,
    FAME_SPAN = 1024, /* above all fame */
    DAY_MINUTES = 24 * 60,
};

static const int64_t MINUTE_US = INT64_C(60) * 1000 * 1000;

/* ---- candidates ---- */

static uint32_t s_minutes(int64_t time)
{
    int64_t minutes = time / MINUTE_US;
    return minutes < UINT32_MAX ? (uint32_t)minutes : UINT32_MAX;
}

bool candidate_make(uint64_t account, const standing_row_t *standing, const person_t *person,
                    candidate_t *ret_candidate)
{
    if (!standing->filled || standing->hidden || person->gone)
        return false;
    *ret_candidate = (candidate_t){
        .account = account,
        .gender = (uint32_t)standing->gender,
        .preference = (uint32_t)standing->preference,
        .born = (uint16_t)standing->born,
        .fame = (uint16_t)fame_of(standing),
        .seen = s_minutes(person->seen),
        .barred = s_minutes(person->banned_until),
        .spot = spot_veiled(standing->lat, standing->lon),
        .tag_count = (uint8_t)standing->tags.count,
    };
    for (size_t i = 0; i < standing->tags.count; i++)
        ret_candidate->tags[i] = (uint32_t)standing->tags.items[i];
    return true;
}

/* ---- rules ---- */

static bool s_has(const uint32_t *tags, size_t count, uint32_t tag)
{
    for (size_t i = 0; i < count; i++)
        if (tags[i] == tag)
            return true;
    return false;
}

static bool s_has_all(const trial_t *trial, const candidate_t *candidate)
{
    for (size_t i = 0; i < trial->tag_count; i++)
        if (!s_has(candidate->tags, candidate->tag_count, trial->tags[i]))
            return false;
    return true;
}

static bool s_of_age(const trial_t *trial, const candidate_t *candidate)
{
    if (trial->born_first == 0 && trial->born_last == 0)
        return true;
    return candidate->born != 0 && candidate->born >= trial->born_first &&
           (trial->born_last == 0 || candidate->born <= trial->born_last);
}

uint32_t trial_km(const trial_t *trial, spot_t spot)
{
    if (!spot_known(trial->spot) || !spot_known(spot))
        return KM_BEYOND;
    return spot_km(trial->spot, spot);
}

static uint32_t s_rule(bool kept_out, people_rule_t rule)
{
    return kept_out ? UINT32_C(1) << rule : 0;
}

uint32_t trial_rules(const trial_t *trial, const candidate_t *candidate)
{
    bool wanted = trial->preference == 0 || trial->preference == candidate->gender;
    bool wants = candidate->preference == 0 || candidate->preference == trial->gender;
    bool famed = candidate->fame >= trial->fame_min && candidate->fame <= trial->fame_max;
    bool far = trial->km_max > 0 && trial_km(trial, candidate->spot) > trial->km_max;
    return s_rule(candidate->account == trial->account, people_rule_SELF) |
           s_rule(candidate->barred > s_minutes(trial->now), people_rule_BANNED) |
           s_rule(!trial->any && !wanted, people_rule_PREFERENCE) |
           s_rule(!trial->any && !wants, people_rule_THEIR_PREFERENCE) |
           s_rule(!s_of_age(trial, candidate), people_rule_AGE) | s_rule(!famed, people_rule_FAME) |
           s_rule(far, people_rule_DISTANCE) |
           s_rule(!s_has_all(trial, candidate), people_rule_TAGS);
}

/* ---- the score ---- */

size_t trial_common_tags(const trial_t *trial, const candidate_t *candidate)
{
    size_t common = 0;
    for (size_t i = 0; i < trial->own_tag_count; i++)
        common += s_has(candidate->tags, candidate->tag_count, trial->own_tags[i]);
    return common;
}

static uint32_t s_shared(const trial_t *trial, size_t common)
{
    size_t own = trial->own_tag_count;
    return own > 0 ? (uint32_t)(TAGS_MOST * common / own) : 0;
}

static uint32_t s_recent(const trial_t *trial, const candidate_t *candidate)
{
    uint32_t now = s_minutes(trial->now);
    uint32_t days = now > candidate->seen ? (now - candidate->seen) / DAY_MINUTES : 0;
    return trial_recent(days);
}

why_t trial_why(const trial_t *trial, const candidate_t *candidate)
{
    return (why_t){
        .distance = trial_near(trial_km(trial, candidate->spot)),
        .tags = s_shared(trial, trial_common_tags(trial, candidate)),
        .fame = trial_score_of_fame(candidate->fame),
        .recency = s_recent(trial, candidate),
    };
}

/* ---- the order ---- */

uint32_t trial_key_of_tags(uint32_t common_tags)
{
    return common_tags * FAME_SPAN;
}

uint32_t trial_key_of_age(const trial_t *trial, uint16_t born)
{
    int64_t apart = (int64_t)born - trial->born;
    if (born == 0)
        return 0;
    return trial->born == 0 ? born : (uint32_t)(UINT16_MAX - (apart < 0 ? -apart : apart));
}

uint32_t trial_key(const trial_t *trial, const candidate_t *candidate)
{
    switch (trial->sort) {
    case people_sort_DISTANCE:
        return trial_key_of_km(trial_km(trial, candidate->spot));
    case people_sort_AGE:
        return trial_key_of_age(trial, candidate->born);
    case people_sort_FAME:
        return candidate->fame;
    case people_sort_TAGS:
        return trial_key_of_tags((uint32_t)trial_common_tags(trial, candidate)) + candidate->fame;
    case people_sort_NONE:
    case people_sort_BEST:
        break;
    }
    why_t why = trial_why(trial, candidate);
    return why_score(&why);
}

/* ---- at a glance ---- */

static uint8_t s_bit(uint32_t tag)
{
    return tag % 64;
}

static uint8_t s_bit_2(uint32_t tag)
{
    return tag / 64 % 64;
}

static uint64_t s_bits(const uint32_t *tags, size_t count)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < count; i++)
        bits |= UINT64_C(1) << s_bit(tags[i]);
    return bits;
}

static uint64_t s_bits_2(const uint32_t *tags, size_t count)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < count; i++)
        bits |= UINT64_C(1) << s_bit_2(tags[i]);
    return bits;
}

glance_t glance_of(const candidate_t *candidate)
{
    return (glance_t){
        .tag_bits = s_bits(candidate->tags, candidate->tag_count),
        .account = (uint32_t)candidate->account,
        .born = candidate->born,
        .fame = candidate->fame,
    };
}

second_t second_of(const candidate_t *candidate)
{
    return (second_t){
        .tag_bits = s_bits_2(candidate->tags, candidate->tag_count),
        .spot = candidate->spot,
        .preference = (uint16_t)candidate->preference,
        .seen = (uint16_t)(candidate->seen / DAY_MINUTES),
    };
}

/* Tags that share a bit count once among the bits, so that many more may be in common. */
static void s_look_for_tags(look_t *look, const trial_t *trial)
{
    uint32_t count = (uint32_t)trial->own_tag_count;
    look->own_tag_count = count;
    look->own_tag_bits = s_bits(trial->own_tags, count);
    for (uint32_t i = 0; i < count; i++) {
        look->own_bit[i] = s_bit(trial->own_tags[i]);
        look->own_bit_2[i] = s_bit_2(trial->own_tags[i]);
    }
    for (uint32_t common = 1; common <= LIMIT_TAGS; common++)
        look->shared[common] = s_shared(trial, common);
    uint32_t hidden = count - look_count(look->own_tag_bits);
    for (uint32_t bits = 1; bits + hidden <= LIMIT_TAGS; bits++) {
        look->shared_bits[bits] = s_shared(trial, bits + hidden);
        look->tags_key[bits] = trial_key_of_tags(bits + hidden);
    }
}

look_t look_of(const trial_t *trial)
{
    bool aged = trial->born_first != 0 || trial->born_last != 0;
    int64_t first = trial->born_first > 0 ? trial->born_first : 1;
    look_t look = {
        .own_gender = (uint16_t)trial->gender,
        .any = trial->any,
        .born_first = aged ? (uint16_t)(first < UINT16_MAX ? first : UINT16_MAX) : 0,
        .born_last = trial->born_last > 0 ? (uint16_t)trial->born_last : UINT16_MAX,
        .fame_min = (uint16_t)trial->fame_min,
        .fame_max = (uint16_t)trial->fame_max,
        .placed = spot_known(trial->spot),
        .today = s_minutes(trial->now) / DAY_MINUTES,
        .tag_bits = s_bits(trial->tags, trial->tag_count),
    };
    s_look_for_tags(&look, trial);
    return look;
}

uint32_t trial_score_at(uint32_t km)
{
    return trial_near(km) + trial_recent(0);
}
