/* dispatch.c - a connection each: what goes out is little, and its receivers are few. */
#include "actors/dispatch.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "actors/outside.h"
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

/* What sort of addresses a wary one was led to. */
typedef struct border {
    bool inside;
    bool outside;
} border_t;

/* Looks at the address that is really connected to, whatever a name stood for before. */
static curl_socket_t s_on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    border_t *border = ctx;
    bool outside = purpose == CURLSOCKTYPE_IPCXN && outside_has(&address->addr);
    border->outside = border->outside || outside;
    border->inside = border->inside || !outside;
    if (!outside)
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void s_be_wary(CURL *curl, border_t *border)
{
    s_must(curl_easy_setopt(curl, CURLOPT_PROXY, ""));
    s_must(curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, s_on_socket));
    s_must(curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, border));
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

/* What was answered; nothing was if the status stays 0. */
static void s_read_answer(CURL *curl, dispatch_answer_t *answer)
{
    long status = 0;
    curl_off_t wait_s = 0;
    s_must(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status));
    s_must(curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait_s));
    *answer = (dispatch_answer_t){.status = (int)status, .wait_s = wait_s};
}

err_t dispatch_post(const dispatch_t *dispatch, dispatch_answer_t *ret_answer)
{
    size_t seen = 0;
    border_t border = {0};
    dispatch_start();
    CURL *curl = curl_easy_init();
    assert(curl != NULL);
    struct curl_slist *headers = s_headers(dispatch);
    s_set_up(curl, dispatch, &seen);
    if (dispatch->wary)
        s_be_wary(curl, &border);
    if (dispatch->authorities != NULL)
        s_must(curl_easy_setopt(curl, CURLOPT_CAINFO, dispatch->authorities));
    s_must(curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers));
    *ret_answer = (dispatch_answer_t){0};
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK || code == CURLE_WRITE_ERROR) /* which is an answer, but a long one */
        s_read_answer(curl, ret_answer);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    if (ret_answer->status == 0)
        return border.inside && !border.outside ? ERR_FORBIDDEN : ERR_UNAVAILABLE;
    return ERR_OK;
}

/* ---- places ---- */

static bool s_is_visible(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

/* A name or an address; libcurl has decoded what was written with %. */
static bool s_is_host(const char *host)
{
    const char *kept = host[0] == '[' ? "[]:." : "-._";
    for (const char *at = host; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && strchr(kept, *at) == NULL)
            return false;
    return *host != '\0';
}

static void s_lower(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char)tolower((unsigned char)*text);
}

/* The parts, of which the port is missing where it is the usual one. */
static err_t s_read_place(const char *scheme, char *host, const char *port, dispatch_place_t *place)
{
    struct in_addr four;
    s_lower(host);
    place->secure = strcmp(scheme, "https") == 0;
    place->usual = port == NULL;
    place->literal = host[0] == '[' || inet_pton(AF_INET, host, &four) == 1;
    bool web = (place->secure || strcmp(scheme, "http") == 0) && s_is_host(host);
    int host_len = snprintf(place->host, sizeof place->host, "%s", host);
    snprintf(place->origin, sizeof place->origin, "%s://%s%s%s", scheme, host,
             port != NULL ? ":" : "", port != NULL ? port : "");
    return web && (size_t)host_len < sizeof place->host ? ERR_OK : ERR_INVALID;
}

static err_t s_read_url(const char *url, dispatch_place_t *ret_place)
{
    char *scheme = NULL, *host = NULL, *port = NULL;
    CURLU *parts = curl_url();
    assert(parts != NULL);
    bool read = s_is_visible(url) &&
                curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER) == CURLUE_OK &&
                curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    if (read && curl_url_get(parts, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT) != CURLUE_OK)
        port = NULL;
    err_t err = read ? s_read_place(scheme, host, port, ret_place) : ERR_INVALID;
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    return err;
}

/* A host that is another one when it is read again was hidden behind escapes: `%34` is no
 * name, it is 0.0.0.4. */
err_t dispatch_find(const char *url, dispatch_place_t *ret_place)
{
    dispatch_place_t again;
    err_t err = s_read_url(url, ret_place);
    if (err == ERR_OK)
        err = s_read_url(ret_place->origin, &again);
    return err == ERR_OK && strcmp(again.host, ret_place->host) != 0 ? ERR_INVALID : err;
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
    if (*posting->authorities != '\0')
        s_must(curl_easy_setopt(curl, CURLOPT_CAINFO, posting->authorities));
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
