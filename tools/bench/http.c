#include "tools/bench/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "schema/mem.h"
#include "tools/bench/fail.h"

enum {
    LANES = 32, /* enough for a group commit to be worth it */
    READ_BYTES = 16384,
    ANSWER_MS_MAX = 30000,
};

typedef struct lane {
    size_t number; /* of the request that is under way */
    buf_t in;
} lane_t;

/* lanes[i] is on polls[i].fd, which is -1 once there is nothing left for it. */
typedef struct line_up {
    const http_batch_t *batch;
    size_t next;
    size_t answered;
    struct pollfd polls[LANES];
    lane_t lanes[LANES];
} line_up_t;

void http_ask(buf_t *out, const char *method, const char *target, const char *token, slice_t body)
{
    buf_printf(out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n", method, target);
    if (token != NULL)
        buf_printf(out, "Authorization: Bearer %s\r\n", token);
    if (body.len > 0)
        buf_append_text(out, "Content-Type: application/json\r\n");
    buf_printf(out, "Content-Length: %zu\r\n\r\n%.*s", body.len, SLICE_ARG(body));
}

/* -1, and errno tells why. */
static int s_connect(const struct sockaddr_in *server)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)server, sizeof *server) == 0)
        return fd;
    int fault = errno;
    close(fd);
    errno = fault;
    return -1;
}

bool http_listens(const struct sockaddr_in *server)
{
    int fd = s_connect(server);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static int s_lane_open(const struct sockaddr_in *server)
{
    int fd = s_connect(server);
    if (fd < 0)
        fail("%s:%u: %s", inet_ntoa(server->sin_addr), ntohs(server->sin_port), strerror(errno));
    return fd;
}

static void s_lane_close(line_up_t *line_up, size_t i)
{
    close(line_up->polls[i].fd);
    line_up->polls[i].fd = -1;
    buf_free(&line_up->lanes[i].in);
}

/* Send the next request, if there is one left; requests fit the kernel's buffer. */
static void s_lane_start(line_up_t *line_up, size_t i)
{
    const http_batch_t *batch = line_up->batch;
    if (line_up->next == batch->count) {
        s_lane_close(line_up, i);
        return;
    }
    lane_t *lane = &line_up->lanes[i];
    lane->number = line_up->next++;
    lane->in.len = 0;

    buf_t request = {0};
    batch->request(batch->ctx, lane->number, &request);
    if (send(line_up->polls[i].fd, request.data, request.len, MSG_NOSIGNAL) != (ssize_t)request.len)
        fail("request %zu could not be sent: %s", lane->number, strerror(errno));
    buf_free(&request);
}

static size_t s_content_length(slice_t head)
{
    static const char name[] = "\r\ncontent-length:";
    const size_t name_len = sizeof name - 1;
    for (size_t i = 0; i + name_len < head.len; i++) {
        if (strncasecmp((const char *)head.ptr + i, name, name_len) == 0)
            return (size_t)strtoul((const char *)head.ptr + i + name_len, NULL, 10);
    }
    return 0;
}

/* The body of the answer in `in`; false while it is not all there. */
static bool s_answer_read(slice_t in, slice_t *ret_body)
{
    const uint8_t *end = memmem(in.ptr, in.len, "\r\n\r\n", 4);
    if (end == NULL)
        return false;
    size_t head = (size_t)(end + 4 - in.ptr);
    size_t len = s_content_length(slice_new(in.ptr, head));
    if (in.len < head + len)
        return false;
    if (!slice_starts(in, slice_of("HTTP/1.1 2")))
        fail("a request while setting the scene was refused:\n%.*s", SLICE_ARG(in));
    *ret_body = slice_new(in.ptr + head, len);
    return true;
}

static void s_lane_read(line_up_t *line_up, size_t i)
{
    lane_t *lane = &line_up->lanes[i];
    ssize_t got = recv(line_up->polls[i].fd, buf_reserve(&lane->in, READ_BYTES), READ_BYTES, 0);
    if (got <= 0)
        fail("the server closed the connection of request %zu without an answer", lane->number);
    lane->in.len += (size_t)got;

    slice_t body;
    if (!s_answer_read(buf_slice(&lane->in), &body))
        return;
    line_up->batch->answer(line_up->batch->ctx, lane->number, body);
    line_up->answered += 1;
    s_lane_start(line_up, i);
}

void http_run(const http_batch_t *batch)
{
    line_up_t line_up = {.batch = batch};
    for (size_t i = 0; i < LANES; i++) {
        line_up.polls[i] = (struct pollfd){.fd = s_lane_open(batch->server), .events = POLLIN};
        s_lane_start(&line_up, i);
    }
    while (line_up.answered < batch->count) {
        if (poll(line_up.polls, LANES, ANSWER_MS_MAX) <= 0)
            fail("no answer for %d s while setting the scene", ANSWER_MS_MAX / 1000);
        for (size_t i = 0; i < LANES; i++) {
            if (line_up.polls[i].fd >= 0 && line_up.polls[i].revents != 0)
                s_lane_read(&line_up, i);
        }
    }
}
