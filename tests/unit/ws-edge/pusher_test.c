/* pusher_test.c - what names say about channels, and which are none. */
#include "ws-edge/pusher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"

static void test_kinds_of_channels(void **state)
{
    static const struct {
        const char *name;
        pusher_kind_t kind;
        bool cache, is_signed, spoken;
    } channels[] = {
        {"news", PUSHER_PUBLIC, false, false, false},
        {"cache-news", PUSHER_PUBLIC, true, false, false},
        {"private-chat_1_2", PUSHER_PRIVATE, false, true, true},
        {"private-cache-a", PUSHER_PRIVATE, true, true, true},
        {"private-encrypted-a", PUSHER_ENCRYPTED, false, true, false},
        {"private-encrypted-cache-a", PUSHER_ENCRYPTED, true, true, false},
        {"presence-room", PUSHER_PRESENCE, false, true, true},
        {"presence-cache-room", PUSHER_PRESENCE, true, true, true},
        {"Private-a", PUSHER_PUBLIC, false, false, false},
        {"private", PUSHER_PUBLIC, false, false, false},
        {"private-", PUSHER_PRIVATE, false, true, true},
        {"aZ09_-=@,.;", PUSHER_PUBLIC, false, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(channels); i++) {
        pusher_channel_t got = {0};
        assert_int_equal(pusher_channel_read(slice_of(channels[i].name), &got), ERR_OK);
        assert_true(slice_is(got.name, channels[i].name));
        assert_int_equal(got.kind, channels[i].kind);
        assert_int_equal(got.cache, channels[i].cache);
        assert_null(got.user.ptr);
        assert_int_equal(pusher_kind_signed(got.kind), channels[i].is_signed);
        assert_int_equal(pusher_kind_spoken(got.kind), channels[i].spoken);
    }
}

static void test_the_channel_of_a_user(void **state)
{
    pusher_channel_t got = {0};
    (void)state;
    assert_int_equal(pusher_channel_read(SLICE_LIT("#server-to-user-12"), &got), ERR_OK);
    assert_int_equal(got.kind, PUSHER_USER);
    assert_true(slice_is(got.user, "12"));
    assert_false(pusher_kind_signed(got.kind) || pusher_kind_spoken(got.kind));
}

static void test_what_is_no_channel(void **state)
{
    static const char *const refused[] = {
        "",
        "a b",
        "a:b",
        "a/b",
        "a#b",
        "#a",
        "#server-to-user-",
        "#server-to-user-a:b",
        "a\n",
        "\xc3\xa9",
        "a[",
        "a`",
        "a{",
        "a@b\x7f",
    };
    char long_name[PUSHER_CHANNEL_SIZE_MAX + 2] = {0};
    pusher_channel_t got = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (pusher_channel_read(slice_of(refused[i]), &got) != ERR_INVALID)
            fail_msg("taken: %s", refused[i]);
    assert_int_equal(pusher_channel_read(SLICE_LIT("a\0b"), &got), ERR_INVALID);
    memset(long_name, 'a', PUSHER_CHANNEL_SIZE_MAX);
    assert_int_equal(pusher_channel_read(slice_of(long_name), &got), ERR_OK);
    long_name[PUSHER_CHANNEL_SIZE_MAX] = 'a';
    assert_int_equal(pusher_channel_read(slice_of(long_name), &got), ERR_INVALID);
}

static void test_socket_ids(void **state)
{
    static const char *const bad[] = {
        "",
        ".",
        "1",
        "1.",
        ".1",
        "1.2.3",
        "1.2\n",
        " 1.2",
        "-1.2",
        "1,2",
        "1.a",
        "1:2",
        "111111111111111111111.11111111111111111111",
    };
    (void)state;
    assert_true(pusher_socket_id_valid(SLICE_LIT("1.2")));
    assert_true(pusher_socket_id_valid(SLICE_LIT("11111111111111111111.11111111111111111111")));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (pusher_socket_id_valid(slice_of(bad[i])))
            fail_msg("taken: %s", bad[i]);
}

static void test_client_events(void **state)
{
    char long_name[PUSHER_EVENT_SIZE_MAX + 2] = "client-";
    (void)state;
    assert_true(pusher_client_event_valid(SLICE_LIT("client-typing")));
    assert_false(pusher_client_event_valid(SLICE_LIT("client-")));
    assert_false(pusher_client_event_valid(SLICE_LIT("typing")));
    assert_false(pusher_client_event_valid(SLICE_LIT("pusher:client-a")));
    memset(long_name + 7, 'a', PUSHER_EVENT_SIZE_MAX - 7);
    assert_true(pusher_client_event_valid(slice_of(long_name)));
    long_name[PUSHER_EVENT_SIZE_MAX] = 'a';
    assert_false(pusher_client_event_valid(slice_of(long_name)));
}

static void s_assert_refused(slice_t protocol, int number)
{
    pusher_code_t code = PUSHER_CODE_COUNT_;
    assert_false(pusher_protocol_fits(protocol, &code));
    assert_int_equal(pusher_code_info(code)->number, number);
}

static void test_protocol_versions(void **state)
{
    pusher_code_t code;
    (void)state;
    assert_true(pusher_protocol_fits(SLICE_LIT("7"), &code));
    s_assert_refused((slice_t){0}, 4008);
    s_assert_refused(SLICE_LIT(""), 4006);
    s_assert_refused(SLICE_LIT("7a"), 4006);
    s_assert_refused(SLICE_LIT("-7"), 4006);
    s_assert_refused(SLICE_LIT("4"), 4007);
    s_assert_refused(SLICE_LIT("70"), 4007);
}

/* Clients go by the hundreds: only 43xx leaves the connection open. */
static void test_codes_close_as_clients_think(void **state)
{
    int before = 0;
    (void)state;
    for (int i = 0; i < PUSHER_CODE_COUNT_; i++) {
        const pusher_code_info_t *info = pusher_code_info((pusher_code_t)i);
        assert_true(info->number > before && info->number >= 4000 && info->number <= 4399);
        assert_int_equal(info->closes, info->number < 4300);
        assert_true(strlen(info->sentence) > 0);
        before = info->number;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_of_channels),
        cmocka_unit_test(test_the_channel_of_a_user),
        cmocka_unit_test(test_what_is_no_channel),
        cmocka_unit_test(test_socket_ids),
        cmocka_unit_test(test_client_events),
        cmocka_unit_test(test_protocol_versions),
        cmocka_unit_test(test_codes_close_as_clients_think),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
