/* scene.h - the accounts and rooms of a swarm on a Kith server, made and removed by REST.
 *
 * Whatever is refused ends the bench (fail.h). */
#ifndef TOOLS_BENCH_SCENE_H
#define TOOLS_BENCH_SCENE_H

#include "tools/bench/swarm.h"

/* An account for each client, with a password, which the server hashes. */
void scene_sign_up(swarm_t *swarm);

/* The first client of each room makes it, the others join it; all have tokens. */
void scene_open_rooms(swarm_t *swarm);

/* As many more rooms, which the clients in turn make and are alone in, and where nothing is said. */
void scene_open_spare_rooms(swarm_t *swarm, uint32_t count);

/* Delete every room that the first clients are in, also those of a scene that was not
 * finished. */
void scene_close_rooms(swarm_t *swarm);

#endif
