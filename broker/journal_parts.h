/* journal_parts.h - what journal.c shows to journal_cut.c. */
#ifndef BROKER_JOURNAL_PARTS_H
#define BROKER_JOURNAL_PARTS_H

#include "broker/journal.h"
#include "broker/row.h"

/* NULL while the journal is not sound. */
row_t *journal_row(const journal_t *journal);

#endif
