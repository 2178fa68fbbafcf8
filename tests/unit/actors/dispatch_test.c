/* dispatch_test.c - a post, what its receiver says, and a receiver that says nothing. */
#include "actors/dispatch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* A receiver that takes one request and says `reply`; without one it keeps silent. */
typedef struct receiver {
    pthread_t thread;
    int listener;
    char url[64];
    const char *reply;
    char request[4096];
} receiver_t;

static bool s_is_whole(const char *request)
{
    const char *end = strstr(request, "\r\n\r\n");
    const char *size = strstr(request, "Content-Length: ");
    int len = 0;
    return end != NULL && size != NULL && sscanf(size, "Content-Length: %d", &len) == 1 &&
           strlen(end + 4) >= (size_t)len;
}

static void *s_receive(void *ctx)
{
    receiver_t *receiver = ctx;
    size_t len = 0;
    int fd = accept(receiver->listener, NULL, NULL);
    for (ssize_t more = 1; more > 0 && !s_is_whole(receiver->request); len += (size_t)more) {
        more = read(fd, receiver->request + len, sizeof receiver->request - 1 - len);
        if (more < 0)
            break;
    }
    if (receiver->reply != NULL && write(fd, receiver->reply, strlen(receiver->reply)) < 0)
        perror("write");
    if (receiver->reply == NULL)
        (void)!read(fd, receiver->request, 1); /* until the other side gives up */
    close(fd);
    return NULL;
}

static void s_listen(receiver_t *receiver, const char *reply)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *receiver = (receiver_t){.reply = reply, .listener = socket(AF_INET, SOCK_STREAM, 0)};
    assert_int_equal(bind(receiver->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(receiver->listener, 1), 0);
    assert_int_equal(getsockname(receiver->listener, (struct sockaddr *)&address, &size), 0);
    snprintf(receiver->url, sizeof receiver->url, "http://127.0.0.1:%d/hook",
             ntohs(address.sin_port));
    assert_int_equal(pthread_create(&receiver->thread, NULL, s_receive, receiver), 0);
}

static void s_end(receiver_t *receiver)
{
    pthread_join(receiver->thread, NULL);
    close(receiver->listener);
}

static void test_a_post_arrives_whole(void **state)
{
    receiver_t receiver;
    dispatch_answer_t answer;
    (void)state;
    s_listen(&receiver, "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok");
    dispatch_t dispatch = {
        .url = receiver.url,
        .headers = {"Content-Type: application/json", "X-More: 1"},
        .body = SLICE_LIT("{\"a\":1}"),
    };
    assert_int_equal(dispatch_post(&dispatch, &answer), ERR_OK);
    assert_int_equal(answer.status, 202);
    s_end(&receiver);
    assert_memory_equal(receiver.request, "POST /hook HTTP/1.1\r\n", 21);
    assert_non_null(strstr(receiver.request, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(receiver.request, "\r\nX-More: 1\r\n"));
    assert_non_null(strstr(receiver.request, "\r\n\r\n{\"a\":1}"));
}

static void test_a_redirection_is_an_answer(void **state)
{
    receiver_t receiver;
    dispatch_answer_t answer;
    (void)state;
    s_listen(&receiver, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                        "Content-Length: 0\r\n\r\n");
    dispatch_t dispatch = {.url = receiver.url, .body = SLICE_LIT("x")};
    assert_int_equal(dispatch_post(&dispatch, &answer), ERR_OK);
    assert_int_equal(answer.status, 302);
    s_end(&receiver);
}

static void test_nobody_is_there(void **state)
{
    dispatch_answer_t answer;
    dispatch_t dispatch = {.url = "http://127.0.0.1:1/", .body = SLICE_LIT("x")};
    (void)state;
    assert_int_equal(dispatch_post(&dispatch, &answer), ERR_UNAVAILABLE);
    dispatch.url = "file:///etc/hostname";
    assert_int_equal(dispatch_post(&dispatch, &answer), ERR_UNAVAILABLE);
    assert_int_equal(answer.status, 0);
}

static void test_one_can_give_up(void **state)
{
    receiver_t receiver;
    atomic_bool stop = true;
    dispatch_answer_t answer;
    (void)state;
    s_listen(&receiver, NULL);
    dispatch_t dispatch = {.url = receiver.url, .body = SLICE_LIT("x"), .stop = &stop};
    assert_int_equal(dispatch_post(&dispatch, &answer), ERR_UNAVAILABLE);
    shutdown(receiver.listener, SHUT_RDWR); /* it may not have been reached at all */
    s_end(&receiver);
}

/* It says when it may be asked again, in seconds here. */
static void test_a_receiver_that_is_busy(void **state)
{
    receiver_t receiver;
    dispatch_answer_t answer;
    (void)state;
    s_listen(&receiver, "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 120\r\n"
                        "Content-Length: 0\r\n\r\n");
    dispatch_t dispatch = {.url = receiver.url, .body = SLICE_LIT("x")};
    assert_int_equal(dispatch_post(&dispatch, &answer), ERR_OK);
    assert_int_equal(answer.status, 429);
    assert_int_equal(answer.wait_s, 120);
    s_end(&receiver);
}

/* Nobody accepts there: a connection would be refused, which is another answer. */
static void test_a_wary_one_stays_outside(void **state)
{
    const char *const inside[] = {"http://127.0.0.1:1/",
                                  "http://localhost:1/",
                                  "http://[::1]:1/",
                                  "http://2130706433:1/",
                                  "http://[::ffff:127.0.0.1]:1/",
                                  "http://169.254.169.254/latest/meta-data"};
    dispatch_answer_t answer;
    (void)state;
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        dispatch_t dispatch = {.url = inside[i], .body = SLICE_LIT("x"), .wary = true};
        assert_int_equal(dispatch_post(&dispatch, &answer), ERR_FORBIDDEN);
    }
}

/* ---- places ---- */

static void test_places(void **state)
{
    dispatch_place_t place;
    (void)state;
    assert_int_equal(dispatch_find("https://Push.Example.org/wpush/v2/a?b=c", &place), ERR_OK);
    assert_string_equal(place.origin, "https://push.example.org");
    assert_string_equal(place.host, "push.example.org");
    assert_true(place.secure && place.usual && !place.literal);
    assert_int_equal(dispatch_find("https://push.example.org:443/", &place), ERR_OK);
    assert_string_equal(place.origin, "https://push.example.org");
    assert_int_equal(dispatch_find("https://push.example.org:8443", &place), ERR_OK);
    assert_string_equal(place.origin, "https://push.example.org:8443");
    assert_false(place.usual);
    assert_int_equal(dispatch_find("http://push.example.org/", &place), ERR_OK);
    assert_false(place.secure);
}

static void test_addresses_in_whatever_form(void **state)
{
    const char *const literal[] = {"https://127.0.0.1/",     "https://2130706433/",
                                   "https://0x7f.1/",        "https://[::1]/",
                                   "https://[fe80::1]:443/", "https://[fe80::1%25eth0]/"};
    dispatch_place_t place;
    (void)state;
    for (size_t i = 0; i < sizeof literal / sizeof *literal; i++) {
        assert_int_equal(dispatch_find(literal[i], &place), ERR_OK);
        assert_true(place.literal);
    }
}

static void test_no_places(void **state)
{
    char endless[512] = "https://";
    const char *const none[] = {"",
                                "push.example.org",
                                "https:",
                                "https://",
                                "ftp://example.org/",
                                "file:///etc/passwd",
                                "https://user@example.org/",
                                "https://user:word@example.org/",
                                "https://exa mple.org/",
                                "https://example.org/\r\nX: y",
                                "https://ex\xc3\xa4mple.org/",
                                "https://example.org:99999/",
                                "javascript:alert(1)",
                                "https://exa%2fmple.org/",
                                "https://ex%acmple.org/",
                                "https://%34/",
                                "https://%30x7f.1/",
                                "https://%32130706433/",
                                endless};
    dispatch_place_t place;
    (void)state;
    memset(endless + 8, 'a', sizeof endless - 9);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (dispatch_find(none[i], &place) != ERR_INVALID)
            fail_msg("%s is a place", none[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_post_arrives_whole),
        cmocka_unit_test(test_a_redirection_is_an_answer),
        cmocka_unit_test(test_nobody_is_there),
        cmocka_unit_test(test_one_can_give_up),
        cmocka_unit_test(test_a_receiver_that_is_busy),
        cmocka_unit_test(test_a_wary_one_stays_outside),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_addresses_in_whatever_form),
        cmocka_unit_test(test_no_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
