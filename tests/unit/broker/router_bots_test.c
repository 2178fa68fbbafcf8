/* router_bots_test.c - bots at the router's core: what they say is stamped and held to their
 * scopes, and what they hear is each event once, in order, whatever they do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "schema/plain.h"
#include "tests/unit/broker/routing.h"

enum { BOT = STRANGER, BOT_SESSION = 40, BOT_ACCOUNT = 9, HOME = 5, ELSEWHERE = 6 };

/* An event or an answer off the bot's inbox; type and status empty if there is none. */
static plain_heard_t s_hear(routing_t *routing)
{
    plain_heard_t heard = {0};
    slice_t in = slice_from(buf_slice(&routing->inbox[BOT]), routing->heard[BOT]);
    if (in.len == 0)
        return heard;
    slice_t rest = in;
    assert_int_equal(plain_read_heard(&rest, &heard), ERR_OK);
    routing->heard[BOT] += in.len - rest.len;
    return heard;
}

static void s_expect_silence(routing_t *routing)
{
    routing_flush(routing);
    assert_int_equal(routing->heard[BOT], routing->inbox[BOT].len);
}

static void s_expect_answer(routing_t *routing, uint64_t number, const char *status)
{
    routing_flush(routing);
    plain_heard_t heard = s_hear(routing);
    assert_false(heard.event);
    assert_int_equal(heard.number, number);
    assert_true(slice_is(heard.status, status));
}

static void s_expect_event(routing_t *routing, uint64_t seq)
{
    routing_flush(routing);
    plain_heard_t heard = s_hear(routing);
    assert_true(heard.event);
    assert_int_equal(heard.seq, seq);
}

static void s_say(routing_t *routing, uint64_t number, call_number_t type, const void *body)
{
    const call_type_t *call = call_type((uint16_t)type);
    plain_begin_call(&routing->out[BOT], number, slice_of(call->name));
    codec_pack(&routing->out[BOT], call->shape(), body);
    routing_send(routing, BOT);
}

static void s_follow(routing_t *routing, const bot_follow_call_t *wish)
{
    s_say(routing, 2, CALL_bot_follow, wish);
    s_expect_answer(routing, 2, "ok");
}

/* ---- what actors answer the router ---- */

/* The next call of this type in an actor's inbox. */
static call_t s_asked(routing_t *routing, uint64_t actor, call_number_t type)
{
    for (;;) {
        heard_t heard = routing_hear(routing, actor);
        assert_int_not_equal(heard.kind, ENVELOPE_NONE);
        if (heard.kind == ENVELOPE_CALL && heard.call.type == type)
            return heard.call;
    }
}

static void s_reply(routing_t *routing, uint64_t actor, const call_t *call, const void *answer)
{
    buf_t *out = &routing->out[actor];
    reply_begin(out, &(reply_t){.type = call->type,
                                .corr = call->corr,
                                .origin = call->origin,
                                .as_of = routing->head});
    codec_pack(out, call_type(call->type)->answer(), answer);
    routing_send(routing, actor);
}

static const bot_t s_bot = {
    .account = BOT_ACCOUNT,
    .login = {(const uint8_t *)"echo", 4},
    .session = BOT_SESSION,
    .created = 1,
    .key = {(const uint8_t *)"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", 40},
    .scopes = {(const uint8_t *)"messages rooms", 14},
};

/* The session actor serves and says who the bots are. */
static void s_learn(routing_t *routing, const bot_t *bot)
{
    bot_list_t list = {.bots = {bot, 1}};
    routing_call(routing, SESSION, CALL_bus_ready, 1, 0, &(bus_ready_call_t){});
    routing_send(routing, SESSION);
    routing_flush(routing);
    call_t asked = s_asked(routing, SESSION, CALL_bot_list);
    s_reply(routing, SESSION, &asked, &list);
}

static void s_answer_rooms(routing_t *routing)
{
    static const uint64_t rooms[] = {HOME};
    routing_flush(routing);
    call_t asked = s_asked(routing, ROOM, CALL_room_ids);
    assert_int_equal(asked.principal, BOT_ACCOUNT);
    s_reply(routing, ROOM, &asked, &(room_ids_t){.rooms = {rooms, 1}});
}

static void s_enter(routing_t *routing)
{
    s_say(routing, 1, CALL_bot_hello, &(bot_hello_call_t){});
    s_answer_rooms(routing);
    s_expect_answer(routing, 1, "ok");
}

static int s_setup(void **state)
{
    routing_t *routing = routing_new_cast();
    routing->roles[BOT] = ROLE_BIT(peer_role_BOT);
    routing->bots[BOT] = BOT_SESSION;
    s_learn(routing, &s_bot);
    *state = routing;
    return 0;
}

static int s_teardown(void **state)
{
    routing_destroy((routing_t **)state);
    return 0;
}

/* Something happens in a room, or to an account, so many times. */
static void s_happen(routing_t *routing, uint64_t room, uint64_t account, uint16_t records,
                     size_t padding)
{
    routing_decide(routing, ROOM,
                   (made_t){.records = records,
                            .room = room,
                            .account = account,
                            .event = EVENT_room_joined,
                            .padding = padding});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_commit(routing, UINT64_MAX);
    routing_flush(routing);
}

static void s_leave(routing_t *routing, uint64_t room, uint64_t account)
{
    routing_decide(routing, ROOM, (made_t){.records = 1, .room = room, .account = account});
    routing_send(routing, ROOM);
    routing_flush(routing);
    routing_commit(routing, UINT64_MAX);
    routing_flush(routing);
}

/* ---- what it says ---- */

static void test_a_call_is_stamped_with_the_bots_account(void **state)
{
    routing_t *routing = *state;
    s_enter(routing);
    s_say(routing, 3, CALL_room_list, &(room_list_call_t){});
    routing_flush(routing);
    call_t call = s_asked(routing, ROOM, CALL_room_list);
    assert_int_equal(call.principal, BOT_ACCOUNT);
    assert_int_equal(call.session, BOT_SESSION);
    assert_int_equal(call.origin, BOT);
    assert_int_equal(call.time, routing->stamped);
    s_reply(routing, ROOM, &call, &(room_list_t){});
    s_expect_answer(routing, 3, "ok");
}

static void test_calls_that_wait_are_so_many_and_no_more(void **state)
{
    routing_t *routing = *state;
    s_enter(routing);
    for (uint64_t i = 0; i < LIMIT_BOT_CALLS; i++)
        s_say(routing, 100 + i, CALL_room_list, &(room_list_call_t){});
    s_expect_silence(routing);
    s_say(routing, 3, CALL_room_list, &(room_list_call_t){});
    s_expect_answer(routing, 3, "too_many");
    call_t call = s_asked(routing, ROOM, CALL_room_list);
    s_reply(routing, ROOM, &call, &(room_list_t){});
    s_expect_answer(routing, 100, "ok");
    s_say(routing, 4, CALL_room_list, &(room_list_call_t){});
    s_expect_silence(routing);
}

static void test_what_the_house_says_is_malformed_at_a_bots_door(void **state)
{
    routing_t *routing = *state;
    s_enter(routing);
    routing_call(routing, BOT, CALL_bus_hello, 1, 0,
                 &(bus_hello_call_t){.role = peer_role_OPERATOR});
    routing_send(routing, BOT);
    s_expect_silence(routing);
    s_say(routing, 5, CALL_bus_ping, &(bus_ping_call_t){});
    s_expect_answer(routing, 5, "unauthenticated");
}

static void test_nobody_is_a_bot_at_the_houses_door(void **state)
{
    routing_t *routing = *state;
    bus_hello_call_t hello = {.role = peer_role_BOT};
    assert_int_equal(routing_ask(routing, ROOM2, CALL_bus_hello, 0, &hello).reply.status,
                     ERR_FORBIDDEN);
}

static void test_before_the_list_is_known_a_bot_is_put_off(void **state)
{
    routing_t *routing = *state;
    routing_restart(routing);
    s_say(routing, 1, CALL_bot_hello, &(bot_hello_call_t){});
    s_expect_answer(routing, 1, "unavailable");
    assert_false(router_knows_bots(routing->router));
    routing_enter(routing, SESSION, peer_role_ACTOR, owner_SESSION);
    s_learn(routing, &s_bot);
    assert_true(router_knows_bots(routing->router));
    assert_int_equal(router_find_bot(routing->router, (const char *)s_bot.key.ptr), BOT_SESSION);
    s_say(routing, 1, CALL_bot_hello, &(bot_hello_call_t){});
    s_expect_answer(routing, 1, "unavailable"); /* the room actor is away */
}

/* ---- what it hears ---- */

static void test_it_hears_its_rooms_and_its_account_and_nothing_else(void **state)
{
    routing_t *routing = *state;
    s_enter(routing);
    s_follow(routing, &(bot_follow_call_t){});
    s_happen(routing, HOME, 1, 1, 0);
    s_happen(routing, ELSEWHERE, 1, 1, 0);
    s_expect_event(routing, 1);
    s_expect_silence(routing);
    s_happen(routing, ELSEWHERE, BOT_ACCOUNT, 1, 0); /* it comes in */
    s_expect_event(routing, 3);
    s_happen(routing, ELSEWHERE, 1, 1, 0);
    s_expect_event(routing, 4);
    s_leave(routing, ELSEWHERE, BOT_ACCOUNT);
    s_expect_event(routing, 5); /* its own leaving is its account's affair */
    s_happen(routing, ELSEWHERE, 1, 1, 0);
    s_expect_silence(routing);
}

static void test_rooms_that_it_is_not_in_are_refused(void **state)
{
    static const uint64_t rooms[] = {HOME, ELSEWHERE}, accounts[] = {1};
    routing_t *routing = *state;
    s_enter(routing);
    s_say(routing, 6, CALL_bot_follow, &(bot_follow_call_t){.rooms = {rooms, 2}});
    s_expect_answer(routing, 6, "forbidden");
    s_say(routing, 7, CALL_bot_follow, &(bot_follow_call_t){.accounts = {accounts, 1}});
    s_expect_answer(routing, 7, "forbidden");
}

static void test_a_type_that_is_not_wanted_is_not_heard(void **state)
{
    routing_t *routing = *state;
    s_enter(routing);
    s_happen(routing, HOME, 1, 1, 0);
    s_leave(routing, HOME, 1);
    s_follow(routing, &(bot_follow_call_t){.types = SLICE_LIT("message. room.left")});
    s_expect_event(routing, 2);
    s_expect_silence(routing);
}

static void test_the_window_bounds_what_is_sent_and_the_rest_comes_later(void **state)
{
    routing_t *routing = *state;
    s_enter(routing);
    s_follow(routing, &(bot_follow_call_t){});
    for (int i = 0; i < 4; i++)
        s_happen(routing, HOME, 1, LIMIT_BOT_WINDOW / 2, 0);
    for (uint64_t seq = 1; seq <= LIMIT_BOT_WINDOW; seq++)
        s_expect_event(routing, seq);
    s_expect_silence(routing);
    s_say(routing, 0, CALL_bot_ack, &(bot_ack_call_t){10});
    for (uint64_t seq = LIMIT_BOT_WINDOW + 1; seq <= LIMIT_BOT_WINDOW + 10; seq++)
        s_expect_event(routing, seq);
    s_expect_silence(routing);
    s_say(routing, 0, CALL_bot_ack, &(bot_ack_call_t){LIMIT_BOT_WINDOW + 10});
    for (uint64_t seq = LIMIT_BOT_WINDOW + 11; seq <= 2 * LIMIT_BOT_WINDOW; seq++)
        s_expect_event(routing, seq);
    s_expect_silence(routing);
}

/* The journal holds what memory no longer does: the cursor goes through its pages into the tail,
 * while more happens. */
static void test_from_the_beginning_through_pages_to_what_is_live(void **state)
{
    routing_t *routing = *state;
    uint64_t seen = 0;
    routing_restart(routing);
    routing->head = 0;
    for (int i = 0; i < 40; i++) { /* 40 MB, which no tail holds */
        routing_enter(routing, ROOM, peer_role_ACTOR, owner_ROOM);
        s_happen(routing, HOME, 1, 64, 16 * 1024);
        buf_reset(&routing->inbox[ROOM]);
        routing->heard[ROOM] = 0;
    }
    routing_enter(routing, SESSION, peer_role_ACTOR, owner_SESSION);
    s_learn(routing, &s_bot);
    s_enter(routing);
    s_follow(routing, &(bot_follow_call_t){});
    while (seen < routing->head) {
        routing_flush(routing);
        for (plain_heard_t heard = s_hear(routing); heard.event; heard = s_hear(routing))
            assert_int_equal(heard.seq, ++seen);
        if (routing->order_count > 0)
            routing_serve(routing, 50);
        else
            s_say(routing, 0, CALL_bot_ack, &(bot_ack_call_t){seen});
        if (seen < 2000)
            s_happen(routing, HOME, 1, 1, 0);
    }
    assert_true(seen > 40 * 64);
    s_expect_silence(routing);
}

/* Who comes into a room while a page is on its way: that page was ordered without the room. */
static void test_a_page_from_before_a_join_is_read_again(void **state)
{
    routing_t *routing = *state;
    s_happen(routing, HOME, 1, 1, 0);
    routing_restart(routing); /* nothing is in memory now */
    routing_enter(routing, ROOM, peer_role_ACTOR, owner_ROOM);
    routing_enter(routing, SESSION, peer_role_ACTOR, owner_SESSION);
    s_learn(routing, &s_bot);
    s_enter(routing);
    s_follow(routing, &(bot_follow_call_t){});
    assert_int_equal(routing->order_count, 1);
    s_happen(routing, ELSEWHERE, BOT_ACCOUNT, 1, 0);
    s_happen(routing, ELSEWHERE, 1, 1, 0);
    assert_int_equal(routing->order_count, 2);
    routing_serve(routing, 100);
    s_expect_silence(routing);
    routing_serve(routing, 100);
    for (uint64_t seq = 1; seq <= 3; seq++)
        s_expect_event(routing, seq);
    s_expect_silence(routing);
}

static void test_rooms_told_late_are_asked_for_again(void **state)
{
    routing_t *routing = *state;
    s_say(routing, 1, CALL_bot_hello, &(bot_hello_call_t){});
    routing_flush(routing);
    call_t asked = s_asked(routing, ROOM, CALL_room_ids);
    uint64_t before = routing->head;
    s_happen(routing, ELSEWHERE, BOT_ACCOUNT, 1, 0);
    uint64_t head = routing->head;
    routing->head = before; /* what the actor knew when it answered */
    s_reply(routing, ROOM, &asked, &(room_ids_t){});
    routing->head = head;
    s_expect_silence(routing);
    s_answer_rooms(routing);
    s_expect_answer(routing, 1, "ok");
}

static void test_what_passes_is_heard_by_who_is_at_the_head(void **state)
{
    routing_t *routing = *state;
    bot_t all = s_bot;
    all.scopes = SLICE_LIT("accounts");
    s_learn(routing, &all);
    s_enter(routing);
    s_happen(routing, HOME, 1, 1, 0);
    s_follow(routing, &(bot_follow_call_t){.after = routing->head});
    routing_decide(routing, SESSION,
                   (made_t){.records = 1, .room = HOME, .event = EVENT_presence_changed});
    routing_send(routing, SESSION);
    s_expect_event(routing, 0);
    s_expect_silence(routing);
}

/* ---- its end ---- */

static void test_a_revoked_one_hears_so_and_no_more(void **state)
{
    routing_t *routing = *state;
    s_enter(routing);
    s_follow(routing, &(bot_follow_call_t){});
    routing_flush(routing);
    buf_t *out = &routing->out[SESSION];
    decision_begin(out,
                   &(decision_t){.type = CALL_bot_revoke, .epoch = routing->epoch, .records = 1});
    codec_pack(out, shape_nothing(), &(nothing_t){});
    record_begin(out, &(record_t){.type = EVENT_session_closed,
                                  .version = 1,
                                  .actor = owner_SESSION,
                                  .account = BOT_ACCOUNT,
                                  .epoch = routing->epoch});
    codec_pack(out, shape_session_closed_event(),
               &(session_closed_event_t){BOT_SESSION, BOT_ACCOUNT, 1});
    record_end(out);
    routing_send(routing, SESSION);
    routing_flush(routing);
    routing_commit(routing, 1);
    s_expect_answer(routing, 0, "session_ended");
    s_happen(routing, HOME, 1, 1, 0);
    s_expect_silence(routing);
    s_say(routing, 1, CALL_bot_hello, &(bot_hello_call_t){});
    s_expect_answer(routing, 1, "session_ended");
    assert_int_equal(router_find_bot(routing->router, (const char *)s_bot.key.ptr), 0);
}

static void test_silence_is_borne_for_a_minute(void **state)
{
    routing_t *routing = *state;
    s_enter(routing);
    router_tick(routing->router, routing->now + 55 * 1000 * 1000);
    s_expect_answer(routing, 0, "ok"); /* a knock */
    s_say(routing, 5, CALL_bus_ping, &(bus_ping_call_t){});
    s_expect_answer(routing, 5, "ok");
    router_tick(routing->router, routing->now + 61 * 1000 * 1000);
    s_say(routing, 6, CALL_bus_ping, &(bus_ping_call_t){});
    s_expect_answer(routing, 6, "unauthenticated");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_call_is_stamped_with_the_bots_account),
        TEST(test_calls_that_wait_are_so_many_and_no_more),
        TEST(test_what_the_house_says_is_malformed_at_a_bots_door),
        TEST(test_nobody_is_a_bot_at_the_houses_door),
        TEST(test_before_the_list_is_known_a_bot_is_put_off),
        TEST(test_it_hears_its_rooms_and_its_account_and_nothing_else),
        TEST(test_rooms_that_it_is_not_in_are_refused),
        TEST(test_a_type_that_is_not_wanted_is_not_heard),
        TEST(test_the_window_bounds_what_is_sent_and_the_rest_comes_later),
        TEST(test_from_the_beginning_through_pages_to_what_is_live),
        TEST(test_a_page_from_before_a_join_is_read_again),
        TEST(test_rooms_told_late_are_asked_for_again),
        TEST(test_what_passes_is_heard_by_who_is_at_the_head),
        TEST(test_a_revoked_one_hears_so_and_no_more),
        TEST(test_silence_is_borne_for_a_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
