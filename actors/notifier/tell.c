/* tell.c - from news to the event `notified`, which has all that a door needs to show it.
 *
 * News of a room goes into the notification that grows with it, if that is not read; all
 * else is a notification of its own.  Visits and likes of one person that come within a
 * minute are told once. */
#include "actors/notifier/tell.h"

#include "actors/notifier/box.h"
#include "actors/notifier/mute.h"
#include "actors/notifier/notifier.h"
#include "schema/text.h"

static const int64_t ONCE_US = (int64_t)60 * 1000000;

/* ---- whether ---- */

/* The wish at a place of the account's row. */
static err_t s_wish(turn_t *turn, uint64_t account, size_t place, notice_wish_t *ret_wish)
{
    slice_t wishes = {0};
    err_t err = row_get_bytes(turn, row_key1('p', account), &wishes);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    bool said = place < wishes.len && wishes.ptr[place] != notice_wish_NONE;
    *ret_wish = said ? (notice_wish_t)wishes.ptr[place] : notice_wish_ON;
    return ERR_OK;
}

err_t tell_wish(turn_t *turn, uint64_t account, notice_kind_t kind, notice_wish_t *ret_wish)
{
    return s_wish(turn, account, (size_t)kind, ret_wish);
}

err_t tell_push_wish(turn_t *turn, uint64_t account, notice_kind_t kind, notice_wish_t *ret_wish)
{
    return s_wish(turn, account, WISHES_OF_PUSHES + (size_t)kind, ret_wish);
}

static err_t s_wanted(turn_t *turn, const news_t *news, bool *ret_wanted)
{
    notice_wish_t wish = notice_wish_NONE;
    err_t err = ERR_OK;
    if (news->kind == notice_kind_MESSAGE)
        err = mute_wish(turn, news->account, news->room, &wish);
    if (err == ERR_OK && wish == notice_wish_NONE)
        err = tell_wish(turn, news->account, news->kind, &wish);
    *ret_wanted = wish == notice_wish_ON || (wish == notice_wish_MENTIONS && news->mention);
    return err;
}

static err_t s_is_there(turn_t *turn, uint64_t account, bool *ret_there)
{
    const person_t *person;
    err_t err = person_get(turn, account, &person);
    *ret_there = err == ERR_OK && !person->gone && person->role != role_SYSTEM;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t s_was_told(turn_t *turn, const news_t *news, bool *ret_told)
{
    uint64_t time;
    row_key_t key = notifier_once_key(news->account, news->from, news->kind);
    err_t err = row_get_number(turn, key, &time);
    *ret_told = err == ERR_OK && time != 0 && news->time - (int64_t)time < ONCE_US;
    return err;
}

/* Asks the cheapest first. */
static err_t s_check(turn_t *turn, const news_t *news, bool *ret_tell)
{
    bool blocked = false, told = false;
    *ret_tell = news->account != news->from;
    err_t err = *ret_tell ? s_is_there(turn, news->account, ret_tell) : ERR_OK;
    if (err == ERR_OK && *ret_tell)
        err = s_wanted(turn, news, ret_tell);
    if (err == ERR_OK && *ret_tell && news->from != 0)
        err = notifier_blocked(turn, news->account, news->from, &blocked);
    if (err == ERR_OK && *ret_tell && notifier_told_once(news->kind))
        err = s_was_told(turn, news, &told);
    *ret_tell = *ret_tell && !blocked && !told;
    return err;
}

/* ---- what ---- */

/* A notification of its own, at the end of the inbox. */
static err_t s_begin(turn_t *turn, const news_t *news, notified_event_t *event)
{
    uint64_t last;
    err_t err = row_get_number(turn, notifier_counter('n'), &last);
    event->id = last + 1;
    event->unread++;
    event->since = news->kind == notice_kind_MESSAGE ? news->seq : 0;
    return err;
}

static void s_grow(const news_t *news, const notification_t *open, notified_event_t *event)
{
    event->id = open->id;
    event->since = open->since;
    event->mention = event->mention || open->mention;
    event->count = news->crowd ? news->seq - open->since + 1 : open->count + 1;
}

/* Its number, its place, and how many it speaks of. */
static err_t s_place(turn_t *turn, const news_t *news, notified_event_t *event)
{
    notification_t open;
    box_t box;
    err_t err = box_get(turn, news->account, &box);
    if (err != ERR_OK)
        return err;
    event->unread = box.unread;
    event->place = box.last + 1;
    err = news->kind == notice_kind_MESSAGE
              ? box_find_open(turn, &box, news->account, news->room, &open)
              : ERR_NOT_FOUND;
    if (err == ERR_NOT_FOUND)
        return s_begin(turn, news, event);
    if (err != ERR_OK)
        return err;
    if (open.place == box.last)
        event->place = box.last;
    s_grow(news, &open, event);
    return ERR_OK;
}

static err_t s_name(turn_t *turn, const news_t *news, notified_event_t *event)
{
    const person_t *person;
    event->from = news->from;
    event->from_login = news->login;
    event->from_username = news->username;
    if (news->from == 0 || news->login.len > 0)
        return ERR_OK;
    err_t err = person_get(turn, news->from, &person);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    event->from_login = person->login;
    event->from_username = person->username;
    return ERR_OK;
}

err_t tell(turn_t *turn, const news_t *news, bool *ret_told)
{
    notified_event_t event = {
        .account = news->account,
        .kind = news->kind,
        .room = news->room,
        .seq = news->seq,
        .text = text_cut(news->text, LIMIT_NOTICE),
        .mention = news->mention,
        .time = news->time,
        .crowd = news->crowd,
        .reads = news->reads,
    };
    err_t err = s_check(turn, news, ret_told);
    if (err != ERR_OK || !*ret_told)
        return err;
    event.count = 1;
    if (news->kind != notice_kind_FAKE) /* which is told and not kept, and says not by whom */
        err = s_name(turn, news, &event);
    if (err == ERR_OK && news->kind != notice_kind_FAKE)
        err = s_place(turn, news, &event);
    if (err != ERR_OK)
        return err;
    turn_emit(turn, EVENT_notified, 0, news->account, &event);
    const hooks_t *hooks = ((const notifier_soft_t *)turn_soft(turn))->hooks;
    return hooks != NULL ? hooks_queue(turn, hooks, &event) : ERR_OK;
}
