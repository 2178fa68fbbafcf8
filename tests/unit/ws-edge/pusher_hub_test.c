/* pusher_hub_test.c - channels and their bounds, what is kept, and one frame for all. */
#include "ws-edge/pusher_hub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "schema/mem.h"
#include "tests/unit/ws-edge/pusher_world.h"
#include "ws-edge/pusher_grant.h"

/* ---- a peer that only counts ---- */

typedef struct counter {
    pusher_peer_t peer; /* first */
    outlet_t outlet;
    size_t frames;
    body_t *last; /* borrowed: to be compared only */
} counter_t;

static void s_send(outlet_t *outlet, body_t *frame)
{
    counter_t *counter = (counter_t *)((uintptr_t)outlet - offsetof(counter_t, outlet));
    counter->frames++;
    counter->last = frame;
}

static const outlet_verbs_t s_verbs = {.send = s_send};

static counter_t *s_admit(pusher_hub_t *hub)
{
    counter_t *counter = mem_new(counter_t);
    counter->outlet.verbs = &s_verbs;
    pusher_hub_admit(hub, &counter->peer, &counter->outlet);
    return counter;
}

static void s_dismiss(pusher_hub_t *hub, counter_t **counter_p)
{
    pusher_hub_dismiss(hub, &(*counter_p)->peer);
    mem_free(*counter_p);
    *counter_p = NULL;
}

static err_t s_enter(pusher_hub_t *hub, counter_t *counter, const char *name, const char *person)
{
    const char *why = NULL;
    pusher_channel_t channel;
    pusher_person_info_t info = {.id = slice_of(person)};
    assert_int_equal(pusher_channel_read(slice_of(name), &channel), ERR_OK);
    err_t err =
        pusher_hub_enter(hub, &counter->peer, &channel, person != NULL ? &info : NULL, &why);
    assert_true(err == ERR_OK || why != NULL);
    return err;
}

static void s_keep(pusher_hub_t *hub, const char *name, slice_t data)
{
    pusher_channel_t channel;
    assert_int_equal(pusher_channel_read(slice_of(name), &channel), ERR_OK);
    pusher_hub_keep(hub, &channel, &(pusher_event_t){SLICE_LIT("e"), data});
}

/* ---- what is said ---- */

static void test_all_get_one_and_the_same_frame(void **state)
{
    enum { PEERS = 50 };
    pusher_world_t *world = world_new();
    counter_t *counters[PEERS];
    pusher_event_t event = {SLICE_LIT("hi"), SLICE_LIT("{}")};
    (void)state;
    for (size_t i = 0; i < PEERS; i++) {
        counters[i] = s_admit(world->hub);
        assert_int_equal(s_enter(world->hub, counters[i], "news", NULL), ERR_OK);
    }
    pusher_hub_say(world->hub, SLICE_LIT("news"), &event, &counters[7]->peer);
    pusher_hub_say(world->hub, SLICE_LIT("elsewhere"), &event, NULL);
    for (size_t i = 0; i < PEERS; i++) {
        assert_int_equal(counters[i]->frames, i == 7 ? 0 : 1);
        assert_ptr_equal(counters[i]->last, i == 7 ? NULL : counters[0]->last);
    }
    for (size_t i = 0; i < PEERS; i++)
        s_dismiss(world->hub, &counters[i]);
    world_destroy(&world);
}

/* Seats and places point at each other: leave in every order. */
static void test_whoever_leaves_the_others_stay(void **state)
{
    enum { PEERS = 7, CHANNELS = 5 };
    pusher_world_t *world = world_new();
    pusher_event_t event = {SLICE_LIT("hi"), SLICE_LIT("{}")};
    counter_t *counters[PEERS];
    char name[16];
    (void)state;
    for (size_t i = 0; i < PEERS; i++) {
        counters[i] = s_admit(world->hub);
        for (size_t at = 0; at < CHANNELS; at++) {
            snprintf(name, sizeof name, "c%zu", (at + i) % CHANNELS);
            assert_int_equal(s_enter(world->hub, counters[i], name, NULL), ERR_OK);
        }
    }
    for (size_t i = 0; i < PEERS; i++) {
        snprintf(name, sizeof name, "c%zu", i * 3 % CHANNELS);
        pusher_hub_leave(world->hub, &counters[i]->peer, slice_of(name));
        assert_null(pusher_hub_seat(&counters[i]->peer, slice_of(name)));
    }
    for (size_t at = 0; at < CHANNELS; at++) {
        snprintf(name, sizeof name, "c%zu", at);
        pusher_hub_say(world->hub, slice_of(name), &event, NULL);
    }
    for (size_t i = 0; i < PEERS; i++)
        assert_int_equal(counters[i]->frames, CHANNELS - 1);
    static const size_t order[PEERS] = {3, 0, 6, 1, 5, 2, 4};
    for (size_t i = 0; i < PEERS; i++)
        s_dismiss(world->hub, &counters[order[i]]);
    size_t at = 0;
    slice_t left;
    pusher_count_t count;
    assert_false(pusher_hub_walk(world->hub, &at, &left, &count));
    world_destroy(&world);
}

/* ---- bounds ---- */

static void test_a_connection_is_in_so_many_channels(void **state)
{
    pusher_world_t *world = world_new();
    counter_t *counter = s_admit(world->hub);
    char name[16];
    (void)state;
    for (size_t i = 0; i < PUSHER_PEER_CHANNELS_MAX; i++) {
        snprintf(name, sizeof name, "c%zu", i);
        assert_int_equal(s_enter(world->hub, counter, name, NULL), ERR_OK);
    }
    assert_int_equal(s_enter(world->hub, counter, "more", NULL), ERR_TOO_MANY);
    assert_int_equal(s_enter(world->hub, counter, "c3", NULL), ERR_OK); /* where it is already */
    pusher_hub_leave(world->hub, &counter->peer, SLICE_LIT("c3"));
    assert_int_equal(s_enter(world->hub, counter, "more", NULL), ERR_OK);
    s_dismiss(world->hub, &counter);
    world_destroy(&world);
}

static void test_a_presence_channel_has_so_many_people(void **state)
{
    pusher_world_t *world = world_new();
    counter_t *counters[PUSHER_MEMBERS_MAX + 1];
    char person[16];
    (void)state;
    for (size_t i = 0; i <= PUSHER_MEMBERS_MAX; i++) {
        counters[i] = s_admit(world->hub);
        snprintf(person, sizeof person, "p%zu", i);
        assert_int_equal(s_enter(world->hub, counters[i], "presence-x", person),
                         i < PUSHER_MEMBERS_MAX ? ERR_OK : ERR_TOO_MANY);
    }
    /* Who is there already may come with one more connection. */
    assert_int_equal(s_enter(world->hub, counters[PUSHER_MEMBERS_MAX], "presence-x", "p0"), ERR_OK);
    pusher_count_t count = pusher_hub_count(world->hub, SLICE_LIT("presence-x"));
    assert_int_equal(count.people, PUSHER_MEMBERS_MAX);
    assert_int_equal(count.peers, PUSHER_MEMBERS_MAX + 1);
    for (size_t i = 0; i <= PUSHER_MEMBERS_MAX; i++)
        s_dismiss(world->hub, &counters[i]);
    world_destroy(&world);
}

static void test_there_are_so_many_channels(void **state)
{
    enum { PEERS = PUSHER_CHANNELS_MAX / PUSHER_PEER_CHANNELS_MAX + 1 };
    pusher_world_t *world = world_new();
    static counter_t *counters[PEERS];
    char name[16];
    (void)state;
    for (size_t i = 0; i <= PUSHER_CHANNELS_MAX; i++) {
        size_t peer = i / PUSHER_PEER_CHANNELS_MAX;
        if (counters[peer] == NULL)
            counters[peer] = s_admit(world->hub);
        snprintf(name, sizeof name, "c%zu", i);
        assert_int_equal(s_enter(world->hub, counters[peer], name, NULL),
                         i < PUSHER_CHANNELS_MAX ? ERR_OK : ERR_TOO_MANY);
    }
    for (size_t i = 0; i < PEERS; i++)
        s_dismiss(world->hub, &counters[i]);
    world_destroy(&world);
}

/* ---- what is kept ---- */

static void test_an_event_is_kept_for_half_an_hour(void **state)
{
    pusher_world_t *world = world_new();
    slice_t name = SLICE_LIT("cache-a"), data;
    uint64_t seconds = 0;
    (void)state;
    s_keep(world->hub, "news", SLICE_LIT("1"));
    assert_null(pusher_hub_kept(world->hub, SLICE_LIT("news")));
    s_keep(world->hub, "cache-a", SLICE_LIT("1"));
    s_keep(world->hub, "cache-a", SLICE_LIT("2"));
    world->now_us += UINT64_C(10) * 60 * 1000000;
    assert_true(pusher_hub_kept_data(world->hub, name, &data, &seconds));
    assert_true(slice_is(data, "2"));
    assert_int_equal(seconds, 20 * 60);
    assert_int_equal(pusher_hub_count(world->hub, name).peers, 0);
    world->now_us += UINT64_C(20) * 60 * 1000000;
    assert_null(pusher_hub_kept(world->hub, name));
    assert_false(pusher_hub_kept_data(world->hub, name, &data, &seconds));
    world_destroy(&world);
}

static void test_the_oldest_goes_when_too_much_is_kept(void **state)
{
    static uint8_t data[PUSHER_DATA_SIZE_MAX];
    enum { EVENTS = PUSHER_CACHE_SIZE_MAX / (2 * PUSHER_DATA_SIZE_MAX) + 1 };
    pusher_world_t *world = world_new();
    counter_t *counter = s_admit(world->hub);
    char name[16];
    (void)state;
    memset(data, 'x', sizeof data);
    assert_int_equal(s_enter(world->hub, counter, "cache-1", NULL), ERR_OK);
    for (size_t i = 0; i < EVENTS; i++) {
        snprintf(name, sizeof name, "cache-%zu", i);
        s_keep(world->hub, name, slice_new(data, sizeof data));
    }
    assert_null(pusher_hub_kept(world->hub, SLICE_LIT("cache-0")));
    assert_null(pusher_hub_kept(world->hub, SLICE_LIT("cache-1"))); /* its peer is still there */
    assert_int_equal(pusher_hub_count(world->hub, SLICE_LIT("cache-1")).peers, 1);
    assert_non_null(pusher_hub_kept(world->hub, slice_of(name)));
    s_dismiss(world->hub, &counter);
    world_destroy(&world);
}

static void test_what_is_kept_gives_way(void **state)
{
    pusher_world_t *world = world_new();
    counter_t *counter = s_admit(world->hub);
    char name[16];
    (void)state;
    for (size_t i = 0; i < PUSHER_CHANNELS_MAX; i++) {
        snprintf(name, sizeof name, "cache-%zu", i);
        s_keep(world->hub, name, SLICE_LIT("1"));
    }
    assert_non_null(pusher_hub_kept(world->hub, SLICE_LIT("cache-0")));
    assert_int_equal(s_enter(world->hub, counter, "news", NULL), ERR_OK);
    assert_null(pusher_hub_kept(world->hub, SLICE_LIT("cache-0")));
    assert_non_null(pusher_hub_kept(world->hub, SLICE_LIT("cache-1")));
    s_dismiss(world->hub, &counter);
    world_destroy(&world);
}

/* ---- who is let in ---- */

static void test_which_channels_are_kiths_own(void **state)
{
    (void)state;
    assert_true(pusher_is_own(SLICE_LIT("private-chat_1_2")));
    assert_true(pusher_is_own(SLICE_LIT("private-chat_")));
    assert_true(pusher_is_own(SLICE_LIT("private-notification_user_1")));
    assert_false(pusher_is_own(SLICE_LIT("private-chats")));
    assert_false(pusher_is_own(SLICE_LIT("presence-chat_1_2")));
}

static void test_channels_that_are_open_to_all(void **state)
{
    pusher_world_t *world = world_new(); /* private-news presence-lobby-* */
    (void)state;
    assert_true(pusher_hub_open_to_all(world->hub, SLICE_LIT("private-news")));
    assert_false(pusher_hub_open_to_all(world->hub, SLICE_LIT("private-news-2")));
    assert_true(pusher_hub_open_to_all(world->hub, SLICE_LIT("presence-lobby-2")));
    assert_false(pusher_hub_open_to_all(world->hub, SLICE_LIT("presence-lobby")));
    assert_false(pusher_hub_open_to_all(world->hub, SLICE_LIT("private-chat_1_2")));
    world_destroy(&world);
}

static void test_unused_grants_are_bounded(void **state)
{
    pusher_world_t *world = world_new();
    counter_t *counter = s_admit(world->hub);
    pusher_grant_t grant;
    char name[32];
    (void)state;
    for (uint64_t i = 0; i <= PUSHER_GRANTS_MAX; i++) {
        buf_t auth = {0};
        snprintf(name, sizeof name, "private-chat_%d", (int)i);
        pusher_claim_t claim = {slice_of(counter->peer.id), slice_of(name)};
        assert_int_equal(pusher_vouch(world->hub, &claim, (who_t){.account = 9}, i, &auth), ERR_OK);
        buf_free(&auth);
    }
    assert_false(pusher_use_grant(&counter->peer, SLICE_LIT("private-chat_0"), &grant));
    assert_true(pusher_use_grant(&counter->peer, SLICE_LIT("private-chat_1"), &grant));
    assert_int_equal(grant.room, 1);
    assert_int_equal(grant.who.account, 9);
    assert_false(pusher_use_grant(&counter->peer, SLICE_LIT("private-chat_1"), &grant));
    s_dismiss(world->hub, &counter);
    world_destroy(&world);
}

static void test_a_socket_id_is_one_connections(void **state)
{
    pusher_world_t *world = world_new();
    counter_t *counter = s_admit(world->hub);
    char id[PUSHER_SOCKET_ID_SIZE_MAX + 2];
    (void)state;
    assert_ptr_equal(pusher_hub_find(world->hub, slice_of(counter->peer.id)), counter);
    snprintf(id, sizeof id, "0%s", counter->peer.id); /* the same numbers, another text */
    assert_null(pusher_hub_find(world->hub, slice_of(id)));
    assert_null(pusher_hub_find(world->hub, SLICE_LIT("1")));
    assert_null(pusher_hub_find(world->hub, SLICE_LIT("")));
    snprintf(id, sizeof id, "%s", counter->peer.id);
    s_dismiss(world->hub, &counter);
    assert_null(pusher_hub_find(world->hub, slice_of(id)));
    world_destroy(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_get_one_and_the_same_frame),
        cmocka_unit_test(test_whoever_leaves_the_others_stay),
        cmocka_unit_test(test_a_connection_is_in_so_many_channels),
        cmocka_unit_test(test_a_presence_channel_has_so_many_people),
        cmocka_unit_test(test_there_are_so_many_channels),
        cmocka_unit_test(test_an_event_is_kept_for_half_an_hour),
        cmocka_unit_test(test_the_oldest_goes_when_too_much_is_kept),
        cmocka_unit_test(test_what_is_kept_gives_way),
        cmocka_unit_test(test_which_channels_are_kiths_own),
        cmocka_unit_test(test_channels_that_are_open_to_all),
        cmocka_unit_test(test_unused_grants_are_bounded),
        cmocka_unit_test(test_a_socket_id_is_one_connections),
    };
    assert_int_equal(crypto_start(), ERR_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
