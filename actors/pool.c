/* pool.c - a pair of buses with a thread behind it.
 *
 *   actor's thread                            worker's thread
 *   pool_submit ── [ticket, kind, password, verifier] ──> s_work (one at a time)
 *   pool_result <── [ticket, kind, fits, verifier] ─────────┘
 *
 * One worker, because an Argon2 takes 64 MiB and a whole core: two at a time would
 * starve a small machine without finishing sooner.
 *
 * A message over inproc is handed on, not copied, so wiping it where it arrives
 * wipes the only copy that the pool ever made of a password. */
#include "actors/pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "actors/crypto.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum { NAME_SIZE = 64, HEADERS_SIZE = 32 /* of a message's four values, at most */ };

struct pool {
    bus_t *bus;        /* the actor's end */
    bus_t *worker_bus; /* the worker's end, touched by nobody else while it runs */
    pthread_t thread;
    char name[NAME_SIZE]; /* of the pair, and of the thread as far as it fits */
    crypto_cost_t cost;
    size_t open; /* orders whose results have not been taken */
    atomic_bool stopping;
};

/* ---- the worker's thread ---- */

static work_result_t s_hash(const pool_t *pool, slice_t password,
                            char verifier[CRYPTO_VERIFIER_SIZE])
{
    if (crypto_password_hash(password, pool->cost, verifier) != ERR_OK)
        return (work_result_t){.kind = WORK_HASH}; /* no memory: the actor refuses */
    return (work_result_t){.kind = WORK_HASH, .verifier = slice_of(verifier)};
}

static work_result_t s_verify(const pool_t *pool, slice_t password, slice_t verifier)
{
    slice_t against = verifier.len > 0 ? verifier : crypto_password_nobody(pool->cost);
    bool fits = crypto_password_fits(password, against) && verifier.len > 0;
    return (work_result_t){WORK_VERIFY, fits, verifier};
}

static void s_give(pool_t *pool, uint64_t ticket, const work_result_t *result)
{
    buf_t message = {0};
    pack_u64(&message, ticket);
    pack_u64(&message, result->kind);
    pack_bool(&message, result->fits);
    pack_str(&message, result->verifier);
    err_t err = bus_send(pool->worker_bus, &message);
    assert(err == ERR_OK); /* the bus holds far more than POOL_QUEUE messages */
}

static void s_work(pool_t *pool, slice_t message)
{
    uint64_t ticket, kind;
    slice_t password, verifier;
    char fresh[CRYPTO_VERIFIER_SIZE];
    unpack_t in = {message};
    bool read = unpack_u64(&in, &ticket) == ERR_OK && unpack_u64(&in, &kind) == ERR_OK &&
                unpack_bin(&in, &password) == ERR_OK && unpack_str(&in, &verifier) == ERR_OK;
    assert(read);

    work_result_t result =
        kind == WORK_HASH ? s_hash(pool, password, fresh) : s_verify(pool, password, verifier);
    s_give(pool, ticket, &result);
}

/* Orders that are left when the pool stops are wiped like the others. */
static void *s_main(void *ctx)
{
    pool_t *pool = ctx;
    uint32_t peer;
    slice_t message;
    prctl(PR_SET_NAME, pool->name);
    while (!atomic_load(&pool->stopping)) {
        bus_wait(&pool->worker_bus, 1, -1);
        while (bus_receive(pool->worker_bus, &peer, &message)) {
            if (!atomic_load(&pool->stopping))
                s_work(pool, message);
            crypto_wipe((void *)(uintptr_t)message.ptr, message.len);
        }
    }
    return NULL;
}

/* ---- the actor's side ---- */

static void s_free(pool_t *pool)
{
    bus_close(&pool->bus);
    bus_close(&pool->worker_bus);
    mem_free(pool);
}

err_t pool_start(const char *name, bool weak, pool_t **ret_pool)
{
    static atomic_uint pools; /* a name of its own for each pair: a closed one lingers */
    pool_t *pool = mem_new(pool_t);
    pool->cost = weak ? CRYPTO_COST_TEST : CRYPTO_COST_INTERACTIVE;
    snprintf(pool->name, sizeof pool->name, "%s.pool-%u", name, atomic_fetch_add(&pools, 1));

    err_t err = bus_pair_bind(pool->name, &pool->bus);
    if (err == ERR_OK)
        err = bus_pair_connect(pool->name, &pool->worker_bus);
    if (err == ERR_OK && pthread_create(&pool->thread, NULL, s_main, pool) != 0)
        err = ERR_UNAVAILABLE;
    if (err == ERR_OK)
        *ret_pool = TAKE(pool);
    else
        s_free(pool);
    return err;
}

void pool_stop(pool_t **pool_p)
{
    pool_t *pool = *pool_p;
    if (pool == NULL)
        return;
    *pool_p = NULL;
    atomic_store(&pool->stopping, true);
    buf_t wake = {0};
    pack_nil(&wake);
    err_t err = bus_send(pool->bus, &wake);
    assert(err == ERR_OK);
    pthread_join(pool->thread, NULL);
    s_free(pool);
}

err_t pool_submit(pool_t *pool, uint64_t ticket, work_kind_t kind, slice_t password,
                  slice_t verifier)
{
    if (pool->open == POOL_QUEUE)
        return ERR_UNAVAILABLE;
    buf_t message = {0};
    buf_reserve(&message, password.len + verifier.len + HEADERS_SIZE); /* never moved */
    pack_u64(&message, ticket);
    pack_u64(&message, kind);
    pack_bin(&message, password);
    pack_str(&message, verifier);
    err_t err = bus_send(pool->bus, &message);
    assert(err == ERR_OK);
    pool->open++;
    return ERR_OK;
}

bool pool_result(pool_t *pool, uint64_t *ret_ticket, work_result_t *ret_result)
{
    uint32_t peer;
    uint64_t kind;
    slice_t message;
    if (!bus_receive(pool->bus, &peer, &message))
        return false;

    unpack_t in = {message};
    bool read = unpack_u64(&in, ret_ticket) == ERR_OK && unpack_u64(&in, &kind) == ERR_OK &&
                unpack_bool(&in, &ret_result->fits) == ERR_OK &&
                unpack_str(&in, &ret_result->verifier) == ERR_OK;
    assert(read);
    ret_result->kind = (work_kind_t)kind;
    pool->open--;
    return true;
}

bus_t *pool_bus(const pool_t *pool)
{
    return pool->bus;
}
