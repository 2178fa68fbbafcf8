/* mail.c - mails with links: who gets one, and what becomes of it.
 *
 * The link is signed on a postman's thread and nowhere else, so that neither the journal nor a
 * row has one that works. */
#include "actors/notifier/mail.h"

#include <assert.h>
#include <stdio.h>

#include "actors/dispatch.h"
#include "actors/log.h"
#include "actors/notifier/letter.h"
#include "actors/notifier/notifier.h"
#include "actors/notifier/outbox.h"
#include "actors/notifier/outgoing.h"
#include "actors/token.h"
#include "schema/mem.h"

enum { POSTMEN = 2, ADDRESS_SIZE = 4 * LIMIT_EMAIL + 1 };

/* Of the link that ends digests: whoever finds the mail later may well be tired of them. */
static const int64_t DIGEST_LINK_LIFE = (int64_t)90 * 24 * 3600 * 1000000; /* µs */

static const outgoing_t s_mails = {
    .places = {.row = 'W', .last = 'm', .first = 'M'},
    .back_off = (int64_t)30 * 1000000,
    .shape = shape_mail,
    .called = "mail",
};

struct mailroom {
    const mail_options_t *options;
    mint_t *mint;
    postmen_t *postmen;
    uint64_t cursor;
};

/* ---- on a postman's thread ---- */

static slice_t s_sign(const mailroom_t *mailroom, const mail_t *mail, arena_t *arena)
{
    bool lasts = mail->purpose == purpose_DIGEST;
    const account_link_t link = {
        .account = mail->account,
        .purpose = mail->purpose,
        .nonce = mail->nonce,
        .expires = mail->expires + (lasts ? DIGEST_LINK_LIFE : 0),
    };
    return token_make_link(mailroom->mint, &link, arena);
}

static void s_send(const mail_options_t *options, const mail_t *mail, slice_t letter,
                   const atomic_bool *stop, delivery_t *delivery)
{
    char reason[DISPATCH_REASON_SIZE], to[ADDRESS_SIZE];
    snprintf(to, sizeof to, "%.*s", SLICE_ARG(mail->email));
    const posting_t posting = {
        .server = options->server,
        .user = options->user,
        .password_file = options->password_file,
        .plain = options->plain,
        .authorities = options->authorities,
        .from = options->from,
        .to = to,
        .letter = letter,
        .stop = stop,
    };
    err_t err = dispatch_mail(&posting, reason);
    if (err != ERR_OK)
        postman_fail(delivery, err == ERR_UNAVAILABLE ? DELIVERY_LATER : DELIVERY_NEVER, reason);
}

static void s_hand_over(const mail_options_t *options, const mail_t *mail, slice_t letter,
                        const atomic_bool *stop, delivery_t *delivery)
{
    if (*options->server != '\0')
        s_send(options, mail, letter, stop, delivery);
    else if (outbox_put(options->data, mail->id, letter) != ERR_OK)
        postman_fail(delivery, DELIVERY_LATER, "the outbox cannot be written");
}

static void s_carry(const void *ctx, slice_t order, const atomic_bool *stop, delivery_t *delivery)
{
    const mailroom_t *mailroom = ctx;
    const void *mail;
    fault_t fault;
    buf_t letter = {0};
    arena_t *arena = arena_new();
    err_t err = codec_unpack(order, shape_mail(), arena, &fault, &mail);
    assert(err == ERR_OK);
    if (letter_fit(((const mail_t *)mail)->email)) {
        letter_write(&letter, mailroom->options, mail, s_sign(mailroom, mail, arena));
        s_hand_over(mailroom->options, mail, buf_slice(&letter), stop, delivery);
    } else {
        postman_fail(delivery, DELIVERY_NEVER, "this is no address");
    }
    buf_free(&letter);
    arena_destroy(&arena);
}

/* ---- the mailroom ---- */

mailroom_t *mailroom_new(const mail_options_t *options)
{
    mailroom_t *mailroom = mem_new(mailroom_t);
    mailroom->options = options;
    err_t err = ERR_OK;
    if (!options->mute) {
        dispatch_start();
        err = mint_open(options->data, &mailroom->mint);
    }
    if (err == ERR_OK)
        mailroom->postmen = postmen_new(POSTMEN, options->mute ? NULL : s_carry, mailroom);
    else
        log_error("notifier", "no mail is sent: %s", err_info(err)->name);
    if (mailroom->postmen == NULL)
        mailroom_destroy(&mailroom);
    return mailroom;
}

void mailroom_destroy(mailroom_t **mailroom_p)
{
    mailroom_t *mailroom = *mailroom_p;
    if (mailroom == NULL)
        return;
    *mailroom_p = NULL;
    postmen_destroy(&mailroom->postmen);
    mint_close(&mailroom->mint);
    mem_free(mailroom);
}

void mailroom_settled(mailroom_t *mailroom, const record_t *record)
{
    const void *body;
    fault_t fault;
    if (record->type != EVENT_mail_queued || !record_is_redacted(record) || mailroom->options->mute)
        return;
    arena_t *arena = arena_new();
    if (codec_unpack(record->body, shape_mail_queued_event(), arena, &fault, &body) == ERR_OK)
        outbox_drop(mailroom->options->data, ((const mail_queued_event_t *)body)->mail->id);
    arena_destroy(&arena);
}

void mailroom_keep(const mailroom_t *mailroom, arena_t *arena, notifier_tape_t *kept)
{
    kept->mail_cursor = mailroom->cursor;
    kept->mailing = postmen_keep(mailroom->postmen, arena);
}

void mailroom_restore(mailroom_t *mailroom, const notifier_tape_t *kept)
{
    mailroom->cursor = kept->mail_cursor;
    postmen_restore(mailroom->postmen, kept->mailing);
}

/* ---- queueing ---- */

void mail_queue(turn_t *turn, const mail_t *mail)
{
    mail_t numbered = *mail;
    if (row_found(outgoing_next(turn, &s_mails, &numbered.id)))
        turn_emit(turn, EVENT_mail_queued, 0, mail->account,
                  &(mail_queued_event_t){.mail = &numbered});
}

void mail_react_link(turn_t *turn, const record_t *record, const void *body)
{
    const link_asked_event_t *link = body;
    const person_t *person;
    (void)record;
    if (link->email.len == 0 || link->expires <= turn_now(turn) ||
        !row_found(person_get(turn, link->account, &person)))
        return;
    mail_queue(turn, &(mail_t){
                         .account = link->account,
                         .email = link->email,
                         .username = person->username,
                         .purpose = link->purpose,
                         .nonce = link->nonce,
                         .expires = link->expires,
                     });
}

void mail_apply_queued(turn_t *turn, const record_t *record, const void *body)
{
    const mail_t *mail = ((const mail_queued_event_t *)body)->mail;
    outgoing_put(turn, &s_mails, mail->id, mail);
    if (record_is_redacted(record)) /* there is nobody to send it to */
        outgoing_remove(turn, &s_mails, mail->id);
    if (mail->purpose == purpose_DIGEST)
        digest_rest(turn, mail->account, record->time);
}

/* ---- what came of it ---- */

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
        outgoing_warn(&s_mails, mail->id, reason, due);
}

static void s_note(turn_t *turn, const delivery_t *delivery)
{
    const void *row;
    if (!row_found(outgoing_get(turn, &s_mails, delivery->number, &row)))
        return;
    const mail_t *mail = row;
    bool again = delivery->outcome == DELIVERY_LATER;
    int64_t due = again ? outgoing_due(&s_mails, mail->tries, mail->expires, turn_now(turn)) : 0;
    s_emit_tried(turn, mail, delivery->outcome == DELIVERY_SENT, due, slice_of(delivery->reason));
}

void mail_apply_tried(turn_t *turn, const record_t *record, const void *body)
{
    const mail_tried_event_t *event = body;
    const void *row;
    (void)record;
    if (!row_found(outgoing_get(turn, &s_mails, event->id, &row)))
        return;
    if (event->sent || event->due == 0) {
        outgoing_remove(turn, &s_mails, event->id);
        return;
    }
    mail_t later = *(const mail_t *)row;
    later.tries++;
    later.due = event->due;
    outgoing_put(turn, &s_mails, later.id, &later);
}

static bool s_look(turn_t *turn, const void *item)
{
    const mail_t *mail = item;
    bool dead = mail->expires <= turn_now(turn);
    if (dead)
        s_emit_tried(turn, mail, false, 0, SLICE_LIT("it has expired"));
    return !dead && mail->due <= turn_now(turn);
}

void mailroom_tick(turn_t *turn, mailroom_t *mailroom)
{
    delivery_t delivery;
    while (postmen_result(mailroom->postmen, turn, &delivery))
        s_note(turn, &delivery);
    outgoing_walk(turn, &s_mails, s_look, mailroom->postmen, &mailroom->cursor);
}
