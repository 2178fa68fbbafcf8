/* anchor.c - one JSON object in a file of its own, replaced whole. */
#include "broker/anchor.h"

#include "actors/crypto.h"
#include "actors/log.h"
#include "actors/snapshots.h"
#include "broker/folder.h"
#include "schema/codec.h"

enum { FILE_MAX = 4096 };

const char anchor_file[] = "anchor.json";
const char anchor_refuted_file[] = "anchor.refuted.json";
const char anchor_cut_file[] = "cut.json";

static int s_digit(uint8_t letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

bool anchor_hash(slice_t hex, uint8_t ret_hash[HASH_SIZE])
{
    if (hex.len != (size_t)2 * HASH_SIZE)
        return false;
    for (size_t i = 0; i < HASH_SIZE; i++) {
        int high = s_digit(hex.ptr[2 * i]), low = s_digit(hex.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_hash[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static err_t s_parse(slice_t text, arena_t *arena, const anchor_t **ret_anchor)
{
    const json_node_t *root = NULL;
    uint8_t hash[HASH_SIZE];
    void *object = NULL;
    fault_t fault;
    err_t err = json_parse(arena_copy(arena, text), &root);
    if (err == ERR_OK)
        err = codec_from_json(root, shape_anchor(), UNKNOWN_IGNORED, arena, &fault, &object);
    if (err == ERR_OK) { /* texts point into the tree, which goes */
        anchor_t *anchor = object;
        anchor->hash = arena_copy(arena, anchor->hash);
        anchor->root = arena_copy(arena, anchor->root);
        if (!anchor_hash(anchor->hash, hash) ||
            (anchor->root.len > 0 && !anchor_hash(anchor->root, hash)))
            err = ERR_CORRUPT;
        *ret_anchor = anchor;
    }
    json_free(&root);
    return err == ERR_OK ? ERR_OK : ERR_CORRUPT;
}

err_t anchor_read(const char *folder, const char *name, arena_t *arena, const anchor_t **ret_anchor)
{
    buf_t text = {0};
    err_t err = folder_get(folder, name, FILE_MAX, &text);
    if (err == ERR_OK)
        err = s_parse(buf_slice(&text), arena, ret_anchor);
    buf_free(&text);
    return err;
}

static err_t s_put(const char *data, const char *name, const uint8_t hash[HASH_SIZE],
                   anchor_t *anchor)
{
    buf_t hex = {0}, text = {0};
    crypto_hex(&hex, slice_new(hash, HASH_SIZE));
    anchor->hash = buf_slice(&hex);
    codec_put_json(&text, shape_anchor(), anchor);
    buf_append_byte(&text, '\n');
    err_t err = folder_put(data, name, buf_slice(&text));
    buf_free(&hex);
    buf_free(&text);
    return err;
}

err_t anchor_write(const char *data, const journal_t *journal, int64_t now, bool clean)
{
    return s_put(data, anchor_file, journal_hash(journal),
                 &(anchor_t){.seq = journal_head(journal), .time = now, .clean = clean});
}

err_t anchor_note_cut(const char *data, uint64_t seq, const uint8_t hash[HASH_SIZE], int64_t now)
{
    return s_put(data, anchor_cut_file, hash, &(anchor_t){.seq = seq, .time = now});
}

/* ---- at the start ---- */

/* Whether the journal can be the one that was noted, as far as its head tells. */
static bool s_fits(const anchor_t *anchor, const journal_t *journal)
{
    uint8_t hash[HASH_SIZE];
    if (anchor->seq != journal_head(journal))
        return anchor->seq < journal_head(journal);
    return anchor_hash(anchor->hash, hash) && memcmp(hash, journal_hash(journal), HASH_SIZE) == 0;
}

/* Whoever goes on without a sync has said that they may lose an end; all others are to decide. */
static err_t s_refute(const char *data, const journal_t *journal, uint64_t noted, bool unsynced)
{
    log_error(
        "journal",
        "%s/journal ends at %llu, but %s/%s knows another record %llu: its end was cut or changed",
        data, (unsigned long long)journal_head(journal), data, anchor_file,
        (unsigned long long)noted);
    if (unsynced)
        return folder_rename(data, anchor_file, anchor_refuted_file);
    log_error(
        "journal",
        "left as it is: `kith journal verify` tells all that is damaged, `kith restore` brings "
        "back a backup; to go on without what is gone, rename %s/%s to %s",
        data, anchor_file, anchor_refuted_file);
    return ERR_CORRUPT;
}

static err_t s_check_end(const char *data, const journal_t *journal, bool unsynced, arena_t *arena)
{
    const anchor_t *anchor = NULL;
    err_t err = anchor_read(data, anchor_file, arena, &anchor);
    if (err == ERR_CORRUPT)
        log_warn("journal", "%s/%s: cannot be read; it is made anew", data, anchor_file);
    if (err == ERR_CORRUPT || err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err != ERR_OK || s_fits(anchor, journal))
        return err;
    return s_refute(data, journal, anchor->seq, unsynced);
}

/* Whether a snapshot has all that is before the first record. */
static bool s_stands_for(const char *data, uint64_t first, arena_t *arena)
{
    snapshots_t found;
    if (snapshots_read(data, arena, &found) != ERR_OK)
        return false;
    for (size_t i = 0; i < found.count; i++)
        if (found.items[i].base + 1 >= first)
            return true;
    return false;
}

/* The first record knows the hash of the one before it. */
static err_t s_note_cut_anew(const char *data, journal_t *journal, int64_t now)
{
    buf_t bytes = {0};
    record_t record;
    uint64_t next, first = journal_first(journal);
    log_warn("journal", "%s/%s: cannot be read; it is made anew", data, anchor_cut_file);
    err_t err = journal_read(journal, first, 1, &bytes, &next);
    slice_t in = buf_slice(&bytes);
    if (err == ERR_OK)
        err = record_read(&in, &record);
    if (err == ERR_OK)
        err = anchor_note_cut(data, first - 1, record.previous, now);
    buf_free(&bytes);
    return err;
}

/* A journal that begins late was cut, and that was noted before; or its beginning is lost. */
static err_t s_check_begin(const char *data, journal_t *journal, int64_t now, arena_t *arena)
{
    const anchor_t *cut = NULL;
    uint64_t first = journal_first(journal);
    if (first <= 1)
        return ERR_OK;
    err_t err = anchor_read(data, anchor_cut_file, arena, &cut);
    if (err == ERR_OK && cut->seq + 1 >= first)
        return ERR_OK;
    if ((err == ERR_NOT_FOUND || err == ERR_CORRUPT) && s_stands_for(data, first, arena))
        return s_note_cut_anew(data, journal, now);
    log_error("journal",
              "%s/journal begins at %llu, and %s/%s does not say that it may: what was before is "
              "missing.  Left as it is: `kith restore` brings back a backup",
              data, (unsigned long long)first, data, anchor_cut_file);
    return ERR_CORRUPT;
}

err_t anchor_check(const char *data, journal_t *journal, bool unsynced, int64_t now)
{
    arena_t *arena = arena_new();
    err_t err = s_check_end(data, journal, unsynced, arena);
    if (err == ERR_OK)
        err = s_check_begin(data, journal, now, arena);
    arena_destroy(&arena);
    return err;
}
