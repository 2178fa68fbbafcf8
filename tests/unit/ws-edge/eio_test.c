/* eio_test.c - packets of Engine.IO 3 and 4 in every shape they travel in, and what is none. */
#include "ws-edge/eio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"

#define TEXT(type, text)                   \
    {                                      \
        EIO_##type, false, SLICE_LIT(text) \
    }
#define BYTES(bytes)                        \
    {                                       \
        EIO_MESSAGE, true, SLICE_LIT(bytes) \
    }
#define RS "\x1e"

#define V4           \
    {                \
        EIO_4, false \
    }
#define V3           \
    {                \
        EIO_3, false \
    }
#define V3_BASE64   \
    {               \
        EIO_3, true \
    }

static arena_t *s_arena;

static int s_setup(void **state)
{
    (void)state;
    s_arena = arena_new();
    return 0;
}

static int s_teardown(void **state)
{
    (void)state;
    arena_destroy(&s_arena);
    return 0;
}

static void s_assert_packet(const eio_packet_t *got, const eio_packet_t *want)
{
    assert_int_equal(got->type, want->type);
    assert_int_equal(got->binary, want->binary);
    assert_int_equal(got->data.len, want->data.len);
    assert_true(slice_eq(got->data, want->data));
}

/* ---- payloads ---- */

typedef struct sample {
    eio_peer_t peer;
    bool octets;
    slice_t payload;
    size_t count;
    eio_packet_t packets[3];
} sample_t;

static void s_assert_both_ways(const sample_t *sample)
{
    buf_t out = {0};
    eio_packets_t read = {0};
    bool octets = eio_payload_put(&out, sample->peer, sample->packets, sample->count);
    assert_int_equal(octets, sample->octets);
    if (!slice_eq(buf_slice(&out), sample->payload))
        fail_msg("%.*s, not %.*s", SLICE_ARG(buf_slice(&out)), SLICE_ARG(sample->payload));
    assert_int_equal(
        eio_payload_read(sample->peer.version, octets, sample->payload, s_arena, &read), ERR_OK);
    assert_int_equal(read.count, sample->count);
    for (size_t i = 0; i < read.count; i++)
        s_assert_packet(&read.items[i], &sample->packets[i]);
    buf_free(&out);
}

static const sample_t s_samples[] = {
    {V4, false, SLICE_LIT("2"), 1, {TEXT(PING, "")}},
    {V4,
     false,
     SLICE_LIT("4hello" RS "2" RS "4world"),
     3,
     {TEXT(MESSAGE, "hello"), TEXT(PING, ""), TEXT(MESSAGE, "world")}},
    {V4, false, SLICE_LIT("4hello" RS "bAQIDBA=="), 2, {TEXT(MESSAGE, "hello"), BYTES("\1\2\3\4")}},
    {V4, false, SLICE_LIT("b"), 1, {BYTES("")}},
    {V4, false, SLICE_LIT("4\xe2\x82\xac"), 1, {TEXT(MESSAGE, "\xe2\x82\xac")}},

    {V3, false, SLICE_LIT("1:6"), 1, {TEXT(NOOP, "")}},
    {V3,
     false,
     SLICE_LIT("6:4hello2:4\xe2\x82\xac"),
     2,
     {TEXT(MESSAGE, "hello"), TEXT(MESSAGE, "\xe2\x82\xac")}},
    {V3,
     false,
     SLICE_LIT("3:4\xf0\x9f\x98\x80"
               "1:2"),
     2,
     {TEXT(MESSAGE, "\xf0\x9f\x98\x80"), TEXT(PING, "")}},
    {V3, false, SLICE_LIT("11:4a:b,2:cdef"), 1, {TEXT(MESSAGE, "a:b,2:cdef")}},
    {V3_BASE64,
     false,
     SLICE_LIT("2:4\xe2\x82\xac"
               "10:b4AQIDBA=="),
     2,
     {TEXT(MESSAGE, "\xe2\x82\xac"), BYTES("\1\2\3\4")}},

    {V3,
     true,
     SLICE_LIT("\0\4\xff"
               "4\xe2\x82\xac"
               "\1\5\xff"
               "\4\1\2\3\4"),
     2,
     {TEXT(MESSAGE, "\xe2\x82\xac"), BYTES("\1\2\3\4")}},
    {V3,
     true,
     SLICE_LIT("\1\1\0\xff"
               "\4"
               "\0\1\2\3\4\xff\x06\x07\x08"),
     1,
     {BYTES("\0\1\2\3\4\xff\x06\x07\x08")}},
};

static void test_payloads_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(s_samples); i++)
        s_assert_both_ways(&s_samples[i]);
}

typedef struct refusal {
    eio_version_t version;
    bool octets;
    slice_t payload;
} refusal_t;

static const refusal_t s_refused[] = {
    {EIO_4, false, SLICE_LIT("")},
    {EIO_4, false, SLICE_LIT(RS)},
    {EIO_4, false, SLICE_LIT("4a" RS)},
    {EIO_4, false, SLICE_LIT(RS "4a")},
    {EIO_4, false, SLICE_LIT("4a" RS RS "4b")},
    {EIO_4, false, SLICE_LIT("7")},
    {EIO_4, false, SLICE_LIT("a")},
    {EIO_4, false, SLICE_LIT("/")},
    {EIO_4, false, SLICE_LIT("bAQID!A==")},
    {EIO_4, false, SLICE_LIT("bAQIDBA")},
    {EIO_4, false, SLICE_LIT("4\xff")},
    {EIO_4, false, SLICE_LIT("4\0")},
    {EIO_4, true, SLICE_LIT("4a")},

    {EIO_3, false, SLICE_LIT("")},
    {EIO_3, false, SLICE_LIT("1")},
    {EIO_3, false, SLICE_LIT(":6")},
    {EIO_3, false, SLICE_LIT("0:")},
    {EIO_3, false, SLICE_LIT("1:")},
    {EIO_3, false, SLICE_LIT("1:8")},
    {EIO_3, false, SLICE_LIT("-1:6")},
    {EIO_3, false, SLICE_LIT("+1:6")},
    {EIO_3, false, SLICE_LIT(" 1:6")},
    {EIO_3, false, SLICE_LIT("1:61")},
    {EIO_3, false, SLICE_LIT("3:4a")},
    {EIO_3, false, SLICE_LIT("4:4\xe2\x82\xac")},     /* a length in bytes */
    {EIO_3, false, SLICE_LIT("2:4\xf0\x9f\x98\x80")}, /* half of a pair */
    {EIO_3, false, SLICE_LIT("99999999:4")},
    {EIO_3, false, SLICE_LIT("18446744073709551617:4")},
    {EIO_3, false, SLICE_LIT("6:bAQID")},
    {EIO_3, false, SLICE_LIT("6:b2AQID")},

    {EIO_3, true,
     SLICE_LIT("\2\1\xff"
               "6")},
    {EIO_3, true, SLICE_LIT("\0")},
    {EIO_3, true, SLICE_LIT("\0\1")},
    {EIO_3, true, SLICE_LIT("\0\xff")},
    {EIO_3, true, SLICE_LIT("\0\1\xff")},
    {EIO_3, true,
     SLICE_LIT("\0\2\xff"
               "6")},
    {EIO_3, true, SLICE_LIT("\0\0\xff")},
    {EIO_3, true, SLICE_LIT("\1\0\xff")},
    {EIO_3, true,
     SLICE_LIT("\0"
               "1\xff"
               "6")}, /* '1' and not 1 */
    {EIO_3, true,
     SLICE_LIT("\1\2\xff"
               "\2a")}, /* a binary ping */
    {EIO_3, true,
     SLICE_LIT("\0\2\xff"
               "4\xff")},
    {EIO_3, true,
     SLICE_LIT("\0\1\1\1\1\1\1\1\1\xff"
               "4")},
};

static void test_payloads_are_read_strictly(void **state)
{
    eio_packets_t packets = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(s_refused); i++) {
        const refusal_t *it = &s_refused[i];
        if (eio_payload_read(it->version, it->octets, it->payload, s_arena, &packets) !=
            ERR_MALFORMED)
            fail_msg("number %d is taken: %.*s", (int)i, SLICE_ARG(it->payload));
    }
    assert_null(packets.items);
}

/* What lies behind the payload would be packets. */
static void test_a_length_may_not_pass_the_end(void **state)
{
    static const char memory[] = "\1\3\xff\4"
                                 "ab\1\1\xff\4\1\1\xff\4\1\1\xff\4";
    eio_packets_t packets = {0};
    (void)state;
    assert_int_equal(eio_payload_read(EIO_3, true, slice_new(memory, 5), s_arena, &packets),
                     ERR_MALFORMED);
    assert_int_equal(eio_payload_read(EIO_3, true, slice_new(memory, 6), s_arena, &packets),
                     ERR_OK);
    assert_int_equal(packets.count, 1);
}

static err_t s_read_pings(size_t count)
{
    buf_t payload = {0};
    eio_packets_t packets = {0};
    for (size_t i = 0; i < count; i++)
        buf_append_text(&payload, i == 0 ? "2" : RS "2");
    err_t err = eio_payload_read(EIO_4, false, buf_slice(&payload), s_arena, &packets);
    assert_int_equal(packets.count, err == ERR_OK ? count : 0);
    buf_free(&payload);
    return err;
}

static err_t s_read_message(size_t size)
{
    buf_t payload = {0};
    eio_packets_t packets = {0};
    memset(buf_reserve(&payload, size), '4', size);
    payload.len = size;
    err_t err = eio_payload_read(EIO_4, false, buf_slice(&payload), s_arena, &packets);
    buf_free(&payload);
    return err;
}

static void test_payloads_have_bounds(void **state)
{
    (void)state;
    assert_int_equal(s_read_pings(EIO_PACKETS_MAX), ERR_OK);
    assert_int_equal(s_read_pings(EIO_PACKETS_MAX + 1), ERR_TOO_LARGE);
    assert_int_equal(s_read_message(EIO_PAYLOAD_MAX), ERR_OK);
    assert_int_equal(s_read_message(EIO_PAYLOAD_MAX + 1), ERR_TOO_LARGE);
}

/* ---- frames ---- */

typedef struct frame {
    eio_peer_t peer;
    bool binary;
    slice_t bytes;
    eio_packet_t packet;
} frame_t;

static const frame_t s_frames[] = {
    {V4, false, SLICE_LIT("2probe"), TEXT(PING, "probe")},
    {V4, true, SLICE_LIT("\4\1"), BYTES("\4\1")},
    {V4, true, SLICE_LIT(""), BYTES("")},
    {V3, false, SLICE_LIT("5"), TEXT(UPGRADE, "")},
    {V3, true, SLICE_LIT("\4\4\1"), BYTES("\4\1")},
    {V3_BASE64, false, SLICE_LIT("b4BAE="), BYTES("\4\1")},
};

static void test_frames_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(s_frames); i++) {
        const frame_t *it = &s_frames[i];
        eio_packet_t read;
        buf_t out = {0};
        assert_int_equal(eio_frame_put(&out, it->peer, &it->packet), it->binary);
        assert_true(slice_eq(buf_slice(&out), it->bytes));
        assert_int_equal(eio_frame_read(it->peer.version, it->binary, it->bytes, s_arena, &read),
                         ERR_OK);
        s_assert_packet(&read, &it->packet);
        buf_free(&out);
    }
}

static void test_frames_are_read_strictly(void **state)
{
    eio_packet_t read;
    (void)state;
    assert_int_equal(eio_frame_read(EIO_4, false, SLICE_LIT(""), s_arena, &read), ERR_MALFORMED);
    assert_int_equal(eio_frame_read(EIO_4, false, SLICE_LIT("9"), s_arena, &read), ERR_MALFORMED);
    assert_int_equal(eio_frame_read(EIO_3, true, SLICE_LIT(""), s_arena, &read), ERR_MALFORMED);
    assert_int_equal(eio_frame_read(EIO_3, true, SLICE_LIT("\5a"), s_arena, &read), ERR_MALFORMED);
    assert_int_equal(eio_frame_read(EIO_3, false, SLICE_LIT("b"), s_arena, &read), ERR_MALFORMED);
}

static void test_open_packet(void **state)
{
    eio_open_t open = {SLICE_LIT("abc_-1"), true, 25000, 20000};
    buf_t out = {0};
    (void)state;
    eio_open_put(&out, &open);
    assert_true(slice_is(buf_slice(&out),
                         "{\"sid\":\"abc_-1\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
                         "\"pingTimeout\":20000,\"maxPayload\":1000000}"));
    buf_reset(&out);
    open.upgrades = false;
    eio_open_put(&out, &open);
    assert_non_null(memmem(out.data, out.len, "\"upgrades\":[],", 14));
    buf_free(&out);
}

/* ---- JSONP ---- */

static void test_jsonp_is_a_script(void **state)
{
    static const char *const refused[] = {"", "a", "1a", "-1", "0];alert(1)//", "12345678901"};
    buf_t out = {0};
    (void)state;
    slice_t payload = SLICE_LIT("9:4\"\\\n</\xe2\x80\xa8\xe2\x80\xa9\xe2\x82\xac");
    assert_int_equal(eio_jsonp_put(&out, SLICE_LIT("12"), payload), ERR_OK);
    assert_true(
        slice_is(buf_slice(&out), "___eio[12](\"9:4\\\"\\\\\\n</\\u2028\\u2029\xe2\x82\xac\");"));
    buf_reset(&out);
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_int_equal(eio_jsonp_put(&out, slice_of(refused[i]), payload), ERR_MALFORMED);
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

static void test_jsonp_is_a_form(void **state)
{
    static const struct {
        const char *form, *payload;
    } forms[] = {
        {"d=1%3A2", "1:2"},
        {"d=6%3A4a+b%2Bc", "6:4a b+c"},
        {"x=1&d=3:4%5Cnb", "3:4\nb"},
        {"d=5:4%5C%5Cnb", "5:4\\nb"},
        {"d=5:4%5C%5C%5Cnb", "5:4\\\\nb"},
        {"d=3:4%5Ct", "3:4\\t"},
        {"d=", ""},
    };
    slice_t payload = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        assert_int_equal(eio_jsonp_read(slice_of(forms[i].form), s_arena, &payload), ERR_OK);
        assert_true(slice_is(payload, forms[i].payload));
    }
    assert_int_equal(eio_jsonp_read(SLICE_LIT("e=1"), s_arena, &payload), ERR_MALFORMED);
    assert_int_equal(eio_jsonp_read(SLICE_LIT(""), s_arena, &payload), ERR_MALFORMED);
    assert_int_equal(eio_jsonp_read(SLICE_LIT("d=%4"), s_arena, &payload), ERR_MALFORMED);
    assert_int_equal(eio_jsonp_read(SLICE_LIT("d=%00"), s_arena, &payload), ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payloads_both_ways),
        cmocka_unit_test(test_payloads_are_read_strictly),
        cmocka_unit_test(test_a_length_may_not_pass_the_end),
        cmocka_unit_test(test_payloads_have_bounds),
        cmocka_unit_test(test_frames_both_ways),
        cmocka_unit_test(test_frames_are_read_strictly),
        cmocka_unit_test(test_open_packet),
        cmocka_unit_test(test_jsonp_is_a_script),
        cmocka_unit_test(test_jsonp_is_a_form),
    };
    return cmocka_run_group_tests(tests, s_setup, s_teardown);
}
