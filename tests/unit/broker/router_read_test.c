/* router_read_test.c - subscribe, read pages, then live: whatever happens in between, a
 * reader has every record of its keys once and in order.
 *
 * The reader is the one of ARCHITECTURE.md: it subscribes at some moment, reads from some
 * point of the past, passes over what comes live until a page is complete, and takes
 * what comes live from then on.  Commits, pages of the journal and restarts of the broker
 * before it happen at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "tests/unit/broker/routing.h"

enum { ROUNDS = 150, STEPS = 120, ROOMS = 6, ACCOUNTS = 4, RECORDS_MAX = 40000 };

typedef enum stand { STAND_AWAY, STAND_TUNING, STAND_READING, STAND_LIVE } stand_t;

typedef struct reader {
    stand_t stand;
    uint64_t from;
    uint64_t rooms[ROOMS];
    uint64_t accounts[ACCOUNTS];
    size_t room_count; /* neither rooms nor accounts: everything */
    size_t account_count;
    size_t count;
    uint64_t got[RECORDS_MAX];
} reader_t;

static uint64_t s_random(uint64_t below)
{
    return (uint64_t)random() % below;
}

/* ---- the reader ---- */

static void s_read(routing_t *routing, const reader_t *reader, uint64_t from)
{
    bus_read_call_t read = {
        .from = from,
        .rooms = {reader->rooms, reader->room_count},
        .accounts = {reader->accounts, reader->account_count},
    };
    routing_call(routing, EDGE, CALL_bus_read, 1, 0, &read);
    routing_send(routing, EDGE);
}

static void s_begin(routing_t *routing, reader_t *reader)
{
    reader->stand = STAND_TUNING;
    reader->from = 1 + s_random(routing->head + 2);
    reader->room_count = s_random(ROOMS);
    reader->account_count = s_random(ACCOUNTS);
    for (size_t i = 0; i < ROOMS; i++)
        reader->rooms[i] = i + 1;
    for (size_t i = 0; i < ACCOUNTS; i++)
        reader->accounts[i] = i + 1;
    bus_subscribe_call_t subscribe = {
        .rooms = {reader->rooms, reader->room_count},
        .accounts = {reader->accounts, reader->account_count},
    };
    routing_call(routing, EDGE, CALL_bus_subscribe, 1, 0, &subscribe);
    routing_send(routing, EDGE);
}

static void s_take(reader_t *reader, uint64_t seq)
{
    assert_true(reader->count < RECORDS_MAX);
    if (seq >= reader->from)
        reader->got[reader->count++] = seq;
}

static void s_take_page(routing_t *routing, reader_t *reader, const bus_page_t *page)
{
    slice_t in = page->records;
    record_t record;
    while (in.len > 0) {
        assert_int_equal(record_read(&in, &record), ERR_OK);
        s_take(reader, record.seq);
    }
    if (page->complete)
        reader->stand = STAND_LIVE;
    else
        s_read(routing, reader, page->next);
}

static void s_hear(routing_t *routing, reader_t *reader)
{
    for (;;) {
        heard_t heard = routing_hear(routing, EDGE);
        if (heard.kind == ENVELOPE_NONE)
            return;
        if (heard.kind == ENVELOPE_RECORD && reader->stand == STAND_LIVE)
            s_take(reader, heard.record.seq);
        if (heard.kind != ENVELOPE_REPLY)
            continue;
        assert_int_equal(heard.reply.status, ERR_OK);
        if (reader->stand == STAND_READING)
            s_take_page(routing, reader, heard.answer);
        if (reader->stand != STAND_TUNING)
            continue;
        reader->stand = STAND_READING;
        s_read(routing, reader, reader->from);
    }
}

static bool s_wants(const reader_t *reader, const record_t *record)
{
    bool all = reader->room_count + reader->account_count == 0;
    return record->seq >= reader->from &&
           (all || (record->room > 0 && record->room <= reader->room_count) ||
            (record->account > 0 && record->account <= reader->account_count));
}

static void s_check(const routing_t *routing, const reader_t *reader)
{
    slice_t in = buf_slice(&routing->committed);
    record_t record;
    size_t expected = 0;
    while (in.len > 0) {
        assert_int_equal(record_read(&in, &record), ERR_OK);
        if (!s_wants(reader, &record))
            continue;
        assert_true(expected < reader->count);
        assert_int_equal(reader->got[expected++], record.seq);
    }
    assert_int_equal(reader->count, expected);
}

/* ---- the world ---- */

static void s_decide(routing_t *routing)
{
    for (uint64_t i = s_random(4); i > 0; i--)
        routing_decide(routing, ROOM,
                       (made_t){
                           .records = (uint16_t)(1 + s_random(s_random(10) > 0 ? 5 : 900)),
                           .room = s_random(ROOMS + 1),
                           .account = s_random(ACCOUNTS + 1),
                       });
    routing_send(routing, ROOM);
}

static void s_step(routing_t *routing, reader_t *reader)
{
    switch (s_random(5)) {
    case 0:
    case 1:
        s_decide(routing);
        break;
    case 2:
        routing_commit(routing, s_random(60));
        break;
    case 3:
        if (routing->order_count > 0)
            routing_serve(routing, 1 + s_random(20));
        break;
    case 4:
        if (reader->stand == STAND_AWAY && s_random(10) == 0)
            s_begin(routing, reader);
        break;
    }
    routing_flush(routing);
    s_hear(routing, reader);
    routing_hear(routing, ROOM);
}

/* What is under way comes to its end. */
static void s_finish(routing_t *routing, reader_t *reader)
{
    routing_commit(routing, UINT64_MAX);
    if (reader->stand == STAND_AWAY)
        s_begin(routing, reader);
    routing_flush(routing);
    s_hear(routing, reader);
    while (reader->stand != STAND_LIVE) {
        if (routing->order_count > 0)
            routing_serve(routing, 1000);
        routing_flush(routing);
        s_hear(routing, reader);
    }
    s_decide(routing);
    routing_flush(routing);
    routing_commit(routing, UINT64_MAX);
    routing_flush(routing);
    s_hear(routing, reader);
}

static void s_enter(routing_t *routing)
{
    routing_enter(routing, EDGE, peer_role_EDGE, 0);
    routing_enter(routing, ROOM, peer_role_ACTOR, owner_ROOM);
}

static void s_round(reader_t *reader)
{
    routing_t *routing = routing_new();
    *reader = (reader_t){0};
    s_enter(routing);
    for (uint64_t past = s_random(30); past > 0; past--)
        s_decide(routing);
    routing_flush(routing);
    routing_commit(routing, UINT64_MAX);
    if (s_random(2) == 0) {
        routing_restart(routing);
        s_enter(routing);
    }
    for (int i = 0; i < STEPS; i++)
        s_step(routing, reader);
    s_finish(routing, reader);
    s_check(routing, reader);
    routing_destroy(&routing);
}

static void s_test_reading_and_hearing_join(void **state)
{
    reader_t *reader = mem_new(reader_t);
    (void)state;
    srandom(1);
    for (int i = 0; i < ROUNDS; i++)
        s_round(reader);
    mem_free(reader);
}

static void s_test_a_refused_page_is_told(void **state)
{
    routing_t *routing = routing_new();
    (void)state;
    s_enter(routing);
    s_decide(routing);
    routing_decide(routing, ROOM, (made_t){.records = 5, .room = 1});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_commit(routing, UINT64_MAX);
    routing_restart(routing);
    s_enter(routing);
    routing_call(routing, EDGE, CALL_bus_read, 3, 0, &(bus_read_call_t){.from = 1});
    routing_send(routing, EDGE);
    assert_int_equal(routing->order_count, 1);
    router_page(routing->router, routing->orders[0].ticket, ERR_TOO_OLD, 1, (slice_t){0});
    router_page(routing->router, routing->orders[0].ticket, ERR_OK, 1, (slice_t){0});
    routing_flush(routing);
    routing_expect_reply(routing, EDGE, 3, ERR_TOO_OLD);
    routing_expect_silence(routing, EDGE);
    routing_destroy(&routing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_test_reading_and_hearing_join),
        cmocka_unit_test(s_test_a_refused_page_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
