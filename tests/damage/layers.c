/* layers.c - kith-layers DATA: what a server would have of a data folder, without being one.
 *
 * Opens what a server opens, in its order, reads all of it, and has each projection catch up, so
 * that thousands of damaged folders can be looked at in the time that a few servers take.  Prints a
 * line for each part: its name, and what is in it as a hash; or `refused` and why.  The log goes to
 * stderr, as a server's does. */
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/actor.h"
#include "actors/app_keys.h"
#include "actors/clock.h"
#include "actors/crypto.h"
#include "actors/log.h"
#include "actors/notifier/push_vapid.h"
#include "actors/revive.h"
#include "actors/stage.h"
#include "actors/store.h"
#include "actors/token.h"
#include "broker/anchor.h"
#include "broker/index.h"
#include "broker/journal.h"
#include "schema/mem.h"
#include "ws-edge/shelf.h"

enum { PAGE = 1024 * 1024, SEQS_MAX = 100000 };

static const actor_row_t *const s_actors[] = {
    &session_actor, &room_actor, &search_actor, &notifier_actor, &matching_actor,
};

static const char *s_data;
static buf_t s_records; /* all of the journal, open */

static void s_path(char ret_path[PATH_MAX], const char *name)
{
    snprintf(ret_path, PATH_MAX, "%s/%s", s_data, name);
}

static void s_tell_hash(const char *part, uint64_t number, const uint8_t hash[CRYPTO_BLAKE256_SIZE])
{
    buf_t hex = {0};
    crypto_hex(&hex, slice_new(hash, CRYPTO_BLAKE256_SIZE));
    printf("%s %" PRIu64 " %.*s\n", part, number, SLICE_ARG(buf_slice(&hex)));
    buf_free(&hex);
}

static void s_tell_bytes(const char *part, uint64_t number, slice_t bytes)
{
    uint8_t hash[CRYPTO_BLAKE256_SIZE];
    crypto_blake256(bytes, hash);
    s_tell_hash(part, number, hash);
}

static err_t s_refused(const char *part, err_t err)
{
    printf("%s refused %s\n", part, err_info(err)->name);
    return err;
}

/* ---- the journal and its index ---- */

static err_t s_read_all(journal_t *journal)
{
    uint64_t next = journal_first(journal);
    err_t err = ERR_OK;
    while (err == ERR_OK && next <= journal_head(journal))
        err = journal_read(journal, next, PAGE, &s_records, &next);
    return err;
}

static err_t s_open_journal(journal_t **ret_journal)
{
    char path[PATH_MAX];
    s_path(path, "journal");
    err_t err = journal_open(path, &(journal_options_t){0}, ret_journal);
    if (err == ERR_OK)
        err = anchor_check(s_data, *ret_journal, false, clock_us(CLOCK_REALTIME));
    if (err == ERR_OK)
        err = s_read_all(*ret_journal);
    if (err != ERR_OK)
        return s_refused("journal", err);
    s_tell_bytes("journal", journal_head(*ret_journal), buf_slice(&s_records));
    return ERR_OK;
}

static err_t s_feed(index_t *index, uint64_t first)
{
    slice_t left = buf_slice(&s_records);
    record_t record;
    err_t err = ERR_OK;
    index_skip(index, first - 1);
    while (err == ERR_OK && left.len > 0) {
        err = record_read(&left, &record);
        if (err == ERR_OK && record.seq == index_applied(index) + 1)
            err = index_add(index, &record);
    }
    return err;
}

/* Of every room and account that there can be, each for itself. */
static err_t s_read_index(index_t *index, buf_t *out)
{
    ids_t found;
    err_t err = ERR_OK;
    for (uint64_t id = 1; err == ERR_OK && id < 100; id++)
        for (int kind = 0; err == ERR_OK && kind < 2; kind++) {
            const ids_t one = {&id, 1}, none = {0};
            err = index_read(index, kind == 0 ? one : none, kind == 0 ? none : one, 1, SEQS_MAX,
                             &found);
            if (err == ERR_OK)
                buf_append(out, slice_new(found.items, found.count * sizeof *found.items));
        }
    return err;
}

/* As the scribe does: what cannot be read is made again. */
static void s_look_at_index(const journal_t *journal)
{
    char path[PATH_MAX];
    index_t *index = NULL;
    buf_t seqs = {0};
    s_path(path, "index");
    err_t err = index_open(path, journal_head(journal), &index);
    if (err == ERR_OK)
        err = s_feed(index, journal_first(journal));
    if (err == ERR_OK && s_read_index(index, &seqs) != ERR_OK) {
        seqs.len = 0;
        err = index_reopen(index, journal_head(journal));
        if (err == ERR_OK)
            err = s_feed(index, journal_first(journal));
        if (err == ERR_OK)
            err = s_read_index(index, &seqs);
    }
    if (err != ERR_OK)
        (void)s_refused("index", err);
    else
        s_tell_bytes("index", seqs.len, buf_slice(&seqs));
    index_close(&index);
    buf_free(&seqs);
}

/* ---- projections ---- */

/* All that it has not applied, and what it amounts to then. */
static err_t s_catch_up(const actor_row_t *row, store_t *store, uint8_t ret_digest[32])
{
    const actor_options_t plain = {.data = s_data};
    stage_t *stage = stage_new(row, store);
    slice_t left = buf_slice(&s_records);
    record_t record;
    err_t err = ERR_OK;
    stage_set_options(stage, &plain);
    while (err == ERR_OK && left.len > 0) {
        err = record_read(&left, &record);
        if (err == ERR_OK && record.seq > store_applied(store))
            err = stage_record(stage, &record);
    }
    if (err == ERR_OK)
        err = stage_flush(stage);
    if (err == ERR_OK)
        err = store_digest(store, ret_digest);
    stage_destroy(&stage);
    return err;
}

static err_t s_look_at_rows(const actor_row_t *row, const journal_t *journal, store_t *store,
                            uint8_t ret_digest[32])
{
    revive_t revive = {s_data, row, journal_first(journal), journal_head(journal)};
    err_t err = store_expect(store, row->format);
    if (err == ERR_OK && !revive_unneeded(&revive, store, store_applied(store)))
        err = revive_store(&revive, store);
    if (err == ERR_OK)
        err = s_catch_up(row, store, ret_digest);
    if (err != ERR_CORRUPT)
        return err;
    err = revive_store(&revive, store); /* met at work: as an actor does */
    return err == ERR_OK ? s_catch_up(row, store, ret_digest) : err;
}

static void s_look_at_projection(const actor_row_t *row, const journal_t *journal)
{
    char path[PATH_MAX];
    uint8_t digest[32];
    store_t *store = NULL;
    s_path(path, row->name);
    err_t err = store_open(path, &store);
    if (err == ERR_OK)
        err = s_look_at_rows(row, journal, store, digest);
    if (err != ERR_OK)
        (void)s_refused(row->name, err);
    else
        s_tell_hash(row->name, journal_head(journal), digest);
    store_close(&store);
}

/* ---- files and keys ---- */

static void s_look_at_file(shelf_t *shelf, const char *folder, const char *id)
{
    struct stat facts;
    char path[PATH_MAX], part[PATH_MAX];
    int fd;
    snprintf(part, sizeof part, "file-%.60s", id);
    if (strlen(id) != LIMIT_FILE_ID)
        return;
    snprintf(path, sizeof path, "%.3000s/%.2s/%.60s", folder, id, id);
    err_t err = stat(path, &facts) == 0 ? ERR_OK : ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = shelf_find(shelf, slice_of(id), (uint64_t)facts.st_size, &fd);
    if (err == ERR_OK) {
        err = shelf_check(slice_of(id), fd);
        close(fd);
    }
    if (err != ERR_OK) {
        log_error("files", "file %s: %s: bring it back from a backup", id, err_info(err)->name);
        (void)s_refused(part, err);
    } else {
        s_tell_bytes(part, (uint64_t)facts.st_size, slice_of(id));
    }
}

static void s_look_at_shelf(const char *name)
{
    char folder[PATH_MAX], drawer[PATH_MAX];
    shelf_t *shelf = NULL;
    s_path(folder, name);
    if (shelf_open(folder, &shelf) != ERR_OK)
        return;
    DIR *drawers = opendir(folder);
    for (struct dirent *entry = readdir(drawers); entry != NULL; entry = readdir(drawers)) {
        snprintf(drawer, sizeof drawer, "%.3000s/%s", folder, entry->d_name);
        DIR *files = strlen(entry->d_name) == 2 && entry->d_name[0] != '.' ? opendir(drawer) : NULL;
        for (struct dirent *file = files != NULL ? readdir(files) : NULL; file != NULL;
             file = readdir(files))
            s_look_at_file(shelf, folder, file->d_name);
        if (files != NULL)
            closedir(files);
    }
    closedir(drawers);
    shelf_close(&shelf);
}

static void s_look_at_keys(void)
{
    app_keys_t keys;
    mint_t *mint = NULL;
    vapid_t *vapid = NULL;
    app_keys_t none = {0};
    if (mint_open(s_data, &mint) == ERR_OK)
        s_tell_bytes("token.key", 0, mint_mask(mint));
    else
        (void)s_refused("token.key", ERR_INVALID);
    mint_close(&mint);
    if (vapid_open(s_data, "", &vapid) == ERR_OK)
        s_tell_bytes("push.key", 0, vapid_key(vapid));
    else
        (void)s_refused("push.key", ERR_INVALID);
    vapid_close(&vapid);
    memset(&keys, 0, sizeof keys);
    if (app_keys_open(s_data, &none, &keys) == ERR_OK)
        s_tell_bytes("pusher.app", 0, slice_of(keys.secret));
    else
        (void)s_refused("pusher.app", ERR_INVALID);
}

int main(int argc, char **argv)
{
    journal_t *journal = NULL;
    if (argc != 2 || crypto_start() != ERR_OK)
        return 2;
    s_data = argv[1];
    if (s_open_journal(&journal) == ERR_OK) {
        s_look_at_index(journal);
        for (size_t i = 0; i < COUNT_OF(s_actors); i++)
            s_look_at_projection(s_actors[i], journal);
        s_look_at_keys();
        s_look_at_shelf("files");
        s_look_at_shelf("files/photos");
    }
    journal_close(&journal);
    buf_free(&s_records);
    return 0;
}
