/* bots.c - Kith: bots at its door for bots, as docs/bus.md has it.
 *
 * "kith" is the whole way: a bot posts into a room, the room actor decides, the message is on disk,
 * and then comes to all bots that follow.  "kith-past" is the way back only: bots follow from the
 * first record on, out of memory or out of the journal.  Bots acknowledge what one message of ZeroMQ
 * brought at once, so that credit goes back as it does in the examples.  "kith-one" and "kith-many" only
 * post, and count answers, which come when a message is on disk. */
#include <string.h>
#include <zmq.h>

#include "schema/codec.h"
#include "schema/pack.h"
#include "schema/plain.h"
#include "tests/bench/bus/bus.h"
#include "tools/bench/fail.h"

enum { CALLS_MAX = 256 /* of one bot, on their way: what the broker takes */ };

static const char s_posted[] = "room.posted";

/* ---- calls and answers ---- */

static void s_send(void *socket, buf_t *call)
{
    bus_put(socket, call->data, call->len, 0);
    buf_free(call);
}

/* One message of the broker; the caller closes it. */
static slice_t s_receive(void *socket, zmq_msg_t *msg, int flags)
{
    zmq_msg_init(msg);
    if (zmq_msg_recv(msg, socket, flags) < 0)
        return (slice_t){0};
    return slice_new(zmq_msg_data(msg), zmq_msg_size(msg));
}

/* The next answer in the message: false if there is none.  A refusal ends the run. */
static bool s_answer(slice_t *in, plain_heard_t *ret_heard)
{
    while (in->len > 0) {
        if (plain_read_heard(in, ret_heard) != ERR_OK)
            fail("the broker is not understood");
        if (ret_heard->event)
            continue;
        if (!slice_is(ret_heard->status, "ok"))
            fail("the broker says %.*s", SLICE_ARG(ret_heard->status));
        return true;
    }
    return false;
}

/* A number in an answer's body; 0 if it is not there. */
static uint64_t s_number(slice_t body, const char *name)
{
    unpack_t in = {body};
    slice_t key, value;
    size_t pairs = 0;
    uint64_t number = 0;
    err_t err = unpack_map(&in, &pairs);
    for (; err == ERR_OK && pairs > 0; pairs--) {
        err = unpack_str(&in, &key);
        if (err == ERR_OK && slice_is(key, name))
            return unpack_u64(&in, &number) == ERR_OK ? number : 0;
        if (err == ERR_OK)
            err = unpack_any(&in, &value);
    }
    return 0;
}

/* Make the call, wait for its answer; a number out of that. */
static uint64_t s_call(void *socket, call_number_t call, const void *body, const char *wanted)
{
    const call_type_t *type = call_type((uint16_t)call);
    buf_t bytes = {0};
    plain_heard_t heard;
    uint64_t number = 0;
    plain_begin_call(&bytes, 1, slice_of(type->name));
    codec_pack(&bytes, type->shape(), body);
    s_send(socket, &bytes);
    for (bool answered = false; !answered;) {
        zmq_msg_t msg;
        slice_t in = s_receive(socket, &msg, 0);
        answered = s_answer(&in, &heard) && heard.number == 1;
        if (answered)
            number = s_number(heard.body, wanted);
        zmq_msg_close(&msg);
    }
    return number;
}

static void *s_bot(run_t *run, uint64_t *ret_head)
{
    void *socket = bus_connected(run, ZMQ_DEALER);
    *ret_head =
        s_call(socket, CALL_bot_hello, &(bot_hello_call_t){.account = run->account}, "head");
    return socket;
}

/* ---- subscribers ---- */

/* Without an answer, which would come in one message with events. */
static void *s_follow(run_t *run, bool from_now)
{
    uint64_t head;
    buf_t bytes = {0};
    void *socket = s_bot(run, &head);
    plain_begin_call(&bytes, 0, SLICE_LIT("bot.follow"));
    codec_pack(&bytes, call_type(CALL_bot_follow)->shape(),
               &(bot_follow_call_t){.after = from_now ? head : 0, .types = slice_of(s_posted)});
    s_send(socket, &bytes);
    return socket;
}

static void *s_follow_now(run_t *run)
{
    return s_follow(run, true);
}

static void *s_follow_past(run_t *run)
{
    return s_follow(run, false);
}

static void s_ack(void *socket, uint64_t seq)
{
    buf_t bytes = {0};
    plain_begin_call(&bytes, 0, SLICE_LIT("bot.ack"));
    codec_pack(&bytes, call_type(CALL_bot_ack)->shape(), &(bot_ack_call_t){.seq = seq});
    s_send(socket, &bytes);
}

static unsigned s_take(run_t *run, void *socket)
{
    zmq_msg_t msg;
    plain_heard_t heard = {0};
    unsigned events = 0;
    slice_t in = s_receive(socket, &msg, ZMQ_DONTWAIT);
    (void)run;
    while (in.len > 0) {
        if (plain_read_heard(&in, &heard) != ERR_OK)
            fail("the broker is not understood");
        events += heard.event;
    }
    if (events > 0)
        s_ack(socket, heard.seq);
    zmq_msg_close(&msg);
    return events;
}

/* ---- the publisher ---- */

static void s_post(void *socket, const buf_t *body)
{
    buf_t bytes = {0};
    plain_begin_call(&bytes, 2, SLICE_LIT("room.post"));
    buf_append(&bytes, buf_slice(body));
    s_send(socket, &bytes);
}

/* Wait for a message of the broker; how many answers it has. */
static uint64_t s_answered(void *socket)
{
    zmq_msg_t msg;
    plain_heard_t heard;
    uint64_t count = 0;
    slice_t in = s_receive(socket, &msg, 0);
    while (s_answer(&in, &heard))
        count += heard.number == 2;
    zmq_msg_close(&msg);
    return count;
}

static void s_publish(run_t *run)
{
    uint64_t head, sent = 0, answered = 0;
    buf_t body = {0};
    void *socket = run->writer = s_bot(run, &head);
    room_post_call_t post = {.text = slice_of(bus_message())};
    post.room =
        s_call(socket, CALL_room_create, &(room_create_call_t){.kind = room_kind_PRIVATE}, "id");
    codec_pack(&body, call_type(CALL_room_post)->shape(), &post);
    while (answered < run->messages) {
        for (; sent < run->messages && sent - answered < run->window; sent++)
            s_post(socket, &body);
        answered += s_answered(socket);
    }
    buf_free(&body);
}

const peer_t peer_kith = {
    .name = "kith",
    .doc = "Kith: posted by a bot, on disk, to bots that follow",
    .window = 200,
    .subscribe = s_follow_now,
    .take = s_take,
    .publish = s_publish,
};

const peer_t peer_kith_past = {
    .name = "kith-past",
    .doc = "Kith: bots that follow from the first record on",
    .subscribe = s_follow_past,
    .take = s_take,
};

const peer_t peer_kith_one = {
    .name = "kith-one",
    .doc = "Kith: a bot posts, one at a time",
    .window = 1,
    .publish = s_publish,
};

const peer_t peer_kith_many = {
    .name = "kith-many",
    .doc = "Kith: a bot posts, 256 unanswered",
    .window = CALLS_MAX,
    .publish = s_publish,
};
