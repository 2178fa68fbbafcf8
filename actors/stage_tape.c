/* stage_tape.c - a stage tells a tape all that goes in and what comes of it; and is put back to
 * where a tape begins.
 *
 *   begin ── how it is: its time, what is pending, who waits, what is soft
 *   input ── its function ── output      one entry for each, with what it learned on the way
 *
 * Questions change nothing, so they are on no tape; but they move the actor's time, which the
 * next entry's begin tells.  Neither are flushes and warming up: what decides is read by key,
 * and is the same wherever it lies.
 *
 * Own events that are pending when the tape begins were decided before: they go onto it whole
 * when they come back, and a re-run looks ahead for them.  If they are lost instead, the tape
 * begins anew, as nothing is pending then. */
#include <assert.h>

#include "actors/crypto.h"
#include "actors/notifier/hook.h"
#include "actors/notifier/mail.h"
#include "actors/notifier/push.h"
#include "actors/stage_parts.h"
#include "schema/mem.h"
#include "schema/pack.h"

/* ---- what a tape may not have ---- */

/* In place of each secret a text that is as good: no rule asks for more than so many letters. */
static void s_mask_body(arena_t *arena, const shape_t *shape, void *body)
{
    for (size_t i = 0; i < shape->count; i++) {
        const field_t *field = &shape->fields[i];
        slice_t *text = (slice_t *)(void *)((uint8_t *)body + field->offset);
        if (field->need != NEED_SEC)
            continue;
        assert(field->kind == KIND_STR);
        size_t most = field->min > LIMIT_PASSWORD_MIN ? field->min : LIMIT_PASSWORD_MIN;
        size_t len = text->len < most ? text->len : most;
        *text = slice_new(memset(arena_alloc(arena, len + 1), 'x', len), len);
    }
}

/* The call as a tape may have it, in the stage's arena; the zero slice if nobody could read it,
 * so that nothing came of it. */
static slice_t s_masked(stage_t *stage, const call_t *call, bool withheld)
{
    const call_type_t *type = call_type(call->type);
    call_t masked = *call;
    buf_t bytes = {0};
    fault_t fault;
    const void *body;
    bool secrets = type != NULL && shape_has_secrets(type->shape());
    if (!secrets && !withheld)
        return call->bytes;
    if (type == NULL ||
        codec_unpack(call->body, type->shape(), stage->arena, &fault, &body) != ERR_OK)
        return (slice_t){0};
    if (withheld)
        memset(masked.rand, 0, RAND_SIZE);
    s_mask_body(stage->arena, type->shape(), (void *)(uintptr_t)body);
    call_begin(&bytes, &masked);
    codec_pack(&bytes, type->shape(), body);
    slice_t copy = arena_copy(stage->arena, buf_slice(&bytes));
    buf_free(&bytes);
    return copy;
}

/* A decision without its answer, and the records behind it. */
static slice_t s_mask_out(stage_t *stage, slice_t out)
{
    buf_t bytes = {0};
    decision_t decision;
    err_t err = decision_read(&out, &decision);
    assert(err == ERR_OK);
    decision_begin(&bytes, &decision);
    pack_nil(&bytes);
    buf_append(&bytes, out);
    slice_t copy = arena_copy(stage->arena, buf_slice(&bytes));
    buf_free(&bytes);
    return copy;
}

/* ---- how it is ---- */

static list_t s_waiting(stage_t *stage)
{
    tape_waiting_t *items = arena_alloc(stage->arena, WAITING_MAX * sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < WAITING_MAX; i++) {
        const waiting_t *waiting = &stage->waiting[i];
        slice_t bytes = buf_slice(&waiting->call);
        call_t call;
        if (waiting->ticket != 0 && call_read(&bytes, &call) == ERR_OK)
            items[count++] = (tape_waiting_t){waiting->ticket, s_masked(stage, &call, true)};
    }
    return (list_t){items, count};
}

static void s_put_settings(const stage_t *stage, tape_begin_t *begin)
{
    const actor_options_t *options = stage->options;
    if (options == NULL)
        return;
    begin->reveal_emails = options->reveal_emails;
    begin->public_uuids = options->public_uuids;
    begin->proven_only = options->proven_only;
    begin->mails = options->mail != NULL;
    begin->pushes = options->pushes != NULL;
    if (options->mail != NULL) {
        begin->digest_after = options->mail->digest_after;
        begin->digest_every = options->mail->digest_every;
    }
    if (options->hooks != NULL)
        begin->hook_urls = slice_of(options->hooks->urls);
    if (options->pushes != NULL) {
        begin->push_trusted = slice_of(options->pushes->trusted);
        begin->push_wait = options->pushes->wait_s;
    }
}

static void s_put_reacting(const stage_t *stage, tape_begin_t *begin)
{
    const reacting_t *reacting = &stage->reacting;
    begin->reacting = reacting->on;
    begin->ever = reacting->ever;
    begin->seen = reacting->seen;
    begin->done = reacting->done;
    begin->open = reacting->open;
    begin->rests = reacting->rests;
}

static void s_begin(stage_t *stage)
{
    buf_t soft = {0}, bytes = {0};
    tape_begin_t begin = {
        .format = TAPE_FORMAT,
        .actor = stage->row->owner,
        .build = SLICE_LIT(KITH_VERSION),
        .applied = stage->applied,
        .epoch = stage->epoch,
        .now = stage->now,
        .pending = stage->unsettled.count,
        .tickets = stage->last_ticket,
    };
    arena_reset(stage->arena);
    s_put_reacting(stage, &begin);
    s_put_settings(stage, &begin);
    begin.waiting = s_waiting(stage);
    if (stage->row->soft_keep != NULL)
        stage->row->soft_keep(stage->soft, &soft);
    begin.soft = buf_slice(&soft);
    codec_pack(&bytes, shape_tape_begin(), &begin);
    tape_add(stage->taping.tape, &(tape_entry_t){.kind = TAPE_BEGIN, .bytes = buf_slice(&bytes)});
    stage->taping.strange = stage->unsettled.count;
    stage->taping.now = stage->now;
    buf_free(&soft);
    buf_free(&bytes);
}

void stage_tape(stage_t *stage, tape_t *tape)
{
    stage->taping = (taping_t){.tape = tape};
    if (tape == NULL)
        return;
    tape_restart(tape);
    s_begin(stage);
}

/* ---- inputs ---- */

void stage_tape_begin(stage_t *stage)
{
    taping_t *taping = &stage->taping;
    buf_reset(&stage->turn.notes);
    stage->turn.withheld = false;
    taping->out = stage->out.len;
    if (taping->tape != NULL && stage->now > taping->now)
        tape_add(taping->tape, &(tape_entry_t){.kind = TAPE_TIME, .number = (uint64_t)stage->now});
}

void stage_tape_put(stage_t *stage, tape_kind_t kind, uint64_t number, slice_t bytes)
{
    taping_t *taping = &stage->taping;
    if (taping->tape == NULL)
        return;
    slice_t out = slice_from(buf_slice(&stage->out), taping->out);
    taping->now = stage->now;
    tape_add(taping->tape, &(tape_entry_t){
                               .kind = kind,
                               .number = number,
                               .bytes = bytes,
                               .notes = buf_slice(&stage->turn.notes),
                               .out = stage->turn.withheld ? s_mask_out(stage, out) : out,
                           });
}

/* What waits for the pool may come to make a credential. */
void stage_tape_call(stage_t *stage, const call_t *call)
{
    if (stage->taping.tape == NULL)
        return;
    slice_t bytes = s_masked(stage, call, stage->turn.withheld || stage->turn.works);
    if (bytes.len > 0)
        stage_tape_put(stage, TAPE_CALL, 0, bytes);
}

void stage_tape_record(stage_t *stage, const record_t *record, bool pending)
{
    taping_t *taping = &stage->taping;
    if (taping->tape == NULL)
        return;
    if (pending && taping->strange == 0) {
        stage_tape_put(stage, TAPE_SETTLED, record->seq, (slice_t){0});
        return;
    }
    taping->strange -= pending;
    stage_tape_put(stage, TAPE_RECORD, 0, record->bytes);
}

/* What was pending is lost; if the tape does not know what that was, it begins anew. */
void stage_tape_lost(stage_t *stage, tape_kind_t kind, uint64_t number)
{
    taping_t *taping = &stage->taping;
    if (taping->tape == NULL)
        return;
    if (taping->strange == 0) {
        stage_tape_put(stage, kind, number, (slice_t){0});
    } else if (tape_reason(taping->tape) == NULL) {
        stage_tape(stage, taping->tape);
    }
}

void stage_tape_result(stage_t *stage, uint64_t ticket, const work_result_t *result)
{
    buf_t bytes = {0};
    if (stage->taping.tape == NULL)
        return;
    pack_array(&bytes, RESULT_ITEMS);
    pack_u64(&bytes, result->kind);
    pack_bool(&bytes, result->fits);
    pack_bin(&bytes, result->verifier);
    pack_bin(&bytes, result->md5_verifier);
    stage_tape_put(stage, TAPE_RESULT, ticket, buf_slice(&bytes));
    buf_free(&bytes);
}
