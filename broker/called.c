#include "broker/called.h"

static bool s_is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* The word behind the slash, and what follows it without the blanks between. */
static void s_split(slice_t text, bot_called_event_t *event)
{
    size_t end = 1;
    if (text.len == 0 || text.ptr[0] != '/')
        return;
    while (end < text.len && !s_is_blank(text.ptr[end]))
        end++;
    event->command = slice_new(text.ptr + 1, end - 1);
    while (end < text.len && s_is_blank(text.ptr[end]))
        end++;
    if (event->command.len > 0)
        event->words = slice_from(text, end);
}

bool called_read(const message_t *message, uint64_t account, bot_called_event_t *ret_event)
{
    *ret_event = (bot_called_event_t){.message = message};
    if (message->sender == account)
        return false;
    s_split(message->text, ret_event);
    for (size_t i = 0; i < message->mentions.count; i++)
        if (message->mentions.items[i] == account)
            ret_event->mentioned = true;
    return ret_event->command.len > 0 || ret_event->mentioned;
}
