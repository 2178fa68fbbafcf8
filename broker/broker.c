/* broker.c - one thread that moves messages between sockets, router and scribe.
 *
 * A turn takes a bounded number of messages from each side, then sends all that
 * came of it, one message a peer.
 *
 * Who connects within the process, or over a socket that is its user's alone (ipc), may
 * be anything.  Over tcp a peer's key says what it may be: the guard gives each key the
 * name of its guest, and with each message the name is looked up again, so that who is
 * taken off the list loses everything at once.  Bots have doors of their own (`bots`), where
 * a key is looked up among those that the session actor knows; a bot can be nothing else. */
#include "broker/broker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "actors/bus.h"
#include "actors/clock.h"
#include "actors/crypto.h"
#include "actors/log.h"
#include "actors/keys.h"
#include "broker/anchor.h"
#include "broker/guests.h"
#include "broker/journal.h"
#include "broker/mend.h"
#include "broker/router.h"
#include "broker/scribe.h"
#include "schema/mem.h"

enum {
    MESSAGES_A_TURN = 64,
    WAIT_MS = 100,
    RETRY_MS = 1,
    TICK_US = 500 * 1000,
    SOCKETS = 1 + 2 * BROKER_ENDPOINTS_MAX,
    NAME_SIZE = 32,
    PATH_SIZE = 4096,
};

static const int64_t DENIED_EVERY_US = 10 * 1000 * 1000; /* between two lines about them */

struct broker {
    pthread_t thread;
    atomic_bool stopping;
    atomic_bool idle;        /* nothing is on its way to the disk */
    bus_t *sockets[SOCKETS]; /* inner, then those for everybody else */
    size_t socket_count;
    bool keyed[SOCKETS];
    bool bots[SOCKETS];        /* a door for bots */
    char keys[PATH_SIZE];      /* folder */
    bus_t *guard;              /* NULL: nothing is keyed */
    guests_t *guests;          /* the same */
    _Atomic(guests_t *) fresh; /* of a reload; the thread takes them */
    uint64_t denied;           /* keys, since the last line about them */
    int64_t denied_told;
    scribe_t *scribe;
    router_t *router;
    int64_t ticked;
};

/* ---- the router's ports; a peer's id is its socket and the bus' number ---- */

static err_t s_send(void *ctx, uint64_t peer, buf_t *message)
{
    broker_t *broker = ctx;
    return bus_send_to(broker->sockets[peer >> 32], (uint32_t)peer, message);
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
    *ret_time = clock_time_us();
    crypto_random(ret_rand, RAND_SIZE);
}

static void s_prepare(void *ctx)
{
    scribe_prepare(((broker_t *)ctx)->scribe);
}

static void s_keep(void *ctx, slice_t snapshot)
{
    scribe_keep(((broker_t *)ctx)->scribe, snapshot);
}

/* ---- the loop ---- */

/* The guard names a bot by the number of its session. */
static uint64_t s_bot(const char *name)
{
    return name != NULL ? strtoull(name, NULL, 10) : 0;
}

static rights_t s_rights(const broker_t *broker, size_t socket)
{
    bool keyed = broker->keyed[socket];
    const char *name = keyed ? bus_sender(broker->sockets[socket]) : NULL;
    if (broker->bots[socket])
        return (rights_t){ROLE_BIT(peer_role_BOT), s_bot(name)};
    if (!keyed)
        return (rights_t){.roles = ROLES_ALL};
    return (rights_t){.roles = name != NULL ? guests_roles(broker->guests, name) : 0};
}

static void s_receive(broker_t *broker, size_t socket, int64_t now)
{
    uint32_t peer;
    slice_t message;
    for (int i = 0; i < MESSAGES_A_TURN; i++) {
        if (!bus_receive(broker->sockets[socket], &peer, &message))
            return;
        router_receive(broker->router, (uint64_t)socket << 32 | peer, s_rights(broker, socket),
                       message, now);
    }
}

/* Strangers that knock often get no line each. */
static void s_tell_denied(broker_t *broker, int64_t now)
{
    if (broker->denied == 0 || now - broker->denied_told < DENIED_EVERY_US)
        return;
    log_warn("broker", "refused for keys that are neither in %s/authorized nor a bot's: %llu",
             broker->keys, (unsigned long long)broker->denied);
    broker->denied = 0;
    broker->denied_told = now;
}

/* Until all bots are known one that is not may be one all the same. */
static void s_admit_bot(broker_t *broker, const char *key)
{
    char name[NAME_SIZE];
    uint64_t bot = router_find_bot(broker->router, key);
    snprintf(name, sizeof name, "%llu", (unsigned long long)bot);
    if (bot == 0 && !router_knows_bots(broker->router)) {
        bus_guard_put_off(broker->guard);
        return;
    }
    broker->denied += bot == 0;
    bus_guard_answer(broker->guard, bot != 0 ? name : NULL);
}

static void s_admit(broker_t *broker, const char *key)
{
    const char *name = guests_name(broker->guests, key);
    broker->denied += name == NULL;
    bus_guard_answer(broker->guard, name);
}

static void s_guard(broker_t *broker, int64_t now)
{
    bus_stranger_t stranger;
    guests_t *fresh = atomic_exchange(&broker->fresh, NULL);
    if (fresh != NULL) {
        guests_destroy(&broker->guests);
        broker->guests = fresh;
    }
    for (int i = 0; i < MESSAGES_A_TURN && bus_guard_next(broker->guard, &stranger); i++) {
        if (stranger.bot)
            s_admit_bot(broker, stranger.key);
        else
            s_admit(broker, stranger.key);
    }
    s_tell_denied(broker, now);
}

static void s_wait(broker_t *broker, int wait_ms)
{
    bus_t *buses[SOCKETS + 2] = {scribe_bus(broker->scribe)};
    size_t count = 1;
    for (size_t i = 0; i < broker->socket_count; i++)
        buses[count++] = broker->sockets[i];
    if (broker->guard != NULL)
        buses[count++] = broker->guard;
    bus_wait(buses, count, wait_ms);
}

static void s_turn(broker_t *broker, int wait_ms, bool *ret_flushed)
{
    s_wait(broker, wait_ms);

    int64_t now = clock_us(CLOCK_MONOTONIC);
    for (int i = 0; i < MESSAGES_A_TURN && scribe_deliver(broker->scribe, broker->router); i++)
        ;
    if (broker->guard != NULL)
        s_guard(broker, now);
    for (size_t socket = 0; socket < broker->socket_count; socket++)
        s_receive(broker, socket, now);
    router_expire(broker->router, now);
    if (now - broker->ticked > TICK_US) {
        broker->ticked = now;
        router_tick(broker->router, now);
    }
    *ret_flushed = router_flush(broker->router);
    atomic_store(&broker->idle, router_idle(broker->router));
}

/* How long nothing has to be done unless something comes. */
static int s_rest(const broker_t *broker, bool flushed)
{
    int64_t due = router_due(broker->router);
    if (!flushed)
        return RETRY_MS;
    if (due == INT64_MAX)
        return WAIT_MS;
    int64_t ms = (due - clock_us(CLOCK_MONOTONIC)) / 1000 + 1;
    return ms < 0 ? 0 : ms < WAIT_MS ? (int)ms : WAIT_MS;
}

static void *s_main(void *ctx)
{
    broker_t *broker = ctx;
    bool flushed = true;
    prctl(PR_SET_NAME, "broker");
    while (!atomic_load(&broker->stopping))
        s_turn(broker, s_rest(broker, flushed), &flushed);
    return NULL;
}

/* ---- start and stop ---- */

static err_t s_open_journal(const broker_options_t *options, journal_t **ret_journal)
{
    char path[4096];
    err_t err = mend_end(options->data);
    if (err != ERR_OK)
        return err;
    snprintf(path, sizeof path, "%s/journal", options->data);
    journal_options_t journal = {
        .unsynced = options->unsynced,
        .segment_bytes = options->segment_bytes,
    };
    return journal_open(path, &journal, ret_journal);
}

static err_t s_load_guests(const char *keys, guests_t **ret_guests)
{
    char path[PATH_SIZE + 16];
    snprintf(path, sizeof path, "%s/authorized", keys);
    return guests_load(path, ret_guests);
}

err_t broker_check_keys(const char *folder)
{
    key_pair_t own;
    guests_t *guests = NULL;
    err_t err = keys_read(folder, "broker", &own);
    explicit_bzero(&own, sizeof own);
    if (err == ERR_OK)
        err = s_load_guests(folder, &guests);
    guests_destroy(&guests);
    return err;
}

/* Once, for the first endpoint that wants keys. */
static err_t s_open_guard(broker_t *broker)
{
    if (broker->guard != NULL)
        return ERR_OK;
    err_t err = s_load_guests(broker->keys, &broker->guests);
    return err == ERR_OK ? bus_guard_open(&broker->guard) : err;
}

/* The broker's own files are for nobody else: the socket of an ipc endpoint too. */
static err_t s_bind(broker_t *broker, const char *endpoint, bool bots)
{
    bus_t **place = &broker->sockets[broker->socket_count];
    key_pair_t own;
    bool keyed = bus_is_keyed(endpoint);
    err_t err = keyed ? keys_read(broker->keys, "broker", &own) : ERR_OK;
    if (err == ERR_OK && keyed)
        err = s_open_guard(broker);
    if (err != ERR_OK)
        return err;
    mode_t before = umask(0077);
    err = bots ? bus_bind_bots(endpoint, keyed ? &own : NULL, place)
               : bus_bind(endpoint, keyed ? &own : NULL, place);
    umask(before);
    explicit_bzero(&own, sizeof own);
    broker->bots[broker->socket_count] = bots;
    if (err == ERR_OK)
        broker->keyed[broker->socket_count++] = keyed;
    return err;
}

static err_t s_bind_all(broker_t *broker, const broker_options_t *options)
{
    snprintf(broker->keys, sizeof broker->keys, "%s", options->keys);
    err_t err = s_bind(broker, options->inner, false);
    for (size_t i = 0; i < options->bus_count && err == ERR_OK; i++)
        err = s_bind(broker, options->bus[i], false);
    for (size_t i = 0; i < options->bot_count && err == ERR_OK; i++)
        err = s_bind(broker, options->bots[i], true);
    return err;
}

static void s_free(broker_t *broker)
{
    scribe_stop(&broker->scribe);
    router_destroy(&broker->router);
    for (size_t i = 0; i < SOCKETS; i++)
        bus_close(&broker->sockets[i]);
    bus_close(&broker->guard);
    guests_t *fresh = atomic_load(&broker->fresh);
    guests_destroy(&fresh);
    guests_destroy(&broker->guests);
    mem_free(broker);
}

static err_t s_open(broker_t *broker, const broker_options_t *options)
{
    journal_t *journal = NULL;
    err_t err = s_open_journal(options, &journal);
    if (err != ERR_OK)
        return err;

    uint64_t head = journal_head(journal), epoch = journal_epoch(journal) + 1;
    err = anchor_check(options->data, journal, options->unsynced, clock_us(CLOCK_REALTIME));
    if (err == ERR_OK)
        err = journal_raise_epoch(journal, epoch);
    if (err != ERR_OK) {
        journal_close(&journal);
        return err;
    }
    router_ports_t ports = {broker, s_send, s_append, s_fetch, s_stamp, s_prepare, s_keep};
    broker->router = router_new(&ports, head, epoch);
    router_set_patience(broker->router, options->patience_ms * 1000);
    log_info("broker", "journal at %llu, epoch %llu", (unsigned long long)head,
             (unsigned long long)epoch);
    router_cut(broker->router, journal_first(journal));
    return scribe_start(&journal, options->data, &options->keep, &broker->scribe);
}

err_t broker_start(const broker_options_t *options, broker_t **ret_broker)
{
    broker_t *broker = mem_new(broker_t);
    err_t err = s_open(broker, options);
    if (err == ERR_OK)
        err = s_bind_all(broker, options);
    if (err == ERR_OK && pthread_create(&broker->thread, NULL, s_main, broker) != 0)
        err = ERR_UNAVAILABLE;
    if (err == ERR_OK)
        *ret_broker = broker;
    else
        s_free(broker);
    return err;
}

err_t broker_reload(broker_t *broker)
{
    guests_t *fresh = NULL;
    if (broker->guard == NULL)
        return ERR_OK;
    err_t err = s_load_guests(broker->keys, &fresh);
    if (err != ERR_OK)
        return err;
    guests_t *unseen = atomic_exchange(&broker->fresh, fresh);
    guests_destroy(&unseen);
    return ERR_OK;
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
