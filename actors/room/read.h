/* read.h - how far people have read.
 *
 * A marker is made when somebody comes into a room, at its last message then, so that
 * what was said before is not unread; it goes on when they read or post, and goes away
 * when they leave. */
#ifndef ACTORS_ROOM_READ_H
#define ACTORS_ROOM_READ_H

#include "actors/actor.h"

/* ---- for apply ---- */

void read_begin(turn_t *turn, const membership_t *member);
void read_speak(turn_t *turn, const message_t *message, int64_t time);
void read_end(turn_t *turn, uint64_t room, uint64_t account);

#endif
