/* pusher_edge.c - the hub with its clocks, and the posting of its webhooks.
 *
 * A post waits for somebody else's server, so it is made on a thread of the loop's pool:
 * one at a time, so that files keep the others.  What it needs there is its own copy. */
#include "ws-edge/pusher_edge.h"

#include "actors/app_keys.h"
#include "actors/crypto.h"
#include "actors/dispatch.h"
#include "actors/log.h"
#include "ws-edge/pusher_hook.h"
#include "ws-edge/pusher_wire.h"

/* One post, while its thread has it. */
typedef struct post {
    pusher_edge_t *pusher;
    buf_t body;
    buf_t key; /* header lines */
    buf_t signature;
    err_t err;
    dispatch_answer_t answer;
} post_t;

struct pusher_edge {
    edge_t *edge;
    app_keys_t keys;
    char *open_to_all;
    char *webhook;       /* NULL: none */
    pusher_hook_t *hook; /* the same */
    bool failing;        /* the last post did, which has been logged */
    atomic_bool stop;
};

/* ---- the hub's ports ---- */

static uint64_t s_now_us(void *ctx)
{
    const pusher_edge_t *pusher = ctx;
    return loop_now_us(pusher->edge->loop);
}

static uint64_t s_time_s(void *ctx)
{
    (void)ctx;
    return (uint64_t)link_time() / 1000000;
}

static void s_tell(void *ctx, const pusher_news_t *news)
{
    pusher_edge_t *pusher = ctx;
    if (pusher->hook != NULL)
        pusher_hook_note(pusher->hook, news, s_now_us(pusher));
}

static void s_relay(void *ctx, const pusher_relay_t *relay)
{
    const pusher_edge_t *pusher = ctx;
    bus_relay_call_t call = {relay->channels, relay->name, relay->data, relay->except, relay->user};
    link_tell(pusher->edge->link, CALL_bus_relay, &call);
}

void pusher_edge_hear(pusher_edge_t *pusher, const record_t *record)
{
    fault_t fault = {0};
    const void *object;
    arena_t *arena = pusher->edge->arena;
    arena_reset(arena);
    if (codec_unpack(record->body, shape_bus_relayed_event(), arena, &fault, &object) != ERR_OK) {
        log_error("pusher", "what another edge says cannot be read");
        return;
    }
    const bus_relayed_event_t *said = object;
    pusher_relay_t relay = {said->channels, said->name, said->data, said->except, said->user};
    pusher_hub_perform(pusher->edge->hub, &relay);
}

/* ---- from start to end ---- */

static void s_make_hub(pusher_edge_t *pusher, unsigned activity_s)
{
    const app_keys_t *keys = &pusher->keys;
    pusher_setup_t setup = {
        .id = slice_of(keys->id),
        .app = {slice_of(keys->key), slice_of(keys->secret)},
        .open_to_all = pusher->open_to_all,
        .activity_s = activity_s > 0 ? activity_s : PUSHER_ACTIVITY_S,
    };
    pusher_hub_ports_t ports = {
        .ctx = pusher, .now_us = s_now_us, .time_s = s_time_s, .tell = s_tell, .relay = s_relay};
    pusher->edge->hub = pusher_hub_new(&setup, &ports);
}

static char *s_text(const char *text)
{
    return text != NULL && *text != '\0' ? mem_text(text) : NULL;
}

err_t pusher_edge_open(edge_t *edge, const edge_options_t *options, pusher_edge_t **ret_pusher)
{
    pusher_edge_t *pusher = mem_new(pusher_edge_t);
    const pusher_options_t *wanted = &options->pusher;
    err_t err = app_keys_open(options->data, &wanted->keys, &pusher->keys);
    if (err != ERR_OK) {
        mem_free(pusher);
        return err;
    }
    pusher->edge = edge;
    pusher->open_to_all = s_text(wanted->open_to_all);
    pusher->webhook = s_text(wanted->webhook);
    if (pusher->webhook != NULL) {
        dispatch_start();
        pusher->hook = pusher_hook_new();
    }
    s_make_hub(pusher, wanted->activity_s);
    *ret_pusher = pusher;
    return ERR_OK;
}

void pusher_edge_drain(pusher_edge_t *pusher)
{
    pusher_wires_close(pusher->edge->hub);
}

void pusher_edge_quit(pusher_edge_t *pusher)
{
    if (pusher != NULL)
        atomic_store(&pusher->stop, true);
}

void pusher_edge_close(pusher_edge_t **pusher_p)
{
    pusher_edge_t *pusher = *pusher_p;
    if (pusher == NULL)
        return;
    pusher_hub_destroy(&pusher->edge->hub);
    pusher_hook_destroy(&pusher->hook);
    crypto_wipe(&pusher->keys, sizeof pusher->keys);
    mem_free(pusher->open_to_all);
    mem_free(pusher->webhook);
    mem_free(pusher);
    *pusher_p = NULL;
}

/* ---- webhooks ---- */

static void s_post(void *ctx)
{
    post_t *post = ctx;
    dispatch_t dispatch = {
        .url = post->pusher->webhook,
        .headers = {"Content-Type: application/json", (const char *)post->key.data,
                    (const char *)post->signature.data},
        .body = buf_slice(&post->body),
        .stop = &post->pusher->stop,
    };
    post->err = dispatch_post(&dispatch, &post->answer);
}

/* Once, until it is different again. */
static void s_log_post(pusher_edge_t *pusher, const post_t *post, bool taken)
{
    if (taken == !pusher->failing)
        return;
    pusher->failing = !taken;
    if (taken)
        log_info("pusher", "the webhook is taken again");
    else if (post->err != ERR_OK)
        log_warn("pusher", "the webhook's receiver does not answer: it is tried again");
    else
        log_warn("pusher", "the webhook's receiver says %d: it is tried again",
                 post->answer.status);
}

static void s_on_posted(void *ctx)
{
    post_t *post = ctx;
    pusher_edge_t *pusher = post->pusher;
    bool taken = post->err == ERR_OK && post->answer.status >= 200 && post->answer.status < 300;
    s_log_post(pusher, post, taken);
    if (!pusher_hook_done(pusher->hook, taken, s_now_us(pusher)))
        log_error("pusher", "a webhook was tried for five minutes, and is dropped");
    buf_free(&post->body);
    buf_free(&post->key);
    buf_free(&post->signature);
    mem_free(post);
}

static void s_begin_post(pusher_edge_t *pusher, slice_t body)
{
    const pusher_setup_t *setup = pusher_hub_setup(pusher->edge->hub);
    post_t *post = mem_new(post_t);
    post->pusher = pusher;
    buf_append(&post->body, body);
    buf_printf(&post->key, "X-Pusher-Key: %s", pusher->keys.key);
    buf_append_byte(&post->key, 0);
    buf_append_text(&post->signature, "X-Pusher-Signature: ");
    pusher_sign(&post->signature, &setup->app, body);
    buf_append_byte(&post->signature, 0);
    loop_work(pusher->edge->loop, s_post, s_on_posted, post);
}

void pusher_edge_turn(pusher_edge_t *pusher)
{
    slice_t body;
    pusher_wires_turn(pusher->edge->hub);
    if (pusher->hook == NULL || atomic_load(&pusher->stop))
        return;
    if (pusher_hook_next(pusher->hook, s_now_us(pusher), (uint64_t)link_time() / 1000, &body))
        s_begin_post(pusher, body);
}

void pusher_edge_tick(pusher_edge_t *pusher)
{
    size_t lost = pusher->hook != NULL ? pusher_hook_lost(pusher->hook) : 0;
    pusher_wires_tick(pusher->edge->hub);
    if (lost > 0)
        log_error("pusher", "%zu events of webhooks were lost: too many wait", lost);
}
