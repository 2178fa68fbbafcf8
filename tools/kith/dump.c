/* dump.c - kith journal dump and kith export: the wanted records of a walk, a line each.
 *
 * One is for people and for programs that look at what clients may see too; the other says
 * everything, so that a journal can be made of it again (line.h). */
#include <stdio.h>
#include <unistd.h>

#include "tools/kith/command.h"
#include "tools/kith/filter.h"
#include "tools/kith/line.h"
#include "tools/kith/place.h"
#include "tools/kith/show.h"
#include "tools/kith/walk.h"

enum { LINES_BYTES = 256 * 1024 }; /* that are written at once */

typedef struct dump {
    const options_t *options;
    line_t *line; /* of an export; NULL otherwise */
    arena_t *arena;
    buf_t lines;
    bool damaged;
} dump_t;

static void s_put(dump_t *dump, const record_t *record, const uint8_t hash[HASH_SIZE])
{
    if (dump->line != NULL)
        line_put(dump->line, &dump->lines, record, hash);
    else if (dump->options->json)
        show_record_json(&dump->lines, record, dump->arena);
    else
        show_record(&dump->lines, record, dump->arena);
}

static void s_write(dump_t *dump)
{
    if (dump->lines.len > 0)
        fwrite(dump->lines.data, 1, dump->lines.len, stdout);
    dump->lines.len = 0;
}

static bool s_record(void *ctx, const record_t *record, const uint8_t hash[HASH_SIZE])
{
    dump_t *dump = ctx;
    const options_t *options = dump->options;
    if (options->to != 0 && record->seq > options->to)
        return false;
    if (record->seq >= options->from && filter_fits(options, record))
        s_put(dump, record, hash);
    if (dump->lines.len >= LINES_BYTES)
        s_write(dump);
    return !ferror(stdout);
}

static void s_flaw(void *ctx, const audit_flaw_t *flaw)
{
    dump_t *dump = ctx;
    if (flaw->damage)
        walk_print_flaw(flaw, "kith: ", stderr);
    dump->damaged = dump->damaged || flaw->damage;
}

static outcome_t s_run(dump_t *dump)
{
    walk_t walk = {
        .options = dump->options,
        .eyes = {dump, s_record, s_flaw},
        .from = dump->options->from,
        .closed = dump->line != NULL,
        .quiet = isatty(STDOUT_FILENO),
    };
    bool read = walk_run(&walk);
    s_write(dump);
    buf_free(&dump->lines);
    return read && !dump->damaged ? OUTCOME_GOOD : OUTCOME_BAD;
}

outcome_t dump_run(const options_t *options)
{
    dump_t dump = {.options = options, .arena = arena_new()};
    outcome_t outcome = s_run(&dump);
    arena_destroy(&dump.arena);
    return outcome;
}

outcome_t export_run(const options_t *options)
{
    vault_t *vault = NULL;
    err_t err = vault_open(options->data, false, &vault);
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        place_complain(options->data, err);
        return OUTCOME_BAD;
    }
    dump_t dump = {.options = options, .line = line_new(vault)};
    outcome_t outcome = s_run(&dump);
    line_destroy(&dump.line);
    vault_close(&vault);
    return outcome;
}
