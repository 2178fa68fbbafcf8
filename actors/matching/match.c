/* match.c - rounds of the matchmaker.
 *
 *   committed events ──> lobby ──> who is due ──> party ── rows agree ──> match.made
 *                                       └── expired ────────────────────> ticket.closed
 *   match.made ── the room actor opens a room ──> room.created ── reaction ──> ticket.matched
 *
 * The lobby only proposes; the rows, which see what is pending too, have the last word on
 * whether a ticket is open and whether one person blocks the other.  A ticket whose match, or
 * whose end, is not committed yet is put off for a while: by then it has left the lobby, or was
 * never matched.
 *
 * A round is bounded by what it holds against each other and by what it emits; who is not
 * looked at in it is the first in the next. */
#include "actors/matching/match.h"

#include "actors/matching/party.h"
#include "actors/matching/sight.h"
#include "actors/matching/soft.h"
#include "actors/matching/ticket.h"

enum {
    ROUND_WORK = 500000, /* some 20 ms */
    ROUND_EVENTS = 2000,
    QUEUES_DEFAULT = 100,
};

static const int64_t PUT_OFF_US = INT64_C(2) * 1000 * 1000;

static lobby_t *s_lobby(turn_t *turn)
{
    return ((matching_soft_t *)turn_soft(turn))->lobby;
}

/* ---- what the rows say ---- */

static bool s_is_open(turn_t *turn, const waiter_t *waiter)
{
    bool open;
    return ticket_is_open(turn, waiter->ticket, &open) == ERR_OK && open;
}

static bool s_are_apart(turn_t *turn, const waiter_t *one, const waiter_t *other)
{
    uint64_t why;
    row_key_t key = row_key2('n', one->account, other->account);
    return row_get_number(turn, key, &why) != ERR_OK || why & APART_BLOCKED;
}

static void s_put_off(turn_t *turn, waiter_t *waiter)
{
    lobby_set_aside(s_lobby(turn), waiter, turn_now(turn) + PUT_OFF_US);
}

static bool s_vet(void *ctx, waiter_t *const *members, size_t count, waiter_t *candidate)
{
    turn_t *turn = ctx;
    for (size_t i = 0; i < count; i++)
        if (s_are_apart(turn, members[i], candidate))
            return false;
    if (s_is_open(turn, candidate))
        return true;
    s_put_off(turn, candidate);
    return false;
}

/* ---- a round ---- */

static void s_emit_made(turn_t *turn, const party_t *party, slice_t queue, uint64_t id)
{
    uint64_t tickets[LIMIT_TICKET_SIZE], accounts[LIMIT_TICKET_SIZE], stays[LIMIT_TICKET_SIZE];
    match_t match = {
        .id = id,
        .queue = queue,
        .tickets = {tickets, party->count},
        .accounts = {accounts, party->count},
        .stays = {stays, 0},
        .time = turn_now(turn),
    };
    for (size_t i = 0; i < party->count; i++) {
        tickets[i] = party->members[i]->ticket;
        accounts[i] = party->members[i]->account;
        if (party->members[i]->stay)
            stays[match.stays.count++] = accounts[i];
    }
    turn_emit(turn, EVENT_match_made, 0, 0, &(match_made_event_t){.match = &match});
}

static err_t s_make(turn_t *turn, const party_t *party)
{
    const match_ticket_t *ticket;
    uint64_t last;
    err_t err = ticket_get(turn, party->members[0]->account, &ticket);
    if (err == ERR_OK)
        err = row_get_number(turn, rows_counter_key('M'), &last);
    if (err == ERR_OK)
        s_emit_made(turn, party, ticket->queue, last + 1);
    return err;
}

/* The work that it took. */
static size_t s_look_for(turn_t *turn, waiter_t *waiter)
{
    int64_t now = turn_now(turn);
    party_t party = party_find(s_lobby(turn), waiter, now, s_vet, turn);
    if (party.count > 0 && s_make(turn, &party) == ERR_OK)
        for (size_t i = 0; i < party.count; i++)
            s_put_off(turn, party.members[i]);
    else if (!waiter->aside)
        lobby_postpone(s_lobby(turn), waiter, waiter_next(waiter, now));
    return party.work + 1;
}

static void s_expire(turn_t *turn, waiter_t *waiter)
{
    if (s_is_open(turn, waiter))
        ticket_emit_closed(turn, waiter->account, waiter->ticket, ticket_reason_EXPIRED);
    s_put_off(turn, waiter);
}

void match_round(turn_t *turn)
{
    lobby_t *lobby = s_lobby(turn);
    int64_t now = turn_now(turn);
    size_t work = 0;
    for (size_t looked = 0; work < ROUND_WORK && looked < ROUND_EVENTS; looked++) {
        waiter_t *waiter = lobby != NULL ? lobby_due(lobby, now) : NULL;
        if (waiter == NULL)
            return;
        if (waiter->expires <= now)
            s_expire(turn, waiter);
        else
            work += s_look_for(turn, waiter);
    }
}

/* ---- the lobby follows the rows ---- */

/* The walk over the marks of open tickets, each read in an arena of its own. */
typedef struct entering {
    turn_t *turn;
    arena_t *arena;
    err_t err;
} entering_t;

static err_t s_enter(const entering_t *entering, uint64_t account)
{
    row_key_t key = row_key1('w', account);
    slice_t value;
    fault_t fault;
    const void *ticket;
    store_t *store = turn_store(entering->turn);
    err_t err = store_get(store, row_slice(&key), entering->arena, &value);
    if (err == ERR_OK)
        err = codec_unpack(value, shape_match_ticket(), entering->arena, &fault, &ticket);
    if (err == ERR_OK)
        lobby_add(s_lobby(entering->turn), ticket);
    return err;
}

static bool s_each_open(void *ctx, slice_t key, slice_t value)
{
    entering_t *entering = ctx;
    (void)key;
    arena_reset(entering->arena);
    entering->err = s_enter(entering, row_number(value, 0));
    return entering->err == ERR_OK;
}

void match_start(turn_t *turn)
{
    row_key_t from = row_key0('W'), to = row_key0('W' + 1);
    entering_t entering = {.turn = turn, .arena = arena_new()};
    ((matching_soft_t *)turn_soft(turn))->lobby = lobby_new();
    err_t err = store_scan(turn_store(turn), row_slice(&from), row_slice(&to), false, s_each_open,
                           &entering);
    (void)row_found(err == ERR_OK ? entering.err : err);
    arena_destroy(&entering.arena);
}

static void s_leave_all(lobby_t *lobby, ids_t tickets)
{
    for (size_t i = 0; i < tickets.count; i++)
        lobby_remove(lobby, tickets.items[i]);
}

static void s_follow(lobby_t *lobby, event_number_t event, const void *body)
{
    if (event == EVENT_ticket_opened)
        lobby_add(lobby, ((const ticket_opened_event_t *)body)->ticket);
    else if (event == EVENT_ticket_closed)
        lobby_remove(lobby, ((const ticket_closed_event_t *)body)->ticket);
    else if (event == EVENT_match_made)
        s_leave_all(lobby, ((const match_made_event_t *)body)->match->tickets);
}

static bool s_concerns(uint16_t type)
{
    return type == EVENT_ticket_opened || type == EVENT_ticket_closed || type == EVENT_match_made;
}

void match_settled(lobby_t *lobby, const record_t *record)
{
    const void *body;
    fault_t fault;
    if (lobby == NULL || !s_concerns(record->type))
        return;
    arena_t *arena = arena_new();
    const shape_t *shape = event_type(record->type)->shape();
    if (codec_unpack(record->body, shape, arena, &fault, &body) == ERR_OK)
        s_follow(lobby, (event_number_t)record->type, body);
    arena_destroy(&arena);
}

/* ---- what becomes of tickets and matches elsewhere ---- */

static void s_close(turn_t *turn, uint64_t account, int64_t time, ticket_reason_t reason)
{
    const match_ticket_t *ticket;
    if (row_found(ticket_get(turn, account, &ticket)) && ticket->state == ticket_state_OPEN &&
        ticket->opened <= time && !(reason == ticket_reason_LEFT && ticket->stay))
        ticket_emit_closed(turn, account, ticket->id, reason);
}

/* A ticket that was opened later is of somebody who has come back. */
void matching_react_seen(turn_t *turn, const record_t *record, const void *body)
{
    const account_seen_event_t *event = body;
    s_close(turn, event->account, record->time, ticket_reason_LEFT);
}

void matching_react_banned(turn_t *turn, const record_t *record, const void *body)
{
    const account_banned_event_t *event = body;
    (void)record;
    s_close(turn, event->account, INT64_MAX, ticket_reason_REMOVED);
}

void match_remove(turn_t *turn, uint64_t account)
{
    s_close(turn, account, INT64_MAX, ticket_reason_REMOVED);
}

static void s_tell(turn_t *turn, const match_t *match, size_t index, uint64_t room)
{
    uint64_t account = match->accounts.items[index];
    turn_emit(turn, EVENT_ticket_matched, 0, account,
              &(ticket_matched_event_t){
                  .ticket = match->tickets.items[index],
                  .account = account,
                  .queue = match->queue,
                  .match = match->id,
                  .room = room,
                  .accounts = match->accounts,
                  .stay = ids_have(match->stays, account),
              });
}

void matching_react_room(turn_t *turn, const record_t *record, const void *body)
{
    const room_t *room = ((const room_created_event_t *)body)->room;
    const void *row;
    (void)record;
    if (room->match == 0 ||
        !row_found(row_get(turn, row_key1('x', room->match), shape_match(), &row)))
        return;
    const match_t *match = row;
    for (size_t i = 0; i < match->accounts.count; i++)
        s_tell(turn, match, i, room->id);
}

/* ---- looking ---- */

err_t matching_query_queues(turn_t *turn, const call_t *call, const void *body)
{
    const queue_list_call_t *ask = body;
    const lobby_t *lobby = s_lobby(turn);
    queue_list_t answer = {0};
    sight_t sight;
    err_t err = sight_open(turn, call, &sight);
    if (err != ERR_OK || !sight.staff)
        return err == ERR_OK ? ERR_FORBIDDEN : err;
    if (lobby != NULL) {
        size_t limit = ask->limit > 0 ? ask->limit : QUEUES_DEFAULT;
        answer.queues = lobby_queues(lobby, limit, turn_arena(turn));
        answer.tickets = lobby_count(lobby);
    }
    turn_answer(turn, &answer);
    return ERR_OK;
}
