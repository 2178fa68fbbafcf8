/* keeper.c - one step a turn, each of which may be the last before a crash.
 *
 *   keep   manifest in new/ ──> new/ renamed to its number ──> older ones, one a turn, to old/
 *   cut    cut.json ──> segment renamed to cut/
 *   both   old/ and cut/ are removed file by file
 *
 * Every arrow is a synced rename, so what there is has always all of its parts, and what is
 * being removed is nothing any more.  Copying is to cost a tenth of the time at most: it rests
 * ten times as long as the last one took. */
#include "broker/keeper.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/crypto.h"
#include "actors/failpoint.h"
#include "actors/log.h"
#include "actors/snapshots.h"
#include "broker/anchor.h"
#include "broker/folder.h"

enum {
    LOOK_US = 1000 * 1000,       /* between two looks at age and size */
    AGAIN_US = 10 * 1000 * 1000, /* after asking for a snapshot that does not come */
    SHORTEST_US = 1000 * 1000,   /* between two snapshots */
    REST_TIMES = 10,
    NAME_SIZE = 32,
};

static const char s_stale_file[] = "stale";

/* A snapshot that is there. */
typedef struct kept {
    uint64_t number;
    uint64_t base;
    uint64_t seq; /* all of its parts have applied this */
} kept_t;

struct keeper {
    char *data;
    char folder[PATH_MAX]; /* of the snapshots */
    keeper_options_t options;
    kept_t *kept; /* by ascending number */
    size_t count;
    uint64_t head;    /* the journal's at the last one */
    uint64_t stale;   /* snapshots that have not applied this record must go; 0: none */
    bool preparing;   /* one is being made */
    size_t dropping;  /* so many of the oldest go, before the rest */
    bool sweeping;    /* there may be something left to remove */
    int64_t looked;   /* µs, monotonic: at the journal */
    int64_t rests_to; /* no snapshot is asked for before */
};

/* ---- settings ---- */

static err_t s_read_amount(const char *text, const char *units, const uint64_t *factors,
                           uint64_t *ret_amount)
{
    char *end;
    *ret_amount = 0;
    if (strcmp(text, "off") == 0 || strcmp(text, "0") == 0)
        return ERR_OK;
    unsigned long long number = strtoull(text, &end, 10);
    const char *unit = *end != '\0' ? strchr(units, *end) : NULL;
    if (*text < '1' || *text > '9' || unit == NULL || end[1] != '\0')
        return ERR_INVALID;
    uint64_t factor = factors[unit - units];
    if (number > (uint64_t)INT64_MAX / factor)
        return ERR_INVALID;
    *ret_amount = number * factor;
    return ERR_OK;
}

err_t keeper_read_size(const char *text, uint64_t *ret_bytes)
{
    static const uint64_t factors[] = {1ull << 10, 1ull << 20, 1ull << 30, 1ull << 40};
    return s_read_amount(text, "KMGT", factors, ret_bytes);
}

err_t keeper_read_age(const char *text, int64_t *ret_us)
{
    static const uint64_t factors[] = {1000000ull, 60000000ull, 3600000000ull, 86400000000ull};
    uint64_t amount;
    err_t err = s_read_amount(text, "smhd", factors, &amount);
    *ret_us = (int64_t)amount;
    return err;
}

/* ---- opening ---- */

static void s_name(char ret_name[NAME_SIZE], uint64_t number)
{
    snprintf(ret_name, NAME_SIZE, "%020" PRIu64, number);
}

static void s_add(keeper_t *keeper, const snapshot_t *snapshot)
{
    kept_t kept = {snapshot->number, snapshot->base, UINT64_MAX};
    const snapshot_part_t *parts = snapshot->parts.items;
    for (size_t i = 0; i < snapshot->parts.count; i++)
        if (parts[i].seq < kept.seq)
            kept.seq = parts[i].seq;
    keeper->kept = mem_grow(keeper->kept, (keeper->count + 1) * sizeof *keeper->kept);
    keeper->kept[keeper->count++] = kept;
}

static void s_read_stale(keeper_t *keeper)
{
    buf_t text = {0};
    if (folder_get(keeper->folder, s_stale_file, NAME_SIZE, &text) == ERR_OK) {
        buf_append_byte(&text, '\0');
        keeper->stale = strtoull((const char *)text.data, NULL, 10);
    }
    buf_free(&text);
}

static void s_sweep_new(const keeper_t *keeper)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.4000s/%s", keeper->folder, snapshots_new);
    while (folder_sweep(path))
        continue;
}

err_t keeper_open(const char *data, const keeper_options_t *options, keeper_t **ret_keeper)
{
    snapshots_t found;
    arena_t *arena = arena_new();
    keeper_t *keeper = mem_new(keeper_t);
    keeper->data = mem_text(data);
    keeper->options = *options;
    keeper->sweeping = true;
    if (keeper->options.snapshots == 0)
        keeper->options.snapshots = 1;
    snprintf(keeper->folder, sizeof keeper->folder, "%.4000s/%s", data, snapshots_folder);
    s_sweep_new(keeper);
    s_read_stale(keeper);
    err_t err = snapshots_read(data, arena, &found);
    for (size_t i = 0; err == ERR_OK && i < found.count; i++)
        s_add(keeper, &found.items[i]);
    arena_destroy(&arena);
    *ret_keeper = keeper;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

void keeper_close(keeper_t **keeper_p)
{
    keeper_t *keeper = *keeper_p;
    if (keeper == NULL)
        return;
    *keeper_p = NULL;
    mem_free(keeper->kept);
    mem_free(keeper->data);
    mem_free(keeper);
}

/* ---- redaction ---- */

err_t keeper_heed(keeper_t *keeper, slice_t records)
{
    char text[NAME_SIZE];
    uint64_t redacted = 0;
    record_t record;
    bool any = keeper->count > 0 || keeper->preparing;
    while (any && records.len > 0 && record_read(&records, &record) == ERR_OK)
        if (record.type == EVENT_account_redacted)
            redacted = record.seq;
    if (redacted == 0)
        return ERR_OK;
    keeper->stale = redacted;
    snprintf(text, sizeof text, "%" PRIu64 "\n", redacted);
    return folder_put(keeper->folder, s_stale_file, slice_of(text));
}

/* ---- keeping ---- */

err_t keeper_prepare(keeper_t *keeper)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.4000s/%s", keeper->folder, snapshots_new);
    err_t err = folder_make(keeper->folder);
    if (err == ERR_OK)
        err = folder_make(path);
    keeper->preparing = err == ERR_OK;
    return err;
}

static bool s_is_here(const keeper_t *keeper, slice_t actor)
{
    char name[NAME_SIZE], path[PATH_MAX];
    snprintf(name, sizeof name, "%.*s/CURRENT", SLICE_ARG(actor));
    snapshots_path_new(path, keeper->data, name);
    return access(path, R_OK) == 0;
}

/* What the actor has told, with the hash of the record that it stands at. */
static err_t s_take_part(const keeper_t *keeper, journal_t *journal, snapshot_part_t *part,
                         arena_t *arena)
{
    uint8_t hash[HASH_SIZE];
    buf_t hex = {0};
    if (!s_is_here(keeper, part->actor)) {
        log_error("keeper", "the copy of %.*s is not in %s: does it have another data folder?",
                  SLICE_ARG(part->actor), keeper->folder);
        return ERR_NOT_FOUND;
    }
    err_t err = journal_look(journal, part->seq, hash, &part->time);
    if (err == ERR_OK)
        crypto_hex(&hex, slice_new(hash, sizeof hash));
    part->hash = arena_copy(arena, buf_slice(&hex));
    buf_free(&hex);
    return err;
}

static err_t s_take_parts(const keeper_t *keeper, journal_t *journal, snapshot_t *snapshot,
                          arena_t *arena)
{
    snapshot_part_t *parts = arena_alloc(arena, (snapshot->parts.count + 1) * sizeof *parts);
    memcpy(parts, snapshot->parts.items, snapshot->parts.count * sizeof *parts);
    snapshot->parts.items = parts;
    snapshot->base = UINT64_MAX;
    err_t err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < snapshot->parts.count; i++) {
        err = s_take_part(keeper, journal, &parts[i], arena);
        if (parts[i].base < snapshot->base)
            snapshot->base = parts[i].base;
    }
    return err;
}

/* Under its name from here on, and whole. */
static err_t s_put(const keeper_t *keeper, const snapshot_t *snapshot)
{
    char path[PATH_MAX], name[NAME_SIZE];
    buf_t text = {0};
    failpoint(FAILPOINT_SNAPSHOT_COPIED, EVENT_bus_snapshot);
    snprintf(path, sizeof path, "%.4000s/%s", keeper->folder, snapshots_new);
    codec_put_json(&text, shape_snapshot(), snapshot);
    buf_append_byte(&text, '\n');
    err_t err = folder_put(path, snapshots_manifest, buf_slice(&text));
    buf_free(&text);
    failpoint(FAILPOINT_SNAPSHOT_NOTED, EVENT_bus_snapshot);
    s_name(name, snapshot->number);
    return err == ERR_OK ? folder_rename(keeper->folder, snapshots_new, name) : err;
}

static void s_rest(keeper_t *keeper, const snapshot_t *snapshot, int64_t mono_us)
{
    uint64_t longest = SHORTEST_US / REST_TIMES;
    const snapshot_part_t *parts = snapshot->parts.items;
    for (size_t i = 0; i < snapshot->parts.count; i++)
        if (parts[i].microseconds > longest)
            longest = parts[i].microseconds;
    keeper->rests_to = mono_us + (int64_t)longest * REST_TIMES;
}

err_t keeper_keep(keeper_t *keeper, journal_t *journal, const snapshot_t *taken, int64_t time,
                  arena_t *arena, const snapshot_t **ret_snapshot)
{
    snapshot_t *snapshot = arena_new_of(arena, snapshot_t);
    *snapshot = *taken;
    snapshot->time = time;
    snapshot->number = keeper->count > 0 ? keeper->kept[keeper->count - 1].number + 1 : 1;
    err_t err = s_take_parts(keeper, journal, snapshot, arena);
    if (err == ERR_OK)
        err = s_put(keeper, snapshot);
    if (err != ERR_OK)
        return err;
    failpoint(FAILPOINT_SNAPSHOT_KEPT, EVENT_bus_snapshot);
    s_add(keeper, snapshot);
    keeper->preparing = false;
    keeper->head = journal_head(journal);
    if (keeper->count > keeper->options.snapshots)
        keeper->dropping = keeper->count - keeper->options.snapshots;
    s_rest(keeper, snapshot, keeper->looked);
    log_info("keeper", "snapshot %" PRIu64 " has all up to record %" PRIu64, snapshot->number,
             snapshot->base);
    *ret_snapshot = snapshot;
    return ERR_OK;
}

/* ---- removing ---- */

static bool s_sweep(keeper_t *keeper, journal_t *journal)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.4000s/%s", keeper->folder, snapshots_old);
    keeper->sweeping = folder_sweep(path) || journal_sweep(journal);
    return keeper->sweeping;
}

/* The oldest is one no more.  If it cannot be moved, the next start finds it, and the next
 * snapshot drops it. */
static bool s_drop(keeper_t *keeper)
{
    char name[NAME_SIZE];
    s_name(name, keeper->kept[0].number);
    keeper->dropping -= keeper->dropping > 0;
    if (folder_rename(keeper->folder, name, snapshots_old) != ERR_OK)
        return false;
    failpoint(FAILPOINT_SNAPSHOT_DROPPED, EVENT_bus_snapshot);
    keeper->count--;
    memmove(keeper->kept, keeper->kept + 1, keeper->count * sizeof *keeper->kept);
    keeper->sweeping = true;
    return true;
}

/* All that are from before the redaction, once there is one from behind it; that they have to go
 * is noted until the last of them has gone.  False: there is nothing to do. */
static bool s_drop_stale(keeper_t *keeper)
{
    char path[PATH_MAX];
    if (keeper->stale == 0 || keeper->count == 0 ||
        keeper->kept[keeper->count - 1].seq < keeper->stale)
        return false;
    if (keeper->kept[0].seq < keeper->stale)
        return s_drop(keeper);
    keeper->stale = 0;
    snprintf(path, sizeof path, "%.4000s/%s", keeper->folder, s_stale_file);
    (void)unlink(path); /* found again, it has nothing to say */
    return true;
}

/* The first segment goes; what stays begins at the second. */
static err_t s_cut(keeper_t *keeper, journal_t *journal, int64_t time)
{
    uint8_t hash[HASH_SIZE];
    int64_t unused;
    uint64_t last = journal_second(journal) - 1;
    err_t err = journal_look(journal, last, hash, &unused);
    if (err == ERR_OK)
        err = anchor_note_cut(keeper->data, last, hash, time);
    failpoint(FAILPOINT_CUT_NOTED, EVENT_bus_snapshot);
    if (err == ERR_OK)
        err = journal_cut(journal);
    failpoint(FAILPOINT_CUT_DONE, EVENT_bus_snapshot);
    if (err == ERR_OK)
        log_info("keeper", "the journal begins at %" PRIu64, last + 1);
    keeper->sweeping = true;
    return err;
}

/* ---- policy ---- */

static bool s_limited(const keeper_t *keeper)
{
    return keeper->options.bytes > 0 || keeper->options.age_us > 0;
}

/* A snapshot, if it can tell anything that the last one did not. */
static keeper_turn_t s_want(keeper_t *keeper, const journal_t *journal, int64_t mono_us)
{
    bool news = keeper->stale > 0 || journal_head(journal) != keeper->head;
    if (mono_us < keeper->rests_to || !news)
        return KEEPER_RESTS;
    keeper->rests_to = mono_us + AGAIN_US;
    return KEEPER_WANTS;
}

/* What age and size have to say. */
static keeper_turn_t s_judge(keeper_t *keeper, journal_t *journal, int64_t mono_us, int64_t time)
{
    const keeper_options_t *options = &keeper->options;
    const journal_keep_t keep = {options->bytes, options->age_us > 0 ? time - options->age_us : 0};
    uint64_t first = 0, second = journal_second(journal);
    if (second == 0 || journal_first_kept(journal, &keep, &first) != ERR_OK || first < second)
        return KEEPER_RESTS;
    if (keeper->count == 0 || second > keeper->kept[0].base + 1)
        return s_want(keeper, journal, mono_us);
    return s_cut(keeper, journal, time) == ERR_OK ? KEEPER_CUT : KEEPER_RESTS;
}

keeper_turn_t keeper_turn(keeper_t *keeper, journal_t *journal, int64_t mono_us, int64_t time)
{
    if (keeper->sweeping && s_sweep(keeper, journal))
        return KEEPER_WORKS;
    if (keeper->dropping > 0) {
        (void)s_drop(keeper);
        return KEEPER_WORKS;
    }
    if (keeper->looked != 0 && mono_us - keeper->looked < LOOK_US)
        return KEEPER_RESTS;
    keeper->looked = mono_us;
    if (s_drop_stale(keeper)) {
        keeper->looked = 0; /* there may be more of it */
        return KEEPER_WORKS;
    }
    if (keeper->stale > 0 && keeper->count > 0)
        return s_want(keeper, journal, mono_us);
    keeper_turn_t turn = s_limited(keeper) ? s_judge(keeper, journal, mono_us, time) : KEEPER_RESTS;
    if (turn == KEEPER_CUT)
        keeper->looked = 0; /* there may be more of it */
    return turn;
}
