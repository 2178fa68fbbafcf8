/* rows.h - the matching actor's projection: what lies under which key.
 *
 *   'p' account               profile, as it was last updated
 *   'i' account               standing_row: what a person is held against others by
 *   's' account other         stance of the one to the other
 *   'k' account place         other: to whom it stands somehow (bond.h), u64
 *   'K' account               bond_row: how many these are
 *   'n' account other         why the other is not recommended to the account, a number (rows_keep_apart)
 *   'v' account number        encounter: who has visited the account's profile, …
 *   'l' account number        … who likes it, …
 *   'g' account number        … whom it likes, …
 *   'm' account number        … with whom that is mutual, …
 *   'b' account number        … and whom it blocks
 *   'c' low account, high     chat_row
 *   't' tag                   how many profiles have it, u64
 *   'h' id                    how many photos of profiles it is, u64 (album.c)
 *   'r' id                    report
 *   'o' id                    mark: the report waits for a decision
 *   'w' account               ticket: the last one, open or not
 *   'W' number                account, u64: the ticket is open
 *   'x' number                match, until all in it are told
 *   'k' session               mark: an API key that may see to reports (keys.h)
 *   'C' 'E' | 'R' | 'T' | 'M' the last number of an encounter, a report, a ticket, a match, u64
 *   'C' 'W'                   how many tickets are open, u64
 *   'P' account               person, see person.h: kept from the session actor's events
 *   'd' low account, high     mark: they have a direct room; kept from the room actor's events
 *
 * Numbers of encounters rise with time, so that a list is a walk backwards. */
#ifndef ACTORS_MATCHING_ROWS_H
#define ACTORS_MATCHING_ROWS_H

#include "actors/person.h"

/* Lists of encounters, by their letter. */
typedef enum encounters {
    ENCOUNTERS_VISITS = 'v',
    ENCOUNTERS_LIKES = 'l',
    ENCOUNTERS_GIVEN = 'g',
    ENCOUNTERS_MATCHES = 'm',
    ENCOUNTERS_BLOCKS = 'b',
} encounters_t;

/* Why somebody is not recommended: a set of these. */
enum { APART_BLOCKED = 1, APART_OTHERWISE = 2 };

/* ---- reading; what is not there is ERR_NOT_FOUND, or all zero where it says so ---- */

MUST_CHECK err_t rows_profile(turn_t *turn, uint64_t account, const profile_t **ret_profile);
MUST_CHECK err_t rows_report(turn_t *turn, uint64_t id, const report_t **ret_report);

/* All zero if there is none. */
MUST_CHECK err_t rows_standing(turn_t *turn, uint64_t account, standing_row_t *ret_standing);
MUST_CHECK err_t rows_stance(turn_t *turn, uint64_t account, uint64_t other, stance_t *ret_stance);

/* From whom the account is kept apart for one of these reasons; for queries. */
MUST_CHECK err_t rows_apart(turn_t *turn, uint64_t account, uint64_t why, ids_t *ret_accounts);

/* Open without a `by` if they have a direct room that nobody has closed. */
MUST_CHECK err_t rows_chat(turn_t *turn, uint64_t one, uint64_t other, chat_row_t *ret_chat);

/* ---- for apply, which cannot fail ---- */

standing_row_t rows_own_standing(turn_t *turn, uint64_t account);
void rows_put_standing(turn_t *turn, uint64_t account, const standing_row_t *standing);

stance_t rows_own_stance(turn_t *turn, uint64_t account, uint64_t other);
void rows_put_stance(turn_t *turn, uint64_t account, uint64_t other, const stance_t *stance);

/* Both stances decide who is recommended to whom; after either has changed. */
void rows_keep_apart(turn_t *turn, uint64_t account, uint64_t other);

/* The next number of a counter, which is counted up. */
uint64_t rows_count_up(turn_t *turn, char counter);

/* An encounter at the head of a list; and one that is no more, as the number 0 never is. */
void rows_put_encounter(turn_t *turn, encounters_t list, uint64_t account, uint64_t number,
                        uint64_t other, int64_t time);
void rows_delete_encounter(turn_t *turn, encounters_t list, uint64_t account, uint64_t number);

row_key_t rows_counter_key(char counter);
row_key_t rows_tag_key(slice_t tag);

#endif
