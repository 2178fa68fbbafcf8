/* pool.c - a pair of buses with a thread behind it.
 *
 *   actor's thread                            worker's thread
 *   pool_submit ── [ticket, kind, password, hashed, verifiers] ──> s_work (one at a time)
 *   pool_result <── [ticket, kind, fits, verifiers] ────────────────┘
 *
 * One worker, because an Argon2 takes 64 MiB and a whole core: two at a time would
 * starve a small machine without finishing sooner.
 *
 * Some clients send the MD5 of a password in its place, in hex.  Where those are let in,
 * a password has two verifiers: its own, and one of its MD5.  What does not fit the first is
 * held against the second, as it came from such a client and by its MD5 from any other, so
 * that an account is one whatever it was made with.  To do so whosever the password is, and
 * whether there is a second one or not, takes always the same time.
 *
 * A message over inproc is handed on, not copied, so wiping it where it arrives
 * wipes the only copy that the pool ever made of a password. */
#include "actors/pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "actors/crypto.h"
#include "actors/md5.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum {
    NAME_SIZE = 64,
    HEADERS_SIZE = 40,           /* of a message's six values, at most */
    MD5_HEX_SIZE = 2 * MD5_SIZE, /* characters */
};

struct pool {
    bus_t *bus;        /* the actor's end */
    bus_t *worker_bus; /* the worker's end, touched by nobody else while it runs */
    pthread_t thread;
    char name[NAME_SIZE]; /* of the pair, and of the thread as far as it fits */
    crypto_cost_t cost;
    bool md5_clients;
    size_t open;     /* orders whose results have not been taken */
    uint64_t orders; /* ever */
    atomic_bool stopping;
};

/* ---- the worker's thread ---- */

/* The MD5 of a password in hex; wiped by whoever has it. */
typedef struct md5_hex {
    uint8_t text[MD5_HEX_SIZE];
} md5_hex_t;

static bool s_md5_hex(slice_t password, md5_hex_t *ret_hex)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t hash[MD5_SIZE];
    if (!md5(password, hash))
        return false;
    for (size_t i = 0; i < MD5_SIZE; i++) {
        ret_hex->text[2 * i] = (uint8_t)digits[hash[i] >> 4];
        ret_hex->text[2 * i + 1] = (uint8_t)digits[hash[i] & 15];
    }
    explicit_bzero(hash, sizeof hash);
    return true;
}

static bool s_is_md5_hex(slice_t text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr("0123456789abcdef", text.ptr[i]) == NULL || text.ptr[i] == '\0')
            return false;
    return text.len == MD5_HEX_SIZE;
}

/* Two verifiers, as text. */
typedef struct fresh {
    char own[CRYPTO_VERIFIER_SIZE];
    char md5[CRYPTO_VERIFIER_SIZE];
} fresh_t;

/* What came hashed is its own second verifier: the password itself nobody has told us. */
static void s_hash_md5(const pool_t *pool, const work_t *work, fresh_t *fresh)
{
    md5_hex_t hex;
    if (work->hashed && s_is_md5_hex(work->password)) {
        memcpy(fresh->md5, fresh->own, sizeof fresh->md5);
        return;
    }
    if (!s_md5_hex(work->password, &hex) ||
        crypto_password_hash(slice_new(hex.text, MD5_HEX_SIZE), pool->cost, fresh->md5) != ERR_OK)
        fresh->md5[0] = '\0'; /* such clients do not get in, others do */
    explicit_bzero(&hex, sizeof hex);
}

static work_result_t s_hash(const pool_t *pool, const work_t *work, fresh_t *fresh)
{
    *fresh = (fresh_t){0};
    if (crypto_password_hash(work->password, pool->cost, fresh->own) != ERR_OK)
        return (work_result_t){.kind = WORK_HASH}; /* no memory: the actor refuses */
    if (pool->md5_clients)
        s_hash_md5(pool, work, fresh);
    return (work_result_t){
        .kind = WORK_HASH,
        .verifier = slice_of(fresh->own),
        .md5_verifier = slice_of(fresh->md5),
    };
}

static bool s_fits(const pool_t *pool, slice_t password, slice_t verifier)
{
    slice_t against = verifier.len > 0 ? verifier : crypto_password_nobody(pool->cost);
    return crypto_password_fits(password, against) && verifier.len > 0;
}

static bool s_fits_md5(const pool_t *pool, const work_t *work)
{
    md5_hex_t hex;
    if (work->hashed)
        return s_fits(pool, work->password, work->md5_verifier);
    bool fits = s_md5_hex(work->password, &hex) &&
                s_fits(pool, slice_new(hex.text, MD5_HEX_SIZE), work->md5_verifier);
    explicit_bzero(&hex, sizeof hex);
    return fits;
}

static work_result_t s_verify(const pool_t *pool, const work_t *work)
{
    bool fits = s_fits(pool, work->password, work->verifier) ||
                (pool->md5_clients && s_fits_md5(pool, work));
    return (work_result_t){.kind = WORK_VERIFY, .fits = fits, .verifier = work->verifier};
}

static void s_give(pool_t *pool, uint64_t ticket, const work_result_t *result)
{
    buf_t message = {0};
    pack_u64(&message, ticket);
    pack_u64(&message, result->kind);
    pack_bool(&message, result->fits);
    pack_str(&message, result->verifier);
    pack_str(&message, result->md5_verifier);
    err_t err = bus_send(pool->worker_bus, &message);
    assert(err == ERR_OK); /* the bus holds far more than POOL_QUEUE messages */
}

static void s_work(pool_t *pool, slice_t message)
{
    uint64_t ticket, kind;
    work_t work;
    fresh_t fresh;
    unpack_t in = {message};
    bool read =
        unpack_u64(&in, &ticket) == ERR_OK && unpack_u64(&in, &kind) == ERR_OK &&
        unpack_bin(&in, &work.password) == ERR_OK && unpack_bool(&in, &work.hashed) == ERR_OK &&
        unpack_str(&in, &work.verifier) == ERR_OK && unpack_str(&in, &work.md5_verifier) == ERR_OK;
    assert(read);
    work.kind = (work_kind_t)kind;
    work_result_t result =
        work.kind == WORK_HASH ? s_hash(pool, &work, &fresh) : s_verify(pool, &work);
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

err_t pool_start(const char *name, const pool_options_t *options, pool_t **ret_pool)
{
    static atomic_uint pools; /* a name of its own for each pair: a closed one lingers */
    pool_t *pool = mem_new(pool_t);
    pool->cost = options->weak ? CRYPTO_COST_TEST : CRYPTO_COST_INTERACTIVE;
    pool->md5_clients = options->md5_clients;
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

err_t pool_submit(pool_t *pool, uint64_t ticket, const work_t *work)
{
    if (pool->open == POOL_QUEUE)
        return ERR_UNAVAILABLE;
    buf_t message = {0};
    buf_reserve(&message, work->password.len + work->verifier.len + work->md5_verifier.len +
                              HEADERS_SIZE); /* never moved */
    pack_u64(&message, ticket);
    pack_u64(&message, work->kind);
    pack_bin(&message, work->password);
    pack_bool(&message, work->hashed);
    pack_str(&message, work->verifier);
    pack_str(&message, work->md5_verifier);
    err_t err = bus_send(pool->bus, &message);
    assert(err == ERR_OK);
    pool->open++;
    pool->orders++;
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
                unpack_str(&in, &ret_result->verifier) == ERR_OK &&
                unpack_str(&in, &ret_result->md5_verifier) == ERR_OK;
    assert(read);
    ret_result->kind = (work_kind_t)kind;
    pool->open--;
    return true;
}

uint64_t pool_orders(const pool_t *pool)
{
    return pool->orders;
}

bus_t *pool_bus(const pool_t *pool)
{
    return pool->bus;
}
