/* hall.c - places in two tables, guests in arrays with back-indexes.
 *
 *            first guest                 acknowledged
 *   (none) ─────────────> ASKED (round) ──────────────> HEARD <─── the broker follows
 *      ^                     ^                            │
 *      │ acknowledged        │ somebody enters            │ deserted for LINGER_US
 *      └──────────────── LEAVING (round) <────────────────┘
 *
 * A place is heard once its round is acknowledged, so there is nothing to mark when
 * the acknowledgement comes: `round <= acked`.
 *
 * Invariant: place->guests[i].guest->seats[place->guests[i].seat] is {place, i}. */
#include "ws-edge/hall.h"

#include <assert.h>
#include <sys/queue.h>

#include "schema/buf.h"
#include "schema/map.h"
#include "schema/mem.h"

enum { LINGER_US = 5 * 1000 * 1000, FIRST_SIZE = 2 };

typedef struct occupant {
    guest_t *guest;
    uint32_t seat; /* among the guest's seats */
} occupant_t;

struct place {
    uint64_t key;
    place_kind_t kind;
    bool leaving;   /* the broker has been told to stop, in `round` */
    uint64_t round; /* in which it was asked for, or told to stop */
    occupant_t *guests;
    uint32_t count;
    uint32_t size;
    uint64_t deserted_us;
    TAILQ_ENTRY(place) in_deserted; /* while count is 0 */
};

TAILQ_HEAD(place_list, place);

struct hall {
    hall_ports_t ports;
    map_t *places[PLACE_KINDS];
    struct place_list deserted; /* longest first */
    buf_t wanted[PLACE_KINDS];  /* keys to ask for, uint64_t each */
    buf_t rooms;                /* of hall_rooms */
    buf_t accounts;             /* of hall_accounts */
    uint64_t gathering;         /* number of the round that is being gathered, from 1 */
    uint64_t acked;
};

hall_t *hall_new(const hall_ports_t *ports)
{
    hall_t *hall = mem_new(hall_t);
    hall->ports = *ports;
    hall->gathering = 1;
    TAILQ_INIT(&hall->deserted);
    for (int kind = 0; kind < PLACE_KINDS; kind++)
        hall->places[kind] = map_new();
    return hall;
}

/* ---- places ---- */

static place_t *s_place(const hall_t *hall, place_kind_t kind, uint64_t key)
{
    return map_get(hall->places[kind], key);
}

const place_t *hall_find(const hall_t *hall, place_kind_t kind, uint64_t key)
{
    return key == 0 ? NULL : s_place(hall, kind, key);
}

size_t place_count(const place_t *place)
{
    return place->count;
}

guest_t *place_guest(const place_t *place, size_t index)
{
    return place->guests[index].guest;
}

static void s_desert(hall_t *hall, place_t *place, uint64_t now_us)
{
    assert(place->count == 0);
    place->deserted_us = now_us;
    TAILQ_INSERT_TAIL(&hall->deserted, place, in_deserted);
}

static place_t *s_make(hall_t *hall, place_kind_t kind, uint64_t key, uint64_t now_us)
{
    place_t *place = mem_new(place_t);
    place->key = key;
    place->kind = kind;
    map_put(hall->places[kind], key, place);
    s_desert(hall, place, now_us);
    return place;
}

static void s_remove(hall_t *hall, place_t *place)
{
    assert(place->count == 0);
    TAILQ_REMOVE(&hall->deserted, place, in_deserted);
    map_remove(hall->places[place->kind], place->key);
    mem_free(place->guests);
    mem_free(place);
}

void hall_clear(hall_t *hall)
{
    place_t *place;
    while ((place = TAILQ_FIRST(&hall->deserted)) != NULL)
        s_remove(hall, place);
    for (int kind = 0; kind < PLACE_KINDS; kind++) {
        assert(map_count(hall->places[kind]) == 0);
        buf_reset(&hall->wanted[kind]);
    }
    hall->acked = hall->gathering - 1; /* no acknowledgement is on its way any more */
}

void hall_destroy(hall_t **hall_p)
{
    hall_t *hall = *hall_p;
    if (hall == NULL)
        return;
    hall_clear(hall);
    for (int kind = 0; kind < PLACE_KINDS; kind++) {
        map_destroy(&hall->places[kind]);
        buf_free(&hall->wanted[kind]);
    }
    buf_free(&hall->rooms);
    buf_free(&hall->accounts);
    mem_free(hall);
    *hall_p = NULL;
}

/* ---- asking the broker ---- */

static ids_t s_ids(const buf_t *keys)
{
    return (ids_t){(const uint64_t *)(const void *)keys->data, keys->len / sizeof(uint64_t)};
}

static size_t s_wanted(const hall_t *hall)
{
    return (hall->wanted[PLACE_ROOM].len + hall->wanted[PLACE_ACCOUNT].len) / sizeof(uint64_t);
}

static void s_send_round(hall_t *hall, bool hear)
{
    if (s_wanted(hall) == 0)
        return;
    hall->ports.tune(hall->ports.ctx, hear, s_ids(&hall->wanted[PLACE_ROOM]),
                     s_ids(&hall->wanted[PLACE_ACCOUNT]), hall->gathering++);
    buf_reset(&hall->wanted[PLACE_ROOM]);
    buf_reset(&hall->wanted[PLACE_ACCOUNT]);
}

/* One more key for this round, which is all for hearing or all for stopping. */
static void s_gather(hall_t *hall, place_t *place, bool hear)
{
    if (s_wanted(hall) == LIMIT_BATCH_KEYS)
        s_send_round(hall, hear);
    place->leaving = !hear;
    place->round = hall->gathering;
    buf_append(&hall->wanted[place->kind], slice_new(&place->key, sizeof place->key));
}

void hall_flush(hall_t *hall)
{
    s_send_round(hall, true);
}

uint64_t hall_acked(hall_t *hall, uint64_t round)
{
    if (round > hall->acked)
        hall->acked = round;
    return hall->acked;
}

bool hall_followed(hall_t *hall, uint64_t room, uint64_t now_us)
{
    place_t *place = s_place(hall, PLACE_ROOM, room);
    if (place == NULL)
        place = s_make(hall, PLACE_ROOM, room, now_us);
    if (place->leaving)
        return false;
    place->round = 0;
    return true;
}

uint64_t hall_round(const hall_t *hall, const guest_t *guest)
{
    bool silent = false;
    for (uint32_t i = 0; i < guest->count && !silent; i++)
        silent = guest->seats[i].place->round > hall->acked;
    if (!silent)
        return 0;
    return s_wanted(hall) > 0 ? hall->gathering : hall->gathering - 1;
}

/* ---- guests ---- */

/* The guest's seat in that place; its count if it has none.  The shorter side is
 * searched: a person has few rooms, or their rooms few people. */
static uint32_t s_seat(const guest_t *guest, const place_t *place)
{
    if (place->count < guest->count) {
        for (uint32_t i = 0; i < place->count; i++)
            if (place->guests[i].guest == guest)
                return place->guests[i].seat;
        return guest->count;
    }
    uint32_t seat = 0;
    while (seat < guest->count && guest->seats[seat].place != place)
        seat++;
    return seat;
}

static void s_sit_down(guest_t *guest, place_t *place)
{
    if (guest->count == guest->size) {
        guest->size = guest->size == 0 ? FIRST_SIZE : 2 * guest->size;
        guest->seats = mem_grow(guest->seats, guest->size * sizeof *guest->seats);
    }
    if (place->count == place->size) {
        place->size = place->size == 0 ? FIRST_SIZE : 2 * place->size;
        place->guests = mem_grow(place->guests, place->size * sizeof *place->guests);
    }
    guest->seats[guest->count] = (seat_t){place, place->count};
    place->guests[place->count++] = (occupant_t){guest, guest->count++};
}

/* The last of each array moves into the gap. */
static void s_stand_up(guest_t *guest, uint32_t seat)
{
    place_t *place = guest->seats[seat].place;
    uint32_t at = guest->seats[seat].at;
    assert(place->guests[at].guest == guest && place->guests[at].seat == seat);

    occupant_t *moved = &place->guests[at];
    *moved = place->guests[--place->count];
    if (at < place->count)
        moved->guest->seats[moved->seat].at = at;
    guest->seats[seat] = guest->seats[--guest->count];
    if (seat < guest->count)
        guest->seats[seat].place->guests[guest->seats[seat].at].seat = seat;
}

void hall_enter(hall_t *hall, guest_t *guest, place_kind_t kind, uint64_t key, uint64_t now_us)
{
    place_t *place = s_place(hall, kind, key);
    bool fresh = place == NULL;
    if (fresh)
        place = s_make(hall, kind, key, now_us);
    if (fresh || place->leaving)
        s_gather(hall, place, true);
    if (s_seat(guest, place) < guest->count)
        return;
    if (place->count == 0)
        TAILQ_REMOVE(&hall->deserted, place, in_deserted);
    s_sit_down(guest, place);
}

static void s_leave_seat(hall_t *hall, guest_t *guest, uint32_t seat, uint64_t now_us)
{
    place_t *place = guest->seats[seat].place;
    s_stand_up(guest, seat);
    if (place->count == 0)
        s_desert(hall, place, now_us);
}

void hall_leave(hall_t *hall, guest_t *guest, place_kind_t kind, uint64_t key, uint64_t now_us)
{
    const place_t *place = s_place(hall, kind, key);
    uint32_t seat = place != NULL ? s_seat(guest, place) : guest->count;
    if (seat < guest->count)
        s_leave_seat(hall, guest, seat, now_us);
}

bool hall_has(const hall_t *hall, const guest_t *guest, place_kind_t kind, uint64_t key)
{
    const place_t *place = s_place(hall, kind, key);
    return place != NULL && s_seat(guest, place) < guest->count;
}

void hall_leave_all(hall_t *hall, guest_t *guest, uint64_t now_us)
{
    while (guest->count > 0)
        s_leave_seat(hall, guest, guest->count - 1, now_us);
    mem_free(guest->seats);
    *guest = (guest_t){0};
}

ids_t hall_accounts(hall_t *hall)
{
    uint64_t account;
    void *place;
    buf_reset(&hall->accounts);
    for (size_t at = 0; map_next(hall->places[PLACE_ACCOUNT], &at, &account, &place);)
        if (place_count(place) > 0)
            buf_append(&hall->accounts, slice_new(&account, sizeof account));
    return s_ids(&hall->accounts);
}

ids_t hall_rooms(hall_t *hall, const guest_t *guest)
{
    buf_reset(&hall->rooms);
    for (uint32_t i = 0; i < guest->count; i++) {
        const place_t *place = guest->seats[i].place;
        if (place->kind == PLACE_ROOM)
            buf_append(&hall->rooms, slice_new(&place->key, sizeof place->key));
    }
    return s_ids(&hall->rooms);
}

/* ---- letting go ---- */

/* Told to stop, and the broker has heard it: nothing more comes, and nobody is here. */
static bool s_over(const hall_t *hall, const place_t *place)
{
    return place->leaving && place->round <= hall->acked;
}

void hall_sweep(hall_t *hall, uint64_t now_us)
{
    place_t *next;
    hall_flush(hall);
    for (place_t *place = TAILQ_FIRST(&hall->deserted); place != NULL; place = next) {
        next = TAILQ_NEXT(place, in_deserted);
        if (place->deserted_us + LINGER_US > now_us)
            break;
        if (s_over(hall, place))
            s_remove(hall, place);
        else if (!place->leaving && place->round <= hall->acked)
            s_gather(hall, place, false);
    }
    s_send_round(hall, false);
}
