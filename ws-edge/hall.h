/* hall.h - who hears what: rooms and accounts, and the connections in them.
 *
 * A place is a room or an account; a guest is a connection.  The hall asks the broker
 * for a place's records when the first guest enters and stops some seconds after the
 * last one has left.  Asking goes out once a turn, all places in one call; such a call
 * is a round, and rounds are acknowledged in order.
 *
 * Entering and leaving need no search among the others: each side knows its index in
 * the other's array. */
#ifndef WS_EDGE_HALL_H
#define WS_EDGE_HALL_H

#include "schema/type.h"

typedef struct hall hall_t;
typedef struct place place_t;

typedef enum place_kind { PLACE_ROOM, PLACE_ACCOUNT, PLACE_KINDS } place_kind_t;

typedef struct seat {
    place_t *place;
    uint32_t at; /* among the place's guests */
} seat_t;

/* Embedded in a connection; zeroed: nowhere. */
typedef struct guest {
    seat_t *seats;
    uint32_t count;
    uint32_t size;
} guest_t;

typedef struct hall_ports {
    void *ctx;
    /* Ask the broker to send these, or to stop; its answer comes to hall_acked. */
    void (*tune)(void *ctx, bool hear, ids_t rooms, ids_t accounts, uint64_t round);
} hall_ports_t;

hall_t *hall_new(const hall_ports_t *ports);

/* All guests have left. */
void hall_destroy(hall_t **hall_p);

/* The broker is gone and hears us no more.  All guests have left. */
void hall_clear(hall_t *hall);

/* Entering twice is entering once. */
void hall_enter(hall_t *hall, guest_t *guest, place_kind_t kind, uint64_t key, uint64_t now_us);
void hall_leave(hall_t *hall, guest_t *guest, place_kind_t kind, uint64_t key, uint64_t now_us);
bool hall_has(const hall_t *hall, const guest_t *guest, place_kind_t kind, uint64_t key);
void hall_leave_all(hall_t *hall, guest_t *guest, uint64_t now_us);

/* The broker sends this room's records by itself from this point of the stream on.
 * False if it was just being told to stop, so that records may be missed. */
bool hall_followed(hall_t *hall, uint64_t room, uint64_t now_us);

/* The round after which all that the guest's places are sent arrives here; 0: all does
 * already.  Never falls from one call to the next while anything is being asked. */
uint64_t hall_round(const hall_t *hall, const guest_t *guest);
uint64_t hall_acked(hall_t *hall, uint64_t round); /* the last one acknowledged */

/* NULL if nobody is or was there lately. */
const place_t *hall_find(const hall_t *hall, place_kind_t kind, uint64_t key);
size_t place_count(const place_t *place);
guest_t *place_guest(const place_t *place, size_t index);

/* The accounts that have guests here; in an array that lives until the next call. */
ids_t hall_accounts(hall_t *hall);

/* The ids of a guest's rooms, in an array that lives until the next call. */
ids_t hall_rooms(hall_t *hall, const guest_t *guest);

/* Once a turn: ask for what is new.  Once a second: let go of what is deserted. */
void hall_flush(hall_t *hall);
void hall_sweep(hall_t *hall, uint64_t now_us);

#endif
