/* mailing.c - settings become the postmen's options. */
#include "broker/mailing.h"

#include <string.h>

#include "actors/notifier/letter.h"
#include "schema/mem.h"

/* Which setting is which text. */
#define TEXTS(X)                           \
    X(data, "data")                        \
    X(server, "smtp.server")               \
    X(user, "smtp.user")                   \
    X(password_file, "smtp.password_file") \
    X(from, "smtp.from")                   \
    X(verify_link, "mail.verify_link")     \
    X(reset_link, "mail.reset_link")

mail_options_t *mailing_new(const config_t *config)
{
    mail_options_t *mailing = mem_new(mail_options_t);
#define TEXT(field, key) mailing->field = mem_text(config_get(config, key));
    TEXTS(TEXT)
#undef TEXT
    mailing->plain = config_is(config, "smtp.tls", "offered");
    return mailing;
}

void mailing_destroy(mail_options_t **mailing_p)
{
    mail_options_t *mailing = *mailing_p;
    if (mailing == NULL)
        return;
    *mailing_p = NULL;
#define TEXT(field, key) mem_free((void *)(uintptr_t)mailing->field);
    TEXTS(TEXT)
#undef TEXT
    mem_free(mailing);
}

const char *mailing_fault(const config_t *config)
{
    const char *server = config_get(config, "smtp.server");
    bool known = strncmp(server, "smtp://", 7) == 0 || strncmp(server, "smtps://", 8) == 0;
    if (*server != '\0' && !known)
        return "setting `smtp.server` takes smtp://HOST:PORT or smtps://HOST:PORT";
    if (!letter_fit(slice_of(config_get(config, "smtp.from"))))
        return "setting `smtp.from` takes an address such as chat@example.org";
    return NULL;
}
