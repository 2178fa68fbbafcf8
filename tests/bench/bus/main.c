/* main.c - kith-bus: one publisher, so many subscribers, one measurement, a line of JSON.
 *
 *   kith-bus PEER SUBSCRIBERS MESSAGES ENDPOINT [ACCOUNT PID]
 *
 * The clock runs from the first message until the last subscriber has the last one, or, with none, the
 * publisher the last answer.  For Kith the
 * account is that of the bot that all are, PID its server's.  tests/bench/bus/run starts what is to
 * be started, and makes medians. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "schema/mem.h"
#include "tests/bench/bus/bus.h"
#include "tools/bench/clock.h"
#include "tools/bench/fail.h"
#include "tools/bench/proc.h"

enum { EXIT_MISUSED = 2, PATIENCE_MS = 60 * 1000, TAKES = 100 /* before the next one's turn */ };

static const peer_t *const peers[] = {&peer_pubsub,    &peer_relay,    &peer_malamute, &peer_kith,
                                      &peer_kith_past, &peer_kith_one, &peer_kith_many};

/* The subscribers' thread. */
typedef struct audience {
    const peer_t *peer;
    run_t *run;
    void **sockets;
    pthread_t thread;
} audience_t;

static const peer_t *s_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(peers); i++)
        if (strcmp(peers[i]->name, name) == 0)
            return peers[i];
    fail("%s: no such peer", name);
}

/* What one subscriber has waiting, or some of it. */
static uint64_t s_take(const audience_t *audience, void *socket)
{
    uint64_t count = 0;
    for (int i = 0; i < TAKES; i++) {
        unsigned taken = audience->peer->take(audience->run, socket);
        if (taken == 0)
            break;
        count += taken;
    }
    return count;
}

static void *s_listen(void *ctx)
{
    const audience_t *audience = ctx;
    const run_t *run = audience->run;
    zmq_pollitem_t *items = mem_zeroed(run->subscribers * sizeof *items);
    uint64_t heard = 0;
    for (unsigned i = 0; i < run->subscribers; i++)
        items[i] = (zmq_pollitem_t){.socket = audience->sockets[i], .events = ZMQ_POLLIN};
    while (heard < run->messages * run->subscribers) {
        if (zmq_poll(items, (int)run->subscribers, PATIENCE_MS) <= 0)
            fail("%lu of %lu were heard, and no more come", heard,
                 run->messages * run->subscribers);
        for (unsigned i = 0; i < run->subscribers; i++)
            if (items[i].revents != 0)
                heard += s_take(audience, items[i].socket);
    }
    mem_free(items);
    return NULL;
}

static void s_begin(audience_t *audience)
{
    run_t *run = audience->run;
    audience->sockets = mem_zeroed(run->subscribers * sizeof(void *));
    for (unsigned i = 0; i < run->subscribers; i++)
        audience->sockets[i] = audience->peer->subscribe(run);
    if (audience->peer->await != NULL)
        audience->peer->await(run);
    if (pthread_create(&audience->thread, NULL, s_listen, audience) != 0)
        fail("a thread cannot be made");
}

static void s_end(audience_t *audience)
{
    run_t *run = audience->run;
    for (unsigned i = 0; i < run->subscribers; i++)
        zmq_close(audience->sockets[i]);
    mem_free(audience->sockets);
    if (audience->peer->close != NULL)
        audience->peer->close(run);
    if (run->writer != NULL)
        zmq_close(run->writer);
    zmq_ctx_term(run->context);
}

static uint64_t s_cpu_ns(pid_t server)
{
    return proc_own_cpu_ns() + (server > 0 ? proc_sample(server).cpu_ns : 0);
}

static void s_measure(const peer_t *peer, run_t *run, pid_t server)
{
    audience_t audience = {.peer = peer, .run = run};
    run->context = zmq_ctx_new();
    if (peer->open != NULL)
        peer->open(run);
    uint64_t cpu = s_cpu_ns(server), start = clock_ns();
    s_begin(&audience);
    if (peer->publish != NULL)
        peer->publish(run);
    pthread_join(audience.thread, NULL);
    double seconds = (double)(clock_ns() - start) / 1e9;
    double cpu_us = (double)(s_cpu_ns(server) - cpu) / 1e3;
    double deliveries = (double)run->messages * run->subscribers;
    double done = run->subscribers > 0 ? deliveries : (double)run->messages;
    printf("{\"peer\":\"%s\",\"doc\":\"%s\",\"subscribers\":%u,\"messages\":%lu,\"seconds\":%.3f,"
           "\"messages_per_s\":%.0f,\"deliveries_per_s\":%.0f,\"cpu_us\":%.2f}\n",
           peer->name, peer->doc, run->subscribers, run->messages, seconds,
           (double)run->messages / seconds, deliveries / seconds, cpu_us / done);
    s_end(&audience);
}

int main(int argc, char **argv)
{
    if (argc != 5 && argc != 7) {
        fprintf(stderr, "usage: kith-bus PEER SUBSCRIBERS MESSAGES ENDPOINT [ACCOUNT PID]\n");
        return EXIT_MISUSED;
    }
    const peer_t *peer = s_find(argv[1]);
    run_t run = {
        .endpoint = argv[4],
        .window = peer->window,
        .subscribers = (unsigned)atoi(argv[2]),
        .messages = strtoull(argv[3], NULL, 10),
        .account = argc > 5 ? strtoull(argv[5], NULL, 10) : 0,
    };
    s_measure(peer, &run, argc > 6 ? atoi(argv[6]) : 0);
    return EXIT_SUCCESS;
}
