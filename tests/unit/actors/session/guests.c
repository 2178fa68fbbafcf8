#include "tests/unit/actors/session/guests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

int guests_setup(void **state)
{
    *state = staging_new(&session_actor);
    return 0;
}

/* ---- who asks ---- */

void guests_be(staging_t *at, uint64_t account, uint64_t session)
{
    at->principal = account;
    at->session = session;
}

void guests_be_operator(staging_t *at)
{
    guests_be(at, 0, 0);
}

asker_t guests_present(const staging_t *at)
{
    return (asker_t){at->principal, at->session};
}

void guests_be_again(staging_t *at, asker_t asker)
{
    guests_be(at, asker.account, asker.session);
}

/* ---- what they do ---- */

uint64_t guests_join(staging_t *at, const char *login, const char *email)
{
    account_register_call_t ask = {
        .login = slice_of(login),
        .email = slice_of(email),
        .password = SLICE_LIT("secret-1"),
    };
    at->rand[0]++;
    guests_be(at, 0, 0);
    const outcome_t *outcome = staging_ask(at, CALL_account_register, &ask);
    guests_done(outcome);
    const signed_in_t *in = outcome->answer;
    guests_be(at, in->account->id, in->session);
    return in->account->id;
}

uint64_t guests_join_as(staging_t *at, const char *login, role_t role)
{
    uint64_t account = guests_join(at, login, NULL);
    asker_t asker = guests_present(at);
    account_set_role_call_t ask = {account, role};
    guests_be_operator(at);
    guests_done(staging_ask(at, CALL_account_set_role, &ask));
    guests_be_again(at, asker);
    return account;
}

const outcome_t *guests_sign_in(staging_t *at, const char *name, const char *password)
{
    session_open_call_t ask = {.login = slice_of(name), .password = slice_of(password)};
    return staging_ask(at, CALL_session_open, &ask);
}

const account_t *guests_look(staging_t *at, uint64_t account)
{
    account_get_call_t ask = {account};
    const outcome_t *outcome = staging_ask(at, CALL_account_get, &ask);
    guests_done(outcome);
    return outcome->answer;
}

account_link_t guests_link(staging_t *at, uint64_t account, purpose_t purpose)
{
    asker_t asker = guests_present(at);
    account_link_call_t ask = {account, purpose};
    guests_be_operator(at);
    const outcome_t *outcome = staging_ask(at, CALL_account_link, &ask);
    guests_done(outcome);
    guests_be_again(at, asker);
    return *(const account_link_t *)outcome->answer;
}

nonce_t guests_nonce(staging_t *at, uint64_t account, purpose_t purpose)
{
    nonce_t nonce = {0};
    account_link_t link = guests_link(at, account, purpose);
    assert_true(link.nonce.len > 0);
    memcpy(nonce.text, link.nonce.ptr, link.nonce.len);
    return nonce;
}

bool guests_gone(staging_t *at)
{
    return staging_ask(at, CALL_session_renew, &(session_renew_call_t){})->status ==
           ERR_SESSION_ENDED;
}

uint16_t guests_told(const staging_t *at, size_t place)
{
    return place < at->told_count ? at->told[place].record.type : 0;
}

/* ---- what tests expect ---- */

void guests_text(slice_t text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
}

void guests_done(const outcome_t *outcome)
{
    assert_int_equal(outcome->status, ERR_OK);
}

void guests_refused(const staging_t *at, const outcome_t *outcome, err_t status, const char *detail)
{
    assert_int_equal(outcome->status, status);
    guests_text(outcome->detail, detail != NULL ? detail : "");
    assert_int_equal(at->told_count, 0);
}
