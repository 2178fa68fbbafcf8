/* sight.h - profiles as somebody may see them.
 *
 * Everybody sees what a person says of themselves, their age, their fame and how far away
 * they are; the day of birth and the place are their own.  Moderators see everybody. */
#ifndef ACTORS_MATCHING_SIGHT_H
#define ACTORS_MATCHING_SIGHT_H

#include "actors/matching/meeting.h"
#include "actors/matching/sphere.h"

/* One's own profile, which may never have been filled in; the same as the answer. */
MUST_CHECK err_t sight_own(turn_t *turn, uint64_t account, profile_t *ret_profile);
MUST_CHECK err_t sight_answer_own(turn_t *turn, uint64_t account);

/* ---- for queries ---- */

/* Who looks. */
typedef struct sight {
    turn_t *turn;
    const call_t *call;
    bool staff;
    spot_t spot; /* nowhere: they have not said */
} sight_t;

MUST_CHECK err_t sight_open(turn_t *turn, const call_t *call, sight_t *ret_sight);

/* Somebody else's; BLOCKED and NOT_FOUND if the asker may not see it. */
MUST_CHECK err_t sight_profile(const sight_t *sight, uint64_t account, profile_t *ret_profile);

#endif
