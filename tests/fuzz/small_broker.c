#include "tests/fuzz/small_broker.h"

#include <assert.h>

#include "schema/codec.h"
#include "schema/mem.h"
#include "schema/pack.h"

static const slice_t s_name = SLICE_LIT("somebody");

/* ---- the edge's pipe ---- */

void small_broker_renew(small_broker_t *broker)
{
    if (broker->edge != NULL)
        registry_remove(broker->registry, &broker->edge);
    broker->taken = 0;
    broker->edge = registry_add(broker->registry, 1);
    registry_hear_type(broker->registry, broker->edge,
                       slice_of(event_type(EVENT_session_closed)->name));
}

small_broker_t *small_broker_new(void)
{
    small_broker_t *broker = mem_new(small_broker_t);
    broker->registry = registry_new();
    broker->arena = arena_new();
    broker->first = 1;
    small_broker_renew(broker);
    return broker;
}

void small_broker_free(small_broker_t **broker_p)
{
    small_broker_t *broker = *broker_p;
    registry_destroy(&broker->registry);
    arena_destroy(&broker->arena);
    buf_free(&broker->journal);
    mem_free(broker);
    *broker_p = NULL;
}

static size_t s_size(slice_t in)
{
    slice_t left = in;
    reply_t reply;
    record_t record;
    err_t err = envelope_kind(in) == ENVELOPE_REPLY ? reply_read(&left, &reply)
                                                    : record_read(&left, &record);
    assert(err == ERR_OK);
    return in.len - left.len;
}

bool small_broker_next(small_broker_t *broker, slice_t *ret_envelope)
{
    if (broker->taken == broker->edge->out.len)
        return false;
    slice_t rest = slice_from(buf_slice(&broker->edge->out), broker->taken);
    *ret_envelope = slice_new(rest.ptr, s_size(rest));
    broker->taken += ret_envelope->len;
    return true;
}

/* ---- the journal ---- */

static slice_t s_deed(const small_broker_t *broker, uint64_t seq)
{
    size_t at = broker->deeds[seq].at;
    size_t end = seq < broker->head ? broker->deeds[seq + 1].at : broker->journal.len;
    return slice_new(broker->journal.data + at, end - at);
}

static unsigned s_members(const small_broker_t *broker, uint64_t room)
{
    unsigned members = 0;
    for (unsigned account = 1; room != 0 && account <= BROKER_ACCOUNTS; account++)
        members |= (unsigned)broker->in[room][account] << account;
    return members;
}

static void s_record(small_broker_t *broker, const deed_t *deed, const void *object)
{
    const event_type_t *type = event_type(deed->type);
    uint64_t seq = ++broker->head;
    size_t at = broker->journal.len;
    record_begin(&broker->journal, &(record_t){
                                       .type = deed->type,
                                       .version = type->version,
                                       .seq = seq,
                                       .epoch = 1,
                                       .actor = (uint8_t)type->owner,
                                       .time = (int64_t)seq,
                                       .room = deed->room,
                                       .account = deed->account,
                                   });
    codec_pack(&broker->journal, type->shape(), object);
    record_end(&broker->journal);
    broker->deeds[seq] = *deed;
    broker->deeds[seq].at = at;
    broker->deeds[seq].witnesses = s_members(broker, deed->room);
    if (deed->type != EVENT_session_closed)
        broker->deeds[seq].witnesses |= 1u << deed->account;
    registry_publish(broker->registry, type, deed->room, deed->account, s_deed(broker, seq), seq);
}

void small_broker_join(small_broker_t *broker, uint64_t room, uint64_t account)
{
    const membership_t member = {
        .room = room, .account = account, .role = room_role_MEMBER, .joined = 1};
    if (broker->head == BROKER_DEEDS_MAX || broker->in[room][account])
        return;
    broker->in[room][account] = true;
    s_record(broker, &(deed_t){.type = EVENT_room_joined, .room = room, .account = account},
             &(room_joined_event_t){.member = &member});
}

void small_broker_leave(small_broker_t *broker, uint64_t room, uint64_t account)
{
    if (broker->head == BROKER_DEEDS_MAX || !broker->in[room][account])
        return;
    s_record(broker, &(deed_t){.type = EVENT_room_left, .room = room, .account = account},
             &(room_left_event_t){.room = room, .account = account});
    broker->in[room][account] = false;
}

/* The next message of that room. */
static message_t s_message(small_broker_t *broker, uint64_t room, uint64_t account)
{
    return (message_t){
        .id = broker->head + 1,
        .room = room,
        .seq = ++broker->posts[room],
        .sender = account,
        .login = s_name,
        .username = s_name,
        .text = s_name,
    };
}

static void s_post(small_broker_t *broker, const message_t *message)
{
    s_record(broker, &(deed_t){.type = EVENT_room_posted, .room = message->room},
             &(room_posted_event_t){.message = message});
}

void small_broker_post(small_broker_t *broker, uint64_t room, uint64_t account)
{
    if (broker->head == BROKER_DEEDS_MAX || !broker->in[room][account])
        return;
    message_t message = s_message(broker, room, account);
    s_post(broker, &message);
}

void small_broker_end(small_broker_t *broker, uint64_t account, uint64_t session)
{
    const session_closed_event_t closed = {
        .session = session, .account = account, .expires = INT64_MAX};
    if (broker->head < BROKER_DEEDS_MAX)
        s_record(broker, &(deed_t){.type = EVENT_session_closed, .account = account}, &closed);
}

bool small_broker_owes(const small_broker_t *broker, uint64_t seq, uint64_t account)
{
    const deed_t *deed = &broker->deeds[seq];
    if (!(deed->witnesses & 1u << account))
        return false;
    for (uint64_t at = seq + 1; deed->account != account && at <= broker->head; at++) {
        const deed_t *later = &broker->deeds[at];
        if (later->type == EVENT_room_left && later->room == deed->room &&
            later->account == account)
            return false;
    }
    return true;
}

/* ---- answers ---- */

static void s_begin(small_broker_t *broker, const call_t *call, err_t status, uint64_t as_of)
{
    reply_begin(&broker->edge->out, &(reply_t){
                                        .type = call->type,
                                        .corr = call->corr,
                                        .status = status,
                                        .as_of = as_of,
                                    });
}

static void s_answer(small_broker_t *broker, const call_t *call, const void *object)
{
    s_begin(broker, call, ERR_OK, broker->head);
    codec_pack(&broker->edge->out, call_type(call->type)->answer(), object);
}

static void s_refuse(small_broker_t *broker, const call_t *call, err_t err)
{
    slice_t detail =
        arena_printf(broker->arena, "%llu is the first", (unsigned long long)broker->first);
    s_begin(broker, call, err, broker->head);
    pack_str(&broker->edge->out, detail);
}

static void s_tune(small_broker_t *broker, bool hear, ids_t rooms, ids_t accounts)
{
    for (size_t i = 0; i < rooms.count; i++)
        (hear ? registry_hear_room : registry_leave_room)(broker->registry, broker->edge,
                                                          rooms.items[i]);
    for (size_t i = 0; i < accounts.count; i++)
        (hear ? registry_hear_account : registry_leave_account)(broker->registry, broker->edge,
                                                                accounts.items[i]);
}

static void s_read(small_broker_t *broker, const call_t *call, const bus_read_call_t *wish)
{
    buf_t records = {0};
    uint64_t seq = wish->from;
    if (seq < broker->first) {
        s_refuse(broker, call, ERR_TOO_OLD);
        return;
    }
    for (int found = 0; seq <= broker->head && found < BROKER_PAGE; seq++) {
        const deed_t *deed = &broker->deeds[seq];
        if (!ids_have(wish->rooms, deed->room) && !ids_have(wish->accounts, deed->account))
            continue;
        buf_append(&records, s_deed(broker, seq));
        found++;
    }
    s_answer(broker, call, &(bus_page_t){buf_slice(&records), seq, seq > broker->head});
    buf_free(&records);
}

static void s_rooms(small_broker_t *broker, const call_t *call)
{
    uint64_t rooms[BROKER_ROOMS];
    room_ids_t ids = {.rooms = {rooms, 0}};
    for (uint64_t room = 1; room <= BROKER_ROOMS; room++)
        if (broker->in[room][call->principal])
            rooms[ids.rooms.count++] = room;
    s_answer(broker, call, &ids);
}

/* The reply is there before the record, and knows of it. */
static void s_take_post(small_broker_t *broker, const call_t *call, uint64_t room)
{
    if (room > BROKER_ROOMS || !broker->in[room][call->principal] ||
        broker->head == BROKER_DEEDS_MAX) {
        s_refuse(broker, call, ERR_NOT_FOUND);
        return;
    }
    message_t message = s_message(broker, room, call->principal);
    s_begin(broker, call, ERR_OK, broker->head + 1);
    codec_pack(&broker->edge->out, shape_message(), &message);
    s_post(broker, &message);
}

void small_broker_hear(small_broker_t *broker, const call_t *call)
{
    const bus_subscribe_call_t *subscribe;
    const bus_unsubscribe_call_t *enough;
    const void *body;
    fault_t fault = {0};
    arena_reset(broker->arena);
    err_t err =
        codec_unpack(call->body, call_type(call->type)->shape(), broker->arena, &fault, &body);
    assert(err == ERR_OK);
    switch (call->type) {
    case CALL_bus_subscribe:
        subscribe = body;
        s_tune(broker, true, subscribe->rooms, subscribe->accounts);
        s_answer(broker, call, &(bus_subscribed_t){broker->head});
        break;
    case CALL_bus_unsubscribe:
        enough = body;
        s_tune(broker, false, enough->rooms, enough->accounts);
        s_answer(broker, call, &(nothing_t){});
        break;
    case CALL_bus_read:
        s_read(broker, call, body);
        break;
    case CALL_room_ids:
        s_rooms(broker, call);
        break;
    case CALL_room_post:
        s_take_post(broker, call, ((const room_post_call_t *)body)->room);
        break;
    default:
        s_refuse(broker, call, ERR_NOT_FOUND);
    }
}
