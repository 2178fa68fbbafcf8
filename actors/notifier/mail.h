/* mail.h - mails: queued by an event, carried by postmen, done with by another event.
 *
 * So a mail outlives the process; what happens between the two may happen twice, and carries
 * the same Message-ID then.  Whoever has no mailroom, as in a re-run, sends nothing. */
#ifndef ACTORS_NOTIFIER_MAIL_H
#define ACTORS_NOTIFIER_MAIL_H

#include "actors/actor.h"

/* How mails are made and sent; no text is NULL.  Outlives the actor. */
struct mail_options {
    const char *data;          /* data directory: of the key that signs links, and of the outbox */
    const char *server;        /* smtp://HOST:PORT or smtps://HOST:PORT; empty: the outbox */
    const char *user;          /* to sign in as; empty: not at all */
    const char *password_file; /* with its password */
    const char *authorities;   /* file of those who vouch for the server; empty: the system's */
    const char *from;          /* address of the sender */
    bool plain;                /* TLS is used if the server offers it; else it must */
    const char *verify_link;   /* address of a page, with {id} for the id; empty: the bare id */
    const char *reset_link;    /* the same */
    const char *inbox_link; /* address of a page that shows what a digest speaks of; may be empty */
    const char *public_url; /* of this server, for links that end digests; may be empty */
    int64_t digest_after;   /* µs unread until there is one; 0: there are none */
    int64_t digest_every;   /* µs from one to the next */
    bool mute;              /* in a re-run: nobody is sent anywhere */
};

typedef struct mailroom mailroom_t;

/* For decide and react: a mail is to be sent, under the next number. */
void mail_queue(turn_t *turn, const mail_t *mail);

/* NULL without threads, or a key to sign links with; that is logged. */
mailroom_t *mailroom_new(const mail_options_t *options);
void mailroom_destroy(mailroom_t **mailroom_p);

/* An event is settled: a mail to somebody who was redacted leaves the outbox, too. */
void mailroom_settled(mailroom_t *mailroom, const record_t *record);

/* For recordings: what is on its way, and back. */
void mailroom_keep(const mailroom_t *mailroom, arena_t *arena, notifier_tape_t *kept);
void mailroom_restore(mailroom_t *mailroom, const notifier_tape_t *kept);

/* Once a second: note what the postmen came back with, and give them what is due. */
void mailroom_tick(turn_t *turn, mailroom_t *mailroom);

#endif
