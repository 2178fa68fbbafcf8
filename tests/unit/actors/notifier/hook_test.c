/* hook_test.c - webhooks: who gets one, when it is tried again, and what nobody took. */
#include "actors/notifier/hook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/actors/notifier/town.h"

enum { PATH_SIZE = SCRATCH_PATH_SIZE + 32, PATIENCE = 10000 /* ms */ };

static const int64_t DAY = (int64_t)24 * 3600 * 1000000;

/* Nobody listens there, so each try ends at once. */
static const char NOWHERE[] = "http://127.0.0.1:1/";

/* ---- a town with webhooks ---- */

static void s_write_secret(const town_t *town, const char *secret, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/secret", town->at->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", secret);
    fclose(file);
}

static void s_listen(town_t *town, const char *urls)
{
    char path[PATH_SIZE];
    s_write_secret(town, "a secret that is long enough", path);
    stage_set_options(
        town->at->stage,
        &(actor_options_t){
            .hooks = &(hook_options_t){.urls = urls, .authorities = "", .secret_file = path}});
}

static size_t s_queued(const town_t *town)
{
    size_t count = 0;
    for (size_t i = 0; i < town->at->told_count; i++)
        count += town->at->told[i].record.type == EVENT_webhook_queued;
    return count;
}

/* The timer runs until something was tried. */
static const webhook_tried_event_t *s_tried(town_t *town)
{
    for (int ms = 0; ms < PATIENCE; ms++) {
        staging_tick(town->at);
        for (size_t i = 0; i < town->at->told_count; i++)
            if (town->at->told[i].record.type == EVENT_webhook_tried)
                return town->at->told[i].body;
        usleep(1000);
    }
    return NULL;
}

/* Until it is given up. */
static void s_exhaust(town_t *town)
{
    const webhook_tried_event_t *tried;
    while ((tried = s_tried(town)) != NULL && tried->due != 0)
        town->at->now = tried->due;
    assert_non_null(tried);
}

static const webhook_list_t *s_failed(town_t *town)
{
    const outcome_t *outcome = ASK(town->at, 0, webhook_failed, .limit = 0);
    assert_int_equal(outcome->status, ERR_OK);
    return outcome->answer;
}

/* ---- tests ---- */

static void s_without_servers_nothing_is_queued(void **state)
{
    town_t *town = *state;
    town_say(town, PAIR, ALICE, "hello");
    assert_int_equal(s_queued(town), 0);
    s_listen(town, "");
    town_say(town, PAIR, ALICE, "hello");
    assert_int_equal(s_queued(town), 0);
}

static void s_each_server_gets_each_notification(void **state)
{
    town_t *town = *state;
    s_listen(town, "http://127.0.0.1:1/one, http://127.0.0.1:1/two");
    town_say(town, PAIR, ALICE, "hello \"Bob\"");
    assert_int_equal(s_queued(town), 2);
    const webhook_t *hook =
        ((const webhook_queued_event_t *)town->at->told[town->at->told_count - 1].body)->webhook;
    assert_int_equal(hook->id, 2);
    assert_true(slice_is(hook->url, "http://127.0.0.1:1/two"));
    assert_non_null(memmem(hook->body.ptr, hook->body.len, "\"hello \\\"Bob\\\"\"", 15));
    assert_null(memmem(hook->body.ptr, hook->body.len, "since", 5));
    assert_int_equal(staging_rows(town->at, 'H'), 2);
    assert_true(staging_replays(town->at));
}

static void s_it_is_tried_later_and_later(void **state)
{
    town_t *town = *state;
    s_listen(town, NOWHERE);
    town_say(town, PAIR, ALICE, "hello");
    for (int64_t wait = 1; wait <= 256; wait *= 4) {
        const webhook_tried_event_t *tried = s_tried(town);
        assert_non_null(tried);
        assert_false(tried->sent);
        assert_true(slice_is(tried->reason, "there was no answer"));
        assert_int_equal((tried->due - town->at->now) / 1000000, wait);
        town->at->now = tried->due;
    }
    assert_true(staging_replays(town->at));
}

static void s_what_nobody_takes_is_laid_aside(void **state)
{
    town_t *town = *state;
    s_listen(town, NOWHERE);
    town_say(town, PAIR, ALICE, "hello");
    int64_t began = town->at->now;
    s_exhaust(town);
    assert_true(town->at->now - began < 2 * DAY);
    assert_int_equal(staging_rows(town->at, 'H'), 0);
    const webhook_list_t *failed = s_failed(town);
    assert_int_equal(failed->webhooks.count, 1);
    const webhook_t *hook = failed->webhooks.items;
    assert_int_equal(hook->id, 1);
    assert_true(slice_is(hook->reason, "there was no answer"));
    assert_true(staging_replays(town->at));
}

/* Its number is lower than that of the first that waits, and its time begins anew. */
/* As the journal tells of one that was given up. */
static void s_give_up(town_t *town, uint64_t id)
{
    const webhook_t hook = {
        .id = id,
        .url = slice_of(NOWHERE),
        .body = SLICE_LIT("{}"),
        .asked = town->at->now,
        .expires = town->at->now + DAY,
    };
    TELL(town, webhook_queued, BOB, .webhook = &hook);
    TELL(town, webhook_tried, 0, .id = id, .reason = SLICE_LIT("there was no answer"));
}

static void s_the_oldest_of_too_many_is_forgotten(void **state)
{
    town_t *town = *state;
    for (uint64_t id = 1; id <= LIMIT_DEAD_HOOKS; id++)
        s_give_up(town, id);
    assert_int_equal(staging_rows(town->at, 'L'), LIMIT_DEAD_HOOKS);
    s_give_up(town, LIMIT_DEAD_HOOKS + 1);
    assert_int_equal(staging_rows(town->at, 'L'), LIMIT_DEAD_HOOKS);
    const webhook_t *oldest = s_failed(town)->webhooks.items;
    assert_int_equal(oldest->id, 2);
}

static void s_staff_has_it_sent_again(void **state)
{
    town_t *town = *state;
    s_listen(town, NOWHERE);
    town_say(town, PAIR, ALICE, "hello");
    s_exhaust(town);
    assert_int_equal(ASK(town->at, ALICE, webhook_retry, .id = 1)->status, ERR_FORBIDDEN);
    assert_int_equal(ASK(town->at, ALICE, webhook_failed, .limit = 1)->status, ERR_FORBIDDEN);
    assert_int_equal(ASK(town->at, 0, webhook_retry, .id = 2)->status, ERR_NOT_FOUND);
    assert_int_equal(ASK(town->at, 0, webhook_retry, .id = 1)->status, ERR_OK);
    assert_int_equal(s_failed(town)->webhooks.count, 0);
    assert_int_equal(s_tried(town)->id, 1);
    s_exhaust(town);
    assert_int_equal(s_failed(town)->webhooks.count, 1);
    assert_true(staging_replays(town->at));
}

static void s_a_short_secret_signs_nothing(void **state)
{
    town_t *town = *state;
    char path[PATH_SIZE];
    scratch_hush();
    s_write_secret(town, "short", path);
    assert_null(
        hooks_new(&(hook_options_t){.urls = NOWHERE, .authorities = "", .secret_file = path}));
    s_write_secret(town, "whsec_no base64 at all, I fear", path);
    assert_null(
        hooks_new(&(hook_options_t){.urls = NOWHERE, .authorities = "", .secret_file = path}));
    assert_null(hooks_new(
        &(hook_options_t){.urls = NOWHERE, .authorities = "", .secret_file = "/no/such/file"}));
    scratch_speak();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOWN_TEST(s_without_servers_nothing_is_queued),
        TOWN_TEST(s_each_server_gets_each_notification),
        TOWN_TEST(s_it_is_tried_later_and_later),
        TOWN_TEST(s_what_nobody_takes_is_laid_aside),
        TOWN_TEST(s_the_oldest_of_too_many_is_forgotten),
        TOWN_TEST(s_staff_has_it_sent_again),
        TOWN_TEST(s_a_short_secret_signs_nothing),
    };
    return cmocka_run_group_tests(tests, town_bus_start, town_bus_stop);
}
