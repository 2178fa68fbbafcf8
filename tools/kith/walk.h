/* walk.h - the journal of a data folder, read record by record, whether or not a server runs.
 *
 * Everything is checked on the way (broker/audit.h), against what is noted outside of the
 * journal too: the anchors of the data folder, the one that --anchor names, and, if asked,
 * how far the projections of a stopped server are.  Records are given as they travelled, with
 * what is personal in them open (broker/seal.h). */
#ifndef TOOLS_KITH_WALK_H
#define TOOLS_KITH_WALK_H

#include "broker/audit.h"
#include "broker/tree.h"
#include "tools/kith/options.h"

typedef struct walk {
    const options_t *options;
    audit_eyes_t eyes; /* with the caller's ctx */
    bool projections;  /* hold it against those of a stopped server, too */
    uint64_t from;     /* what lies wholly before this record is passed over */
    uint64_t wanted;   /* a record whose path in the tree is wanted; 0: none */
    bool closed;       /* records are wanted as they lie in the journal */
    bool quiet;        /* no progress on a terminal */

    /* written by walk_run */
    audit_report_t report;
    tree_path_t path;
    bool live;       /* a server is running on the folder */
    uint64_t cut;    /* the last record that retention has removed; 0: none */
    uint64_t noted;  /* the highest sequence that was noted outside; 0: nothing is */
    int64_t took_us; /* the reading */
} walk_t;

/* False after a sentence on stderr; what is wrong with the journal is told to the eyes. */
bool walk_run(walk_t *walk);

/* Print one finding as a line: where, which records, what. */
void walk_print_flaw(const audit_flaw_t *flaw, const char *begin, void *file);

/* The same as a JSON object. */
void walk_put_flaw(buf_t *out, const audit_flaw_t *flaw);

#endif
