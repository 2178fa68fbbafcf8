/* pusher_edge.h - Pusher's side of an edge: its keys, its hub, its webhooks. */
#ifndef WS_EDGE_PUSHER_EDGE_H
#define WS_EDGE_PUSHER_EDGE_H

#include "ws-edge/edge_parts.h"

typedef struct pusher_edge pusher_edge_t;

/* With edge->hub.  What is wrong has been logged. */
MUST_CHECK err_t pusher_edge_open(edge_t *edge, const edge_options_t *options,
                                  pusher_edge_t **ret_pusher);

/* Have its clients come back in a while. */
void pusher_edge_drain(pusher_edge_t *pusher);

/* Give up what is being posted, and post no more; accepts NULL. */
void pusher_edge_quit(pusher_edge_t *pusher);

/* Its connections are gone; accepts NULL. */
void pusher_edge_close(pusher_edge_t **pusher_p);

/* A record bus.relayed: what a server library told another edge. */
void pusher_edge_hear(pusher_edge_t *pusher, const record_t *record);

/* Each turn of the loop, and about each second. */
void pusher_edge_turn(pusher_edge_t *pusher);
void pusher_edge_tick(pusher_edge_t *pusher);

#endif
