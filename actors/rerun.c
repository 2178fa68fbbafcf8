/* rerun.c - entries become calls of the stage.
 *
 * Own events that are pending stand in a queue, as the stage has them in its own: what was
 * decided then beside what is decided now, event by event.  When the tape says that the oldest
 * was committed, that of now is, if there is one. */
#include "actors/rerun.h"

#include <assert.h>
#include <string.h>

#include "actors/notifier/hook.h"
#include "actors/notifier/mail.h"
#include "actors/notifier/push.h"
#include "schema/mem.h"
#include "schema/pack.h"

enum { FLUSH_BYTES = 4 * 1024 * 1024 };

/* An own event that is pending. */
typedef struct fate {
    struct fate *later;
    buf_t now; /* empty: it did not come to it */
} fate_t;

/* The settings that decisions depend on; all others are empty. */
typedef struct settings {
    mail_options_t mail;
    hook_options_t hooks;
    push_options_t pushes;
    actor_options_t actor;
} settings_t;

struct rerun {
    stage_t *stage;
    store_t *store;
    slice_t rest;
    slice_t reason;
    arena_t *arena; /* of the beginning */
    arena_t *turn;  /* of the step at hand */
    const tape_begin_t *begin;
    settings_t settings;
    size_t strange; /* events that were decided before the tape began, and have not come */
    fate_t *oldest;
    fate_t *newest;
    buf_t out;
    buf_t reads;
};

/* ---- beginning ---- */

err_t rerun_look(slice_t tape, arena_t *arena, const tape_begin_t **ret_begin)
{
    tape_entry_t entry;
    const void *begin;
    fault_t fault;
    if (tape_read(&tape, &entry) != ERR_OK || entry.kind != TAPE_BEGIN ||
        codec_unpack(entry.bytes, shape_tape_begin(), arena, &fault, &begin) != ERR_OK)
        return ERR_CORRUPT;
    *ret_begin = begin;
    return (*ret_begin)->format == TAPE_FORMAT ? ERR_OK : ERR_CORRUPT;
}

static const char *s_text(rerun_t *rerun, slice_t text)
{
    return (const char *)arena_copy(rerun->arena, text).ptr;
}

static void s_set(rerun_t *rerun)
{
    settings_t *settings = &rerun->settings;
    const tape_begin_t *begin = rerun->begin;
    settings->mail = (mail_options_t){
        .data = "",
        .server = "",
        .from = "",
        .digest_after = begin->digest_after,
        .digest_every = begin->digest_every,
        .mute = true,
    };
    settings->hooks = (hook_options_t){.urls = s_text(rerun, begin->hook_urls),
                                       .authorities = "",
                                       .secret_file = "",
                                       .mute = true};
    settings->pushes = (push_options_t){
        .data = "",
        .contact = "",
        .authorities = "",
        .trusted = s_text(rerun, begin->push_trusted),
        .wait_s = (unsigned)begin->push_wait,
        .mute = true,
    };
    settings->actor = (actor_options_t){
        .reveal_emails = begin->reveal_emails,
        .public_uuids = begin->public_uuids,
        .proven_only = begin->proven_only,
        .mail = begin->mails ? &settings->mail : NULL,
        .hooks = &settings->hooks,
        .pushes = begin->pushes ? &settings->pushes : NULL,
    };
}

static fate_t *s_add_fate(rerun_t *rerun, slice_t now)
{
    fate_t *fate = mem_new(fate_t);
    buf_append(&fate->now, now);
    *(rerun->newest != NULL ? &rerun->newest->later : &rerun->oldest) = fate;
    rerun->newest = fate;
    return fate;
}

static void s_free_fate(fate_t *fate)
{
    buf_free(&fate->now);
    mem_free(fate);
}

static void s_forget_fates(rerun_t *rerun)
{
    while (rerun->oldest != NULL) {
        fate_t *fate = rerun->oldest;
        rerun->oldest = fate->later;
        s_free_fate(fate);
    }
    rerun->newest = NULL;
}

/* Events that were pending when the tape began: the first own ones on it. */
static err_t s_pend(rerun_t *rerun)
{
    slice_t ahead = rerun->rest;
    tape_entry_t entry;
    record_t record;
    rerun->strange = rerun->begin->pending;
    for (size_t found = 0; found < rerun->strange;) {
        if (tape_read(&ahead, &entry) != ERR_OK)
            return ERR_CORRUPT;
        if (entry.kind != TAPE_RECORD)
            continue;
        slice_t bytes = entry.bytes;
        if (record_read(&bytes, &record) != ERR_OK)
            return ERR_CORRUPT;
        if (record.actor != rerun->begin->actor || record.seq <= rerun->begin->applied)
            continue;
        err_t err = stage_pend(rerun->stage, &record);
        if (err != ERR_OK)
            return err;
        found++;
    }
    return ERR_OK;
}

static void s_watch(void *ctx, slice_t key, slice_t value)
{
    rerun_t *rerun = ctx;
    unpack_t seen = {buf_slice(&rerun->reads)};
    slice_t other;
    while (seen.left.len > 0) {
        err_t err = unpack_bin(&seen, &other);
        assert(err == ERR_OK); /* our own */
        if (slice_eq(other, key))
            return;
        err = unpack_any(&seen, &other);
        assert(err == ERR_OK);
    }
    pack_bin(&rerun->reads, key);
    if (value.ptr != NULL)
        pack_bin(&rerun->reads, value);
    else
        pack_nil(&rerun->reads);
}

err_t rerun_new(const actor_row_t *row, store_t *store, slice_t tape, rerun_t **ret_rerun)
{
    rerun_t *rerun = mem_new(rerun_t);
    tape_entry_t first;
    rerun->arena = arena_new();
    rerun->turn = arena_new();
    rerun->store = store;
    rerun->rest = tape;
    err_t err = rerun_look(tape, rerun->arena, &rerun->begin);
    if (err == ERR_OK)
        err = tape_read(&rerun->rest, &first);
    if (err == ERR_OK) {
        s_set(rerun);
        rerun->stage = stage_new(row, store);
        stage_set_options(rerun->stage, &rerun->settings.actor);
        err = stage_restore(rerun->stage, rerun->begin);
    }
    if (err == ERR_OK)
        err = s_pend(rerun);
    store_watch(store, s_watch, rerun);
    if (err == ERR_OK)
        *ret_rerun = TAKE(rerun);

    rerun_destroy(&rerun); /* NULL after TAKE: on failure only */
    return err;
}

void rerun_destroy(rerun_t **rerun_p)
{
    rerun_t *rerun = *rerun_p;
    if (rerun == NULL)
        return;
    *rerun_p = NULL;
    store_watch(rerun->store, NULL, NULL);
    stage_destroy(&rerun->stage);
    s_forget_fates(rerun);
    arena_destroy(&rerun->arena);
    arena_destroy(&rerun->turn);
    buf_free(&rerun->out);
    buf_free(&rerun->reads);
    mem_free(rerun);
}

/* ---- entries ---- */

slice_t rerun_reason(const rerun_t *rerun)
{
    return rerun->reason;
}

/* A recording that broke off ends where its last whole entry does. */
err_t rerun_next(rerun_t *rerun, tape_entry_t *ret_entry)
{
    if (rerun->rest.len == 0 || rerun->reason.len > 0)
        return ERR_NOT_FOUND;
    if (tape_read(&rerun->rest, ret_entry) != ERR_OK || ret_entry->kind == TAPE_BEGIN)
        return ERR_CORRUPT;
    if (ret_entry->kind != TAPE_END)
        return ERR_OK;
    rerun->reason = ret_entry->bytes;
    return ERR_NOT_FOUND;
}

/* The oldest pending event was committed. */
static err_t s_settle(rerun_t *rerun, uint64_t seq)
{
    fate_t *fate = rerun->oldest;
    record_t record;
    if (fate == NULL)
        return ERR_CORRUPT;
    rerun->oldest = fate->later;
    if (rerun->oldest == NULL)
        rerun->newest = NULL;
    err_t err = ERR_OK;
    if (fate->now.len > 0) {
        record_number(fate->now.data, seq, stage_epoch(rerun->stage));
        slice_t in = buf_slice(&fate->now);
        err = record_read(&in, &record);
    }
    if (err == ERR_OK && fate->now.len > 0)
        err = stage_record(rerun->stage, &record);
    s_free_fate(fate);
    return err;
}

static err_t s_record(rerun_t *rerun, slice_t bytes, bool overlooked)
{
    record_t record;
    if (record_read(&bytes, &record) != ERR_OK)
        return ERR_CORRUPT;
    return overlooked ? stage_overlook(rerun->stage, &record) : stage_record(rerun->stage, &record);
}

static err_t s_call(rerun_t *rerun, slice_t bytes)
{
    call_t call;
    if (call_read(&bytes, &call) != ERR_OK)
        return ERR_CORRUPT;
    stage_call(rerun->stage, &call);
    return ERR_OK;
}

static err_t s_perform(rerun_t *rerun, const tape_entry_t *entry)
{
    stage_t *stage = rerun->stage;
    switch (entry->kind) {
    case TAPE_CALL:
        return s_call(rerun, entry->bytes);
    case TAPE_RESULT:
        return stage_retell_result(stage, entry);
    case TAPE_RECORD:
        return s_record(rerun, entry->bytes, false);
    case TAPE_SETTLED:
        return s_settle(rerun, entry->number);
    case TAPE_TICK:
        stage_tick(stage, (int64_t)entry->number);
        return ERR_OK;
    case TAPE_TIME:
        stage_pass(stage, (int64_t)entry->number);
        return ERR_OK;
    case TAPE_EPOCH:
        s_forget_fates(rerun);
        stage_new_epoch(stage, entry->number);
        return ERR_OK;
    case TAPE_SEEN:
        stage_seen(stage, entry->number);
        return ERR_OK;
    case TAPE_REACT:
        (void)stage_start_reacting(stage);
        return ERR_OK;
    case TAPE_ABANDON:
        s_forget_fates(rerun);
        stage_abandon(stage);
        return ERR_OK;
    case TAPE_BEGIN:
    case TAPE_END:
        return ERR_CORRUPT;
    }
    return ERR_CORRUPT;
}

/* ---- then and now ---- */

/* The answer of then was withheld: so is that of now. */
static void s_withhold(rerun_t *rerun, slice_t then)
{
    decision_t decision, made;
    slice_t now = buf_slice(&rerun->out);
    unpack_t body;
    if (decision_read(&then, &decision) != ERR_OK || decision.status != ERR_OK)
        return;
    body.left = decision.body;
    if (!unpack_nil(&body) || decision_read(&now, &made) != ERR_OK || made.status != ERR_OK)
        return;
    buf_t out = {0};
    decision_begin(&out, &made);
    pack_nil(&out);
    buf_append(&out, now);
    buf_free(&rerun->out);
    rerun->out = out;
}

/* The next event of a decision that is to be committed; the zero slice at the end. */
static slice_t s_next_event(slice_t *records)
{
    record_t record;
    while (records->len > 0 && record_read(records, &record) == ERR_OK) {
        const event_type_t *type = event_type(record.type);
        if (type == NULL || !(type->flags & EVENT_VOLATILE))
            return record.bytes;
    }
    return (slice_t){0};
}

static size_t s_records(slice_t out, slice_t *ret_records)
{
    decision_t decision;
    *ret_records = (slice_t){0};
    if (decision_read(&out, &decision) != ERR_OK)
        return 0;
    *ret_records = out;
    return decision.records;
}

/* Then and now side by side; those of now are pending from here on. */
static void s_pair(rerun_t *rerun, slice_t then, rerun_step_t *step)
{
    slice_t old, new;
    size_t most = s_records(then, &old);
    most += s_records(buf_slice(&rerun->out), &new);
    rerun_event_t *events = arena_alloc(rerun->turn, most * sizeof *events + 1);
    size_t count = 0;
    for (;; count++) {
        slice_t before = s_next_event(&old), after = s_next_event(&new);
        if (before.ptr == NULL && after.ptr == NULL)
            break;
        events[count] = (rerun_event_t){before, after};
        s_add_fate(rerun, after);
    }
    step->events = events;
    step->event_count = count;
}

static void s_begin_step(rerun_t *rerun, const tape_entry_t *entry)
{
    arena_reset(rerun->turn);
    buf_reset(&rerun->reads);
    buf_reset(&rerun->out);
    stage_retell(rerun->stage, entry->notes);
}

/* What came of it now, beside what came then. */
static err_t s_end_step(rerun_t *rerun, const tape_entry_t *entry, rerun_step_t *ret_step)
{
    buf_append(&rerun->out, buf_slice(stage_out(rerun->stage)));
    buf_reset(stage_out(rerun->stage));
    s_withhold(rerun, entry->out);
    *ret_step = (rerun_step_t){.out = buf_slice(&rerun->out), .reads = buf_slice(&rerun->reads)};
    ret_step->same = slice_eq(ret_step->out, entry->out);
    s_pair(rerun, entry->out, ret_step);
    return store_waiting(rerun->store) > FLUSH_BYTES ? stage_flush(rerun->stage) : ERR_OK;
}

err_t rerun_give(rerun_t *rerun, const tape_entry_t *entry, rerun_step_t *ret_step)
{
    s_begin_step(rerun, entry);
    err_t err = s_perform(rerun, entry);
    return err == ERR_OK ? s_end_step(rerun, entry, ret_step) : err;
}

err_t rerun_add(rerun_t *rerun, slice_t bytes, rerun_step_t *ret_step)
{
    const tape_entry_t nothing = {.kind = TAPE_RECORD};
    slice_t in = bytes;
    record_t record;
    if (record_read(&in, &record) != ERR_OK)
        return ERR_CORRUPT;
    s_begin_step(rerun, &nothing);
    bool own = record.actor == rerun->begin->actor && rerun->oldest != NULL;
    err_t err = own ? s_settle(rerun, record.seq) : s_record(rerun, bytes, false);
    return err == ERR_OK ? s_end_step(rerun, &nothing, ret_step) : err;
}

void rerun_skip(rerun_t *rerun, const tape_entry_t *entry)
{
    rerun_step_t unused;
    s_begin_step(rerun, entry);
    s_pair(rerun, entry->out, &unused);
}

err_t rerun_overlook(rerun_t *rerun, const tape_entry_t *entry)
{
    s_begin_step(rerun, entry);
    return s_record(rerun, entry->bytes, true);
}

err_t rerun_digest(rerun_t *rerun, uint8_t ret_hash[32])
{
    err_t err = stage_flush(rerun->stage);
    return err == ERR_OK ? store_digest(rerun->store, ret_hash) : err;
}
