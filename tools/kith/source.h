/* source.h - records from the files of a stopped server or from a running one. */
#ifndef TOOLS_KITH_SOURCE_H
#define TOOLS_KITH_SOURCE_H

#include "schema/envelope.h"
#include "tools/kith/options.h"

typedef struct source source_t;

/* With `follow` live records gather from here on. */
MUST_CHECK err_t source_open(const options_t *options, source_t **ret_source);
void source_close(source_t **source_p);

/* The sequence of the last record when the source was opened. */
uint64_t source_head(const source_t *source);

/* Append to `out` a page of records from `from` on; others than the wanted ones may
 * be among them.  *ret_next is where to read on; *ret_complete: that is the end,
 * and everything behind it comes live. */
MUST_CHECK err_t source_page(source_t *source, uint64_t from, buf_t *out, uint64_t *ret_next,
                             bool *ret_complete);

/* The next live record, as peer_record; after a complete page. */
MUST_CHECK err_t source_live(source_t *source, record_t *ret_record);

#endif
