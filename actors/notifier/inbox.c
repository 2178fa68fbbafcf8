/* inbox.c - what people do with their notifications: read them, put them away, choose. */
#include "actors/notifier/box.h"
#include "actors/notifier/notifier.h"
#include "actors/notifier/tell.h"

/* ---- reading ---- */

err_t notifier_check_member(turn_t *turn, uint64_t account, uint64_t room)
{
    bool there, member;
    err_t err = notifier_has(turn, row_key1('R', room), &there);
    if (err == ERR_OK)
        err = notifier_has(turn, row_key2('m', room, account), &member);
    return err == ERR_OK && !(there && member) ? ERR_NOT_FOUND : err;
}

static err_t s_find_of_room(turn_t *turn, const box_t *box, uint64_t account, uint64_t room,
                            notification_t *ret_notification)
{
    err_t err = notifier_check_member(turn, account, room);
    if (err != ERR_OK)
        return err;
    err = box_find_open(turn, box, account, room, ret_notification);
    if (err == ERR_NOT_FOUND)
        *ret_notification = (notification_t){.id = 0};
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Which one is meant, by its number or as the one that grows with a room; its id is 0 if
 * there is nothing to read any more.  A notification of somebody else's is none. */
static err_t s_find(turn_t *turn, const box_t *box, uint64_t account,
                    const notification_read_call_t *read, notification_t *ret_notification)
{
    if (read->id == 0)
        return s_find_of_room(turn, box, account, read->room, ret_notification);
    err_t err = box_find(turn, box, account, read->id, ret_notification);
    if (err == ERR_OK && box_read_time(box, ret_notification) != 0)
        ret_notification->id = 0;
    return err;
}

static void s_emit_seen(turn_t *turn, uint64_t account, uint64_t id, uint64_t unread)
{
    turn_emit(turn, EVENT_notification_seen, 0, account,
              &(notification_seen_event_t){.account = account, .id = id, .unread = unread});
    turn_answer(turn, &(unread_notifications_t){.unread = unread});
}

/* To read what is read does nothing. */
err_t notifier_decide_read(turn_t *turn, const call_t *call, const void *body)
{
    const notification_read_call_t *read = body;
    bool all = read->id == 0 && read->room == 0;
    notification_t notification;
    box_t box;
    err_t err = box_get(turn, call->principal, &box);
    if (err == ERR_OK && !all)
        err = s_find(turn, &box, call->principal, read, &notification);
    if (err != ERR_OK)
        return err;
    if (all ? box.unread == 0 : notification.id == 0)
        turn_answer(turn, &(unread_notifications_t){.unread = box.unread});
    else if (all)
        s_emit_seen(turn, call->principal, 0, 0);
    else
        s_emit_seen(turn, call->principal, notification.id, box.unread - (box.unread > 0));
    return ERR_OK;
}

void notifier_see_one(turn_t *turn, uint64_t account, uint64_t id)
{
    box_t box;
    if (id != 0 && row_found(box_get(turn, account, &box)))
        turn_emit(turn, EVENT_notification_seen, 0, account,
                  &(notification_seen_event_t){
                      .account = account, .id = id, .unread = box.unread - (box.unread > 0)});
}

/* ---- putting away ---- */

static void s_emit_cleared(turn_t *turn, uint64_t account, uint64_t id, uint64_t unread)
{
    turn_emit(turn, EVENT_notification_cleared, 0, account,
              &(notification_cleared_event_t){.account = account, .id = id, .unread = unread});
}

err_t notifier_decide_clear(turn_t *turn, const call_t *call, const void *body)
{
    const notification_clear_call_t *clear = body;
    notification_t notification;
    box_t box;
    err_t err = box_get(turn, call->principal, &box);
    if (err == ERR_OK && clear->id != 0)
        err = box_find(turn, &box, call->principal, clear->id, &notification);
    if (err != ERR_OK)
        return err;
    if (clear->id == 0) {
        if (box.last > box.cleared_to)
            s_emit_cleared(turn, call->principal, 0, 0);
        return ERR_OK;
    }
    bool unread = box_read_time(&box, &notification) == 0 && box.unread > 0;
    s_emit_cleared(turn, call->principal, clear->id, box.unread - unread);
    return ERR_OK;
}

/* ---- choosing ---- */

err_t notifier_decide_prefer(turn_t *turn, const call_t *call, const void *body)
{
    const notification_prefer_call_t *prefer = body;
    if (prefer->wish == notice_wish_MENTIONS && prefer->kind != notice_kind_MESSAGE)
        return turn_refuse(turn, ERR_INVALID, "`wish`: mentions are of messages only");
    if (prefer->push == notice_wish_MENTIONS && prefer->kind != notice_kind_MESSAGE)
        return turn_refuse(turn, ERR_INVALID, "`push`: mentions are of messages only");
    turn_emit(turn, EVENT_notification_preferred, 0, call->principal,
              &(notification_preferred_event_t){
                  .account = call->principal,
                  .kind = prefer->kind,
                  .wish = prefer->wish,
                  .push = prefer->push,
              });
    return notifier_answer_preferences(turn, call->principal);
}

/* By a link of a digest, from whoever has the mail: it can do this and nothing else, however
 * often. */
err_t notifier_decide_unsubscribe(turn_t *turn, const call_t *call, const void *body)
{
    uint64_t account = ((const notification_unsubscribe_call_t *)body)->account;
    notice_wish_t wish;
    (void)call;
    if (account == 0)
        return turn_refuse(turn, ERR_INVALID, "`id`: is not that of a digest");
    err_t err = tell_wish(turn, account, notice_kind_DIGEST, &wish);
    if (err == ERR_OK && wish != notice_wish_OFF)
        turn_emit(turn, EVENT_notification_preferred, 0, account,
                  &(notification_preferred_event_t){
                      .account = account, .kind = notice_kind_DIGEST, .wish = notice_wish_OFF});
    return err;
}
