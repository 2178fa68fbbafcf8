/* walk.c - marks are gathered, then the journal is read. */
#include "tools/kith/walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/clock.h"
#include "actors/snapshots.h"
#include "actors/store.h"
#include "broker/anchor.h"
#include "broker/seal.h"
#include "schema/json.h"
#include "schema/mem.h"
#include "tools/kith/place.h"

enum {
    MARKS_MAX = 64,
    PROGRESS_US = 500 * 1000,
    PROGRESS_RECORDS = 4096, /* between two looks at the clock */
    MEGABYTE = 1000 * 1000,
};

/* A walk that is under way. */
typedef struct trip {
    walk_t *walk;
    arena_t *arena;
    vault_t *vault;
    buf_t open; /* the record at hand */
    audit_mark_t marks[MARKS_MAX];
    size_t mark_count;
    audit_mark_t cut; /* the last record that was removed; seq 0: none was */
    uint64_t named;   /* record of the anchor that the operator kept elsewhere */
    bool clean;
    uint64_t seen; /* records */
    int64_t told;  /* when progress was last told, µs */
} trip_t;

/* ---- marks ---- */

static void s_mark(trip_t *trip, uint64_t seq, const uint8_t *hash, const char *file)
{
    if (trip->mark_count == MARKS_MAX || seq == 0)
        return;
    trip->marks[trip->mark_count++] = (audit_mark_t){seq, hash, file};
    if (seq > trip->walk->noted)
        trip->walk->noted = seq;
}

static void s_tell(const trip_t *trip, bool damage, const char *file, const char *words)
{
    const audit_eyes_t *eyes = &trip->walk->eyes;
    eyes->flaw(eyes->ctx, &(audit_flaw_t){.damage = damage, .file = file, .words = words});
}

/* An anchor's file; NULL where there is none. */
static const anchor_t *s_take_anchor(trip_t *trip, const char *folder, const char *file)
{
    const anchor_t *anchor = NULL;
    err_t err = anchor_read(folder, file, trip->arena, &anchor);
    if (err == ERR_CORRUPT)
        s_tell(trip, true, file, "it cannot be read as an anchor");
    if (err != ERR_OK)
        return NULL;
    uint8_t *hash = arena_alloc(trip->arena, HASH_SIZE);
    s_mark(trip, anchor->seq, anchor_hash(anchor->hash, hash) ? hash : NULL, file);
    return anchor;
}

/* The one that the operator kept elsewhere. */
static bool s_take_named(trip_t *trip)
{
    const char *file = trip->walk->options->anchor;
    if (file == NULL)
        return true;
    const anchor_t *anchor = s_take_anchor(trip, file[0] == '/' ? "" : ".", file);
    trip->named = anchor != NULL ? anchor->seq : 0;
    if (anchor != NULL)
        return true;
    fprintf(stderr, "kith: %s is no anchor\n", file);
    return false;
}

static void s_take_snapshot(trip_t *trip, const snapshot_t *snapshot)
{
    const snapshot_part_t *parts = snapshot->parts.items;
    for (size_t i = 0; i < snapshot->parts.count; i++) {
        uint8_t *hash = arena_alloc(trip->arena, HASH_SIZE);
        s_mark(trip, parts[i].seq, anchor_hash(parts[i].hash, hash) ? hash : NULL,
               snapshots_folder);
    }
}

static void s_take_projections(trip_t *trip)
{
    for (size_t i = 0; place_actors[i] != NULL; i++) {
        char path[PATH_MAX];
        uint64_t applied = 0;
        place_join(path, trip->walk->options->data, place_actors[i]);
        err_t err = store_peek(path, &applied);
        if (err == ERR_OK)
            s_mark(trip, applied, NULL, place_actors[i]);
        else if (err != ERR_NOT_FOUND)
            s_tell(trip, false, place_actors[i],
                   "the projection cannot be read: made anew at the "
                   "next start");
    }
}

/* What retention has removed, and what snapshots know of records that may be there. */
static void s_take_cut(trip_t *trip)
{
    const char *data = trip->walk->options->data;
    snapshots_t snapshots;
    const anchor_t *cut = s_take_anchor(trip, data, anchor_cut_file);
    if (cut != NULL) {
        trip->cut = trip->marks[trip->mark_count - 1];
        trip->walk->cut = cut->seq;
    }
    if (snapshots_read(data, trip->arena, &snapshots) != ERR_OK)
        return;
    for (size_t i = 0; i < snapshots.count; i++)
        s_take_snapshot(trip, &snapshots.items[i]);
}

/* What was noted outside of the journal; false after a sentence on stderr.  A running server
 * notes the end after it has been written, so this comes before the reading. */
static bool s_gather(trip_t *trip)
{
    const char *data = trip->walk->options->data;
    const anchor_t *anchor = s_take_anchor(trip, data, anchor_file);
    const anchor_t *refuted = s_take_anchor(trip, data, anchor_refuted_file);
    s_take_cut(trip);
    trip->clean = anchor != NULL && anchor->clean && refuted == NULL;
    if (trip->walk->projections && !trip->walk->live)
        s_take_projections(trip);
    return s_take_named(trip);
}

/* ---- reading ---- */

static void s_progress(trip_t *trip)
{
    int64_t now = clock_us(CLOCK_MONOTONIC);
    if (now - trip->told < PROGRESS_US)
        return;
    trip->told = now;
    fprintf(stderr, "\r%" PRIu64 " records", trip->seen);
}

static void s_tell_closed(const trip_t *trip, uint64_t seq)
{
    const audit_eyes_t *eyes = &trip->walk->eyes;
    eyes->flaw(eyes->ctx, &(audit_flaw_t){.damage = true,
                                          .first = seq,
                                          .last = seq,
                                          .file = "keyring",
                                          .words = "what is personal in it does not open"});
}

static bool s_give_open(trip_t *trip, const record_t *record, const uint8_t hash[HASH_SIZE])
{
    const audit_eyes_t *eyes = &trip->walk->eyes;
    record_t open;
    trip->open.len = 0;
    err_t err = seal_open(trip->vault, record, &trip->open);
    slice_t bytes = buf_slice(&trip->open);
    if (err == ERR_OK && record_read(&bytes, &open) == ERR_OK)
        return eyes->record(eyes->ctx, &open, hash);
    s_tell_closed(trip, record->seq);
    return true;
}

static bool s_record(void *ctx, const record_t *record, const uint8_t hash[HASH_SIZE])
{
    trip_t *trip = ctx;
    const audit_eyes_t *eyes = &trip->walk->eyes;
    if (++trip->seen % PROGRESS_RECORDS == 0 && !trip->walk->quiet)
        s_progress(trip);
    if (eyes->record == NULL)
        return true;
    bool asis = trip->walk->closed || record->key_id == 0;
    return asis ? eyes->record(eyes->ctx, record, hash) : s_give_open(trip, record, hash);
}

static void s_flaw(void *ctx, const audit_flaw_t *flaw)
{
    const trip_t *trip = ctx;
    trip->walk->eyes.flaw(trip->walk->eyes.ctx, flaw);
}

static bool s_read(trip_t *trip)
{
    walk_t *walk = trip->walk;
    const audit_eyes_t eyes = {trip, s_record, s_flaw};
    const audit_options_t options = {
        .live = walk->live,
        .clean = trip->clean,
        .cut = trip->cut.seq > 0 ? &trip->cut : NULL,
        .marks = trip->marks,
        .mark_count = trip->mark_count,
        .from = walk->from,
        .wanted = walk->wanted,
    };
    char path[PATH_MAX];
    place_join(path, walk->options->data, "journal");
    err_t opened = vault_open(walk->options->data, false, &trip->vault);
    if (opened != ERR_OK) {
        place_complain(walk->options->data, opened);
        return false;
    }
    int64_t start = trip->told = clock_us(CLOCK_MONOTONIC);
    err_t err = audit_run(path, &options, &eyes, &walk->report, &walk->path);
    walk->took_us = clock_us(CLOCK_MONOTONIC) - start;
    if (!walk->quiet && trip->told != start)
        fprintf(stderr, "\r%20s\r", "");
    if (err != ERR_OK)
        place_complain(path, err);
    else if (trip->named > 0 && trip->named < walk->report.first)
        s_tell(trip, false, walk->options->anchor, "it is of a record that retention has removed");
    return err == ERR_OK;
}

bool walk_run(walk_t *walk)
{
    trip_t trip = {.walk = walk, .arena = arena_new()};
    walk->quiet = walk->quiet || !isatty(STDERR_FILENO);
    walk->live = place_server(walk->options->data) != 0;
    bool read = s_gather(&trip) && s_read(&trip);
    vault_close(&trip.vault);
    buf_free(&trip.open);
    arena_destroy(&trip.arena);
    return read;
}

/* ---- findings ---- */

static void s_put_place(buf_t *out, const audit_flaw_t *flaw)
{
    if (flaw->first == 0)
        buf_printf(out, "%s at byte %zu: %s", flaw->file, flaw->at, flaw->words);
    else if (flaw->first == flaw->last)
        buf_printf(out, "record %" PRIu64 ": %s (%s)", flaw->first, flaw->words, flaw->file);
    else
        buf_printf(out, "records %" PRIu64 " to %" PRIu64 ": %s (%s)", flaw->first, flaw->last,
                   flaw->words, flaw->file);
}

void walk_print_flaw(const audit_flaw_t *flaw, const char *begin, void *file)
{
    buf_t line = {0};
    s_put_place(&line, flaw);
    fprintf(file, "%s%s: %.*s\n", begin, flaw->damage ? "damaged" : "note",
            SLICE_ARG(buf_slice(&line)));
    buf_free(&line);
}

void walk_put_flaw(buf_t *out, const audit_flaw_t *flaw)
{
    buf_printf(out,
               "{\"damage\":%s,\"first\":%" PRIu64 ",\"last\":%" PRIu64 ",\"at\":%zu,\"file\":",
               flaw->damage ? "true" : "false", flaw->first, flaw->last, flaw->at);
    json_put_text(out, slice_of(flaw->file));
    buf_append_text(out, ",\"what\":");
    json_put_text(out, slice_of(flaw->words));
    buf_append_byte(out, '}');
}
