/* inquiry.h - what operators ask of all edges, and this one's answers. */
#ifndef WS_EDGE_INQUIRY_H
#define WS_EDGE_INQUIRY_H

#include "ws-edge/edge_parts.h"

/* A bus.asked: it is answered by a bus.tell. */
void inquiry_answer(edge_t *edge, const record_t *record);

#endif
