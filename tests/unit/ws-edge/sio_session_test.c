/* sio_session_test.c - namespaces, attachments and who comes, at a session without a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/ws-edge/sio_world.h"

static const uint64_t s_second = 1000000; /* µs */

static void s_says(sio_world_t *world, const char *text)
{
    sio_world_hears(world, slice_of(text));
}

static void s_assert_said(const sio_world_t *world, const char *payload)
{
    slice_t said = buf_slice(&world->said);
    if (!slice_is(said, payload))
        fail_msg("said `%.*s`, not `%s`", SLICE_ARG(said), payload);
}

static void s_assert_begins(const sio_world_t *world, const char *start)
{
    if (!slice_starts(buf_slice(&world->said), slice_of(start)))
        fail_msg("said `%.*s`, not `%s…`", SLICE_ARG(buf_slice(&world->said)), start);
}

static void s_assert_holds(const sio_world_t *world, const char *part)
{
    if (memmem(world->said.data, world->said.len, part, strlen(part)) == NULL)
        fail_msg("said `%.*s` without `%s`", SLICE_ARG(buf_slice(&world->said)), part);
}

static void s_says_with_token(sio_world_t *world, const char *more)
{
    char packet[2048];
    snprintf(packet, sizeof packet, "0{\"token\":\"%.*s\"%s}", SLICE_ARG(buf_slice(&world->token)),
             more);
    s_says(world, packet);
}

/* Signed in and live, in no room. */
static sio_world_t *s_live(const char *more)
{
    sio_world_t *world = sio_world_new(EIO_4, NULL);
    s_says_with_token(world, more);
    assert_int_equal(world->said.len, 0); /* not before all is heard */
    sio_world_answers(world, ERR_OK, &(room_ids_t){0});
    return world;
}

/* ---- namespaces ---- */

static void is_in_the_root_at_once_in_version_3(void **state)
{
    sio_world_t *world = sio_world_new(EIO_3, NULL);
    (void)state;
    assert_non_null(memmem(world->said.data, world->said.len, "2:40", 4));
    sio_world_free(&world);
}

static void waits_for_connect_in_version_4(void **state)
{
    sio_world_t *world = sio_world_new(EIO_4, NULL);
    (void)state;
    s_says(world, "0");
    s_assert_begins(world, "40{\"sid\":\"");
    assert_null(memmem(world->said.data, world->said.len, "pid", 3));
    s_says(world, "0");
    assert_int_equal(world->ended_with, 1008); /* once is enough */
    sio_world_free(&world);
}

static void refuses_namespaces_that_are_not_there(void **state)
{
    sio_world_t *fourth = sio_world_new(EIO_4, NULL);
    (void)state;
    s_says(fourth, "0/nowhere,{\"token\":\"x\"}");
    s_assert_said(fourth, "44/nowhere,{\"message\":\"Invalid namespace\"}");
    sio_world_free(&fourth);
    sio_world_t *third = sio_world_new(EIO_3, NULL);
    s_says(third, "0/nowhere?x=1,");
    s_assert_said(third, "30:44/nowhere,\"Invalid namespace\"");
    sio_world_free(&third);
}

static void ends_without_a_namespace_in_45_seconds(void **state)
{
    sio_world_t *world = sio_world_new(EIO_4, NULL);
    (void)state;
    s_says(world, "0");
    for (int i = 0; i < 3; i++) { /* whoever is in one may be silent */
        sio_world_passes(world, 20 * s_second);
        assert_int_equal(tunnel_post(world->tunnel, false, SLICE_LIT("3")), ERR_OK);
    }
    assert_int_equal(world->ended_with, 0);
    s_says(world, "1");
    sio_world_passes(world, 44 * s_second);
    assert_int_equal(tunnel_post(world->tunnel, false, SLICE_LIT("3")), ERR_OK);
    assert_int_equal(world->ended_with, 0);
    sio_world_passes(world, s_second);
    assert_int_equal(world->ended_with, 4408);
    sio_world_free(&world);
}

static void ends_with_a_packet_for_where_one_is_not(void **state)
{
    static const char *const packets[] = {"2[\"x\"]", "1", "2/api/socket,[\"join\",1]", "31[]"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(packets); i++) {
        sio_world_t *fourth = sio_world_new(EIO_4, NULL);
        s_says(fourth, packets[i]);
        assert_int_equal(fourth->ended_with, 1008);
        sio_world_free(&fourth);
    }
    sio_world_t *third = sio_world_new(EIO_3, NULL);
    s_says(third, packets[2]);
    assert_int_equal(third->ended_with, 0);
    sio_world_free(&third);
}

/* ---- attachments ---- */

static const char s_head[] = "52-1[\"room.post\",{\"a\":{\"_placeholder\":true,\"num\":1},"
                             "\"b\":{\"_placeholder\":true,\"num\":0}}]";

static void gathers_attachments_before_it_hears(void **state)
{
    sio_world_t *world = sio_world_new(EIO_4, NULL);
    (void)state;
    s_says(world, "0");
    s_says(world, s_head);
    sio_world_hears_bytes(world, SLICE_LIT("one"));
    assert_int_equal(world->said.len, 0);
    sio_world_hears_bytes(world, SLICE_LIT("two"));
    s_assert_begins(world, "431[{\"error\":{\"name\":\"invalid\"");
    s_says(world, s_head); /* and again */
    sio_world_hears_bytes(world, SLICE_LIT(""));
    sio_world_hears_bytes(world, SLICE_LIT(""));
    s_assert_begins(world, "431[{\"error\":");
    sio_world_free(&world);
}

static void ends_with_attachments_out_of_order(void **state)
{
    (void)state;
    sio_world_t *between = sio_world_new(EIO_4, NULL);
    s_says(between, "0");
    s_says(between, s_head);
    sio_world_hears_bytes(between, SLICE_LIT("one"));
    s_says(between, "2[\"room.list\"]");
    assert_int_equal(between->ended_with, 1007);
    sio_world_free(&between);

    sio_world_t *alone = sio_world_new(EIO_4, NULL);
    s_says(alone, "0");
    sio_world_hears_bytes(alone, SLICE_LIT("one"));
    assert_int_equal(alone->ended_with, 1007);
    sio_world_free(&alone);
}

/* ---- who comes ---- */

static void asks_as_whoever_the_token_says(void **state)
{
    sio_world_t *world = s_live("");
    (void)state;
    s_assert_begins(world, "40{\"sid\":\"");
    s_assert_holds(world, "\"pid\":\"");
    s_assert_holds(world, "\x1e"
                          "42[\"welcome\",{\"account\":7,\"session\":70,\"resumed\":false},"
                          "\"100\"]");
    s_says(world, "21[\"room.get\",{\"room\":5}]");
    assert_int_equal(world->call_count, 1);
    assert_int_equal(world->calls[0].type, CALL_room_get);
    sio_world_answers(world, ERR_NOT_FOUND, NULL);
    s_assert_begins(world, "431[{\"error\":{\"name\":\"not_found\"");
    sio_world_free(&world);
}

static void leaves_offsets_away_on_request(void **state)
{
    static const char *const wishes[] = {",\"recovery\":0", ",\"recovery\":false",
                                         ",\"recovery\":\"0\""};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        sio_world_t *world = s_live(wishes[i]);
        assert_null(memmem(world->said.data, world->said.len, "pid", 3));
        s_assert_holds(world, "\"resumed\":false}]");
        sio_world_free(&world);
    }
}

static void refuses_a_bad_token_and_lets_one_try_again(void **state)
{
    sio_world_t *world = sio_world_new(EIO_4, NULL);
    (void)state;
    s_says(world, "0{\"token\":\"x.y.z\"}");
    s_assert_said(world, "44{\"message\":\"unauthenticated\"}");
    s_says(world, "0");
    s_assert_begins(world, "40{\"sid\":\"");
    sio_world_free(&world);
}

/* The pid that was said last. */
static void s_pid(const sio_world_t *world, char pid[512])
{
    const char *at = memmem(world->said.data, world->said.len, "\"pid\":\"", 7);
    assert_non_null(at);
    size_t left = world->said.len - (size_t)(at + 7 - (const char *)world->said.data);
    const char *end = memchr(at + 7, '"', left);
    assert_non_null(end);
    snprintf(pid, 512, "%.*s", (int)(end - at - 7), at + 7);
}

static void comes_back_with_its_ticket(void **state)
{
    char pid[512], again[1024];
    sio_world_t *world = s_live("");
    (void)state;
    s_pid(world, pid);
    s_says(world, "1");
    snprintf(again, sizeof again, "0{\"pid\":\"%s\",\"offset\":\"90\"}", pid);
    s_says(world, again);
    sio_world_answers(world, ERR_OK, &(room_ids_t){0});
    assert_int_equal(world->calls[0].type, CALL_bus_read); /* what was missed */
    assert_non_null(memmem(world->args.data, world->args.len, "\"from\":91", 9));
    sio_world_answers(world, ERR_OK, &(bus_page_t){.next = 101, .complete = true});
    s_assert_holds(world, pid);
    s_assert_holds(world, "\"resumed\":true},\"90\"]");
    sio_world_free(&world);
}

/* A renewed token says another time, and its client must still know itself. */
static void keeps_its_ticket_with_a_fresh_token(void **state)
{
    char pid[512], again[512], more[600];
    sio_world_t *world = s_live("");
    (void)state;
    s_pid(world, pid);
    s_says(world, "1");
    sio_world_renews(world, 3600);
    snprintf(more, sizeof more, ",\"pid\":\"%s\",\"offset\":\"100\"", pid);
    s_says_with_token(world, more);
    sio_world_answers(world, ERR_OK, &(room_ids_t){0});
    sio_world_answers(world, ERR_OK, &(bus_page_t){.next = 101, .complete = true});
    s_pid(world, again);
    assert_string_equal(again, pid);
    sio_world_free(&world);
}

static void closes_with_the_session_of_who_is_there(void **state)
{
    sio_world_t *world = s_live("");
    (void)state;
    clients_expire(world->edge.clients, link_time() + 7200 * INT64_C(1000000));
    sio_world_passes(world, 0);
    assert_int_equal(world->ended_with, 4401);
    sio_world_free(&world);
}

static void sends_away_whoever_comes_while_the_broker_is(void **state)
{
    sio_world_t *world = sio_world_new(EIO_4, NULL);
    (void)state;
    world->away = true;
    s_says(world, "0");
    assert_int_equal(world->ended_with, 1013);
    sio_world_free(&world);
}

/* ---- Matcha's ---- */

static void belongs_to_whoever_asked_through_it(void **state)
{
    who_t ann = {.account = SIO_WORLD_ACCOUNT, .session = 70, .expires = INT64_MAX};
    who_t bob = {.account = 8, .session = 80, .expires = INT64_MAX};
    sio_world_t *world = sio_world_new(EIO_3, NULL);
    (void)state;
    s_says(world, "0/api/socket,");
    s_assert_said(world, "14:40/api/socket,");
    sio_session_own(world->session, ann);
    sio_session_own(world->session, bob); /* too late */
    assert_int_equal(sio_session_who(world->session).account, SIO_WORLD_ACCOUNT);
    s_says(world, "2/api/socket,[\"connect_logged_user\",7]");
    assert_int_equal(world->calls[0].type, CALL_account_get);
    sio_world_free(&world);
}

static void is_no_keys_that_may_not_hear(void **state)
{
    who_t key = {.account = SIO_WORLD_ACCOUNT, .session = 70, .expires = INT64_MAX};
    sio_world_t *world = sio_world_new(EIO_3, NULL);
    (void)state;
    key.scopes = scopes_set(SLICE_LIT("accounts"));
    sio_session_own(world->session, key);
    assert_int_equal(sio_session_who(world->session).account, 0);
    key.scopes = scopes_set(SLICE_LIT("accounts messages"));
    sio_session_own(world->session, key);
    assert_int_equal(sio_session_who(world->session).account, SIO_WORLD_ACCOUNT);
    sio_world_free(&world);
}

static void is_bound_by_its_own_browser_alone(void **state)
{
    who_t ann = {.account = SIO_WORLD_ACCOUNT, .session = 70, .expires = INT64_MAX};
    visitor_t visitor = {.caller = {.address = 1, .agent = {1}, .trusted = true}};
    caller_t others[] = {visitor.caller, visitor.caller, visitor.caller};
    (void)state;
    others[0].address = 2;
    others[1].agent[3] = 1;
    others[2].trusted = false;
    sio_world_t *world = sio_world_new(EIO_3, &visitor);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        sio_session_bind(world->session, ann, &others[i]);
        sio_session_settle(world->session);
        assert_int_equal(sio_session_who(world->session).account, 0);
    }
    sio_session_bind(world->session, ann, &visitor.caller);
    assert_int_equal(sio_session_who(world->session).account, 0); /* not inside */
    sio_session_settle(world->session);
    assert_int_equal(sio_session_who(world->session).account, SIO_WORLD_ACCOUNT);
    sio_world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_in_the_root_at_once_in_version_3),
        cmocka_unit_test(waits_for_connect_in_version_4),
        cmocka_unit_test(refuses_namespaces_that_are_not_there),
        cmocka_unit_test(ends_without_a_namespace_in_45_seconds),
        cmocka_unit_test(ends_with_a_packet_for_where_one_is_not),
        cmocka_unit_test(gathers_attachments_before_it_hears),
        cmocka_unit_test(ends_with_attachments_out_of_order),
        cmocka_unit_test(asks_as_whoever_the_token_says),
        cmocka_unit_test(leaves_offsets_away_on_request),
        cmocka_unit_test(refuses_a_bad_token_and_lets_one_try_again),
        cmocka_unit_test(comes_back_with_its_ticket),
        cmocka_unit_test(keeps_its_ticket_with_a_fresh_token),
        cmocka_unit_test(closes_with_the_session_of_who_is_there),
        cmocka_unit_test(sends_away_whoever_comes_while_the_broker_is),
        cmocka_unit_test(belongs_to_whoever_asked_through_it),
        cmocka_unit_test(is_no_keys_that_may_not_hear),
        cmocka_unit_test(is_bound_by_its_own_browser_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
