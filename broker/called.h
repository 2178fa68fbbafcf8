/* called.h - messages that are meant for a bot: a command, as in `/weather Oslo`, or a mention of
 * it.  The event bot.called is such a message as the bot is told of it; it stands in no journal. */
#ifndef BROKER_CALLED_H
#define BROKER_CALLED_H

#include "schema/type.h"

/* Whether a message of somebody else is meant for the bot of this account; texts lie in it. */
bool called_read(const message_t *message, uint64_t account, bot_called_event_t *ret_event);

#endif
