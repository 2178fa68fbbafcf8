/* mail.h - mails that wait to be sent: a queue in the projection, postmen beside it.
 *
 * A mail is queued by an event and done with by another, so it outlives the process; what
 * happens between the two may happen twice, and carries the same Message-ID then.  The
 * postmen are soft state: who has none, as in a re-run, sends nothing. */
#ifndef ACTORS_NOTIFIER_MAIL_H
#define ACTORS_NOTIFIER_MAIL_H

#include "actors/actor.h"

enum { MAIL_SOFT_SIZE = sizeof(void *) };

/* The actor's soft state: the postmen. */
void mail_open(void *soft, const actor_options_t *options);
void mail_close(void *soft);

/* Once a second: note what the postmen came back with, and give them what is due. */
void mail_tick(turn_t *turn);

#endif
