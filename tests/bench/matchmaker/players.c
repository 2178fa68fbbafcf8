/* players.c - accounts are imported by an operator; then the same thread is an edge, at which all of
 * them are online.
 *
 * Who is told of a match without having a ticket has been matched twice: then it ends. */
#include "tests/bench/matchmaker/players.h"

#include <stdio.h>
#include <stdlib.h>

#include "actors/clock.h"
#include "schema/codec.h"
#include "schema/mem.h"
#include "tools/bench/clock.h"
#include "tools/bench/fail.h"

enum { IMPORT_AT_ONCE = 1000, ANSWER_MS = 60000, PING_MS = 500, RANKS = 3000, NEAR = 100 };

static const uint64_t CORR_PING = UINT64_MAX;

/* ---- asking ---- */

static void s_ask(players_t *players, call_number_t type, uint64_t corr, uint64_t account,
                  const void *body)
{
    call_t call = {
        .type = (uint16_t)type,
        .corr = corr,
        .principal = account,
        .session = account,
        .time = clock_us(CLOCK_REALTIME),
    };
    memcpy(call.rand, &corr, sizeof corr);
    call_begin(&players->out, &call);
    codec_pack(&players->out, call_type((uint16_t)type)->shape(), body);
}

static void s_flush(players_t *players)
{
    if (players->out.len > 0 && bus_send(players->bus, &players->out) != ERR_OK)
        return; /* full: with the next */
}

/* The answer to the one call that waits. */
static const void *s_answer(players_t *players, call_number_t type, arena_t *arena)
{
    uint32_t from;
    slice_t in;
    reply_t reply;
    const void *answer;
    fault_t fault;
    s_flush(players);
    for (;;) {
        bus_wait(&players->bus, 1, ANSWER_MS);
        if (!bus_receive(players->bus, &from, &in))
            fail("the server does not answer");
        while (in.len > 0 && envelope_kind(in) == ENVELOPE_REPLY) {
            if (reply_read(&in, &reply) != ERR_OK)
                fail("an answer makes no sense");
            if (reply.type != (uint16_t)type)
                continue;
            if (reply.status != ERR_OK || codec_unpack(reply.body, call_type(reply.type)->answer(),
                                                       arena, &fault, &answer) != ERR_OK)
                fail("a call was refused");
            return answer;
        }
    }
}

/* ---- who there is ---- */

static void s_hello(players_t *players, peer_role_t role)
{
    arena_t *arena = arena_new();
    s_ask(players, CALL_bus_hello, 1, 0, &(bus_hello_call_t){.role = role});
    (void)s_answer(players, CALL_bus_hello, arena);
    arena_destroy(&arena);
}

static void s_take(players_t *players, uint64_t account)
{
    players->places = mem_grow(players->places, (account + 1) * sizeof *players->places);
    players->accounts[players->count] = account;
    players->places[account] = players->count;
    players->idle[players->idle_count++] = players->count++;
}

static void s_import(players_t *players, size_t count)
{
    arena_t *arena = arena_new();
    account_import_t *accounts = arena_alloc(arena, count * sizeof *accounts);
    for (size_t i = 0; i < count; i++)
        accounts[i].login = arena_printf(arena, "waits%zu", players->count + i);
    s_ask(players, CALL_account_import, 2, 0,
          &(account_import_call_t){.accounts = {accounts, count}});
    const import_list_t *list = s_answer(players, CALL_account_import, arena);
    const imported_t *imported = list->accounts.items;
    for (size_t i = 0; i < list->accounts.count; i++)
        s_take(players, imported[i].account);
    arena_destroy(&arena);
}

static void s_come_online(players_t *players)
{
    arena_t *arena = arena_new();
    s_ask(players, CALL_bus_subscribe, 3, 0,
          &(bus_subscribe_call_t){.prefix = SLICE_LIT("ticket.")});
    (void)s_answer(players, CALL_bus_subscribe, arena);
    s_ask(players, CALL_presence_announce, 4, 0,
          &(presence_announce_call_t){.accounts = {players->accounts, players->count}});
    (void)s_answer(players, CALL_presence_announce, arena);
    arena_destroy(&arena);
}

void players_open(players_t *players, const char *endpoint, size_t count)
{
    *players = (players_t){.dice = 88172645463325252};
    players->accounts = mem_zeroed(count * sizeof *players->accounts);
    players->since = mem_zeroed(count * sizeof *players->since);
    players->idle = mem_zeroed(count * sizeof *players->idle);
    if (bus_connect(endpoint, NULL, &players->bus) != ERR_OK)
        fail("cannot connect to the bus");
    s_hello(players, peer_role_OPERATOR);
    while (players->count < count)
        s_import(players,
                 count - players->count < IMPORT_AT_ONCE ? count - players->count : IMPORT_AT_ONCE);
    if (bus_renew(players->bus) != ERR_OK)
        fail("cannot connect to the bus again");
    s_hello(players, peer_role_EDGE);
    s_come_online(players);
}

void players_close(players_t *players)
{
    bus_close(&players->bus);
    buf_free(&players->out);
    mem_free(players->accounts);
    mem_free(players->places);
    mem_free(players->since);
    mem_free(players->idle);
}

/* ---- waiting ---- */

static uint64_t s_below(players_t *players, uint64_t bound)
{
    players->dice ^= players->dice << 13;
    players->dice ^= players->dice >> 7;
    players->dice ^= players->dice << 17;
    return players->dice % bound;
}

/* Somebody of some rank, who wants one of about the same that likes the same; the more roughly,
 * the longer it takes. */
static void s_open(players_t *players, size_t place)
{
    static const slice_t modes[] = {SLICE_LIT("fast"), SLICE_LIT("slow")};
    slice_t mode = modes[s_below(players, COUNT_OF(modes))];
    int64_t rank = (int64_t)s_below(players, RANKS);
    const ticket_property_t properties[] = {
        {.name = SLICE_LIT("mode"), .text = mode},
        {.name = SLICE_LIT("rank"), .number = rank},
    };
    const ticket_condition_t conditions[] = {
        {.name = SLICE_LIT("mode"), .text = mode},
        {.name = SLICE_LIT("rank"),
         .min = rank - NEAR,
         .max = rank + NEAR,
         .widen = NEAR,
         .widest = RANKS},
    };
    s_ask(players, CALL_ticket_open, place + 1, players->accounts[place],
          &(ticket_open_call_t){
              .queue = SLICE_LIT("duel"),
              .properties = {properties, COUNT_OF(properties)},
              .conditions = {conditions, COUNT_OF(conditions)},
          });
    players->since[place] = clock_ns();
}

void players_send(players_t *players, size_t count)
{
    for (size_t i = 0; i < count && players->idle_count > 0; i++) {
        s_open(players, players->idle[players->first_idle]);
        players->first_idle = (players->first_idle + 1) % players->count;
        players->idle_count--;
    }
    s_flush(players);
}

static void s_is_idle(players_t *players, size_t place)
{
    players->since[place] = 0;
    players->idle[(players->first_idle + players->idle_count++) % players->count] = place;
}

static void s_take_reply(players_t *players, const reply_t *reply)
{
    if (reply->type != CALL_ticket_open)
        return;
    players->opened += reply->status == ERR_OK;
    players->refused += reply->status != ERR_OK;
    if (reply->status != ERR_OK)
        s_is_idle(players, reply->corr - 1);
}

static void s_take_record(players_t *players, const record_t *record)
{
    if (record->type != EVENT_ticket_matched && record->type != EVENT_ticket_closed)
        return;
    size_t place = players->places[record->account];
    if (players->since[place] == 0)
        fail("somebody was matched twice");
    players->matched += record->type == EVENT_ticket_matched;
    players->closed += record->type == EVENT_ticket_closed;
    if (record->type == EVENT_ticket_matched)
        latency_add(&players->waits, clock_ns() - players->since[place]);
    s_is_idle(players, place);
}

static void s_take_all(players_t *players, slice_t in)
{
    reply_t reply;
    record_t record;
    while (in.len > 0)
        if (envelope_kind(in) == ENVELOPE_REPLY && reply_read(&in, &reply) == ERR_OK)
            s_take_reply(players, &reply);
        else if (envelope_kind(in) == ENVELOPE_RECORD && record_read(&in, &record) == ERR_OK)
            s_take_record(players, &record);
        else
            fail("the server says what makes no sense");
}

void players_hear(players_t *players)
{
    static uint64_t pinged_ns;
    uint32_t from;
    slice_t in;
    bool heard = false;
    if (clock_ns() - pinged_ns > PING_MS * CLOCK_MS_NS) {
        pinged_ns = clock_ns();
        s_ask(players, CALL_bus_ping, CORR_PING, 0, &(bus_ping_call_t){});
    }
    s_flush(players);
    while (bus_receive(players->bus, &from, &in)) {
        s_take_all(players, in);
        heard = true;
    }
    if (!heard)
        bus_wait(&players->bus, 1, 1);
}

void players_measure(players_t *players)
{
    players->opened = players->refused = players->matched = players->closed = 0;
    latency_reset(&players->waits);
}
