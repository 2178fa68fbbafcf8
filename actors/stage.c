/* stage.c - decide, apply, query and react, and what stands between them and the broker.
 *
 * One input at a time:
 *
 *   command ── decide ──> events ── apply (pending) ──> decision out
 *                  └────> work ── (pool) ──> result ── decide again
 *   query ──── flush, query ──> reply out
 *   record ─── pending own one? settle : apply (settled) ── react (stage_react.c)
 *
 * Invariants:
 *   - `unsettled` holds, oldest first, the number of store writes of each own event
 *     that was decided in this epoch and is not committed; the store holds those
 *     writes pending in the same order.
 *   - own events come back in the order in which they were decided, so the first
 *     own record of this epoch belongs to the first of `unsettled`.
 *   - `applied` never falls, and the store on disk is never ahead of it. */
#include "actors/stage.h"

#include <assert.h>

#include "actors/failpoint.h"
#include "actors/stage_parts.h"
#include "schema/mem.h"
#include "schema/pack.h"

/* ---- fifo ---- */

static void s_fifo_push(fifo_t *fifo, size_t item)
{
    if (fifo->count == fifo->size) {
        size_t size = fifo->size > 0 ? fifo->size * 2 : 64;
        size_t *items = mem_grow(NULL, size * sizeof *items);
        for (size_t i = 0; i < fifo->count; i++)
            items[i] = fifo->items[(fifo->first + i) & (fifo->size - 1)];
        mem_free(fifo->items);
        *fifo = (fifo_t){items, 0, fifo->count, size};
    }
    fifo->items[(fifo->first + fifo->count++) & (fifo->size - 1)] = item;
}

static size_t s_fifo_pop(fifo_t *fifo)
{
    assert(fifo->count > 0);
    size_t item = fifo->items[fifo->first];
    fifo->first = (fifo->first + 1) & (fifo->size - 1);
    fifo->count--;
    return item;
}

/* ---- stage ---- */

stage_t *stage_new(const actor_row_t *row, store_t *store)
{
    stage_t *stage = mem_new(stage_t);
    stage->row = row;
    stage->store = store;
    stage->arena = arena_new();
    stage->soft = mem_zeroed(row->soft_size + 1);
    stage->applied = store_applied(store);
    stage->now = store_time(store);
    stage->turn.stage = stage;
    stage->cold = row->warm != NULL;
    for (size_t i = 0; i < row->call_count; i++)
        stage->calls[row->calls[i].call] = row->calls[i].decide;
    for (size_t i = 0; i < row->event_count; i++)
        stage->events[row->events[i].event] = row->events[i].apply;
    stage_react_begin(stage);
    store_filter(store, row->filtered);
    return stage;
}

void stage_set_options(stage_t *stage, const actor_options_t *options)
{
    stage->options = options;
    if (stage->row->soft_open != NULL)
        stage->row->soft_open(stage->soft, options);
    stage_tape(stage, stage->taping.tape);
}

void stage_destroy(stage_t **stage_p)
{
    stage_t *stage = *stage_p;
    if (stage == NULL)
        return;
    *stage_p = NULL;
    for (size_t i = 0; i < WAITING_MAX; i++)
        stage_waiting_end(&stage->waiting[i]);
    if (stage->row->soft_close != NULL)
        stage->row->soft_close(stage->soft);
    mem_free(stage->soft);
    mem_free(stage->unsettled.items);
    buf_free(&stage->turn.answer);
    buf_free(&stage->turn.records);
    buf_free(&stage->turn.notes);
    buf_free(&stage->out);
    arena_destroy(&stage->arena);
    mem_free(stage);
}

buf_t *stage_out(stage_t *stage)
{
    return &stage->out;
}

uint64_t stage_applied(const stage_t *stage)
{
    return stage->applied;
}

bool stage_keeps(const stage_t *stage, uint16_t event)
{
    return event < NUMBERS && stage->events[event] != NULL;
}

static void s_seen(stage_t *stage, uint64_t seq)
{
    stage_react_seen(stage, seq);
    if (seq <= stage->applied)
        return;
    stage->applied = seq;
    stage->behind = true;
}

void stage_seen(stage_t *stage, uint64_t seq)
{
    stage_tape_begin(stage);
    s_seen(stage, seq);
    stage_tape_put(stage, TAPE_SEEN, seq, (slice_t){0});
}

err_t stage_flush(stage_t *stage)
{
    if (!stage->behind)
        return ERR_OK;
    store_set_time(stage->store, stage->now);
    if (stage->reacting.ever)
        store_set_reacted(stage->store, stage_reacted(stage));
    err_t err = store_flush(stage->store, stage->applied);
    if (err == ERR_OK)
        stage->behind = false;
    return err;
}

static void s_lose(stage_t *stage, uint64_t epoch)
{
    store_forget(stage->store);
    stage_react_lose(stage);
    stage->unsettled.count = 0;
    stage->epoch = epoch;
}

void stage_new_epoch(stage_t *stage, uint64_t epoch)
{
    stage_tape_begin(stage);
    s_lose(stage, epoch);
    stage_tape_lost(stage, TAPE_EPOCH, epoch);
}

void stage_abandon(stage_t *stage)
{
    stage_tape_begin(stage);
    s_lose(stage, 0);
    for (size_t i = 0; i < WAITING_MAX; i++)
        stage_waiting_end(&stage->waiting[i]);
    buf_reset(&stage->out);
    stage->taping.out = 0;
    stage_tape_lost(stage, TAPE_ABANDON, 0);
}

/* ---- committed events ---- */

static bool s_pending(const stage_t *stage, const record_t *record)
{
    return record->actor == stage->row->owner && record->epoch == stage->epoch &&
           stage->unsettled.count > 0;
}

/* Another actor's event, or an own one that is not pending here.  Either function may be
 * NULL: it does not concern this actor, or no longer. */
static err_t s_take(stage_t *stage, const record_t *record, apply_fn *apply, react_fn *react)
{
    const event_type_t *type = event_type(record->type);
    const void *body;
    fault_t fault = {0};
    if ((apply == NULL && react == NULL) || type == NULL)
        return ERR_OK;

    arena_reset(stage->arena);
    if (codec_unpack(record->body, type->shape(), stage->arena, &fault, &body) != ERR_OK)
        return ERR_CORRUPT;
    store_settled_begin(stage->store);
    if (apply != NULL)
        apply(&stage->turn, record, body);
    store_settled_end(stage->store);
    if (react != NULL)
        stage_react(stage, react, record, body);
    return ERR_OK;
}

static err_t s_take_fresh(stage_t *stage, const record_t *record, react_fn *react)
{
    apply_fn *apply = record->type < NUMBERS ? stage->events[record->type] : NULL;
    if (record->time > stage->now)
        stage->now = record->time;
    stage_react_committed(stage, record);
    if (!s_pending(stage, record))
        return s_take(stage, record, apply, react);
    store_settle(stage->store, s_fifo_pop(&stage->unsettled));
    stage_react_settled(stage);
    return ERR_OK;
}

static err_t s_take_settled(stage_t *stage, const record_t *record, react_fn *react)
{
    err_t err = s_take_fresh(stage, record, react);
    if (err == ERR_OK && stage->row->settled != NULL && stage->row->settled(stage->soft, record))
        stage->cold = true;
    return err;
}

/* What is only passed on has no number, and leaves nothing but what is remembered of it. */
static bool s_hear(stage_t *stage, const record_t *record)
{
    if (record->seq == 0 && stage->row->heard != NULL) {
        stage->row->heard(stage->soft, record);
        stage_tape_record(stage, record, false);
    }
    return record->seq == 0;
}

static err_t s_record(stage_t *stage, const record_t *record, react_fn *react)
{
    bool fresh = record->seq > stage->applied, pending = fresh && s_pending(stage, record);
    err_t err = fresh ? s_take_settled(stage, record, react) : s_take(stage, record, NULL, react);
    if (err == ERR_OK)
        s_seen(stage, record->seq);
    stage_tape_record(stage, record, pending);
    return err;
}

err_t stage_overlook(stage_t *stage, const record_t *record)
{
    return s_record(stage, record, NULL);
}

err_t stage_record(stage_t *stage, const record_t *record)
{
    stage_tape_begin(stage);
    if (s_hear(stage, record))
        return ERR_OK;
    failpoint(FAILPOINT_ACTOR_HEARD, record->type);
    err_t err = s_record(stage, record, stage_reaction(stage, record));
    failpoint(FAILPOINT_ACTOR_TOOK, record->type);
    failpoint_ahead(FAILPOINT_ACTOR_FLUSHED, record->type);
    return err;
}

/* ---- calls ---- */

static void s_put_reply_body(stage_t *stage, err_t status)
{
    turn_t *turn = &stage->turn;
    if (status == ERR_OK && turn->answer.len > 0)
        buf_append(&stage->out, buf_slice(&turn->answer));
    else if (status == ERR_OK)
        pack_map(&stage->out, 0);
    else if (turn->detail != NULL)
        pack_str(&stage->out, slice_of(turn->detail));
    else
        pack_nil(&stage->out);
}

/* Where nobody waits for an answer there is none that could rest on anything; and what a tick has
 * looked at for postmen depends on which of them were free. */
void stage_put_decision(stage_t *stage, const call_t *call, err_t status)
{
    turn_t *turn = &stage->turn;
    decision_begin(&stage->out, &(decision_t){
                                    .type = call->type,
                                    .corr = call->corr,
                                    .origin = call->origin,
                                    .status = status,
                                    .epoch = stage->epoch,
                                    .records = turn->record_count,
                                    .rests = call->corr != 0 && store_rests(stage->store),
                                });
    s_put_reply_body(stage, status);
    buf_append(&stage->out, buf_slice(&turn->records));
    failpoint_records(FAILPOINT_ACTOR_EMITTED, buf_slice(&turn->records));
}

static void s_put_reply(stage_t *stage, const call_t *call, err_t status)
{
    reply_begin(&stage->out, &(reply_t){
                                 .type = call->type,
                                 .corr = call->corr,
                                 .origin = call->origin,
                                 .status = status,
                                 .as_of = stage->applied,
                             });
    s_put_reply_body(stage, status);
}

void stage_turn_begin(stage_t *stage, const call_t *call, const work_result_t *result)
{
    turn_t *turn = &stage->turn;
    buf_reset(&turn->answer);
    buf_reset(&turn->records);
    turn->call = call;
    turn->type = call_type(call->type);
    turn->result = result;
    turn->verdict = NULL;
    turn->detail = NULL;
    turn->record_count = 0;
    turn->client_id = (slice_t){0};
    turn->works = false;
    turn->cause = 0;
    if (call->time > stage->now)
        stage->now = call->time;
    store_rest_begin(stage->store);
}

static slice_t s_client_id(const call_type_t *type, const void *body)
{
    const field_t *field = shape_field(type->shape(), SLICE_LIT("client_id"));
    if (field == NULL)
        return (slice_t){0};
    return *(const slice_t *)(const void *)((const uint8_t *)body + field->offset);
}

static err_t s_read_verdict(turn_t *turn, slice_t verdict)
{
    const void *read;
    fault_t fault;
    if (verdict.len == 0)
        return ERR_OK;
    err_t err = codec_unpack(verdict, shape_verdict(), turn->stage->arena, &fault, &read);
    if (err == ERR_OK)
        turn->verdict = read;
    return err;
}

/* Read the body and hand it to the actor's function. */
static err_t s_perform(stage_t *stage, const call_t *call)
{
    turn_t *turn = &stage->turn;
    decide_fn *decide = call->type < NUMBERS ? stage->calls[call->type] : NULL;
    const void *body;
    fault_t fault = {0};
    if (turn->type == NULL || decide == NULL)
        return ERR_UNKNOWN_TYPE;

    err_t err = codec_unpack(call->body, turn->type->shape(), stage->arena, &fault, &body);
    if (err == ERR_OK)
        err = s_read_verdict(turn, call->verdict);
    if (err != ERR_OK) {
        slice_t text = fault_text(&fault, stage->arena);
        turn->detail = (const char *)text.ptr;
        return err;
    }
    turn->client_id = s_client_id(turn->type, body);
    return decide(turn, call, body);
}

void stage_decide(stage_t *stage, const call_t *call, const work_result_t *result)
{
    arena_reset(stage->arena);
    stage_turn_begin(stage, call, result);
    err_t status = s_perform(stage, call);
    assert(status == ERR_OK || stage->turn.record_count == 0);
    if (!stage->turn.works || status != ERR_OK)
        stage_put_decision(stage, call, status);
}

/* Before a walk over rows, so that they are on disk.  While that is full they are seen in
 * memory; who has time tries the flush again. */
static err_t s_flush_to_read(stage_t *stage)
{
    err_t err = store_failed(stage->store) ? ERR_OK : stage_flush(stage);
    return err == ERR_STORAGE ? ERR_OK : err;
}

static void s_query(stage_t *stage, const call_t *call)
{
    err_t status = s_flush_to_read(stage);
    arena_reset(stage->arena);
    stage_turn_begin(stage, call, NULL);
    store_committed_begin(stage->store);
    if (status == ERR_OK)
        status = s_perform(stage, call);
    assert(stage->turn.record_count == 0);
    s_put_reply(stage, call, status);
}

bool stage_warm(stage_t *stage)
{
    const call_t nobody = {.time = stage->now};
    if (!stage->cold || s_flush_to_read(stage) != ERR_OK)
        return false;
    arena_reset(stage->arena);
    stage_turn_begin(stage, &nobody, NULL);
    store_committed_begin(stage->store);
    stage->cold = stage->row->warm(&stage->turn);
    return stage->cold;
}

void stage_call(stage_t *stage, const call_t *call)
{
    const call_type_t *type = call_type(call->type);
    if (type != NULL && type->query) {
        s_query(stage, call);
        return;
    }
    stage_tape_begin(stage);
    stage_decide(stage, call, NULL);
    stage_tape_call(stage, call);
}

void stage_tick(stage_t *stage, int64_t time)
{
    const call_t nobody = {.time = time};
    if (stage->row->tick == NULL)
        return;
    stage_tape_begin(stage);
    arena_reset(stage->arena);
    stage_turn_begin(stage, &nobody, NULL);
    stage->row->tick(&stage->turn);
    if (stage->turn.record_count > 0)
        stage_put_decision(stage, &nobody, ERR_OK);
    stage_tape_put(stage, TAPE_TICK, (uint64_t)time, (slice_t){0});
}

bool stage_awake(const stage_t *stage)
{
    return stage->row->awake != NULL && stage->row->awake(stage->soft);
}

/* ---- the rest of the turn ---- */

void turn_emit(turn_t *turn, event_number_t event, uint64_t room, uint64_t account,
               const void *body)
{
    stage_t *stage = turn->stage;
    const event_type_t *type = event_type((uint16_t)event);
    assert(type != NULL && type->owner == stage->row->owner);
    record_t record = {
        .type = type->number,
        .version = type->version,
        .epoch = stage->epoch,
        .cause = turn->cause,
        .causer = turn->cause > 0 ? (uint8_t)stage->row->owner : 0,
        .actor = (uint8_t)stage->row->owner,
        .time = stage->now,
        .principal = turn->call->principal,
        .room = room,
        .account = account,
        .client_id = turn->client_id,
    };
    record_begin(&turn->records, &record);
    size_t at = turn->records.len;
    codec_pack(&turn->records, type->shape(), body);
    size_t len = turn->records.len - at;
    record_end(&turn->records);
    record.body = slice_new(turn->records.data + at, len);
    turn->record_count++;
    failpoint_ahead(FAILPOINT_ACTOR_SENT, type->number);
    if (type->flags & EVENT_VOLATILE)
        return;

    apply_fn *apply = stage->events[event];
    assert(apply != NULL);
    apply(turn, &record, body);
    stage_pend_writes(stage);
}

void stage_pend_writes(stage_t *stage)
{
    s_fifo_push(&stage->unsettled, store_mark(stage->store));
}

void turn_answer(turn_t *turn, const void *object)
{
    buf_reset(&turn->answer);
    codec_pack(&turn->answer, turn->type->answer(), object);
}

err_t turn_refuse(turn_t *turn, err_t err, const char *detail)
{
    turn->detail = detail;
    return err;
}

store_t *turn_store(turn_t *turn)
{
    return turn->stage->store;
}

arena_t *turn_arena(turn_t *turn)
{
    return turn->stage->arena;
}

int64_t turn_now(const turn_t *turn)
{
    return turn->stage->now;
}

const uint8_t *turn_rand(const turn_t *turn)
{
    return turn->call->rand;
}

void *turn_soft(turn_t *turn)
{
    return turn->stage->soft;
}

const verdict_t *turn_verdict(const turn_t *turn)
{
    return turn->verdict;
}

const work_result_t *turn_result(const turn_t *turn)
{
    return turn->result;
}
