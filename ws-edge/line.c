/* line.c - the plain TCP door.
 *
 * A client may end its own side behind the object that it says, and still hears: scripts do
 * so.  Whether it has gone altogether then shows only as the kernel finds nobody who takes a
 * frame or a keepalive, so such connections are looked at now and then.
 *
 * Invariants: a line is in the list of its state, ordered by when it is due (the end of
 * HAILING or CLOSING, the next look of OPEN); it is in `dirty` only if there is something to
 * do at the turn's end; nothing is queued in CLOSING that was not before.  Lines end in the
 * loop's own callbacks, never inside line_send and line_close. */
#include "ws-edge/line.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws-edge/hail.h"
#include "ws-edge/socket_queue.h"

enum {
    READ_SIZE = 4096,
    GATHER_MAX = 128 * 1024, /* bytes in one write */
    LOOK_MS = 5000,
    PROBE_S = 5, /* between keepalives that nobody answers */
};

typedef enum line_state { LINE_HAILING, LINE_OPEN, LINE_CLOSING, LINE_STATES } line_state_t;

struct line {
    TAILQ_ENTRY(line) in_state;
    TAILQ_ENTRY(line) in_dirty;
    lines_t *lines;
    watch_t *watch;
    peer_t *peer;
    void *user; /* NULL until on_line */
    int fd;
    line_state_t state;
    bool ended;   /* the client says no more */
    bool blocked; /* the kernel takes no more for now */
    bool dirty;
    address_t address;
    uint64_t due_us;
    buf_t hail; /* so far */
    queue_t queue;
    uint64_t filled_us; /* when it last began to fill, or something was lost */
    bool lossy;         /* something that was queued, or was to be, will never be sent */
    size_t taken;       /* bytes of the oldest frame that the kernel has */
};

TAILQ_HEAD(line_list, line);

struct lines {
    loop_t *loop;
    server_options_t options;
    server_events_t events;
    peers_t *peers;
    struct line_list in[LINE_STATES];
    struct line_list dirty;
    size_t count;
    uint64_t slow;       /* closed for reading too slowly, so far */
    gathered_t gathered; /* output */
};

/* ---- states ---- */

static void s_move(line_t *line, line_state_t state, unsigned due_ms)
{
    lines_t *lines = line->lines;
    TAILQ_REMOVE(&lines->in[line->state], line, in_state);
    line->state = state;
    line->due_us = loop_now_us(lines->loop) + due_ms * UINT64_C(1000);
    TAILQ_INSERT_TAIL(&lines->in[state], line, in_state);
}

static void s_mark_dirty(line_t *line)
{
    if (line->dirty)
        return;
    line->dirty = true;
    TAILQ_INSERT_TAIL(&line->lines->dirty, line, in_dirty);
    loop_again(line->lines->loop);
}

static void s_clean(line_t *line)
{
    if (line->dirty)
        TAILQ_REMOVE(&line->lines->dirty, line, in_dirty);
    line->dirty = false;
}

static void s_want(line_t *line)
{
    unsigned read = line->ended ? WATCH_NOTHING : WATCH_READ;
    watch_want(line->watch, read | (line->blocked ? WATCH_WRITE : WATCH_NOTHING));
}

/* What is queued goes nowhere any more. */
static void s_lose(line_t *line)
{
    line->lossy = line->lossy || line->queue.count > 0;
    queue_drop(&line->queue, line->queue.count);
    line->taken = 0;
}

static void s_end(line_t *line)
{
    lines_t *lines = line->lines;
    TAILQ_REMOVE(&lines->in[line->state], line, in_state);
    s_clean(line);
    watch_close(&line->watch);
    close(line->fd);
    peers_leave(lines->peers, &line->peer);
    s_lose(line);
    buf_free(&line->hail);
    lines->count--;
    if (line->user != NULL)
        lines->events.on_closed(line->user, CLOSED_ABNORMALLY);
    mem_free(line);
}

static void s_cut_off(line_t *line)
{
    s_lose(line);
    s_move(line, LINE_CLOSING, 0);
    s_mark_dirty(line);
}

/* ---- writing ---- */

static void s_drop_taken(line_t *line, size_t more)
{
    line->taken += more;
    while (line->queue.count > 0 && line->taken >= queue_first(&line->queue).len) {
        line->taken -= queue_first(&line->queue).len;
        queue_drop(&line->queue, 1);
    }
}

static void s_write(line_t *line)
{
    while (line->queue.count > 0 && !line->blocked) {
        uint32_t count;
        slice_t all = queue_gather(&line->queue, GATHER_MAX, &line->lines->gathered, &count);
        slice_t bytes = slice_from(all, line->taken);
        ssize_t sent = send(line->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            s_cut_off(line);
            return;
        }
        s_drop_taken(line, sent > 0 ? (size_t)sent : 0);
        line->blocked = sent < (ssize_t)bytes.len;
    }
    s_want(line);
}

/* A burst within one turn is not a slow reader yet: what is queued gets a chance to leave
 * before the limit counts. */
static bool s_has_room(line_t *line, size_t more)
{
    size_t max = line->lines->options.queue_bytes_max;
    if (line->queue.bytes + more > max)
        s_write(line);
    return line->queue.bytes == 0 || line->queue.bytes + more <= max;
}

void line_send(line_t *line, body_t *frame)
{
    if (line->queue.count == 0 && !line->lossy)
        line->filled_us = loop_now_us(line->lines->loop);
    if (line->state != LINE_OPEN) {
        line->lossy = true;
        return;
    }
    bool fits = s_has_room(line, body_slice(frame).len);
    if (line->state != LINE_OPEN) /* the write has found nobody there */
        return;
    if (!fits) {
        line->lines->slow++;
        s_cut_off(line);
        return;
    }
    queue_push(&line->queue, frame);
    if (!line->blocked)
        s_mark_dirty(line);
}

void line_close(line_t *line)
{
    if (line->state != LINE_OPEN)
        return;
    s_move(line, LINE_CLOSING, line->lines->options.close_ms);
    s_mark_dirty(line);
}

size_t line_queued(const line_t *line)
{
    return line->queue.bytes - line->taken;
}

uint64_t line_waits_us(const line_t *line)
{
    return line->queue.count > 0 || line->lossy ? line->filled_us : 0;
}

bool lines_flush(lines_t *lines)
{
    unsigned left = lines->options.sends_per_turn;
    line_t *line;
    while (left > 0 && (line = TAILQ_FIRST(&lines->dirty)) != NULL) {
        s_clean(line);
        if (line->queue.count > 0 && !line->blocked) {
            s_write(line);
            left--;
        }
        if (line->state == LINE_CLOSING && line->queue.count == 0)
            s_end(line);
    }
    gathered_forget(&lines->gathered);
    return TAILQ_EMPTY(&lines->dirty);
}

/* ---- reading ---- */

static void s_open(line_t *line, slice_t hail)
{
    const server_events_t *events = &line->lines->events;
    char address[ADDRESS_TEXT_SIZE];
    address_write(&line->address, address);
    s_move(line, LINE_OPEN, LOOK_MS);
    line->user = events->on_line(events->ctx, slice_of(address), hail, line);
    if (line->user == NULL)
        s_end(line);
    else
        buf_free(&line->hail);
}

static void s_hear(line_t *line, slice_t piece)
{
    size_t room = HAIL_SIZE_MAX - line->hail.len;
    slice_t hail;
    buf_append(&line->hail, slice_new(piece.ptr, piece.len < room ? piece.len : room));
    switch (hail_read(buf_slice(&line->hail), &hail)) {
    case HAIL_PART:
        return;
    case HAIL_WHOLE:
        s_open(line, hail);
        return;
    case HAIL_BAD:
        s_end(line);
        return;
    }
}

/* What comes behind the object is passed over. */
static void s_read(line_t *line)
{
    uint8_t bytes[READ_SIZE];
    ssize_t got = recv(line->fd, bytes, sizeof bytes, 0);
    if (got > 0 && line->state == LINE_HAILING) {
        s_hear(line, slice_new(bytes, (size_t)got));
    } else if (got == 0 && line->state != LINE_HAILING) {
        line->ended = true;
        s_want(line);
    } else if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        s_end(line);
    }
}

static void s_on_ready(void *ctx, unsigned ready)
{
    line_t *line = ctx;
    if ((ready & WATCH_WRITE) != 0) {
        line->blocked = false;
        s_want(line);
        s_mark_dirty(line);
    }
    if ((ready & WATCH_READ) != 0 && !line->ended)
        s_read(line);
}

/* ---- the set ---- */

lines_t *lines_new(loop_t *loop, const server_options_t *options, const server_events_t *events,
                   peers_t *peers)
{
    lines_t *lines = mem_new(lines_t);
    lines->loop = loop;
    lines->options = *options;
    lines->events = *events;
    lines->peers = peers;
    for (size_t i = 0; i < LINE_STATES; i++)
        TAILQ_INIT(&lines->in[i]);
    TAILQ_INIT(&lines->dirty);
    return lines;
}

void lines_destroy(lines_t **lines_p)
{
    lines_t *lines = *lines_p;
    line_t *line;
    if (lines == NULL)
        return;
    for (size_t i = 0; i < LINE_STATES; i++)
        while ((line = TAILQ_FIRST(&lines->in[i])) != NULL)
            s_end(line);
    gathered_free(&lines->gathered);
    mem_free(lines);
    *lines_p = NULL;
}

/* Who is silent is asked by the kernel, and who takes nothing is cut off by it: by the same
 * clocks as a WebSocket.  Of a Unix socket all of this is refused, and needless. */
static void s_keep_alive(int fd, const server_options_t *options)
{
    int on = 1, idle_s = (int)options->ping_ms / 1000, each_s = PROBE_S;
    unsigned untaken_ms = options->silent_ms;
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &each_s, sizeof each_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &untaken_ms, sizeof untaken_ms);
}

void lines_adopt(lines_t *lines, int fd, peer_t *peer, const address_t *address)
{
    line_t *line = mem_new(line_t);
    line->lines = lines;
    line->fd = fd;
    line->peer = peer;
    line->address = *address;
    queue_init(&line->queue);
    s_keep_alive(fd, &lines->options);
    line->watch = loop_watch_fd(lines->loop, fd, s_on_ready, line);
    TAILQ_INSERT_TAIL(&lines->in[LINE_HAILING], line, in_state);
    s_move(line, LINE_HAILING, lines->options.hail_ms);
    lines->count++;
}

/* Whether the kernel has found that nobody is there any more. */
static bool s_is_broken(const line_t *line)
{
    int fault = 0;
    socklen_t len = sizeof fault;
    return getsockopt(line->fd, SOL_SOCKET, SO_ERROR, &fault, &len) != 0 || fault != 0;
}

static void s_look(line_t *line)
{
    if (line->state != LINE_OPEN || (line->ended && s_is_broken(line)))
        s_end(line);
    else
        s_move(line, LINE_OPEN, LOOK_MS);
}

void lines_tick(lines_t *lines)
{
    uint64_t now_us = loop_now_us(lines->loop);
    line_t *line;
    for (size_t i = 0; i < LINE_STATES; i++)
        while ((line = TAILQ_FIRST(&lines->in[i])) != NULL && line->due_us <= now_us)
            s_look(line);
}

void lines_drain(lines_t *lines)
{
    line_t *line;
    while ((line = TAILQ_FIRST(&lines->in[LINE_HAILING])) != NULL)
        s_end(line);
    while ((line = TAILQ_FIRST(&lines->in[LINE_OPEN])) != NULL)
        line_close(line);
}

size_t lines_count(const lines_t *lines)
{
    return lines->count;
}

uint64_t lines_slow(const lines_t *lines)
{
    return lines->slow;
}
