/* digest.c - who waits for a digest, and who has had one.
 *
 * A person stands in one queue at most, and each step of theirs is an event, so that a tick
 * looks at the fronts of two queues and at nothing else. */
#include "actors/notifier/digest.h"

#include "actors/notifier/notifier.h"
#include "actors/notifier/tell.h"
#include "actors/notifier/waiting.h"

enum {
    AT_ONCE = 64, /* people of each queue whose time may come in one tick */
};

static const int64_t RETURN_US = (int64_t)60 * 1000000;      /* in which people have come back */
static const int64_t LIFE_US = (int64_t)24 * 3600 * 1000000; /* so long a digest is sent */

static const places_t s_waiting = {.row = 'A', .last = 'a', .first = 'A'};
static const places_t s_resting = {.row = 'Z', .last = 'z', .first = 'Z'};

/* ---- rows ---- */

err_t digest_get(turn_t *turn, uint64_t account, digest_t *ret_digest)
{
    slice_t value = {0};
    err_t err = row_get_bytes(turn, row_key1('g', account), &value);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    *ret_digest = (digest_t){
        .place = row_number(value, 0),
        .rests = row_number(value, 8) != 0,
        .more = row_number(value, 16) != 0,
        .told_to = row_number(value, 24),
        .told_time = (int64_t)row_number(value, 32),
        .seen = (int64_t)row_number(value, 40),
    };
    return ERR_OK;
}

static void s_put(turn_t *turn, uint64_t account, const digest_t *digest)
{
    row_put_numbers(turn, row_key1('g', account),
                    ROW_NUMBERS(digest->place, digest->rests, digest->more, digest->told_to,
                                (uint64_t)digest->told_time, (uint64_t)digest->seen));
}

/* ---- the queues ---- */

static void s_join(turn_t *turn, uint64_t account, digest_t *digest, bool rests, int64_t time)
{
    digest->place = waiting_join(turn, rests ? &s_resting : &s_waiting, account, time);
    digest->rests = rests;
    digest->more = false;
}

static void s_leave(turn_t *turn, digest_t *digest)
{
    if (digest->place != 0)
        places_leave(turn, digest->rests ? &s_resting : &s_waiting, digest->place);
    digest->place = 0;
    digest->rests = false;
}

static bool s_is_wanted(turn_t *turn, uint64_t account)
{
    notice_wish_t wish = notice_wish_OFF;
    bool proven = false;
    return row_found(notifier_has(turn, row_key1('e', account), &proven)) && proven &&
           row_found(tell_wish(turn, account, notice_kind_DIGEST, &wish)) && wish == notice_wish_ON;
}

void digest_note(turn_t *turn, uint64_t account, int64_t time)
{
    digest_t digest;
    if (!s_is_wanted(turn, account) || !row_found(digest_get(turn, account, &digest)))
        return;
    if (digest.place == 0)
        s_join(turn, account, &digest, false, time);
    else if (digest.rests)
        digest.more = true;
    s_put(turn, account, &digest);
}

/* Who rests goes on resting: there are no more digests for it. */
void digest_see(turn_t *turn, uint64_t account, int64_t time)
{
    digest_t digest;
    if (!s_is_wanted(turn, account) || !row_found(digest_get(turn, account, &digest)))
        return;
    if (!digest.rests)
        s_leave(turn, &digest);
    digest.more = false;
    digest.seen = time;
    s_put(turn, account, &digest);
}

void digest_rest(turn_t *turn, uint64_t account, int64_t time)
{
    notification_t last = {0};
    digest_t digest;
    box_t box;
    uint64_t id;
    if (!row_found(digest_get(turn, account, &digest)) || !row_found(box_get(turn, account, &box)))
        return;
    if (row_found(row_get_number(turn, row_key2('i', account, box.last), &id)) && id != 0)
        (void)row_found(box_find(turn, &box, account, id, &last));
    s_leave(turn, &digest);
    s_join(turn, account, &digest, true, time);
    digest.told_to = box.last;
    digest.told_time = last.time;
    s_put(turn, account, &digest);
}

void digest_prove(turn_t *turn, uint64_t account, int64_t time)
{
    row_put_mark(turn, row_key1('e', account));
    digest_see(turn, account, time);
}

void digest_disprove(turn_t *turn, uint64_t account)
{
    row_delete(turn, row_key1('e', account));
}

/* ---- when the time has come ---- */

static void s_call_up(turn_t *turn, const places_t *queue, int64_t wait_us, bool rested)
{
    uint64_t account;
    int64_t since;
    for (int i = 0; i < AT_ONCE; i++) {
        if (!row_found(waiting_front(turn, queue, &account, &since)) ||
            turn_now(turn) - since < wait_us)
            return;
        turn_emit(turn, EVENT_digest_due, 0, account,
                  &(digest_due_event_t){.account = account, .rested = rested});
    }
}

void digest_tick(turn_t *turn, digest_pace_t *pace)
{
    if (pace->after == 0)
        return;
    if (pace->begin == 0)
        pace->begin = turn_now(turn) + (pace->after < RETURN_US ? pace->after : RETURN_US);
    if (turn_now(turn) < pace->begin)
        return;
    s_call_up(turn, &s_resting, pace->every, true);
    s_call_up(turn, &s_waiting, pace->after, false);
}

void digest_apply_due(turn_t *turn, const record_t *record, const void *body)
{
    const digest_due_event_t *event = body;
    digest_t digest;
    if (!row_found(digest_get(turn, event->account, &digest)))
        return;
    bool again = event->rested && digest.more;
    s_leave(turn, &digest);
    if (again)
        s_join(turn, event->account, &digest, false, record->time);
    s_put(turn, event->account, &digest);
}

/* They are still away, and may have said meanwhile that they want none. */
void digest_react_away(turn_t *turn, const record_t *record, const void *body)
{
    const account_away_event_t *event = body;
    const person_t *person;
    digest_t digest;
    slice_t text;
    (void)record;
    if (!s_is_wanted(turn, event->account) ||
        !row_found(person_get(turn, event->account, &person)) ||
        !row_found(digest_get(turn, event->account, &digest)) ||
        !row_found(digest_write(turn, event->account, &digest, &text)) || text.len == 0)
        return;
    mail_queue(turn, &(mail_t){
                         .account = event->account,
                         .email = event->email,
                         .username = person->username,
                         .purpose = purpose_DIGEST,
                         .nonce = SLICE_LIT("again"), /* the link may be used so */
                         .expires = turn_now(turn) + LIFE_US,
                         .text = text,
                     });
}
