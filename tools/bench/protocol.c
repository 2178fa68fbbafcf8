#include "tools/bench/protocol.h"

#include <string.h>

#include "tools/bench/fail.h"
#include "tools/bench/frame.h"

static void s_payload_fill(buf_t *payload, uint32_t bytes)
{
    memset(buf_reserve(payload, bytes), 'x', bytes);
    payload->len = bytes;
    stamp_write(payload->data, &(stamp_t){0});
}

void protocol_render(client_t *client)
{
    const protocol_t *protocol = client->swarm->plan.protocol;
    post_t *post = &client->post;
    buf_t payload = {0}, body = {0};
    s_payload_fill(&payload, client->swarm->plan.payload_bytes);

    protocol->render(client, buf_slice(&payload), &body);
    frame_write(&post->frame, protocol->opcode, buf_slice(&body));

    size_t head = post->frame.len - body.len;
    post->id_at += head;
    post->client_id_at += head;
    const uint8_t *mark = memmem(post->frame.data, post->frame.len, STAMP_MARK, STAMP_MARK_BYTES);
    if (mark == NULL)
        fail("%s: the message lacks its payload", protocol->name);
    post->stamp_at = (size_t)(mark - post->frame.data);

    buf_free(&payload);
    buf_free(&body);
}

void protocol_delivered(client_t *client, slice_t bytes)
{
    stamp_t stamp;
    size_t at = client->stamp_guess;
    if (at > bytes.len || !stamp_read(slice_from(bytes, at), &stamp)) {
        const uint8_t *mark = memmem(bytes.ptr, bytes.len, STAMP_MARK, STAMP_MARK_BYTES);
        if (mark == NULL)
            return;
        at = (size_t)(mark - bytes.ptr);
        if (!stamp_read(slice_from(bytes, at), &stamp))
            return;
        client->stamp_guess = (uint32_t)at;
    }
    const listener_t *listener = &client->swarm->listener;
    if (listener->delivered != NULL)
        listener->delivered(listener->ctx, client, &stamp);
}

void protocol_acked(client_t *client, uint32_t seq, uint64_t age_ns)
{
    const listener_t *listener = &client->swarm->listener;
    if (listener->acked != NULL)
        listener->acked(listener->ctx, client, seq, age_ns);
}

void protocol_refused(client_t *client, slice_t words)
{
    const listener_t *listener = &client->swarm->listener;
    if (listener->refused == NULL)
        fail("client %u was refused: %.*s", client->number, SLICE_ARG(words));
    listener->refused(listener->ctx, client, words);
}
