/* proxy_test.c - headers of both versions, in pieces, and all that is not quite one. */
#include "ws-edge/proxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

static proxy_state_t s_read(slice_t input, proxy_header_t *header, char text[ADDRESS_TEXT_SIZE])
{
    *header = (proxy_header_t){0};
    proxy_state_t state = proxy_read(input, header);
    address_write(&header->source, text);
    return state;
}

/* Every beginning of a header is a part of it, and what follows is not its own. */
static void s_assert_whole(slice_t whole, const char *source)
{
    char text[ADDRESS_TEXT_SIZE];
    uint8_t longer[PROXY_SIZE_MAX + 4];
    proxy_header_t header;
    for (size_t len = 0; len < whole.len; len++)
        assert_int_equal(s_read(slice_new(whole.ptr, len), &header, text), PROXY_PART);
    slice_t next = SLICE_LIT("GET ");
    memcpy(longer, whole.ptr, whole.len);
    memcpy(longer + whole.len, next.ptr, next.len);
    assert_int_equal(s_read(slice_new(longer, whole.len + 4), &header, text), PROXY_WHOLE);
    assert_int_equal(header.size, whole.len);
    assert_string_equal(text, source);
}

static void s_assert_bad(slice_t input)
{
    char text[ADDRESS_TEXT_SIZE];
    proxy_header_t header;
    if (s_read(input, &header, text) != PROXY_BAD)
        fail_msg("taken: %.*s", SLICE_ARG(input));
}

static void test_version_1_names_the_client(void **state)
{
    (void)state;
    s_assert_whole(SLICE_LIT("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"), "192.0.2.7");
    s_assert_whole(SLICE_LIT("PROXY TCP6 2001:db8::7 2001:db8::1 0 65535\r\n"), "2001:db8::7");
    s_assert_whole(SLICE_LIT("PROXY UNKNOWN\r\n"), "");
    s_assert_whole(SLICE_LIT("PROXY UNKNOWN what ever 1 2\r\n"), "");
}

static void test_version_1_is_read_strictly(void **state)
{
    static const char *const bad[] = {
        "GET / HTTP/1.1\r\n",
        "proxy TCP4 192.0.2.7 198.51.100.1 1 2\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n",
        "PROXY TCP4  192.0.2.7 198.51.100.1 1 2\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 65536\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 01 2\r\n",
        "PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n",
        "PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
        "PROXY TCP6 192.0.2.7 198.51.100.1 1 2\r\n",
        "PROXY UDP4 192.0.2.7 198.51.100.1 1 2\r\n",
        "PROXY \r\n",
        "PROXY \n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        s_assert_bad(slice_of(bad[i]));
}

static void test_version_1_ends_after_107_bytes(void **state)
{
    char text[256];
    (void)state;
    snprintf(text, sizeof text, "PROXY UNKNOWN %091d\r\n", 0);
    assert_int_equal(strlen(text), 107);
    s_assert_whole(slice_of(text), "");
    snprintf(text, sizeof text, "PROXY UNKNOWN %092d\r\n", 0);
    s_assert_bad(slice_of(text));
}

static void test_version_2_names_the_client(void **state)
{
    (void)state;
    s_assert_whole(SLICE_LIT(SIGNATURE "\x21\x11\0\x0c"
                                       "\xc0\0\2\7"
                                       "\xc6\x33\x64\1"
                                       "\1\2\3\4"),
                   "192.0.2.7");
    s_assert_whole(SLICE_LIT(SIGNATURE "\x21\x21\0\x24"
                                       "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7"
                                       "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
                                       "\1\2\3\4"),
                   "2001:db8::7");
}

static void test_version_2_skips_extensions(void **state)
{
    (void)state;
    s_assert_whole(SLICE_LIT(SIGNATURE "\x21\x11\0\x12"
                                       "\xc0\0\2\7"
                                       "\xc6\x33\x64\1"
                                       "\1\2\3\4"
                                       "\4\0\3abc"),
                   "192.0.2.7");
}

static void test_a_health_check_is_the_proxy_itself(void **state)
{
    (void)state;
    s_assert_whole(SLICE_LIT(SIGNATURE "\x20\0\0\0"), "");
    s_assert_whole(SLICE_LIT(SIGNATURE "\x20\x11\0\x0c"
                                       "\xc0\0\2\7"
                                       "\xc6\x33\x64\1"
                                       "\1\2\3\4"),
                   "");
    s_assert_whole(SLICE_LIT(SIGNATURE "\x21\0\0\0"), "");
}

static void test_version_2_is_read_strictly(void **state)
{
    (void)state;
    s_assert_bad(SLICE_LIT("\r\n\r\n\0\r\nQUIT\r"));
    s_assert_bad(SLICE_LIT(SIGNATURE "\x11\x11\0\x0c")); /* another version */
    s_assert_bad(SLICE_LIT(SIGNATURE "\x22\x11\0\x0c")); /* another command */
    s_assert_bad(SLICE_LIT(SIGNATURE "\x21\x12\0\x0c")); /* datagrams */
    s_assert_bad(SLICE_LIT(SIGNATURE "\x21\x11\0\x0b")); /* half an address */
    s_assert_bad(SLICE_LIT(SIGNATURE "\x21\x11\xff\xff"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_1_names_the_client),
        cmocka_unit_test(test_version_1_is_read_strictly),
        cmocka_unit_test(test_version_1_ends_after_107_bytes),
        cmocka_unit_test(test_version_2_names_the_client),
        cmocka_unit_test(test_version_2_skips_extensions),
        cmocka_unit_test(test_a_health_check_is_the_proxy_itself),
        cmocka_unit_test(test_version_2_is_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
