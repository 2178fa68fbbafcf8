/* rows.h - the notifier's projection: what lies under which key.
 *
 * Of its own events:
 *   'b' account                  box: how an inbox stands (box.h)
 *   'n' account id               notification
 *   'i' account place            id, u64: the inbox in order
 *   'o' account room             id, u64: the notification that grows with this room
 *   'T' room                     who was told of it, and when (told.c)
 *   'v' account from kind        time, u64: of the last visit, like or unlike that was told
 *   'p' account                  a wish for each kind, a byte each, and from WISHES_OF_PUSHES on
 *                                one for its pushes
 *   'w' account room             wish for this room's messages, and until when (mute.c)
 *   'g' account                  how a person stands with their digests (digest.h)
 *   'A' place                    who waits for a digest, and since when (waiting.h)
 *   'Z' place                    the same of who has had one
 *   'k' account kind client id   receipt of a note
 *   'C' 'n'                      the last notification, u64
 *   'C' 'm' | 'M'                the last mail, the first that is open, u64
 *   'C' 'h' | 'H' | 'l'          the same of webhooks, and the next place in 'l'
 *   'C' 'a' | 'A', 'z' | 'Z'     of those two queues the last place, the first that is taken
 *   'W' id                       mail that is to be sent
 *   'H' id                       webhook that is to be sent
 *   'L' id                       webhook that nobody took
 *   'l' place                    id, u64: in the order in which they were given up
 *   'j' id                       push row: a browser, and what waits for it (push_row.h)
 *   'S' account                  ids, u64 each: a person's browsers, the one renewed last at the end
 *   'E' endpoint                 id, u64: of the browser that has it
 *   'q' place                    id, u64: of a browser for which something waits
 *   'C' 's' | 'q'                the last browser, and how many have a place, u64
 *
 * Of the session actor's:
 *   'P' account                  person
 *   'e' account                  mark: has a proven e-mail
 *
 * Of the room actor's:
 *   'R' room                     its members, if they are few (crowd.h)
 *   'm' room account             seat, u64: is in it
 *   's' room seat                account, u64 (crowd.h)
 *   'h' room                     who has spoken in it or read on lately (crowd.h)
 *   'd' low account, high account   room: the direct room of two
 *   'D' room                     mark: a direct room in which something was said
 *   'x' room seq                 text: what a message says now; empty: it was taken back
 *
 * Of the matching actor's:
 *   'B' account account          mark: the first blocks the second
 *   'M' low account, high account   mark: they are matched
 *   'c' low account, high account   u64: CHAT_OPEN or CHAT_CLOSED, by their last word */
#ifndef ACTORS_NOTIFIER_ROWS_H
#define ACTORS_NOTIFIER_ROWS_H

#include "actors/person.h"

enum { CHAT_OPEN = 1, CHAT_CLOSED = 2 };

enum { WISHES_OF_PUSHES = 16, WISHES_SIZE = 32 }; /* in 'p' */

/* The counters, by their letter. */
row_key_t notifier_counter(char counter);

/* Whether there is such a row. */
MUST_CHECK err_t notifier_has(turn_t *turn, row_key_t key, bool *ret_there);

/* Whether one of the two blocks the other. */
MUST_CHECK err_t notifier_blocked(turn_t *turn, uint64_t one, uint64_t other, bool *ret_blocked);

#endif
