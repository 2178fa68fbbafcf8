/* pusher_session_test.c - what clients of Pusher say, what they are answered, and what the
 * others get of it. */
#include "ws-edge/pusher_session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "schema/json.h"
#include "tests/unit/ws-edge/pusher_world.h"

#define NO_RIGHT "the signature is not right for this channel and socket id"

static const uint64_t s_second = 1000000;

static void s_got(pusher_caller_t *caller, const char *expected)
{
    assert_string_equal(caller_got(caller), expected);
}

/* ---- the handshake ---- */

static void test_one_is_told_its_socket_id(void **state)
{
    pusher_pair_t *scene = *state;
    pusher_caller_t *caller = world_call_with(scene->world, PUSHER_CODE_COUNT_);
    char expected[200];
    snprintf(expected, sizeof expected,
             "{\"event\":\"pusher:connection_established\",\"data\":\"{\\\"socket_id\\\":"
             "\\\"%s\\\",\\\"activity_timeout\\\":120}\"}\n",
             caller->session.peer.id);
    s_got(caller, expected);
    slice_t id = slice_of(caller->session.peer.id);
    assert_true(pusher_socket_id_valid(id));
    assert_ptr_equal(pusher_hub_find(scene->world->hub, id), caller);
    world_dismiss(&caller);
}

static void test_a_handshake_with_a_fault_is_told_and_closed(void **state)
{
    pusher_pair_t *scene = *state;
    pusher_caller_t *caller = world_call_with(scene->world, PUSHER_NO_APP);
    s_got(caller, ERROR("4001", "There is no application with this key."));
    assert_int_equal(caller->code, 4001);
    caller_says(caller, "{\"event\":\"pusher:ping\"}");
    s_got(caller, "");
    world_dismiss(&caller);
}

static void test_faults_of_a_handshake(void **state)
{
    const pusher_pair_t *scene = *state;
    const pusher_setup_t *setup = pusher_hub_setup(scene->world->hub);
    slice_t key = SLICE_LIT(WORLD_KEY), other = SLICE_LIT("other"), seven = SLICE_LIT("7");
    assert_int_equal(pusher_handshake_fault(setup, &(pusher_handshake_t){key, seven}),
                     PUSHER_CODE_COUNT_);
    assert_int_equal(pusher_handshake_fault(setup, &(pusher_handshake_t){other, seven}),
                     PUSHER_NO_APP);
    assert_int_equal(pusher_handshake_fault(setup, &(pusher_handshake_t){key}), PUSHER_NO_VERSION);
    assert_int_equal(pusher_handshake_fault(setup, &(pusher_handshake_t){key, SLICE_LIT("5")}),
                     PUSHER_OTHER_VERSION);
    assert_int_equal(pusher_handshake_fault(setup, &(pusher_handshake_t){key, SLICE_LIT("x")}),
                     PUSHER_BAD_VERSION);
}

/* ---- being there ---- */

static void s_tick_at(pusher_pair_t *scene, uint64_t second)
{
    scene->world->now_us = (1 + second) * s_second;
    pusher_session_tick(&scene->ann->session);
}

static void test_a_ping_is_answered(void **state)
{
    pusher_pair_t *scene = *state;
    caller_says(scene->ann, "{\"event\":\"pusher:ping\",\"data\":{}}");
    s_got(scene->ann, "{\"event\":\"pusher:pong\",\"data\":\"{}\"}\n");
}

static void test_who_is_silent_is_asked_and_then_closed(void **state)
{
    pusher_pair_t *scene = *state;
    s_tick_at(scene, 119);
    s_got(scene->ann, "");
    s_tick_at(scene, 120);
    s_got(scene->ann, "{\"event\":\"pusher:ping\",\"data\":\"{}\"}\n");
    s_tick_at(scene, 149);
    s_got(scene->ann, "");
    s_tick_at(scene, 150);
    s_got(scene->ann, ERROR("4201", "No pong came in time."));
    assert_int_equal(scene->ann->code, 4201);
}

static void test_a_pong_is_enough(void **state)
{
    pusher_pair_t *scene = *state;
    s_tick_at(scene, 120);
    caller_says(scene->ann, "{\"event\":\"pusher:pong\",\"data\":\"{}\"}");
    s_tick_at(scene, 239);
    assert_string_not_equal(caller_got(scene->ann), "");
    s_tick_at(scene, 240);
    s_got(scene->ann, "{\"event\":\"pusher:ping\",\"data\":\"{}\"}\n");
    assert_int_equal(scene->ann->code, 0);
}

static void test_who_does_nothing_for_a_day_is_closed(void **state)
{
    pusher_pair_t *scene = *state;
    caller_subscribes(scene->bob, "news", NULL);
    for (uint64_t second = 100; second <= PUSHER_IDLE_S + 100; second += 100) {
        scene->world->now_us = (1 + second) * s_second;
        caller_says(scene->bob, "{\"event\":\"pusher:pong\"}");
        pusher_session_tick(&scene->bob->session);
        if (second <= PUSHER_IDLE_S)
            caller_says(scene->ann, "{\"event\":\"pusher:pong\"}");
    }
    assert_int_equal(scene->bob->code, 0); /* it is in a channel */
    pusher_session_tick(&scene->ann->session);
    assert_int_equal(scene->ann->code, 4202);
}

static void test_what_is_no_frame_is_told_and_stays(void **state)
{
    static const char *const frames[] = {
        "", "not json", "[]", "1", "{}", "{\"event\":1}", "{\"event\":\"x\"} "};
    pusher_pair_t *scene = *state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        caller_says(scene->ann, frames[i]);
        assert_non_null(strstr(caller_got(scene->ann), "\"pusher:error\""));
        assert_int_equal(scene->ann->code, 0);
    }
    pusher_session_say(&scene->ann->session, false, SLICE_LIT("{\"event\":\"pusher:ping\"}"));
    assert_non_null(strstr(caller_got(scene->ann), "\"pusher:error\""));
    caller_says(scene->ann, "{\"event\":\"pusher:of_later\"}");
    s_got(scene->ann, "");
}

/* ---- subscribing ---- */

static void test_a_public_channel_is_open(void **state)
{
    pusher_pair_t *scene = *state;
    caller_subscribes(scene->ann, "news", NULL);
    s_got(scene->ann, SUCCEEDED("news", "{}"));
    assert_string_equal(world_news(scene->world), "channel_occupied news\n");
    caller_subscribes(scene->ann, "news", NULL); /* once more is no more */
    s_got(scene->ann, SUCCEEDED("news", "{}"));
    assert_int_equal(pusher_hub_count(scene->world->hub, SLICE_LIT("news")).peers, 1);
    caller_says(scene->ann, "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"news\"}}");
    s_got(scene->ann, "");
    assert_string_equal(world_news(scene->world), "channel_vacated news\n");
}

static void test_data_may_be_a_text(void **state)
{
    pusher_pair_t *scene = *state;
    caller_says(scene->ann,
                "{\"event\":\"pusher:subscribe\",\"data\":\"{\\\"channel\\\":\\\"news\\\"}\"}");
    s_got(scene->ann, SUCCEEDED("news", "{}"));
}

static void test_a_channel_that_cannot_be(void **state)
{
    pusher_pair_t *scene = *state;
    caller_subscribes(scene->ann, "a\"b", NULL);
    s_got(scene->ann,
          REFUSED("a\\\"b", "InvalidChannel", "there can be no channel of this name", "400"));
    caller_says(scene->ann, "{\"event\":\"pusher:subscribe\",\"data\":7}");
    s_got(scene->ann, REFUSED("", "InvalidChannel", "there can be no channel of this name", "400"));
}

static void test_private_channels_want_a_signature(void **state)
{
    pusher_pair_t *scene = *state;
    buf_t theirs = {0};
    caller_subscribes(scene->ann, "private-a", NULL);
    s_got(scene->ann, SUCCEEDED("private-a", "{}"));
    caller_says(scene->ann,
                "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-b\"}}");
    s_got(scene->ann, REFUSED("private-b", "AuthError", NO_RIGHT, "401"));
    /* A signature is for one connection. */
    pusher_claim_t claim = {slice_of(scene->bob->session.peer.id), SLICE_LIT("private-b")};
    assert_int_equal(pusher_auth_put(&theirs, &pusher_hub_setup(scene->world->hub)->app, &claim),
                     ERR_OK);
    buf_t frame = {0};
    buf_printf(&frame,
               "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-b\","
               "\"auth\":\"%.*s\"}}",
               SLICE_ARG(buf_slice(&theirs)));
    pusher_session_say(&scene->ann->session, true, buf_slice(&frame));
    s_got(scene->ann, REFUSED("private-b", "AuthError", NO_RIGHT, "401"));
    pusher_session_say(&scene->bob->session, true, buf_slice(&frame));
    s_got(scene->bob, SUCCEEDED("private-b", "{}"));
    buf_free(&theirs);
    buf_free(&frame);
}

/* ---- presence ---- */

#define ANN "{\"user_id\":1,\"user_info\":{\"name\":\"Ann\"}}"
#define BOB "{\"user_id\":\"b\"}"

static void test_people_come_once_and_go_once(void **state)
{
    pusher_pair_t *scene = *state;
    pusher_caller_t *again = world_call(scene->world);
    caller_subscribes(scene->ann, "presence-x", ANN);
    s_got(scene->ann,
          SUCCEEDED("presence-x", "{\\\"presence\\\":{\\\"ids\\\":[\\\"1\\\"],\\\"hash\\\":{"
                                  "\\\"1\\\":{\\\"name\\\":\\\"Ann\\\"}},\\\"count\\\":1}}"));
    caller_subscribes(scene->bob, "presence-x", BOB);
    s_got(scene->bob,
          SUCCEEDED("presence-x",
                    "{\\\"presence\\\":{\\\"ids\\\":[\\\"1\\\",\\\"b\\\"],\\\"hash\\\":{\\\"1\\\":"
                    "{\\\"name\\\":\\\"Ann\\\"},\\\"b\\\":{}},\\\"count\\\":2}}"));
    s_got(scene->ann, "{\"channel\":\"presence-x\",\"event\":\"pusher_internal:member_added\","
                      "\"data\":\"{\\\"user_id\\\":\\\"b\\\"}\"}\n");
    caller_subscribes(again, "presence-x", BOB);
    s_got(scene->ann, "");
    world_dismiss(&again);
    s_got(scene->ann, "");
    caller_says(scene->bob,
                "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"presence-x\"}}");
    s_got(scene->ann, "{\"channel\":\"presence-x\",\"event\":\"pusher_internal:member_removed\","
                      "\"data\":\"{\\\"user_id\\\":\\\"b\\\"}\"}\n");
    s_got(scene->bob, "");
    assert_string_equal(world_news(scene->world),
                        "channel_occupied presence-x\nmember_added presence-x 1\n"
                        "member_added presence-x b\nmember_removed presence-x b\n");
}

static void test_members_that_will_not_do(void **state)
{
    pusher_pair_t *scene = *state;
    char large[PUSHER_INFO_SIZE_MAX + 100], id[PUSHER_USER_ID_SIZE_MAX + 100];
    snprintf(large, sizeof large, "{\"user_id\":1,\"user_info\":\"%0*d\"}", PUSHER_INFO_SIZE_MAX,
             0);
    snprintf(id, sizeof id, "{\"user_id\":\"%0*d\"}", PUSHER_USER_ID_SIZE_MAX + 1, 0);
    const char *const data[] = {"{}",  "[]", "x", "{\"user_id\":\"\"}", "{\"user_id\":{}}",
                                large, id};
    for (size_t i = 0; i < sizeof data / sizeof data[0]; i++) {
        caller_subscribes(scene->ann, "presence-x", data[i]);
        assert_non_null(strstr(caller_got(scene->ann), "AuthError"));
    }
    assert_int_equal(scene->ann->session.peer.count, 0);
    assert_string_equal(world_news(scene->world), "");
}

/* ---- events of clients ---- */

static void test_clients_speak_to_the_others(void **state)
{
    pusher_pair_t *scene = *state;
    caller_subscribes(scene->ann, "private-a", NULL);
    caller_subscribes(scene->bob, "private-a", NULL);
    (void)caller_got(scene->ann), (void)caller_got(scene->bob), (void)world_news(scene->world);
    caller_says(scene->ann,
                "{\"event\":\"client-hi\",\"channel\":\"private-a\",\"data\":{\"n\":[1,\"x\"]}}");
    s_got(scene->ann, "");
    s_got(scene->bob, "{\"channel\":\"private-a\",\"event\":\"client-hi\",\"data\":"
                      "\"{\\\"n\\\":[1,\\\"x\\\"]}\"}\n");
    caller_says(scene->ann,
                "{\"event\":\"client-hi\",\"channel\":\"private-a\",\"data\":\"plain\"}");
    s_got(scene->bob, "{\"channel\":\"private-a\",\"event\":\"client-hi\",\"data\":\"plain\"}\n");
    assert_string_equal(world_news(scene->world),
                        "client_event private-a client-hi {\"n\":[1,\"x\"]}\n"
                        "client_event private-a client-hi plain\n");
}

static void test_a_member_is_named(void **state)
{
    pusher_pair_t *scene = *state;
    caller_subscribes(scene->ann, "presence-x", ANN);
    caller_subscribes(scene->bob, "presence-x", BOB);
    (void)caller_got(scene->bob);
    caller_says(scene->ann, "{\"event\":\"client-hi\",\"channel\":\"presence-x\",\"data\":\"\"}");
    s_got(scene->bob, "{\"channel\":\"presence-x\",\"event\":\"client-hi\",\"data\":\"\","
                      "\"user_id\":\"1\"}\n");
}

static void test_what_clients_may_not_say(void **state)
{
    static const char *const frames[] = {
        "{\"event\":\"hi\",\"channel\":\"private-a\",\"data\":\"\"}",
        "{\"event\":\"client-\",\"channel\":\"private-a\",\"data\":\"\"}",
        "{\"event\":\"client-hi\",\"channel\":\"news\",\"data\":\"\"}",
        "{\"event\":\"client-hi\",\"channel\":\"private-encrypted-a\",\"data\":\"\"}",
        "{\"event\":\"client-hi\",\"channel\":\"private-b\",\"data\":\"\"}",
        "{\"event\":\"client-hi\",\"channel\":\"\",\"data\":\"\"}",
        "{\"event\":\"client-hi\"}",
        "{\"event\":\"pusher_internal:member_added\",\"channel\":\"private-a\",\"data\":\"{}\"}",
    };
    pusher_pair_t *scene = *state;
    static const char *const channels[] = {"news", "private-a", "private-encrypted-a"};
    for (size_t i = 0; i < 3; i++) {
        caller_subscribes(scene->ann, channels[i], NULL);
        caller_subscribes(scene->bob, channels[i], NULL);
    }
    caller_subscribes(scene->bob, "private-b", NULL);
    (void)caller_got(scene->bob);
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        (void)caller_got(scene->ann);
        caller_says(scene->ann, frames[i]);
        assert_non_null(strstr(caller_got(scene->ann), "\"code\":4301"));
        assert_int_equal(scene->ann->code, 0);
    }
    s_got(scene->bob, "");
}

static void test_an_event_has_a_size(void **state)
{
    pusher_pair_t *scene = *state;
    buf_t frame = {0};
    caller_subscribes(scene->ann, "private-a", NULL);
    (void)caller_got(scene->ann);
    buf_printf(&frame, "{\"event\":\"client-hi\",\"channel\":\"private-a\",\"data\":\"%0*d\"}",
               PUSHER_DATA_SIZE_MAX, 0);
    pusher_session_say(&scene->ann->session, true, buf_slice(&frame));
    s_got(scene->ann, "");
    buf_reset(&frame);
    buf_printf(&frame, "{\"event\":\"client-hi\",\"channel\":\"private-a\",\"data\":\"%0*d\"}",
               PUSHER_DATA_SIZE_MAX + 1, 0);
    pusher_session_say(&scene->ann->session, true, buf_slice(&frame));
    s_got(scene->ann, ERROR("4301", "the data of an event has at most 10 KB"));
    buf_free(&frame);
}

static void test_ten_events_a_second(void **state)
{
    static const char frame[] = "{\"event\":\"client-hi\",\"channel\":\"private-a\",\"data\":\"\"}";
    pusher_pair_t *scene = *state;
    caller_subscribes(scene->ann, "private-a", NULL);
    (void)caller_got(scene->ann);
    for (size_t i = 0; i < PUSHER_EVENTS_PER_S; i++)
        caller_says(scene->ann, frame);
    s_got(scene->ann, "");
    caller_says(scene->ann, frame);
    s_got(scene->ann, ERROR("4301", "Too many client events: send fewer."));
    scene->world->now_us += s_second;
    caller_says(scene->ann, frame);
    s_got(scene->ann, "");
    assert_int_equal(scene->ann->code, 0);
}

/* ---- users ---- */

static void s_signs_in(pusher_caller_t *caller, const char *user_data)
{
    pusher_claim_t claim = {.socket_id = slice_of(caller->session.peer.id),
                            .data = slice_of(user_data)};
    buf_t auth = {0}, frame = {0};
    assert_int_equal(pusher_auth_put(&auth, &pusher_hub_setup(caller->world->hub)->app, &claim),
                     ERR_OK);
    buf_printf(&frame, "{\"event\":\"pusher:signin\",\"data\":{\"auth\":\"%.*s\",\"user_data\":",
               SLICE_ARG(buf_slice(&auth)));
    json_put_text(&frame, claim.data);
    buf_append_text(&frame, "}}");
    pusher_session_say(&caller->session, true, buf_slice(&frame));
    buf_free(&auth);
    buf_free(&frame);
}

static void test_a_user_hears_what_is_for_it(void **state)
{
    pusher_pair_t *scene = *state;
    slice_t channel = SLICE_LIT("#server-to-user-7");
    s_signs_in(scene->ann, "{\"id\":\"7\"}");
    s_got(scene->ann, "{\"event\":\"pusher:signin_success\",\"data\":\"{\\\"user_data\\\":"
                      "\\\"{\\\\\\\"id\\\\\\\":\\\\\\\"7\\\\\\\"}\\\"}\"}\n");
    caller_subscribes(scene->bob, "#server-to-user-7", NULL);
    assert_non_null(strstr(caller_got(scene->bob), "AuthError"));
    caller_subscribes(scene->ann, "#server-to-user-7", NULL);
    s_got(scene->ann, SUCCEEDED("#server-to-user-7", "{}"));
    pusher_hub_say(scene->world->hub, channel, &(pusher_event_t){SLICE_LIT("hi"), SLICE_LIT("{}")},
                   NULL);
    s_got(scene->ann, "{\"channel\":\"#server-to-user-7\",\"event\":\"hi\",\"data\":\"{}\"}\n");
}

static void test_signing_in_that_is_refused_closes(void **state)
{
    static const char *const data[] = {"{}", "{\"id\":7}", "{\"id\":\"\"}", "x"};
    pusher_pair_t *scene = *state;
    for (size_t i = 0; i < sizeof data / sizeof data[0]; i++) {
        pusher_caller_t *caller = world_call(scene->world);
        s_signs_in(caller, data[i]);
        s_got(caller, ERROR("4009", "signing in as this user was refused"));
        assert_int_equal(caller->code, 4009);
        world_dismiss(&caller);
    }
    caller_says(scene->ann, "{\"event\":\"pusher:signin\",\"data\":{\"auth\":\"" WORLD_KEY
                            ":00\",\"user_data\":\"{\\\"id\\\":\\\"7\\\"}\"}}");
    assert_int_equal(scene->ann->code, 4009);
    s_signs_in(scene->bob, "{\"id\":\"7\"}");
    s_signs_in(scene->bob, "{\"id\":\"7\",\"watchlist\":[]}");
    assert_int_equal(scene->bob->code, 0);
    s_signs_in(scene->bob, "{\"id\":\"8\"}");
    assert_int_equal(scene->bob->code, 4009);
}

static void test_a_users_connections_are_ended(void **state)
{
    pusher_pair_t *scene = *state;
    s_signs_in(scene->ann, "{\"id\":\"7\"}");
    s_signs_in(scene->bob, "{\"id\":\"8\"}");
    (void)caller_got(scene->ann);
    assert_int_equal(pusher_hub_end_user(scene->world->hub, SLICE_LIT("7")), 1);
    s_got(scene->ann, ERROR("4009", "This connection has lost the right to be here."));
    assert_int_equal(scene->ann->code, 4009);
    assert_int_equal(scene->bob->code, 0);
}

/* ---- what is kept ---- */

static void test_a_cache_channel_shows_its_last_event(void **state)
{
    pusher_pair_t *scene = *state;
    pusher_channel_t channel;
    assert_int_equal(pusher_channel_read(SLICE_LIT("cache-news"), &channel), ERR_OK);
    caller_subscribes(scene->ann, "cache-news", NULL);
    s_got(scene->ann,
          SUCCEEDED("cache-news",
                    "{}") "{\"channel\":\"cache-news\",\"event\":\"pusher:cache_miss\"}\n");
    assert_string_equal(world_news(scene->world),
                        "channel_occupied cache-news\ncache_miss cache-news\n");
    pusher_hub_keep(scene->world->hub, &channel,
                    &(pusher_event_t){SLICE_LIT("hi"), SLICE_LIT("1")});
    caller_subscribes(scene->bob, "cache-news", NULL);
    s_got(scene->bob,
          SUCCEEDED("cache-news",
                    "{}") "{\"channel\":\"cache-news\",\"event\":\"hi\",\"data\":\"1\"}\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_setup, pair_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_is_told_its_socket_id),
        TEST(test_a_handshake_with_a_fault_is_told_and_closed),
        TEST(test_faults_of_a_handshake),
        TEST(test_a_ping_is_answered),
        TEST(test_who_is_silent_is_asked_and_then_closed),
        TEST(test_a_pong_is_enough),
        TEST(test_who_does_nothing_for_a_day_is_closed),
        TEST(test_what_is_no_frame_is_told_and_stays),
        TEST(test_a_public_channel_is_open),
        TEST(test_data_may_be_a_text),
        TEST(test_a_channel_that_cannot_be),
        TEST(test_private_channels_want_a_signature),
        TEST(test_people_come_once_and_go_once),
        TEST(test_members_that_will_not_do),
        TEST(test_clients_speak_to_the_others),
        TEST(test_a_member_is_named),
        TEST(test_what_clients_may_not_say),
        TEST(test_an_event_has_a_size),
        TEST(test_ten_events_a_second),
        TEST(test_a_user_hears_what_is_for_it),
        TEST(test_signing_in_that_is_refused_closes),
        TEST(test_a_users_connections_are_ended),
        TEST(test_a_cache_channel_shows_its_last_event),
    };
    assert_int_equal(crypto_start(), ERR_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
