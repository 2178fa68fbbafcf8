/* client.h - one listener: a person, or nobody yet, in one dialect, at one outlet.
 *
 * Who owns the outlet has the listener's life in hand: client_new, client_open once frames
 * may go, client_gone when none can any more.  A WebSocket of its own has it by client_wire. */
#ifndef WS_EDGE_CLIENT_H
#define WS_EDGE_CLIENT_H

#include "ws-edge/bearer.h"
#include "ws-edge/dialect.h"
#include "ws-edge/edge_parts.h"
#include "ws-edge/outlet.h"
#include "ws-edge/wire.h"

typedef struct client client_t;

clients_t *clients_new(edge_t *edge);

/* All connections have been closed before. */
void clients_destroy(clients_t **clients_p);

/* Who is let in, or will be once it is known who that is; NULL: nobody for now.  `address`
 * is a toll_address. */
client_t *client_new(clients_t *clients, dialect_id_t dialect, const bearer_t *bearer,
                     const greeting_t *greeting, uint64_t address);

/* The same at the end of a WebSocket or an event stream, which then sees to the rest. */
wire_t *client_wire(clients_t *clients, dialect_id_t dialect, const bearer_t *bearer,
                    const greeting_t *greeting, uint64_t address);

/* The same at a plain TCP connection whose client has said `hail`. */
wire_t *client_line(clients_t *clients, line_t *line, uint64_t address, slice_t hail);

/* Frames go to `outlet` from here on, which outlives the client's part of it. */
void client_open(client_t *client, outlet_t *outlet);

/* The outlet is no more, and the client neither. */
void client_gone(client_t *client, int code);

/* It says something. */
void client_say(client_t *client, bool text, slice_t payload);
void client_utter(client_t *client, const utterance_t *utterance);

/* Leave all places, hear nothing more, close the outlet. */
void client_close(client_t *client, int code, const char *reason);

/* Those whose tokens have expired by now, wall-clock µs. */
void clients_expire(clients_t *clients, int64_t now);
void clients_close_all(clients_t *clients, int code, const char *reason);

/* The broker has acknowledged rounds up to this one: go on with who waited for it. */
void clients_acked(clients_t *clients, uint64_t round);

/* Once a turn: send more to those that catch up, as far as they take it. */
void clients_turn(clients_t *clients);

/* All that are there, visit_note_t each; whether they hear the room. */
void clients_list(clients_t *clients, uint64_t room, buf_t *out);

/* Bytes that wait to be taken, of all; and the edge_peer_t with the most, in the edge's arena. */
uint64_t clients_queued(const clients_t *clients);
list_t clients_slowest(const clients_t *clients);

/* A message of its own was taken, which it had said at `asked`. */
void client_posted(const client_t *client, uint64_t message, int64_t asked);

/* ---- who it is ---- */

who_t client_who(const client_t *client);

/* Whether a block stands between the two, of a client that is shown what it missed. */
bool client_is_apart(const client_t *client, uint64_t other);

/* Be this person, whose session is good, in place of whoever it was. */
void client_bind(client_t *client, who_t who);

/* Be nobody: hear nothing, and stay open. */
void client_unbind(client_t *client);

/* Its session has ended. */
void client_end(client_t *client);

/* ---- for the fan-out ---- */

/* A frame as this dialect's connections get it. */
body_t *client_frame(const dialect_t *dialect, slice_t payload);

client_t *client_of(guest_t *guest);
dialect_id_t client_dialect(const client_t *client);

/* What its dialect keeps of it. */
const void *client_state(const client_t *client);

/* Queue the frame of the record numbered `mark`, once, unless it is still catching up. */
void client_show(client_t *client, body_t *frame, uint64_t mark);

/* Its account came into a room, or left one. */
void client_came(client_t *client, uint64_t room);
void client_left(client_t *client, uint64_t room);

/* Records from `seq` on may not come by themselves: read them, then go on live. */
void client_catch_up(client_t *client, uint64_t seq);

#endif
