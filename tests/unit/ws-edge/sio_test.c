/* sio_test.c - Socket.IO's packets both ways, their data, and their attachments. */
#include "ws-edge/sio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* ---- headers ---- */

typedef struct sample {
    const char *text;
    sio_packet_t packet;
} sample_t;

#define ROOT .nsp = SLICE_LIT("/")
#define DATA(text) .data = SLICE_LIT(text)

static void s_assert_same(const sio_packet_t *got, const sio_packet_t *want)
{
    assert_int_equal(got->type, want->type);
    assert_int_equal(got->attachments, want->attachments);
    assert_true(slice_eq(got->nsp, want->nsp));
    assert_true(slice_eq(got->query, want->query));
    assert_int_equal(got->query.ptr != NULL, want->query.ptr != NULL);
    assert_int_equal(got->has_id, want->has_id);
    assert_int_equal(got->id, want->id);
    assert_true(slice_eq(got->data, want->data));
    assert_int_equal(got->data.ptr != NULL, want->data.ptr != NULL);
}

static void test_packets_both_ways(void **state)
{
    static const sample_t samples[] = {
        {"0", {SIO_CONNECT, ROOT}},
        {"0{\"token\":\"x\"}", {SIO_CONNECT, ROOT, DATA("{\"token\":\"x\"}")}},
        {"0/admin,", {SIO_CONNECT, .nsp = SLICE_LIT("/admin")}},
        {"0/admin?a=1/2,", {SIO_CONNECT, .nsp = SLICE_LIT("/admin"), .query = SLICE_LIT("a=1/2")}},
        {"1/admin,", {SIO_DISCONNECT, .nsp = SLICE_LIT("/admin")}},
        {"2[\"hi\"]", {SIO_EVENT, ROOT, DATA("[\"hi\"]")}},
        {"2/api/socket,[\"join\",3]",
         {SIO_EVENT, .nsp = SLICE_LIT("/api/socket"), DATA("[\"join\",3]")}},
        {"2/admin,456[\"x\"]",
         {SIO_EVENT, .nsp = SLICE_LIT("/admin"), .has_id = true, .id = 456, DATA("[\"x\"]")}},
        {"20[\"x\"]", {SIO_EVENT, ROOT, .has_id = true, DATA("[\"x\"]")}},
        {"39007199254740991[]",
         {SIO_ACK, ROOT, .has_id = true, .id = 9007199254740991, DATA("[]")}},
        {"4\"no\"", {SIO_ERROR, ROOT, DATA("\"no\"")}},
        {"51-[\"baz\",{\"_placeholder\":true,\"num\":0}]",
         {SIO_BINARY_EVENT, 1, ROOT, DATA("[\"baz\",{\"_placeholder\":true,\"num\":0}]")}},
        {"62-/admin,7[1]",
         {SIO_BINARY_ACK, 2, .nsp = SLICE_LIT("/admin"), .has_id = true, .id = 7, DATA("[1]")}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        sio_packet_t read = {0};
        buf_t out = {0};
        assert_int_equal(sio_read(slice_of(samples[i].text), &read), ERR_OK);
        s_assert_same(&read, &samples[i].packet);
        sio_put(&out, &read);
        if (!slice_is(buf_slice(&out), samples[i].text))
            fail_msg("%.*s, not %s", SLICE_ARG(buf_slice(&out)), samples[i].text);
        buf_free(&out);
    }
}

static void test_a_comma_may_be_missing(void **state)
{
    sio_packet_t read = {0};
    (void)state;
    assert_int_equal(sio_read(SLICE_LIT("0/api/socket"), &read), ERR_OK);
    assert_true(slice_is(read.nsp, "/api/socket"));
    assert_null(read.data.ptr);
    assert_int_equal(sio_read(SLICE_LIT("0/api/socket?"), &read), ERR_OK);
    assert_true(slice_is(read.nsp, "/api/socket"));
    assert_int_equal(read.query.len, 0);
}

static void test_headers_are_read_strictly(void **state)
{
    static const char *const refused[] = {
        "",
        "0null",
        "2/,/a,[1]",
        "2 [1]",
        "2x",
        "7",
        "a",
        "-1",
        "5",
        "5[\"a\"]",
        "5-[\"a\"]",
        "51",
        "5a-",
        "5-1-[]",
        "3[]",
        "61-[]",
        "07{}",
        "11",
        "41",
        "2/\xff,[\"a\"]",
        "29007199254740992[\"a\"]",
        "212345678901234567[\"a\"]",
        "0/a\x1e,",
        "0/\n,",
    };
    sio_packet_t read = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (sio_read(slice_of(refused[i]), &read) != ERR_MALFORMED)
            fail_msg("taken: %s", refused[i]);
    assert_null(read.nsp.ptr);
}

static void test_headers_have_bounds(void **state)
{
    char text[SIO_NAMESPACE_SIZE_MAX + 3] = "0/";
    sio_packet_t read = {0};
    (void)state;
    memset(text + 2, 'n', SIO_NAMESPACE_SIZE_MAX - 1);
    assert_int_equal(sio_read(slice_of(text), &read), ERR_OK);
    assert_int_equal(read.nsp.len, SIO_NAMESPACE_SIZE_MAX);
    text[SIO_NAMESPACE_SIZE_MAX + 1] = 'n';
    assert_int_equal(sio_read(slice_of(text), &read), ERR_TOO_LARGE);
    assert_int_equal(sio_read(SLICE_LIT("516-[\"a\"]"), &read), ERR_OK);
    assert_int_equal(sio_read(SLICE_LIT("517-[\"a\"]"), &read), ERR_TOO_LARGE);
    assert_int_equal(sio_read(SLICE_LIT("54294967297-[\"a\"]"), &read), ERR_TOO_LARGE);
}

/* ---- data ---- */

static err_t s_data_read(eio_version_t version, const char *text)
{
    sio_packet_t packet = {0};
    const json_node_t *data = NULL;
    assert_int_equal(sio_read(slice_of(text), &packet), ERR_OK);
    err_t err = sio_data_read(version, &packet, &data);
    if (err == ERR_OK)
        assert_int_equal(data != NULL, packet.data.ptr != NULL);
    else
        assert_null(data);
    json_free(&data);
    return err;
}

static void s_assert_all(eio_version_t version, err_t err, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (s_data_read(version, texts[i]) != err)
            fail_msg("EIO %d does not give %s: %s", (int)version, err_info(err)->name, texts[i]);
}

static void test_data_that_both_take(void **state)
{
    static const char *const taken[] = {
        "0",
        "0/a,",
        "1",
        "2[\"a\"]",
        "2[\"a\",null,{}]",
        "2[5]",
        "31[]",
        "4\"no\"",
        "51-[\"a\",{\"_placeholder\":true,\"num\":0}]",
        "52-[\"a\",{\"_placeholder\":true,\"num\":1},{\"b\":[{\"_placeholder\":true,\"num\":0}]}]",
        "50-[\"a\"]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":false,\"num\":9}]",
        "2[\"a\",{\"_placeholder\":true,\"num\":5}]", /* no packet with attachments */
        "61-1[{\"_placeholder\":true,\"num\":0}]",
    };
    (void)state;
    s_assert_all(EIO_3, ERR_OK, taken, COUNT_OF(taken));
    s_assert_all(EIO_4, ERR_OK, taken, COUNT_OF(taken));
}

static void test_data_that_neither_takes(void **state)
{
    static const char *const refused[] = {
        "0[]",
        "0\"a\"",

        "1[]",
        "1{}",
        "2",
        "2[]",
        "2{}",
        "2\"a\"",
        "2[null]",
        "2[[\"a\"]]",
        "2[true]",
        "2[\"a\"",
        "2[\"a\"]x",
        "2[\"connect\"]",
        "2[\"connect_error\"]",
        "2[\"disconnect\"]",
        "2[\"disconnecting\"]",
        "2[\"newListener\"]",
        "2[\"removeListener\"]",
        "31",
        "31{}",
        "4",
        "4[]",
        "51-[\"a\"]",                                   /* no place */
        "51-[\"a\",{\"_placeholder\":true,\"num\":1}]", /* no attachment */
        "51-[\"a\",{\"_placeholder\":true,\"num\":-1}]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":\"0\"}]",
        "52-[\"a\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":0}]",
        "52-[\"a\",{\"_placeholder\":true,\"num\":0}]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":0}]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":4294967296}]",
    };
    (void)state;
    s_assert_all(EIO_3, ERR_MALFORMED, refused, COUNT_OF(refused));
    s_assert_all(EIO_4, ERR_MALFORMED, refused, COUNT_OF(refused));
}

static void test_data_that_only_eio_4_takes(void **state)
{
    static const char *const taken[] = {"0{\"token\":\"x\"}", "0/a,{}", "4{\"message\":\"no\"}"};
    (void)state;
    s_assert_all(EIO_4, ERR_OK, taken, COUNT_OF(taken));
    s_assert_all(EIO_3, ERR_MALFORMED, taken, COUNT_OF(taken));
}

/* ---- attachments ---- */

static void test_attachments_are_gathered_in_order(void **state)
{
    sio_gather_t gather = {0};
    (void)state;
    assert_false(sio_gather_open(&gather));
    assert_int_equal(sio_gather_add(&gather, SLICE_LIT("x")), ERR_MALFORMED);
    assert_int_equal(sio_gather_begin(&gather, SLICE_LIT("53-[]"), 3), ERR_OK);
    assert_int_equal(sio_gather_add(&gather, SLICE_LIT("one")), ERR_OK);
    assert_int_equal(sio_gather_add(&gather, SLICE_LIT("")), ERR_OK);
    assert_true(sio_gather_open(&gather));
    assert_int_equal(sio_gather_add(&gather, SLICE_LIT("\0\xff")), ERR_OK);
    assert_false(sio_gather_open(&gather));
    assert_int_equal(sio_gather_add(&gather, SLICE_LIT("x")), ERR_MALFORMED);

    assert_true(slice_is(sio_gather_text(&gather), "53-[]"));
    assert_true(slice_is(sio_gather_attachment(&gather, 0), "one"));
    assert_true(slice_is(sio_gather_attachment(&gather, 1), ""));
    assert_true(slice_eq(sio_gather_attachment(&gather, 2), SLICE_LIT("\0\xff")));
    sio_gather_reset(&gather);
    assert_false(sio_gather_open(&gather));
    assert_null(gather.bytes.data);
}

static void test_attachments_have_bounds(void **state)
{
    static uint8_t zeros[EIO_PAYLOAD_MAX];
    sio_gather_t gather = {0};
    (void)state;
    assert_int_equal(sio_gather_begin(&gather, SLICE_LIT("52-[]"), 2), ERR_OK);
    assert_int_equal(sio_gather_add(&gather, slice_new(zeros, sizeof zeros)), ERR_TOO_LARGE);
    assert_int_equal(sio_gather_add(&gather, slice_new(zeros, sizeof zeros - 5)), ERR_OK);
    assert_int_equal(sio_gather_add(&gather, SLICE_LIT("x")), ERR_TOO_LARGE);
    assert_int_equal(sio_gather_add(&gather, SLICE_LIT("")), ERR_OK);
    sio_gather_reset(&gather);
}

/* ---- what the server says ---- */

static void s_assert_said(buf_t *out, const char *text)
{
    if (!slice_is(buf_slice(out), text))
        fail_msg("%.*s, not %s", SLICE_ARG(buf_slice(out)), text);
    buf_reset(out);
}

static void test_answers_to_who_joins(void **state)
{
    slice_t root = SLICE_LIT("/"), admin = SLICE_LIT("/admin"), none = {0};
    slice_t sid = SLICE_LIT("s1"), pid = SLICE_LIT("p1"), why = SLICE_LIT("Not \"authorized\"");
    buf_t out = {0};
    (void)state;
    sio_connected_put(&out, EIO_3, root, sid, pid);
    s_assert_said(&out, "0");
    sio_connected_put(&out, EIO_3, admin, sid, pid);
    s_assert_said(&out, "0/admin,");
    sio_connected_put(&out, EIO_4, root, sid, none);
    s_assert_said(&out, "0{\"sid\":\"s1\"}");
    sio_connected_put(&out, EIO_4, admin, sid, pid);
    s_assert_said(&out, "0/admin,{\"sid\":\"s1\",\"pid\":\"p1\"}");
    sio_refused_put(&out, EIO_3, admin, why);
    s_assert_said(&out, "4/admin,\"Not \\\"authorized\\\"\"");
    sio_refused_put(&out, EIO_4, root, why);
    s_assert_said(&out, "4{\"message\":\"Not \\\"authorized\\\"\"}");
    buf_free(&out);
}

static void test_the_offset_comes_last(void **state)
{
    buf_t out = {0};
    (void)state;
    sio_put(&out, &(sio_packet_t){SIO_EVENT, ROOT, DATA("[\"message\",{\"a\":[1]}]")});
    sio_offset_put(&out, SLICE_LIT("1204"));
    s_assert_said(&out, "2[\"message\",{\"a\":[1]},\"1204\"]");
    sio_placeholder_put(&out, 12);
    s_assert_said(&out, "{\"_placeholder\":true,\"num\":12}");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packets_both_ways),
        cmocka_unit_test(test_a_comma_may_be_missing),
        cmocka_unit_test(test_headers_are_read_strictly),
        cmocka_unit_test(test_headers_have_bounds),
        cmocka_unit_test(test_data_that_both_take),
        cmocka_unit_test(test_data_that_neither_takes),
        cmocka_unit_test(test_data_that_only_eio_4_takes),
        cmocka_unit_test(test_attachments_are_gathered_in_order),
        cmocka_unit_test(test_attachments_have_bounds),
        cmocka_unit_test(test_answers_to_who_joins),
        cmocka_unit_test(test_the_offset_comes_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
