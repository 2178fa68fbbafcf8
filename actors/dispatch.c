/* dispatch.c - a connection each: what goes out is little, and its receivers are few. */
#include "actors/dispatch.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "schema/limits.h"

enum {
    CONNECT_MS = 5000,
    ANSWER_MAX = 64 * 1024,
    ADDRESS_SIZE = 4 * LIMIT_EMAIL + 3, /* with <> and its end */
    PASSWORD_SIZE = 256,
    REFUSED = 500, /* an answer of SMTP from here on is for good */
};

static void s_start(void)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    assert(code == CURLE_OK);
}

void dispatch_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, s_start);
}

/* libcurl fails here only for want of memory, or by our mistake. */
static void s_must(CURLcode code)
{
    assert(code == CURLE_OK);
}

/* What the receiver says, as far as it keeps itself short. */
static size_t s_on_answer(char *bytes, size_t size, size_t count, void *ctx)
{
    size_t *seen = ctx;
    (void)bytes;
    *seen += size * count;
    return *seen <= ANSWER_MAX ? size * count : 0;
}

static int s_on_progress(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                         curl_off_t up)
{
    const atomic_bool *stop = ctx;
    (void)down_all, (void)down, (void)up_all, (void)up;
    return stop != NULL && atomic_load(stop);
}

static struct curl_slist *s_headers(const dispatch_t *dispatch)
{
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < DISPATCH_HEADERS_MAX && dispatch->headers[i] != NULL; i++) {
        list = curl_slist_append(list, dispatch->headers[i]);
        assert(list != NULL);
    }
    return list;
}

/* No signals: other threads are there. */
static void s_bound(CURL *curl, long timeout_ms, const atomic_bool *stop)
{
    s_must(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L));
    s_must(curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS));
    s_must(curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms));
    s_must(curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L));
    s_must(curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, s_on_progress));
    s_must(curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)(uintptr_t)stop));
}

/* No `Expect`: bodies are small. */
static void s_set_up(CURL *curl, const dispatch_t *dispatch, size_t *seen)
{
    s_bound(curl, DISPATCH_TIMEOUT_MS, dispatch->stop);
    s_must(curl_easy_setopt(curl, CURLOPT_URL, dispatch->url));
    s_must(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https"));
    s_must(curl_easy_setopt(curl, CURLOPT_POST, 1L));
    s_must(curl_easy_setopt(curl, CURLOPT_POSTFIELDS, dispatch->body.ptr));
    s_must(curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)dispatch->body.len));
    s_must(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, s_on_answer));
    s_must(curl_easy_setopt(curl, CURLOPT_WRITEDATA, seen));
    s_must(curl_easy_setopt(curl, CURLOPT_USERAGENT, "Kith/" KITH_VERSION));
}

err_t dispatch_post(const dispatch_t *dispatch, int *ret_status)
{
    size_t seen = 0;
    long status = 0;
    dispatch_start();
    CURL *curl = curl_easy_init();
    assert(curl != NULL);
    struct curl_slist *headers = s_headers(dispatch);
    s_set_up(curl, dispatch, &seen);
    s_must(curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers));
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK || code == CURLE_WRITE_ERROR) /* which is an answer, but a long one */
        s_must(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status));
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    if (status == 0)
        return ERR_UNAVAILABLE;
    *ret_status = (int)status;
    return ERR_OK;
}

/* ---- mail ---- */

static size_t s_on_read(char *to, size_t size, size_t count, void *ctx)
{
    slice_t *left = ctx;
    size_t len = size * count < left->len ? size * count : left->len;
    memcpy(to, left->ptr, len);
    *left = slice_from(*left, len);
    return len;
}

/* The first line of the file; empty without one. */
static void s_read_password(const char *path, char password[PASSWORD_SIZE])
{
    FILE *file = *path != '\0' ? fopen(path, "re") : NULL;
    password[0] = '\0';
    if (file == NULL)
        return;
    if (fgets(password, PASSWORD_SIZE, file) != NULL)
        password[strcspn(password, "\r\n")] = '\0';
    fclose(file);
}

static void s_sign_in(CURL *curl, const posting_t *posting)
{
    char password[PASSWORD_SIZE];
    if (*posting->user == '\0')
        return;
    s_read_password(posting->password_file, password);
    s_must(curl_easy_setopt(curl, CURLOPT_USERNAME, posting->user));
    s_must(curl_easy_setopt(curl, CURLOPT_PASSWORD, password));
    explicit_bzero(password, sizeof password);
}

static struct curl_slist *s_address(CURL *curl, const posting_t *posting)
{
    char from[ADDRESS_SIZE], to[ADDRESS_SIZE];
    snprintf(from, sizeof from, "<%s>", posting->from);
    snprintf(to, sizeof to, "<%s>", posting->to);
    struct curl_slist *list = curl_slist_append(NULL, to);
    assert(list != NULL);
    s_must(curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from));
    s_must(curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, list));
    return list;
}

static void s_set_up_mail(CURL *curl, const posting_t *posting, slice_t *left)
{
    long tls = posting->plain ? CURLUSESSL_TRY : CURLUSESSL_ALL;
    s_bound(curl, DISPATCH_MAIL_TIMEOUT_MS, posting->stop);
    s_must(curl_easy_setopt(curl, CURLOPT_URL, posting->server));
    s_must(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps"));
    s_must(curl_easy_setopt(curl, CURLOPT_USE_SSL, tls));
    s_must(curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L));
    s_must(curl_easy_setopt(curl, CURLOPT_READFUNCTION, s_on_read));
    s_must(curl_easy_setopt(curl, CURLOPT_READDATA, left));
}

/* A sign-in that is refused is the operator's to mend, and no fault of the letter. */
static err_t s_judge(CURLcode code, long answer, char ret_reason[DISPATCH_REASON_SIZE])
{
    if (code == CURLE_OK)
        return ERR_OK;
    bool refused = answer >= REFUSED && code != CURLE_LOGIN_DENIED;
    if (refused)
        snprintf(ret_reason, DISPATCH_REASON_SIZE, "the server answered %ld", answer);
    else
        snprintf(ret_reason, DISPATCH_REASON_SIZE, "%s", curl_easy_strerror(code));
    return refused ? ERR_INVALID : ERR_UNAVAILABLE;
}

err_t dispatch_mail(const posting_t *posting, char ret_reason[DISPATCH_REASON_SIZE])
{
    slice_t left = posting->letter;
    long answer = 0;
    dispatch_start();
    CURL *curl = curl_easy_init();
    assert(curl != NULL);
    struct curl_slist *list = s_address(curl, posting);
    s_set_up_mail(curl, posting, &left);
    s_sign_in(curl, posting);
    CURLcode code = curl_easy_perform(curl);
    s_must(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer));
    curl_slist_free_all(list);
    curl_easy_cleanup(curl);
    return s_judge(code, answer, ret_reason);
}
