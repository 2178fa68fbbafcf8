/* outside_test.c - addresses at either side of each border. */
#include "actors/outside.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "schema/mem.h"

static bool s_has(const char *text)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (strchr(text, ':') == NULL) {
        assert_int_equal(inet_pton(AF_INET, text, &four.sin_addr), 1);
        return outside_has((const struct sockaddr *)&four);
    }
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return outside_has((const struct sockaddr *)&six);
}

static void test_what_is_outside(void **state)
{
    const char *const all[] = {
        "1.1.1.1",         "8.8.8.8",         "9.255.255.255",   "11.0.0.0",
        "100.63.255.255",  "100.128.0.0",     "126.255.255.255", "128.0.0.0",
        "169.253.0.1",     "169.255.0.0",     "172.15.255.255",  "172.32.0.0",
        "192.167.0.1",     "192.169.0.0",     "198.17.255.255",  "198.20.0.0",
        "223.255.255.255", "2001:4860::8888", "2606:4700::1111", "2a00:1450:4001::5e",
        "2003::1",         "3ffe::1",         "::ffff:8.8.8.8",  "64:ff9b::8.8.8.8",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (!s_has(all[i]))
            fail_msg("%s is inside", all[i]);
}

static void test_what_is_not(void **state)
{
    const char *const all[] = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "4000::1",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (s_has(all[i]))
            fail_msg("%s is outside", all[i]);
}

static void test_no_other_families(void **state)
{
    const struct sockaddr local = {.sa_family = AF_UNIX};
    (void)state;
    assert_false(outside_has(&local));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_outside),
        cmocka_unit_test(test_what_is_not),
        cmocka_unit_test(test_no_other_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
