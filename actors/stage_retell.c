/* stage_retell.c - a stage is put back to where a tape begins, and told what it learned then.
 *
 * What an input's function learns from elsewhere is little: what postmen came back with, bytes
 * drawn from the input's random ones, the hash of a credential.  It is noted with the input,
 * and in a re-run it comes from there; so nobody is sent anywhere, and no secret is needed. */
#include <assert.h>

#include "actors/crypto.h"
#include "actors/stage_parts.h"
#include "schema/pack.h"

/* ---- what an input's function learns from elsewhere ---- */

bool turn_noted(turn_t *turn, slice_t *ret_note)
{
    if (!turn->stage->retelling)
        return false;
    if (unpack_bin(&turn->told, ret_note) != ERR_OK)
        *ret_note = (slice_t){0};
    return true;
}

void turn_note(turn_t *turn, slice_t note)
{
    if (turn->stage->taping.tape != NULL)
        pack_bin(&turn->notes, note);
}

void turn_draw(turn_t *turn, const char *purpose, uint8_t ret_bytes[RAND_SIZE])
{
    slice_t note;
    if (turn_noted(turn, &note) && note.len == RAND_SIZE)
        memcpy(ret_bytes, note.ptr, RAND_SIZE);
    else
        crypto_blake128(slice_of(purpose), slice_new(turn_rand(turn), RAND_SIZE), ret_bytes);
    turn_note(turn, slice_new(ret_bytes, RAND_SIZE));
}

slice_t turn_hash(turn_t *turn, slice_t credential)
{
    uint8_t *hash = arena_alloc(turn_arena(turn), CRYPTO_BLAKE256_SIZE);
    slice_t note;
    turn->withheld = true;
    if (turn_noted(turn, &note) && note.len == CRYPTO_BLAKE256_SIZE)
        memcpy(hash, note.ptr, note.len);
    else
        crypto_blake256(credential, hash);
    turn_note(turn, slice_new(hash, CRYPTO_BLAKE256_SIZE));
    return slice_new(hash, CRYPTO_BLAKE256_SIZE);
}

/* ---- back to where a tape begins ---- */

static void s_restore_waiting(stage_t *stage, list_t list)
{
    const tape_waiting_t *items = list.items;
    for (size_t i = 0; i < list.count && i < WAITING_MAX; i++) {
        stage->waiting[i] = (waiting_t){.ticket = items[i].ticket, .taken = true};
        buf_append(&stage->waiting[i].call, items[i].call);
    }
}

static void s_restore_reacting(stage_t *stage, const tape_begin_t *begin)
{
    reacting_t *reacting = &stage->reacting;
    reacting->on = begin->reacting;
    reacting->ever = begin->ever;
    reacting->seen = begin->seen;
    reacting->done = begin->done;
    reacting->open = begin->open;
    reacting->rests = begin->rests;
}

static err_t s_restore_soft(stage_t *stage, slice_t soft)
{
    const call_t nobody = {.time = stage->now};
    if (stage->row->soft_restore == NULL)
        return ERR_OK;
    err_t err = stage_flush(stage);
    arena_reset(stage->arena);
    stage_turn_begin(stage, &nobody, NULL);
    store_committed_begin(stage->store);
    return err == ERR_OK ? stage->row->soft_restore(&stage->turn, soft) : err;
}

err_t stage_restore(stage_t *stage, const tape_begin_t *begin)
{
    if (begin->format != TAPE_FORMAT || begin->actor != stage->row->owner ||
        begin->applied != stage->applied)
        return ERR_INVALID;
    stage->retelling = true;
    stage->cold = false;
    stage->now = begin->now;
    stage->epoch = begin->epoch;
    stage->last_ticket = begin->tickets;
    s_restore_reacting(stage, begin);
    s_restore_waiting(stage, begin->waiting);
    return s_restore_soft(stage, begin->soft);
}

err_t stage_pend(stage_t *stage, const record_t *record)
{
    const event_type_t *type = event_type(record->type);
    apply_fn *apply = record->type < NUMBERS ? stage->events[record->type] : NULL;
    const void *body;
    fault_t fault;
    arena_reset(stage->arena);
    if (type == NULL || apply == NULL ||
        codec_unpack(record->body, type->shape(), stage->arena, &fault, &body) != ERR_OK)
        return ERR_CORRUPT;
    apply(&stage->turn, record, body);
    stage_pend_writes(stage);
    return ERR_OK;
}

void stage_retell(stage_t *stage, slice_t notes)
{
    stage->turn.told = (unpack_t){notes};
}

err_t stage_retell_result(stage_t *stage, const tape_entry_t *entry)
{
    unpack_t in = {entry->bytes};
    work_result_t result;
    uint64_t kind;
    size_t items;
    if (unpack_array(&in, &items) != ERR_OK || items != RESULT_ITEMS ||
        unpack_u64(&in, &kind) != ERR_OK || kind > WORK_VERIFY ||
        unpack_bool(&in, &result.fits) != ERR_OK || unpack_bin(&in, &result.verifier) != ERR_OK ||
        unpack_bin(&in, &result.md5_verifier) != ERR_OK)
        return ERR_CORRUPT;
    result.kind = (work_kind_t)kind;
    stage_result(stage, entry->number, &result);
    return ERR_OK;
}

void stage_pass(stage_t *stage, int64_t time)
{
    if (time > stage->now)
        stage->now = time;
}

uint64_t stage_epoch(const stage_t *stage)
{
    return stage->epoch;
}
