/* pair.c - the direct room of two of whom one blocks the other is neither's to search.
 *
 * They stay in it, and are put among its people again when nobody blocks any more. */
#include "actors/search/search.h"

enum { LOW_BLOCKS = 1, HIGH_BLOCKS = 2 };

static uint64_t s_number(turn_t *turn, row_key_t key)
{
    uint64_t number = 0;
    (void)row_found(row_get_number(turn, key, &number));
    return number;
}

void search_apply_created(turn_t *turn, const record_t *record, const void *body)
{
    const room_t *room = ((const room_created_event_t *)body)->room;
    (void)record;
    if (room->kind == room_kind_DIRECT)
        row_put_number(turn, row_key_pair('p', room->first, room->second), room->id);
}

void search_apply_blocked(turn_t *turn, const record_t *record, const void *body)
{
    const people_blocked_event_t *event = body;
    row_key_t key = row_key_pair('b', event->by, event->account);
    uint64_t room = s_number(turn, row_key_pair('p', event->by, event->account));
    (void)record;
    row_put_number(turn, key,
                   s_number(turn, key) | (event->by < event->account ? LOW_BLOCKS : HIGH_BLOCKS));
    if (room == 0)
        return;
    row_delete(turn, row_key2('a', event->by, room));
    row_delete(turn, row_key2('a', event->account, room));
}

void search_apply_unblocked(turn_t *turn, const record_t *record, const void *body)
{
    const people_unblocked_event_t *event = body;
    row_key_t key = row_key_pair('b', event->by, event->account);
    uint64_t flag = event->by < event->account ? LOW_BLOCKS : HIGH_BLOCKS;
    uint64_t flags = s_number(turn, key) & ~flag;
    uint64_t room = s_number(turn, row_key_pair('p', event->by, event->account));
    (void)record;
    if (flags != 0) {
        row_put_number(turn, key, flags);
        return;
    }
    row_delete(turn, key);
    if (room == 0)
        return;
    row_put_mark(turn, row_key2('a', event->by, room));
    row_put_mark(turn, row_key2('a', event->account, room));
}
