/* bus.c - ZeroMQ through czmq's sockets and raw messages.
 *
 * czmq makes and ends the sockets; messages go through zmq_msg directly, since a
 * zmsg costs an allocation a frame and the bus is in the path of everything.
 * Queues inside ZeroMQ are bounded (QUEUE_MESSAGES, whole batches each) and a
 * full one is an answer: nothing is dropped silently (ROUTER_MANDATORY).
 *
 * A ROUTER names a peer that did not name itself by a zero byte and a 32-bit
 * number; that number is our peer number.  Peers that choose a name are not
 * listened to.
 *
 * To ask ZeroMQ whether a socket has something costs two system calls, and a thread has up to a
 * dozen sockets of which one has: so they are asked only if they may have.  Once a socket has said
 * that it is empty, whatever comes makes its descriptor readable; sending takes such signs in, so
 * after that it is asked again.
 *
 * The guard speaks ZAP (ZeroMQ RFC 27): libzmq asks it from its own thread before a
 * handshake ends.  ZAP_ENFORCE_DOMAIN makes a missing guard a refusal. */
#include "actors/bus.h"

#include <assert.h>
#include <czmq.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "actors/log.h"
#include "schema/limits.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum { QUEUE_MESSAGES = 4096, NAME_SIZE = 5, LINGER_MS = 1000, WAIT_MAX = 12 };

/* For each bot. */
enum { BOT_QUEUE_MESSAGES = 64, BOT_MESSAGE_MAX = 1024 * 1024 };

/* What the guard is told of a door. */
static const char s_house_domain[] = "kith", s_bots_domain[] = "bots";

/* A message is a turn's worth of envelopes; no peer sends more at once. */
enum { MESSAGE_MAX = 16 * LIMIT_ENVELOPE };

/* ThreadSanitizer does not see how ZeroMQ hands a message from thread to thread, so
 * it is told: what was written before the send is there after the receive. */
#if defined(__SANITIZE_THREAD__)
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define HAND_OVER(address) __tsan_release(address)
#define TAKE_OVER(address) __tsan_acquire(address)
#else
#define HAND_OVER(address) (void)(address)
#define TAKE_OVER(address) (void)(address)
#endif

struct bus {
    zsock_t *sock;
    void *handle;    /* the same, for zmq_* */
    int fd;          /* readable when something may have come */
    int type;        /* ZMQ_* */
    bool router;     /* messages carry a peer's name in front */
    bool empty;      /* what comes from here on makes `fd` readable … */
    bool silent;     /* … and when it was last waited for it was not */
    char *endpoint;  /* of a peer's side, to connect again */
    keyring_t keys;  /* the same; all zero: none */
    zmq_msg_t asker; /* the guard's: the request that it has to answer */
    zmq_msg_t last;  /* whose bytes the caller holds */
};

void bus_start(void)
{
    zsys_init();
    zsys_handler_set(NULL);
    zsys_set_linger(LINGER_MS);
    zsys_set_max_sockets(0);
}

void bus_stop(void)
{
    zsys_shutdown();
}

static void s_open_socket(bus_t *bus)
{
    bus->sock = zsock_new(bus->type);
    assert(bus->sock != NULL);
    bus->handle = zsock_resolve(bus->sock);
    bus->fd = zsock_fd(bus->sock);
    bus->empty = bus->silent = false;
    zsock_set_sndhwm(bus->sock, QUEUE_MESSAGES);
    zsock_set_rcvhwm(bus->sock, QUEUE_MESSAGES);
    zsock_set_maxmsgsize(bus->sock, MESSAGE_MAX);
    if (bus->router)
        zsock_set_router_mandatory(bus->sock, 1);
}

static bus_t *s_new(int type)
{
    bus_t *bus = mem_new(bus_t);
    bus->type = type;
    bus->router = type == ZMQ_ROUTER;
    zmq_msg_init(&bus->last);
    zmq_msg_init(&bus->asker);
    s_open_socket(bus);
    return bus;
}

/* Hand the bus over if the step went well; otherwise close it and say why. */
static err_t s_opened(bus_t *bus, int rc, const char *endpoint, bus_t **ret_bus)
{
    if (rc < 0) {
        log_error("bus", "%s: %s", endpoint, zmq_strerror(errno));
        bus_close(&bus);
        return ERR_UNAVAILABLE;
    }
    *ret_bus = bus;
    return ERR_OK;
}

bool bus_is_keyed(const char *endpoint)
{
    return strncmp(endpoint, "inproc:", 7) != 0 && strncmp(endpoint, "ipc:", 4) != 0;
}

static err_t s_bind(bus_t *bus, const char *endpoint, const key_pair_t *own, const char *domain,
                    bus_t **ret_bus)
{
    if (bus_is_keyed(endpoint)) {
        assert(own != NULL);
        zsock_set_curve_server(bus->sock, 1);
        zsock_set_curve_secretkey(bus->sock, own->secret_key);
        zsock_set_zap_domain(bus->sock, domain);
        zsock_set_zap_enforce_domain(bus->sock, 1);
    }
    return s_opened(bus, zsock_bind(bus->sock, "%s", endpoint), endpoint, ret_bus);
}

err_t bus_bind(const char *endpoint, const key_pair_t *own, bus_t **ret_bus)
{
    return s_bind(s_new(ZMQ_ROUTER), endpoint, own, s_house_domain, ret_bus);
}

err_t bus_bind_bots(const char *endpoint, const key_pair_t *own, bus_t **ret_bus)
{
    bus_t *bus = s_new(ZMQ_ROUTER);
    zsock_set_sndhwm(bus->sock, BOT_QUEUE_MESSAGES);
    zsock_set_rcvhwm(bus->sock, BOT_QUEUE_MESSAGES);
    zsock_set_maxmsgsize(bus->sock, BOT_MESSAGE_MAX);
    return s_bind(bus, endpoint, own, s_bots_domain, ret_bus);
}

static int s_connect(bus_t *bus)
{
    if (bus_is_keyed(bus->endpoint)) {
        zsock_set_curve_publickey(bus->sock, bus->keys.own.public_key);
        zsock_set_curve_secretkey(bus->sock, bus->keys.own.secret_key);
        zsock_set_curve_serverkey(bus->sock, bus->keys.broker);
    }
    return zsock_connect(bus->sock, "%s", bus->endpoint);
}

err_t bus_connect(const char *endpoint, const keyring_t *keys, bus_t **ret_bus)
{
    bus_t *bus = s_new(ZMQ_DEALER);
    if (keys == NULL && bus_is_keyed(endpoint)) {
        log_error("bus", "%s wants keys", endpoint);
        bus_close(&bus);
        return ERR_INVALID;
    }
    bus->endpoint = mem_text(endpoint);
    if (keys != NULL)
        bus->keys = *keys;
    return s_opened(bus, s_connect(bus), endpoint, ret_bus);
}

err_t bus_renew(bus_t *bus)
{
    assert(bus->endpoint != NULL);
    zsock_set_linger(bus->sock, 0);
    zsock_destroy(&bus->sock);
    s_open_socket(bus);
    if (s_connect(bus) == 0)
        return ERR_OK;
    log_error("bus", "%s: %s", bus->endpoint, zmq_strerror(errno));
    return ERR_UNAVAILABLE;
}

err_t bus_pair_bind(const char *name, bus_t **ret_bus)
{
    bus_t *bus = s_new(ZMQ_PAIR);
    return s_opened(bus, zsock_bind(bus->sock, "inproc://%s", name), name, ret_bus);
}

err_t bus_pair_connect(const char *name, bus_t **ret_bus)
{
    bus_t *bus = s_new(ZMQ_PAIR);
    return s_opened(bus, zsock_connect(bus->sock, "inproc://%s", name), name, ret_bus);
}

void bus_close(bus_t **bus_p)
{
    if (*bus_p == NULL)
        return;
    zmq_msg_close(&(*bus_p)->last);
    zmq_msg_close(&(*bus_p)->asker);
    zsock_destroy(&(*bus_p)->sock);
    explicit_bzero(&(*bus_p)->keys, sizeof(*bus_p)->keys);
    mem_free((*bus_p)->endpoint);
    mem_free(*bus_p);
    *bus_p = NULL;
}

static void s_release(void *data, void *hint)
{
    (void)hint;
    TAKE_OVER(data);
    mem_free(data);
}

/* ZeroMQ's error as ours. */
static err_t s_refused(void)
{
    return errno == EHOSTUNREACH ? ERR_NOT_FOUND : ERR_UNAVAILABLE;
}

err_t bus_send(bus_t *bus, buf_t *message)
{
    zmq_msg_t msg;
    bus->empty = false;
    HAND_OVER(message->data);
    if (zmq_msg_init_data(&msg, message->data, message->len, s_release, NULL) != 0)
        mem_lack(message->len);
    if (zmq_msg_send(&msg, bus->handle, ZMQ_DONTWAIT) >= 0) {
        *message = (buf_t){0};
        return ERR_OK;
    }
    /* The message would free the caller's bytes with itself: give it a copy's fate. */
    err_t err = s_refused();
    buf_t kept = {0};
    buf_append(&kept, buf_slice(message));
    zmq_msg_close(&msg);
    *message = kept;
    return err;
}

err_t bus_send_to(bus_t *bus, uint32_t peer, buf_t *message)
{
    assert(bus->router);
    uint8_t name[NAME_SIZE] = {0};
    wide_put32(name + 1, peer);
    bus->empty = false;
    if (zmq_send(bus->handle, name, NAME_SIZE, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
        return s_refused();
    return bus_send(bus, message);
}

/* The peer's number from its name frame; 0 for a name that a peer chose itself. */
static uint32_t s_peer(const zmq_msg_t *msg)
{
    const uint8_t *name = zmq_msg_data((zmq_msg_t *)(uintptr_t)msg);
    if (zmq_msg_size((zmq_msg_t *)(uintptr_t)msg) != NAME_SIZE || name[0] != 0)
        return 0;
    return wide_get32(name + 1);
}

/* The next message, or the first part of it. */
static bool s_next(bus_t *bus)
{
    if (bus->silent)
        return false;
    bus->empty = zmq_msg_recv(&bus->last, bus->handle, ZMQ_DONTWAIT) < 0;
    return !bus->empty;
}

static void s_drop_rest(bus_t *bus)
{
    while (zmq_msg_more(&bus->last) && zmq_msg_recv(&bus->last, bus->handle, ZMQ_DONTWAIT) >= 0)
        ;
}

bool bus_receive(bus_t *bus, uint32_t *ret_peer, slice_t *ret_message)
{
    while (s_next(bus)) {
        uint32_t peer = 0;
        if (bus->router) {
            peer = s_peer(&bus->last);
            if (!zmq_msg_more(&bus->last) ||
                zmq_msg_recv(&bus->last, bus->handle, ZMQ_DONTWAIT) < 0)
                continue;
        }
        bool whole = !zmq_msg_more(&bus->last);
        s_drop_rest(bus);
        if (!whole || (bus->router && peer == 0))
            continue;
        *ret_peer = peer;
        *ret_message = slice_new(zmq_msg_data(&bus->last), zmq_msg_size(&bus->last));
        TAKE_OVER(zmq_msg_data(&bus->last));
        return true;
    }
    return false;
}

const char *bus_sender(const bus_t *bus)
{
    return zmq_msg_gets(&bus->last, "User-Id");
}

/* ---- the guard ---- */

err_t bus_guard_open(bus_t **ret_guard)
{
    static const char endpoint[] = "inproc://zeromq.zap.01";
    bus_t *guard = s_new(ZMQ_REP);
    return s_opened(guard, zsock_bind(guard->sock, "%s", endpoint), endpoint, ret_guard);
}

static bool s_last_is(bus_t *bus, const char *text)
{
    return slice_is(slice_new(zmq_msg_data(&bus->last), zmq_msg_size(&bus->last)), text);
}

/* A request: version, its number, domain, address, identity, mechanism, credentials. */
bool bus_guard_next(bus_t *guard, bus_stranger_t *ret_stranger)
{
    enum { NUMBER = 1, DOMAIN = 2, CREDENTIALS = 6 };
    if (!s_next(guard))
        return false;
    int part = 0;
    *ret_stranger = (bus_stranger_t){0}; /* no key fits "": whoever shows none is refused */
    for (; zmq_msg_more(&guard->last) && part < CREDENTIALS; part++) {
        if (part == NUMBER)
            zmq_msg_copy(&guard->asker, &guard->last);
        if (part == DOMAIN)
            ret_stranger->bot = s_last_is(guard, s_bots_domain);
        zmq_msg_recv(&guard->last, guard->handle, ZMQ_DONTWAIT);
    }
    bool curve = part == CREDENTIALS && zmq_msg_size(&guard->last) == KEY_SIZE;
    if (curve)
        zmq_z85_encode(ret_stranger->key, zmq_msg_data(&guard->last), KEY_SIZE);
    s_drop_rest(guard);
    return true;
}

/* version, number, status, its text, user, metadata */
static void s_guard_say(bus_t *guard, const char *status, const char *user)
{
    zmq_send(guard->handle, "1.0", 3, ZMQ_SNDMORE);
    zmq_msg_send(&guard->asker, guard->handle, ZMQ_SNDMORE);
    zmq_send(guard->handle, status, 3, ZMQ_SNDMORE);
    zmq_send(guard->handle, "", 0, ZMQ_SNDMORE);
    zmq_send(guard->handle, user, strlen(user), ZMQ_SNDMORE);
    zmq_send(guard->handle, "", 0, 0);
}

void bus_guard_answer(bus_t *guard, const char *name)
{
    s_guard_say(guard, name != NULL ? "200" : "400", name != NULL ? name : "");
}

/* The connection is closed without a word, and ZeroMQ's own clients connect again. */
void bus_guard_put_off(bus_t *guard)
{
    s_guard_say(guard, "300", "");
}

int bus_fd(const bus_t *bus)
{
    return bus->fd;
}

/* Whether there is a message that its descriptor may not tell of. */
static bool s_holds(bus_t *bus)
{
    int events = 0;
    size_t size = sizeof events;
    if (bus->empty)
        return false;
    bool asked = zmq_getsockopt(bus->handle, ZMQ_EVENTS, &events, &size) == 0;
    bus->empty = asked && !(events & ZMQ_POLLIN);
    return !bus->empty;
}

void bus_wait(bus_t *const *buses, size_t count, int timeout_ms)
{
    struct pollfd items[WAIT_MAX];
    bool ready = false;
    assert(count <= WAIT_MAX);
    for (size_t i = 0; i < count; i++) {
        ready = s_holds(buses[i]) || ready;
        items[i] = (struct pollfd){.fd = buses[i]->fd, .events = POLLIN};
    }
    poll(items, count, ready ? 0 : timeout_ms);
    for (size_t i = 0; i < count; i++)
        buses[i]->silent = buses[i]->empty && items[i].revents == 0;
}
