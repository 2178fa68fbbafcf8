/* entry.h - an input on a tape as people and programs read it. */
#ifndef TOOLS_KITH_ENTRY_H
#define TOOLS_KITH_ENTRY_H

#include "actors/rerun.h"

/* As a JSON object: `kind`, and what it was. */
void entry_put(buf_t *out, const tape_entry_t *entry);

/* In a line: "room.join by account 3, 2026-11-21 10:41:07.123"; nothing in it steers a terminal. */
void entry_tell(buf_t *out, const tape_entry_t *entry);

/* What came of it then or now, an indented line for the decision and for each event. */
void entry_tell_out(buf_t *out, slice_t bytes);

/* Rows that were looked at: as a JSON object, and a line each. */
void entry_put_reads(buf_t *out, slice_t reads);
void entry_tell_reads(buf_t *out, slice_t reads);

#endif
