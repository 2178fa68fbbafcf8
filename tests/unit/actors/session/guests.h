/* guests.h - people for tests of the session actor: they sign up, look at each other, and
 * are refused.  Every test ends by asking whether a fresh store that applies what was
 * committed becomes the same as the live one. */
#ifndef TESTS_UNIT_ACTORS_SESSION_GUESTS_H
#define TESTS_UNIT_ACTORS_SESSION_GUESTS_H

#include "tests/unit/actors/staging.h"

int guests_setup(void **state);
#define GUESTS_TEST(name) cmocka_unit_test_setup_teardown(name, guests_setup, staging_end)

/* Sign up with the password `secret-1`, and be the one who asks; gives the account. */
uint64_t guests_join(staging_t *at, const char *login, const char *email);

/* The same, and have this role. */
uint64_t guests_join_as(staging_t *at, const char *login, role_t role);

void guests_be(staging_t *at, uint64_t account, uint64_t session);
void guests_be_operator(staging_t *at);

/* Whoever asks at present. */
typedef struct asker {
    uint64_t account;
    uint64_t session;
} asker_t;
asker_t guests_present(const staging_t *at);
void guests_be_again(staging_t *at, asker_t asker);

const outcome_t *guests_sign_in(staging_t *at, const char *name, const char *password);

/* An account as whoever asks sees it; 0: their own. */
const account_t *guests_look(staging_t *at, uint64_t account);

/* The link that is open, as operators see it. */
account_link_t guests_link(staging_t *at, uint64_t account, purpose_t purpose);

/* Its nonce, to keep. */
typedef struct nonce {
    char text[LIMIT_NONCE + 1];
} nonce_t;
nonce_t guests_nonce(staging_t *at, uint64_t account, purpose_t purpose);

/* Whether the session of whoever asks has ended, so that they can do nothing. */
bool guests_gone(staging_t *at);

/* The type of the event in that place among those of the last commit; 0: there is none. */
uint16_t guests_told(const staging_t *at, size_t place);

/* ---- what tests expect ---- */

void guests_text(slice_t text, const char *expected);
void guests_done(const outcome_t *outcome);

/* `detail` NULL: there is nothing to add.  A refusal changes nothing. */
void guests_refused(const staging_t *at, const outcome_t *outcome, err_t status,
                    const char *detail);

#endif
