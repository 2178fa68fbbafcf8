/* envelope_test.c - each kind there and back, then every way to spoil its bytes.
 *
 * Spoiled copies lie in memory of exactly their length, so that a sanitizer sees
 * every byte that is read behind them. */
#include "schema/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/pack.h"

static const call_t s_call = {
    .type = 1200,
    .corr = 0x0102030405060708,
    .origin = UINT64_MAX,
    .principal = 3,
    .session = 4,
    .time = -5,
    .rand = "0123456789abcde",
};
static const reply_t s_reply = {
    .type = 1201, .corr = 7, .origin = 8, .status = ERR_NOT_FOUND, .as_of = 9};
static const decision_t s_decision = {.type = 1202,
                                      .corr = 10,
                                      .origin = 11,
                                      .status = ERR_OK,
                                      .epoch = 12,
                                      .records = 13,
                                      .rests = true};
static const record_t s_record = {
    .type = 153,
    .version = 1,
    .seq = 14,
    .epoch = 15,
    .cause = 16,
    .causer = 2,
    .actor = 3,
    .time = 1700000000000000,
    .principal = 17,
    .room = 18,
    .account = 19,
    .previous = "a hash of thirty-two bytes, here",
    .key_id = 20,
    .client_id = {(const uint8_t *)"client-1", 8},
};

static void s_body(buf_t *out)
{
    pack_map(out, 1);
    pack_str(out, SLICE_LIT("text"));
    pack_str(out, SLICE_LIT("hello"));
}

static void s_write_call(buf_t *out)
{
    call_begin(out, &s_call);
    s_body(out);
}

static void s_write_reply(buf_t *out)
{
    reply_begin(out, &s_reply);
    s_body(out);
}

static void s_write_decision(buf_t *out)
{
    decision_begin(out, &s_decision);
    s_body(out);
}

static void s_write_record(buf_t *out)
{
    record_begin(out, &s_record);
    s_body(out);
    record_end(out);
    record_seal(out->data, out->len, s_record.previous);
}

static err_t s_read_call(slice_t *in)
{
    call_t call;
    return call_read(in, &call);
}

static err_t s_read_reply(slice_t *in)
{
    reply_t reply;
    return reply_read(in, &reply);
}

static err_t s_read_decision(slice_t *in)
{
    decision_t decision;
    return decision_read(in, &decision);
}

static err_t s_read_record(slice_t *in)
{
    record_t record;
    return record_read(in, &record);
}

static const struct {
    envelope_kind_t kind;
    void (*write)(buf_t *out);
    err_t (*read)(slice_t *in);
} s_kinds[] = {
    {ENVELOPE_CALL, s_write_call, s_read_call},
    {ENVELOPE_REPLY, s_write_reply, s_read_reply},
    {ENVELOPE_DECISION, s_write_decision, s_read_decision},
    {ENVELOPE_RECORD, s_write_record, s_read_record},
};

/* ---- there and back ---- */

static void s_assert_body(slice_t body)
{
    buf_t expected = {0};
    s_body(&expected);
    assert_true(slice_eq(body, buf_slice(&expected)));
    buf_free(&expected);
}

static void test_call(void **state)
{
    (void)state;
    buf_t buf = {0};
    call_t seen;
    s_write_call(&buf);
    slice_t in = buf_slice(&buf);
    assert_int_equal(call_read(&in, &seen), ERR_OK);
    assert_int_equal(in.len, 0);
    assert_int_equal(seen.type, s_call.type);
    assert_true(seen.corr == s_call.corr);
    assert_true(seen.origin == s_call.origin);
    assert_true(seen.principal == s_call.principal);
    assert_true(seen.session == s_call.session);
    assert_true(seen.time == s_call.time);
    assert_memory_equal(seen.rand, s_call.rand, RAND_SIZE);
    assert_true(slice_eq(seen.bytes, buf_slice(&buf)));
    assert_int_equal(seen.verdict.len, 0);
    s_assert_body(seen.body);
    buf_free(&buf);
}

/* What bots said of it lies before the body, which stays what it is. */
static void test_call_with_verdict(void **state)
{
    (void)state;
    buf_t buf = {0}, verdict = {0};
    call_t call = s_call, seen;
    s_body(&verdict);
    call.verdict = buf_slice(&verdict);
    call_begin(&buf, &call);
    s_body(&buf);
    slice_t in = buf_slice(&buf);
    assert_int_equal(call_read(&in, &seen), ERR_OK);
    assert_int_equal(in.len, 0);
    assert_true(slice_eq(seen.verdict, buf_slice(&verdict)));
    s_assert_body(seen.body);
    buf_free(&buf);
    buf_free(&verdict);
}

static void test_reply_and_decision(void **state)
{
    (void)state;
    buf_t buf = {0};
    reply_t reply;
    decision_t decision;
    s_write_reply(&buf); /* one behind the other, as on the bus */
    s_write_decision(&buf);
    slice_t in = buf_slice(&buf);
    assert_int_equal(reply_read(&in, &reply), ERR_OK);
    assert_int_equal(decision_read(&in, &decision), ERR_OK);
    assert_int_equal(in.len, 0);

    assert_int_equal(reply.type, s_reply.type);
    assert_true(reply.corr == s_reply.corr && reply.origin == s_reply.origin);
    assert_int_equal(reply.status, s_reply.status);
    assert_true(reply.as_of == s_reply.as_of);
    s_assert_body(reply.body);
    assert_int_equal(decision.type, s_decision.type);
    assert_true(decision.corr == s_decision.corr && decision.origin == s_decision.origin);
    assert_int_equal(decision.status, s_decision.status);
    assert_true(decision.epoch == s_decision.epoch);
    assert_int_equal(decision.records, s_decision.records);
    assert_true(decision.rests);
    s_assert_body(decision.body);
    buf_free(&buf);
}

static void test_record(void **state)
{
    (void)state;
    buf_t buf = {0};
    record_t seen;
    s_write_record(&buf);
    slice_t in = buf_slice(&buf);
    assert_int_equal(record_read(&in, &seen), ERR_OK);
    assert_int_equal(in.len, 0);
    assert_int_equal(seen.type, s_record.type);
    assert_int_equal(seen.version, s_record.version);
    assert_true(seen.seq == s_record.seq && seen.epoch == s_record.epoch);
    assert_true(seen.cause == s_record.cause && seen.causer == s_record.causer);
    assert_int_equal(seen.actor, s_record.actor);
    assert_true(seen.time == s_record.time);
    assert_true(seen.principal == s_record.principal);
    assert_true(seen.room == s_record.room && seen.account == s_record.account);
    assert_memory_equal(seen.previous, s_record.previous, HASH_SIZE);
    assert_int_equal(seen.key_id, s_record.key_id);
    assert_true(slice_eq(seen.client_id, s_record.client_id));
    assert_true(record_intact(seen.bytes));
    s_assert_body(seen.body);
    buf_free(&buf);
}

static void test_patches(void **state)
{
    (void)state;
    buf_t buf = {0};
    call_t call, stamp = {.origin = 21, .principal = 22, .session = 23, .time = 24};
    memset(stamp.rand, 25, RAND_SIZE);
    s_write_call(&buf);
    call_stamp_all(buf.data, &stamp);
    call_stamp(buf.data, 26);
    slice_t in = buf_slice(&buf);
    assert_int_equal(call_read(&in, &call), ERR_OK);
    assert_true(call.origin == 26 && call.principal == 22 && call.session == 23);
    assert_true(call.time == 24 && call.corr == s_call.corr);
    assert_memory_equal(call.rand, stamp.rand, RAND_SIZE);
    s_assert_body(call.body);
    buf_free(&buf);
}

static void test_seal(void **state)
{
    (void)state;
    buf_t buf = {0};
    record_t record;
    uint8_t previous[HASH_SIZE];
    memset(previous, 0xee, sizeof previous);
    s_write_record(&buf);
    record_number(buf.data, 100, 200);
    assert_false(record_intact(buf_slice(&buf)));
    record_seal(buf.data, buf.len, previous);
    assert_true(record_intact(buf_slice(&buf)));
    slice_t in = buf_slice(&buf);
    assert_int_equal(record_read(&in, &record), ERR_OK);
    assert_true(record.seq == 100 && record.epoch == 200);
    assert_memory_equal(record.previous, previous, HASH_SIZE);
    s_assert_body(record.body);
    buf_free(&buf);
}

/* RFC 3720 appendix B.4, and the check value of the CRC catalogue. */
static void test_crc32c(void **state)
{
    (void)state;
    uint8_t bytes[32] = {0};
    assert_true(crc32c(SLICE_LIT("123456789")) == 0xe3069283);
    assert_true(crc32c((slice_t){0}) == 0);
    assert_true(crc32c(slice_new(bytes, sizeof bytes)) == 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    assert_true(crc32c(slice_new(bytes, sizeof bytes)) == 0x62a8ab43);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    assert_true(crc32c(slice_new(bytes, sizeof bytes)) == 0x46dd794e);
}

/* ---- spoiled ---- */

/* Read a copy of exactly these bytes; refused, it must not be moved past. */
static err_t s_read_copy(size_t kind, slice_t bytes, bool *ret_intact)
{
    uint8_t *copy = malloc(bytes.len > 0 ? bytes.len : 1);
    memcpy(copy, bytes.ptr, bytes.len);
    slice_t in = slice_new(copy, bytes.len);
    err_t err = s_kinds[kind].read(&in);
    if (err != ERR_OK)
        assert_true(in.ptr == copy && in.len == bytes.len);
    *ret_intact = record_intact(slice_new(copy, bytes.len - in.len));
    free(copy);
    return err;
}

static void test_kinds(void **state)
{
    (void)state;
    assert_int_equal(envelope_kind((slice_t){0}), ENVELOPE_NONE);
    assert_int_equal(envelope_kind(SLICE_LIT("\x99\x09\x00\x00")), ENVELOPE_NONE);
    for (size_t kind = 0; kind < COUNT_OF(s_kinds); kind++) {
        buf_t buf = {0};
        bool intact;
        s_kinds[kind].write(&buf);
        assert_int_equal(envelope_kind(buf_slice(&buf)), s_kinds[kind].kind);
        for (size_t other = 0; other < COUNT_OF(s_kinds); other++)
            assert_int_equal(s_read_copy(other, buf_slice(&buf), &intact) == ERR_OK, other == kind);
        buf_free(&buf);
    }
}

static void test_truncated(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < COUNT_OF(s_kinds); kind++) {
        buf_t buf = {0};
        bool intact;
        s_kinds[kind].write(&buf);
        for (size_t len = 0; len < buf.len; len++)
            assert_int_equal(s_read_copy(kind, slice_new(buf.data, len), &intact), ERR_MALFORMED);
        buf_free(&buf);
    }
}

/* Any bit of a record is missed by no one; of the others no bit leads astray. */
static void test_flipped(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < COUNT_OF(s_kinds); kind++) {
        buf_t buf = {0};
        s_kinds[kind].write(&buf);
        for (size_t bit = 0; bit < 8 * buf.len; bit++) {
            bool intact;
            buf.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            err_t err = s_read_copy(kind, buf_slice(&buf), &intact);
            if (s_kinds[kind].kind == ENVELOPE_RECORD)
                assert_true(err != ERR_OK || !intact);
            buf.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        buf_free(&buf);
    }
}

/* A body of five bytes that claims 100,000,000 of something. */
static void test_claims(void **state)
{
    (void)state;
    static const uint8_t firsts[] = {0xdd, 0xdf, 0xdb, 0xc6, 0xc9};
    for (size_t i = 0; i < sizeof firsts; i++) {
        const uint8_t claim[] = {firsts[i], 0x05, 0xf5, 0xe1, 0x00};
        buf_t buf = {0};
        bool intact;
        call_begin(&buf, &s_call);
        buf_append(&buf, slice_new(claim, sizeof claim));
        assert_int_equal(s_read_copy(0, buf_slice(&buf), &intact), ERR_MALFORMED);
        buf.len = 0;
        record_begin(&buf, &s_record);
        buf_append(&buf, slice_new(claim, sizeof claim));
        record_end(&buf);
        assert_int_equal(s_read_copy(3, buf_slice(&buf), &intact), ERR_MALFORMED);
        buf_free(&buf);
    }
}

/* A status that this version does not know is an internal error, not a wild number. */
static void test_unknown_status(void **state)
{
    (void)state;
    buf_t buf = {0};
    reply_t reply = s_reply, seen;
    reply.status = (err_t)60000;
    reply_begin(&buf, &reply);
    s_body(&buf);
    slice_t in = buf_slice(&buf);
    assert_int_equal(reply_read(&in, &seen), ERR_OK);
    assert_int_equal(seen.status, ERR_INTERNAL);
    buf_free(&buf);
}

/* A byte in which MessagePack has no number would be another envelope once it is written. */
static void test_no_number(void **state)
{
    const size_t places[] = {7, 35, 36}; /* version, causer, actor */
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        buf_t buf = {0};
        record_t seen;
        s_write_record(&buf);
        buf.data[places[i]] = 0xcc;
        slice_t in = buf_slice(&buf);
        assert_int_equal(record_read(&in, &seen), ERR_MALFORMED);
        buf_free(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call),
        cmocka_unit_test(test_call_with_verdict),
        cmocka_unit_test(test_reply_and_decision),
        cmocka_unit_test(test_record),
        cmocka_unit_test(test_patches),
        cmocka_unit_test(test_seal),
        cmocka_unit_test(test_crc32c),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_flipped),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_unknown_status),
        cmocka_unit_test(test_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
