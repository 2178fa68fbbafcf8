/* letter.c - what the mails say.
 *
 * Plain text, lines ending with CRLF.  A mail with a link says why it came; a digest has its
 * own lines, and a link in its head that ends digests at a click (RFC 8058).  A link is longer
 * than 78 characters and stands on a line of its own, unbroken, within the 998 that a line may
 * have. */
#include "actors/notifier/letter.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LINE_SIZE = 1024, DATE_SIZE = 64 };

/* What is said for each purpose. */
typedef struct wording {
    const char *subject;
    const char *why;
    const char *otherwise;
} wording_t;

static const wording_t s_wordings[] = {
    [purpose_VERIFY] = {"Confirm your e-mail address",
                        "please confirm that this is your e-mail address:",
                        "If you have not signed up, you need not do anything."},
    [purpose_RESET] = {"Set a new password", "here you can set a new password:",
                       "If you have not asked for this, you need not do anything: your password is "
                       "as it was."},
    [purpose_DIGEST] = {"What you have not read yet", "this has come while you were away:",
                        "You need not get such mails: switch off `digest` in your preferences, or "
                        "unsubscribe."},
};

bool letter_fit(slice_t address)
{
    const uint8_t *at = memchr(address.ptr, '@', address.len);
    for (size_t i = 0; i < address.len; i++)
        if (address.ptr[i] <= ' ' || address.ptr[i] == 0x7f ||
            strchr("<>(),;:\\\"[]", address.ptr[i]) != NULL)
            return false;
    return at != NULL && at != address.ptr && at + 1 < address.ptr + address.len;
}

static void s_line(buf_t *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void s_line(buf_t *out, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list values;
    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    buf_append(out, slice_of(line));
    buf_append(out, SLICE_LIT("\r\n"));
}

/* In the words of RFC 5322, section 3.3, whatever the locale. */
static const char *s_date(time_t at, char date[DATE_SIZE])
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm utc;
    gmtime_r(&at, &utc);
    snprintf(date, DATE_SIZE, "%s, %02d %s %d %02d:%02d:%02d +0000", days[utc.tm_wday], utc.tm_mday,
             months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    return date;
}

/* The way to end digests without signing in, if the server knows its own address. */
static void s_write_way_out(buf_t *out, const char *public_url, slice_t id)
{
    if (*public_url == '\0')
        return;
    s_line(out, "List-Unsubscribe: <%s/v1/unsubscriptions/%.*s>", public_url, SLICE_ARG(id));
    s_line(out, "List-Unsubscribe-Post: List-Unsubscribe=One-Click");
}

static const char *s_domain(const char *address)
{
    const char *at = strrchr(address, '@');
    return at != NULL ? at + 1 : "localhost";
}

static bool s_is_ascii(slice_t text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= 0x80)
            return false;
    return true;
}

static void s_write_head(buf_t *out, const mail_options_t *options, const mail_t *mail)
{
    char date[DATE_SIZE];
    s_line(out, "From: <%s>", options->from);
    s_line(out, "To: <%.*s>", SLICE_ARG(mail->email));
    s_line(out, "Subject: %s", s_wordings[mail->purpose].subject);
    s_line(out, "Date: %s", s_date(time(NULL), date));
    s_line(out, "Message-ID: <mail.%llu.%llx@%s>", (unsigned long long)mail->id,
           (unsigned long long)mail->expires, s_domain(options->from));
    s_line(out, "Auto-Submitted: auto-generated");
    s_line(out, "MIME-Version: 1.0");
    s_line(out, "Content-Type: text/plain; charset=utf-8");
    s_line(out, "Content-Transfer-Encoding: %s",
           s_is_ascii(mail->username) && s_is_ascii(mail->text) ? "7bit" : "8bit");
}

/* The page's address with the id in its place; the bare id if there is no page. */
static void s_write_link(buf_t *out, const char *page, slice_t id)
{
    const char *place = strstr(page, "{id}");
    if (place == NULL)
        s_line(out, "%s%.*s", page, SLICE_ARG(id));
    else
        s_line(out, "%.*s%.*s%s", (int)(place - page), page, SLICE_ARG(id), place + strlen("{id}"));
}

static void s_write_request(buf_t *out, const mail_options_t *options, const mail_t *mail,
                            slice_t id)
{
    char date[DATE_SIZE];
    const wording_t *wording = &s_wordings[mail->purpose];
    bool verifies = mail->purpose == purpose_VERIFY;
    s_line(out, "%s", wording->why);
    s_line(out, "%s", "");
    s_write_link(out, verifies ? options->verify_link : options->reset_link, id);
    s_line(out, "%s", "");
    s_line(out, "It can be used once, until %s.", s_date((time_t)(mail->expires / 1000000), date));
    s_line(out, "%s", wording->otherwise);
}

static void s_write_digest(buf_t *out, const mail_options_t *options, const mail_t *mail)
{
    const wording_t *wording = &s_wordings[purpose_DIGEST];
    s_line(out, "%s", wording->why);
    s_line(out, "%s", "");
    buf_append(out, mail->text);
    s_line(out, "%s", "");
    if (*options->inbox_link != '\0')
        s_line(out, "%s\r\n", options->inbox_link);
    s_line(out, "%s", wording->otherwise);
}

void letter_write(buf_t *out, const mail_options_t *options, const mail_t *mail, slice_t id)
{
    bool digest = mail->purpose == purpose_DIGEST;
    s_write_head(out, options, mail);
    if (digest)
        s_write_way_out(out, options->public_url, id);
    s_line(out, "%s", "");
    s_line(out, "Hello %.*s,", SLICE_ARG(mail->username));
    s_line(out, "%s", "");
    if (digest)
        s_write_digest(out, options, mail);
    else
        s_write_request(out, options, mail, id);
}
