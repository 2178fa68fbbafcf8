#include "tests/unit/ws-edge/stub_broker.h"

#include <assert.h>

#include "schema/codec.h"
#include "schema/pack.h"

enum { ACCOUNT = 7, SESSION = 70 };

static const int64_t s_hour = INT64_C(3600) * 1000000; /* µs */

stub_t *stub_new(const char *endpoint)
{
    stub_t *stub = mem_new(stub_t);
    stub->page_records = 100;
    err_t err = bus_bind(endpoint, NULL, &stub->bus);
    assert(err == ERR_OK);
    return stub;
}

void stub_destroy(stub_t **stub_p)
{
    stub_t *stub = *stub_p;
    bus_close(&stub->bus);
    buf_free(&stub->journal);
    buf_free(&stub->out);
    mem_free(stub);
    *stub_p = NULL;
}

/* ---- records ---- */

static void s_commit(stub_t *stub, record_t *record, const void *event, bool live)
{
    size_t at = stub->journal.len;
    record->seq = ++stub->head;
    record->version = 1;
    record->epoch = 1;
    record->time = (int64_t)record->seq;
    record_begin(&stub->journal, record);
    codec_pack(&stub->journal, event_type(record->type)->shape(), event);
    record_end(&stub->journal);
    if (live && stub->peer != 0)
        buf_append(&stub->out, slice_from(buf_slice(&stub->journal), at));
}

void stub_say(stub_t *stub, uint64_t room, const char *text, bool live)
{
    message_t message = {
        .id = stub->head + 1,
        .room = room,
        .seq = stub->head + 1,
        .sender = 9,
        .login = SLICE_LIT("bob"),
        .username = SLICE_LIT("bob"),
        .text = slice_of(text),
    };
    record_t record = {.type = EVENT_room_posted, .room = room};
    s_commit(stub, &record, &(room_posted_event_t){.message = &message}, live);
}

void stub_move(stub_t *stub, uint64_t room, bool joined, bool live)
{
    membership_t member = {.room = room, .account = ACCOUNT, .role = room_role_MEMBER};
    room_joined_event_t came = {.member = &member};
    room_left_event_t left = {.room = room, .account = ACCOUNT};
    record_t record = {
        .type = joined ? EVENT_room_joined : EVENT_room_left,
        .room = room,
        .account = ACCOUNT,
    };
    s_commit(stub, &record, joined ? (const void *)&came : (const void *)&left, live);
}

void stub_end_session(stub_t *stub, uint64_t session)
{
    session_closed_event_t closed = {.session = session, .account = ACCOUNT, .expires = INT64_MAX};
    record_t record = {.type = EVENT_session_closed, .account = ACCOUNT};
    s_commit(stub, &record, &closed, true);
}

/* ---- answers ---- */

static void s_answer(stub_t *stub, const call_t *call, const void *object)
{
    reply_t reply = {.type = call->type, .corr = call->corr, .as_of = stub->head};
    if (call->corr == 0)
        return;
    reply_begin(&stub->out, &reply);
    codec_pack(&stub->out, call_type(call->type)->answer(), object);
}

static void s_refuse(stub_t *stub, const call_t *call, err_t err)
{
    reply_begin(&stub->out, &(reply_t){.type = call->type, .corr = call->corr, .status = err});
    pack_nil(&stub->out);
}

static void s_answer_page(stub_t *stub, const call_t *call, const bus_read_call_t *wish)
{
    buf_t records = {0};
    size_t count = 0;
    uint64_t next = wish->from;
    record_t record;
    for (slice_t in = buf_slice(&stub->journal); in.len > 0 && count < stub->page_records;) {
        err_t err = record_read(&in, &record);
        assert(err == ERR_OK);
        if (record.seq < wish->from)
            continue;
        next = record.seq + 1;
        if (!ids_have(wish->rooms, record.room) && !ids_have(wish->accounts, record.account))
            continue;
        buf_append(&records, record.bytes);
        count++;
    }
    s_answer(stub, call,
             &(bus_page_t){
                 .records = buf_slice(&records),
                 .next = next,
                 .complete = next > stub->head,
             });
    buf_free(&records);
}

static void s_answer_session(stub_t *stub, const call_t *call)
{
    account_t account = {.id = ACCOUNT, .login = SLICE_LIT("ann"), .username = SLICE_LIT("ann")};
    s_answer(stub, call,
             &(signed_in_t){
                 .session = SESSION,
                 .expires = call->time + s_hour,
                 .account = &account,
             });
}

static void s_answer_call(stub_t *stub, const call_t *call, const void *body)
{
    switch (call->type) {
    case CALL_bus_hello:
        s_answer(stub, call, &(bus_welcome_t){.peer = 1, .epoch = 1, .head = stub->head});
        return;
    case CALL_bus_subscribe:
        s_answer(stub, call, &(bus_subscribed_t){.head = stub->head});
        return;
    case CALL_bus_status:
        s_answer(stub, call, &(bus_state_t){.ready = !stub->busy, .epoch = 1, .head = stub->head});
        return;
    case CALL_bus_read:
        if (stub->blind)
            s_refuse(stub, call, ERR_UNAVAILABLE);
        else
            s_answer_page(stub, call, body);
        return;
    case CALL_session_ended:
        s_answer(stub, call, &(ended_list_t){});
        return;
    case CALL_session_open:
        s_answer_session(stub, call);
        return;
    case CALL_session_find:
        s_answer(stub, call, &(found_session_t){SESSION, ACCOUNT, call->time + s_hour});
        return;
    case CALL_room_find:
        s_answer(stub, call, &(membership_t){stub->rooms[0], ACCOUNT, room_role_READER});
        return;
    case CALL_room_ids:
        s_answer(stub, call, &(room_ids_t){.rooms = {stub->rooms, stub->room_count}});
        return;
    default:
        s_answer(stub, call, &(nothing_t){});
    }
}

/* Between the question and its answer something happens, which is not in the answer. */
static void s_spring(stub_t *stub, const call_t *call)
{
    void (*sprung)(stub_t *) = stub->sprung;
    if (sprung == NULL || call->type != stub->trap)
        return;
    stub->sprung = NULL;
    sprung(stub);
}

static void s_take(stub_t *stub, slice_t message)
{
    arena_t *arena = arena_new();
    fault_t fault;
    const void *body;
    call_t call;
    while (message.len > 0) {
        err_t err = call_read(&message, &call);
        assert(err == ERR_OK);
        err = codec_unpack(call.body, call_type(call.type)->shape(), arena, &fault, &body);
        assert(err == ERR_OK);
        stub->asked[call.type]++;
        if (stub->mute)
            continue;
        s_answer_call(stub, &call, body);
        s_spring(stub, &call);
    }
    arena_destroy(&arena);
}

void stub_pump(stub_t *stub, int ms)
{
    slice_t message;
    uint32_t peer;
    bus_wait(&stub->bus, 1, ms);
    while (bus_receive(stub->bus, &peer, &message)) {
        stub->peer = peer;
        s_take(stub, message);
    }
    if (stub->out.len > 0) {
        err_t err = bus_send_to(stub->bus, stub->peer, &stub->out);
        assert(err == ERR_OK);
    }
}
