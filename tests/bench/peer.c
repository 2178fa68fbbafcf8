#include "tests/bench/peer.h"

#include <stdio.h>
#include <string.h>

#include "schema/mem.h"
#include "tests/bench/fail.h"
#include "tests/bench/frame.h"

static const peer_t *const peers[] = {&peer_kith, &peer_nats, &peer_mosquitto};

const peer_t *peer_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(peers); i++) {
        if (strcmp(peers[i]->name, name) == 0)
            return peers[i];
    }
    return NULL;
}

void peer_list(void)
{
    for (size_t i = 0; i < COUNT_OF(peers); i++)
        puts(peers[i]->name);
}

static void s_payload_fill(buf_t *payload, uint32_t bytes)
{
    memset(buf_reserve(payload, bytes), 'x', bytes);
    payload->len = bytes;
    stamp_write(payload->data, &(stamp_t){0});
}

void peer_render(client_t *client)
{
    const peer_t *peer = client->swarm->plan.peer;
    post_t *post = &client->post;
    buf_t payload = {0}, body = {0};
    s_payload_fill(&payload, client->swarm->plan.payload_bytes);

    peer->render(client, buf_slice(&payload), &body);
    frame_write(&post->frame, peer->opcode, buf_slice(&body));

    size_t head = post->frame.len - body.len;
    post->id_at += head;
    post->client_id_at += head;
    const uint8_t *mark = memmem(post->frame.data, post->frame.len, STAMP_MARK, STAMP_MARK_BYTES);
    if (mark == NULL)
        fail("%s: the message lacks its payload", peer->name);
    post->stamp_at = (size_t)(mark - post->frame.data);

    buf_free(&payload);
    buf_free(&body);
}

void peer_delivered(client_t *client, slice_t bytes)
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

void peer_acked(client_t *client, uint64_t id)
{
    const listener_t *listener = &client->swarm->listener;
    if (listener->acked != NULL)
        listener->acked(listener->ctx, client, id);
}

void peer_refused(client_t *client, slice_t words)
{
    const listener_t *listener = &client->swarm->listener;
    if (listener->refused == NULL)
        fail("client %u was refused: %.*s", client->number, SLICE_ARG(words));
    listener->refused(listener->ctx, client, words);
}
