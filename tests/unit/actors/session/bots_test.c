/* bots_test.c - who may come by the bus: one key a bot, one bot a key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/keys.h"
#include "tests/unit/actors/session/guests.h"

/* Public keys, each of 40 characters. */
typedef struct pair_text {
    char text[KEY_TEXT_SIZE];
} pair_text_t;

static pair_text_t s_key(void)
{
    key_pair_t pair;
    pair_text_t key;
    keys_make(&pair);
    memcpy(key.text, pair.public_key, sizeof key.text);
    return key;
}

static const outcome_t *s_add(staging_t *at, const char *login, const char *key, const char *scopes)
{
    bot_add_call_t ask = {
        .login = slice_of(login), .key = slice_of(key), .scopes = slice_of(scopes)};
    guests_be_operator(at);
    at->rand[0]++;
    return staging_ask(at, CALL_bot_add, &ask);
}

static bot_t s_added(staging_t *at, const char *login, const char *key)
{
    const outcome_t *outcome = s_add(at, login, key, "messages");
    guests_done(outcome);
    return *(const bot_t *)outcome->answer;
}

static const outcome_t *s_revoke(staging_t *at, const char *login)
{
    guests_be_operator(at);
    return staging_ask(at, CALL_bot_revoke, &(bot_revoke_call_t){.login = slice_of(login)});
}

static const outcome_t *s_scope(staging_t *at, const char *login, const char *scopes)
{
    bot_scopes_call_t ask = {.login = slice_of(login), .scopes = slice_of(scopes)};
    guests_be_operator(at);
    return staging_ask(at, CALL_bot_scopes, &ask);
}

static const bot_list_t *s_list(staging_t *at, uint64_t after)
{
    guests_be_operator(at);
    const outcome_t *outcome = staging_ask(at, CALL_bot_list, &(bot_list_call_t){after});
    guests_done(outcome);
    return outcome->answer;
}

static void test_a_bot_gets_an_account_and_a_session(void **state)
{
    staging_t *at = *state;
    pair_text_t key = s_key();
    bot_t bot = s_added(at, "echo", key.text);
    guests_text(bot.login, "echo");
    guests_text(bot.key, key.text);
    guests_text(bot.scopes, "messages");
    assert_int_equal(guests_look(at, bot.account)->role, role_BOT);
    const bot_list_t *list = s_list(at, 0);
    assert_int_equal(list->bots.count, 1);
    assert_int_equal(((const bot_t *)list->bots.items)->session, bot.session);
    assert_int_equal(s_list(at, bot.account)->bots.count, 0);
}

static void test_it_is_no_api_key_in_the_list_of_those(void **state)
{
    staging_t *at = *state;
    s_added(at, "echo", s_key().text);
    const outcome_t *outcome = staging_ask(at, CALL_key_list, &(key_list_call_t){});
    guests_done(outcome);
    assert_int_equal(((const session_list_t *)outcome->answer)->sessions.count, 0);
}

static void test_a_key_is_one_bots_and_a_bot_has_one_key(void **state)
{
    staging_t *at = *state;
    pair_text_t key = s_key(), other = s_key();
    s_added(at, "echo", key.text);
    guests_refused(at, s_add(at, "parrot", key.text, "messages"), ERR_EXISTS,
                   "`key`: is another bot's");
    guests_refused(at, s_add(at, "echo", other.text, "messages"), ERR_EXISTS,
                   "`login`: has a key; revoke it first");
}

static void test_only_bots_accounts_become_bots(void **state)
{
    staging_t *at = *state;
    guests_join(at, "ann", "ann@example.org");
    guests_refused(at, s_add(at, "ann", s_key().text, "messages"), ERR_EXISTS,
                   "`login`: is not a bot's");
    uint64_t robot = guests_join_as(at, "robot", role_BOT);
    assert_int_equal(s_added(at, "robot", s_key().text).account, robot);
}

static void test_what_is_no_key_or_no_scope_is_refused(void **state)
{
    static const char zeros[] = "0000000000000000000000000000000000000000";
    staging_t *at = *state;
    guests_refused(at, s_add(at, "echo", zeros, "messages"), ERR_INVALID,
                   "`key`: is no public key");
    guests_refused(at, s_add(at, "echo", s_key().text, "messages nonsense"), ERR_INVALID,
                   "`scopes`: has a word that is no scope");
    s_added(at, "echo", s_key().text);
    guests_refused(at, s_scope(at, "echo", "messages messages"), ERR_INVALID,
                   "`scopes`: has a word that is no scope");
}

static void test_revoked_it_is_gone_and_may_come_again(void **state)
{
    staging_t *at = *state;
    pair_text_t key = s_key();
    bot_t bot = s_added(at, "echo", key.text);
    guests_done(s_revoke(at, "echo"));
    assert_int_equal(guests_told(at, 0), EVENT_session_closed);
    assert_int_equal(s_list(at, 0)->bots.count, 0);
    guests_refused(at, s_revoke(at, "echo"), ERR_NOT_FOUND, NULL);
    guests_refused(at, s_revoke(at, "nobody"), ERR_NOT_FOUND, NULL);
    bot_t again = s_added(at, "echo", key.text);
    assert_int_equal(again.account, bot.account);
    assert_true(again.session > bot.session);
    assert_int_equal(s_list(at, 0)->bots.count, 1);
}

static void test_a_ban_ends_it_too(void **state)
{
    staging_t *at = *state;
    bot_t bot = s_added(at, "echo", s_key().text);
    guests_done(staging_ask(at, CALL_account_ban, &(account_ban_call_t){.account = bot.account}));
    assert_int_equal(s_list(at, 0)->bots.count, 0);
    guests_refused(at, s_scope(at, "echo", "rooms"), ERR_NOT_FOUND, NULL);
}

static void test_scopes_change(void **state)
{
    staging_t *at = *state;
    bot_t bot = s_added(at, "echo", s_key().text);
    const outcome_t *outcome = s_scope(at, "echo", "rooms observe");
    guests_done(outcome);
    guests_text(((const bot_t *)outcome->answer)->scopes, "rooms observe");
    assert_int_equal(guests_told(at, 0), EVENT_bot_scoped);
    const bot_t *listed = s_list(at, 0)->bots.items;
    guests_text(listed->scopes, "rooms observe");
    assert_int_equal(listed->session, bot.session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUESTS_TEST(test_a_bot_gets_an_account_and_a_session),
        GUESTS_TEST(test_it_is_no_api_key_in_the_list_of_those),
        GUESTS_TEST(test_a_key_is_one_bots_and_a_bot_has_one_key),
        GUESTS_TEST(test_only_bots_accounts_become_bots),
        GUESTS_TEST(test_what_is_no_key_or_no_scope_is_refused),
        GUESTS_TEST(test_revoked_it_is_gone_and_may_come_again),
        GUESTS_TEST(test_a_ban_ends_it_too),
        GUESTS_TEST(test_scopes_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
