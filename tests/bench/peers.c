#include "tests/bench/peers.h"

#include <stdio.h>
#include <string.h>

#include "schema/mem.h"
#include "tools/bench/scene.h"

static const protocol_t *const peers[] = {
    &protocol_kith,      &protocol_kith_socketio, &protocol_kith_pusher, &protocol_socketio,
    &protocol_nats,      &protocol_mosquitto,     &protocol_limit,       &protocol_disk,
    &protocol_jetstream, &protocol_uwebsockets,
};

const protocol_t *peers_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(peers); i++) {
        if (strcmp(peers[i]->name, name) == 0)
            return peers[i];
    }
    return NULL;
}

void peers_list(void)
{
    for (size_t i = 0; i < COUNT_OF(peers); i++)
        puts(peers[i]->name);
}

/* The others know neither accounts nor rooms. */
void peers_prepare(swarm_t *swarm, uint32_t spare_rooms)
{
    const protocol_t *protocol = swarm->plan.protocol;
    if (protocol != &protocol_kith && protocol != &protocol_kith_socketio &&
        protocol != &protocol_kith_pusher)
        return;
    scene_sign_up(swarm);
    if (swarm->plan.in_rooms)
        scene_open_rooms(swarm);
    scene_open_spare_rooms(swarm, spare_rooms);
}
