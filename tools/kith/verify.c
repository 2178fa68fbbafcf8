/* verify.c - kith journal verify */
#include <inttypes.h>
#include <stdio.h>

#include "actors/crypto.h"
#include "tools/kith/command.h"
#include "tools/kith/walk.h"

enum { FLAWS_SHOWN = 1000 };

typedef struct verify {
    bool json;
    uint64_t damages;
    uint64_t notes;
    buf_t flaws; /* JSON objects, a comma between */
} verify_t;

static void s_flaw(void *ctx, const audit_flaw_t *flaw)
{
    verify_t *verify = ctx;
    *(flaw->damage ? &verify->damages : &verify->notes) += 1;
    if (verify->damages + verify->notes > FLAWS_SHOWN)
        return;
    if (!verify->json) {
        walk_print_flaw(flaw, "", stdout);
        return;
    }
    if (verify->flaws.len > 0)
        buf_append_byte(&verify->flaws, ',');
    walk_put_flaw(&verify->flaws, flaw);
}

static uint64_t s_speed(const walk_t *walk)
{
    return walk->report.records * 1000000 / (uint64_t)(walk->took_us + 1);
}

static void s_print(const walk_t *walk, const verify_t *verify)
{
    const audit_report_t *report = &walk->report;
    buf_t hash = {0}, root = {0};
    crypto_hex(&hash, slice_new(report->hash, HASH_SIZE));
    crypto_hex(&root, slice_new(report->root, HASH_SIZE));
    if (verify->damages + verify->notes > FLAWS_SHOWN)
        printf("and %" PRIu64 " more\n", verify->damages + verify->notes - FLAWS_SHOWN);
    printf("%s%" PRIu64 " records, %" PRIu64 " bytes, in %" PRIu64 " segments\n",
           verify->damages == 0 ? "sound: " : "damaged; sound by themselves: ", report->records,
           report->bytes, report->segments);
    printf("from %" PRIu64 " to %" PRIu64 ", epoch %" PRIu64 ", noted outside up to %" PRIu64 "\n",
           report->first, report->head, report->epoch, walk->noted);
    if (walk->cut > 0)
        printf("cut by retention up to %" PRIu64 "\n", walk->cut);
    printf("hash of the head  %.*s\nroot of the tree  %.*s\n", SLICE_ARG(buf_slice(&hash)),
           SLICE_ARG(buf_slice(&root)));
    printf("%.2f s, %" PRIu64 " records a second%s\n", (double)walk->took_us / 1e6, s_speed(walk),
           walk->live ? "; of a running server, as far as it was on disk" : "");
    buf_free(&hash);
    buf_free(&root);
}

/* An anchor, too: what --anchor takes. */
static void s_print_json(const walk_t *walk, const verify_t *verify)
{
    const audit_report_t *report = &walk->report;
    buf_t out = {0};
    buf_printf(&out,
               "{\"sound\":%s,\"records\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"segments\":%" PRIu64
               ",\"first\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"epoch\":%" PRIu64 ",\"time\":%" PRId64,
               verify->damages == 0 ? "true" : "false", report->records, report->bytes,
               report->segments, report->first, report->head, report->epoch, report->time);
    buf_append_text(&out, ",\"hash\":\"");
    crypto_hex(&out, slice_new(report->hash, HASH_SIZE));
    buf_append_text(&out, "\",\"root\":\"");
    crypto_hex(&out, slice_new(report->root, HASH_SIZE));
    buf_printf(&out,
               "\",\"cut\":%" PRIu64 ",\"noted\":%" PRIu64 ",\"live\":%s,\"microseconds\":%" PRId64
               ",\"records_a_second\":%" PRIu64 ",\"damages\":%" PRIu64 ",\"notes\":%" PRIu64
               ",\"flaws\":[",
               walk->cut, walk->noted, walk->live ? "true" : "false", walk->took_us, s_speed(walk),
               verify->damages, verify->notes);
    buf_append(&out, buf_slice(&verify->flaws));
    printf("%.*s]}\n", SLICE_ARG(buf_slice(&out)));
    buf_free(&out);
}

outcome_t verify_run(const options_t *options)
{
    verify_t verify = {.json = options->json};
    walk_t walk = {
        .options = options, .eyes = {.ctx = &verify, .flaw = s_flaw}, .projections = true};
    bool read = walk_run(&walk);
    if (read && options->json)
        s_print_json(&walk, &verify);
    else if (read)
        s_print(&walk, &verify);
    buf_free(&verify.flaws);
    return read && verify.damages == 0 ? OUTCOME_GOOD : OUTCOME_BAD;
}
