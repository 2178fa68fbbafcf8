/* audit.h - the whole journal read from its files, each record and each byte held to account.
 *
 * Nothing is written and nothing locked, so a running server's journal can be read too, as
 * far as it is on disk.  All that is wrong is told, not only the first of it, and reading
 * goes on behind it: checksums of LevelDB's blocks and of the records, sequences without a
 * gap, the chain of hashes, epochs that never fall, files that are missing or that nothing
 * names, and what is known of the journal from elsewhere (marks), which finds a cut tail. */
#ifndef BROKER_AUDIT_H
#define BROKER_AUDIT_H

#include "schema/envelope.h"

typedef struct audit_flaw {
    bool damage;      /* false: nothing is lost, but it should be known */
    uint64_t first;   /* the sequences that it is about; 0: not known */
    uint64_t last;    /* the same as `first` for one */
    const char *file; /* in the journal's folder */
    size_t at;        /* byte of the file, where that means something */
    const char *words;
} audit_flaw_t;

typedef struct audit_eyes {
    void *ctx;
    /* A record that is sound by itself, in order, with its hash; false ends the reading.
     * May be NULL. */
    bool (*record)(void *ctx, const record_t *record, const uint8_t hash[HASH_SIZE]);
    void (*flaw)(void *ctx, const audit_flaw_t *flaw);
} audit_eyes_t;

/* What is known of the journal from elsewhere: it was at least so long. */
typedef struct audit_mark {
    uint64_t seq;
    const uint8_t *hash; /* of that record; NULL: not known */
    const char *file;    /* where that stands */
} audit_mark_t;

typedef struct audit_options {
    bool live;  /* a server is writing: the end may be torn, and files come and go */
    bool clean; /* the last one has ended in order: nothing may be torn */
    const audit_mark_t *marks;
    size_t mark_count;
    uint64_t from;           /* segments that lie wholly before this record are passed over */
    const audit_mark_t *cut; /* the last record that retention has removed; NULL: none is gone */
    uint64_t wanted;         /* a record whose path in the tree is kept; 0: none */
} audit_options_t;

typedef struct audit_report {
    uint64_t segments;
    uint64_t first; /* sequence; 0: there is no record */
    uint64_t head;
    uint64_t records; /* sound by themselves */
    uint64_t bytes;   /* of them */
    uint64_t epoch;
    int64_t time;            /* of the head */
    uint8_t hash[HASH_SIZE]; /* of the head */
    uint8_t root[HASH_SIZE]; /* of the tree over all records */
    uint64_t damages;
    uint64_t notes;
} audit_report_t;

typedef struct tree_path tree_path_t;

/* Read the journal in the folder `path`.  ERR_OK when all of it was read, or `record` ended
 * it, whatever was found; ERR_NOT_FOUND where there is none; ERR_STORAGE.  ret_path may be
 * NULL. */
MUST_CHECK err_t audit_run(const char *path, const audit_options_t *options,
                           const audit_eyes_t *eyes, audit_report_t *ret_report,
                           tree_path_t *ret_path);

#endif
