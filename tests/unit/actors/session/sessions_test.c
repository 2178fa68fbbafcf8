/* sessions_test.c - one's sessions, API keys, minted and adopted sessions.
 *
 * Every test ends with the same question: does a fresh store that applies what was
 * committed become the same as the live one? */
#include "tests/unit/actors/session/guests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"

static const int64_t s_day = INT64_C(24) * 60 * 60 * 1000 * 1000; /* µs */

/* ---- what people do ---- */

static signed_in_t s_signed_in(const outcome_t *outcome)
{
    assert_int_equal(outcome->status, ERR_OK);
    return *(const signed_in_t *)outcome->answer;
}

static uint64_t s_sign_up(staging_t *at, const char *login)
{
    account_register_call_t ask = {
        .login = slice_of(login),
        .password = SLICE_LIT("secret-1"),
        .device = SLICE_LIT("a phone"),
    };
    signed_in_t in = s_signed_in(staging_ask(at, CALL_account_register, &ask));
    guests_be(at, in.account->id, in.session);
    return in.session;
}

static signed_in_t s_sign_in(staging_t *at, const char *login, const char *device, bool uuid)
{
    session_open_call_t ask = {
        .login = slice_of(login),
        .password = SLICE_LIT("secret-1"),
        .device = slice_of(device),
        .uuid = uuid,
    };
    return s_signed_in(staging_ask(at, CALL_session_open, &ask));
}

static const session_list_t *s_list(staging_t *at, call_number_t call)
{
    const outcome_t *outcome = staging_ask(at, call, &(session_list_call_t){});
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

static const session_info_t *s_item(const session_list_t *list, size_t index)
{
    assert_true(index < list->sessions.count);
    return &((const session_info_t *)list->sessions.items)[index];
}

static err_t s_revoke(staging_t *at, uint64_t session)
{
    return staging_ask(at, CALL_session_revoke, &(session_revoke_call_t){session})->status;
}

/* Whether the present asker's session is good. */
static bool s_good(staging_t *at)
{
    const session_list_t *list = s_list(at, CALL_session_list);
    for (size_t i = 0; i < list->sessions.count; i++)
        if (s_item(list, i)->current)
            return true;
    return false;
}

/* ---- one's own ---- */

static void test_ones_sessions_are_listed(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann");
    s_sign_up(at, "bob");
    signed_in_t other = s_sign_in(at, "ann", "a laptop", false);
    guests_be(at, 1, 1);
    const session_list_t *list = s_list(at, CALL_session_list);
    assert_int_equal(list->sessions.count, 2);
    assert_int_equal(s_item(list, 0)->id, 1);
    assert_int_equal(s_item(list, 0)->account, 1);
    assert_int_equal(s_item(list, 0)->expires, at->now + 30 * s_day);
    assert_true(s_item(list, 0)->current);
    guests_text(s_item(list, 0)->device, "a phone");
    assert_int_equal(s_item(list, 1)->id, other.session);
    assert_false(s_item(list, 1)->current);
    guests_text(s_item(list, 1)->device, "a laptop");
}

static void test_expired_and_ended_sessions_are_not_listed(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann");
    at->now += s_day;
    uint64_t second = s_sign_in(at, "ann", NULL, false).session;
    guests_be(at, 1, second);
    assert_int_equal(s_revoke(at, 1), ERR_OK);
    assert_int_equal(s_list(at, CALL_session_list)->sessions.count, 1);
    at->now += 30 * s_day;
    assert_int_equal(s_list(at, CALL_session_list)->sessions.count, 0);
}

static void test_a_session_is_revoked_by_its_owner_only(void **state)
{
    staging_t *at = *state;
    uint64_t ann = s_sign_up(at, "ann");
    s_sign_up(at, "bob");
    assert_int_equal(s_revoke(at, ann), ERR_NOT_FOUND);
    assert_int_equal(s_revoke(at, 99), ERR_NOT_FOUND);
    guests_be(at, 1, ann);
    assert_int_equal(s_revoke(at, ann), ERR_OK);
    assert_int_equal(at->told_count, 1);
    assert_int_equal(at->told[0].record.type, EVENT_session_closed);
    assert_false(s_good(at));
    assert_int_equal(s_revoke(at, ann), ERR_OK); /* again changes nothing */
    assert_int_equal(at->told_count, 0);
}

static void test_all_others_end_by_one_event(void **state)
{
    staging_t *at = *state;
    uint64_t first = s_sign_up(at, "ann");
    uint64_t second = s_sign_in(at, "ann", NULL, false).session;
    uint64_t third = s_sign_in(at, "ann", NULL, false).session;
    guests_be(at, 1, second);
    err_t err =
        staging_ask(at, CALL_session_revoke_others, &(session_revoke_others_call_t){})->status;
    assert_int_equal(err, ERR_OK);
    assert_int_equal(at->told_count, 1);
    const sessions_revoked_event_t *told = at->told[0].body;
    assert_int_equal(told->session, third + 1);
    assert_int_equal(told->kept, second);
    assert_true(s_good(at));
    assert_int_equal(s_list(at, CALL_session_list)->sessions.count, 1);
    guests_be(at, 1, first);
    assert_false(s_good(at));
    guests_be(at, 1, third);
    assert_false(s_good(at));

    const outcome_t *outcome = staging_ask(at, CALL_session_ended, &(session_ended_call_t){});
    const ended_list_t *ended = outcome->answer;
    assert_int_equal(ended->accounts.count, 1);
    assert_int_equal(((const not_before_t *)ended->accounts.items)[0].kept, second);
}

static void test_the_kept_one_ends_when_another_is_kept(void **state)
{
    staging_t *at = *state;
    uint64_t first = s_sign_up(at, "ann");
    session_revoke_others_call_t all = {};
    assert_int_equal(staging_ask(at, CALL_session_revoke_others, &all)->status, ERR_OK);
    uint64_t second = s_sign_in(at, "ann", NULL, false).session;
    guests_be(at, 1, second);
    assert_int_equal(staging_ask(at, CALL_session_revoke_others, &all)->status, ERR_OK);
    assert_true(s_good(at));
    guests_be(at, 1, first);
    assert_false(s_good(at));
    assert_int_equal(staging_ask(at, CALL_session_revoke_others, &all)->status, ERR_SESSION_ENDED);
}

/* ---- renewal ---- */

static const outcome_t *s_renew(staging_t *at)
{
    return staging_ask(at, CALL_session_renew, &(session_renew_call_t){});
}

static void test_a_renewed_session_lasts_thirty_days_more(void **state)
{
    staging_t *at = *state;
    uint64_t session = s_sign_up(at, "ann");
    at->now += 29 * s_day;
    signed_in_t renewed = s_signed_in(s_renew(at));
    assert_int_equal(renewed.session, session);
    assert_int_equal(renewed.expires, at->now + 30 * s_day);
    assert_int_equal(at->told_count, 1);
    assert_int_equal(at->told[0].record.type, EVENT_session_renewed);
    at->now += 29 * s_day;
    assert_true(s_good(at));
    at->now += s_day;
    assert_int_equal(s_renew(at)->status, ERR_SESSION_ENDED);
}

static void test_a_renewed_session_holds_up_no_other(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann");
    for (int i = 0; i < 4; i++)
        s_sign_in(at, "ann", NULL, false);
    at->now += 20 * s_day;
    s_signed_in(s_renew(at));
    s_signed_in(s_renew(at)); /* within the hour: queues up once more, not twice */
    assert_int_equal(staging_rows(at, 'q'), 6 + 2);
    at->now += 11 * s_day; /* the other four have expired */
    for (int i = 0; i < 3; i++)
        s_sign_in(at, "ann", NULL, false);
    assert_int_equal(staging_rows(at, 's'), 1 + 3);
    assert_int_equal(staging_rows(at, 'o'), 1 + 3);
    assert_true(s_good(at));
    at->now += 20 * s_day;
    s_sign_in(at, "ann", NULL, false);
    assert_int_equal(staging_rows(at, 's'), 3 + 1);
}

/* ---- uuids ---- */

static const outcome_t *s_find(staging_t *at, slice_t uuid)
{
    return staging_ask(at, CALL_session_find, &(session_find_call_t){uuid});
}

static void test_a_uuid_finds_its_session(void **state)
{
    staging_t *at = *state;
    char uuid[37] = "";
    s_sign_up(at, "ann");
    signed_in_t in = s_sign_in(at, "ann", NULL, true);
    assert_int_equal(in.uuid.len, 36);
    memcpy(uuid, in.uuid.ptr, 36);
    assert_int_equal(uuid[14], '4');
    assert_null(memmem(at->journal.data, at->journal.len, uuid, 36));

    const outcome_t *outcome = s_find(at, slice_of(uuid));
    assert_int_equal(outcome->status, ERR_OK);
    const found_session_t *found = outcome->answer;
    assert_int_equal(found->session, in.session);
    assert_int_equal(found->account, 1);
    uuid[0] ^= 1;
    assert_int_equal(s_find(at, slice_of(uuid))->status, ERR_NOT_FOUND);
    uuid[0] ^= 1;
    guests_be(at, 1, in.session);
    assert_int_equal(s_revoke(at, in.session), ERR_OK);
    assert_int_equal(s_find(at, slice_of(uuid))->status, ERR_SESSION_ENDED);
}

static void test_no_uuid_is_made_that_nobody_wants(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann");
    assert_int_equal(s_sign_in(at, "ann", NULL, false).uuid.len, 0);
    assert_int_equal(staging_rows(at, 'h'), 0);
}

/* ---- API keys ---- */

static const outcome_t *s_create_key(staging_t *at, const char *scopes, uint64_t account)
{
    key_create_call_t ask = {
        .name = SLICE_LIT("the shop"),
        .scopes = slice_of(scopes),
        .account = account,
    };
    return staging_ask(at, CALL_key_create, &ask);
}

static err_t s_revoke_key(staging_t *at, uint64_t session)
{
    return staging_ask(at, CALL_key_revoke, &(key_revoke_call_t){session})->status;
}

static void test_the_first_key_makes_the_system(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann");
    guests_be_operator(at);
    signed_in_t key = s_signed_in(s_create_key(at, "rooms tokens", 0));
    guests_text(key.scopes, "rooms tokens");
    guests_text(key.account->login, "system");
    assert_true(key.expires > at->now + 3600 * s_day);
    assert_int_equal(at->told_count, 2);
    assert_int_equal(at->told[0].record.type, EVENT_account_registered);
    const account_registered_event_t *told = at->told[0].body;
    assert_int_equal(told->role, role_SYSTEM);
    uint64_t system = key.account->id;

    signed_in_t other = s_signed_in(s_create_key(at, "accounts", 0));
    assert_int_equal(other.account->id, system);
    assert_int_equal(at->told_count, 1);

    session_open_call_t ask = {SLICE_LIT("system"), SLICE_LIT("secret-1")};
    assert_int_equal(staging_ask(at, CALL_session_open, &ask)->status, ERR_BAD_CREDENTIALS);
}

static void test_the_system_finds_its_name_taken(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "System");
    guests_be_operator(at);
    signed_in_t key = s_signed_in(s_create_key(at, "rooms", 0));
    guests_text(key.account->login, "system-2");
    guests_text(key.account->username, "system");
}

static void test_keys_are_for_admins(void **state)
{
    staging_t *at = *state;
    uint64_t session = s_sign_up(at, "ann");
    assert_int_equal(s_create_key(at, "rooms", 0)->status, ERR_FORBIDDEN);
    assert_int_equal(staging_ask(at, CALL_key_list, &(key_list_call_t){})->status, ERR_FORBIDDEN);
    guests_be_operator(at);
    signed_in_t key = s_signed_in(s_create_key(at, "rooms", 0));
    guests_be(at, 1, session);
    assert_int_equal(s_revoke_key(at, key.session), ERR_FORBIDDEN);
    guests_be(at, key.account->id, key.session); /* not even the system's */
    assert_int_equal(s_create_key(at, "rooms", 0)->status, ERR_FORBIDDEN);
}

static void test_scopes_are_words_of_the_list(void **state)
{
    staging_t *at = *state;
    static const char *const wrong[] = {"everything", "rooms rooms", "rooms  tokens",
                                        " rooms",     "rooms ",      "rooms,tokens"};
    guests_be_operator(at);
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(s_create_key(at, wrong[i], 0)->status, ERR_INVALID);
}

static void test_a_key_for_somebody_who_is_no_bot_is_refused(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann");
    guests_be_operator(at);
    assert_int_equal(s_create_key(at, "rooms", 1)->status, ERR_INVALID);
    assert_int_equal(s_create_key(at, "rooms", 9)->status, ERR_NOT_FOUND);
}

static void test_keys_are_listed_until_they_are_revoked(void **state)
{
    staging_t *at = *state;
    uint64_t person = s_sign_up(at, "ann");
    guests_be_operator(at);
    uint64_t first = s_signed_in(s_create_key(at, "rooms", 0)).session;
    uint64_t second = s_signed_in(s_create_key(at, "tokens", 0)).session;
    const session_list_t *keys = s_list(at, CALL_key_list);
    assert_int_equal(keys->sessions.count, 2);
    assert_int_equal(s_item(keys, 0)->id, first);
    guests_text(s_item(keys, 0)->device, "the shop");
    guests_text(s_item(keys, 1)->scopes, "tokens");
    assert_int_equal(s_revoke_key(at, first), ERR_OK);
    keys = s_list(at, CALL_key_list);
    assert_int_equal(keys->sessions.count, 1);
    assert_int_equal(s_item(keys, 0)->id, second);
    assert_int_equal(s_revoke_key(at, person), ERR_NOT_FOUND);
    assert_int_equal(s_revoke_key(at, first), ERR_OK);
}

static void test_a_key_is_not_renewed_and_outlives_others(void **state)
{
    staging_t *at = *state;
    guests_be_operator(at);
    signed_in_t key = s_signed_in(s_create_key(at, "rooms", 0));
    guests_be(at, key.account->id, key.session);
    assert_int_equal(s_renew(at)->status, ERR_FORBIDDEN);
    for (int i = 0; i < 4; i++) {
        at->now += 40 * s_day;
        s_sign_up(at, (const char *[]){"a", "b", "c", "d"}[i]);
    }
    assert_int_equal(staging_rows(at, 's'), 1 + 1); /* the key, and who came last */
}

static void test_what_ends_a_key_is_remembered_as_long_as_it_would_live(void **state)
{
    staging_t *at = *state;
    guests_be_operator(at);
    signed_in_t key = s_signed_in(s_create_key(at, "rooms", 0));
    guests_be(at, key.account->id, key.session);
    session_revoke_others_call_t all = {};
    assert_int_equal(staging_ask(at, CALL_session_revoke_others, &all)->status, ERR_OK);
    const sessions_revoked_event_t *told = at->told[0].body;
    assert_int_equal(told->expires, key.expires);
}

/* ---- minting ---- */

static const outcome_t *s_mint(staging_t *at, uint64_t account)
{
    session_mint_call_t ask = {.account = account, .device = SLICE_LIT("by the shop")};
    return staging_ask(at, CALL_session_mint, &ask);
}

static void test_a_minted_session_is_the_persons(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann");
    guests_be_operator(at);
    signed_in_t key = s_signed_in(s_create_key(at, "tokens", 0));
    guests_be(at, key.account->id, key.session);
    signed_in_t minted = s_signed_in(s_mint(at, 1));
    assert_int_equal(minted.account->id, 1);
    assert_int_equal(minted.expires, at->now + 30 * s_day);
    assert_int_equal(minted.scopes.len, 0);
    guests_be(at, 1, minted.session);
    assert_true(s_good(at));
    guests_text(s_item(s_list(at, CALL_session_list), 1)->device, "by the shop");
}

static void test_people_mint_nothing_and_nobody_is_the_system(void **state)
{
    staging_t *at = *state;
    s_sign_up(at, "ann");
    s_sign_up(at, "bob");
    assert_int_equal(s_mint(at, 1)->status, ERR_FORBIDDEN);
    assert_int_equal(s_mint(at, 2)->status, ERR_FORBIDDEN);
    guests_be_operator(at);
    assert_int_equal(s_mint(at, 9)->status, ERR_NOT_FOUND);
    signed_in_t key = s_signed_in(s_create_key(at, "tokens", 0));
    assert_int_equal(s_mint(at, key.account->id)->status, ERR_FORBIDDEN);
}

/* ---- foreign tokens ---- */

static session_adopt_call_t s_foreign(staging_t *at, const char *subject, const char *token)
{
    static uint8_t hash[HASH_SIZE];
    crypto_blake256(slice_of(token), hash);
    return (session_adopt_call_t){
        .issuer = SLICE_LIT("https://id.example.org"),
        .subject = slice_of(subject),
        .expires = at->now + s_day,
        .hash = slice_new(hash, sizeof hash),
    };
}

static found_session_t s_adopted(staging_t *at, const session_adopt_call_t *ask)
{
    const outcome_t *outcome = staging_ask(at, CALL_session_adopt, ask);
    assert_int_equal(outcome->status, ERR_OK);
    return *(const found_session_t *)outcome->answer;
}

static const account_t *s_account(staging_t *at, uint64_t id)
{
    guests_be(at, id, 0);
    const outcome_t *outcome = staging_ask(at, CALL_account_get, &(account_get_call_t){id});
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

static void test_a_subject_has_one_account_and_a_token_one_session(void **state)
{
    staging_t *at = *state;
    session_adopt_call_t ask = s_foreign(at, "auth0|1", "token 1");
    ask.username = SLICE_LIT("Ann");
    found_session_t first = s_adopted(at, &ask);
    assert_int_equal(at->told_count, 2);
    assert_int_equal(first.expires, at->now + s_day);
    found_session_t again = s_adopted(at, &ask);
    assert_int_equal(at->told_count, 0);
    assert_int_equal(again.session, first.session);

    ask = s_foreign(at, "auth0|1", "token 2");
    found_session_t second = s_adopted(at, &ask);
    assert_int_equal(at->told_count, 1);
    assert_int_equal(second.account, first.account);
    assert_int_not_equal(second.session, first.session);
    ask = s_foreign(at, "auth0|2", "token 3");
    assert_int_not_equal(s_adopted(at, &ask).account, first.account);
    guests_text(s_account(at, first.account)->login, "Ann");
}

static void test_a_token_whose_session_ended_is_not_adopted_again(void **state)
{
    staging_t *at = *state;
    session_adopt_call_t ask = s_foreign(at, "auth0|1", "token 1");
    found_session_t in = s_adopted(at, &ask);
    guests_be(at, in.account, in.session);
    assert_int_equal(s_renew(at)->status, ERR_FORBIDDEN);
    assert_int_equal(s_revoke(at, in.session), ERR_OK);
    assert_int_equal(staging_ask(at, CALL_session_adopt, &ask)->status, ERR_SESSION_ENDED);
}

static void test_an_adopted_account_is_called_what_can_be_had(void **state)
{
    staging_t *at = *state;
    static const struct {
        const char *username, *subject, *login;
    } rows[] = {
        {"ann", "s1", "ann-2"},     {"<b>", "s2", "s2"},       {"<b>", "<i>", "user-4"},
        {NULL, "auth|7", "auth|7"}, {"ann@x.org", "s5", "s5"},
    };
    account_register_call_t ann = {
        .login = SLICE_LIT("ann"),
        .email = SLICE_LIT("ann@x.org"),
        .password = SLICE_LIT("secret-1"),
    };
    s_signed_in(staging_ask(at, CALL_account_register, &ann));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        session_adopt_call_t ask = s_foreign(at, rows[i].subject, rows[i].subject);
        ask.username = slice_of(rows[i].username);
        guests_text(s_account(at, s_adopted(at, &ask).account)->login, rows[i].login);
    }
}

static void test_an_adopted_email_is_not_taken_from_who_has_proven_it(void **state)
{
    staging_t *at = *state;
    session_adopt_call_t ask = s_foreign(at, "s1", "token 1");
    ask.email = SLICE_LIT("ann@x.org");
    guests_text(s_account(at, s_adopted(at, &ask).account)->email, "ann@x.org");
    ask = s_foreign(at, "s2", "token 2");
    ask.email = SLICE_LIT("ann@x.org");
    guests_text(s_account(at, s_adopted(at, &ask).account)->email, "");
    ask = s_foreign(at, "s3", "token 3");
    ask.email = SLICE_LIT("no address");
    guests_text(s_account(at, s_adopted(at, &ask).account)->email, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUESTS_TEST(test_ones_sessions_are_listed),
        GUESTS_TEST(test_expired_and_ended_sessions_are_not_listed),
        GUESTS_TEST(test_a_session_is_revoked_by_its_owner_only),
        GUESTS_TEST(test_all_others_end_by_one_event),
        GUESTS_TEST(test_the_kept_one_ends_when_another_is_kept),
        GUESTS_TEST(test_a_renewed_session_lasts_thirty_days_more),
        GUESTS_TEST(test_a_renewed_session_holds_up_no_other),
        GUESTS_TEST(test_a_uuid_finds_its_session),
        GUESTS_TEST(test_no_uuid_is_made_that_nobody_wants),
        GUESTS_TEST(test_the_first_key_makes_the_system),
        GUESTS_TEST(test_the_system_finds_its_name_taken),
        GUESTS_TEST(test_keys_are_for_admins),
        GUESTS_TEST(test_scopes_are_words_of_the_list),
        GUESTS_TEST(test_a_key_for_somebody_who_is_no_bot_is_refused),
        GUESTS_TEST(test_keys_are_listed_until_they_are_revoked),
        GUESTS_TEST(test_a_key_is_not_renewed_and_outlives_others),
        GUESTS_TEST(test_what_ends_a_key_is_remembered_as_long_as_it_would_live),
        GUESTS_TEST(test_a_minted_session_is_the_persons),
        GUESTS_TEST(test_people_mint_nothing_and_nobody_is_the_system),
        GUESTS_TEST(test_a_subject_has_one_account_and_a_token_one_session),
        GUESTS_TEST(test_a_token_whose_session_ended_is_not_adopted_again),
        GUESTS_TEST(test_an_adopted_account_is_called_what_can_be_had),
        GUESTS_TEST(test_an_adopted_email_is_not_taken_from_who_has_proven_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
