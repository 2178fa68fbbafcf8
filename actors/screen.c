#include "actors/screen.h"

ids_t screen_untold(const event_type_t *type, const void *event)
{
    if (type->number == EVENT_presence_changed)
        return ((const presence_changed_event_t *)event)->apart;
    if (type->number == EVENT_room_typed)
        return ((const room_typed_event_t *)event)->apart;
    if (type->number == EVENT_room_presence)
        return ((const room_presence_event_t *)event)->apart;
    return (ids_t){0};
}

#define TELLS_OF(name, member) \
    case EVENT_##name:         \
        return ((const name##_event_t *)event)->member

uint64_t screen_other(const event_type_t *type, const void *event)
{
    switch (type->number) {
        TELLS_OF(notified, from);
        TELLS_OF(people_visited, by);
        TELLS_OF(people_liked, by);
        TELLS_OF(people_unliked, by);
        TELLS_OF(people_matched, by);
        TELLS_OF(people_connected, by);
        TELLS_OF(people_disconnected, by);
        TELLS_OF(room_invited, invitation->by);
        TELLS_OF(room_uninvited, by);
    default:
        return 0;
    }
}
