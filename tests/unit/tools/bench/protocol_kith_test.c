/* protocol_kith_test.c - a reply tells which message it is about and how old that is. */
#include "tools/bench/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/mem.h"
#include "tools/bench/clock.h"
#include "tools/bench/json.h"

enum { PAYLOAD_BYTES = 64 };

typedef struct scene {
    swarm_t *swarm;
    client_t *client;
    int acks;
    uint32_t seq;
    uint64_t age_ns;
} scene_t;

static void s_acked(void *ctx, client_t *client, uint32_t seq, uint64_t age_ns)
{
    scene_t *scene = ctx;
    assert_ptr_equal(client, scene->client);
    scene->acks += 1;
    scene->seq = seq;
    scene->age_ns = age_ns;
}

static int s_open(void **state)
{
    static scene_t scene;
    scene = (scene_t){.swarm = swarm_new(&(swarm_plan_t){
                          .protocol = &protocol_kith,
                          .rooms = 1,
                          .seats = 1,
                          .payload_bytes = PAYLOAD_BYTES,
                      })};
    scene.swarm->room_ids = mem_zeroed(sizeof *scene.swarm->room_ids);
    scene.swarm->listener = (listener_t){.ctx = &scene, .acked = s_acked};
    scene.client = &scene.swarm->clients[0];
    *state = &scene;
    return 0;
}

static int s_close(void **state)
{
    scene_t *scene = *state;
    swarm_destroy(&scene->swarm);
    return 0;
}

/* Post as number `seq`, and give the id that the frame went out with. */
static slice_t s_post(scene_t *scene, uint32_t seq, uint64_t time_ns)
{
    scene->client->sent = seq;
    client_post(scene->client, time_ns);
    return json_value(buf_slice(&scene->client->post.frame), "\"id\"", ',');
}

static void s_reply(scene_t *scene, slice_t id, uint64_t now_ns)
{
    char json[128];
    int len =
        snprintf(json, sizeof json, "{\"id\":%.*s,\"type\":\"reply\",\"body\":{}}", SLICE_ARG(id));
    scene->swarm->now_ns = now_ns;
    protocol_kith.take(scene->client, slice_new(json, (size_t)len));
}

static void s_check(scene_t *scene, uint32_t seq, uint64_t time_ns, uint64_t age_ns)
{
    slice_t id = s_post(scene, seq, time_ns);
    assert_int_equal(id.len, 16);
    assert_true(id.ptr[0] < '9'); /* below 2^53 */
    scene->client->sent += 3;     /* others went out meanwhile */
    s_reply(scene, id, time_ns + age_ns);
    assert_int_equal(scene->acks, 1);
    assert_int_equal(scene->seq, seq);
    assert_int_equal(scene->age_ns, age_ns);
}

static void s_test_first(void **state)
{
    s_check(*state, 0, 5 * CLOCK_SECOND_NS, 250 * CLOCK_MS_NS);
}

static void s_test_sequence_comes_round(void **state)
{
    s_check(*state, 7999999, CLOCK_SECOND_NS, 0);
}

static void s_test_sequence_came_round(void **state)
{
    s_check(*state, 16000001, CLOCK_SECOND_NS, CLOCK_MS_NS);
}

static void s_test_time_comes_round(void **state)
{
    s_check(*state, 42, 1000 * CLOCK_SECOND_NS - CLOCK_MS_NS, 2 * CLOCK_MS_NS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(s_test_first, s_open, s_close),
        cmocka_unit_test_setup_teardown(s_test_sequence_comes_round, s_open, s_close),
        cmocka_unit_test_setup_teardown(s_test_sequence_came_round, s_open, s_close),
        cmocka_unit_test_setup_teardown(s_test_time_comes_round, s_open, s_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
