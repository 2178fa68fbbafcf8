/* json.h - one value out of JSON that Kith has written, without parsing the rest.
 *
 * For answers whose order is known, by the hundred thousand a second. */
#ifndef TOOLS_BENCH_JSON_H
#define TOOLS_BENCH_JSON_H

#include "schema/slice.h"

/* What stands behind the quoted `name` where that first occurs, up to `end`; the zero slice
 * if it does not. */
slice_t json_value(slice_t json, const char *name, char end);

#endif
