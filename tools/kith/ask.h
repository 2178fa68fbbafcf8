/* ask.h - one question to a running server, or a few, for commands that print answers.
 *
 * What goes wrong is said on stderr here, so that a command only has to stop. */
#ifndef TOOLS_KITH_ASK_H
#define TOOLS_KITH_ASK_H

#include "tools/kith/command.h"
#include "tools/kith/peer.h"

/* Where the server of the options is met: its --bus, or the one in its --data. */
void ask_endpoint(const options_t *options, char ret_endpoint[], size_t size);

/* Meet it; NULL after a sentence. */
peer_t *ask_meet(const options_t *options);

/* Ask; NULL after a sentence.  The answer lives until the next question. */
const void *ask(peer_t *peer, call_number_t type, const void *body);

/* The same of what may take minutes. */
const void *ask_long(peer_t *peer, call_number_t type, const void *body);

/* Print an object of this shape as one line of JSON. */
void ask_print_json(const shape_t *shape, const void *object);

/* The same of an answer of this call. */
void ask_print(call_number_t type, const void *answer);

/* Print a text of somebody else's, tamed, and a line's end. */
void ask_print_text(slice_t text);

/* The account that is meant: a login, or a number with `#` before it.  NULL after a
 * sentence; lives until the next question. */
const account_t *ask_account(peer_t *peer, const char *name);

/* A time as people and `date --date` read it, in UTC; "-" for none. */
typedef struct ask_time {
    char text[24];
} ask_time_t;
ask_time_t ask_show_time(int64_t time_us);

#endif
