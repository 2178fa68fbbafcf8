/* matcha42.h - what the files of matcha42 (dialect 004) share. */
#ifndef WS_EDGE_DIALECTS_MATCHA42_H
#define WS_EDGE_DIALECTS_MATCHA42_H

#include "ws-edge/dialect.h"

/* Set by login; being online is all that it is good for. */
#define MATCHA42_COOKIE "matcha42"

/* ---- asking: a refusal names the parameter that is at fault ---- */

/* ERR_INVALID, and why. */
MUST_CHECK err_t matcha42_wrong(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                                const char *problem);

/* A parameter that must be there, and not be empty. */
MUST_CHECK err_t matcha42_text(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                               slice_t *ret_text);

/* The same from the body alone. */
MUST_CHECK err_t matcha42_secret(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                                 slice_t *ret_text);

/* An id; without one it is 0. */
MUST_CHECK err_t matcha42_id(const visit_t *visit, answer_t *ret_refusal, const char *parameter,
                             uint64_t *ret_id);

/* `target_user_id`, which must be there. */
MUST_CHECK err_t matcha42_target(const visit_t *visit, answer_t *ret_refusal,
                                 uint64_t *ret_account);

/* `random_id`, a number of 32 bits with a sign, as a client id; without one it is empty. */
MUST_CHECK err_t matcha42_random_id(const visit_t *visit, answer_t *ret_refusal, slice_t *ret_id);

/* `user_id`, if it is there, is the asker's own; else UNAUTHENTICATED. */
MUST_CHECK err_t matcha42_own(const visit_t *visit, answer_t *ret_refusal);

/* Whether a call's arguments keep the schema's bounds; and the visit's call, if they do. */
MUST_CHECK err_t matcha42_check(const visit_t *visit, answer_t *ret_refusal, call_number_t call,
                                const void *args);
MUST_CHECK err_t matcha42_call(visit_t *visit, answer_t *ret_refusal, call_number_t call,
                               const void *args);

/* ---- showing ---- */

void matcha42_put_id(buf_t *out, const char *name, uint64_t id);
void matcha42_put_text(buf_t *out, const char *name, slice_t text);

/* `{"status":"ok"}`, whatever the answer says. */
void matcha42_show_done(visit_t *visit, const answer_t *answer);

/* ---- matcha42_accounts.c ---- */

err_t matcha42_ask_login(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_logout(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_reset(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_verify(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_online(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_offline(visit_t *visit, answer_t *ret_refusal);
void matcha42_show_login(visit_t *visit, const answer_t *answer);
void matcha42_show_logout(visit_t *visit, const answer_t *answer);
void matcha42_show_reset(visit_t *visit, const answer_t *answer);
void matcha42_show_true(visit_t *visit, const answer_t *answer);

/* ---- matcha42_profile.c ---- */

err_t matcha42_ask_register(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_save(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_picture(visit_t *visit, answer_t *ret_refusal);
void matcha42_show_picture(visit_t *visit, const answer_t *answer);
void matcha42_show_registered(visit_t *visit, const answer_t *answer);
void matcha42_show_saved(visit_t *visit, const answer_t *answer);

/* Whoever has an account has it, whatever became of the profile: that is said, and no error. */
bool matcha42_is_registered(visit_t *visit, const answer_t *refusal);

/* ---- matcha42_people.c ---- */

err_t matcha42_ask_profile(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_research(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_history(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_person(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_connect(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_report(visit_t *visit, answer_t *ret_refusal);
void matcha42_show_profile(visit_t *visit, const answer_t *answer);
void matcha42_show_research(visit_t *visit, const answer_t *answer);
void matcha42_show_history(visit_t *visit, const answer_t *answer);
void matcha42_show_connected(visit_t *visit, const answer_t *answer);
void matcha42_show_liked(visit_t *visit, const answer_t *answer);

/* ---- matcha42_messages.c ---- */

err_t matcha42_ask_send(visit_t *visit, answer_t *ret_refusal);
err_t matcha42_ask_notifications(visit_t *visit, answer_t *ret_refusal);
void matcha42_show_sent(visit_t *visit, const answer_t *answer);

/* They have no direct room yet: that is no refusal, but has it made. */
bool matcha42_is_first_contact(visit_t *visit, const answer_t *refusal);
void matcha42_show_notifications(visit_t *visit, const answer_t *answer);

#endif
