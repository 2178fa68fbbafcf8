/* actor.c - the thread around a stage: mailbox, catch-up, pool, heartbeat.
 *
 *   HELLO ──welcome──> SUBSCRIBE ──all acknowledged──> READ ──page complete──> WARM ──> LIVE
 *     ^                                                  ^└─ page, not complete ─┘ (again)
 *     │                                                  └─ complete, reactions are owed
 *     └──── nothing heard for SILENCE_MS, the broker does not know us, or reactions were lost
 *
 * While READ goes on, live records are passed over: the pages contain them, and
 * the complete page is answered at a point of the stream from which on nothing is
 * missing.  In WARM soft state is made, a bit a turn, and no call comes yet; what it needs
 * later is done between inputs.  An actor that works from behind subscribes to nothing and serves from the
 * welcome on; in LIVE it rests for POLL_MS, then reads again.  A turn of the loop takes a bounded number of messages, then sends all
 * output as one. */
#include "actors/actor_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "actors/clock.h"
#include "actors/failpoint.h"
#include "actors/log.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum {
    MESSAGES_A_TURN = 64,
    SILENCE_MS = 5000,
    FLUSH_BYTES = 4 * 1024 * 1024,     /* settled values that may wait in memory */
    UNWRITTEN_MAX = 256 * 1024 * 1024, /* the same while the disk is full */
};

static const uint64_t FAR_BEHIND = 200 * 1000; /* records: a second's work */

/* A projection that cannot be written or read ends the process: the journal has
 * everything, a restart rebuilds. */
static void s_must(const actor_t *actor, err_t err, const char *what)
{
    if (err == ERR_OK)
        return;
    log_error(actor->row->name, "%s: %s; stopping, a restart recovers from the journal", what,
              err_info(err)->name);
    exit(EXIT_FAILURE);
}

/* Put what is settled on disk.  While that is full it waits in memory: little can
 * come, since the journal has no room either. */
static void s_flush(actor_t *actor)
{
    err_t err = stage_flush(actor->stage);
    if (store_lost(actor->store))
        return; /* it is made anew at the end of this turn */
    bool full = err == ERR_STORAGE && store_waiting(actor->store) < UNWRITTEN_MAX;
    if (!full)
        s_must(actor, err, "writing the projection");
    if (full && !actor->unwritten)
        log_error(actor->row->name, "no room on the disk for the projection; it waits in memory");
    else if (!full && actor->unwritten)
        log_info(actor->row->name, "the projection is on disk again");
    actor->unwritten = full;
    failpoint_reached(FAILPOINT_ACTOR_FLUSHED);
}

/* ---- what the runtime itself asks of the broker ---- */

static void s_ask(actor_t *actor, call_number_t number, const void *body)
{
    const call_type_t *type = call_type((uint16_t)number);
    call_begin(stage_out(actor->stage), &(call_t){.type = type->number, .corr = type->number});
    codec_pack(stage_out(actor->stage), type->shape(), body);
}

static void s_send(actor_t *actor)
{
    buf_t *fresh = stage_out(actor->stage);
    if (actor->out.len == 0) {
        buf_t empty = actor->out;
        actor->out = *fresh;
        *fresh = empty;
    } else {
        buf_append(&actor->out, buf_slice(fresh));
        buf_reset(fresh);
    }
    /* A full queue keeps the bytes; the next turn tries again. */
    if (actor->out.len > 0 && bus_send(actor->bus, &actor->out) != ERR_OK)
        return;
    failpoint_reached(FAILPOINT_ACTOR_SENT);
}

static void s_hello(actor_t *actor)
{
    actor->state = STATE_HELLO;
    actor->heard_ms = actor_now_ms();
    s_ask(actor, CALL_bus_hello,
          &(bus_hello_call_t){
              .role = peer_role_ACTOR,
              .actor = actor->row->owner,
              .applied = stage_applied(actor->stage),
          });
}

/* On a fresh connection: nothing that was said to the broker before comes after it. */
static void s_hello_again(actor_t *actor)
{
    stage_abandon(actor->stage);
    buf_reset(&actor->out);
    s_must(actor, bus_renew(actor->bus), "connecting to the bus");
    s_hello(actor);
}

static void s_subscribe(actor_t *actor)
{
    actor->state = STATE_SUBSCRIBE;
    actor->unacknowledged = actor->row->event_count + 1;
    s_ask(actor, CALL_bus_subscribe,
          &(bus_subscribe_call_t){.prefix = slice_of(event_type(EVENT_account_redacted)->name)});
    for (size_t i = 0; i < actor->row->event_count; i++) {
        const event_type_t *type = event_type((uint16_t)actor->row->events[i].event);
        s_ask(actor, CALL_bus_subscribe, &(bus_subscribe_call_t){.prefix = slice_of(type->name)});
    }
}

static void s_read(actor_t *actor, uint64_t from)
{
    actor->state = STATE_READ;
    s_ask(actor, CALL_bus_read, &(bus_read_call_t){.from = from});
}

/* From behind the journal: whatever there is by now, in few large steps. */
static void s_poll(actor_t *actor)
{
    if (actor_poll_due(actor) <= actor_now_ms())
        s_read(actor, stage_applied(actor->stage) + 1);
}

static void s_ping(actor_t *actor)
{
    int64_t now_ms = actor_now_ms();
    if (now_ms - actor->heard_ms > SILENCE_MS) {
        log_warn(actor->row->name, "the broker is silent; saying hello again");
        s_hello_again(actor);
    } else if (now_ms >= actor_ping_due(actor)) {
        actor->pinged_ms = now_ms;
        s_ask(actor, CALL_bus_ping,
              &(bus_ping_call_t){
                  .applied = stage_applied(actor->stage),
                  .hashes = pool_orders(actor->pool),
              });
    }
}

/* ---- what the broker answers ---- */

void actor_make_stage(actor_t *actor)
{
    recorder_end(&actor->recorder, "the projection was made anew");
    actor->stage = stage_new(actor->row, actor->store);
    stage_set_options(actor->stage, &actor->options);
}

/* A projection that is damaged, of another format, or not one of this journal is made anew. */
static void s_check_projection(actor_t *actor, const bus_welcome_t *welcome)
{
    actor->revive = (revive_t){actor->options.data, actor->row, welcome->first, welcome->head};
    if (revive_unneeded(&actor->revive, actor->store, stage_applied(actor->stage)))
        return;
    s_must(actor, revive_store(&actor->revive, actor->store), "making the projection");
    stage_destroy(&actor->stage);
    actor_make_stage(actor);
}

/* Far behind: a projection that was lost, or made by an older journal's copy. */
static void s_check_behind(actor_t *actor, uint64_t head)
{
    if (head - stage_applied(actor->stage) < FAR_BEHIND)
        return;
    log_info(actor->row->name, "%llu records to apply",
             (unsigned long long)(head - stage_applied(actor->stage)));
    s_must(actor, stage_flush(actor->stage), "writing the projection");
    s_must(actor, store_hurry(actor->store), "opening the projection");
}

/* ---- whoever was redacted ---- */

/* Whether that is news: then the rows were made of records that had not lost yet what was
 * personal in them.  Where they cannot be made of others they stay. */
static bool s_sift(actor_t *actor, const record_t *record)
{
    if (record->type != EVENT_account_redacted || record->seq <= store_sifted(actor->store))
        return false;
    recorder_forget(&actor->recorder, actor->row, actor->options.data);
    actor->sifting = actor->revive.first <= 1;
    if (actor->sifting)
        return true;
    log_warn(actor->row->name,
             "account %llu was redacted; what the projection has of records before %llu, which are "
             "gone, stays",
             (unsigned long long)record->account, (unsigned long long)actor->revive.first);
    store_set_sifted(actor->store, record->seq);
    if (actor->state == STATE_LIVE)
        s_ask(actor, CALL_bus_ready, &(bus_ready_call_t){});
    return false;
}

/* Without what was damaged, as at a start: from nothing, or where the journal was cut from a
 * snapshot, none of which can be of later than what was applied. */
static void s_replace(actor_t *actor)
{
    if (actor->revive.head < stage_applied(actor->stage))
        actor->revive.head = stage_applied(actor->stage);
    s_must(actor, revive_store(&actor->revive, actor->store), "making the projection");
}

/* The journal gives no longer what was personal, or the disk what was there.  What had been reacted
 * to was, all the same. */
static void s_make_anew(actor_t *actor)
{
    uint64_t reacted;
    stage_t *before = actor->stage;
    bool ever = store_reacted(actor->store, &reacted);
    if (actor->sifting) {
        log_info(actor->row->name, "an account was redacted: making the projection anew");
        s_must(actor, store_reset(actor->store), "emptying the projection");
    } else {
        s_replace(actor);
    }
    actor->sifting = false;
    if (ever && store_applied(actor->store) == 0)
        store_set_reacted(actor->store, reacted);
    actor_make_stage(actor);
    stage_succeed(actor->stage, before);
    stage_destroy(&before);
    s_hello_again(actor);
}

/* The projection, since the broker's welcome told what there is to make another of. */
static bool s_has_lost(const actor_t *actor)
{
    return store_lost(actor->store) && actor->revive.data != NULL;
}

static void s_apply_page(actor_t *actor, const bus_page_t *page)
{
    slice_t records = page->records;
    record_t record;
    if (records.len > 0)
        actor_stir(actor);
    while (records.len > 0) {
        s_must(actor, record_read(&records, &record), "reading a page of the journal");
        s_must(actor, revive_check(&actor->revive, actor->store, &record), "making the projection");
        if (s_sift(actor, &record))
            return;
        s_must(actor, stage_record(actor->stage, &record), "applying a record");
    }
    stage_seen(actor->stage, page->next - 1);
    if (store_waiting(actor->store) > FLUSH_BYTES)
        s_flush(actor);
}

static void s_live(actor_t *actor)
{
    actor->state = STATE_LIVE;
    actor->read_ms = actor_now_ms();
    if (!actor->caught_up || !actor->row->behind)
        log_info(actor->row->name, "caught up at %llu",
                 (unsigned long long)stage_applied(actor->stage));
    actor->caught_up = true;
    if (!actor->row->behind)
        s_ask(actor, CALL_bus_ready, &(bus_ready_call_t){});
}

/* The journal is applied to its head; what has not been reacted to is read once more.  The
 * disk knows that reactions have begun before there is one. */
static void s_at_head(actor_t *actor)
{
    if (stage_start_reacting(actor->stage))
        s_flush(actor);
    uint64_t owed = stage_owes(actor->stage);
    if (owed > 0)
        s_read(actor, owed);
    else
        actor->state = STATE_WARM;
}

static void s_warm(actor_t *actor)
{
    if (actor->state < STATE_WARM)
        return;
    actor->warming = stage_warm(actor->stage);
    if (!actor->warming && actor->state == STATE_WARM)
        s_live(actor);
}

/* The next page is read while this one is applied. */
static void s_page(actor_t *actor, const bus_page_t *page)
{
    if (!page->complete) {
        s_read(actor, page->next);
        s_send(actor);
    }
    s_apply_page(actor, page);
    if (page->complete && !actor->sifting)
        s_at_head(actor);
}

static void s_serve_from_behind(actor_t *actor)
{
    s_ask(actor, CALL_bus_ready, &(bus_ready_call_t){});
    s_read(actor, stage_applied(actor->stage) + 1);
}

/* A broker that has given the actor up does not know it, nor does one that the hello has not
 * reached, which goes before any ping; one that lost what the actor had decided before does not
 * let it in yet.  All take another hello. */
static void s_refused(actor_t *actor, const reply_t *reply)
{
    bool unknown = reply->status == ERR_UNAUTHENTICATED;
    bool forgotten = unknown && (actor->state != STATE_HELLO || reply->type == CALL_bus_ping);
    bool lost = reply->type == CALL_bus_hello && reply->status == ERR_UNKNOWN_OUTCOME;
    if (forgotten)
        log_warn(actor->row->name, "the broker had given us up; saying hello again");
    if (forgotten || lost)
        s_hello_again(actor);
    else if (actor->state == STATE_READ && actor->row->behind && reply->type == CALL_bus_read)
        s_live(actor); /* the disk refuses; it is tried again */
    else if (!unknown && reply->type != CALL_bus_ping)
        s_must(actor, reply->status, "asking the broker");
}

/* Whatever concerned an actor that listens came before on the same pipe: without this one that
 * hears little would read the whole journal at the next start. */
static void s_hear_head(actor_t *actor, uint64_t head)
{
    if (!actor->row->behind)
        stage_seen(actor->stage, head);
    else if (head > stage_applied(actor->stage))
        actor_stir(actor);
}

static void s_reply(actor_t *actor, const reply_t *reply)
{
    const call_type_t *type = call_type(reply->type);
    const void *body;
    fault_t fault;
    if (reply->status != ERR_OK) {
        s_refused(actor, reply);
        return;
    }
    if (type == NULL)
        return;
    arena_reset(actor->arena);
    s_must(actor, codec_unpack(reply->body, type->answer(), actor->arena, &fault, &body),
           "reading a reply of the broker");

    if (reply->type == CALL_bus_hello && actor->state == STATE_HELLO) {
        s_check_projection(actor, body);
        s_check_behind(actor, ((const bus_welcome_t *)body)->head);
        if (stage_applied(actor->stage) == 0) /* from here on all has lost what it had to */
            store_set_sifted(actor->store, ((const bus_welcome_t *)body)->head);
        stage_new_epoch(actor->stage, ((const bus_welcome_t *)body)->epoch);
        if (actor->row->behind)
            s_serve_from_behind(actor);
        else
            s_subscribe(actor);
    } else if (reply->type == CALL_bus_subscribe && actor->state == STATE_SUBSCRIBE) {
        if (--actor->unacknowledged == 0)
            s_read(actor, stage_applied(actor->stage) + 1);
    } else if (reply->type == CALL_bus_read && actor->state == STATE_READ) {
        s_page(actor, body);
    } else if (reply->type == CALL_bus_ping && actor->state == STATE_LIVE) {
        s_hear_head(actor, reply->as_of);
    }
}

static void s_copy(actor_t *actor, const record_t *order)
{
    bus_snapshotted_call_t refused;
    if (!copying_begin(&actor->copying, &actor->revive, actor->caught_up ? actor->stage : NULL,
                       actor->store, order, &refused))
        s_ask(actor, CALL_bus_snapshotted, &refused);
}

static void s_end_copy(actor_t *actor)
{
    bus_snapshotted_call_t told;
    arena_reset(actor->arena);
    if (copying_end(&actor->copying, &actor->revive, actor->store, actor->arena, &told))
        s_ask(actor, CALL_bus_snapshotted, &told);
}

static void s_heed(actor_t *actor, const record_t *record)
{
    const void *order;
    fault_t fault;
    arena_reset(actor->arena);
    s_must(actor,
           codec_unpack(record->body, shape_bus_record_event(), actor->arena, &fault, &order),
           "reading an order to record");
    recorder_heed(&actor->recorder, actor->state == STATE_LIVE ? actor->stage : NULL, actor->row,
                  actor->options.data, order);
}

/* What was reacted to and is lost is read once more, and meanwhile no call may come: who reads
 * passes over what is committed, and would decide without it. */
static void s_record(actor_t *actor, const record_t *record)
{
    const void *body;
    fault_t fault;
    if (record->type == EVENT_bus_epoch) {
        arena_reset(actor->arena);
        s_must(actor,
               codec_unpack(record->body, shape_bus_epoch_event(), actor->arena, &fault, &body),
               "reading an epoch");
        stage_new_epoch(actor->stage, ((const bus_epoch_event_t *)body)->epoch);
        if (actor->state >= STATE_WARM && stage_owes(actor->stage) > 0)
            s_hello_again(actor);
    } else if (record->type == EVENT_bus_snapshot) {
        s_copy(actor, record);
    } else if (record->type == EVENT_bus_record) {
        s_heed(actor, record);
    } else if (actor->state >= STATE_WARM && !s_sift(actor, record)) {
        s_must(actor, stage_record(actor->stage, record), "applying a record");
    }
}

/* ---- the loop ---- */

/* One envelope off the front; false when the rest makes no sense. */
static bool s_envelope(actor_t *actor, slice_t *in)
{
    call_t call;
    reply_t reply;
    record_t record;
    switch (envelope_kind(*in)) {
    case ENVELOPE_CALL:
        if (call_read(in, &call) != ERR_OK)
            return false;
        actor_stir(actor);
        stage_call(actor->stage, &call);
        return true;
    case ENVELOPE_REPLY:
        if (reply_read(in, &reply) != ERR_OK)
            return false;
        s_reply(actor, &reply);
        return true;
    case ENVELOPE_RECORD:
        if (record_read(in, &record) != ERR_OK)
            return false;
        actor_stir(actor);
        s_record(actor, &record);
        return true;
    case ENVELOPE_DECISION:
    case ENVELOPE_NONE:
        return false;
    }
    return false;
}

static void s_message(actor_t *actor, slice_t message)
{
    actor->heard_ms = actor_now_ms();
    while (message.len > 0 && !actor->sifting)
        if (!s_envelope(actor, &message)) {
            log_error(actor->row->name, "a malformed message from the broker was dropped");
            return;
        }
}

/* ---- the loop's other work ---- */

static void s_report(actor_t *actor)
{
    recording_t part;
    if (recorder_tell(&actor->recorder, actor->row, actor_now_ms(), &part))
        s_ask(actor, CALL_record_report, &(record_report_call_t){.part = &part});
}

static void s_tick(actor_t *actor)
{
    int64_t now_ms = actor_now_ms();
    size_t said = stage_out(actor->stage)->len;
    if (now_ms < actor_tick_due(actor))
        return;
    actor->ticked_ms = now_ms;
    stage_tick(actor->stage, clock_time_us());
    if (stage_out(actor->stage)->len > said)
        actor_stir(actor);
}

static void s_work(actor_t *actor)
{
    uint64_t ticket;
    work_result_t result;
    work_t work;
    while (pool_result(actor->pool, &ticket, &result))
        stage_result(actor->stage, ticket, &result);
    while (stage_take_work(actor->stage, &ticket, &work))
        s_must(actor, pool_submit(actor->pool, ticket, &work), "ordering work of the pool");
}

static void s_turn(actor_t *actor)
{
    uint32_t peer;
    slice_t message;
    bus_t *const buses[] = {actor->bus, pool_bus(actor->pool), actor->stopped};
    bus_wait(buses, COUNT_OF(buses), actor_rest_ms(actor));

    bool idle = true;
    for (int i = 0; i < MESSAGES_A_TURN && bus_receive(actor->bus, &peer, &message); i++) {
        idle = false;
        s_message(actor, message);
    }
    if (actor->sifting)
        s_make_anew(actor);
    s_work(actor);
    s_tick(actor);
    s_warm(actor);
    s_poll(actor);
    s_ping(actor);
    s_report(actor);
    s_end_copy(actor);
    if (idle || store_waiting(actor->store) > FLUSH_BYTES)
        s_flush(actor);
    if (s_has_lost(actor))
        s_make_anew(actor);
    s_send(actor);
}

static bool s_is_stopped(actor_t *actor)
{
    uint32_t peer;
    slice_t word;
    return bus_receive(actor->stopped, &peer, &word);
}

void *actor_run(void *ctx)
{
    actor_t *actor = ctx;
    prctl(PR_SET_NAME, actor->row->name);
    const pool_options_t pool = {
        .weak = actor->options.weak_passwords,
        .md5_clients = actor->options.md5_clients,
    };
    s_must(actor, pool_start(actor->row->name, &pool, &actor->pool), "starting the pool");
    s_hello(actor);
    s_send(actor);
    while (!s_is_stopped(actor))
        s_turn(actor);
    recorder_end(&actor->recorder, "the actor ended");
    s_flush(actor);
    pool_stop(&actor->pool);
    bus_close(&actor->bus);
    return NULL;
}
