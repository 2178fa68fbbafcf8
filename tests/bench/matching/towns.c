#include "tests/bench/matching/towns.h"

#include <math.h>

enum { TOWNS = 1000, TAGS = 2000, TAGS_OF_ONE = 5, SPREAD = 150 * 1000, ODD = 50 };

uint64_t dice_below(dice_t *dice, uint64_t bound)
{
    dice->state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    uint64_t z = dice->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % bound;
}

uint64_t dice_rank(dice_t *dice, uint64_t bound)
{
    double share = (double)dice_below(dice, 1u << 30) / (1u << 30);
    return (uint64_t)pow((double)bound, share) - 1;
}

slice_t towns_tag(dice_t *dice, arena_t *arena)
{
    return arena_printf(arena, "tag%u", (unsigned)dice_rank(dice, TAGS));
}

slice_t towns_rare_tag(dice_t *dice, arena_t *arena)
{
    return arena_printf(arena, "tag%u", (unsigned)(TAGS - 1 - dice_below(dice, TAGS / 4)));
}

/* Some way from the middle of their town, most of them near. */
static int64_t s_off(dice_t *dice)
{
    int64_t sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (int64_t)dice_below(dice, SPREAD) - SPREAD / 2;
    return sum;
}

bool towns_is_nowhere(uint64_t account)
{
    return account % ODD == 0;
}

bool towns_is_remote(uint64_t account)
{
    return account % ODD == 1;
}

static void s_live(dice_t *dice, profile_t *profile)
{
    dice_t town = {dice_rank(dice, TOWNS)};
    bool remote = towns_is_remote(profile->account);
    dice_t *place = remote ? dice : &town;
    if (towns_is_nowhere(profile->account))
        return;
    profile->lat = (int64_t)dice_below(place, 100000000) - 40000000 + s_off(dice);
    profile->lon = (int64_t)dice_below(place, 350000000) - 175000000 + s_off(dice);
}

static list_t s_tags(dice_t *dice, arena_t *arena)
{
    tag_t *tags = arena_alloc(arena, TAGS_OF_ONE * sizeof *tags);
    for (size_t i = 0; i < TAGS_OF_ONE; i++)
        tags[i].name = towns_tag(dice, arena);
    return (list_t){tags, TAGS_OF_ONE};
}

profile_t towns_profile(dice_t *dice, uint64_t account, arena_t *arena)
{
    static const char *const genders[] = {"female", "male"};
    uint64_t gender = dice_below(dice, 2);
    profile_t profile = {
        .account = account,
        .first_name = SLICE_LIT("Somebody"),
        .gender = slice_of(genders[gender]),
        .preference = slice_of(dice_below(dice, 10) < 8 ? genders[!gender] : genders[gender]),
        .birth = arena_printf(arena, "%u-%02u-15", 1966 + (unsigned)dice_below(dice, 42),
                              1 + (unsigned)dice_below(dice, 12)),
        .description = SLICE_LIT("Likes long walks, and to be asked about them."),
        .tags = s_tags(dice, arena),
        .updated = 1,
    };
    if (dice_below(dice, 10) == 0)
        profile.preference = (slice_t){0};
    s_live(dice, &profile);
    return profile;
}
