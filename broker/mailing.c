/* mailing.c - settings become the postmen's options. */
#include "broker/mailing.h"

#include <string.h>

#include "actors/notifier/letter.h"
#include "schema/mem.h"
#include "schema/text.h"

enum { SECONDS_DIGITS = 8, SECONDS_MAX = 366 * 24 * 3600 };

/* Which setting is which text. */
#define TEXTS(X)                                \
    X(mail.data, "data")                        \
    X(mail.server, "smtp.server")               \
    X(mail.user, "smtp.user")                   \
    X(mail.password_file, "smtp.password_file") \
    X(mail.authorities, "smtp.authorities")     \
    X(mail.from, "smtp.from")                   \
    X(mail.verify_link, "mail.verify_link")     \
    X(mail.reset_link, "mail.reset_link")       \
    X(mail.inbox_link, "mail.inbox_link")       \
    X(mail.public_url, "public_url")            \
    X(hooks.urls, "webhook.urls")               \
    X(hooks.authorities, "webhook.authorities") \
    X(hooks.secret_file, "webhook.secret_file") \
    X(pushes.data, "data")                      \
    X(pushes.contact, "push.contact")           \
    X(pushes.trusted, "push.trusted")           \
    X(pushes.authorities, "push.authorities")

static const int64_t SECOND_US = 1000000;

/* Up to a year; -1 for anything else. */
static int64_t s_seconds(const config_t *config, const char *key)
{
    uint64_t seconds;
    bool fine = text_number(slice_of(config_get(config, key)), SECONDS_DIGITS, &seconds) &&
                seconds <= SECONDS_MAX;
    return fine ? (int64_t)seconds : -1;
}

mailing_t *mailing_new(const config_t *config)
{
    mailing_t *mailing = mem_new(mailing_t);
#define TEXT(field, key) mailing->field = mem_text(config_get(config, key));
    TEXTS(TEXT)
#undef TEXT
    mailing->mail.plain = config_is(config, "smtp.tls", "offered");
    mailing->mail.digest_after = s_seconds(config, "digest.after") * SECOND_US;
    mailing->mail.digest_every = s_seconds(config, "digest.every") * SECOND_US;
    mailing->pushes.wait_s = (unsigned)s_seconds(config, "push.wait");
    return mailing;
}

void mailing_destroy(mailing_t **mailing_p)
{
    mailing_t *mailing = *mailing_p;
    if (mailing == NULL)
        return;
    *mailing_p = NULL;
#define TEXT(field, key) mem_free((void *)(uintptr_t)mailing->field);
    TEXTS(TEXT)
#undef TEXT
    mem_free(mailing);
}

static bool s_begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Whether each of the addresses is one. */
static bool s_are_urls(const char *urls)
{
    for (const char *at = urls + strspn(urls, ", "); *at != '\0'; at += strspn(at, ", ")) {
        size_t len = strcspn(at, ", ");
        if (len > LIMIT_HOOK_URL || !(s_begins(at, "http://") || s_begins(at, "https://")))
            return false;
        at += len;
    }
    return true;
}

const char *mailing_fault(const config_t *config)
{
    const char *server = config_get(config, "smtp.server");
    if (*server != '\0' && !s_begins(server, "smtp://") && !s_begins(server, "smtps://"))
        return "setting `smtp.server` takes smtp://HOST:PORT or smtps://HOST:PORT";
    if (!letter_fit(slice_of(config_get(config, "smtp.from"))))
        return "setting `smtp.from` takes an address such as chat@example.org";
    if (!s_are_urls(config_get(config, "webhook.urls")))
        return "setting `webhook.urls` takes addresses that begin with http:// or https://";
    if (*config_get(config, "webhook.urls") != '\0' &&
        *config_get(config, "webhook.secret_file") == '\0')
        return "setting `webhook.urls` needs `webhook.secret_file` too";
    if (s_seconds(config, "digest.after") < 0 || s_seconds(config, "digest.every") < 1)
        return "settings `digest.after` and `digest.every` take seconds, up to a year";
    const char *contact = config_get(config, "push.contact");
    if (*contact != '\0' && !s_begins(contact, "mailto:") && !s_begins(contact, "https://"))
        return "setting `push.contact` takes mailto:you@example.org or an address of https";
    if (s_seconds(config, "push.wait") < 0)
        return "setting `push.wait` takes seconds, up to a year";
    return NULL;
}
