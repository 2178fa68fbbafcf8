/* push_test.c - browsers that are told: whose they are, what waits for them, when they end. */
#include "actors/notifier/push.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/actors/notifier/town.h"

enum { PATIENCE = 10000 /* ms */, SESSION = 7 };

static const int64_t SECOND = 1000000, DAY = (int64_t)24 * 3600 * 1000000;

/* The base point of the curve, and sixteen zero bytes. */
static const char POINT[] =
    "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU";
static const char AUTH[] = "AAAAAAAAAAAAAAAAAAAAAA";

/* Nobody listens there, so each try ends at once. */
static const char NOWHERE[] = "https://localhost:1/push/";

/* ---- a town with pushes ---- */

static push_options_t s_options; /* outlives each actor */

static void s_push_to(town_t *town, const char *trusted, unsigned wait_s)
{
    s_options = (push_options_t){
        .data = town->at->folder,
        .contact = "",
        .trusted = trusted,
        .authorities = "",
        .wait_s = wait_s,
    };
    stage_set_options(town->at->stage, &(actor_options_t){.pushes = &s_options});
}

static void s_push_after(town_t *town, unsigned wait_s)
{
    s_push_to(town, "example.test localhost", wait_s);
}

static const outcome_t *s_subscribe(town_t *town, uint64_t account, uint64_t session,
                                    const char *endpoint)
{
    town->at->session = session;
    return ASK(town->at, account, push_subscribe, .endpoint = slice_of(endpoint),
               .p256dh = SLICE_LIT(POINT), .auth = SLICE_LIT(AUTH),
               .expires = town->at->now + 30 * DAY);
}

static uint64_t s_subscribed(town_t *town, uint64_t account, uint64_t session, const char *name)
{
    char endpoint[128];
    snprintf(endpoint, sizeof endpoint, "%s%s", NOWHERE, name);
    const outcome_t *outcome = s_subscribe(town, account, session, endpoint);
    assert_int_equal(outcome->status, ERR_OK);
    return ((const push_subscription_t *)outcome->answer)->id;
}

static size_t s_count(town_t *town, uint64_t account)
{
    const outcome_t *outcome = ASK(town->at, account, push_list, );
    assert_int_equal(outcome->status, ERR_OK);
    return ((const push_subscription_list_t *)outcome->answer)->subscriptions.count;
}

/* The last event of this kind that came of the last commit. */
static const void *s_told(const town_t *town, event_number_t event)
{
    for (size_t i = town->at->told_count; i-- > 0;)
        if (town->at->told[i].record.type == event)
            return town->at->told[i].body;
    return NULL;
}

static const push_unsubscribed_event_t *s_ended(const town_t *town)
{
    return s_told(town, EVENT_push_unsubscribed);
}

/* The timer runs until this comes of it; `seconds` pass at a time. */
static const void *s_wait(town_t *town, event_number_t event, int64_t seconds)
{
    for (int ms = 0; ms < PATIENCE; ms++) {
        town->at->now += seconds * SECOND;
        staging_tick(town->at);
        if (s_told(town, event) != NULL)
            return s_told(town, event);
        usleep(1000);
    }
    return NULL;
}

/* Somebody comes or goes, which is told and not recorded. */
static void s_presence(town_t *town, uint64_t account, bool online)
{
    buf_t bytes = {0};
    record_t record = {.type = EVENT_presence_changed, .version = 1, .account = account};
    record_begin(&bytes, &record);
    codec_pack(&bytes, shape_presence_changed_event(),
               &(presence_changed_event_t){account, online});
    record_end(&bytes);
    slice_t in = buf_slice(&bytes);
    assert_int_equal(record_read(&in, &record), ERR_OK);
    assert_int_equal(stage_record(town->at->stage, &record), ERR_OK);
    buf_free(&bytes);
}

/* ---- subscribing ---- */

static void s_nobody_subscribes_where_nothing_is_pushed(void **state)
{
    town_t *town = *state;
    assert_int_equal(s_subscribe(town, BOB, SESSION, NOWHERE)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(town->at, 0, push_key, )->status, ERR_NOT_FOUND);
}

static void s_the_key_is_kept(void **state)
{
    town_t *town = *state;
    char key[88];
    s_push_after(town, 0);
    const outcome_t *outcome = ASK(town->at, 0, push_key, );
    snprintf(key, sizeof key, "%.*s", SLICE_ARG(((const push_key_t *)outcome->answer)->key));
    staging_restart(town->at);
    s_push_after(town, 0);
    outcome = ASK(town->at, 0, push_key, );
    assert_true(slice_is(((const push_key_t *)outcome->answer)->key, key));
}

static void s_what_is_no_endpoint(void **state)
{
    const char *const none[] = {
        "http://push.example.org/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://10.0.0.1:443/a",
        "https://2130706433/",
        "https://push.example.org:8443/a",
        "https://a@push.example.org/",
        "push",
        "https://notlocalhost:1/",
        "ftp://example.test/",
    };
    town_t *town = *state;
    s_push_after(town, 0);
    for (size_t i = 0; i < COUNT_OF(none); i++)
        if (s_subscribe(town, BOB, SESSION, none[i])->status != ERR_INVALID)
            fail_msg("%s is taken", none[i]);
    assert_int_equal(s_subscribe(town, BOB, SESSION, "https://push.example.org/a")->status, ERR_OK);
    assert_int_equal(s_subscribe(town, BOB, SESSION, "https://Example.Test:8443/")->status, ERR_OK);
}

static void s_what_are_no_keys(void **state)
{
    town_t *town = *state;
    int64_t later = town->at->now + DAY;
    char point[sizeof POINT];
    s_push_after(town, 0);
    town->at->session = SESSION;
    memcpy(point, POINT, sizeof point);
    point[40] = point[40] == 'A' ? 'B' : 'A'; /* off the curve */
    assert_int_equal(ASK(town->at, BOB, push_subscribe, .endpoint = slice_of(NOWHERE),
                         .p256dh = slice_of(point), .auth = SLICE_LIT(AUTH), .expires = later)
                         ->status,
                     ERR_INVALID);
    point[40] = '+'; /* another alphabet */
    assert_int_equal(ASK(town->at, BOB, push_subscribe, .endpoint = slice_of(NOWHERE),
                         .p256dh = slice_of(point), .auth = SLICE_LIT(AUTH), .expires = later)
                         ->status,
                     ERR_INVALID);
    assert_int_equal(ASK(town->at, BOB, push_subscribe, .endpoint = slice_of(NOWHERE),
                         .p256dh = SLICE_LIT(POINT), .auth = SLICE_LIT("AAAAAAAAAAAAAAAAAAAAA="),
                         .expires = later)
                         ->status,
                     ERR_INVALID);
    assert_int_equal(s_count(town, BOB), 0);
}

static void s_only_a_session_subscribes(void **state)
{
    town_t *town = *state;
    s_push_after(town, 0);
    assert_int_equal(s_subscribe(town, BOB, 0, NOWHERE)->status, ERR_FORBIDDEN);
    town->at->session = SESSION;
    assert_int_equal(ASK(town->at, BOB, push_subscribe, .endpoint = slice_of(NOWHERE),
                         .p256dh = SLICE_LIT(POINT), .auth = SLICE_LIT(AUTH),
                         .expires = town->at->now)
                         ->status,
                     ERR_FORBIDDEN);
}

static void s_the_same_browser_takes_its_own_place(void **state)
{
    town_t *town = *state;
    s_push_after(town, 0);
    uint64_t first = s_subscribed(town, BOB, SESSION, "a");
    assert_non_null(s_told(town, EVENT_push_subscribed));
    town->at->now -= SECOND; /* so that it expires no later */
    assert_int_equal(s_subscribed(town, BOB, SESSION, "a"), first);
    assert_null(s_told(town, EVENT_push_subscribed));
    assert_int_equal(s_subscribed(town, BOB, SESSION + 1, "a"), first);
    assert_non_null(s_told(town, EVENT_push_subscribed));
    assert_int_equal(s_count(town, BOB), 1);
    assert_true(staging_replays(town->at));
}

static void s_whoever_signs_in_there_takes_it_over(void **state)
{
    town_t *town = *state;
    s_push_after(town, 0);
    uint64_t his = s_subscribed(town, BOB, SESSION, "a");
    uint64_t hers = s_subscribed(town, CAROL, SESSION + 1, "a");
    assert_int_not_equal(his, hers);
    assert_int_equal(s_ended(town)->id, his);
    assert_int_equal(s_ended(town)->reason, push_end_MOVED);
    assert_int_equal(s_count(town, BOB), 0);
    assert_int_equal(s_count(town, CAROL), 1);
    assert_true(staging_replays(town->at));
}

static void s_the_oldest_gives_way(void **state)
{
    town_t *town = *state;
    char name[16];
    s_push_after(town, 0);
    uint64_t first = s_subscribed(town, BOB, SESSION, "0");
    uint64_t second = s_subscribed(town, BOB, SESSION, "1");
    for (int i = 2; i < LIMIT_PUSH_SUBSCRIPTIONS; i++) {
        snprintf(name, sizeof name, "%d", i);
        s_subscribed(town, BOB, SESSION, name);
        assert_null(s_ended(town));
    }
    town->at->now += SECOND;
    assert_int_equal(s_subscribed(town, BOB, SESSION, "0"), first); /* not the oldest any more */
    s_subscribed(town, BOB, SESSION, "more");
    assert_int_equal(s_ended(town)->id, second);
    assert_int_equal(s_ended(town)->reason, push_end_OLDEST);
    assert_int_equal(s_count(town, BOB), LIMIT_PUSH_SUBSCRIPTIONS);
    assert_true(staging_replays(town->at));
}

/* ---- unsubscribing ---- */

static void s_one_ends_one_s_own(void **state)
{
    town_t *town = *state;
    s_push_after(town, 0);
    uint64_t first = s_subscribed(town, BOB, SESSION, "a");
    s_subscribed(town, BOB, SESSION, "b");
    assert_int_equal(ASK(town->at, CAROL, push_unsubscribe, .id = first)->status, ERR_NOT_FOUND);
    assert_int_equal(
        ASK(town->at, CAROL, push_unsubscribe, .endpoint = SLICE_LIT("https://localhost:1/push/b"))
            ->status,
        ERR_NOT_FOUND);
    assert_int_equal(ASK(town->at, BOB, push_unsubscribe, .id = 0)->status, ERR_INVALID);
    assert_int_equal(
        ASK(town->at, BOB, push_unsubscribe, .id = first, .endpoint = SLICE_LIT("x"))->status,
        ERR_INVALID);
    assert_int_equal(ASK(town->at, BOB, push_unsubscribe, .id = first)->status, ERR_OK);
    assert_int_equal(ASK(town->at, BOB, push_unsubscribe, .id = first)->status, ERR_NOT_FOUND);
    assert_int_equal(
        ASK(town->at, BOB, push_unsubscribe, .endpoint = SLICE_LIT("https://localhost:1/push/b"))
            ->status,
        ERR_OK);
    assert_int_equal(
        ASK(town->at, BOB, push_unsubscribe, .endpoint = SLICE_LIT("https://localhost:1/push/b"))
            ->status,
        ERR_NOT_FOUND);
    const char letters[] = "jSEq";
    for (size_t i = 0; i < sizeof letters - 1; i++)
        assert_int_equal(staging_rows(town->at, letters[i]), 0);
    assert_true(staging_replays(town->at));
}

static void s_it_ends_with_its_session(void **state)
{
    town_t *town = *state;
    s_push_after(town, 0);
    s_subscribed(town, BOB, 5, "a");
    s_subscribed(town, BOB, 6, "b");
    s_subscribed(town, BOB, 7, "c");
    s_subscribed(town, BOB, 8, "d");
    TELL(town, session_closed, BOB, .session = 5, .account = BOB, .expires = 1);
    assert_int_equal(s_ended(town)->reason, push_end_SESSION);
    assert_int_equal(s_count(town, BOB), 3);
    TELL(town, session_closed, BOB, .session = 5, .account = BOB, .expires = 1);
    assert_null(s_ended(town));
    TELL(town, sessions_revoked, BOB, .account = BOB, .session = 8, .kept = 6, .expires = 1);
    assert_int_equal(s_count(town, BOB), 2); /* the one that is kept, and a later one */
    assert_true(staging_replays(town->at));
}

/* A sign-out that is committed while a subscription is decided ends it all the same. */
static void s_a_late_one_ends_too(void **state)
{
    town_t *town = *state;
    s_push_after(town, 0);
    town->at->principal = BOB;
    town->at->session = SESSION;
    staging_send(town->at, CALL_push_subscribe,
                 &(push_subscribe_call_t){.endpoint = slice_of(NOWHERE),
                                          .p256dh = SLICE_LIT(POINT),
                                          .auth = SLICE_LIT(AUTH),
                                          .expires = town->at->now + DAY});
    staging_tell(town->at, EVENT_session_closed, BOB,
                 &(session_closed_event_t){.session = SESSION, .account = BOB, .expires = 1});
    staging_commit(town->at);
    assert_int_equal(s_count(town, BOB), 0);
}

static void s_it_lasts_as_long_as_its_session(void **state)
{
    town_t *town = *state;
    s_push_after(town, 0);
    s_subscribed(town, BOB, SESSION, "a");
    town->at->now += 20 * DAY;
    TELL(town, session_renewed, BOB, .session = SESSION, .account = BOB,
         .expires = town->at->now + 30 * DAY);
    town->at->now += 20 * DAY;
    assert_int_equal(s_count(town, BOB), 1);
    town->at->now += 20 * DAY;
    assert_int_equal(s_count(town, BOB), 0);
    town_say(town, PAIR, ALICE, "hello"); /* and then it is told no more, but ends */
    const push_unsubscribed_event_t *ended = s_wait(town, EVENT_push_unsubscribed, 0);
    assert_non_null(ended);
    assert_int_equal(ended->reason, push_end_SESSION);
    assert_true(staging_replays(town->at));
}

/* ---- what waits ---- */

static void s_what_is_read_waits_no_more(void **state)
{
    town_t *town = *state;
    s_push_after(town, 0);
    s_subscribed(town, BOB, SESSION, "a");
    assert_int_equal(staging_rows(town->at, 'q'), 0);
    town_say(town, PAIR, ALICE, "hello");
    assert_int_equal(staging_rows(town->at, 'q'), 1);
    ASK(town->at, BOB, notification_read, .room = PAIR);
    assert_int_equal(staging_rows(town->at, 'q'), 0);
    town_say(town, PAIR, ALICE, "hello");
    town_say(town, PAIR, BOB, "hello yourself"); /* by which he has read it */
    assert_int_equal(staging_rows(town->at, 'q'), 0);
    town_say(town, PAIR, ALICE, "hello");
    ASK(town->at, BOB, notification_clear, .id = 0);
    assert_int_equal(staging_rows(town->at, 'q'), 0);
    assert_true(staging_replays(town->at));
}

static void s_nobody_waits_for_what_is_not_wanted(void **state)
{
    town_t *town = *state;
    s_push_after(town, 0);
    s_subscribed(town, BOB, SESSION, "a");
    ASK(town->at, BOB, notification_prefer, .kind = notice_kind_MESSAGE, .wish = notice_wish_ON,
        .push = notice_wish_OFF);
    town_say(town, PAIR, ALICE, "hello");
    assert_int_equal(staging_rows(town->at, 'q'), 0);
    ASK(town->at, BOB, notification_prefer, .kind = notice_kind_MESSAGE, .wish = notice_wish_ON,
        .push = notice_wish_MENTIONS);
    town_say(town, PAIR, ALICE, "hello");
    assert_int_equal(staging_rows(town->at, 'q'), 0);
    ASK(town->at, BOB, notification_prefer, .kind = notice_kind_MESSAGE, .wish = notice_wish_ON,
        .push = notice_wish_ON);
    town_say(town, PAIR, ALICE, "hello");
    assert_int_equal(staging_rows(town->at, 'q'), 1);
    assert_int_equal(ASK(town->at, BOB, notification_prefer, .kind = notice_kind_LIKE,
                         .wish = notice_wish_ON, .push = notice_wish_MENTIONS)
                         ->status,
                     ERR_INVALID);
    assert_true(staging_replays(town->at));
}

/* Whoever leaves the waiting room, the last one takes their place. */
static void s_places_have_no_gaps(void **state)
{
    town_t *town = *state;
    s_push_after(town, 0);
    for (uint64_t account = BOB; account <= DAN; account++) {
        char name[8];
        snprintf(name, sizeof name, "%d", (int)account);
        s_subscribed(town, account, SESSION, name);
        TELL(town, people_liked, account, .account = account, .by = ALICE);
    }
    assert_int_equal(staging_rows(town->at, 'q'), 3);
    ASK(town->at, BOB, notification_clear, .id = 0);
    ASK(town->at, DAN, notification_clear, .id = 0);
    assert_int_equal(staging_rows(town->at, 'q'), 1);
    TELL(town, people_unliked, BOB, .account = BOB, .by = ALICE);
    assert_int_equal(staging_rows(town->at, 'q'), 2);
    ASK(town->at, CAROL, notification_clear, .id = 0);
    ASK(town->at, BOB, notification_clear, .id = 0);
    assert_int_equal(staging_rows(town->at, 'q'), 0);
    assert_true(staging_replays(town->at));
}

/* ---- trying ---- */

static void s_it_is_tried_later_and_later_and_then_no_more(void **state)
{
    town_t *town = *state;
    s_push_after(town, 0);
    s_subscribed(town, BOB, SESSION, "a");
    town_say(town, PAIR, ALICE, "hello");
    for (int64_t wait = 10; wait <= 2560; wait *= 4) {
        const push_tried_event_t *tried = s_wait(town, EVENT_push_tried, 0);
        assert_non_null(tried);
        assert_false(tried->sent);
        assert_true(slice_is(tried->reason, "there was no answer"));
        assert_int_equal((tried->due - town->at->now) / SECOND, wait);
        town->at->now = tried->due;
    }
    while (s_ended(town) == NULL) { /* with something new to tell each time */
        town_say(town, PAIR, ALICE, "hello");
        town->at->now += DAY / 4;
        for (int ms = 0; s_told(town, EVENT_push_tried) == NULL && s_ended(town) == NULL; ms++) {
            assert_true(ms < PATIENCE);
            usleep(1000);
            staging_tick(town->at);
        }
    }
    assert_int_equal(s_ended(town)->reason, push_end_FAILED);
    assert_int_equal(s_count(town, BOB), 0);
    assert_int_equal(staging_rows(town->at, 'q'), 0);
    assert_true(staging_replays(town->at));
}

static void s_what_is_a_day_old_is_not_told(void **state)
{
    town_t *town = *state;
    s_push_after(town, 0);
    s_subscribed(town, BOB, SESSION, "a");
    town_say(town, PAIR, ALICE, "hello");
    town->at->now += DAY;
    const push_tried_event_t *tried = s_wait(town, EVENT_push_tried, 0);
    assert_non_null(tried);
    assert_false(tried->sent);
    assert_int_equal(tried->due, 0);
    assert_int_equal(staging_rows(town->at, 'q'), 0);
    assert_int_equal(s_count(town, BOB), 1);
}

static void s_who_is_there_has_a_while(void **state)
{
    town_t *town = *state;
    s_push_after(town, 30);
    s_subscribed(town, BOB, SESSION, "a");
    s_presence(town, BOB, true);
    town_say(town, PAIR, ALICE, "hello");
    int64_t told = town->at->now;
    const push_tried_event_t *tried = s_wait(town, EVENT_push_tried, 1);
    assert_non_null(tried);
    assert_true(town->at->now - told >= 30 * SECOND);
}

static void s_who_leaves_has_not(void **state)
{
    town_t *town = *state;
    s_push_after(town, 3600);
    s_subscribed(town, BOB, SESSION, "a");
    s_presence(town, BOB, true);
    town_say(town, PAIR, ALICE, "hello");
    staging_tick(town->at);
    assert_null(s_told(town, EVENT_push_tried));
    s_presence(town, BOB, false);
    assert_non_null(s_wait(town, EVENT_push_tried, 0));
}

/* A name that leads to this machine is found out when it is connected to. */
static void s_a_host_inside_ends_it(void **state)
{
    town_t *town = *state;
    s_push_to(town, "", 0);
    assert_int_equal(s_subscribe(town, BOB, SESSION, "https://localhost/push")->status, ERR_OK);
    town_say(town, PAIR, ALICE, "hello");
    const push_unsubscribed_event_t *ended = s_wait(town, EVENT_push_unsubscribed, 0);
    assert_non_null(ended);
    assert_int_equal(ended->reason, push_end_GONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOWN_TEST(s_nobody_subscribes_where_nothing_is_pushed),
        TOWN_TEST(s_the_key_is_kept),
        TOWN_TEST(s_what_is_no_endpoint),
        TOWN_TEST(s_what_are_no_keys),
        TOWN_TEST(s_only_a_session_subscribes),
        TOWN_TEST(s_the_same_browser_takes_its_own_place),
        TOWN_TEST(s_whoever_signs_in_there_takes_it_over),
        TOWN_TEST(s_the_oldest_gives_way),
        TOWN_TEST(s_one_ends_one_s_own),
        TOWN_TEST(s_it_ends_with_its_session),
        TOWN_TEST(s_a_late_one_ends_too),
        TOWN_TEST(s_it_lasts_as_long_as_its_session),
        TOWN_TEST(s_what_is_read_waits_no_more),
        TOWN_TEST(s_nobody_waits_for_what_is_not_wanted),
        TOWN_TEST(s_places_have_no_gaps),
        TOWN_TEST(s_it_is_tried_later_and_later_and_then_no_more),
        TOWN_TEST(s_what_is_a_day_old_is_not_told),
        TOWN_TEST(s_who_is_there_has_a_while),
        TOWN_TEST(s_who_leaves_has_not),
        TOWN_TEST(s_a_host_inside_ends_it),
    };
    return cmocka_run_group_tests(tests, town_bus_start, town_bus_stop);
}
