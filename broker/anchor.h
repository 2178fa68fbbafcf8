/* anchor.h - what is known of the journal's end, kept in the data folder beside it.
 *
 * The journal alone cannot show that its end was cut off, or forged: its last record has no
 * next one that holds its hash.  The scribe therefore notes sequence and hash of the head in
 * DATA/anchor.json every few seconds and when it ends.  Who wants more than that, since
 * whoever can write the journal can write the file too, keeps a copy elsewhere. */
#ifndef BROKER_ANCHOR_H
#define BROKER_ANCHOR_H

#include "broker/journal.h"
#include "schema/arena.h"
#include "schema/envelope.h"
#include "schema/type.h"

/* Names of files in the data folder.  The second is an anchor that the journal contradicted, laid
 * aside by whoever went on without what was gone: it is all that is left of that. */
extern const char anchor_file[];
extern const char anchor_refuted_file[];

/* And the last record that retention has removed, in the same form. */
extern const char anchor_cut_file[];
MUST_CHECK err_t anchor_note_cut(const char *data, uint64_t seq, const uint8_t hash[HASH_SIZE],
                                 int64_t now);

/* Read a file.  ERR_NOT_FOUND without a line in the log; ERR_CORRUPT when it is no anchor. */
MUST_CHECK err_t anchor_read(const char *folder, const char *name, arena_t *arena,
                             const anchor_t **ret_anchor);

/* The bytes of a hash in hexadecimal; false when it is none. */
bool anchor_hash(slice_t hex, uint8_t ret_hash[HASH_SIZE]);

/* Note the journal's head in the folder `data`; `clean`: nothing will follow. */
MUST_CHECK err_t anchor_write(const char *data, const journal_t *journal, int64_t now, bool clean);

/* At a start: whether the journal is all there, from the beginning that was noted to the end that
 * was.  ERR_CORRUPT: it is not, and the log says what to do.  A journal that is `unsynced` may have
 * lost its end: that is told, and the anchor laid aside. */
MUST_CHECK err_t anchor_check(const char *data, journal_t *journal, bool unsynced, int64_t now);

#endif
