/* router_judge_test.c - judging at the router's core: what waits, for whom, for how long, and what
 * its owner is given then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/plain.h"
#include "tests/unit/broker/routing.h"

enum { BOT = STRANGER, BOT_SESSION = 40, BOT_ACCOUNT = 9, ANN = 1, BOB = 2, HALL = 5, ATTIC = 6 };

static const int64_t PATIENCE_US = 1000;

/* The next call of this type in an actor's inbox; of type 0 if there is none. */
static call_t s_asked(routing_t *routing, uint64_t actor, call_number_t type)
{
    routing_flush(routing);
    for (;;) {
        heard_t heard = routing_hear(routing, actor);
        if (heard.kind == ENVELOPE_NONE)
            return (call_t){0};
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

static void s_say(routing_t *routing, call_number_t type, const void *body)
{
    const call_type_t *call = call_type((uint16_t)type);
    plain_begin_call(&routing->out[BOT], 1, slice_of(call->name));
    codec_pack(&routing->out[BOT], call->shape(), body);
    routing_send(routing, BOT);
    routing_flush(routing);
}

/* What the bot hears next; `judge` is false if that is nothing. */
static plain_heard_t s_hear(routing_t *routing)
{
    plain_heard_t heard = {0};
    routing_flush(routing);
    slice_t in = slice_from(buf_slice(&routing->inbox[BOT]), routing->heard[BOT]);
    if (in.len == 0)
        return heard;
    slice_t rest = in;
    assert_int_equal(plain_read_heard(&rest, &heard), ERR_OK);
    routing->heard[BOT] += in.len - rest.len;
    return heard;
}

static uint64_t s_question(routing_t *routing)
{
    plain_heard_t heard = s_hear(routing);
    while (!heard.judge && heard.status.len > 0)
        heard = s_hear(routing);
    assert_true(heard.judge);
    return heard.number;
}

static void s_rule(routing_t *routing, uint64_t ticket, ruling_t ruling, const char *words)
{
    s_say(routing, CALL_bot_verdict,
          &(bot_verdict_call_t){
              .ticket = ticket,
              .verdict = ruling,
              .text = ruling == ruling_TRANSFORM ? slice_of(words) : (slice_t){0},
              .reason = ruling == ruling_VETO ? slice_of(words) : (slice_t){0},
          });
}

/* ---- those who are there ---- */

static void s_know_bot(routing_t *routing, const char *scopes)
{
    bot_t bot = {
        .account = BOT_ACCOUNT,
        .login = SLICE_LIT("guard"),
        .session = BOT_SESSION,
        .created = 1,
        .key = SLICE_LIT("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"),
        .scopes = slice_of(scopes),
    };
    routing_call(routing, SESSION, CALL_bus_ready, 1, 0, &(bus_ready_call_t){});
    routing_send(routing, SESSION);
    call_t asked = s_asked(routing, SESSION, CALL_bot_list);
    s_reply(routing, SESSION, &asked, &(bot_list_t){.bots = {&bot, 1}});
}

/* The room actor says where the bot is: to whoever has asked. */
static void s_place_bot(routing_t *routing)
{
    static const uint64_t hall[] = {HALL};
    for (call_t asked; (asked = s_asked(routing, ROOM, CALL_room_ids)).type != 0;)
        s_reply(routing, ROOM, &asked, &(room_ids_t){.rooms = {hall, 1}});
}

static void s_come(routing_t *routing)
{
    s_say(routing, CALL_bot_hello, &(bot_hello_call_t){});
    s_place_bot(routing);
    s_say(routing, CALL_bot_judge, &(bot_judge_call_t){});
}

static int s_setup(void **state)
{
    routing_t *routing = routing_new_cast();
    router_set_patience(routing->router, PATIENCE_US);
    routing->roles[BOT] = ROLE_BIT(peer_role_BOT);
    routing->bots[BOT] = BOT_SESSION;
    *state = routing;
    return 0;
}

static int s_teardown(void **state)
{
    routing_destroy((routing_t **)state);
    return 0;
}

static void s_post(routing_t *routing, uint64_t sender, uint64_t room, const char *text)
{
    routing_call(routing, EDGE, CALL_room_post, 7, sender,
                 &(room_post_call_t){.room = room, .text = slice_of(text)});
    routing_send(routing, EDGE);
}

/* The room actor is given a message now, with this ruling. */
static void s_expect_post(routing_t *routing, uint64_t sender, ruling_t ruling)
{
    call_t call = s_asked(routing, ROOM, CALL_room_post);
    const void *verdict = NULL;
    fault_t fault;
    assert_int_equal(call.type, CALL_room_post);
    assert_int_equal(call.principal, sender);
    if (call.verdict.len == 0) {
        assert_int_equal(ruling, ruling_NONE);
        return;
    }
    assert_int_equal(codec_unpack(call.verdict, shape_verdict(), routing->arena, &fault, &verdict),
                     ERR_OK);
    assert_int_equal(((const verdict_t *)verdict)->ruling, ruling);
}

static void s_expect_none(routing_t *routing)
{
    assert_int_equal(s_asked(routing, ROOM, CALL_room_post).type, 0);
}

static void s_pass_time(routing_t *routing)
{
    routing->now += PATIENCE_US;
    router_expire(routing->router, routing->now);
}

/* ---- tests ---- */

static void test_a_message_waits_and_carries_the_verdict(void **state)
{
    routing_t *routing = *state;
    s_know_bot(routing, "moderate");
    s_come(routing);
    s_post(routing, ANN, HALL, "hello");
    uint64_t ticket = s_question(routing);
    s_expect_none(routing);
    s_rule(routing, ticket, ruling_VETO, "no");
    s_expect_post(routing, ANN, ruling_VETO);
    s_post(routing, ANN, HALL, "hello");
    s_rule(routing, s_question(routing), ruling_ALLOW, "");
    s_expect_post(routing, ANN, ruling_NONE);
}

static void test_others_and_other_rooms_go_by(void **state)
{
    routing_t *routing = *state;
    s_know_bot(routing, "moderate");
    s_come(routing);
    s_post(routing, ANN, HALL, "slow");
    uint64_t slow = s_question(routing);
    s_post(routing, ANN, HALL, "behind");
    uint64_t behind = s_question(routing);
    s_rule(routing, behind, ruling_ALLOW, "");
    s_expect_none(routing);
    s_post(routing, ANN, ATTIC, "elsewhere");
    s_expect_post(routing, ANN, ruling_NONE);
    s_post(routing, BOB, HALL, "by another");
    s_rule(routing, s_question(routing), ruling_ALLOW, "");
    s_expect_post(routing, BOB, ruling_NONE);
    s_rule(routing, slow, ruling_TRANSFORM, "quick");
    s_expect_post(routing, ANN, ruling_TRANSFORM);
    s_expect_post(routing, ANN, ruling_NONE);
}

static void test_silence_passes_or_is_refused_by_a_gate(void **state)
{
    routing_t *routing = *state;
    s_know_bot(routing, "moderate");
    s_come(routing);
    s_post(routing, ANN, HALL, "hello");
    uint64_t ticket = s_question(routing);
    assert_true(router_due(routing->router) == routing->now + PATIENCE_US);
    s_pass_time(routing);
    s_expect_post(routing, ANN, ruling_NONE);
    assert_true(router_due(routing->router) == INT64_MAX);
    s_rule(routing, ticket, ruling_VETO, "late");
    s_expect_none(routing);
    s_know_bot(routing, "moderate gatekeep");
    s_post(routing, ANN, HALL, "hello");
    s_pass_time(routing);
    s_expect_post(routing, ANN, ruling_VETO);
}

static void test_a_gate_stands_before_its_bot_has_come(void **state)
{
    routing_t *routing = *state;
    s_know_bot(routing, "moderate gatekeep");
    s_post(routing, ANN, ATTIC, "its rooms are not known");
    s_expect_post(routing, ANN, ruling_VETO);
    routing_flush(routing);
    s_place_bot(routing);
    s_post(routing, ANN, ATTIC, "now they are");
    s_expect_post(routing, ANN, ruling_NONE);
    s_post(routing, ANN, HALL, "it is here");
    s_expect_post(routing, ANN, ruling_VETO);
}

static void test_before_the_bots_are_known_nothing_is_said(void **state)
{
    routing_t *routing = *state;
    room_post_call_t post = {.room = HALL, .text = SLICE_LIT("x")};
    routing_restart(routing);
    routing_enter(routing, ROOM, peer_role_ACTOR, owner_ROOM);
    routing_enter(routing, EDGE, peer_role_EDGE, 0);
    assert_int_equal(routing_ask(routing, EDGE, CALL_room_post, ANN, &post).reply.status,
                     ERR_UNAVAILABLE);
    routing_enter(routing, SESSION, peer_role_ACTOR, owner_SESSION);
    s_post(routing, ANN, HALL, "nobody judges");
    s_expect_post(routing, ANN, ruling_NONE);
}

static void test_when_the_room_actor_is_gone_nothing_was_done(void **state)
{
    routing_t *routing = *state;
    s_know_bot(routing, "moderate");
    s_come(routing);
    s_post(routing, ANN, HALL, "hello");
    uint64_t ticket = s_question(routing);
    bus_hello_call_t hello = {.role = peer_role_ACTOR, .actor = owner_ROOM};
    assert_int_equal(routing_ask(routing, ROOM2, CALL_bus_hello, 0, &hello).reply.status, ERR_OK);
    while (routing_hear(routing, EDGE).kind != ENVELOPE_NONE)
        continue;
    s_rule(routing, ticket, ruling_ALLOW, ""); /* its successor has not read the journal yet */
    routing_expect_reply(routing, EDGE, 7, ERR_UNAVAILABLE);
}

static void test_no_edge_brings_a_verdict_of_its_own(void **state)
{
    routing_t *routing = *state;
    buf_t verdict = {0};
    codec_pack(&verdict, shape_verdict(), &(verdict_t){.ruling = ruling_VETO, .bot = 1});
    call_begin(&routing->out[EDGE], &(call_t){.type = CALL_room_post,
                                              .corr = 7,
                                              .principal = ANN,
                                              .session = ANN,
                                              .verdict = buf_slice(&verdict)});
    codec_pack(&routing->out[EDGE], shape_room_post_call(),
               &(room_post_call_t){.room = HALL, .text = SLICE_LIT("x")});
    routing_send(routing, EDGE);
    s_expect_none(routing);
    buf_free(&verdict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)
        TEST(test_a_message_waits_and_carries_the_verdict),
        TEST(test_others_and_other_rooms_go_by),
        TEST(test_silence_passes_or_is_refused_by_a_gate),
        TEST(test_a_gate_stands_before_its_bot_has_come),
        TEST(test_before_the_bots_are_known_nothing_is_said),
        TEST(test_when_the_room_actor_is_gone_nothing_was_done),
        TEST(test_no_edge_brings_a_verdict_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
