/* query.c - reading one's notifications; committed rows only.
 *
 * What is shown is what holds now: of a message that was changed its present words, of a room
 * of a few how many messages there are by now, and nothing of a room that is gone or of
 * somebody with whom one is on bad terms. */
#include "actors/notifier/box.h"
#include "actors/notifier/crowd.h"
#include "actors/notifier/notifier.h"
#include "actors/notifier/tell.h"

enum { LIST_DEFAULT = 50, KINDS = notice_kind_DIGEST /* the last of them */ };

/* ---- one ---- */

/* A match is one also without its room. */
static err_t s_is_shown(turn_t *turn, uint64_t account, notification_t *notification)
{
    bool there = true, blocked = false;
    err_t err = ERR_OK;
    if (notification->room != 0)
        err = notifier_has(turn, row_key1('R', notification->room), &there);
    if (err == ERR_OK && !there && notification->kind == notice_kind_MESSAGE)
        return ERR_NOT_FOUND;
    if (err == ERR_OK && !there)
        notification->room = 0;
    if (err == ERR_OK && notification->from != 0)
        err = notifier_blocked(turn, account, notification->from, &blocked);
    return err == ERR_OK && blocked ? ERR_NOT_FOUND : err;
}

/* A message says something else by now, or nothing any more.  Who has left the room sees
 * that it is not what it was, and no more. */
static err_t s_refresh_text(turn_t *turn, bool member, notification_t *notification)
{
    slice_t text;
    err_t err = row_get_bytes(turn, row_key2('x', notification->room, notification->seq), &text);
    if (err == ERR_OK)
        notification->text = member ? text : (slice_t){0};
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* In a room of a few nobody is told of each message. */
static err_t s_refresh_count(turn_t *turn, bool member, notification_t *notification)
{
    here_t here;
    if (!member || notification->read != 0)
        return ERR_OK;
    err_t err = here_get(turn, notification->room, &here);
    if (err == ERR_OK && here.seq >= notification->since)
        notification->count = here.seq - notification->since + 1;
    return err;
}

static err_t s_refresh(turn_t *turn, uint64_t account, notification_t *notification)
{
    bool member;
    if (notification->kind != notice_kind_MESSAGE)
        return ERR_OK;
    err_t err = notifier_has(turn, row_key2('m', notification->room, account), &member);
    if (err == ERR_OK)
        err = s_refresh_text(turn, member, notification);
    return err == ERR_OK ? s_refresh_count(turn, member, notification) : err;
}

err_t notifier_see(turn_t *turn, uint64_t account, uint64_t id, notification_t *ret_notification)
{
    box_t box;
    err_t err = box_get(turn, account, &box);
    if (err == ERR_OK)
        err = box_find(turn, &box, account, id, ret_notification);
    if (err == ERR_OK)
        err = s_is_shown(turn, account, ret_notification);
    if (err != ERR_OK)
        return err;
    ret_notification->read = box_read_time(&box, ret_notification);
    return s_refresh(turn, account, ret_notification);
}

/* ---- pages ---- */

/* Where the account lies in 'i' account place. */
enum { ACCOUNT_OF_PLACE = 1 };

static err_t s_make(turn_t *turn, slice_t key, slice_t value, void *item)
{
    return notifier_see(turn, row_number(key, ACCOUNT_OF_PLACE), row_number(value, 0), item);
}

static err_t s_make_unread(turn_t *turn, slice_t key, slice_t value, void *item)
{
    err_t err = s_make(turn, key, value, item);
    bool read = err == ERR_OK && ((const notification_t *)item)->read != 0;
    return read ? ERR_NOT_FOUND : err;
}

/* Pages come by ascending place. */
static list_t s_latest_first(turn_t *turn, const list_t *page)
{
    const notification_t *from = page->items;
    notification_t *to = arena_alloc(turn_arena(turn), page->count * sizeof *to);
    for (size_t i = 0; i < page->count; i++)
        to[i] = from[page->count - 1 - i];
    return (list_t){to, page->count};
}

err_t notifier_query_list(turn_t *turn, const call_t *call, const void *body)
{
    const notification_list_call_t *wish = body;
    size_t limit = wish->limit > 0 ? wish->limit : LIST_DEFAULT;
    list_t page;
    box_t box;
    err_t err = box_get(turn, call->principal, &box);
    if (err != ERR_OK)
        return err;
    row_range_t range = row_range2('i', call->principal, box.cleared_to);
    range.last = true;
    if (wish->before > 0)
        range.to = row_key2('i', call->principal, wish->before);
    err = row_make_list(turn, &range, wish->unread ? s_make_unread : s_make, sizeof(notification_t),
                        limit, &page);
    if (err != ERR_OK)
        return err;
    const notification_t *items = page.items;
    turn_answer(turn, &(notification_list_t){
                          .notifications = s_latest_first(turn, &page),
                          .unread = box.unread,
                          .next = page.count == limit ? items[0].place : 0,
                      });
    return ERR_OK;
}

err_t notifier_query_unread(turn_t *turn, const call_t *call, const void *body)
{
    box_t box;
    (void)body;
    err_t err = box_get(turn, call->principal, &box);
    if (err == ERR_OK)
        turn_answer(turn, &(unread_notifications_t){.unread = box.unread});
    return err;
}

/* ---- preferences ---- */

err_t notifier_answer_preferences(turn_t *turn, uint64_t account)
{
    preference_t preferences[KINDS];
    err_t err = ERR_OK;
    for (int i = 0; i < KINDS && err == ERR_OK; i++) {
        preferences[i].kind = (notice_kind_t)(i + 1);
        err = tell_wish(turn, account, preferences[i].kind, &preferences[i].wish);
        if (err == ERR_OK)
            err = tell_push_wish(turn, account, preferences[i].kind, &preferences[i].push);
    }
    if (err == ERR_OK)
        turn_answer(turn, &(preference_list_t){.preferences = {preferences, KINDS}});
    return err;
}

err_t notifier_query_preferences(turn_t *turn, const call_t *call, const void *body)
{
    (void)body;
    return notifier_answer_preferences(turn, call->principal);
}
