/* trust_test.c - who is trusted, and how far a trail of proxies is followed. */
#include "ws-edge/trust.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "schema/mem.h"

static trust_t *s_trust(const char *text)
{
    trust_t *trust = NULL;
    slice_t fault;
    assert_int_equal(trust_read(text, &trust, &fault), ERR_OK);
    return trust;
}

static address_t s_address(const char *text)
{
    address_t address = {.kind = ADDRESS_UNIX};
    assert_true(strcmp(text, "unix") == 0 || address_read(slice_of(text), &address));
    return address;
}

static bool s_has(const char *list, const char *text)
{
    trust_t *trust = s_trust(list);
    address_t address = s_address(text);
    bool has = trust_has(trust, &address);
    trust_destroy(&trust);
    return has;
}

static void test_addresses_and_networks(void **state)
{
    (void)state;
    assert_true(s_has("192.0.2.7", "192.0.2.7"));
    assert_false(s_has("192.0.2.7", "192.0.2.6"));
    assert_true(s_has("192.0.2.7", "::ffff:192.0.2.7"));
    assert_true(s_has("10.0.0.0/8, fd00::/8", "10.255.0.1"));
    assert_true(s_has("10.0.0.0/8, fd00::/8", "fdff::1"));
    assert_false(s_has("10.0.0.0/8, fd00::/8", "11.0.0.1"));
    assert_false(s_has("10.0.0.0/8, fd00::/8", "fe00::1"));
    assert_true(s_has("172.16.0.0/12", "172.31.255.255"));
    assert_false(s_has("172.16.0.0/12", "172.32.0.0"));
    assert_true(s_has("0.0.0.0/0", "8.8.8.8"));
    assert_false(s_has("0.0.0.0/0", "2001:db8::1"));
    assert_true(s_has("::/0", "8.8.8.8"));
}

static void test_nobody_is_trusted_unasked(void **state)
{
    address_t loopback = s_address("127.0.0.1");
    (void)state;
    assert_false(trust_has(NULL, &loopback));
    assert_false(s_has("", "127.0.0.1"));
    assert_false(s_has(NULL, "::1"));
    assert_false(s_has("127.0.0.1", "unix"));
    assert_true(s_has("unix", "unix"));
    assert_false(s_has("unix", "127.0.0.1"));
}

static void test_what_is_no_network_is_named(void **state)
{
    static const char *const bad[] = {"10.0.0.0/33", "fd00::/129", "10.0.0.0/",  "10.0.0/8",
                                      "/8",          "localhost",  "10.0.0.0/+8"};
    trust_t *trust = NULL;
    slice_t fault;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(trust_read(bad[i], &trust, &fault), ERR_INVALID);
        assert_true(slice_is(fault, bad[i]));
    }
    assert_int_equal(trust_read("unix, 10.0.0.1 nobody 10.0.0.2", &trust, &fault), ERR_INVALID);
    assert_true(slice_is(fault, "nobody"));
    assert_null(trust);
}

/* A request from `peer` with these header lines, each "Name: value". */
static void s_assert_sender(const char *peer, const char *first, const char *second,
                            const char *expected, bool secure)
{
    static const char trusted[] = "10.0.0.0/8 fd00::/8 unix";
    static request_t request;
    const char *lines[] = {first, second};
    char text[ADDRESS_TEXT_SIZE];
    sender_t sender = {.address = s_address(peer)};
    trust_t *trust = s_trust(trusted);
    request.header_count = 0;
    for (size_t i = 0; i < COUNT_OF(lines) && lines[i] != NULL; i++) {
        const char *colon = strchr(lines[i], ':');
        request.headers[request.header_count++] =
            (header_t){slice_new(lines[i], (size_t)(colon - lines[i])), slice_of(colon + 2)};
    }
    trust_follow(trust, &request, &sender);
    address_write(&sender.address, text);
    assert_string_equal(text, expected);
    assert_int_equal(sender.secure, secure);
    trust_destroy(&trust);
}

static void test_a_trusted_proxy_is_believed(void **state)
{
    (void)state;
    s_assert_sender("10.0.0.1", "X-Forwarded-For: 192.0.2.7", NULL, "192.0.2.7", false);
    s_assert_sender("unix", "x-forwarded-for: 2001:db8::7", NULL, "2001:db8::7", false);
    s_assert_sender("10.0.0.1", "X-Forwarded-For: 192.0.2.7:4711", NULL, "192.0.2.7", false);
    s_assert_sender("10.0.0.1", "X-Forwarded-For: [2001:db8::7]:1", NULL, "2001:db8::7", false);
    s_assert_sender("10.0.0.1", "X-Forwarded-Proto: https", NULL, "10.0.0.1", true);
    s_assert_sender("10.0.0.1", "X-Forwarded-Proto: http", NULL, "10.0.0.1", false);
    s_assert_sender("10.0.0.1", "X-Forwarded-Proto: https, http", NULL, "10.0.0.1", false);
}

static void test_anybody_else_is_not(void **state)
{
    (void)state;
    s_assert_sender("192.0.2.1", "X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https",
                    "192.0.2.1", false);
    s_assert_sender("127.0.0.1", "X-Forwarded-For: 192.0.2.7", NULL, "127.0.0.1", false);
}

static void test_the_trail_is_followed_as_far_as_trust_goes(void **state)
{
    (void)state;
    s_assert_sender("10.0.0.1", "X-Forwarded-For: 198.51.100.9, 192.0.2.7, 10.0.0.2", NULL,
                    "192.0.2.7", false);
    s_assert_sender("10.0.0.1", "X-Forwarded-For: 192.0.2.7", "X-Forwarded-For: fd00::2",
                    "192.0.2.7", false);
    s_assert_sender("10.0.0.1", "X-Forwarded-For: 192.0.2.7", "X-Forwarded-For: nobody", "10.0.0.1",
                    false);
    s_assert_sender("10.0.0.1", "X-Forwarded-For: 192.0.2.7, unknown, 10.0.0.2", NULL, "10.0.0.2",
                    false);
    s_assert_sender("10.0.0.1", "X-Forwarded-For: 10.0.0.3, 10.0.0.2", NULL, "10.0.0.3", false);
    s_assert_sender("10.0.0.1", "X-Forwarded-For: ,", NULL, "10.0.0.1", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_and_networks),
        cmocka_unit_test(test_nobody_is_trusted_unasked),
        cmocka_unit_test(test_what_is_no_network_is_named),
        cmocka_unit_test(test_a_trusted_proxy_is_believed),
        cmocka_unit_test(test_anybody_else_is_not),
        cmocka_unit_test(test_the_trail_is_followed_as_far_as_trust_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
