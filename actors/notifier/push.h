/* push.h - Web Push (RFC 8030): what a person should know reaches their browsers, also when none
 * of our pages is open there.
 *
 *   notified ── apply ──> waits in the rows of the person's browsers ── tick ── postman ──┐
 *       read, or put away ── apply ──> waits no more            tick: push.tried <────────┘
 *
 * What is sent is what the inbox shows at that moment, so nothing leaves that was taken back, or
 * comes from somebody who is blocked by then.  Whoever is connected gets a while to read it
 * where they are.  A push that is sent again has the same topic, and the same id in it. */
#ifndef ACTORS_NOTIFIER_PUSH_H
#define ACTORS_NOTIFIER_PUSH_H

#include "actors/actor.h"
#include "actors/notifier/present.h"

/* No text is NULL. */
struct push_options {
    const char *data;        /* data directory: of the key that signs */
    const char *contact;     /* of the operator, for push services: mailto: or https:; or empty */
    const char *trusted;     /* hosts that may be inside and on any port, with blanks between */
    const char *authorities; /* file of certificates that vouch for those; empty: the system's */
    unsigned wait_s;         /* for whoever is connected to read what is to be pushed */
    bool mute;               /* in a re-run: nobody is sent anywhere */
};

typedef struct pushes pushes_t;

/* NULL without a key or threads, which is logged. */
pushes_t *pushes_new(const push_options_t *options);
void pushes_destroy(pushes_t **pushes_p);

/* The public key that browsers need, as base64url. */
slice_t pushes_key(const pushes_t *pushes);

/* What is wrong with the endpoint that a browser names, in words; NULL: nothing. */
const char *pushes_fault(const pushes_t *pushes, const char *endpoint);

/* For recordings: what is on its way, and back. */
void pushes_keep(const pushes_t *pushes, arena_t *arena, notifier_tape_t *kept);
void pushes_restore(pushes_t *pushes, const notifier_tape_t *kept);

/* Note what the postmen came back with, and give them what is due. */
void pushes_tick(turn_t *turn, pushes_t *pushes, const present_t *present);

/* ---- for decide, react and tick ---- */

/* A subscription ends, if it is there. */
void push_end(turn_t *turn, uint64_t id, push_end_t reason);

/* ---- for apply ---- */

/* A person was told: it waits for each of their browsers, if they want that. */
void push_told(turn_t *turn, const notified_event_t *event);

/* A person has read a notification, or put it away, or all (0): it waits no more. */
void push_read(turn_t *turn, uint64_t account, uint64_t id);

#endif
