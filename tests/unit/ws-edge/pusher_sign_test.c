/* pusher_sign_test.c - the signatures of the protocol's own examples, and all that is not quite one. */
#include "ws-edge/pusher_sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"

#define KEY "278d425bdf160c739803"

static const pusher_app_t s_app = {SLICE_LIT(KEY), SLICE_LIT("7ad3773142a6692b25b8")};

/* ---- a connection's rights ---- */

#define ID SLICE_LIT("1234.1234")

static const struct {
    pusher_claim_t claim;
    const char *auth;
} s_good[] = {
    {{ID, SLICE_LIT("private-foobar")},
     KEY ":58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"},
    {{ID, SLICE_LIT("presence-foobar"),
      SLICE_LIT("{\"user_id\":10,\"user_info\":{\"name\":\"Mr. Channels\"}}")},
     KEY ":31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80"},
    {{ID, {0}, SLICE_LIT("{\"id\":\"12345\"}")},
     KEY ":4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba"},
};

static void test_claims_are_signed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(s_good); i++) {
        buf_t out = {0};
        assert_int_equal(pusher_auth_put(&out, &s_app, &s_good[i].claim), ERR_OK);
        assert_true(slice_is(buf_slice(&out), s_good[i].auth));
        assert_true(pusher_auth_fits(&s_app, &s_good[i].claim, buf_slice(&out)));
        buf_free(&out);
    }
}

static void test_claims_that_nobody_signs(void **state)
{
    static const pusher_claim_t claims[] = {
        {SLICE_LIT("1234"), SLICE_LIT("private-foobar")},
        {SLICE_LIT("1.1:private-a"), SLICE_LIT("private-foobar")},
        {SLICE_LIT("1.1::user:"), SLICE_LIT("private-foobar")},
        {ID, SLICE_LIT("private-a:b")},
        {ID, SLICE_LIT("")},
        {ID, SLICE_LIT(":user::{}")},
        {ID, SLICE_LIT("news")},
        {ID, SLICE_LIT("#server-to-user-1")},
        {ID, SLICE_LIT("presence-foobar")},
        {ID},
    };
    buf_t out = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        assert_int_equal(pusher_auth_put(&out, &s_app, &claims[i]), ERR_INVALID);
        assert_false(pusher_auth_fits(&s_app, &claims[i], buf_slice(&out)));
    }
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

static void test_an_auth_fits_one_claim_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(s_good); i++) {
        slice_t auth = slice_of(s_good[i].auth);
        for (size_t j = 0; j < COUNT_OF(s_good); j++)
            assert_int_equal(pusher_auth_fits(&s_app, &s_good[j].claim, auth), i == j);
        pusher_claim_t other = s_good[i].claim;
        other.socket_id = SLICE_LIT("1234.1235");
        assert_false(pusher_auth_fits(&s_app, &other, auth));
        assert_false(pusher_auth_fits(&s_app, &s_good[i].claim, slice_new(auth.ptr, auth.len - 1)));
        assert_false(pusher_auth_fits(&s_app, &s_good[i].claim, slice_from(auth, sizeof KEY)));
        assert_false(pusher_auth_fits(&s_app, &s_good[i].claim, (slice_t){0}));
    }
}

/* ---- requests ---- */

#define BODY \
    "{\"name\":\"foo\",\"channels\":[\"project-3\"],\"data\":\"{\\\"some\\\":\\\"data\\\"}\"}"
#define ASKER "auth_key=" KEY "&auth_timestamp=1353088179&auth_version=1.0"
#define HASH "&body_md5=ec365a775a4cd0599faeb73354201b6f"
#define SIGNED "&auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"

enum { NOW_S = 1353088179 };

static err_t s_check_at(const char *method, const char *path, const char *query, const char *body,
                        uint64_t now_s)
{
    pusher_request_t request = {slice_of(method), slice_of(path), slice_of(query), slice_of(body)};
    arena_t *arena = arena_new();
    err_t err = pusher_request_check(&s_app, &request, now_s, arena);
    arena_destroy(&arena);
    return err;
}

static err_t s_check(const char *query, const char *body)
{
    return s_check_at("POST", "/apps/3/events", query, body, NOW_S);
}

/* The query with the right signature of what it says, decoded and sorted, behind it. */
static err_t s_check_signed(const char *query, const char *sorted, const char *body)
{
    char text[1024], whole[1024];
    buf_t signature = {0};
    snprintf(text, sizeof text, "POST\n/apps/3/events\n%s", sorted);
    pusher_sign(&signature, &s_app, slice_of(text));
    snprintf(whole, sizeof whole, "%s&auth_signature=%.*s", query,
             SLICE_ARG(buf_slice(&signature)));
    buf_free(&signature);
    return s_check(whole, body);
}

static void test_requests_that_pass(void **state)
{
    (void)state;
    assert_int_equal(s_check(ASKER HASH SIGNED, BODY), ERR_OK);
    assert_int_equal(s_check("body_md5=ec365a775a4cd0599faeb73354201b6f" SIGNED "&" ASKER, BODY),
                     ERR_OK);
    assert_int_equal(
        s_check("Auth_Key=" KEY "&auth_timestamp=1353088179&auth_version=1%2E0" HASH SIGNED, BODY),
        ERR_OK);
    assert_int_equal(
        s_check_at("GET", "/apps/3/channels",
                   "info=user_count%2Csubscription+count&filter_by_prefix=presence-&" ASKER
                   "&auth_signature="
                   "533792b4d0eddde9af60ee3693fdace669b9a2e426e36eddd4491e8b8463c53c",
                   "", NOW_S),
        ERR_OK);
}

static void test_requests_of_another_time(void **state)
{
    static const char path[] = "/apps/3/events", query[] = ASKER HASH SIGNED;
    (void)state;
    assert_int_equal(s_check_at("POST", path, query, BODY, NOW_S + 600), ERR_OK);
    assert_int_equal(s_check_at("POST", path, query, BODY, NOW_S - 600), ERR_OK);
    assert_int_equal(s_check_at("POST", path, query, BODY, NOW_S + 601), ERR_BAD_CREDENTIALS);
    assert_int_equal(s_check_at("POST", path, query, BODY, NOW_S - 601), ERR_BAD_CREDENTIALS);
    assert_int_equal(s_check_at("POST", path, query, BODY, 0), ERR_BAD_CREDENTIALS);
}

static void test_requests_that_were_changed(void **state)
{
    static const char path[] = "/apps/3/events", query[] = ASKER HASH SIGNED;
    (void)state;
    assert_int_equal(s_check_at("GET", path, query, BODY, NOW_S), ERR_BAD_CREDENTIALS);
    assert_int_equal(s_check_at("POST", "/apps/3/event", query, BODY, NOW_S), ERR_BAD_CREDENTIALS);
    assert_int_equal(s_check(query, BODY " "), ERR_BAD_CREDENTIALS);
    assert_int_equal(s_check(query, ""), ERR_BAD_CREDENTIALS);
    assert_int_equal(s_check(ASKER HASH SIGNED "&info=user_count", BODY), ERR_BAD_CREDENTIALS);
    assert_int_equal(s_check(ASKER HASH SIGNED "0", BODY), ERR_BAD_CREDENTIALS);
    assert_int_equal(s_check(ASKER HASH, BODY), ERR_BAD_CREDENTIALS);
    assert_int_equal(s_check(ASKER SIGNED, BODY), ERR_BAD_CREDENTIALS);
    assert_int_equal(s_check("", BODY), ERR_BAD_CREDENTIALS);
}

/* Signed rightly, and refused for what they say. */
static void test_requests_that_say_too_little(void **state)
{
    static const char *const refused[] = {
        "auth_timestamp=1353088179&auth_version=1.0",
        "auth_key=other&auth_timestamp=1353088179&auth_version=1.0",
        "auth_key=" KEY "&auth_version=1.0",
        "auth_key=" KEY "&auth_timestamp=&auth_version=1.0",
        "auth_key=" KEY "&auth_timestamp=1353088179x&auth_version=1.0",
        "auth_key=" KEY "&auth_timestamp=18446744075062639795&auth_version=1.0",
        "auth_key=" KEY "&auth_timestamp=1353088179",
        "auth_key=" KEY "&auth_timestamp=1353088179&auth_version=1.1",
        ASKER "&body_md5=",
        ASKER "&body_md5=ec365a775a4cd0599faeb73354201b6f", /* of another body */
    };
    (void)state;
    assert_int_equal(s_check_signed(ASKER, ASKER, ""), ERR_OK);
    assert_int_equal(s_check_signed(ASKER, ASKER, BODY), ERR_BAD_CREDENTIALS);
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (s_check_signed(refused[i], refused[i], "") != ERR_BAD_CREDENTIALS)
            fail_msg("taken: %s", refused[i]);
}

/* One signature would be that of two queries. */
static void test_requests_that_can_be_read_in_two_ways(void **state)
{
    static const char *const refused[] = {
        ASKER "&a=1%26b=2", ASKER "&a%3D1=2",       ASKER "&a%26b=2",
        ASKER "&a=1&A=2",   ASKER "&auth_key=" KEY, ASKER "&=1",
        ASKER "&&a=1",      ASKER "&a=%4",          ASKER "&a=%ff",
    };
    char many[512] = ASKER;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (s_check(refused[i], "") != ERR_MALFORMED)
            fail_msg("taken: %s", refused[i]);
    for (int i = 0; i < PUSHER_PARAMETERS_MAX - 2; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "&p%02d=1", i);
    assert_int_equal(s_check(many, ""), ERR_MALFORMED);
    assert_int_equal(s_check_at("POST", "/apps\n/3", ASKER, "", NOW_S), ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claims_are_signed),
        cmocka_unit_test(test_claims_that_nobody_signs),
        cmocka_unit_test(test_an_auth_fits_one_claim_only),
        cmocka_unit_test(test_requests_that_pass),
        cmocka_unit_test(test_requests_of_another_time),
        cmocka_unit_test(test_requests_that_were_changed),
        cmocka_unit_test(test_requests_that_say_too_little),
        cmocka_unit_test(test_requests_that_can_be_read_in_two_ways),
    };
    if (crypto_start() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
