/* postman.h - threads that carry mails to a server, or into a folder if there is none.
 *
 * Each has one mail at a time, so a server that is slow or dead keeps a few mails waiting
 * and nothing else. */
#ifndef ACTORS_NOTIFIER_POSTMAN_H
#define ACTORS_NOTIFIER_POSTMAN_H

#include "actors/actor.h"

/* How mails are made and sent; no text is NULL.  Outlives the postmen. */
struct mail_options {
    const char *data;          /* data directory: of the key that signs links, and of the outbox */
    const char *server;        /* smtp://HOST:PORT or smtps://HOST:PORT; empty: the outbox */
    const char *user;          /* to sign in as; empty: not at all */
    const char *password_file; /* with its password */
    const char *from;          /* address of the sender */
    bool plain;                /* TLS is used if the server offers it; else it must */
    const char *verify_link;   /* address of a page, with {id} for the id; empty: the bare id */
    const char *reset_link;    /* the same */
};

/* What became of a mail. */
typedef struct delivery {
    uint64_t mail;
    enum delivery_outcome { DELIVERY_SENT, DELIVERY_LATER, DELIVERY_NEVER } outcome;
    char reason[64]; /* empty if it was sent */
} delivery_t;

typedef struct postmen postmen_t;

/* NULL if there is no thread or no key to sign links with, which is logged. */
postmen_t *postmen_new(const mail_options_t *options);

/* Whoever is on the way turns back. */
void postmen_destroy(postmen_t **postmen_p);

/* Whether one is free, and whether one is on the way with this mail. */
bool postmen_free(const postmen_t *postmen);
bool postmen_have(const postmen_t *postmen, uint64_t mail);

/* Send one who is free. */
void postmen_give(postmen_t *postmen, const mail_t *mail);

/* The next who has come back; false if none has. */
bool postmen_result(postmen_t *postmen, delivery_t *ret_delivery);

#endif
