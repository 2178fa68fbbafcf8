/* people.c - who is told of what people think of each other.
 *
 * Whose opinion it is stands in the event; what a person may not know, such as who reported
 * them, is left out here. */
#include "actors/notifier/notifier.h"
#include "actors/notifier/tell.h"

static void s_tell(turn_t *turn, notice_kind_t kind, uint64_t account, uint64_t from)
{
    bool told;
    news_t news = {.account = account, .kind = kind, .from = from, .time = turn_now(turn)};
    (void)row_found(tell(turn, &news, &told));
}

void notifier_react_visited(turn_t *turn, const record_t *record, const void *body)
{
    const people_visited_event_t *event = body;
    s_tell(turn, notice_kind_VISIT, event->account, event->by);
    (void)record;
}

void notifier_react_liked(turn_t *turn, const record_t *record, const void *body)
{
    const people_liked_event_t *event = body;
    s_tell(turn, notice_kind_LIKE, event->account, event->by);
    (void)record;
}

void notifier_react_unliked(turn_t *turn, const record_t *record, const void *body)
{
    const people_unliked_event_t *event = body;
    s_tell(turn, notice_kind_UNLIKE, event->account, event->by);
    (void)record;
}

void notifier_react_connected(turn_t *turn, const record_t *record, const void *body)
{
    const people_connected_event_t *event = body;
    s_tell(turn, notice_kind_CONNECT, event->account, event->by);
    (void)record;
}

/* Their direct room may be there already, or come after this. */
static void s_tell_match(turn_t *turn, uint64_t account, uint64_t other)
{
    bool told;
    news_t news = {
        .account = account, .kind = notice_kind_MATCH, .from = other, .time = turn_now(turn)};
    if (row_found(row_get_number(turn, row_key_pair('d', account, other), &news.room)))
        (void)row_found(tell(turn, &news, &told));
}

void notifier_react_matched(turn_t *turn, const record_t *record, const void *body)
{
    const people_matched_event_t *event = body;
    s_tell_match(turn, event->account, event->by);
    s_tell_match(turn, event->by, event->account);
    (void)record;
}

/* Who may be away finds it in the inbox; the others have heard of it. */
void notifier_react_ticket(turn_t *turn, const record_t *record, const void *body)
{
    const ticket_matched_event_t *event = body;
    bool told;
    news_t news = {
        .account = event->account,
        .kind = notice_kind_MATCH,
        .room = event->room,
        .text = event->queue,
        .time = turn_now(turn),
    };
    if (event->stay)
        (void)row_found(tell(turn, &news, &told));
    (void)record;
}

/* Told at once or never, and not by whom: the person may answer, but should not brood. */
void notifier_react_reported(turn_t *turn, const record_t *record, const void *body)
{
    const report_t *report = ((const people_reported_event_t *)body)->report;
    if (report->reason == report_reason_FAKE)
        s_tell(turn, notice_kind_FAKE, report->account, report->by);
    (void)record;
}

void notifier_react_resolved(turn_t *turn, const record_t *record, const void *body)
{
    const report_resolved_event_t *event = body;
    bool told;
    news_t news = {
        .account = event->by,
        .kind = notice_kind_REPORT,
        .text = slice_of(choice_word(choices_report_outcome, (int)event->outcome)),
        .time = turn_now(turn),
    };
    (void)row_found(tell(turn, &news, &told));
    (void)record;
}
