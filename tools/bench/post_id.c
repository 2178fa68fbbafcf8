#include "tools/bench/post_id.h"

#include "tools/bench/protocol.h"
#include "tools/bench/stamp.h"

enum {
    SEQ_FIRST = 1000000, /* so that all have seven digits … */
    SEQ_COUNT = 8000000, /* … and come round again after so many */
    SPAN_US = 1000000000,
};

void post_id_patch(client_t *client, uint64_t time_ns)
{
    post_t *post = &client->post;
    stamp_hex(post->frame.data + post->client_id_at, POST_CLIENT_ID_DIGITS, client->sent);

    uint64_t id =
        (uint64_t)(SEQ_FIRST + client->sent % SEQ_COUNT) * SPAN_US + time_ns / 1000 % SPAN_US;
    for (size_t i = POST_ID_DIGITS; i-- > 0; id /= 10)
        post->frame.data[post->id_at + i] = (uint8_t)('0' + id % 10);
}

bool post_id_acked(client_t *client, slice_t text)
{
    uint64_t id = 0;
    if (text.len < POST_ID_DIGITS)
        return false;
    for (size_t i = 0; i < POST_ID_DIGITS; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        id = id * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    uint64_t now_us = client->swarm->now_ns / 1000 % SPAN_US;
    uint64_t age_us = (now_us + SPAN_US - id % SPAN_US) % SPAN_US;
    uint32_t back =
        (client->sent % SEQ_COUNT + SEQ_COUNT + SEQ_FIRST - (uint32_t)(id / SPAN_US)) % SEQ_COUNT;
    protocol_acked(client, client->sent - back, age_us * 1000);
    return true;
}
