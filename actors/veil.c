/* veil.c - copies are made only where there is something to take out. */
#include "actors/veil.h"

static bool s_hides(const message_t *message, uint64_t account)
{
    return message->client_id.len > 0 && message->sender != account;
}

static const message_t *s_message(const message_t *message, arena_t *arena)
{
    message_t *copy = arena_new_of(arena, message_t);
    *copy = *message;
    copy->client_id = (slice_t){0};
    return copy;
}

static const message_list_t *s_messages(const message_list_t *list, uint64_t account,
                                        arena_t *arena)
{
    size_t count = list->messages.count;
    message_t *copies = arena_alloc(arena, count * sizeof *copies);
    message_list_t *copy = arena_new_of(arena, message_list_t);
    *copy = *list;
    if (count > 0)
        memcpy(copies, list->messages.items, count * sizeof *copies);
    for (size_t i = 0; i < count; i++)
        if (s_hides(&copies[i], account))
            copies[i].client_id = (slice_t){0};
    copy->messages = (list_t){copies, count};
    return copy;
}

const void *veil_answer(const call_type_t *type, const void *answer, uint64_t account,
                        arena_t *arena)
{
    if (type->answer == shape_message && s_hides(answer, account))
        return s_message(answer, arena);
    if (type->answer == shape_message_list)
        return s_messages(answer, account, arena);
    return answer;
}

uint64_t veil_author(const event_type_t *type, const void *event)
{
    if (type->number != EVENT_room_posted)
        return 0;
    return ((const room_posted_event_t *)event)->message->sender;
}

uint64_t veil_owner(const event_type_t *type, const void *event)
{
    if (type->number != EVENT_room_posted)
        return 0;
    const message_t *message = ((const room_posted_event_t *)event)->message;
    return message->client_id.len > 0 ? message->sender : 0;
}

const void *veil_event(const event_type_t *type, const void *event, arena_t *arena)
{
    if (veil_owner(type, event) == 0)
        return event;
    room_posted_event_t *copy = arena_new_of(arena, room_posted_event_t);
    copy->message = s_message(((const room_posted_event_t *)event)->message, arena);
    return copy;
}
