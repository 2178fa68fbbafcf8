/* without.h - kith rerun --without: what would have come of it all, had one thing not happened?
 *
 * All actors run side by side, and hear of each other what they decide now.  Left out is the
 * input that led to the record: a command, a turn of the timer, or an actor's reaction.  Whatever
 * people and timers did after that they do all the same, word by word. */
#ifndef TOOLS_KITH_WITHOUT_H
#define TOOLS_KITH_WITHOUT_H

#include "tools/kith/reel.h"

/* False after a sentence on stderr. */
bool without_run(const options_t *options, reel_t *reel);

#endif
