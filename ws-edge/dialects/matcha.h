/* matcha.h - document 000: the parts of its REST dialect to each other. */
#ifndef WS_EDGE_DIALECTS_MATCHA_H
#define WS_EDGE_DIALECTS_MATCHA_H

#include "ws-edge/dialect.h"

/* ---- matcha.c ---- */

/* A time as the document writes one, in UTC and in quotes: "2019-08-07 15:34:07". */
void matcha_put_time(buf_t *out, int64_t time_us);

/* Refuse in `show`. */
void matcha_deny(visit_t *visit, err_t err, const char *detail);

/* `"ok"`, which is the answer where the document has no other. */
void matcha_show_ok(visit_t *visit, const answer_t *answer);

/* The path's id, which must be the asker's own.  FORBIDDEN, NOT_FOUND. */
MUST_CHECK err_t matcha_own_id(const visit_t *visit, uint64_t *ret_id);

/* ---- matcha_users.c: people as this document shows them ---- */

err_t matcha_ask_users(visit_t *visit, answer_t *ret_refusal);
err_t matcha_ask_user(visit_t *visit, answer_t *ret_refusal);
err_t matcha_ask_login(visit_t *visit, answer_t *ret_refusal);
void matcha_show_users(visit_t *visit, const answer_t *answer);

/* The photos of a profile as they are shown and counted here: the main one first. */
list_t matcha_order_photos(const list_t *photos, arena_t *arena);

/* Go on to show one user, after other calls of a visit. */
void matcha_go_to_user(visit_t *visit, uint64_t account);

err_t matcha_ask_rating(visit_t *visit, answer_t *ret_refusal);
err_t matcha_ask_search(visit_t *visit, answer_t *ret_refusal);
void matcha_show_found(visit_t *visit, const answer_t *answer);

/* ---- matcha_profile.c: one's own profile, and what one does to others' ---- */

/* Where somebody is, in millionths of a degree; false if the request does not say, or says
 * what cannot be. */
bool matcha_read_position(const visit_t *visit, int64_t *ret_lat, int64_t *ret_lon);

err_t matcha_ask_update(visit_t *visit, answer_t *ret_refusal);
void matcha_show_updated(visit_t *visit, const answer_t *answer);
err_t matcha_ask_drop_image(visit_t *visit, answer_t *ret_refusal);
void matcha_show_dropped(visit_t *visit, const answer_t *answer);

/* The route's call about the path's person; what a report says is that they are a fake. */
err_t matcha_ask_person(visit_t *visit, answer_t *ret_refusal);

err_t matcha_ask_tags(visit_t *visit, answer_t *ret_refusal);
void matcha_show_tags(visit_t *visit, const answer_t *answer);

#endif
