/* client.h - one WebSocket connection of one session, from handshake to close. */
#ifndef WS_EDGE_CLIENT_H
#define WS_EDGE_CLIENT_H

#include "ws-edge/bearer.h"
#include "ws-edge/dialect.h"
#include "ws-edge/edge_parts.h"

typedef struct client client_t;

clients_t *clients_new(edge_t *edge);

/* All connections have been closed before. */
void clients_destroy(clients_t **clients_p);

/* Who is let in, or will be once it is known who that is; `address` is a toll_address.  The
 * server calls the rest. */
client_t *client_new(clients_t *clients, dialect_id_t dialect, const bearer_t *bearer,
                     const greeting_t *greeting, uint64_t address);
void client_opened(void *user, socket_t *socket);
void client_message(void *user, bool text, slice_t payload);
void client_closed(void *user, int code);

/* Leave all places, hear nothing more, close. */
void client_close(client_t *client, int code, const char *reason);
/* Those whose tokens have expired by now, wall-clock µs. */
void clients_expire(clients_t *clients, int64_t now);
void clients_close_all(clients_t *clients, int code, const char *reason);

/* The broker has acknowledged rounds up to this one: go on with who waited for it. */
void clients_acked(clients_t *clients, uint64_t round);

/* Once a turn: send more to those that catch up, as far as they take it. */
void clients_turn(clients_t *clients);

/* ---- for the fan-out ---- */

/* A frame as this dialect's connections get it. */
body_t *client_frame(const dialect_t *dialect, slice_t payload);

client_t *client_of(guest_t *guest);
who_t client_who(const client_t *client);
dialect_id_t client_dialect(const client_t *client);

/* Queue the frame of the record numbered `mark`, once, unless it is still catching up. */
void client_show(client_t *client, body_t *frame, uint64_t mark);

/* Its account came into a room, or left one. */
void client_came(client_t *client, uint64_t room);
void client_left(client_t *client, uint64_t room);

/* Records from `seq` on may not come by themselves: read them, then go on live. */
void client_catch_up(client_t *client, uint64_t seq);

#endif
