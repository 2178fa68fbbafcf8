/* vanish.c - what is hidden from now on counts as unread no longer: a badge speaks of nothing that
 * the inbox does not show.
 *
 * Of a deleted room each member has one notification at most, which is put away; between two of
 * whom one blocks the other all are read, and there again when the block is over. */
#include "actors/notifier/box.h"
#include "actors/notifier/crowd.h"
#include "actors/notifier/notifier.h"

enum { PLACES_MAX = 256 /* of an inbox, the latest, that are looked at when there is a block */ };

/* ---- a room that is gone ---- */

static void s_put_away(turn_t *turn, uint64_t account, uint64_t room)
{
    notification_t open;
    box_t box;
    if (row_found(box_get(turn, account, &box)) && box.unread > 0 &&
        row_found(box_find_open(turn, &box, account, room, &open)))
        turn_emit(turn, EVENT_notification_cleared, 0, account,
                  &(notification_cleared_event_t){
                      .account = account, .id = open.id, .unread = box.unread - 1});
}

void notifier_react_deleted(turn_t *turn, const record_t *record, const void *body)
{
    uint64_t room = ((const room_deleted_event_t *)body)->room, account;
    (void)record;
    for (uint64_t seat = 1;
         seat <= LIMIT_NOTICE_ENDS && row_found(crowd_seat(turn, room, seat, &account)); seat++)
        s_put_away(turn, account, room);
}

/* ---- two who have nothing to do with each other any more ---- */

static void s_look(turn_t *turn, const box_t *box, uint64_t account, uint64_t place, uint64_t other)
{
    notification_t news;
    uint64_t id;
    if (row_found(row_get_number(turn, row_key2('i', account, place), &id)) && id != 0 &&
        row_found(box_find(turn, box, account, id, &news)) && news.from == other &&
        box_read_time(box, &news) == 0)
        notifier_see_one(turn, account, id);
}

static void s_see_all_of(turn_t *turn, uint64_t account, uint64_t other)
{
    box_t box;
    if (!row_found(box_get(turn, account, &box)))
        return;
    for (uint64_t i = 0; i < PLACES_MAX && box.last - i > box.cleared_to; i++)
        s_look(turn, &box, account, box.last - i, other);
}

void notifier_react_blocked(turn_t *turn, const record_t *record, const void *body)
{
    const people_blocked_event_t *event = body;
    (void)record;
    s_see_all_of(turn, event->by, event->account);
    s_see_all_of(turn, event->account, event->by);
}
