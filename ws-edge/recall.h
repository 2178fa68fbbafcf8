/* recall.h - an answer, or the arguments of a call, kept in a visit's notes until a later
 * call of the visit has been answered. */
#ifndef WS_EDGE_RECALL_H
#define WS_EDGE_RECALL_H

#include "ws-edge/dialect.h"

/* Keep a copy of an object that holds every bound of its shape, as note number `note`. */
void recall_keep(visit_t *visit, size_t note, const shape_t *shape, const void *object);

/* What was kept there, in the visit's arena. */
const void *recall(const visit_t *visit, size_t note, const shape_t *shape);

#endif
