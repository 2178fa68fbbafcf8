#include "tools/bench/swarm.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "schema/mem.h"
#include "tools/bench/clock.h"
#include "tools/bench/fail.h"
#include "tools/bench/frame.h"
#include "tools/bench/protocol.h"

enum {
    READ_BYTES = 256 * 1024,  /* one read takes what a server has coalesced, and stays in L2 */
    HELD_BYTES = 1024 * 1024, /* the longest beginning of a frame */
    OPENING_MAX = 64,         /* handshakes at once, below the smallest listen backlog (100) */
    ADDRESS_CLIENTS = 20000,  /* clients on one source address, below the 28,232 ports it has */
    EVENTS_A_TURN = 256,
    CONNECT_SECONDS = 120,
};

uint64_t swarm_raise_files(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

swarm_t *swarm_new(const swarm_plan_t *plan)
{
    swarm_t *swarm = mem_new(swarm_t);
    swarm->plan = *plan;
    swarm->nonce = (uint32_t)clock_ns() ^ (uint32_t)getpid() << 16;
    swarm->count = plan->rooms * plan->seats;
    swarm->clients = mem_zeroed(swarm->count * sizeof *swarm->clients);
    swarm->dirty = mem_zeroed(swarm->count * sizeof *swarm->dirty);
    swarm->in = mem_zeroed(HELD_BYTES + READ_BYTES);
    swarm->epoll_fd = epoll_create1(EPOLL_CLOEXEC);

    for (uint32_t i = 0; i < swarm->count; i++) {
        client_t *client = &swarm->clients[i];
        *client = (client_t){
            .swarm = swarm,
            .fd = -1,
            .number = i,
            .room = i / plan->seats,
            .seat = i % plan->seats,
        };
    }
    return swarm;
}

static void s_client_free(client_t *client)
{
    if (client->fd >= 0)
        close(client->fd);
    buf_free(&client->out);
    buf_free(&client->rest);
    buf_free(&client->fragment);
    buf_free(&client->post.frame);
    mem_free(client->token);
}

void swarm_destroy(swarm_t **swarm_p)
{
    swarm_t *swarm = TAKE(*swarm_p);
    if (swarm == NULL)
        return;
    for (uint32_t i = 0; i < swarm->count; i++)
        s_client_free(&swarm->clients[i]);
    close(swarm->epoll_fd);
    mem_free(swarm->room_ids);
    mem_free(swarm->clients);
    mem_free(swarm->dirty);
    mem_free(swarm->in);
    mem_free(swarm);
}

client_t *swarm_client(swarm_t *swarm, uint32_t room, uint32_t seat)
{
    return &swarm->clients[room * swarm->plan.seats + seat];
}

/* ---- Sending ---- */

static void s_client_watch(client_t *client, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = client};
    if (epoll_ctl(client->swarm->epoll_fd, operation, client->fd, &event) != 0)
        fail("epoll: %s", strerror(errno));
}

void client_send(client_t *client, slice_t frames)
{
    if (client->state == CLIENT_CLOSED)
        return;
    buf_append(&client->out, frames);
    if (client->dirty)
        return;
    client->dirty = true;
    client->swarm->dirty[client->swarm->dirty_count++] = client;
}

void client_send_frame(client_t *client, slice_t body)
{
    buf_t frame = {0};
    frame_write(&frame, client->swarm->plan.protocol->opcode, body);
    client_send(client, buf_slice(&frame));
    buf_free(&frame);
}

void client_post(client_t *client, uint64_t time_ns)
{
    const protocol_t *protocol = client->swarm->plan.protocol;
    post_t *post = &client->post;
    if (post->frame.len == 0)
        protocol_render(client);

    stamp_t stamp = {.sender = client->number, .seq = client->sent, .time_ns = time_ns};
    stamp_write(post->frame.data + post->stamp_at, &stamp);
    if (protocol->patch != NULL)
        protocol->patch(client, time_ns);
    client->sent += 1;
    client_send(client, buf_slice(&post->frame));
}

static void s_client_close(client_t *client)
{
    close(client->fd);
    client->fd = -1;
    client->state = CLIENT_CLOSED;
    client->swarm->closed += 1;
}

static void s_client_flush(client_t *client)
{
    client->dirty = false;
    if (client->blocked || client->state == CLIENT_CLOSED)
        return;
    slice_t left = slice_from(buf_slice(&client->out), client->out_sent);
    ssize_t sent = send(client->fd, left.ptr, left.len, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        s_client_close(client);
        return;
    }
    client->out_sent += sent > 0 ? (size_t)sent : 0;
    if (client->out_sent < client->out.len) {
        client->blocked = true;
        s_client_watch(client, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
        return;
    }
    client->out_sent = 0;
    buf_reset(&client->out);
}

static void s_swarm_flush(swarm_t *swarm)
{
    for (uint32_t i = 0; i < swarm->dirty_count; i++)
        s_client_flush(swarm->dirty[i]);
    swarm->dirty_count = 0;
}

/* ---- Connecting ---- */

/* Clients of a server on this machine share the many loopback addresses. */
static void s_bind(int fd, uint32_t number)
{
    int on = 1;

    /* Without this the port is chosen before the other end is known, and 28,000
     * clients of all servers together would be the limit. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    struct sockaddr_in source = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK + number / ADDRESS_CLIENTS),
    };
    if (bind(fd, (struct sockaddr *)&source, sizeof source) != 0)
        fail("client %u: %s", number, strerror(errno));
}

static int s_socket(const client_t *client)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("client %u: %s", client->number, strerror(errno));
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (ntohl(client->swarm->plan.server.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET)
        s_bind(fd, client->number);
    return fd;
}

static void s_client_upgrade(client_t *client)
{
    const protocol_t *protocol = client->swarm->plan.protocol;
    const struct sockaddr_in *server = &client->swarm->plan.server;
    buf_printf(&client->out, "GET ");
    if (protocol->target != NULL)
        protocol->target(client, &client->out);
    else
        buf_append_text(&client->out, "/");
    buf_printf(&client->out,
               " HTTP/1.1\r\nHost: %s:%u\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
               inet_ntoa(server->sin_addr), ntohs(server->sin_port));
    if (protocol->subprotocol != NULL)
        buf_printf(&client->out, "Sec-WebSocket-Protocol: %s\r\n", protocol->subprotocol);
    buf_append_text(&client->out, "\r\n");
}

static void s_client_start(client_t *client)
{
    client->fd = s_socket(client);
    client->state = CLIENT_UPGRADING;
    client->blocked = true; /* until the connection stands, which epoll reports as writable */
    s_client_upgrade(client);

    const struct sockaddr_in *server = &client->swarm->plan.server;
    if (connect(client->fd, (const struct sockaddr *)server, sizeof *server) != 0 &&
        errno != EINPROGRESS)
        fail("client %u: connect: %s", client->number, strerror(errno));
    s_client_watch(client, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

void client_ready(client_t *client)
{
    assert(client->state == CLIENT_GREETING);
    client->state = CLIENT_READY;
    client->swarm->ready += 1;
}

void swarm_connect(swarm_t *swarm)
{
    uint64_t deadline_ns = clock_ns() + CONNECT_SECONDS * CLOCK_SECOND_NS;
    while (swarm->ready < swarm->count) {
        while (swarm->started < swarm->count && swarm->started - swarm->ready < OPENING_MAX)
            s_client_start(&swarm->clients[swarm->started++]);
        swarm_turn(swarm, 100 * CLOCK_MS_NS);
        if (swarm->closed > 0)
            fail("the server closed a connection while %u of %u were ready", swarm->ready,
                 swarm->count);
        if (clock_ns() > deadline_ns)
            fail("%u of %u clients are ready after %d s", swarm->ready, swarm->count,
                 CONNECT_SECONDS);
    }
}

/* ---- Receiving ---- */

/* The answer to the upgrade; returns how much of `bytes` it took. */
static size_t s_take_upgrade(client_t *client, slice_t bytes)
{
    const uint8_t *end = memmem(bytes.ptr, bytes.len, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    if (!slice_starts(bytes, slice_of("HTTP/1.1 101")))
        fail("client %u: no upgrade: %.*s", client->number, SLICE_ARG(bytes));

    client->state = CLIENT_GREETING;
    if (client->swarm->plan.protocol->greet != NULL)
        client->swarm->plan.protocol->greet(client);
    return (size_t)(end + 4 - bytes.ptr);
}

/* Hand a whole message to the protocol.  Those whose packets may straddle messages leave
 * the beginning of one, which waits for the next message. */
static void s_take_message(client_t *client, const frame_t *frame)
{
    const protocol_t *protocol = client->swarm->plan.protocol;
    bool whole = client->fragment.len == 0;
    if (!whole || !frame->final)
        buf_append(&client->fragment, frame->body);
    if (!frame->final)
        return;

    slice_t bytes = whole ? frame->body : buf_slice(&client->fragment);
    slice_t left = slice_from(bytes, protocol->take(client, bytes));
    if (whole) {
        buf_append(&client->fragment, left);
        return;
    }
    memmove(client->fragment.data, left.ptr, left.len);
    client->fragment.len = left.len;
}

static void s_take_frame(client_t *client, const frame_t *frame)
{
    switch (frame->opcode) {
    case FRAME_PING: {
        buf_t pong = {0};
        frame_write(&pong, FRAME_PONG, frame->body);
        client_send(client, buf_slice(&pong));
        buf_free(&pong);
        return;
    }
    case FRAME_PONG:
        return;
    case FRAME_CLOSE:
        if (client->swarm->closed == 0 && frame->body.len >= 2)
            fprintf(stderr, "%s: client %u was closed with %d\n", program_invocation_short_name,
                    client->number, frame->body.ptr[0] << 8 | frame->body.ptr[1]);
        return; /* the end of the stream follows */
    default:
        s_take_message(client, frame);
    }
}

static size_t s_take_bytes(client_t *client, slice_t bytes)
{
    size_t taken = client->state == CLIENT_UPGRADING ? s_take_upgrade(client, bytes) : 0;
    if (client->state == CLIENT_UPGRADING)
        return taken;

    frame_t frame;
    for (size_t len; (len = frame_read(slice_from(bytes, taken), &frame)) > 0; taken += len)
        s_take_frame(client, &frame);
    return taken;
}

static void s_client_read(client_t *client)
{
    swarm_t *swarm = client->swarm;
    size_t held = client->rest.len;
    if (held > HELD_BYTES)
        fail("client %u: a frame of more than %d bytes", client->number, HELD_BYTES);
    memcpy(swarm->in, client->rest.data ? client->rest.data : swarm->in, held);

    ssize_t got = recv(client->fd, swarm->in + held, READ_BYTES, 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        s_client_close(client);
        return;
    }
    swarm->now_ns = clock_ns();
    slice_t bytes = slice_new(swarm->in, held + (size_t)got);
    slice_t left = slice_from(bytes, s_take_bytes(client, bytes));
    client->rest.len = 0;
    buf_append(&client->rest, left);
}

static void s_client_turn(client_t *client, uint32_t events)
{
    if (client->state == CLIENT_CLOSED)
        return; /* since epoll_wait returned */
    if (client->blocked && (events & EPOLLOUT)) {
        client->blocked = false;
        s_client_watch(client, EPOLL_CTL_MOD, EPOLLIN);
        s_client_flush(client);
    }
    if (client->state != CLIENT_CLOSED && (events & ~(uint32_t)EPOLLOUT))
        s_client_read(client);
}

void swarm_turn(swarm_t *swarm, uint64_t wait_ns)
{
    /* What the caller queued since the last turn must not wait for input. */
    s_swarm_flush(swarm);
    struct epoll_event events[EVENTS_A_TURN];
    struct timespec wait = {
        .tv_sec = (time_t)(wait_ns / CLOCK_SECOND_NS),
        .tv_nsec = (long)(wait_ns % CLOCK_SECOND_NS),
    };
    int count = epoll_pwait2(swarm->epoll_fd, events, EVENTS_A_TURN, &wait, NULL);
    for (int i = 0; i < count; i++) {
        s_client_turn(events[i].data.ptr, events[i].events);
        s_swarm_flush(swarm);
    }
}

void swarm_idle(swarm_t *swarm, uint64_t span_ns)
{
    uint64_t end_ns = clock_ns() + span_ns;
    for (uint64_t now_ns; (now_ns = clock_ns()) < end_ns;)
        swarm_turn(swarm, end_ns - now_ns);
}
