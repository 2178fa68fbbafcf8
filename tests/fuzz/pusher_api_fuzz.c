/* pusher_api_fuzz.c - any request of a server library, rightly signed.
 *
 * The first byte says which request, the first line the rest of its query, what follows is
 * the body.  Whatever comes, the reply is JSON and its status one of those that there are;
 * and what was refused was not said. */
#include <assert.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "actors/md5.h"
#include "schema/mem.h"
#include "schema/type.h"
#include "ws-edge/pusher_api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t s_said;

static uint64_t s_zero(void *ctx)
{
    (void)ctx;
    return 0;
}

static void s_tell(void *ctx, const pusher_news_t *news)
{
    (void)ctx;
    (void)news;
}

static void s_relay(void *ctx, const pusher_relay_t *relay)
{
    (void)ctx;
    assert(relay->channels.len > 0 || relay->user.len > 0);
    assert(relay->channels.len <= LIMIT_RELAY_CHANNELS && relay->data.len <= LIMIT_RELAY_DATA);
}

static void s_send(outlet_t *outlet, body_t *frame)
{
    (void)outlet;
    (void)frame;
    s_said++;
}

static void s_close(outlet_t *outlet, int code, const char *reason)
{
    (void)outlet;
    (void)reason;
    assert(code == 4009);
}

static const outlet_verbs_t s_outlet = {.send = s_send, .close = s_close};

static const pusher_app_t s_app = {SLICE_LIT("key"), SLICE_LIT("not its secret")};

/* Somebody in a channel of each kind. */
static void s_come(pusher_hub_t *hub, pusher_peer_t *peer, outlet_t *outlet)
{
    static const char *const names[] = {"news", "private-a", "presence-a", "cache-a"};
    pusher_person_info_t person = {.id = SLICE_LIT("1")};
    pusher_hub_admit(hub, peer, outlet);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *why;
        pusher_channel_t channel;
        err_t err = pusher_channel_read(slice_of(names[i]), &channel);
        if (err == ERR_OK)
            err = pusher_hub_enter(hub, peer, &channel,
                                   channel.kind == PUSHER_PRESENCE ? &person : NULL, &why);
        assert(err == ERR_OK);
    }
}

/* What of the input is sorted behind `auth_version` is signed as it stands. */
static void s_sign(buf_t *query, slice_t method, slice_t more, slice_t body)
{
    buf_t text = {0};
    uint8_t hash[MD5_SIZE];
    buf_append_text(query, "auth_key=key&auth_timestamp=0&auth_version=1.0");
    if (body.len > 0 && md5(body, hash)) {
        buf_append_text(query, "&body_md5=");
        crypto_hex(query, slice_new(hash, sizeof hash));
    }
    if (more.len > 0) {
        buf_append_byte(query, '&');
        buf_append(query, more);
    }
    buf_printf(&text, "%.*s\n/path\n", SLICE_ARG(method));
    buf_append(&text, buf_slice(query));
    buf_append_text(query, "&auth_signature=");
    pusher_sign(query, &s_app, buf_slice(&text));
    buf_free(&text);
}

static void s_serve(pusher_hub_t *hub, pusher_api_t what, slice_t more, slice_t body)
{
    static const char *const names[] = {"presence-a", "cache-a", "1", "a b"};
    slice_t method = SLICE_LIT("POST");
    const json_node_t *root = NULL;
    arena_t *arena = arena_new();
    buf_t query = {0}, reply = {0};
    pusher_ask_t ask = {.what = what, .app = SLICE_LIT("1")};
    ask.name = slice_of(names[more.len % COUNT_OF(names)]);
    s_sign(&query, method, more, body);
    ask.request = (pusher_request_t){method, SLICE_LIT("/path"), buf_slice(&query), body};
    (void)!json_parse(body, &ask.json);
    int status = pusher_api_serve(hub, &ask, arena, &reply);
    assert(status == 200 || (status >= 400 && status < 404) || status == 413);
    assert(status == 200 || s_said == 0);
    err_t err = json_parse(buf_slice(&reply), &root);
    assert(err == ERR_OK);
    json_free(&root);
    json_free(&ask.json);
    arena_destroy(&arena);
    buf_free(&query);
    buf_free(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pusher_setup_t setup = {.id = SLICE_LIT("1"), .app = s_app};
    static const pusher_hub_ports_t ports = {
        .now_us = s_zero, .time_s = s_zero, .tell = s_tell, .relay = s_relay};
    if (size == 0)
        return 0;
    if (crypto_start() != ERR_OK)
        abort();
    slice_t rest = slice_new(data + 1, size - 1);
    const uint8_t *end = rest.len > 0 ? memchr(rest.ptr, '\n', rest.len) : NULL;
    slice_t more = slice_new(rest.ptr, end != NULL ? (size_t)(end - rest.ptr) : rest.len);
    rest = slice_from(rest, more.len + (end != NULL));
    pusher_hub_t *hub = pusher_hub_new(&setup, &ports);
    pusher_peer_t peer = {0};
    outlet_t outlet = {&s_outlet};
    s_come(hub, &peer, &outlet);
    s_said = 0;
    s_serve(hub, (pusher_api_t)(data[0] % (PUSHER_API_TERMINATE + 1)), more, rest);
    pusher_hub_dismiss(hub, &peer);
    pusher_hub_destroy(&hub);
    return 0;
}
