/* post.c - who is told of a message.
 *
 *   a direct room     the other one, of each message
 *   a room of a few   all who are not there, of the first that they have not read, and then
 *                     every ten seconds at most
 *   any room          who is mentioned, and whose message is answered, if they are in it
 *
 * So a post gives at most as many events as LIMIT_NOTICE_MEMBERS and LIMIT_MENTIONS say, and
 * a conversation of those who are there gives none. */
#include "actors/notifier/box.h"
#include "actors/notifier/crowd.h"
#include "actors/notifier/notifier.h"
#include "actors/notifier/tell.h"
#include "actors/notifier/told.h"

static news_t s_news(const message_t *message)
{
    return (news_t){
        .kind = notice_kind_MESSAGE,
        .from = message->sender,
        .login = message->login,
        .username = message->username,
        .room = message->room,
        .seq = message->seq,
        .text = message->text,
        .time = message->time,
    };
}

/* ---- what the sender has read by speaking ---- */

/* The notification of an account that grows with a room; 0: there is none. */
static uint64_t s_open(turn_t *turn, uint64_t account, uint64_t room)
{
    notification_t open;
    box_t box;
    bool found = row_found(box_get(turn, account, &box)) &&
                 row_found(box_find_open(turn, &box, account, room, &open));
    return found ? open.id : 0;
}

/* ---- rooms of each kind ---- */

/* The sender is one of the two, or staff. */
static void s_tell_direct(turn_t *turn, const message_t *message)
{
    const uint64_t people[] = {message->first, message->second};
    news_t news = s_news(message);
    news.reads = s_open(turn, message->sender, message->room);
    for (size_t i = 0; i < COUNT_OF(people); i++) {
        bool told;
        news.account = people[i];
        if (people[i] != message->sender && row_found(tell(turn, &news, &told)) && told)
            news.reads = 0;
    }
    notifier_see_one(turn, message->sender, news.reads);
}

static void s_tell_crowd(turn_t *turn, const message_t *message, const crowd_t *crowd)
{
    news_t news = s_news(message);
    told_t told;
    here_t here;
    bool done;
    if (!row_found(told_get(turn, message->room, &told)) ||
        !row_found(here_get(turn, message->room, &here)))
        return;
    news.crowd = true;
    news.mention = message->everyone;
    for (size_t i = 0; i < crowd->count; i++) {
        news.account = crowd->members[i];
        bool knows = told_lately(&told, news.account, message->time) ||
                     here_is(&here, news.account, message->time);
        if (news.account != message->sender && (message->everyone || !knows))
            (void)row_found(tell(turn, &news, &done));
    }
    if (told_time(&told, message->sender) != 0)
        notifier_see_one(turn, message->sender, s_open(turn, message->sender, message->room));
}

/* Somebody who has left hears no more of the room. */
static void s_tell_named(turn_t *turn, const message_t *message, const crowd_t *crowd,
                         uint64_t account)
{
    news_t news = s_news(message);
    bool there = false, told;
    news.account = account;
    news.mention = true;
    news.crowd = !crowd->large;
    if (row_found(notifier_has(turn, row_key2('m', message->room, account), &there)) && there)
        (void)row_found(tell(turn, &news, &told));
}

static bool s_mentions(const message_t *message, uint64_t account)
{
    for (size_t i = 0; i < message->mentions.count; i++)
        if (message->mentions.items[i] == account)
            return true;
    return false;
}

void notifier_react_posted(turn_t *turn, const record_t *record, const void *body)
{
    const message_t *message = ((const room_posted_event_t *)body)->message;
    crowd_t crowd;
    (void)record;
    if (message->first != 0) {
        s_tell_direct(turn, message);
        return;
    }
    if (!row_found(crowd_get(turn, message->room, &crowd)))
        return;
    for (size_t i = 0; i < message->mentions.count; i++)
        s_tell_named(turn, message, &crowd, message->mentions.items[i]);
    if (message->answers != 0 && !s_mentions(message, message->answers))
        s_tell_named(turn, message, &crowd, message->answers);
    if (!crowd.large)
        s_tell_crowd(turn, message, &crowd);
}

/* ---- reading on ---- */

void notifier_react_marked(turn_t *turn, const record_t *record, const void *body)
{
    const read_marker_t *marker = ((const room_marked_event_t *)body)->marker;
    notification_t open;
    box_t box;
    (void)record;
    if (row_found(box_get(turn, marker->account, &box)) && box.unread > 0 &&
        row_found(box_find_open(turn, &box, marker->account, marker->room, &open)) &&
        open.seq <= marker->seq)
        notifier_see_one(turn, marker->account, open.id);
}
