/* pusher_chat.h - document 003: its objects, for those who show them elsewhere too, and the
 * parts of its dialect to each other.
 *
 * The channel of a direct room is `private-chat_<first>_<second>`, in the order in which the
 * two were named when it was first asked for; that of any other room is `private-chat_<id>`.
 * What concerns one person alone comes on `private-notification_user_<id>`. */
#ifndef WS_EDGE_DIALECTS_PUSHER_CHAT_H
#define WS_EDGE_DIALECTS_PUSHER_CHAT_H

#include "ws-edge/dialect.h"

/* What one channel of a room is called; first and second are 0 but of direct rooms. */
void pusher_chat_put_channel(buf_t *out, uint64_t room, uint64_t first, uint64_t second);

/* A message, as `send_message` answers it and `new_message` brings it. */
void pusher_chat_put_message(buf_t *out, const message_t *message);

/* The same as `get_message` has it, which is without what came with it. */
void pusher_chat_put_past(buf_t *out, const message_t *message);

/* As `request_chat` answers it and `new_chat` brings it: `by` asks to talk with `with`. */
void pusher_chat_put_request(buf_t *out, uint64_t by, uint64_t with, const room_t *room);

/* ---- which room (pusher_chat_room.c) ---- */

#define PUSHER_CHAT_CHANNEL "private-chat_"
#define PUSHER_CHAT_NOTIFICATION "private-notification_user_"

/* As a client names a room; the zero place: not at all. */
typedef struct pusher_chat_place {
    uint64_t room;  /* by its id, or … */
    uint64_t first; /* … by its two people in this order */
    uint64_t second;
} pusher_chat_place_t;

/* The first two memos say which room it must be, until it is found. */
typedef enum pusher_chat_memo {
    MEMO_FIRST,
    MEMO_NUMBER,
    MEMO_LIMIT, /* of a history, and … */
    MEMO_BEFORE,
    MEMO_ID = MEMO_LIMIT, /* … of a message: the channel's id, if that was said too */
    MEMO_TO = MEMO_BEFORE
} pusher_chat_memo_t;

/* "17", "private-chat_17" or "private-chat_3_4"; false for anything else. */
bool pusher_chat_read_place(slice_t text, pusher_chat_place_t *ret_place);

/* The one of the two who is not `account`; 0 if neither or both are. */
uint64_t pusher_chat_other(uint64_t first, uint64_t second, uint64_t account);

/* Make the visit's call: find that room, or the direct one with somebody. */
MUST_CHECK err_t pusher_chat_find(visit_t *visit, answer_t *ret_refusal,
                                  const pusher_chat_place_t *place);
MUST_CHECK err_t pusher_chat_find_with(visit_t *visit, answer_t *ret_refusal, uint64_t account);

/* Whether the answer is the room, and that it is the one that was meant. */
bool pusher_chat_is_found(const answer_t *answer);
bool pusher_chat_is_meant(const visit_t *visit, const room_t *room);

/* Refuse in `show`: the room is not for the asker. */
void pusher_chat_deny(visit_t *visit);

/* Nobody speaks for somebody else: `from_user` is the asker's own id.  FORBIDDEN, INVALID. */
MUST_CHECK err_t pusher_chat_read_from(const visit_t *visit, answer_t *ret_refusal);

/* ---- the routes' halves ---- */

err_t pusher_chat_ask_send(visit_t *visit, answer_t *ret_refusal);
void pusher_chat_show_sent(visit_t *visit, const answer_t *answer);
err_t pusher_chat_ask_messages(visit_t *visit, answer_t *ret_refusal);
void pusher_chat_show_messages(visit_t *visit, const answer_t *answer);
err_t pusher_chat_ask_auth(visit_t *visit, answer_t *ret_refusal);
void pusher_chat_show_auth(visit_t *visit, const answer_t *answer);
err_t pusher_chat_ask_user_auth(visit_t *visit, answer_t *ret_refusal);
void pusher_chat_show_user_auth(visit_t *visit, const answer_t *answer);

#endif
