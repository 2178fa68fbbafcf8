/* broker.c - one thread that moves messages between sockets, router and scribe.
 *
 * A turn takes a bounded number of messages from each side, then sends all that
 * came of it, one message a peer.  Peers of the process itself connect to `inner`
 * and may be edges and actors; everybody else connects to `bus` and may not. */
#include "broker/broker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

#include "actors/bus.h"
#include "actors/crypto.h"
#include "actors/log.h"
#include "broker/journal.h"
#include "broker/router.h"
#include "broker/scribe.h"
#include "schema/mem.h"

enum { MESSAGES_A_TURN = 64, WAIT_MS = 100, RETRY_MS = 1, TICK_US = 500 * 1000, SOCKETS = 2 };

struct broker {
    pthread_t thread;
    atomic_bool stopping;
    atomic_bool idle;        /* nothing is on its way to the disk */
    bus_t *sockets[SOCKETS]; /* inner, bus; the second may be NULL */
    scribe_t *scribe;
    router_t *router;
    int64_t ticked;
};

static int64_t s_now(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- the router's ports; a peer's id is its socket and the bus' number ---- */

static bool s_send(void *ctx, uint64_t peer, buf_t *message)
{
    broker_t *broker = ctx;
    err_t err = bus_send_to(broker->sockets[peer >> 32], (uint32_t)peer, message);
    if (err == ERR_NOT_FOUND)
        buf_reset(message); /* it hung up; silence will remove it */
    return err != ERR_UNAVAILABLE;
}

static void s_append(void *ctx, slice_t records)
{
    scribe_append(((broker_t *)ctx)->scribe, records);
}

static void s_fetch(void *ctx, const page_order_t *order)
{
    scribe_fetch(((broker_t *)ctx)->scribe, order);
}

static void s_stamp(void *ctx, int64_t *ret_time, uint8_t ret_rand[RAND_SIZE])
{
    (void)ctx;
    *ret_time = s_now(CLOCK_REALTIME);
    crypto_random(ret_rand, RAND_SIZE);
}

/* ---- the loop ---- */

static void s_receive(broker_t *broker, size_t socket, int64_t now)
{
    uint32_t peer;
    slice_t message;
    if (broker->sockets[socket] == NULL)
        return;
    for (int i = 0; i < MESSAGES_A_TURN; i++) {
        if (!bus_receive(broker->sockets[socket], &peer, &message))
            return;
        router_receive(broker->router, (uint64_t)socket << 32 | peer, socket == 0, message, now);
    }
}

static void s_turn(broker_t *broker, int wait_ms, bool *ret_flushed)
{
    bus_t *buses[SOCKETS + 1] = {scribe_bus(broker->scribe), broker->sockets[0],
                                 broker->sockets[1]};
    bus_wait(buses, broker->sockets[1] != NULL ? 3 : 2, wait_ms);

    int64_t now = s_now(CLOCK_MONOTONIC);
    for (int i = 0; i < MESSAGES_A_TURN && scribe_deliver(broker->scribe, broker->router); i++)
        ;
    for (size_t socket = 0; socket < SOCKETS; socket++)
        s_receive(broker, socket, now);
    if (now - broker->ticked > TICK_US) {
        broker->ticked = now;
        router_tick(broker->router, now);
    }
    *ret_flushed = router_flush(broker->router);
    atomic_store(&broker->idle, router_idle(broker->router));
}

static void *s_main(void *ctx)
{
    broker_t *broker = ctx;
    bool flushed = true;
    prctl(PR_SET_NAME, "broker");
    while (!atomic_load(&broker->stopping))
        s_turn(broker, flushed ? WAIT_MS : RETRY_MS, &flushed);
    return NULL;
}

/* ---- start and stop ---- */

static err_t s_open_journal(const broker_options_t *options, journal_t **ret_journal)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/journal", options->data);
    journal_options_t journal = {.unsynced = options->unsynced};
    return journal_open(path, &journal, ret_journal);
}

/* The broker's own files are for nobody else: the socket of an ipc endpoint too. */
static err_t s_bind_bus(const char *endpoint, bus_t **ret_bus)
{
    mode_t before = umask(0077);
    err_t err = bus_bind(endpoint, ret_bus);
    umask(before);
    return err;
}

static void s_free(broker_t *broker)
{
    scribe_stop(&broker->scribe);
    router_destroy(&broker->router);
    for (size_t i = 0; i < SOCKETS; i++)
        bus_close(&broker->sockets[i]);
    mem_free(broker);
}

static err_t s_open(broker_t *broker, const broker_options_t *options)
{
    char index[4096];
    journal_t *journal = NULL;
    err_t err = s_open_journal(options, &journal);
    if (err != ERR_OK)
        return err;

    uint64_t head = journal_head(journal), epoch = journal_epoch(journal) + 1;
    err = journal_raise_epoch(journal, epoch);
    if (err != ERR_OK) {
        journal_close(&journal);
        return err;
    }
    router_ports_t ports = {broker, s_send, s_append, s_fetch, s_stamp};
    broker->router = router_new(&ports, head, epoch);
    snprintf(index, sizeof index, "%s/index", options->data);
    log_info("broker", "journal at %llu, epoch %llu", (unsigned long long)head,
             (unsigned long long)epoch);
    return scribe_start(&journal, index, &broker->scribe);
}

err_t broker_start(const broker_options_t *options, broker_t **ret_broker)
{
    broker_t *broker = mem_new(broker_t);
    err_t err = s_open(broker, options);
    if (err == ERR_OK)
        err = bus_bind(options->inner, &broker->sockets[0]);
    if (err == ERR_OK && options->bus != NULL)
        err = s_bind_bus(options->bus, &broker->sockets[1]);
    if (err == ERR_OK && pthread_create(&broker->thread, NULL, s_main, broker) != 0)
        err = ERR_UNAVAILABLE;
    if (err == ERR_OK)
        *ret_broker = broker;
    else
        s_free(broker);
    return err;
}

void broker_drain(broker_t *broker, int patience_ms)
{
    struct timespec pause = {0, 5 * 1000000};
    for (int waited = 0; waited < patience_ms; waited += 5) {
        nanosleep(&pause, NULL);
        if (atomic_load(&broker->idle))
            return;
    }
}

void broker_stop(broker_t **broker_p)
{
    broker_t *broker = *broker_p;
    if (broker == NULL)
        return;
    *broker_p = NULL;
    atomic_store(&broker->stopping, true);
    pthread_join(broker->thread, NULL);
    s_free(broker);
}
