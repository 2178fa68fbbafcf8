/* stream.h - what one connection of a bot hears, and how far it has.
 *
 * A stream is a cursor: the next sequence that was not looked at yet.  Nothing is kept for a bot
 * but that number, so one that is slow or stuck costs nobody anything: what it has not been
 * sent lies in the tail or in the journal, and it is read from there when the bot takes more.
 * Live is not another state; it is a cursor at the head.
 *
 *   follow ──> next ── wanted? ──> sent, unacknowledged (the window) ── bot.ack ──> done
 *
 * A bot hears what happens in the rooms that it is in, and to its own account, as far as its
 * scopes go; `observe` lifts the first.  What it may hear is judged when it is sent. */
#ifndef BROKER_STREAM_H
#define BROKER_STREAM_H

#include "broker/roster.h"

typedef struct stream stream_t;

stream_t *stream_new(roster_bot_t *bot);
void stream_destroy(stream_t **stream_p);

roster_bot_t *stream_bot(const stream_t *stream);

/* ---- the rooms that it is in ---- */

/* All of them, as the room actor knows them.  False if that is older than what the stream has
 * heard of them: ask again. */
MUST_CHECK bool stream_learn_rooms(stream_t *stream, const room_ids_t *rooms, uint64_t as_of);

/* They are known. */
bool stream_settled(const stream_t *stream);

/* A committed record: the bot may have come into a room, or left one. */
void stream_note(stream_t *stream, const record_t *record);

/* ---- following ---- */

/* From here on, with these wishes, in place of any before.  FORBIDDEN for rooms that it is not
 * in, and for other people's accounts. */
MUST_CHECK err_t stream_follow(stream_t *stream, const bot_follow_call_t *wish);
void stream_stop(stream_t *stream);

/* The next sequence to look at; 0 if it follows nothing. */
uint64_t stream_next(const stream_t *stream);
void stream_advance(stream_t *stream, uint64_t next);

/* The page of the journal that it waits for; 0 for none, also if that would come too late,
 * since what the stream wants has changed. */
uint64_t stream_page(const stream_t *stream);
void stream_await(stream_t *stream, uint64_t ticket);

/* Whether it may hear such an event of this place. */
bool stream_may(const stream_t *stream, const event_type_t *type, uint64_t room, uint64_t account);

/* Whether it wants to hear of such events; of bot.called only if it says so. */
bool stream_wants(const stream_t *stream, const event_type_t *type);

/* Whether it may hear anything of this place: told before a record is read. */
bool stream_is_at(const stream_t *stream, uint64_t room, uint64_t account);

/* The keys of all that it may hear, in the arena; no keys: all. */
void stream_keys(const stream_t *stream, arena_t *arena, ids_t *ret_rooms, ids_t *ret_accounts);

/* ---- the window ---- */

/* Whether one more may be sent. */
bool stream_open(const stream_t *stream);

/* An event was sent; one that passes unrecorded has no sequence. */
void stream_sent(stream_t *stream, uint64_t seq, size_t bytes);
void stream_ack(stream_t *stream, uint64_t seq);

/* Events that were sent and not acknowledged. */
size_t stream_unacknowledged(const stream_t *stream);

/* The bot has said something: what passes unrecorded is sent again. */
void stream_heard(stream_t *stream);

/* ---- its calls ---- */

/* One more that waits for its answer; false if there are too many.  And one that has it. */
bool stream_begin_call(stream_t *stream);
void stream_end_call(stream_t *stream);

/* The number of the bot.hello that waits for the rooms. */
void stream_set_hello(stream_t *stream, uint64_t number);
uint64_t stream_hello(const stream_t *stream);

#endif
