/* backup.c - kith backup: all of a data folder is gathered, and what of the journal is new is
 * read, before it takes the place of the last backup. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/clock.h"
#include "broker/anchor.h"
#include "broker/settings.h"
#include "schema/codec.h"
#include "tools/kith/command.h"
#include "tools/kith/gather.h"
#include "tools/kith/walk.h"

enum { TRIES = 10 };

typedef struct work {
    const options_t *options;
    gather_t gather;
    config_t *config;
    const char *last; /* backup.json of the last one; NULL: there was none */
    bool damaged;     /* the journal */
    bool foreign;     /* the folder has another journal's backup */
    int64_t start;
} work_t;

static bool s_load_settings(work_t *work)
{
    if (work->options->config == NULL)
        return true;
    work->gather.config = work->config = settings_new();
    if (config_load(work->config, work->options->config) == ERR_OK)
        return true;
    fprintf(stderr, "kith: %s: %s\n", work->options->config, work->config->fault);
    return false;
}

/* ---- is it whole? ---- */

static void s_flaw(void *ctx, const audit_flaw_t *flaw)
{
    work_t *work = ctx;
    if (!flaw->damage)
        return;
    work->damaged = true;
    work->foreign = work->foreign || flaw->file == work->last;
    walk_print_flaw(flaw, "kith: ", stderr);
}

/* Reads what the last backup has not read, and holds it against that, and against the anchor as
 * it was before anything was copied. */
static bool s_check(work_t *work, audit_report_t *ret_report)
{
    const backup_t *last = deposit_backup(work->gather.deposit);
    options_t options = {.data = deposit_incoming(work->gather.deposit)};
    walk_t walk = {.options = &options, .eyes = {.ctx = work, .flaw = s_flaw}};
    char header[PATH_MAX];
    if (!tree_join(header, work->options->operands[0], deposit_file))
        return false;
    if (last != NULL && last->seq > 0) {
        options.anchor = work->last = header;
        walk.from = last->seq;
    }
    bool read = walk_run(&walk);
    if (work->foreign)
        fprintf(stderr, "kith: that is the backup of another journal: take another folder\n");
    else if (work->damaged)
        fprintf(stderr, "kith: the journal is damaged, so the last backup stays as it is\n");
    *ret_report = walk.report;
    return read && !work->damaged;
}

/* ---- the whole ---- */

/* The end of the copy, noted as a server does that has ended in order. */
static bool s_put_anchor(work_t *work, const audit_report_t *report, slice_t hash, int64_t now)
{
    buf_t text = {0};
    const anchor_t anchor = {.seq = report->head, .hash = hash, .time = now, .clean = true};
    codec_put_json(&text, shape_anchor(), &anchor);
    buf_append_byte(&text, '\n');
    bool good = deposit_put(work->gather.deposit, anchor_file, buf_slice(&text));
    buf_free(&text);
    return good;
}

static void s_print(const work_t *work, const backup_t *backup)
{
    int64_t took_us = clock_us(CLOCK_MONOTONIC) - work->start;
    uint64_t fresh = deposit_fresh(work->gather.deposit),
             speed = fresh * 1000000 / (uint64_t)(took_us + 1);
    if (work->options->json)
        printf("{\"first\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"hash\":\"%.*s\",\"files\":%" PRIu64
               ",\"bytes\":%" PRIu64 ",\"fresh\":%" PRIu64 ",\"microseconds\":%" PRId64
               ",\"bytes_a_second\":%" PRIu64 "}\n",
               backup->first, backup->seq, SLICE_ARG(backup->hash), backup->files, backup->bytes,
               fresh, took_us, speed);
    else
        printf("records %" PRIu64 " to %" PRIu64 ", %" PRIu64 " files, %" PRIu64
               " bytes, of which %" PRIu64 " were not there yet; %.2f s\n",
               backup->first, backup->seq, backup->files, backup->bytes, fresh,
               (double)took_us / 1e6);
    if (work->config == NULL)
        fprintf(stderr, "kith: the settings are not in it; --config names their file\n");
}

static bool s_finish(work_t *work)
{
    audit_report_t report = {0};
    buf_t hex = {0};
    int64_t now = clock_us(CLOCK_REALTIME);
    bool good = s_check(work, &report);
    crypto_hex(&hex, slice_new(report.hash, HASH_SIZE));
    backup_t backup = {
        .first = work->gather.first, .seq = report.head, .hash = buf_slice(&hex), .time = now};
    good = good && s_put_anchor(work, &report, backup.hash, now) &&
           deposit_commit(work->gather.deposit, &backup);
    if (good)
        s_print(work, &backup);
    buf_free(&hex);
    return good;
}

static bool s_try(work_t *work)
{
    if (!deposit_begin(work->options->operands[0], &work->gather.deposit))
        return false;
    bool good = gather_all(&work->gather);
    if (good && !work->gather.gone)
        good = s_finish(work);
    deposit_close(&work->gather.deposit);
    return good;
}

static bool s_run(work_t *work)
{
    for (int i = 0; i < TRIES; i++) {
        if (!s_try(work))
            return false;
        if (!work->gather.gone)
            return true;
    }
    fprintf(stderr, "kith: %s: files went away all the while\n", work->options->data);
    return false;
}

/* A backup inside of what it is of would be in itself. */
static bool s_apart(const options_t *options)
{
    char data[PATH_MAX], folder[PATH_MAX];
    if (realpath(options->data, data) == NULL)
        return tree_complain(options->data);
    size_t len = strlen(data);
    if (realpath(options->operands[0], folder) == NULL || strncmp(folder, data, len) != 0 ||
        (folder[len] != '/' && folder[len] != '\0'))
        return true;
    fprintf(stderr, "kith: %s lies in the data folder\n", options->operands[0]);
    return false;
}

outcome_t backup_run(const options_t *options)
{
    work_t work = {
        .options = options,
        .gather = {.data = options->data, .config_file = options->config},
        .start = clock_us(CLOCK_MONOTONIC),
    };
    bool good = s_apart(options) && s_load_settings(&work) && s_run(&work);
    settings_destroy(&work.config);
    return good ? OUTCOME_GOOD : OUTCOME_BAD;
}
