/* main.c - the machine's limit: a bare relay of WebSocket frames.
 *
 *   kith-limit PORT [FILE]
 *
 * GET /N puts a connection into room N, and each message there goes to all of the room, its sender
 * too.  No server can do with less: one read a connection that has something to say, each message
 * framed once for all who hear it, and one send a connection and turn of the loop, of bytes that
 * the whole room shares.  Nothing is parsed, looked up or kept, there are no accounts and no limits;
 * with FILE, a turn's messages are in it and on disk before anybody hears them, which is the
 * limit of a server that promises that.  FILE is a ring, written once at the start, so that the file system
 * has nothing to note of its size or blocks when it is synced.
 *
 * It answers kith-bench, whose requests and keys are always the same, and nobody else; the first
 * unexpected thing ends it. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "schema/buf.h"
#include "schema/mem.h"
#include "tools/bench/fail.h"
#include "tools/bench/frame.h"
#include "tools/bench/swarm.h"

enum {
    ROOMS_MAX = 1 << 20,
    READ_BYTES = 256 * 1024,
    EVENTS_A_TURN = 1024,
    BACKLOG = 4096,
    MASK_BYTES = 4,
    LENGTH_16 = 126,
    BODY_MAX = 65535,
    RING_BYTES = 16 * 1024 * 1024, /* of FILE; more than the longest turn brings */
};

typedef struct room room_t;

typedef struct member {
    int fd;
    uint32_t at;  /* in its room's list */
    room_t *room; /* NULL: has not been upgraded */
    buf_t rest;   /* the beginning of a frame */
    buf_t late;   /* what the kernel did not take; epoll tells when it does */
} member_t;

struct room {
    member_t **members;
    uint32_t count;
    uint32_t size;
    buf_t said; /* this turn's frames; in the list of rooms to flush while there are any */
};

typedef struct relay {
    int epoll_fd;
    int listen_fd;
    int disk_fd; /* -1: nothing is kept */
    off_t disk_at;
    room_t *rooms;
    room_t **dirty;
    uint32_t dirty_count;
    uint8_t *in;
} relay_t;

static void s_watch(const relay_t *relay, int operation, member_t *member, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = member};
    if (epoll_ctl(relay->epoll_fd, operation, member->fd, &event) != 0)
        fail("epoll: %s", strerror(errno));
}

/* ---- Members ---- */

static void s_join(relay_t *relay, member_t *member, unsigned long number)
{
    if (number >= ROOMS_MAX)
        fail("room %lu is above %d", number, ROOMS_MAX);
    room_t *room = &relay->rooms[number];
    if (room->count == room->size) {
        room->size = room->size > 0 ? 2 * room->size : 2;
        room->members = mem_grow(room->members, room->size * sizeof(member_t *));
    }
    member->room = room;
    member->at = room->count;
    room->members[room->count++] = member;
}

static void s_leave(member_t *member)
{
    room_t *room = member->room;
    member_t *last = room != NULL ? room->members[--room->count] : NULL;
    if (last != NULL) {
        room->members[member->at] = last;
        last->at = member->at;
    }
    close(member->fd);
    buf_free(&member->rest);
    buf_free(&member->late);
    mem_free(member);
}

static void s_accept(relay_t *relay)
{
    int fd, on = 1;
    while ((fd = accept4(relay->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        member_t *member = mem_new(member_t);
        member->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        s_watch(relay, EPOLL_CTL_ADD, member, EPOLLIN);
    }
}

/* ---- Writing ---- */

/* Send, and keep what the kernel does not take.  An error is left to the next read to find. */
static void s_send(const relay_t *relay, member_t *member, slice_t bytes)
{
    if (member->late.len > 0) {
        buf_append(&member->late, bytes);
        return;
    }
    ssize_t sent = send(member->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        return;
    slice_t left = slice_from(bytes, sent > 0 ? (size_t)sent : 0);
    if (left.len == 0)
        return;
    buf_append(&member->late, left);
    s_watch(relay, EPOLL_CTL_MOD, member, EPOLLIN | EPOLLOUT);
}

static void s_send_late(const relay_t *relay, member_t *member)
{
    buf_t late = member->late;
    member->late = (buf_t){0};
    s_watch(relay, EPOLL_CTL_MOD, member, EPOLLIN);
    s_send(relay, member, buf_slice(&late));
    buf_free(&late);
}

/* ---- The disk ---- */

static void s_write(relay_t *relay, slice_t bytes)
{
    if (relay->disk_at + (off_t)bytes.len > RING_BYTES)
        relay->disk_at = 0;
    if (pwrite(relay->disk_fd, bytes.ptr, bytes.len, relay->disk_at) != (ssize_t)bytes.len)
        fail("write: %s", strerror(errno));
    relay->disk_at += (off_t)bytes.len;
}

static void s_sync(relay_t *relay)
{
    if (fdatasync(relay->disk_fd) != 0)
        fail("fdatasync: %s", strerror(errno));
}

static void s_open_disk(relay_t *relay, const char *path)
{
    relay->disk_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (relay->disk_fd < 0)
        fail("%s: %s", path, strerror(errno));
    for (int i = 0; i < RING_BYTES / READ_BYTES; i++)
        s_write(relay, slice_new(relay->in, READ_BYTES));
    s_sync(relay);
}

/* What the turn has brought, by one fdatasync. */
static void s_keep(relay_t *relay)
{
    for (uint32_t i = 0; i < relay->dirty_count; i++)
        s_write(relay, buf_slice(&relay->dirty[i]->said));
    if (relay->dirty_count > 0)
        s_sync(relay);
}

static void s_flush(relay_t *relay)
{
    if (relay->disk_fd >= 0)
        s_keep(relay);
    for (uint32_t i = 0; i < relay->dirty_count; i++) {
        room_t *room = relay->dirty[i];
        for (uint32_t at = 0; at < room->count; at++)
            s_send(relay, room->members[at], buf_slice(&room->said));
        buf_reset(&room->said);
    }
    relay->dirty_count = 0;
}

/* ---- Reading ---- */

/* "GET /N HTTP/1.1"; the key is always that of sixteen zero bytes. */
static size_t s_take_upgrade(relay_t *relay, member_t *member, slice_t bytes)
{
    static const char answer[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n";
    const uint8_t *end = memmem(bytes.ptr, bytes.len, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    if (!slice_starts(bytes, slice_of("GET /")))
        fail("not a request: %.*s", SLICE_ARG(bytes));
    s_join(relay, member, strtoul((const char *)bytes.ptr + 5, NULL, 10)); /* ends at the blank */
    s_send(relay, member, slice_of(answer));
    return (size_t)(end + 4 - bytes.ptr);
}

/* Frame the message, once for the whole room. */
static void s_say(relay_t *relay, room_t *room, uint8_t head, slice_t body, const uint8_t *mask)
{
    buf_t *said = &room->said;
    if (said->len == 0)
        relay->dirty[relay->dirty_count++] = room;
    buf_append_byte(said, head);
    if (body.len < LENGTH_16) {
        buf_append_byte(said, (uint8_t)body.len);
    } else {
        buf_append_byte(said, LENGTH_16);
        buf_append_byte(said, (uint8_t)(body.len >> 8));
        buf_append_byte(said, (uint8_t)body.len);
    }
    uint8_t *out = buf_reserve(said, body.len);
    for (size_t i = 0; i < body.len; i++)
        out[i] = body.ptr[i] ^ mask[i % MASK_BYTES];
    said->len += body.len;
}

/* One frame of a client, which is masked; 0 if it is not all there yet. */
static size_t s_take_frame(relay_t *relay, const member_t *member, slice_t bytes)
{
    if (bytes.len < 2)
        return 0;
    size_t body_len = bytes.ptr[1] & 0x7f;
    size_t head = body_len == LENGTH_16 ? 4 : 2;
    if (body_len > LENGTH_16)
        fail("a message of more than %d bytes", BODY_MAX);
    if (bytes.len < head)
        return 0;
    if (body_len == LENGTH_16)
        body_len = (size_t)bytes.ptr[2] << 8 | bytes.ptr[3];
    size_t len = head + MASK_BYTES + body_len;
    if (bytes.len < len)
        return 0;
    const uint8_t *mask = bytes.ptr + head;
    s_say(relay, member->room, bytes.ptr[0], slice_new(mask + MASK_BYTES, body_len), mask);
    return len;
}

static void s_read(relay_t *relay, member_t *member)
{
    size_t held = member->rest.len;
    buf_t in = {.data = relay->in, .size = 2 * READ_BYTES};
    buf_append(&in, buf_slice(&member->rest));
    ssize_t got = recv(member->fd, relay->in + held, READ_BYTES, 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        s_leave(member);
        return;
    }
    slice_t left = slice_new(relay->in, held + (size_t)got);
    if (member->room == NULL)
        left = slice_from(left, s_take_upgrade(relay, member, left));
    for (size_t len = 1; len > 0 && member->room != NULL; left = slice_from(left, len))
        len = s_take_frame(relay, member, left);
    member->rest.len = 0;
    buf_append(&member->rest, left);
}

/* ---- The loop ---- */

static void s_event(relay_t *relay, const struct epoll_event *event)
{
    member_t *member = event->data.ptr;
    if (member == NULL) {
        s_accept(relay);
        return;
    }
    if (event->events & EPOLLOUT)
        s_send_late(relay, member);
    if (event->events & ~(uint32_t)EPOLLOUT)
        s_read(relay, member);
}

static void s_turn(relay_t *relay)
{
    struct epoll_event events[EVENTS_A_TURN];
    int count = epoll_wait(relay->epoll_fd, events, EVENTS_A_TURN, -1);
    for (int i = 0; i < count; i++)
        s_event(relay, &events[i]);
    s_flush(relay);
}

static int s_listen(uint16_t port)
{
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {0}};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, BACKLOG) != 0)
        fail("port %u: %s", port, strerror(errno));
    return fd;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        fail("usage: kith-limit PORT [FILE]");
    signal(SIGTERM, _exit);
    uint64_t files = swarm_raise_files();
    relay_t relay = {
        .epoll_fd = epoll_create1(EPOLL_CLOEXEC),
        .listen_fd = s_listen((uint16_t)strtoul(argv[1], NULL, 10)),
        .disk_fd = -1,
        .rooms = mem_zeroed(ROOMS_MAX * sizeof(room_t)),
        .dirty = mem_zeroed(files * sizeof(room_t *)),
        .in = mem_zeroed(2 * READ_BYTES),
    };
    struct epoll_event event = {.events = EPOLLIN};
    if (argc > 2)
        s_open_disk(&relay, argv[2]);
    if (epoll_ctl(relay.epoll_fd, EPOLL_CTL_ADD, relay.listen_fd, &event) != 0)
        fail("epoll: %s", strerror(errno));
    for (;;)
        s_turn(&relay);
}
