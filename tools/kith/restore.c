/* restore.c - kith restore: a data folder out of a backup that is whole.
 *
 * Everything is looked at before anything is written: each file's hash, then the journal,
 * record by record.  What is copied is hashed once more on its way. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors/clock.h"
#include "tools/kith/command.h"
#include "tools/kith/deposit.h"
#include "tools/kith/nest.h"
#include "tools/kith/walk.h"

typedef struct restore {
    const options_t *options;
    const char *folder;
    deposit_t *deposit;
    char made[PATH_MAX]; /* the folder that it comes into first */
    uint64_t damages;
    uint64_t bytes;
    uint64_t records;
} restore_t;

/* ---- is it whole? ---- */

static void s_tell(restore_t *restore, const char *path, const char *words)
{
    restore->damages++;
    fprintf(stderr, "kith: damaged: %s: %s\n", path, words);
}

static bool s_is(const digest_t *digest, const tree_copied_t *copied)
{
    return memcmp(digest->hash, copied->hash, HASH_SIZE) == 0;
}

static bool s_check_file(restore_t *restore, const digest_t *digest)
{
    char path[PATH_MAX];
    tree_copied_t found;
    if (!tree_join(path, restore->folder, digest->path))
        return false;
    if (access(path, F_OK) != 0)
        s_tell(restore, digest->path, "it is missing");
    else if (!tree_measure(path, &found))
        return false;
    else if (!s_is(digest, &found))
        s_tell(restore, digest->path, "it is not as it was when the backup was made");
    return true;
}

static void s_flaw(void *ctx, const audit_flaw_t *flaw)
{
    restore_t *restore = ctx;
    restore->damages += flaw->damage;
    if (flaw->damage)
        walk_print_flaw(flaw, "kith: ", stderr);
}

/* A backup is laid out as a data folder, and backup.json is an anchor. */
static bool s_check_journal(restore_t *restore)
{
    char anchor[PATH_MAX];
    options_t options = *restore->options;
    walk_t walk = {.options = &options, .eyes = {.ctx = restore, .flaw = s_flaw}};
    if (!tree_join(anchor, restore->folder, deposit_file))
        return false;
    options.data = restore->folder;
    options.anchor = anchor;
    bool read = walk_run(&walk);
    restore->records = walk.report.records;
    return read;
}

static bool s_check(restore_t *restore)
{
    const digests_t *files = deposit_files(restore->deposit);
    bool good = true;
    for (size_t i = 0; i < files->count && good; i++)
        good = s_check_file(restore, &files->items[i]);
    if (!good || !s_check_journal(restore))
        return false;
    if (restore->damages > 0)
        fprintf(stderr, "kith: %s is damaged, so nothing was restored\n", restore->folder);
    return restore->damages == 0;
}

/* ---- copying ---- */

static bool s_copy_file(restore_t *restore, const digest_t *digest)
{
    char from[PATH_MAX], to[PATH_MAX];
    tree_copied_t copied;
    if (!tree_join(from, restore->folder, digest->path) ||
        !tree_join(to, restore->made, digest->path))
        return false;
    int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return tree_complain(from);
    bool good = tree_copy(fd, UINT64_MAX, to, &copied);
    close(fd);
    restore->bytes += good ? copied.bytes : 0;
    if (good && !s_is(digest, &copied))
        s_tell(restore, digest->path, "it has just changed");
    return good && s_is(digest, &copied);
}

static bool s_copy(restore_t *restore)
{
    const digests_t *files = deposit_files(restore->deposit);
    bool good = true;
    for (size_t i = 0; i < files->count && good; i++)
        good = s_copy_file(restore, &files->items[i]);
    return good;
}

/* ---- the whole ---- */

static void s_print(const restore_t *restore, int64_t took_us)
{
    const backup_t *backup = deposit_backup(restore->deposit);
    uint64_t speed = restore->bytes * 1000000 / (uint64_t)(took_us + 1);
    if (restore->options->json)
        printf("{\"first\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"hash\":\"%.*s\",\"records\":%" PRIu64
               ",\"bytes\":%" PRIu64 ",\"microseconds\":%" PRId64 ",\"bytes_a_second\":%" PRIu64
               "}\n",
               backup->first, backup->seq, SLICE_ARG(backup->hash), restore->records,
               restore->bytes, took_us, speed);
    else
        printf("records %" PRIu64 " to %" PRIu64 ", %" PRIu64
               " bytes; %.2f s; the next start makes the projections\n",
               backup->first, backup->seq, restore->bytes, (double)took_us / 1e6);
}

static bool s_restore(restore_t *restore)
{
    int64_t start = clock_us(CLOCK_MONOTONIC);
    if (!deposit_open(restore->folder, &restore->deposit) || !s_check(restore))
        return false;
    if (!nest_begin(restore->options->data, restore->made))
        return false;
    if (!s_copy(restore) || !nest_finish(restore->options->data)) {
        nest_abandon(restore->options->data);
        return false;
    }
    s_print(restore, clock_us(CLOCK_MONOTONIC) - start);
    return true;
}

outcome_t restore_run(const options_t *options)
{
    restore_t restore = {.options = options, .folder = options->operands[0]};
    bool good = s_restore(&restore);
    deposit_close(&restore.deposit);
    return good ? OUTCOME_GOOD : OUTCOME_BAD;
}
