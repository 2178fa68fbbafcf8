#include "tools/kith/into/dial.h"

#include <curl/curl.h>

#include "actors/dispatch.h"
#include "schema/mem.h"

enum { CONNECT_MS = 10000 };

struct dial {
    CURL *curl;
    curl_socket_t fd;
};

static CURLcode s_connect(dial_t *dial, const char *url)
{
    CURLcode code = curl_easy_setopt(dial->curl, CURLOPT_URL, url);
    if (code == CURLE_OK)
        code = curl_easy_setopt(dial->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (code == CURLE_OK)
        code = curl_easy_setopt(dial->curl, CURLOPT_CONNECT_ONLY, 1L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(dial->curl, CURLOPT_NOPROXY, "*");
    if (code == CURLE_OK)
        code = curl_easy_setopt(dial->curl, CURLOPT_NOSIGNAL, 1L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(dial->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    if (code == CURLE_OK)
        code = curl_easy_perform(dial->curl);
    if (code == CURLE_OK)
        code = curl_easy_getinfo(dial->curl, CURLINFO_ACTIVESOCKET, &dial->fd);
    return code;
}

dial_t *dial_open(const char *url, const char **ret_why)
{
    dispatch_start(); /* libcurl, once a process */
    dial_t *dial = mem_new(dial_t);
    dial->curl = curl_easy_init();
    CURLcode code = dial->curl != NULL ? s_connect(dial, url) : CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK)
        return dial;
    *ret_why = curl_easy_strerror(code);
    dial_close(&dial);
    return NULL;
}

void dial_close(dial_t **dial_p)
{
    dial_t *dial = TAKE(*dial_p);
    if (dial == NULL)
        return;
    curl_easy_cleanup(dial->curl); /* accepts NULL */
    mem_free(dial);
}

int dial_fd(const dial_t *dial)
{
    return (int)dial->fd;
}

ssize_t dial_send(dial_t *dial, slice_t bytes)
{
    size_t sent = 0;
    CURLcode code = curl_easy_send(dial->curl, bytes.ptr, bytes.len, &sent);
    if (code == CURLE_AGAIN)
        return 0;
    return code == CURLE_OK ? (ssize_t)sent : -1;
}

ssize_t dial_receive(dial_t *dial, void *at, size_t size)
{
    size_t got = 0;
    CURLcode code = curl_easy_recv(dial->curl, at, size, &got);
    if (code == CURLE_AGAIN)
        return 0;
    return code == CURLE_OK && got > 0 ? (ssize_t)got : -1;
}
