/* malamute.c - the way of a stream message through Malamute, made anew with czmq.
 *
 * Debian 12 has no package of Malamute, so this is its pattern and not itself: what a message
 * meets there, without timers, mailboxes, credit, logs, and the actor that its client library is.
 *
 *   DEALER ──> ROUTER, a zloop: client by its routing id, message off its frames ──> pipe
 *   pipe ──> the stream's actor: the subject against each selector's pattern ──> pipe, for each client
 *   pipe ──> the zloop: STREAM-DELIVER and the content's frames ──> ROUTER ──> DEALER
 *
 * Frames are those of its protocol: AA A8, the number of the kind, strings behind a byte of their
 * length; the content is a frame of its own. */
#include <czmq.h>

#include "tests/bench/bus/bus.h"
#include "tools/bench/fail.h"

enum { OPEN = 1, WRITE = 5, READ = 6, SEND = 7, DELIVER = 8 };

static const char s_stream_name[] = "weather", s_subject[] = "temp.moscow", s_pattern[] = "temp.";

/* ---- frames ---- */

typedef struct words {
    uint8_t bytes[256];
    size_t len;
} words_t;

static words_t s_words(uint8_t kind)
{
    return (words_t){{0xaa, 0xa8, kind}, 3};
}

static void s_add(words_t *words, const char *text)
{
    size_t len = strlen(text);
    words->bytes[words->len++] = (uint8_t)len;
    memcpy(words->bytes + words->len, text, len);
    words->len += len;
}

/* The string at *at of a frame, which is behind it then; to be freed. */
static char *s_string(zframe_t *frame, size_t *at)
{
    const uint8_t *bytes = zframe_data(frame);
    size_t len = bytes[*at];
    if (*at + 1 + len > zframe_size(frame))
        fail("a string is longer than its frame");
    char *text = zmalloc(len + 1);
    memcpy(text, bytes + *at + 1, len);
    *at += 1 + len;
    return text;
}

/* ---- the broker ---- */

typedef struct client {
    zframe_t *routing_id;
    char *address;
} client_t;

typedef struct broker {
    run_t *run;
    zsock_t *router;
    zsock_t *pipe; /* to the stream's actor, and back */
    zactor_t *stream;
    zhash_t *clients; /* by routing id in hexadecimal */
} broker_t;

static void s_client_free(void *item)
{
    client_t *client = item;
    zframe_destroy(&client->routing_id);
    zstr_free(&client->address);
    free(client);
}

static client_t *s_client(broker_t *broker, zframe_t *routing_id)
{
    char *key = zframe_strhex(routing_id);
    client_t *client = zhash_lookup(broker->clients, key);
    if (client == NULL) {
        client = zmalloc(sizeof *client);
        client->routing_id = zframe_dup(routing_id);
        zhash_insert(broker->clients, key, client);
        zhash_freefn(broker->clients, key, s_client_free);
    }
    zstr_free(&key);
    return client;
}

/* What a client says: kind and strings in one frame, behind it maybe the content.  There is one
 * stream, so that a WRITE has nothing to choose. */
static void s_obey(broker_t *broker, client_t *client, zframe_t *frame, zmsg_t **content_p)
{
    size_t at = 3;
    uint8_t kind = zframe_data(frame)[2];
    char *text = s_string(frame, &at);
    if (kind == OPEN) {
        client->address = text;
        return;
    }
    if (kind == READ) {
        char *pattern = s_string(frame, &at);
        zsock_send(broker->stream, "sps", "COMPILE", client, pattern);
        zstr_free(&pattern);
        broker->run->readers++;
    } else if (kind == SEND) {
        zsock_bsend(broker->pipe, "pssp", client, client->address, text, *content_p);
        *content_p = NULL;
    }
    zstr_free(&text);
}

static int s_on_client(zloop_t *loop, zsock_t *router, void *ctx)
{
    (void)loop;
    while (zsock_events(router) & ZMQ_POLLIN) {
        zmsg_t *content = zmsg_recv(router);
        zframe_t *routing_id = zmsg_pop(content), *frame = zmsg_pop(content);
        s_obey(ctx, s_client(ctx, routing_id), frame, &content);
        zframe_destroy(&routing_id);
        zframe_destroy(&frame);
        zmsg_destroy(&content);
    }
    return 0;
}

/* A message that the stream has found a reader for. */
static int s_on_stream(zloop_t *loop, zsock_t *pipe, void *ctx)
{
    const broker_t *broker = ctx;
    client_t *client;
    char *sender, *subject;
    zmsg_t *content;
    words_t words = s_words(DELIVER);
    (void)loop;
    zsock_brecv(pipe, "pssp", &client, &sender, &subject, &content);
    s_add(&words, s_stream_name);
    s_add(&words, sender);
    s_add(&words, subject);
    zframe_send(&client->routing_id, broker->router, ZFRAME_REUSE | ZFRAME_MORE);
    bus_put(zsock_resolve(broker->router), words.bytes, words.len, ZMQ_SNDMORE);
    zmsg_send(&content, broker->router);
    return 0;
}

/* ---- the stream's actor ---- */

typedef struct selector {
    zrex_t *rex;
    zlistx_t *clients;
} selector_t;

static void s_selector_free(void **item)
{
    selector_t *selector = *item;
    zrex_destroy(&selector->rex);
    zlistx_destroy(&selector->clients);
    free(selector);
    *item = NULL;
}

/* All ask for the one pattern. */
static void s_compile(zlistx_t *selectors, zsock_t *orders)
{
    void *client;
    char *pattern;
    zsock_recv(orders, "ps", &client, &pattern);
    selector_t *selector = zlistx_first(selectors);
    if (selector == NULL) {
        selector = zmalloc(sizeof *selector);
        selector->rex = zrex_new(pattern);
        selector->clients = zlistx_new();
        zlistx_add_end(selectors, selector);
    }
    zlistx_add_end(selector->clients, client);
    zstr_free(&pattern);
}

static void s_spread(const selector_t *selector, zsock_t *pipe)
{
    void *writer;
    char *sender, *subject;
    zmsg_t *content;
    zsock_brecv(pipe, "pssp", &writer, &sender, &subject, &content);
    if (zrex_matches(selector->rex, subject))
        for (void *client = zlistx_first(selector->clients); client != NULL;
             client = zlistx_next(selector->clients))
            if (client != writer)
                zsock_bsend(pipe, "pssp", client, sender, subject, zmsg_dup(content));
    zmsg_destroy(&content);
}

static void s_stream(zsock_t *orders, void *args)
{
    zsock_t *pipe = args;
    zpoller_t *poller = zpoller_new(orders, pipe, NULL);
    zlistx_t *selectors = zlistx_new();
    bool ended = false;
    zlistx_set_destructor(selectors, s_selector_free);
    zsock_signal(orders, 0);
    while (!ended) {
        void *which = zpoller_wait(poller, -1);
        if (which == pipe) {
            s_spread(zlistx_first(selectors), pipe);
            continue;
        }
        char *order = which == orders ? zstr_recv(orders) : NULL;
        ended = order == NULL || streq(order, "$TERM");
        if (!ended)
            s_compile(selectors, orders);
        zstr_free(&order);
    }
    zpoller_destroy(&poller);
    zlistx_destroy(&selectors);
    zsock_destroy(&pipe);
}

/* ---- a run ---- */

static int s_on_order(zloop_t *loop, zsock_t *orders, void *ctx)
{
    char *order = zstr_recv(orders);
    (void)loop;
    (void)ctx;
    zstr_free(&order);
    return -1;
}

static void s_broker(zsock_t *orders, void *args)
{
    zsock_t *back;
    broker_t broker = {.run = args, .clients = zhash_new()};
    zloop_t *loop = zloop_new();
    broker.router = zsock_new_router(broker.run->endpoint);
    broker.pipe = zsys_create_pipe(&back);
    broker.stream = zactor_new(s_stream, back);
    zloop_reader(loop, broker.router, s_on_client, &broker);
    zloop_reader(loop, broker.pipe, s_on_stream, &broker);
    zloop_reader(loop, orders, s_on_order, NULL);
    zsock_signal(orders, 0);
    zloop_start(loop);
    zloop_destroy(&loop);
    zactor_destroy(&broker.stream);
    zsock_destroy(&broker.pipe);
    zsock_destroy(&broker.router);
    zhash_destroy(&broker.clients);
}

/* As its own measurement has it: nothing is bounded inside. */
static void s_open(run_t *run)
{
    zsys_init();
    zsys_set_pipehwm(0);
    zsys_set_sndhwm(0);
    zsys_set_rcvhwm(0);
    zsys_set_linger(0);
    run->middle = zactor_new(s_broker, run);
}

static void *s_client_socket(run_t *run, const char *address)
{
    void *socket = bus_connected(run, ZMQ_DEALER);
    words_t words = s_words(OPEN);
    s_add(&words, address);
    bus_put(socket, words.bytes, words.len, 0);
    return socket;
}

static void *s_subscribe(run_t *run)
{
    void *socket = s_client_socket(run, "reader");
    words_t words = s_words(READ);
    s_add(&words, s_stream_name);
    s_add(&words, s_pattern);
    bus_put(socket, words.bytes, words.len, 0);
    return socket;
}

static void s_await(run_t *run)
{
    while (run->readers < run->subscribers)
        zclock_sleep(1);
}

static void s_publish(run_t *run)
{
    void *socket = run->writer = s_client_socket(run, "writer");
    words_t write = s_words(WRITE), words = s_words(SEND);
    s_add(&write, s_stream_name);
    s_add(&words, s_subject);
    bus_put(socket, write.bytes, write.len, 0);
    for (uint64_t i = 0; i < run->messages; i++) {
        bus_put(socket, words.bytes, words.len, ZMQ_SNDMORE);
        bus_put(socket, bus_message(), MESSAGE_BYTES, 0);
    }
}

static void s_close(run_t *run)
{
    zactor_t *broker = run->middle;
    zactor_destroy(&broker);
    zsys_shutdown();
}

const peer_t peer_malamute = {
    .name = "malamute",
    .doc = "Malamute's pattern: a stream by way of a ROUTER, an actor and patterns",
    .open = s_open,
    .subscribe = s_subscribe,
    .await = s_await,
    .take = bus_take_one,
    .publish = s_publish,
    .close = s_close,
};
