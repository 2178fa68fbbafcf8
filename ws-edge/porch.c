/* porch.c - reading PROXY headers, a connection at a time.
 *
 * Input is looked at before it is taken, so that what belongs to the client stays with the
 * kernel for those who come next.  What is certain to be of the header is taken at
 * once: bytes that stay in the kernel would wake us again and again. */
#include "ws-edge/porch.h"

#include <errno.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "schema/buf.h"
#include "schema/mem.h"
#include "ws-edge/proxy.h"

typedef struct waiting {
    TAILQ_ENTRY(waiting) in_time;
    porch_t *porch;
    watch_t *watch;
    arrival_t arrival;
    uint64_t due_us;
    buf_t header; /* so far */
} waiting_t;

TAILQ_HEAD(waiting_list, waiting);

struct porch {
    loop_t *loop;
    uint64_t header_us;
    porch_call_t call;
    void *ctx;
    struct waiting_list waiting; /* ordered by deadline */
    size_t count;
};

porch_t *porch_new(loop_t *loop, unsigned header_ms, porch_call_t call, void *ctx)
{
    porch_t *porch = mem_new(porch_t);
    porch->loop = loop;
    porch->header_us = header_ms * UINT64_C(1000);
    porch->call = call;
    porch->ctx = ctx;
    TAILQ_INIT(&porch->waiting);
    return porch;
}

void porch_destroy(porch_t **porch_p)
{
    if (*porch_p == NULL)
        return;
    porch_clear(*porch_p);
    mem_free(*porch_p);
    *porch_p = NULL;
}

static void s_release(waiting_t *waiting)
{
    porch_t *porch = waiting->porch;
    watch_close(&waiting->watch);
    TAILQ_REMOVE(&porch->waiting, waiting, in_time);
    porch->count--;
    buf_free(&waiting->header);
    mem_free(waiting);
}

static void s_show_out(waiting_t *waiting)
{
    int fd = waiting->arrival.fd;
    s_release(waiting);
    close(fd);
}

static void s_let_in(waiting_t *waiting, const address_t *source)
{
    porch_t *porch = waiting->porch;
    arrival_t arrival = waiting->arrival;
    if (source->kind != ADDRESS_NONE)
        arrival.address = *source;
    s_release(waiting);
    porch->call(porch->ctx, &arrival);
}

/* Take so many bytes, which were seen to be there; false if the connection broke since. */
static bool s_take(waiting_t *waiting, uint8_t *bytes, size_t len)
{
    if (recv(waiting->arrival.fd, bytes, len, 0) == (ssize_t)len)
        return true;
    s_show_out(waiting);
    return false;
}

static void s_on_ready(void *ctx, unsigned ready)
{
    waiting_t *waiting = ctx;
    buf_t *header = &waiting->header;
    proxy_header_t found;
    (void)ready;

    uint8_t *at = buf_reserve(header, PROXY_SIZE_MAX - header->len);
    ssize_t seen = recv(waiting->arrival.fd, at, PROXY_SIZE_MAX - header->len, MSG_PEEK);
    if (seen < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (seen <= 0) {
        s_show_out(waiting);
        return;
    }
    switch (proxy_read(slice_new(header->data, header->len + (size_t)seen), &found)) {
    case PROXY_PART:
        if (s_take(waiting, at, (size_t)seen))
            header->len += (size_t)seen;
        return;
    case PROXY_WHOLE:
        if (s_take(waiting, at, found.size - header->len))
            s_let_in(waiting, &found.source);
        return;
    case PROXY_BAD:
        s_show_out(waiting);
        return;
    }
}

void porch_take(porch_t *porch, const arrival_t *arrival)
{
    waiting_t *waiting = mem_new(waiting_t);
    waiting->porch = porch;
    waiting->arrival = *arrival;
    waiting->due_us = loop_now_us(porch->loop) + porch->header_us;
    waiting->watch = loop_watch_fd(porch->loop, arrival->fd, s_on_ready, waiting);
    TAILQ_INSERT_TAIL(&porch->waiting, waiting, in_time);
    porch->count++;
}

void porch_tick(porch_t *porch)
{
    uint64_t now_us = loop_now_us(porch->loop);
    waiting_t *waiting;
    while ((waiting = TAILQ_FIRST(&porch->waiting)) != NULL && waiting->due_us <= now_us)
        s_show_out(waiting);
}

void porch_clear(porch_t *porch)
{
    waiting_t *waiting;
    while ((waiting = TAILQ_FIRST(&porch->waiting)) != NULL)
        s_show_out(waiting);
}

size_t porch_count(const porch_t *porch)
{
    return porch->count;
}
