/* fan.h - one record of the journal to all who hear it.
 *
 * A record is read once and rendered once a dialect, however many receive it. */
#ifndef WS_EDGE_FAN_H
#define WS_EDGE_FAN_H

#include "schema/body.h"
#include "ws-edge/client.h"

/* Move who comes and goes by this record, close what it ends, show it to the rest. */
void fan_record(edge_t *edge, const record_t *record);

/* The record as this client sees it; NULL if there is nothing to see. */
body_t *fan_frame(edge_t *edge, const record_t *record, const client_t *client);

#endif
