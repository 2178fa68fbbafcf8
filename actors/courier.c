/* courier.c - one connection a parcel: what goes out is little, and its receivers are few. */
#include "actors/courier.h"

#include <assert.h>
#include <pthread.h>

#include <curl/curl.h>

enum { CONNECT_MS = 5000, ANSWER_MAX = 64 * 1024 };

static void s_start(void)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    assert(code == CURLE_OK);
}

void courier_start(void)
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

static struct curl_slist *s_headers(const parcel_t *parcel)
{
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < COURIER_HEADERS_MAX && parcel->headers[i] != NULL; i++) {
        list = curl_slist_append(list, parcel->headers[i]);
        assert(list != NULL);
    }
    return list;
}

/* No signals: other threads are there.  No `Expect`: bodies are small. */
static void s_set_up(CURL *curl, const parcel_t *parcel, size_t *seen)
{
    s_must(curl_easy_setopt(curl, CURLOPT_URL, parcel->url));
    s_must(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https"));
    s_must(curl_easy_setopt(curl, CURLOPT_POST, 1L));
    s_must(curl_easy_setopt(curl, CURLOPT_POSTFIELDS, parcel->body.ptr));
    s_must(curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)parcel->body.len));
    s_must(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L));
    s_must(curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS));
    s_must(curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)COURIER_TIMEOUT_MS));
    s_must(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, s_on_answer));
    s_must(curl_easy_setopt(curl, CURLOPT_WRITEDATA, seen));
    s_must(curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L));
    s_must(curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, s_on_progress));
    s_must(curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)(uintptr_t)parcel->stop));
    s_must(curl_easy_setopt(curl, CURLOPT_USERAGENT, "Kith/" KITH_VERSION));
}

err_t courier_post(const parcel_t *parcel, int *ret_status)
{
    size_t seen = 0;
    long status = 0;
    courier_start();
    CURL *curl = curl_easy_init();
    assert(curl != NULL);
    struct curl_slist *headers = s_headers(parcel);
    s_set_up(curl, parcel, &seen);
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
