/* page.h - what the edge itself has to say: how it is, and who it is. */
#ifndef WS_EDGE_PAGE_H
#define WS_EDGE_PAGE_H

#include "ws-edge/edge_parts.h"

/* Write the page that is asked for; its HTTP status, 0 if there is none. */
int page_show(const edge_t *edge, const request_t *request, buf_t *body);

#endif
