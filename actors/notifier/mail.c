/* mail.c - the queue of mails.
 *
 *   queued ── due? ── to a postman ──sent──────────────────────> gone
 *     ^                    ├──refused for good, or expired─────> gone, with a line in the log
 *     └──── later ─────────┘ 30 s, 2 min, 8 min … 6 h after the first, second, third … try
 *
 * Mails have dense numbers, and all below the first open one are done with, so the queue is
 * walked by key.  One that is with a postman when the process ends is sent again. */
#include "actors/notifier/mail.h"

#include "actors/log.h"
#include "actors/notifier/postman.h"
#include "actors/notifier/notifier.h"

enum { WALK_MAX = 1000, BACK_OFF_SHIFT = 2, BACK_OFFS = 6 };

static const int64_t FIRST_BACK_OFF = (int64_t)30 * 1000000; /* µs */
static const int64_t LAST_BACK_OFF = (int64_t)6 * 3600 * 1000000;

/* ---- postmen ---- */

static postmen_t **s_postmen(void *soft)
{
    return soft;
}

void mail_open(void *soft, const actor_options_t *options)
{
    if (options->mail != NULL)
        *s_postmen(soft) = postmen_new(options->mail);
}

void mail_close(void *soft)
{
    postmen_destroy(s_postmen(soft));
}

/* ---- queueing ---- */

void mail_react_link(turn_t *turn, const record_t *record, const void *body)
{
    const link_asked_event_t *link = body;
    const person_t *person;
    uint64_t last;
    (void)record;
    if (link->email.len == 0 || link->expires <= turn_now(turn) ||
        !row_found(notifier_person(turn, link->account, &person)) ||
        !row_found(row_get_number(turn, notifier_counter('m'), &last)))
        return;
    const mail_t mail = {
        .id = last + 1,
        .account = link->account,
        .email = link->email,
        .username = person->username,
        .purpose = link->purpose,
        .nonce = link->nonce,
        .expires = link->expires,
    };
    turn_emit(turn, EVENT_mail_queued, 0, link->account, &(mail_queued_event_t){.mail = &mail});
}

static void s_put(turn_t *turn, const mail_t *mail)
{
    row_put(turn, row_key1('W', mail->id), shape_mail(), mail);
}

static err_t s_get(turn_t *turn, uint64_t id, const mail_t **ret_mail)
{
    const void *row;
    err_t err = row_get(turn, row_key1('W', id), shape_mail(), &row);
    if (err == ERR_OK)
        *ret_mail = row;
    return err;
}

void mail_apply_queued(turn_t *turn, const record_t *record, const void *body)
{
    const mail_t *mail = ((const mail_queued_event_t *)body)->mail;
    s_put(turn, mail);
    row_put_number(turn, notifier_counter('m'), mail->id);
    (void)record;
}

/* ---- what came of it ---- */

/* When one is tried again that was tried so often; 0: never, its link will be dead. */
static int64_t s_due(const mail_t *mail, int64_t now)
{
    uint64_t steps = mail->tries < BACK_OFFS ? mail->tries : BACK_OFFS;
    int64_t wait = FIRST_BACK_OFF << (BACK_OFF_SHIFT * steps);
    int64_t due = now + (wait < LAST_BACK_OFF ? wait : LAST_BACK_OFF);
    return due < mail->expires ? due : 0;
}

static void s_emit_tried(turn_t *turn, const mail_t *mail, bool sent, int64_t due, slice_t reason)
{
    turn_emit(turn, EVENT_mail_tried, 0, mail->account,
              &(mail_tried_event_t){
                  .id = mail->id,
                  .account = mail->account,
                  .sent = sent,
                  .due = due,
                  .reason = reason,
              });
    if (!sent)
        log_warn("notifier", "mail %llu was not sent: %.*s; %s", (unsigned long long)mail->id,
                 SLICE_ARG(reason), due != 0 ? "it is tried again" : "given up");
}

static void s_note(turn_t *turn, const delivery_t *delivery)
{
    const mail_t *mail;
    if (!row_found(s_get(turn, delivery->mail, &mail)))
        return;
    bool again = delivery->outcome == DELIVERY_LATER;
    s_emit_tried(turn, mail, delivery->outcome == DELIVERY_SENT,
                 again ? s_due(mail, turn_now(turn)) : 0, slice_of(delivery->reason));
}

/* The first mail that is still open moves on behind those that are done with. */
static void s_move_on(turn_t *turn)
{
    uint64_t first, last;
    slice_t row;
    if (!row_found(row_get_number(turn, notifier_counter('M'), &first)) ||
        !row_found(row_get_number(turn, notifier_counter('m'), &last)))
        return;
    first = first > 0 ? first : 1;
    while (first <= last && !row_found(row_get_bytes(turn, row_key1('W', first), &row)))
        first++;
    row_put_number(turn, notifier_counter('M'), first);
}

void mail_apply_tried(turn_t *turn, const record_t *record, const void *body)
{
    const mail_tried_event_t *event = body;
    const mail_t *mail;
    (void)record;
    if (!row_found(s_get(turn, event->id, &mail)))
        return;
    if (event->sent || event->due == 0) {
        row_delete(turn, row_key1('W', event->id));
        s_move_on(turn);
        return;
    }
    mail_t later = *mail;
    later.tries++;
    later.due = event->due;
    s_put(turn, &later);
}

/* ---- the timer ---- */

static void s_look_at(turn_t *turn, postmen_t *postmen, const mail_t *mail)
{
    if (postmen_have(postmen, mail->id))
        return;
    if (mail->expires <= turn_now(turn))
        s_emit_tried(turn, mail, false, 0, SLICE_LIT("its link has expired"));
    else if (mail->due <= turn_now(turn))
        postmen_give(postmen, mail);
}

/* From the first open one on, as long as a postman is free. */
static void s_walk(turn_t *turn, postmen_t *postmen)
{
    uint64_t first, last;
    const mail_t *mail;
    if (!row_found(row_get_number(turn, notifier_counter('M'), &first)) ||
        !row_found(row_get_number(turn, notifier_counter('m'), &last)))
        return;
    first = first > 0 ? first : 1;
    for (uint64_t id = first; id <= last && id < first + WALK_MAX && postmen_free(postmen); id++)
        if (row_found(s_get(turn, id, &mail)))
            s_look_at(turn, postmen, mail);
}

void mail_tick(turn_t *turn)
{
    postmen_t *postmen = *s_postmen(turn_soft(turn));
    delivery_t delivery;
    if (postmen == NULL)
        return;
    while (postmen_result(postmen, &delivery))
        s_note(turn, &delivery);
    s_walk(turn, postmen);
}
