/* revive.c - from what is on disk to a projection that the journal continues.
 *
 *   fits, and the journal has all behind it ──> as it is
 *   else, the journal begins at 1           ──> empty
 *   else, a snapshot will do                ──> its rows, and the next record holds its hash
 *   else                                    ──> refused */
#include "actors/revive.h"

#include <stdio.h>

#include "actors/failpoint.h"
#include "actors/log.h"
#include "actors/store.h"

static const char *s_words(const store_t *store, uint64_t applied)
{
    if (!store_fits(store))
        return "damaged, or of another version";
    return applied == 0 ? "missing" : "of another time";
}

bool revive_unneeded(const revive_t *revive, const store_t *store, uint64_t applied)
{
    return store_fits(store) && applied <= revive->head && store_base(store) + 1 >= revive->first;
}

static void s_refuse(const revive_t *revive, const char *words)
{
    log_error(revive->row->name,
              "cannot start: the projection is %s, the journal begins at %llu, and no snapshot in "
              "%s/%s can stand for what is gone (rows of format %llu are wanted).  Nothing was "
              "changed: start the version of Kith that made these files, or bring back a backup of "
              "%s/%s or of the snapshots",
              words, (unsigned long long)revive->first, revive->data, snapshots_folder,
              (unsigned long long)revive->row->format, revive->data, revive->row->name);
}

static err_t s_from_snapshot(revive_t *revive, store_t *store, const char *words)
{
    const snapshot_part_t *part = NULL;
    const snapshot_need_t need = {revive->row, revive->first, revive->head};
    arena_t *arena = arena_new();
    err_t err = snapshots_restore(revive->data, &need, store, arena, &part);
    if (err == ERR_NOT_FOUND)
        s_refuse(revive, words);
    if (err == ERR_OK) {
        revive->seq = part->seq;
        snprintf(revive->hash, sizeof revive->hash, "%.*s", SLICE_ARG(part->hash));
    }
    arena_destroy(&arena);
    return err;
}

err_t revive_store(revive_t *revive, store_t *store)
{
    const char *words = s_words(store, store_applied(store));
    log_warn(revive->row->name, "the projection is %s: it is made anew", words);
    return revive->first <= 1 ? store_reset(store) : s_from_snapshot(revive, store, words);
}

err_t revive_check(revive_t *revive, store_t *store, const record_t *record)
{
    buf_t previous = {0};
    if (revive->hash[0] == '\0' || record->seq <= revive->seq)
        return ERR_OK;
    crypto_hex(&previous, slice_new(record->previous, HASH_SIZE));
    bool follows = record->seq == revive->seq + 1 && slice_is(buf_slice(&previous), revive->hash);
    buf_free(&previous);
    revive->hash[0] = '\0';
    if (follows)
        return ERR_OK;
    log_error(revive->row->name,
              "the snapshot is of another journal: record %llu does not follow it",
              (unsigned long long)record->seq);
    err_t err = store_reset(store);
    return err == ERR_OK ? ERR_CORRUPT : err;
}

/* ---- copying ---- */

static err_t s_begin(copying_t *copying, const revive_t *revive, stage_t *stage, store_t *store,
                     uint64_t order)
{
    char path[PATH_MAX];
    bool nothing = stage == NULL || stage_applied(stage) == 0;
    if (nothing || copying->order != 0)
        return ERR_UNAVAILABLE;
    err_t err = stage_flush(stage);
    if (err != ERR_OK)
        return err;
    snapshots_path_new(path, revive->data, revive->row->name);
    err = store_copy_begin(store, path);
    if (err != ERR_OK)
        return err;
    failpoint(FAILPOINT_SNAPSHOT_COPYING, EVENT_bus_snapshot);
    *copying = (copying_t){order, store_applied(store), store_base(store)};
    return ERR_OK;
}

bool copying_begin(copying_t *copying, const revive_t *revive, stage_t *stage, store_t *store,
                   const record_t *order, bus_snapshotted_call_t *ret_told)
{
    const void *body = NULL;
    fault_t fault;
    arena_t *arena = arena_new();
    err_t err = codec_unpack(order->body, shape_bus_snapshot_event(), arena, &fault, &body);
    uint64_t number = err == ERR_OK ? ((const bus_snapshot_event_t *)body)->order : 0;
    if (err == ERR_OK)
        err = s_begin(copying, revive, stage, store, number);
    *ret_told = (bus_snapshotted_call_t){.order = number};
    arena_destroy(&arena);
    return err == ERR_OK;
}

static const snapshot_part_t *s_part(const copying_t *copied, const actor_row_t *row,
                                     const copy_report_t *report, arena_t *arena)
{
    buf_t hex = {0};
    snapshot_part_t *part = arena_new_of(arena, snapshot_part_t);
    crypto_hex(&hex, slice_new(report->digest, sizeof report->digest));
    *part = (snapshot_part_t){
        .actor = slice_of(row->name),
        .format = row->format,
        .seq = copied->seq,
        .base = copied->base,
        .digest = arena_copy(arena, buf_slice(&hex)),
        .rows = report->rows,
        .bytes = report->bytes,
        .microseconds = (uint64_t)report->took_us,
    };
    buf_free(&hex);
    return part;
}

bool copying_end(copying_t *copying, const revive_t *revive, store_t *store, arena_t *arena,
                 bus_snapshotted_call_t *ret_told)
{
    copy_report_t report;
    if (copying->order == 0 || !store_copy_end(store, &report))
        return false;
    copying_t copied = *copying;
    copying->order = 0;
    *ret_told = (bus_snapshotted_call_t){.order = copied.order};
    if (report.err != ERR_OK) {
        log_error(revive->row->name, "the projection could not be copied: %s",
                  err_info(report.err)->name);
        return true;
    }
    ret_told->part = s_part(&copied, revive->row, &report, arena);
    return true;
}
