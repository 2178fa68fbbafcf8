/* pusher_api_test.c - what server libraries may ask, and all that they are refused. */
#include "ws-edge/pusher_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "actors/crypto.h"
#include "tests/unit/ws-edge/pusher_world.h"
#include "actors/md5.h"

typedef struct scene {
    pusher_world_t *world;
    pusher_caller_t *ann;
    arena_t *arena;
    buf_t reply;
} scene_t;

static int s_setup(void **state)
{
    static scene_t scene;
    scene.world = world_new();
    scene.ann = world_call(scene.world);
    scene.arena = arena_new();
    *state = &scene;
    return 0;
}

static int s_teardown(void **state)
{
    scene_t *scene = *state;
    world_dismiss(&scene->ann);
    world_destroy(&scene->world);
    arena_destroy(&scene->arena);
    buf_free(&scene->reply);
    return 0;
}

/* ---- asking ---- */

static void s_put_hash(buf_t *out, slice_t body)
{
    uint8_t hash[MD5_SIZE];
    assert_true(md5(body, hash));
    crypto_hex(out, slice_new(hash, sizeof hash));
}

/* A query that is signed; `more` is sorted behind the parameters of every request. */
static void s_sign(const scene_t *scene, slice_t method, const char *path, slice_t body,
                   const char *more, buf_t *query)
{
    buf_t text = {0};
    buf_printf(query, "auth_key=%s&auth_timestamp=%llu&auth_version=1.0", WORLD_KEY,
               (unsigned long long)scene->world->time_s);
    if (body.len > 0) {
        buf_append_text(query, "&body_md5=");
        s_put_hash(query, body);
    }
    buf_append_text(query, more);
    buf_printf(&text, "%.*s\n%s\n%.*s", SLICE_ARG(method), path, SLICE_ARG(buf_slice(query)));
    buf_append_text(query, "&auth_signature=");
    pusher_sign(query, &pusher_hub_setup(scene->world->hub)->app, buf_slice(&text));
    buf_free(&text);
}

static int s_ask(scene_t *scene, pusher_api_t what, const char *name, const char *body,
                 const char *more)
{
    slice_t method = body != NULL ? SLICE_LIT("POST") : SLICE_LIT("GET");
    buf_t query = {0};
    pusher_ask_t ask = {.what = what, .app = SLICE_LIT(WORLD_APP), .name = slice_of(name)};
    arena_reset(scene->arena);
    buf_reset(&scene->reply);
    s_sign(scene, method, "/path", slice_of(body), more, &query);
    ask.request = (pusher_request_t){method, SLICE_LIT("/path"), buf_slice(&query), slice_of(body)};
    if (body != NULL)
        (void)!json_parse(slice_of(body), &ask.json);
    int status = pusher_api_serve(scene->world->hub, &ask, scene->arena, &scene->reply);
    json_free(&ask.json);
    buf_free(&query);
    return status;
}

static void s_expect(scene_t *scene, const char *reply)
{
    buf_append_byte(&scene->reply, 0);
    assert_string_equal((char *)scene->reply.data, reply);
}

static int s_post(scene_t *scene, const char *body)
{
    return s_ask(scene, PUSHER_API_EVENTS, NULL, body, "");
}

/* ---- events ---- */

static void test_an_event_is_said(void **state)
{
    scene_t *scene = *state;
    caller_subscribes(scene->ann, "news", NULL);
    caller_subscribes(scene->ann, "private-a", NULL);
    (void)caller_got(scene->ann);
    assert_int_equal(s_post(scene, "{\"name\":\"hi\",\"data\":\"{\\\"a\\\":1}\",\"channels\":"
                                   "[\"news\",\"private-a\",\"nobody\"]}"),
                     200);
    s_expect(scene, "{}");
    assert_string_equal(
        caller_got(scene->ann),
        "{\"channel\":\"news\",\"event\":\"hi\",\"data\":\"{\\\"a\\\":1}\"}\n"
        "{\"channel\":\"private-a\",\"event\":\"hi\",\"data\":\"{\\\"a\\\":1}\"}\n");
    assert_int_equal(s_post(scene, "{\"name\":\"hi\",\"data\":{\"a\":1},\"channel\":\"news\"}"),
                     200);
    assert_string_equal(caller_got(scene->ann),
                        "{\"channel\":\"news\",\"event\":\"hi\",\"data\":\"{\\\"a\\\":1}\"}\n");
}

static void test_other_edges_are_told(void **state)
{
    scene_t *scene = *state;
    assert_int_equal(s_post(scene, "{\"name\":\"hi\",\"data\":\"x\",\"channels\":[\"a\",\"b\"],"
                                   "\"socket_id\":\"1.2\"}"),
                     200);
    assert_string_equal(world_relayed(scene->world), " a b hi x 1.2\n");
    assert_int_equal(s_ask(scene, PUSHER_API_TERMINATE, "7", "{}", ""), 200);
    assert_string_equal(world_relayed(scene->world), " 7\n");
    assert_int_equal(s_post(scene, "{}"), 400);
    assert_string_equal(world_relayed(scene->world), "");
}

static void test_what_another_edge_says(void **state)
{
    scene_t *scene = *state;
    pusher_relay_t relay = {
        .channels = SLICE_LIT("news private-a cache-a"),
        .name = SLICE_LIT("hi"),
        .data = SLICE_LIT("1"),
    };
    caller_subscribes(scene->ann, "private-a", NULL);
    (void)caller_got(scene->ann);
    pusher_hub_perform(scene->world->hub, &relay);
    assert_string_equal(caller_got(scene->ann),
                        "{\"channel\":\"private-a\",\"event\":\"hi\",\"data\":\"1\"}\n");
    assert_non_null(pusher_hub_kept(scene->world->hub, SLICE_LIT("cache-a")));
    assert_string_equal(world_relayed(scene->world), ""); /* and no further */
}

static void test_who_says_it_need_not_hear_it(void **state)
{
    scene_t *scene = *state;
    char body[200];
    caller_subscribes(scene->ann, "news", NULL);
    (void)caller_got(scene->ann);
    snprintf(body, sizeof body,
             "{\"name\":\"hi\",\"data\":\"\",\"channel\":\"news\",\"socket_id\":\"%s\"}",
             scene->ann->session.peer.id);
    assert_int_equal(s_post(scene, body), 200);
    assert_string_equal(caller_got(scene->ann), "");
    assert_int_equal(
        s_post(scene, "{\"name\":\"hi\",\"data\":\"\",\"channel\":\"news\",\"socket_id\":\"1.1\"}"),
        200); /* of somebody who has gone */
    assert_string_not_equal(caller_got(scene->ann), "");
}

static void test_one_may_ask_who_was_there(void **state)
{
    scene_t *scene = *state;
    caller_subscribes(scene->ann, "presence-x", "{\"user_id\":1}");
    caller_subscribes(scene->ann, "news", NULL);
    assert_int_equal(s_post(scene,
                            "{\"name\":\"hi\",\"data\":\"\",\"channels\":[\"presence-x\",\"news\"],"
                            "\"info\":\"user_count,subscription_count\"}"),
                     200);
    s_expect(scene, "{\"channels\":{\"presence-x\":{\"user_count\":1,\"subscription_count\":1},"
                    "\"news\":{\"subscription_count\":1}}}");
}

static void test_a_channel_that_is_named_twice_hears_it_once(void **state)
{
    scene_t *scene = *state;
    caller_subscribes(scene->ann, "news", NULL);
    (void)caller_got(scene->ann);
    assert_int_equal(s_post(scene, "{\"name\":\"hi\",\"data\":\"\",\"channels\":[\"news\","
                                   "\"news\"],\"info\":\"subscription_count\"}"),
                     200);
    s_expect(scene, "{\"channels\":{\"news\":{\"subscription_count\":1}}}");
    assert_string_equal(caller_got(scene->ann),
                        "{\"channel\":\"news\",\"event\":\"hi\",\"data\":\"\"}\n");
}

static void test_events_that_are_refused(void **state)
{
    static const struct {
        const char *body;
        int status;
    } rows[] = {
        {"x", 400},
        {"[]", 400},
        {"{}", 400},
        {"{\"data\":\"\",\"channel\":\"news\"}", 400},
        {"{\"name\":\"\",\"data\":\"\",\"channel\":\"news\"}", 400},
        {"{\"name\":1,\"data\":\"\",\"channel\":\"news\"}", 400},
        {"{\"name\":\"pusher:error\",\"data\":\"\",\"channel\":\"news\"}", 400},
        {"{\"name\":\"pusher_internal:member_added\",\"data\":\"\",\"channel\":\"news\"}", 400},
        {"{\"name\":\"hi\",\"channel\":\"news\"}", 400},
        {"{\"name\":\"hi\",\"data\":\"\"}", 400},
        {"{\"name\":\"hi\",\"data\":\"\",\"channels\":[]}", 400},
        {"{\"name\":\"hi\",\"data\":\"\",\"channels\":[\"news\",\"a b\"]}", 400},
        {"{\"name\":\"hi\",\"data\":\"\",\"channels\":[\"news\",7]}", 400},
        {"{\"name\":\"hi\",\"data\":\"\",\"channel\":\"news\",\"socket_id\":\"x\"}", 400},
        {"{\"name\":\"hi\",\"data\":\"\",\"channels\":[\"news\",\"private-chat_1_2\"]}", 403},
        {"{\"name\":\"hi\",\"data\":\"\",\"channel\":\"private-notification_user_1\"}", 403},
    };
    scene_t *scene = *state;
    caller_subscribes(scene->ann, "news", NULL);
    (void)caller_got(scene->ann);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(s_post(scene, rows[i].body), rows[i].status);
        assert_memory_equal(scene->reply.data, "{\"error\":\"", 10);
    }
    assert_string_equal(caller_got(scene->ann), ""); /* said to all of them, or to none */
}

static void test_sizes_of_events(void **state)
{
    scene_t *scene = *state;
    static char body[2 * PUSHER_DATA_SIZE_MAX];
    snprintf(body, sizeof body, "{\"name\":\"hi\",\"channel\":\"a\",\"data\":\"%0*d\"}",
             PUSHER_DATA_SIZE_MAX, 0);
    assert_int_equal(s_post(scene, body), 200);
    snprintf(body, sizeof body, "{\"name\":\"hi\",\"channel\":\"a\",\"data\":\"%0*d\"}",
             PUSHER_DATA_SIZE_MAX + 1, 0);
    assert_int_equal(s_post(scene, body), 413);
    snprintf(body, sizeof body, "{\"name\":\"%0*d\",\"channel\":\"a\",\"data\":\"\"}",
             PUSHER_EVENT_SIZE_MAX + 1, 0);
    assert_int_equal(s_post(scene, body), 400);
    buf_t many = {0};
    buf_append_text(&many, "{\"name\":\"hi\",\"data\":\"\",\"channels\":[\"a\"");
    for (size_t i = 1; i < PUSHER_API_CHANNELS_MAX; i++)
        buf_append_text(&many, ",\"a\"");
    size_t len = many.len;
    buf_append(&many, slice_new("]}", 3));
    assert_int_equal(s_post(scene, (char *)many.data), 200);
    many.len = len;
    buf_append(&many, slice_new(",\"a\"]}", 7));
    assert_int_equal(s_post(scene, (char *)many.data), 400);
    buf_free(&many);
}

static void test_a_batch_is_said_whole_or_not_at_all(void **state)
{
    scene_t *scene = *state;
    buf_t large = {0};
    caller_subscribes(scene->ann, "news", NULL);
    (void)caller_got(scene->ann);
    assert_int_equal(
        s_ask(scene, PUSHER_API_BATCH, NULL,
              "{\"batch\":[{\"channel\":\"news\",\"name\":\"a\",\"data\":\"1\"},"
              "{\"channel\":\"news\",\"name\":\"b\",\"data\":{},\"info\":\"subscription_count\"}]}",
              ""),
        200);
    s_expect(scene, "{\"batch\":[{},{\"subscription_count\":1}]}");
    assert_string_equal(caller_got(scene->ann),
                        "{\"channel\":\"news\",\"event\":\"a\",\"data\":\"1\"}\n"
                        "{\"channel\":\"news\",\"event\":\"b\",\"data\":\"{}\"}\n");
    assert_int_equal(s_ask(scene, PUSHER_API_BATCH, NULL,
                           "{\"batch\":[{\"channel\":\"news\",\"name\":\"a\",\"data\":\"1\"},{}]}",
                           ""),
                     400);
    assert_int_equal(s_ask(scene, PUSHER_API_BATCH, NULL, "{\"batch\":{}}", ""), 400);
    buf_append_text(&large, "{\"batch\":[{\"channel\":\"a\",\"name\":\"a\",\"data\":\"1\"}");
    for (size_t i = 0; i < PUSHER_API_BATCH_MAX; i++)
        buf_append_text(&large, ",{\"channel\":\"a\",\"name\":\"a\",\"data\":\"1\"}");
    buf_append(&large, slice_new("]}", 3));
    assert_int_equal(s_ask(scene, PUSHER_API_BATCH, NULL, (char *)large.data, ""), 400);
    assert_string_equal(caller_got(scene->ann), "");
    buf_free(&large);
}

/* ---- looking ---- */

static void test_channels_are_listed(void **state)
{
    scene_t *scene = *state;
    assert_int_equal(s_ask(scene, PUSHER_API_CHANNELS, NULL, NULL, ""), 200);
    s_expect(scene, "{\"channels\":{}}");
    caller_subscribes(scene->ann, "presence-x", "{\"user_id\":1}");
    caller_subscribes(scene->ann, "news", NULL);
    assert_int_equal(s_ask(scene, PUSHER_API_CHANNELS, NULL, NULL, "&filter_by_prefix=ne"), 200);
    s_expect(scene, "{\"channels\":{\"news\":{}}}");
    assert_int_equal(s_ask(scene, PUSHER_API_CHANNELS, NULL, NULL,
                           "&filter_by_prefix=presence-&info=user_count"),
                     200);
    s_expect(scene, "{\"channels\":{\"presence-x\":{\"user_count\":1}}}");
    assert_int_equal(s_ask(scene, PUSHER_API_CHANNELS, NULL, NULL, "&info=user_count"), 400);
}

static void test_one_channel(void **state)
{
    scene_t *scene = *state;
    caller_subscribes(scene->ann, "cache-a", NULL);
    assert_int_equal(s_post(scene, "{\"name\":\"hi\",\"data\":\"1\",\"channel\":\"cache-a\"}"),
                     200);
    assert_int_equal(s_ask(scene, PUSHER_API_CHANNEL, "nobody", NULL, ""), 200);
    s_expect(scene, "{\"occupied\":false}");
    assert_int_equal(
        s_ask(scene, PUSHER_API_CHANNEL, "cache-a", NULL, "&info=subscription_count,cache"), 200);
    s_expect(
        scene,
        "{\"occupied\":true,\"subscription_count\":1,\"cache\":{\"data\":\"1\",\"ttl\":1800}}");
    assert_int_equal(s_ask(scene, PUSHER_API_CHANNEL, "cache-a", NULL, "&info=user_count"), 400);
    assert_int_equal(s_ask(scene, PUSHER_API_CHANNEL, "a b", NULL, ""), 400);
}

static void test_users_of_presence_channels(void **state)
{
    scene_t *scene = *state;
    caller_subscribes(scene->ann, "presence-x", "{\"user_id\":\"a\"}");
    assert_int_equal(s_ask(scene, PUSHER_API_USERS, "presence-x", NULL, ""), 200);
    s_expect(scene, "{\"users\":[{\"id\":\"a\"}]}");
    assert_int_equal(s_ask(scene, PUSHER_API_USERS, "presence-y", NULL, ""), 200);
    s_expect(scene, "{\"users\":[]}");
    assert_int_equal(s_ask(scene, PUSHER_API_USERS, "news", NULL, ""), 400);
}

static void test_nobody_is_terminated_who_is_not_there(void **state)
{
    scene_t *scene = *state;
    assert_int_equal(s_ask(scene, PUSHER_API_TERMINATE, "7", "{}", ""), 200);
    s_expect(scene, "{}");
    assert_int_equal(scene->ann->code, 0);
}

/* ---- signatures ---- */

static int s_serve(scene_t *scene, const char *app, const char *path, const char *body,
                   const char *query)
{
    pusher_ask_t ask = {
        .what = PUSHER_API_CHANNELS,
        .app = slice_of(app),
        .request = {SLICE_LIT("GET"), slice_of(path), slice_of(query), slice_of(body)},
    };
    buf_reset(&scene->reply);
    arena_reset(scene->arena);
    return pusher_api_serve(scene->world->hub, &ask, scene->arena, &scene->reply);
}

static void test_requests_that_are_not_signed_for_this(void **state)
{
    scene_t *scene = *state;
    buf_t query = {0};
    s_sign(scene, SLICE_LIT("GET"), "/path", (slice_t){0}, "", &query);
    buf_append_byte(&query, 0);
    const char *right = (const char *)query.data;
    assert_int_equal(s_serve(scene, WORLD_APP, "/path", NULL, right), 200);
    assert_int_equal(s_serve(scene, WORLD_APP, "/path", NULL, right), 200); /* in time: again */
    assert_int_equal(s_serve(scene, "4", "/path", NULL, right), 401);
    assert_int_equal(s_serve(scene, WORLD_APP, "/other", NULL, right), 401);
    assert_int_equal(s_serve(scene, WORLD_APP, "/path", "{}", right), 401);
    assert_int_equal(s_serve(scene, WORLD_APP, "/path", NULL, right + 1), 401);
    assert_int_equal(s_serve(scene, WORLD_APP, "/path", NULL, ""), 401);
    assert_int_equal(s_serve(scene, WORLD_APP, "/path", NULL, "a=1&a=2"), 400);
    assert_int_equal(s_serve(scene, WORLD_APP, "/path", NULL, "%"), 400);
    scene->world->time_s += PUSHER_REQUEST_AGE_MAX_S + 1;
    assert_int_equal(s_serve(scene, WORLD_APP, "/path", NULL, right), 401);
    buf_free(&query);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_event_is_said),
        TEST(test_other_edges_are_told),
        TEST(test_what_another_edge_says),
        TEST(test_who_says_it_need_not_hear_it),
        TEST(test_one_may_ask_who_was_there),
        TEST(test_a_channel_that_is_named_twice_hears_it_once),
        TEST(test_events_that_are_refused),
        TEST(test_sizes_of_events),
        TEST(test_a_batch_is_said_whole_or_not_at_all),
        TEST(test_channels_are_listed),
        TEST(test_one_channel),
        TEST(test_users_of_presence_channels),
        TEST(test_nobody_is_terminated_who_is_not_there),
        TEST(test_requests_that_are_not_signed_for_this),
    };
    assert_int_equal(crypto_start(), ERR_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
