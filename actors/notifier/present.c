#include "actors/notifier/present.h"

#include "schema/codec.h"

void present_open(present_t *present)
{
    present->people = map_new();
}

void present_close(present_t *present)
{
    if (present->people != NULL)
        map_destroy(&present->people);
}

/* The person's own copy of it; those for rooms say the same. */
void present_hear(present_t *present, const record_t *record)
{
    const void *body;
    fault_t fault;
    if (record->type != EVENT_presence_changed || record->room != 0 || present->people == NULL)
        return;
    arena_t *arena = arena_new();
    if (codec_unpack(record->body, shape_presence_changed_event(), arena, &fault, &body) ==
        ERR_OK) {
        const presence_changed_event_t *event = body;
        if (event->online)
            map_put(present->people, event->account, present);
        else
            (void)map_remove(present->people, event->account);
    }
    arena_destroy(&arena);
}

bool present_has(const present_t *present, uint64_t account)
{
    return present->people != NULL && map_get(present->people, account) != NULL;
}
