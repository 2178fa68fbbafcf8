/* mute.c - a row for each room that somebody wants to hear less, or more, of: the wish and its
 * end.  One that is over counts no more by the turn's time; nothing has to happen. */
#include "actors/notifier/mute.h"

#include "actors/notifier/notifier.h"

enum { LIST_DEFAULT = 50, ROOM_OF_KEY = 9 };

static row_key_t s_key(uint64_t account, uint64_t room)
{
    return row_key2('w', account, room);
}

static room_wish_t s_read(const turn_t *turn, uint64_t room, slice_t value)
{
    notice_wish_t wish = (notice_wish_t)row_number(value, 0);
    int64_t until = (int64_t)row_number(value, 8);
    bool over = until != 0 && until <= turn_now(turn);
    return over ? (room_wish_t){.room = room} : (room_wish_t){room, wish, until};
}

err_t mute_wish(turn_t *turn, uint64_t account, uint64_t room, notice_wish_t *ret_wish)
{
    slice_t value = {0};
    err_t err = row_get_bytes(turn, s_key(account, room), &value);
    if (err == ERR_OK || err == ERR_NOT_FOUND)
        *ret_wish = s_read(turn, room, value).wish;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ---- wishing ---- */

err_t mute_decide(turn_t *turn, const call_t *call, const void *body)
{
    const notification_mute_call_t *ask = body;
    const room_wish_t wish = {ask->room, ask->wish, ask->until};
    err_t err = notifier_check_member(turn, call->principal, ask->room);
    if (err != ERR_OK)
        return err;
    if (ask->until != 0 && ask->wish == notice_wish_NONE)
        return turn_refuse(turn, ERR_INVALID, "`until`: needs a wish");
    if (ask->until != 0 && ask->until <= turn_now(turn))
        return turn_refuse(turn, ERR_INVALID, "`until`: is over");
    turn_emit(turn, EVENT_notification_muted, 0, call->principal,
              &(notification_muted_event_t){
                  .account = call->principal,
                  .room = wish.room,
                  .wish = wish.wish,
                  .until = wish.until,
              });
    turn_answer(turn, &wish);
    return ERR_OK;
}

void mute_apply(turn_t *turn, const record_t *record, const void *body)
{
    const notification_muted_event_t *event = body;
    (void)record;
    if (event->wish == notice_wish_NONE) {
        mute_forget(turn, event->account, event->room);
        return;
    }
    row_put_numbers(turn, s_key(event->account, event->room),
                    ROW_NUMBERS(event->wish, (uint64_t)event->until));
}

void mute_forget(turn_t *turn, uint64_t account, uint64_t room)
{
    row_delete(turn, s_key(account, room));
}

/* ---- which there are ---- */

static err_t s_make(turn_t *turn, slice_t key, slice_t value, void *item)
{
    room_wish_t wish = s_read(turn, row_number(key, ROOM_OF_KEY), value);
    slice_t room;
    err_t err = row_get_bytes(turn, row_key1('R', wish.room), &room); /* it may be gone */
    if (wish.wish == notice_wish_NONE)
        return ERR_NOT_FOUND;
    *(room_wish_t *)item = wish;
    return err;
}

err_t mute_query(turn_t *turn, const call_t *call, const void *body)
{
    const notification_mutes_call_t *ask = body;
    row_range_t range = row_range2('w', call->principal, ask->after);
    size_t limit = ask->limit > 0 ? ask->limit : LIST_DEFAULT;
    room_wish_list_t answer = {0};
    err_t err = row_make_list(turn, &range, s_make, sizeof(room_wish_t), limit, &answer.rooms);
    if (err == ERR_OK)
        turn_answer(turn, &answer);
    return err;
}
