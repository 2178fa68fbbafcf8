#include "tools/kith/reel.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/recorder.h"
#include "tools/kith/place.h"
#include "tools/kith/walk.h"

/* ---- tapes ---- */

/* The file's bytes; the zero slice if there is none. */
static slice_t s_map(const char *path)
{
    struct stat status;
    slice_t bytes = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &status) == 0 && status.st_size > 0) {
        void *at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (at != MAP_FAILED)
            bytes = slice_new(at, (size_t)status.st_size);
    }
    if (fd >= 0)
        close(fd);
    return bytes;
}

static bool s_take_tape(reel_t *reel, const actor_row_t *row, const char *path)
{
    reel_part_t *part = &reel->parts[reel->count];
    slice_t tape = s_map(path);
    if (tape.ptr == NULL)
        return true;
    *part = (reel_part_t){.row = row, .tape = tape};
    reel->count++;
    if (rerun_look(tape, reel->arena, &part->begin) == ERR_OK && part->begin->actor == row->owner)
        return true;
    fprintf(stderr, "kith: %s: this is no recording of an actor that this Kith can read\n", path);
    return false;
}

static bool s_take_tapes(reel_t *reel, const char *data, const char *name)
{
    char path[PATH_MAX];
    if (!recorder_takes_name(slice_of(name))) {
        fprintf(stderr, "kith: `%s` is no name of a recording\n", name);
        return false;
    }
    for (size_t i = 0; cast_rows[i] != NULL; i++) {
        snprintf(path, sizeof path, "%s/recordings/%s/%s.tape", data, name, cast_rows[i]->name);
        if (!s_take_tape(reel, cast_rows[i], path))
            return false;
    }
    if (reel->count == 0)
        fprintf(stderr, "kith: there is no recording `%s` in %s/recordings\n", name, data);
    return reel->count > 0;
}

/* ---- stages ---- */

static uint64_t s_last(const reel_t *reel)
{
    uint64_t last = 0;
    for (size_t i = 0; i < reel->count; i++)
        if (reel->parts[i].begin->applied > last)
            last = reel->parts[i].begin->applied;
    return last;
}

static bool s_record(void *ctx, const record_t *record, const uint8_t hash[HASH_SIZE])
{
    reel_t *reel = ctx;
    (void)hash;
    if (record->seq > s_last(reel))
        return false;
    cast_take(reel->cast, record);
    return !reel->damaged;
}

static void s_flaw(void *ctx, const audit_flaw_t *flaw)
{
    reel_t *reel = ctx;
    if (!flaw->damage)
        return;
    walk_print_flaw(flaw, "kith: ", stderr);
    reel->damaged = true;
}

static bool s_apply(reel_t *reel, const options_t *options)
{
    cast_part_t roles[REEL_PARTS];
    walk_t walk = {.options = options, .eyes = {reel, s_record, s_flaw}};
    for (size_t i = 0; i < reel->count; i++)
        roles[i] = (cast_part_t){reel->parts[i].row, reel->parts[i].begin->applied};
    err_t err = cast_open(options->data, roles, reel->count, &reel->cast);
    bool read = err == ERR_OK && (s_last(reel) == 0 || walk_run(&walk));
    if (read)
        err = cast_rest(reel->cast);
    if (err != ERR_OK)
        place_complain("the journal up to where the recording begins", err);
    return read && err == ERR_OK && !reel->damaged;
}

static bool s_restore(reel_t *reel)
{
    for (size_t i = 0; i < reel->count; i++) {
        reel_part_t *part = &reel->parts[i];
        err_t err = rerun_new(part->row, cast_store(reel->cast, i), part->tape, &part->rerun);
        if (err == ERR_INVALID)
            fprintf(stderr,
                    "kith: the journal has not the record %" PRIu64
                    " behind which the recording of %s begins\n",
                    part->begin->applied, part->row->name);
        else if (err != ERR_OK)
            fprintf(stderr, "kith: the recording of %s breaks off before anything can be told\n",
                    part->row->name);
        if (err != ERR_OK)
            return false;
    }
    return true;
}

bool reel_open(const options_t *options, const char *name, reel_t *reel)
{
    *reel = (reel_t){.arena = arena_new()};
    return s_take_tapes(reel, options->data, name) && s_apply(reel, options) && s_restore(reel);
}

void reel_close(reel_t *reel)
{
    for (size_t i = 0; i < reel->count; i++)
        rerun_destroy(&reel->parts[i].rerun);
    cast_close(&reel->cast);
    for (size_t i = 0; i < reel->count; i++)
        munmap((void *)(uintptr_t)reel->parts[i].tape.ptr, reel->parts[i].tape.len);
    arena_destroy(&reel->arena);
}
