/* protocol_nats.c - nats-server: its text protocol inside binary frames.
 *
 * A byte stream: lines and payloads are cut anywhere by frames.  A room is a
 * subject; the sender subscribes to it like everybody else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench/fail.h"
#include "tools/bench/frame.h"
#include "tools/bench/protocol.h"

enum { LINE_END = 2, NOT_YET = 0 };

static void s_greet(client_t *client)
{
    buf_t words = {0};
    buf_append_text(&words, "CONNECT {\"verbose\":false,\"pedantic\":false,\"protocol\":1}\r\n");
    if (client->swarm->plan.in_rooms)
        buf_printf(&words, "SUB room.%u 1\r\n", client->room);
    buf_append_text(&words, "PING\r\n"); /* its answer says that all of it is done */
    client_send_frame(client, buf_slice(&words));
    buf_free(&words);
}

/* "MSG <subject> <sid> <size>", then as many bytes and a line end. */
static size_t s_take_msg(client_t *client, slice_t line, slice_t bytes)
{
    const char *size_at = memrchr(line.ptr, ' ', line.len);
    size_t head = line.len + LINE_END;
    size_t size = (size_t)strtoul(size_at, NULL, 10); /* ends at the line's end */
    if (bytes.len < head + size + LINE_END)
        return NOT_YET;
    protocol_delivered(client, slice_new(bytes.ptr + head, size));
    return head + size + LINE_END;
}

static void s_take_line(client_t *client, slice_t line)
{
    if (slice_is(line, "PONG")) {
        if (client->state == CLIENT_GREETING)
            client_ready(client);
    } else if (slice_is(line, "PING")) {
        client_send_frame(client, slice_of("PONG\r\n"));
    } else if (slice_starts(line, slice_of("-ERR"))) {
        protocol_refused(client, line);
    }
}

static size_t s_take_one(client_t *client, slice_t bytes)
{
    const uint8_t *end = memmem(bytes.ptr, bytes.len, "\r\n", LINE_END);
    if (end == NULL)
        return NOT_YET;
    slice_t line = slice_new(bytes.ptr, (size_t)(end - bytes.ptr));
    if (slice_starts(line, slice_of("MSG ")))
        return s_take_msg(client, line, bytes);
    s_take_line(client, line);
    return line.len + LINE_END;
}

static size_t s_take(client_t *client, slice_t bytes)
{
    size_t taken = 0;
    for (size_t len = 1; len > 0 && taken < bytes.len; taken += len)
        len = s_take_one(client, slice_from(bytes, taken));
    return taken;
}

static void s_render(client_t *client, slice_t payload, buf_t *out)
{
    buf_printf(out, "PUB room.%u %zu\r\n%.*s\r\n", client->room, payload.len, SLICE_ARG(payload));
}

const protocol_t protocol_nats = {
    .name = "nats",
    .opcode = FRAME_BINARY,
    .greet = s_greet,
    .take = s_take,
    .render = s_render,
};
