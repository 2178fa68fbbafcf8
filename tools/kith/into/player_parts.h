/* player_parts.h - what the player's files share: what comes and when (player.c), how it is said
 * (player_deeds.c), and connections (player_lanes.c). */
#ifndef TOOLS_KITH_INTO_PLAYER_PARTS_H
#define TOOLS_KITH_INTO_PLAYER_PARTS_H

#include "schema/map.h"
#include "tools/kith/into/order.h"
#include "tools/kith/into/player.h"

struct player {
    play_plan_t plan;
    atlas_t *atlas;
    tally_t *tally;
    order_t *order;
    arena_t *scratch;  /* of a step */
    task_t *held;      /* put off; linked by `next` */
    uint64_t begun_ns; /* the first deed behind the scene; 0: there was none */
    uint64_t ended_ns;

    uint64_t silent_ns; /* since the first connection was lost and nothing was heard; 0: not */
    int epoll_fd;
    lane_t **lanes;
    size_t lane_count;
    size_t gone;        /* of them */
    map_t *sockets;     /* by account */
    uint64_t looked_ns; /* when lanes were last looked through for silence */
};

/* ---- player_lanes.c ---- */

/* A lane for the task that is idle or new; NULL: none is free.  A fault of connecting is
 * told in *ret_why. */
lane_t *player_lane(player_t *player, lane_kind_t kind, stand_in_t *owner, const char **ret_why);

/* Close somebody's socket: its session has ended. */
void player_hang_up(player_t *player, const stand_in_t *owner);

/* Wait so long at most, and take what comes. */
void player_listen(player_t *player, uint64_t wait_ns);
void player_close_lanes(player_t *player);

/* ---- player_deeds.c ---- */

/* Begin what can be begun, as far as there are connections; and what was put off until now. */
void player_start_ready(player_t *player);
void player_release_held(player_t *player);

/* What came over a lane, of the upgrade or for its task; and that the lane is gone. */
lane_ear_fn player_ear;
void player_lost(player_t *player, task_t *task, const char *why, bool again);

#endif
