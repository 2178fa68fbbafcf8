/* message.h - a message with what others have added to it.
 *
 * What was said is one row; reactions, replies and the pin lie in an annex beside it,
 * which most messages never get.  So a post writes no row for them, and a reaction does
 * not write the text again. */
#ifndef ACTORS_ROOM_MESSAGE_H
#define ACTORS_ROOM_MESSAGE_H

#include "actors/actor.h"

/* A message that somebody wants to do something to. */
typedef struct message_target {
    room_t room;
    const membership_t *membership; /* NULL: not in the room, which is open */
    const message_t *message;       /* without its annex */
    annex_t annex;
    uint64_t slots; /* which of its reactions are the caller's own */
} message_target_t;

/* ERR_NOT_FOUND if there is no such message, or the caller may not read it. */
MUST_CHECK err_t message_reach(turn_t *turn, const call_t *call, uint64_t room, uint64_t seq,
                               message_target_t *ret_target);

/* The same of one that was not deleted; refuses with INVALID if it was. */
MUST_CHECK err_t message_reach_standing(turn_t *turn, const call_t *call, uint64_t room,
                                        uint64_t seq, message_target_t *ret_target);

/* Whether the caller looks after the room that the message is in. */
MUST_CHECK err_t message_moderated(turn_t *turn, const call_t *call, const message_target_t *target,
                                   bool *ret_moderated);

/* Answer with the message as it is now, and as `account` sees it. */
MUST_CHECK err_t message_answer(turn_t *turn, uint64_t room, uint64_t seq, uint64_t account);

/* The same of these messages, as many as a page may have bytes of text. */
MUST_CHECK err_t message_answer_list(turn_t *turn, uint64_t room, ids_t seqs, uint64_t account);

/* ---- annexes ---- */

/* A new one, with nothing in it, if there is none. */
MUST_CHECK err_t message_annex(turn_t *turn, uint64_t room, uint64_t seq, annex_t *ret_annex);
void message_put_annex(turn_t *turn, uint64_t room, const annex_t *annex);

/* Which of a message's reactions are the account's own: bit n for the one in slot n. */
MUST_CHECK err_t message_slots(turn_t *turn, uint64_t room, uint64_t seq, uint64_t account,
                               uint64_t *ret_slots);

/* Put what is in the annex into the message, as `account` sees it. */
MUST_CHECK err_t message_dress(turn_t *turn, uint64_t account, const annex_t *annex,
                               message_t *message);

/* ---- receipts ---- */

/* What was said, in a number: the same for the command and for the message that came of
 * it, whatever becomes of its text. */
uint64_t message_content(const message_t *message);

#endif
