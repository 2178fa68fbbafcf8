/* show.h - records and times as people and programs read them. */
#ifndef TOOLS_KITH_SHOW_H
#define TOOLS_KITH_SHOW_H

#include "schema/arena.h"
#include "schema/buf.h"
#include "schema/envelope.h"
#include "schema/type.h"

/* UTC, to the millisecond: 2026-11-21 10:41:07.123; "-" for 0. */
void show_time(buf_t *out, int64_t time);

/* "2026-12-31" or "2026-12-31T18:00:00Z", in UTC; false after a sentence on stderr. */
bool show_read_time(const char *text, int64_t *ret_time);

/* Append a well-formed text of somebody else's, its control characters (C0, DEL and C1)
 * escaped: nothing in it can steer a terminal. */
void show_tame(buf_t *out, slice_t text);

/* The head of the columns that show_record fills. */
void show_columns(buf_t *out);

/* One line with its end.  Secrets and hidden fields are left out, and nothing in
 * it can steer a terminal. */
void show_record(buf_t *out, const record_t *record, arena_t *arena);

/* One JSON object and a line's end; the body is null if this kith cannot read it. */
void show_record_json(buf_t *out, const record_t *record, arena_t *arena);

/* An object, a member a line and each item of a list on a line of its own, as JSON; what no
 * client may see is left out. */
void show_object(buf_t *out, const shape_t *shape, const void *object);

#endif
