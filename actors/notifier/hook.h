/* hook.h - webhooks: each notification as a signed POST to servers of the operator's.
 *
 * They follow the conventions of Standard Webhooks: `webhook-id`, `webhook-timestamp` and
 * `webhook-signature: v1,…`, the base64 of HMAC-SHA-256 over "id.timestamp.body".  A webhook
 * that is sent again has the same id. */
#ifndef ACTORS_NOTIFIER_HOOK_H
#define ACTORS_NOTIFIER_HOOK_H

#include "actors/actor.h"

/* No text is NULL. */
struct hook_options {
    const char *urls;        /* where to, with blanks between; empty: nowhere */
    const char *authorities; /* file of those who vouch for them; empty: the system's */
    const char *secret_file; /* with the secret in its first line: whsec_ and base64, or any text */
    bool mute;               /* in a re-run: nobody is sent anywhere */
};

typedef struct hooks hooks_t;

/* NULL if there is nowhere to post to, or no secret or thread to do so, which is logged. */
hooks_t *hooks_new(const hook_options_t *options);
void hooks_destroy(hooks_t **hooks_p);

/* For decide and react: what was just told goes to each of the servers. */
MUST_CHECK err_t hooks_queue(turn_t *turn, const hooks_t *hooks, const notified_event_t *event);

/* For recordings: what is on its way, and back. */
void hooks_keep(const hooks_t *hooks, arena_t *arena, notifier_tape_t *kept);
void hooks_restore(hooks_t *hooks, const notifier_tape_t *kept);

/* Once a second: note what the postmen came back with, and give them what is due. */
void hooks_tick(turn_t *turn, hooks_t *hooks);

#endif
