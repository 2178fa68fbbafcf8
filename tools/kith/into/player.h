/* player.h - does deeds on the target: in their order, at their time, over a bounded number of
 * connections, as often as the target puts them off.
 *
 * One thread.  Everything waits inside of player_play and player_finish. */
#ifndef TOOLS_KITH_INTO_PLAYER_H
#define TOOLS_KITH_INTO_PLAYER_H

#include <signal.h>

#include "tools/kith/into/tally.h"
#include "tools/kith/into/tempo.h"
#include "tools/kith/into/tongue.h"

typedef struct play_plan {
    target_t target;
    const tongue_t *tongue;
    tempo_t tempo;
    size_t connections;
    bool loose;                        /* order.h */
    const volatile sig_atomic_t *stop; /* not 0: end at once */
} play_plan_t;

typedef struct player player_t;

/* Atlas and tally stay the caller's. */
player_t *player_new(const play_plan_t *plan, atlas_t *atlas, tally_t *tally);
void player_destroy(player_t **player_p);

/* Do a deed of the arena, which gets another one in its place; waits until it is due, and until
 * there is room for one more on the way.  Who is in it is signed up before, if need be.  Deeds
 * that set the scene come first, are due at once and are not timed.  False: it was stopped. */
bool player_play(player_t *player, const deed_t *deed, arena_t **arena_p, bool scene);

/* Wait until all is done.  False: it was stopped. */
bool player_finish(player_t *player);

/* Since the first deed behind the scene. */
uint64_t player_took_ns(const player_t *player);

#endif
