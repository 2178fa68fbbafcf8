/* rerun.c - kith rerun: do the actors decide what they decided when it was recorded?
 *
 * Each actor by itself is given what it was given then.  Another build may decide otherwise; the
 * first time that it does is told, with what it saw, and that actor's tape ends there: what
 * would come behind is of another world. */
#include <inttypes.h>
#include <stdio.h>

#include "actors/crypto.h"
#include "actors/log.h"
#include "schema/json.h"
#include "tools/kith/command.h"
#include "tools/kith/entry.h"
#include "tools/kith/place.h"
#include "tools/kith/plainly.h"
#include "tools/kith/reel.h"
#include "tools/kith/without.h"

/* What came of a tape. */
typedef struct tape_verdict {
    const reel_part_t *part;
    uint64_t inputs;
    bool same;
    err_t err; /* of reading it */
    uint8_t digest[CRYPTO_BLAKE256_SIZE];
} tape_verdict_t;

static void s_print_buf(buf_t *out)
{
    printf("%.*s", SLICE_ARG(buf_slice(out)));
    buf_free(out);
}

/* ---- a difference ---- */

static void s_put_difference(const tape_verdict_t *verdict, const tape_entry_t *entry,
                             const rerun_step_t *step)
{
    buf_t out = {0};
    buf_printf(&out, "{\"actor\":\"%s\",\"place\":%" PRIu64 ",\"input\":", verdict->part->row->name,
               verdict->inputs);
    entry_put(&out, entry);
    buf_append_text(&out, ",\"then\":");
    plainly_put_decision(&out, entry->out);
    buf_append_text(&out, ",\"now\":");
    plainly_put_decision(&out, step->out);
    buf_append_text(&out, ",\"saw\":");
    entry_put_reads(&out, step->reads);
    buf_append_text(&out, "}\n");
    s_print_buf(&out);
}

static void s_tell_difference(const tape_verdict_t *verdict, const tape_entry_t *entry,
                              const rerun_step_t *step)
{
    buf_t out = {0};
    buf_printf(&out, "%s, input %" PRIu64 ": ", verdict->part->row->name, verdict->inputs);
    entry_tell(&out, entry);
    buf_append_text(&out, "\n  then\n");
    entry_tell_out(&out, entry->out);
    buf_append_text(&out, "  now\n");
    entry_tell_out(&out, step->out);
    buf_append_text(&out, "  having seen\n");
    entry_tell_reads(&out, step->reads);
    buf_append_byte(&out, '\n');
    s_print_buf(&out);
}

/* ---- a tape ---- */

/* One input more; false at the end, be it good or bad. */
static bool s_goes_on(const options_t *options, tape_verdict_t *verdict)
{
    tape_entry_t entry;
    rerun_step_t step;
    err_t err = rerun_next(verdict->part->rerun, &entry);
    if (err == ERR_NOT_FOUND)
        return false;
    if (err == ERR_OK)
        err = rerun_give(verdict->part->rerun, &entry, &step);
    verdict->inputs++;
    verdict->err = err;
    if (err != ERR_OK)
        return false;
    verdict->same = step.same;
    if (!step.same && options->json)
        s_put_difference(verdict, &entry, &step);
    else if (!step.same)
        s_tell_difference(verdict, &entry, &step);
    return step.same;
}

static void s_print_verdict(const options_t *options, const tape_verdict_t *verdict)
{
    buf_t out = {0}, digest = {0};
    const char *word = verdict->err != ERR_OK ? "damaged" : verdict->same ? "same" : "different";
    slice_t reason = rerun_reason(verdict->part->rerun);
    if (verdict->same && verdict->err == ERR_OK)
        crypto_hex(&digest, slice_new(verdict->digest, sizeof verdict->digest));
    if (options->json) {
        buf_printf(&out,
                   "{\"actor\":\"%s\",\"inputs\":%" PRIu64
                   ",\"verdict\":\"%s\",\"digest\":\"%.*s\",\"ended\":",
                   verdict->part->row->name, verdict->inputs, word, SLICE_ARG(buf_slice(&digest)));
        json_put_text(&out, reason);
        buf_append_text(&out, "}\n");
    } else {
        buf_printf(&out, "%-9s %9" PRIu64 " inputs  %-9s  %.*s\n", verdict->part->row->name,
                   verdict->inputs, word, SLICE_ARG(buf_slice(&digest)));
    }
    s_print_buf(&out);
    buf_free(&digest);
}

static bool s_run(const options_t *options, const reel_part_t *part)
{
    tape_verdict_t verdict = {.part = part, .same = true};
    while (s_goes_on(options, &verdict))
        continue;
    bool whole = rerun_reason(part->rerun).len > 0;
    if (verdict.same && verdict.err == ERR_OK)
        verdict.err = rerun_digest(part->rerun, verdict.digest);
    s_print_verdict(options, &verdict);
    if (verdict.same && !whole)
        fprintf(stderr, "kith: the recording of %s breaks off there\n", part->row->name);
    return verdict.same && verdict.err == ERR_OK;
}

static bool s_run_all(const options_t *options, const reel_t *reel)
{
    bool same = true;
    for (size_t i = 0; i < reel->count; i++)
        same = s_run(options, &reel->parts[i]) && same;
    return same;
}

outcome_t rerun_run(const options_t *options)
{
    reel_t reel;
    log_set_level(LOG_LEVEL_ERROR); /* what is not sent is no warning here */
    bool good = reel_open(options, options->operands[0], &reel);
    if (good && options->without != 0)
        good = without_run(options, &reel);
    else if (good)
        good = s_run_all(options, &reel);
    reel_close(&reel);
    return good ? OUTCOME_GOOD : OUTCOME_BAD;
}
