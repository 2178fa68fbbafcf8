/* judge.c - the promises of judge.h, one function each, by the numbers there. */
#include "tests/crash/cuts/judge.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/snapshots.h"
#include "actors/store.h"
#include "broker/anchor.h"
#include "broker/audit.h"
#include "broker/folder.h"
#include "broker/journal.h"
#include "broker/mend.h"
#include "schema/pack.h"

enum { PAGE = 64 * 1024, SENDER = 7, FRESH = 60 * 1024 + 5 }; /* an account without a key yet */

typedef struct look {
    const life_t *life;
    const char *data;
    promise_t promised;
    char *words; /* empty until something is wrong */
    char journal_path[PATH_MAX], store_path[PATH_MAX];
    journal_t *journal;
    arena_t *arena;
    uint64_t first, head;
} look_t;

__attribute__((format(printf, 2, 3))) static bool s_wrong(look_t *look, const char *format, ...)
{
    va_list rest;
    if (look->words[0] != '\0')
        return false;
    va_start(rest, format);
    vsnprintf(look->words, VERDICT_SIZE, format, rest);
    va_end(rest);
    return false;
}

/* ---- 1 ---- */

static void s_flaw(void *ctx, const audit_flaw_t *flaw)
{
    if (flaw->damage)
        s_wrong(ctx, "1: %s: records %" PRIu64 " to %" PRIu64 ": %s", flaw->file, flaw->first,
                flaw->last, flaw->words);
}

static bool s_cut_mark(look_t *look, audit_mark_t *ret_mark, uint8_t hash[HASH_SIZE])
{
    const anchor_t *anchor = NULL;
    if (anchor_read(look->data, anchor_cut_file, look->arena, &anchor) != ERR_OK)
        return false;
    anchor_hash(anchor->hash, hash);
    *ret_mark = (audit_mark_t){anchor->seq, hash, anchor_cut_file};
    return true;
}

static bool s_audit(look_t *look)
{
    uint8_t hash[HASH_SIZE];
    audit_mark_t mark;
    audit_report_t report;
    const audit_eyes_t eyes = {.ctx = look, .flaw = s_flaw};
    audit_options_t options = {.cut = s_cut_mark(look, &mark, hash) ? &mark : NULL};
    err_t err = audit_run(look->journal_path, &options, &eyes, &report, NULL);
    bool begun = look->promised.deeds > 0;
    if (err != ERR_OK && begun)
        return s_wrong(look, "1: the files cannot be read: %s", err_info(err)->name);
    return look->words[0] == '\0';
}

/* ---- 2 ---- */

static bool s_open(look_t *look)
{
    const journal_options_t options = {.segment_bytes = life_segment_bytes()};
    err_t err = mend_end(look->data);
    if (err == ERR_OK)
        err = journal_open(look->journal_path, &options, &look->journal);
    if (err != ERR_OK)
        return s_wrong(look, "2: the journal does not open: %s", err_info(err)->name);
    look->first = journal_first(look->journal);
    look->head = journal_head(look->journal);
    if (look->head < look->promised.head)
        return s_wrong(look, "2: %" PRIu64 " was acknowledged, and it ends at %" PRIu64,
                       look->promised.head, look->head);
    if (look->head > look->life->count)
        return s_wrong(look, "2: it ends at %" PRIu64 ", which nobody said", look->head);
    if (journal_epoch(look->journal) < look->promised.epoch)
        return s_wrong(look, "2: epoch %" PRIu64 " was raised, and it is %" PRIu64,
                       look->promised.epoch, journal_epoch(look->journal));
    return true;
}

/* ---- 3 ---- */

static bool s_has_canary(slice_t bytes)
{
    return memmem(bytes.ptr, bytes.len, life_canary, strlen(life_canary)) != NULL;
}

static bool s_check_record(look_t *look, const record_t *record)
{
    const told_t *told = &look->life->told[record->seq];
    bool redacted = told->redacted > 0 && told->redacted <= look->head;
    if (redacted && s_has_canary(record->bytes))
        return s_wrong(look, "3: record %" PRIu64 " was redacted by %" PRIu64 " and can be read",
                       record->seq, told->redacted);
    if (!redacted && !slice_eq(record->bytes, told->bytes))
        return s_wrong(look, "3: record %" PRIu64 " is not what was appended", record->seq);
    return true;
}

static bool s_read_all(look_t *look)
{
    buf_t page = {0};
    bool good = true;
    for (uint64_t next = look->first; good && next <= look->head;) {
        record_t record;
        page.len = 0;
        err_t err = journal_read(look->journal, next, PAGE, &page, &next);
        if (err != ERR_OK)
            good = s_wrong(look, "3: record %" PRIu64 " cannot be read: %s", next,
                           err_info(err)->name);
        for (slice_t in = buf_slice(&page); good && in.len > 0;)
            good = record_read(&in, &record) == ERR_OK && s_check_record(look, &record);
    }
    buf_free(&page);
    return good;
}

/* ---- 4 and 5 ---- */

/* What a cell has once so much is applied. */
static uint64_t s_expected(uint64_t cell, uint64_t applied)
{
    uint64_t back = (applied % LIFE_CELLS + LIFE_CELLS - cell) % LIFE_CELLS;
    return applied > back ? applied - back : 0;
}

static bool s_check_rows(look_t *look, store_t *store, uint64_t applied, const char *what)
{
    for (uint64_t cell = 0; cell < LIFE_CELLS; cell++) {
        uint8_t key[CELL_KEY];
        slice_t value = {0};
        err_t err = store_get(store, life_cell(cell, key), look->arena, &value);
        uint64_t found = err == ERR_OK && value.len == 8 ? wide_get64(value.ptr) : 0;
        if (err == ERR_OK || err == ERR_NOT_FOUND)
            if (found == s_expected(cell, applied))
                continue;
        return s_wrong(look, "%s at %" PRIu64 " has %" PRIu64 " for %" PRIu64 " (%s)", what,
                       applied, found, s_expected(cell, applied), err_info(err)->name);
    }
    return true;
}

static bool s_restore(look_t *look, store_t *store)
{
    const snapshot_part_t *part = NULL;
    const snapshot_need_t need = {.row = &life_actor, .first = look->first, .until = look->head};
    err_t err = snapshots_restore(look->data, &need, store, look->arena, &part);
    if (err != ERR_OK)
        return s_wrong(look, "4: the journal begins at %" PRIu64 ", and no snapshot will do: %s",
                       look->first, err_info(err)->name);
    return s_check_rows(look, store, part->seq, "4: the projection of a snapshot");
}

static bool s_check_store(look_t *look)
{
    store_t *store = NULL;
    bool good = true;
    err_t err = store_open(look->store_path, &store);
    if (err == ERR_OK)
        err = store_expect(store, life_actor.format);
    if (err != ERR_OK)
        return s_wrong(look, "5: the projection does not open: %s", err_info(err)->name);
    bool usable = store_fits(store) && store_applied(store) <= look->head;
    if (usable)
        good = s_check_rows(look, store, store_applied(store), "5: the projection");
    if (good && look->first > 1)
        good = s_restore(look, store);
    store_close(&store);
    return good;
}

/* ---- 6 ---- */

static uint64_t s_stale(look_t *look)
{
    char folder[PATH_MAX];
    buf_t text = {0};
    snprintf(folder, sizeof folder, "%.4000s/%s", look->data, snapshots_folder);
    uint64_t seq = 0;
    if (folder_get(folder, "stale", 32, &text) == ERR_OK) {
        buf_append_byte(&text, '\0');
        seq = strtoull((const char *)text.data, NULL, 10);
    }
    buf_free(&text);
    return seq;
}

static uint64_t s_last_redaction(const look_t *look)
{
    uint64_t seq = look->head;
    while (seq > 0 && look->life->told[seq].destroys == 0)
        seq--;
    return seq;
}

static bool s_check_stale(look_t *look)
{
    snapshots_t all;
    uint64_t redaction = s_last_redaction(look), stale = s_stale(look);
    if (snapshots_read(look->data, look->arena, &all) != ERR_OK)
        return true;
    for (size_t i = 0; i < all.count; i++) {
        const snapshot_part_t *part = snapshots_part(&all.items[i], life_actor.name);
        if (part->seq < redaction && stale < redaction)
            return s_wrong(look,
                           "6: a snapshot at %" PRIu64 " knows who record %" PRIu64
                           " has redacted, and the file `stale` is at %" PRIu64,
                           part->seq, redaction, stale);
    }
    return true;
}

/* ---- 7 ---- */

static bool s_append(look_t *look, uint64_t seq, uint64_t epoch, buf_t *batch)
{
    const journal_options_t options = {.segment_bytes = life_segment_bytes()};
    life_put_message(batch, seq, epoch, SENDER, 100);
    life_put_message(batch, seq + 1, epoch, FRESH, 100);
    err_t err = journal_raise_epoch(look->journal, epoch);
    if (err == ERR_OK)
        err = journal_append(look->journal, batch->data, batch->len, look->head);
    journal_close(&look->journal);
    if (err == ERR_OK)
        err = journal_open(look->journal_path, &options, &look->journal);
    return err == ERR_OK || s_wrong(look, "7: nothing can be appended: %s", err_info(err)->name);
}

static bool s_go_on(look_t *look)
{
    buf_t batch = {0}, page = {0};
    uint64_t seq = look->head + 1, next;
    bool good = s_append(look, seq, journal_epoch(look->journal) + 1, &batch);
    if (good && (journal_read(look->journal, seq, PAGE, &page, &next) != ERR_OK ||
                 next != seq + 2 || !s_has_canary(slice_from(buf_slice(&page), page.len / 2))))
        good = s_wrong(look, "7: what was appended afterwards is not there");
    buf_free(&batch);
    buf_free(&page);
    return good;
}

bool judge_look(const life_t *life, const char *data, promise_t promised,
                char ret_words[VERDICT_SIZE])
{
    look_t look = {
        .life = life, .data = data, .promised = promised, .words = ret_words, .arena = arena_new()};
    ret_words[0] = '\0';
    snprintf(look.journal_path, sizeof look.journal_path, "%s/journal", data);
    snprintf(look.store_path, sizeof look.store_path, "%s/%s", data, life_actor.name);
    bool good = s_audit(&look) && s_open(&look) && s_read_all(&look) && s_check_stale(&look) &&
                s_check_store(&look) && s_go_on(&look);
    journal_close(&look.journal);
    arena_destroy(&look.arena);
    return good;
}
