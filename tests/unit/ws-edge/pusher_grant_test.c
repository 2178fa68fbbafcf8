/* pusher_grant_test.c - Kith's own channels: who is let in, on which connection, how often. */
#include "ws-edge/pusher_grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "tests/unit/ws-edge/pusher_world.h"

static void s_got(pusher_caller_t *caller, const char *expected)
{
    assert_string_equal(caller_got(caller), expected);
}

#define OWN "private-chat_1_2"

static err_t s_vouch(pusher_caller_t *caller, const char *channel, uint64_t account)
{
    pusher_claim_t claim = {slice_of(caller->session.peer.id), slice_of(channel)};
    buf_t auth = {0};
    err_t err = pusher_vouch(caller->world->hub, &claim,
                             (who_t){.account = account, .session = account}, 50, &auth);
    assert_int_equal(err == ERR_OK, auth.len > 0);
    buf_free(&auth);
    return err;
}

static void test_a_signature_is_not_enough_for_them(void **state)
{
    pusher_pair_t *scene = *state;
    caller_subscribes(scene->ann, OWN, NULL);
    s_got(scene->ann,
          REFUSED(OWN, "AuthError", "nobody was let in here: ask /api/pusher/auth", "401"));
    assert_int_equal(s_vouch(scene->ann, OWN, 1), ERR_OK);
    caller_subscribes(scene->ann, OWN, NULL);
    s_got(scene->ann, SUCCEEDED(OWN, "{}"));
    caller_says(scene->ann,
                "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"" OWN "\"}}");
    caller_subscribes(scene->ann, OWN, NULL); /* with what opened it once */
    assert_non_null(strstr(caller_got(scene->ann), "AuthError"));
    buf_append_byte(&scene->ann->heard, 0);
    assert_string_equal((char *)scene->ann->heard.data, "hear 50 for 1\nleave " OWN "\n");
}

static void test_a_connection_is_one_accounts(void **state)
{
    pusher_pair_t *scene = *state;
    pusher_claim_t dead = {SLICE_LIT("1.1"), SLICE_LIT(OWN)};
    buf_t auth = {0};
    assert_int_equal(s_vouch(scene->ann, OWN, 1), ERR_OK);
    assert_int_equal(s_vouch(scene->ann, OWN, 2), ERR_FORBIDDEN);
    assert_int_equal(s_vouch(scene->ann, "private-elsewhere", 2), ERR_FORBIDDEN);
    assert_int_equal(s_vouch(scene->ann, "private-elsewhere", 1), ERR_OK);
    assert_int_equal(s_vouch(scene->ann, "news", 1), ERR_INVALID);
    assert_int_equal(pusher_vouch(scene->world->hub, &dead, (who_t){.account = 1}, 0, &auth),
                     ERR_FORBIDDEN);
    assert_int_equal(auth.len, 0);
    buf_free(&auth);
}

static void test_a_connection_becomes_the_sessions(void **state)
{
    pusher_pair_t *scene = *state;
    assert_null(pusher_hub_vouched(scene->world->hub));
    assert_int_equal(s_vouch(scene->ann, OWN, 1), ERR_OK);
    assert_int_equal(s_vouch(scene->ann, "presence-x", 1), ERR_INVALID); /* without a member */
    assert_int_equal(s_vouch(scene->bob, "private-elsewhere", 2), ERR_OK);
    assert_int_equal(s_vouch(scene->ann, "private-elsewhere", 1), ERR_OK);
    assert_ptr_equal(pusher_hub_vouched(scene->world->hub), scene->ann);
    pusher_session_vouched(&scene->ann->session);
    buf_append_byte(&scene->ann->heard, 0);
    assert_string_equal((char *)scene->ann->heard.data, "be 1\n");
    assert_int_equal(scene->ann->code, 0);
    assert_ptr_equal(pusher_hub_vouched(scene->world->hub), scene->bob);
    scene->bob->deaf = true;
    pusher_session_vouched(&scene->bob->session);
    assert_int_equal(scene->bob->code, 4009);
    assert_null(pusher_hub_vouched(scene->world->hub));
    assert_int_equal(s_vouch(scene->ann, OWN, 1), ERR_OK); /* and is gone before it is told */
}

static void test_success_waits_until_all_is_heard(void **state)
{
    pusher_pair_t *scene = *state;
    scene->ann->pending = true;
    assert_int_equal(s_vouch(scene->ann, OWN, 1), ERR_OK);
    caller_subscribes(scene->ann, OWN, NULL);
    s_got(scene->ann, "");
    pusher_session_heard(&scene->ann->session, SLICE_LIT("private-chat_1_3"));
    s_got(scene->ann, "");
    pusher_session_heard(&scene->ann->session, SLICE_LIT(OWN));
    s_got(scene->ann, SUCCEEDED(OWN, "{}"));
}

static void test_what_cannot_be_heard_is_left(void **state)
{
    pusher_pair_t *scene = *state;
    scene->ann->deaf = true;
    assert_int_equal(s_vouch(scene->ann, OWN, 1), ERR_OK);
    caller_subscribes(scene->ann, OWN, NULL);
    assert_non_null(strstr(caller_got(scene->ann), "AuthError"));
    assert_int_equal(scene->ann->session.peer.count, 0);
}

static void test_who_is_expelled_is_told(void **state)
{
    pusher_pair_t *scene = *state;
    assert_int_equal(s_vouch(scene->ann, OWN, 1), ERR_OK);
    caller_subscribes(scene->ann, OWN, NULL);
    (void)caller_got(scene->ann);
    pusher_session_expel(&scene->ann->session, SLICE_LIT(OWN));
    s_got(scene->ann, REFUSED(OWN, "AuthError", "the right to this channel has ended", "401"));
    assert_int_equal(scene->ann->session.peer.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_setup, pair_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_signature_is_not_enough_for_them), TEST(test_a_connection_is_one_accounts),
        TEST(test_a_connection_becomes_the_sessions),  TEST(test_success_waits_until_all_is_heard),
        TEST(test_what_cannot_be_heard_is_left),       TEST(test_who_is_expelled_is_told),
    };
    assert_int_equal(crypto_start(), ERR_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
