/* digest.h - a mail that sums up what somebody has not read who is away.
 *
 *   notified ── they wait ── digest.due ──> the session actor: are they connected?
 *                                             no: account.away ── react ──> mail.queued
 *   mail.queued ── they rest ── digest.due ──> whoever was told of more meanwhile waits again
 *
 * Only who has a proven e-mail and has not said no to digests waits at all, and whoever reads
 * something, signs in or was connected waits no longer: what they were told of before that is
 * in no digest, nor is what was in one already. */
#ifndef ACTORS_NOTIFIER_DIGEST_H
#define ACTORS_NOTIFIER_DIGEST_H

#include "actors/notifier/box.h"

/* How a person stands with their digests. */
typedef struct digest {
    uint64_t place;    /* in one of the two queues; 0: in neither */
    bool rests;        /* it is that of those who have had a digest lately */
    bool more;         /* who rests was told of more */
    uint64_t told_to;  /* place in the inbox that the last digest reached … */
    int64_t told_time; /* … and the time of what lay there, which may have grown since */
    int64_t seen;      /* when they were here last */
} digest_t;

/* All zero if there is nothing to know. */
MUST_CHECK err_t digest_get(turn_t *turn, uint64_t account, digest_t *ret_digest);

/* The lines of a digest of what is new to a person; empty if nothing is. */
MUST_CHECK err_t digest_write(turn_t *turn, uint64_t account, const digest_t *digest,
                              slice_t *ret_text);

/* How long people wait and rest; of the thread, and filled from the settings. */
typedef struct digest_pace {
    int64_t after; /* µs; 0: there are no digests */
    int64_t every;
    int64_t begin; /* not before, so that people can come back after a restart; 0: not known yet */
} digest_pace_t;

/* Once a second: whose time has come. */
void digest_tick(turn_t *turn, digest_pace_t *pace);

/* ---- for apply ---- */

/* They have a proven address now, or none any more. */
void digest_prove(turn_t *turn, uint64_t account, int64_t time);
void digest_disprove(turn_t *turn, uint64_t account);

/* They are told of something; they are here; a digest is on its way. */
void digest_note(turn_t *turn, uint64_t account, int64_t time);
void digest_see(turn_t *turn, uint64_t account, int64_t time);
void digest_rest(turn_t *turn, uint64_t account, int64_t time);

#endif
