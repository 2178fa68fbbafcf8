/* album.h - the photos of a profile. */
#ifndef ACTORS_MATCHING_ALBUM_H
#define ACTORS_MATCHING_ALBUM_H

#include "actors/matching/rows.h"

/* The photos that the profile now claims, those of ours among them as they are kept: each was
 * in `kept`, or the edge has just stored it.  INVALID: one is neither. */
MUST_CHECK err_t album_settle(turn_t *turn, list_t kept, list_t stored, profile_t *profile);

/* For apply: a profile had the ones, and has the others. */
void album_apply(turn_t *turn, list_t before, list_t now);

#endif
