/* mailing.h - what the settings say of mail, webhooks and pushes, in texts of its own: a reload replaces
 * the settings, and the postmen go on with these. */
#ifndef BROKER_MAILING_H
#define BROKER_MAILING_H

#include "actors/config.h"
#include "actors/notifier/hook.h"
#include "actors/notifier/mail.h"
#include "actors/notifier/push.h"

typedef struct mailing {
    mail_options_t mail;
    hook_options_t hooks;
    push_options_t pushes;
} mailing_t;

mailing_t *mailing_new(const config_t *config);
void mailing_destroy(mailing_t **mailing_p);

/* What does not go together, in a sentence; NULL if all does. */
const char *mailing_fault(const config_t *config);

#endif
