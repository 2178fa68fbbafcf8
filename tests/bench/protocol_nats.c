/* protocol_nats.c - nats-server: its text protocol inside binary frames.
 *
 * A byte stream: lines and payloads are cut anywhere by frames.  A room is a
 * subject; the sender subscribes to it like everybody else.
 *
 * With JetStream the server keeps what is said, in one stream that the first client makes, and tells
 * each sender so at the address that the message names: "ack.", the sender's number, when and which. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peers.h"
#include "tools/bench/fail.h"
#include "tools/bench/frame.h"

enum { LINE_END = 2, NOT_YET = 0, ACK_SENDER_AT = 8 /* in the line of an acknowledgement */ };

#define STREAM "{\"name\":\"bench\",\"subjects\":[\"room.*\"],\"storage\":\"file\"}"
#define STREAM_MADE "ack.made" /* where the server says so */

/* Only the one who makes the stream waits for it: nobody speaks before all are ready. */
static bool s_makes_stream(const client_t *client)
{
    return client->swarm->plan.protocol == &protocol_jetstream && client->number == 0;
}

static void s_greet(client_t *client)
{
    buf_t words = {0};
    buf_append_text(&words, "CONNECT {\"verbose\":false,\"pedantic\":false,\"protocol\":1}\r\n");
    if (client->swarm->plan.in_rooms)
        buf_printf(&words, "SUB room.%u 1\r\n", client->room);
    if (client->swarm->plan.protocol == &protocol_jetstream)
        buf_printf(&words, "SUB ack.%u.> 2\r\n", client->number);
    if (s_makes_stream(client))
        buf_printf(&words,
                   "SUB " STREAM_MADE " 3\r\nPUB $JS.API.STREAM.CREATE.bench " STREAM_MADE
                   " %zu\r\n" STREAM "\r\n",
                   sizeof STREAM - 1);
    buf_append_text(&words, "PING\r\n"); /* its answer says that all of it is done */
    client_send_frame(client, buf_slice(&words));
    buf_free(&words);
}

/* The server has kept a message, or has not: "MSG ack.<sender>.<16 digits>.<8 digits> 2 <size>". */
static void s_take_ack(client_t *client, slice_t line, slice_t words)
{
    if (memmem(words.ptr, words.len, "\"error\"", 7) != NULL) {
        protocol_refused(client, words);
    } else if (slice_starts(line, slice_of("MSG " STREAM_MADE))) {
        client_ready(client);
    } else {
        const char *at = memchr(line.ptr + ACK_SENDER_AT, '.', line.len - ACK_SENDER_AT);
        uint64_t sent_ns = strtoull(at + 1, NULL, 16); /* each ends at what stands behind it */
        uint32_t seq = (uint32_t)strtoul(at + 2 + STAMP_TIME_DIGITS, NULL, 16);
        protocol_acked(client, seq, client->swarm->now_ns - sent_ns);
    }
}

/* "MSG <subject> <sid> <size>", then as many bytes and a line end. */
static size_t s_take_msg(client_t *client, slice_t line, slice_t bytes)
{
    const char *size_at = memrchr(line.ptr, ' ', line.len);
    size_t head = line.len + LINE_END;
    size_t size = (size_t)strtoul(size_at, NULL, 10); /* ends at the line's end */
    if (bytes.len < head + size + LINE_END)
        return NOT_YET;
    slice_t payload = slice_new(bytes.ptr + head, size);
    if (slice_starts(line, slice_of("MSG ack.")))
        s_take_ack(client, line, payload);
    else
        protocol_delivered(client, payload);
    return head + size + LINE_END;
}

static void s_take_line(client_t *client, slice_t line)
{
    if (slice_is(line, "PONG")) {
        if (client->state == CLIENT_GREETING && !s_makes_stream(client))
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

/* PUB room.5 ack.7.0000000000000000.00000000 128 */
static void s_render_kept(client_t *client, slice_t payload, buf_t *out)
{
    buf_printf(out, "PUB room.%u ack.%u.", client->room, client->number);
    client->post.id_at = out->len;
    buf_printf(out, "%0*x.", STAMP_TIME_DIGITS, 0);
    client->post.client_id_at = out->len;
    buf_printf(out, "%0*x %zu\r\n%.*s\r\n", STAMP_SEQ_DIGITS, 0, payload.len, SLICE_ARG(payload));
}

static void s_patch_kept(client_t *client, uint64_t time_ns)
{
    const post_t *post = &client->post;
    stamp_hex(post->frame.data + post->id_at, STAMP_TIME_DIGITS, time_ns);
    stamp_hex(post->frame.data + post->client_id_at, STAMP_SEQ_DIGITS, client->sent);
}

const protocol_t protocol_nats = {
    .name = "nats",
    .opcode = FRAME_BINARY,
    .greet = s_greet,
    .take = s_take,
    .render = s_render,
};

const protocol_t protocol_jetstream = {
    .name = "jetstream",
    .opcode = FRAME_BINARY,
    .acknowledges = true,
    .greet = s_greet,
    .take = s_take,
    .render = s_render_kept,
    .patch = s_patch_kept,
};
