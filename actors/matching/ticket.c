/* ticket.c - people open and close tickets of the matchmaker.
 *
 *              ┌── match.made ──────────────> matched ── ticket.matched ──> matched, with its room
 *   open ──────┤
 *              └── ticket.closed ───────────> closed
 *                  cancelled by its person, expired, left (they went offline), removed (banned
 *                  or deleted)
 *
 * match.c makes the matches.  What a ticket says of its person's profile is as of when it was
 * opened, so that whom it accepts depends on it and the time alone. */
#include "actors/matching/ticket.h"

#include "actors/crypto.h"
#include "actors/matching/matching.h"
#include "actors/matching/trait.h"
#include "schema/pack.h"

enum { PAIR = 2, SECONDS_DEFAULT = 300 };

static const int64_t SECOND_US = 1000000;

/* ---- rows ---- */

err_t ticket_get(turn_t *turn, uint64_t account, const match_ticket_t **ret_ticket)
{
    const void *row;
    err_t err = row_get(turn, row_key1('w', account), shape_match_ticket(), &row);
    if (err == ERR_OK)
        *ret_ticket = row;
    return err;
}

err_t ticket_is_open(turn_t *turn, uint64_t ticket, bool *ret_open)
{
    uint64_t account;
    err_t err = row_get_number(turn, row_key1('W', ticket), &account);
    *ret_open = err == ERR_OK && account != 0;
    return err;
}

static void s_put(turn_t *turn, const match_ticket_t *ticket)
{
    row_put(turn, row_key1('w', ticket->account), shape_match_ticket(), ticket);
}

static void s_count_open(turn_t *turn, bool more)
{
    uint64_t count = 0;
    (void)row_found(row_get_number(turn, rows_counter_key('W'), &count));
    row_put_number(turn, rows_counter_key('W'), more ? count + 1 : count - (count > 0));
}

/* ---- what is asked for ---- */

static err_t s_check_conditions(turn_t *turn, list_t conditions)
{
    const ticket_condition_t *items = conditions.items;
    for (size_t i = 0; i < conditions.count; i++) {
        if (items[i].min > items[i].max)
            return turn_refuse(turn, ERR_INVALID, "`conditions`: `min` is above `max`");
        if (items[i].widen > 0 && items[i].widest == 0)
            return turn_refuse(turn, ERR_INVALID, "`conditions`: `widen` needs `widest`");
    }
    return ERR_OK;
}

static err_t s_check_people(turn_t *turn, const ticket_people_t *people,
                            const standing_row_t *standing)
{
    ids_t tags;
    if (people == NULL)
        return ERR_OK;
    if (traits_read(people->tags, turn_arena(turn), &tags) != ERR_OK)
        return turn_refuse(turn, ERR_INVALID, "`people`: `tags` are too many");
    if (people->distance_max > 0 && standing->lat == 0 && standing->lon == 0)
        return turn_refuse(turn, ERR_INVALID, "`people`: your profile has no position");
    if (people->distance_widen > 0 && people->distance_widest == 0)
        return turn_refuse(turn, ERR_INVALID, "`people`: `distance_widen` needs `distance_widest`");
    return ERR_OK;
}

static err_t s_set_sizes(turn_t *turn, const ticket_open_call_t *ask, match_ticket_t *ticket)
{
    uint64_t either = ask->min > 0 ? ask->min : ask->max > 0 ? ask->max : PAIR;
    ticket->min = ask->min > 0 ? ask->min : either;
    ticket->max = ask->max > 0 ? ask->max : either;
    return ticket->min <= ticket->max ? ERR_OK
                                      : turn_refuse(turn, ERR_INVALID, "`min`: is above `max`");
}

/* All that is said, in few bytes. */
static uint64_t s_content(const ticket_open_call_t *ask)
{
    uint8_t hash[CRYPTO_BLAKE128_SIZE];
    buf_t bytes = {0};
    codec_pack(&bytes, shape_ticket_open_call(), ask);
    crypto_blake128((slice_t){0}, buf_slice(&bytes), hash);
    buf_free(&bytes);
    return wide_get64(hash);
}

static err_t s_fill(turn_t *turn, const ticket_open_call_t *ask, uint64_t account,
                    match_ticket_t *ticket)
{
    int64_t seconds = ask->seconds > 0 ? (int64_t)ask->seconds : SECONDS_DEFAULT;
    standing_row_t *standing = arena_new_of(turn_arena(turn), standing_row_t);
    uint64_t last;
    *ticket = (match_ticket_t){
        .account = account,
        .queue = ask->queue,
        .state = ticket_state_OPEN,
        .patience = ask->patience,
        .properties = ask->properties,
        .conditions = ask->conditions,
        .people = ask->people,
        .stay = ask->stay,
        .opened = turn_now(turn),
        .expires = turn_now(turn) + seconds * SECOND_US,
        .client_id = ask->client_id,
        .content = s_content(ask),
    };
    err_t err = rows_standing(turn, account, standing);
    if (err == ERR_OK)
        err = row_get_number(turn, rows_counter_key('T'), &last);
    if (err != ERR_OK)
        return err;
    ticket->id = last + 1;
    ticket->standing = standing->filled ? standing : NULL;
    err = s_set_sizes(turn, ask, ticket);
    if (err == ERR_OK)
        err = s_check_conditions(turn, ask->conditions);
    return err == ERR_OK ? s_check_people(turn, ask->people, standing) : err;
}

/* ---- opening ---- */

/* ERR_NOT_FOUND: nothing is in the way of another ticket.  What came of a ticket with the same
 * client id is the answer to a repeat. */
static err_t s_check_last(turn_t *turn, const ticket_open_call_t *ask, const match_ticket_t *last)
{
    bool again = ask->client_id.len > 0 && slice_eq(ask->client_id, last->client_id);
    if (again && last->content != s_content(ask))
        return ERR_CLIENT_ID_REUSED;
    if (again)
        turn_answer(turn, last);
    if (again)
        return ERR_OK;
    return last->state == ticket_state_OPEN ? ERR_WAITING : ERR_NOT_FOUND;
}

static err_t s_check_room(turn_t *turn)
{
    uint64_t open;
    err_t err = row_get_number(turn, rows_counter_key('W'), &open);
    if (err == ERR_OK && open >= LIMIT_TICKETS)
        return turn_refuse(turn, ERR_UNAVAILABLE, "too many tickets are open");
    return err;
}

err_t matching_decide_ticket(turn_t *turn, const call_t *call, const void *body)
{
    const ticket_open_call_t *ask = body;
    const person_t *person;
    const match_ticket_t *last;
    match_ticket_t ticket;
    err_t err = person_get(turn, call->principal, &person);
    if (err == ERR_OK && person->gone)
        err = ERR_NOT_FOUND;
    if (err == ERR_OK && person->banned_until > turn_now(turn))
        err = ERR_BANNED;
    if (err != ERR_OK)
        return err;
    err = ticket_get(turn, call->principal, &last);
    if (err == ERR_OK)
        err = s_check_last(turn, ask, last);
    if (err != ERR_NOT_FOUND)
        return err;
    err = s_check_room(turn);
    if (err == ERR_OK)
        err = s_fill(turn, ask, call->principal, &ticket);
    if (err != ERR_OK)
        return err;
    turn_emit(turn, EVENT_ticket_opened, 0, call->principal,
              &(ticket_opened_event_t){.ticket = &ticket});
    turn_answer(turn, &ticket);
    return ERR_OK;
}

void matching_apply_ticket(turn_t *turn, const record_t *record, const void *body)
{
    const match_ticket_t *ticket = ((const ticket_opened_event_t *)body)->ticket;
    row_put_member(turn, row_key1('w', ticket->account), record, "ticket");
    row_put_number(turn, row_key1('W', ticket->id), ticket->account);
    row_put_number(turn, rows_counter_key('T'), ticket->id);
    s_count_open(turn, true);
}

/* ---- closing ---- */

void ticket_emit_closed(turn_t *turn, uint64_t account, uint64_t ticket, ticket_reason_t reason)
{
    turn_emit(turn, EVENT_ticket_closed, 0, account,
              &(ticket_closed_event_t){.ticket = ticket, .account = account, .reason = reason});
}

err_t matching_decide_ticket_close(turn_t *turn, const call_t *call, const void *body)
{
    const ticket_close_call_t *ask = body;
    const match_ticket_t *ticket;
    err_t err = ticket_get(turn, call->principal, &ticket);
    if (err != ERR_OK || (ask->ticket != 0 && ask->ticket != ticket->id))
        return err == ERR_OK ? ERR_NOT_FOUND : err;
    if (ticket->state == ticket_state_OPEN) {
        ticket_emit_closed(turn, call->principal, ticket->id, ticket_reason_CANCELLED);
        err = ticket_get(turn, call->principal, &ticket);
    }
    if (err == ERR_OK)
        turn_answer(turn, ticket);
    return ERR_OK; /* it is done, whatever became of the answer */
}

void matching_apply_ticket_closed(turn_t *turn, const record_t *record, const void *body)
{
    const ticket_closed_event_t *event = body;
    const match_ticket_t *row;
    if (!row_found(ticket_get(turn, event->account, &row)) || row->id != event->ticket)
        return;
    match_ticket_t ticket = *row;
    ticket.state = ticket_state_CLOSED;
    ticket.reason = event->reason;
    ticket.closed = record->time;
    s_put(turn, &ticket);
    row_delete(turn, row_key1('W', ticket.id));
    s_count_open(turn, false);
}

/* ---- matched ---- */

static void s_apply_match(turn_t *turn, const match_t *match, uint64_t account)
{
    const match_ticket_t *row;
    if (!row_found(ticket_get(turn, account, &row)))
        return;
    match_ticket_t ticket = *row;
    ticket.state = ticket_state_MATCHED;
    ticket.closed = match->time;
    ticket.match = match->id;
    ticket.accounts = match->accounts;
    s_put(turn, &ticket);
    row_delete(turn, row_key1('W', ticket.id));
    s_count_open(turn, false);
}

void matching_apply_match(turn_t *turn, const record_t *record, const void *body)
{
    const match_t *match = ((const match_made_event_t *)body)->match;
    row_put_member(turn, row_key1('x', match->id), record, "match");
    row_put_number(turn, rows_counter_key('M'), match->id);
    for (size_t i = 0; i < match->accounts.count; i++)
        s_apply_match(turn, match, match->accounts.items[i]);
}

/* Who has opened another ticket meanwhile is told of the match all the same. */
void matching_apply_ticket_matched(turn_t *turn, const record_t *record, const void *body)
{
    const ticket_matched_event_t *event = body;
    const match_ticket_t *row;
    (void)record;
    row_delete(turn, row_key1('x', event->match));
    if (!row_found(ticket_get(turn, event->account, &row)) || row->id != event->ticket)
        return;
    match_ticket_t ticket = *row;
    ticket.room = event->room;
    s_put(turn, &ticket);
}

/* ---- looking ---- */

err_t matching_query_ticket(turn_t *turn, const call_t *call, const void *body)
{
    const match_ticket_t *ticket;
    (void)body;
    err_t err = ticket_get(turn, call->principal, &ticket);
    if (err == ERR_OK)
        turn_answer(turn, ticket);
    return err;
}
