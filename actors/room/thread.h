/* thread.h - messages that belong to another one. */
#ifndef ACTORS_ROOM_THREAD_H
#define ACTORS_ROOM_THREAD_H

#include "actors/actor.h"

/* The message that began the thread which this one begins, or is in.  ERR_NOT_FOUND. */
MUST_CHECK err_t thread_root(turn_t *turn, uint64_t room, uint64_t seq, uint64_t *ret_root);

/* For apply: the message was posted; if it is in a thread, that has one more. */
void thread_grow(turn_t *turn, const message_t *message);

#endif
