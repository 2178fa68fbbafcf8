/* anchor.c - one JSON object in a file of its own, replaced whole. */
#include "broker/anchor.h"

#include "actors/crypto.h"
#include "actors/log.h"
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

/* Whether the journal can be the one that was noted, as far as its head tells. */
static bool s_fits(const anchor_t *anchor, const journal_t *journal)
{
    uint8_t hash[HASH_SIZE];
    if (anchor->seq != journal_head(journal))
        return anchor->seq < journal_head(journal);
    return anchor_hash(anchor->hash, hash) && memcmp(hash, journal_hash(journal), HASH_SIZE) == 0;
}

void anchor_check(const char *data, const journal_t *journal)
{
    const anchor_t *anchor = NULL;
    arena_t *arena = arena_new();
    err_t err = anchor_read(data, anchor_file, arena, &anchor);
    bool refuted = err == ERR_OK && !s_fits(anchor, journal);
    if (refuted)
        log_error(
            "journal",
            "it ends at %llu, but %s/%s knows another record %llu: its end was cut or changed",
            (unsigned long long)journal_head(journal), data, anchor_file,
            (unsigned long long)anchor->seq);
    if (err == ERR_CORRUPT)
        log_error("journal", "%s/%s: cannot be read", data, anchor_file);
    if (refuted && folder_rename(data, anchor_file, anchor_refuted_file) != ERR_OK)
        log_error("journal", "%s/%s: cannot be kept", data, anchor_file);
    arena_destroy(&arena);
}
