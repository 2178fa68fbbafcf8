/* signpost.h - which front door leads where, in lines for people and programs. */
#ifndef WS_EDGE_SIGNPOST_H
#define WS_EDGE_SIGNPOST_H

#include <stdio.h>

/* A line a route, connection and Socket.IO namespace of all dialects; columns are parted by
 * tabs: dialect, method, path, and of a route its call, who may make that, and whether a
 * cookie says who is asking:
 *
 *     chatapi     GET     /users/me     account.get    person   -
 *     chatapi     SOCKET  /chats/ws     -              -        -    (a WebSocket)
 *     native      STREAM  /v1/events    -              -        -    (an event stream)
 *     matcha_sio  EVENTS  /api/socket   join,message   -        -    (what is for it; or *)
 *     chatbackend_line  LINE  -         -              -        -    (plain TCP) */
void signpost_print(FILE *out);

#endif
