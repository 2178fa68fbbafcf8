/* span_view.h - a span on a screen, and as JSON. */
#ifndef TOOLS_KITH_SPAN_VIEW_H
#define TOOLS_KITH_SPAN_VIEW_H

#include "tools/kith/span.h"

/* Append lines, at most so many and none longer, each with its end; how many they are. */
size_t span_view(const span_t *span, size_t rows, size_t columns, buf_t *out);

/* Append one object and a line's end. */
void span_put_json(const span_t *span, buf_t *out);

#endif
