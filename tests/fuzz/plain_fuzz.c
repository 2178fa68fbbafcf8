/* plain_fuzz.c - any bytes as what a bot says, read, and made calls of by the router.
 *
 * There is a bot that has said hello and judges, among actors that answer nothing, and a message
 * that waits for it.  Whatever it says, what
 * leaves for the bot can be read by a bot, and what leaves for an actor by an actor. */
#include <assert.h>
#include <stdlib.h>

#include "broker/router.h"
#include "broker/tail.h"
#include "schema/codec.h"
#include "schema/mem.h"
#include "schema/plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    SESSION = 1,
    ROOM = 2,
    BOT = 3,
    EDGE = 4,
    ACCOUNT = 9,
    BOT_SESSION = 40,
    SENDER = 5,
    HALL = 6
};

static void s_check_plain(slice_t in)
{
    plain_heard_t heard;
    while (in.len > 0) {
        err_t err = plain_read_heard(&in, &heard);
        assert(err == ERR_OK);
    }
}

/* A call is the router's own or the bot's, in its name. */
static void s_check_call(slice_t *in)
{
    call_t call;
    err_t err = call_read(in, &call);
    assert(err == ERR_OK &&
           (call.principal == 0 || call.principal == ACCOUNT || call.principal == SENDER));
}

static void s_check_house(slice_t in)
{
    reply_t reply;
    while (in.len > 0) {
        if (envelope_kind(in) == ENVELOPE_CALL) {
            s_check_call(&in);
            continue;
        }
        err_t err = reply_read(&in, &reply);
        assert(err == ERR_OK);
    }
}

static err_t s_send(void *ctx, uint64_t peer, buf_t *message)
{
    (void)ctx;
    if (peer == BOT)
        s_check_plain(buf_slice(message));
    else
        s_check_house(buf_slice(message));
    buf_reset(message);
    return ERR_OK;
}

static void s_append(void *ctx, slice_t records)
{
    (void)ctx;
    (void)records;
    abort(); /* no actor has decided anything */
}

static void s_fetch(void *ctx, const page_order_t *order)
{
    (void)ctx;
    (void)order;
}

static void s_stamp(void *ctx, int64_t *ret_time, uint8_t ret_rand[RAND_SIZE])
{
    (void)ctx;
    *ret_time = 1;
    memset(ret_rand, 7, RAND_SIZE);
}

/* ---- those who are there ---- */

static void s_say(router_t *router, uint64_t peer, call_number_t type, const void *body)
{
    buf_t out = {0};
    call_begin(&out, &(call_t){.type = (uint16_t)type, .corr = 1});
    codec_pack(&out, call_type((uint16_t)type)->shape(), body);
    router_receive(router, peer, (rights_t){.roles = ROLES_ALL}, buf_slice(&out), 1);
    buf_free(&out);
}

static void s_reply(router_t *router, uint64_t peer, call_number_t type, uint64_t corr,
                    const void *answer)
{
    buf_t out = {0};
    reply_begin(&out, &(reply_t){.type = (uint16_t)type, .corr = corr});
    codec_pack(&out, call_type((uint16_t)type)->answer(), answer);
    router_receive(router, peer, (rights_t){.roles = ROLES_ALL}, buf_slice(&out), 1);
    buf_free(&out);
}

static void s_take_office(router_t *router, uint64_t peer, owner_t owner)
{
    s_say(router, peer, CALL_bus_hello,
          &(bus_hello_call_t){.role = peer_role_ACTOR, .actor = owner});
    s_say(router, peer, CALL_bus_ready, &(bus_ready_call_t){});
}

static void s_hear_bot(router_t *router, slice_t said)
{
    router_receive(router, BOT, (rights_t){ROLE_BIT(peer_role_BOT), BOT_SESSION}, said, 1);
}

/* The bot judges, and a message waits for it: ticket 1. */
static void s_leave_waiting(router_t *router)
{
    buf_t judge = {0}, post = {0};
    plain_begin_call(&judge, 2, SLICE_LIT("bot.judge"));
    codec_pack(&judge, shape_bot_judge_call(), &(bot_judge_call_t){0});
    s_hear_bot(router, buf_slice(&judge));
    s_say(router, EDGE, CALL_bus_hello, &(bus_hello_call_t){.role = peer_role_EDGE});
    call_begin(&post,
               &(call_t){.type = CALL_room_post, .corr = 2, .principal = SENDER, .session = 7});
    codec_pack(&post, shape_room_post_call(),
               &(room_post_call_t){.room = HALL, .text = SLICE_LIT("hello")});
    router_receive(router, EDGE, (rights_t){.roles = ROLES_ALL}, buf_slice(&post), 1);
    buf_free(&judge);
    buf_free(&post);
}

/* In the place of tail_new (CMakeLists.txt): the router has room for 32 MB of commits, which costs
 * more to make than all that is tried here. */
tail_t *__real_tail_new(size_t bytes);
tail_t *__wrap_tail_new(size_t bytes);

tail_t *__wrap_tail_new(size_t bytes)
{
    (void)bytes;
    return __real_tail_new(4096);
}

static router_t *s_open(void)
{
    router_ports_t ports = {NULL, s_send, s_append, s_fetch, s_stamp};
    router_t *router = router_new(&ports, 5, 1);
    bot_t bot = {
        .account = ACCOUNT,
        .login = SLICE_LIT("echo"),
        .session = BOT_SESSION,
        .created = 1,
        .key = SLICE_LIT("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"),
        .scopes = SLICE_LIT("messages rooms accounts moderate observe"),
    };
    buf_t hello = {0};
    s_take_office(router, SESSION, owner_SESSION);
    s_take_office(router, ROOM, owner_ROOM);
    s_reply(router, SESSION, CALL_bot_list, 1, &(bot_list_t){.bots = {&bot, 1}});
    plain_begin_call(&hello, 1, SLICE_LIT("bot.hello"));
    codec_pack(&hello, shape_bot_hello_call(), &(bot_hello_call_t){});
    s_hear_bot(router, buf_slice(&hello));
    s_reply(router, ROOM, CALL_room_ids, BOT, &(room_ids_t){});
    s_leave_waiting(router);
    buf_free(&hello);
    return router;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    router_t *router = s_open();
    buf_t said = {0}; /* a copy: the router may write where it reads */
    buf_append(&said, slice_new(data, size));
    s_hear_bot(router, buf_slice(&said));
    (void)router_flush(router);
    router_destroy(&router);
    buf_free(&said);
    return 0;
}
