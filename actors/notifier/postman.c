/* postman.c - postmen: each a thread behind a pair of buses.
 *
 *   actor's thread                            postman's thread
 *   postmen_give ── [number, order] ────────────> carry
 *   postmen_result <── [number, outcome, wait, reason] ─┘ */
#include "actors/notifier/postman.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "actors/bus.h"
#include "actors/log.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum { NAME_SIZE = 64 };

typedef struct postman {
    postman_fn *carry;
    const void *ctx;
    bus_t *bus;     /* the actor's end */
    bus_t *far_bus; /* the thread's */
    pthread_t thread;
    bool started;
    atomic_bool stopping;
    uint64_t number; /* of what is on the way; 0: free */
    char name[NAME_SIZE];
} postman_t;

struct postmen {
    size_t count;
    postman_t all[POSTMEN_MAX];
};

/* ---- the postman's thread ---- */

void postman_fail(delivery_t *delivery, delivery_outcome_t outcome, const char *reason)
{
    delivery->outcome = outcome;
    snprintf(delivery->reason, sizeof delivery->reason, "%s", reason);
}

static void s_report(postman_t *postman, const delivery_t *delivery)
{
    buf_t message = {0};
    pack_u64(&message, delivery->number);
    pack_u64(&message, delivery->outcome);
    pack_i64(&message, delivery->wait_s);
    pack_str(&message, slice_of(delivery->reason));
    err_t err = bus_send(postman->far_bus, &message);
    assert(err == ERR_OK); /* one message at a time */
}

static void s_work(postman_t *postman, slice_t message)
{
    unpack_t in = {message};
    slice_t order;
    delivery_t delivery = {.outcome = DELIVERY_SENT};
    bool read = unpack_u64(&in, &delivery.number) == ERR_OK && unpack_bin(&in, &order) == ERR_OK;
    assert(read);
    postman->carry(postman->ctx, order, &postman->stopping, &delivery);
    s_report(postman, &delivery);
}

static void *s_main(void *ctx)
{
    postman_t *postman = ctx;
    uint32_t peer;
    slice_t message;
    prctl(PR_SET_NAME, postman->name);
    while (!atomic_load(&postman->stopping)) {
        bus_wait(&postman->far_bus, 1, -1);
        while (!atomic_load(&postman->stopping) && bus_receive(postman->far_bus, &peer, &message))
            s_work(postman, message);
    }
    return NULL;
}

/* ---- coming and going ---- */

static err_t s_start(postman_t *postman)
{
    static atomic_uint postmen; /* a name of its own for each pair */
    snprintf(postman->name, sizeof postman->name, "postman-%u", atomic_fetch_add(&postmen, 1));
    err_t err = bus_pair_bind(postman->name, &postman->bus);
    if (err == ERR_OK)
        err = bus_pair_connect(postman->name, &postman->far_bus);
    if (err == ERR_OK && pthread_create(&postman->thread, NULL, s_main, postman) != 0)
        err = ERR_UNAVAILABLE;
    postman->started = err == ERR_OK;
    return err;
}

static void s_stop(postman_t *postman)
{
    buf_t wake = {0};
    atomic_store(&postman->stopping, true);
    if (postman->started) {
        pack_nil(&wake);
        err_t err = bus_send(postman->bus, &wake);
        assert(err == ERR_OK);
        pthread_join(postman->thread, NULL);
    }
    bus_close(&postman->bus);
    bus_close(&postman->far_bus);
}

postmen_t *postmen_new(size_t count, postman_fn *carry, const void *ctx)
{
    assert(count <= POSTMEN_MAX);
    postmen_t *postmen = mem_new(postmen_t);
    err_t err = ERR_OK;
    postmen->count = count;
    for (size_t i = 0; i < count && carry != NULL && err == ERR_OK; i++) {
        postmen->all[i].carry = carry;
        postmen->all[i].ctx = ctx;
        err = s_start(&postmen->all[i]);
    }
    if (err != ERR_OK) {
        log_error("notifier", "nothing is sent: no thread for it: %s", err_info(err)->name);
        postmen_destroy(&postmen);
    }
    return postmen;
}

void postmen_destroy(postmen_t **postmen_p)
{
    postmen_t *postmen = *postmen_p;
    if (postmen == NULL)
        return;
    *postmen_p = NULL;
    for (size_t i = 0; i < postmen->count; i++)
        s_stop(&postmen->all[i]);
    mem_free(postmen);
}

/* ---- the actor's side ---- */

bool postmen_have(const postmen_t *postmen, uint64_t number)
{
    for (size_t i = 0; i < postmen->count; i++)
        if (postmen->all[i].number == number)
            return true;
    return false;
}

bool postmen_free(const postmen_t *postmen)
{
    return postmen_have(postmen, 0);
}

void postmen_give(postmen_t *postmen, uint64_t number, slice_t order)
{
    size_t i = 0;
    buf_t message = {0};
    assert(postmen_free(postmen));
    while (postmen->all[i].number != 0)
        i++;
    pack_u64(&message, number);
    pack_bin(&message, order);
    postmen->all[i].number = number;
    if (postmen->all[i].started) {
        err_t err = bus_send(postmen->all[i].bus, &message);
        assert(err == ERR_OK); /* one message at a time */
    }
    buf_free(&message);
}

static bool s_read(slice_t message, delivery_t *ret_delivery)
{
    unpack_t in = {message};
    uint64_t outcome;
    slice_t reason;
    if (unpack_u64(&in, &ret_delivery->number) != ERR_OK || unpack_u64(&in, &outcome) != ERR_OK ||
        outcome >= DELIVERY_COUNT_ || unpack_i64(&in, &ret_delivery->wait_s) != ERR_OK ||
        unpack_str(&in, &reason) != ERR_OK)
        return false;
    ret_delivery->outcome = (delivery_outcome_t)outcome;
    snprintf(ret_delivery->reason, sizeof ret_delivery->reason, "%.*s", SLICE_ARG(reason));
    return true;
}

/* The next report; empty: there is none. */
static slice_t s_receive(const postmen_t *postmen)
{
    uint32_t peer;
    slice_t message;
    for (size_t i = 0; i < postmen->count; i++)
        if (postmen->all[i].started && bus_receive(postmen->all[i].bus, &peer, &message))
            return message;
    return (slice_t){0};
}

/* He is free again; false: nobody was on the way with this, in a re-run of other events. */
static bool s_return(postmen_t *postmen, uint64_t number)
{
    for (size_t i = 0; i < postmen->count; i++)
        if (postmen->all[i].number == number) {
            postmen->all[i].number = 0;
            return number != 0;
        }
    return false;
}

bool postmen_result(postmen_t *postmen, turn_t *turn, delivery_t *ret_delivery)
{
    slice_t message;
    do {
        if (!turn_noted(turn, &message))
            message = s_receive(postmen);
        turn_note(turn, message);
    } while (message.len > 0 &&
             !(s_read(message, ret_delivery) && s_return(postmen, ret_delivery->number)));
    return message.len > 0;
}

/* ---- for recordings ---- */

ids_t postmen_keep(const postmen_t *postmen, arena_t *arena)
{
    uint64_t *numbers = arena_alloc(arena, POSTMEN_MAX * sizeof *numbers);
    size_t count = 0;
    for (size_t i = 0; i < postmen->count; i++)
        if (postmen->all[i].number != 0)
            numbers[count++] = postmen->all[i].number;
    return (ids_t){numbers, count};
}

void postmen_restore(postmen_t *postmen, ids_t numbers)
{
    for (size_t i = 0; i < numbers.count && i < postmen->count; i++)
        postmen->all[i].number = numbers.items[i];
}
