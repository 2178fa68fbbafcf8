/* prove.c - kith journal prove and kith journal check: evidence of one record.
 *
 * A proof is the record's bytes and, for each step from its hash to the root of the tree over
 * all records, the hash beside.  It shows nothing of any other record, and whoever knows the
 * root checks it without the journal.  What is personal in the record is sealed; the key that
 * comes with it opens that and no other record.  The format is in docs/flight-recorder.md. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "broker/anchor.h"
#include "broker/seal.h"
#include "schema/codec.h"
#include "tools/kith/command.h"
#include "tools/kith/show.h"
#include "tools/kith/walk.h"

enum { VERSION = 1, FILE_MAX = LIMIT_PROOF + 64 * 1024 };

/* ---- making one ---- */

typedef struct prover {
    arena_t *arena;
    uint64_t seq;   /* of the record that is to be proven */
    uint64_t until; /* the last record of the tree; 0: the head */
    slice_t record;
    bool damaged;
} prover_t;

static bool s_record(void *ctx, const record_t *record, const uint8_t hash[HASH_SIZE])
{
    prover_t *prover = ctx;
    (void)hash;
    if (record->seq == prover->seq)
        prover->record = arena_copy(prover->arena, record->bytes);
    return record->seq != prover->until;
}

static void s_flaw(void *ctx, const audit_flaw_t *flaw)
{
    prover_t *prover = ctx;
    if (flaw->damage)
        walk_print_flaw(flaw, "kith: ", stderr);
    prover->damaged = prover->damaged || flaw->damage;
}

static slice_t s_hex(arena_t *arena, const uint8_t hash[HASH_SIZE])
{
    buf_t hex = {0};
    crypto_hex(&hex, slice_new(hash, HASH_SIZE));
    slice_t text = arena_copy(arena, buf_slice(&hex));
    buf_free(&hex);
    return text;
}

static list_t s_steps(arena_t *arena, const tree_path_t *path)
{
    proof_step_t *steps = arena_alloc(arena, (path->count + 1) * sizeof *steps);
    for (size_t i = 0; i < path->count; i++) {
        slice_t hash = s_hex(arena, path->steps[i].hash);
        steps[i] =
            path->steps[i].left ? (proof_step_t){.left = hash} : (proof_step_t){.right = hash};
    }
    return (list_t){steps, path->count};
}

/* Of a record that is sealed; empty for another, and once its account was redacted. */
static slice_t s_key(const prover_t *prover, const options_t *options)
{
    uint8_t key[CRYPTO_KEY_SIZE];
    record_t record;
    vault_t *vault = NULL;
    slice_t in = prover->record, hex = {0};
    if (record_read(&in, &record) == ERR_OK && record.key_id != 0 &&
        vault_open(options->data, false, &vault) == ERR_OK &&
        seal_key(vault, &record, key) == ERR_OK)
        hex = s_hex(prover->arena, key);
    vault_close(&vault);
    return hex;
}

static void s_print(const prover_t *prover, const walk_t *walk)
{
    const audit_report_t *report = &walk->report;
    anchor_t anchor = {
        .first = report->first,
        .seq = report->head,
        .hash = s_hex(prover->arena, report->hash),
        .root = s_hex(prover->arena, report->root),
        .time = report->time,
    };
    buf_t record = {0}, out = {0};
    crypto_base64(&record, prover->record);
    codec_put_json(&out, shape_proof(),
                   &(proof_t){
                       .kith_proof = VERSION,
                       .record = buf_slice(&record),
                       .key = s_key(prover, walk->options),
                       .path = s_steps(prover->arena, &walk->path),
                       .anchor = &anchor,
                   });
    printf("%.*s\n", SLICE_ARG(buf_slice(&out)));
    buf_free(&record);
    buf_free(&out);
}

/* The kept anchor that --anchor names; NULL: none was named, or a sentence was said. */
static const anchor_t *s_kept(const options_t *options, arena_t *arena)
{
    const anchor_t *anchor = NULL;
    const char *file = options->anchor;
    if (file == NULL)
        return NULL;
    if (anchor_read(file[0] == '/' ? "" : ".", file, arena, &anchor) != ERR_OK)
        fprintf(stderr, "kith: %s is no anchor\n", file);
    else if (anchor->root.len == 0)
        fprintf(stderr, "kith: %s has no root: keep what journal verify --json prints\n", file);
    else
        return anchor;
    return NULL;
}

static bool s_proven(const prover_t *prover, const walk_t *walk, const anchor_t *kept)
{
    bool same = kept == NULL || slice_eq(kept->root, s_hex(prover->arena, walk->report.root));
    if (prover->damaged)
        fprintf(stderr, "kith: nothing is proven by a damaged journal; see kith journal verify\n");
    else if (prover->record.ptr == NULL)
        fprintf(stderr, "kith: there is no record %" PRIu64 "\n", prover->seq);
    else if (!same && kept->first < walk->report.first)
        fprintf(stderr,
                "kith: the anchor's tree begins at %" PRIu64 ", and retention has removed all up "
                "to %" PRIu64 ": keep an anchor of what is there now\n",
                kept->first, walk->report.first - 1);
    else if (!same)
        fprintf(stderr, "kith: the journal up to %" PRIu64 " has another root than the anchor\n",
                kept->seq);
    return !prover->damaged && prover->record.ptr != NULL && same;
}

outcome_t prove_run(const options_t *options)
{
    char *end = NULL;
    prover_t prover = {.arena = arena_new(), .seq = strtoull(options->operands[0], &end, 10)};
    const anchor_t *kept = s_kept(options, prover.arena);
    walk_t walk = {.options = options,
                   .eyes = {&prover, s_record, s_flaw},
                   .wanted = prover.seq,
                   .closed = true};
    bool proven = false;
    if (prover.seq == 0 || *end != '\0')
        fprintf(stderr, "kith: `%s` is no sequence\n", options->operands[0]);
    else if (options->anchor == NULL || kept != NULL) {
        prover.until = kept != NULL ? kept->seq : 0;
        proven = walk_run(&walk) && s_proven(&prover, &walk, kept);
    }
    if (proven)
        s_print(&prover, &walk);
    arena_destroy(&prover.arena);
    return proven ? OUTCOME_GOOD : OUTCOME_BAD;
}

/* ---- checking one ---- */

static bool s_read_file(const char *path, buf_t *out)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        perror(path);
        return false;
    }
    out->len = fread(buf_reserve(out, FILE_MAX), 1, FILE_MAX, file);
    fclose(file);
    return true;
}

static bool s_read_path(const proof_t *proof, tree_path_t *ret_path)
{
    const proof_step_t *steps = proof->path.items;
    ret_path->count = 0;
    for (size_t i = 0; i < proof->path.count; i++) {
        tree_step_t *step = &ret_path->steps[ret_path->count++];
        step->left = steps[i].left.len > 0;
        if (!anchor_hash(step->left ? steps[i].left : steps[i].right, step->hash))
            return false;
    }
    return true;
}

/* Why the proof does not hold; NULL if it does. */
static const char *s_fault(const proof_t *proof, slice_t bytes, record_t *ret_record)
{
    uint8_t hash[HASH_SIZE], root[HASH_SIZE], reached[HASH_SIZE];
    const anchor_t *anchor = proof->anchor;
    tree_path_t path;
    slice_t in = bytes;
    if (!record_intact(bytes) || record_read(&in, ret_record) != ERR_OK || in.len > 0)
        return "what it shows is no record";
    if (!s_read_path(proof, &path) || !anchor_hash(anchor->root, root) || anchor->first == 0 ||
        anchor->first > ret_record->seq || anchor->seq < ret_record->seq ||
        !tree_path_fits(&path, ret_record->seq - anchor->first + 1,
                        anchor->seq - anchor->first + 1))
        return "its path is not that of this record";
    crypto_blake256(bytes, hash);
    tree_climb(hash, &path, reached);
    return memcmp(reached, root, HASH_SIZE) == 0 ? NULL : "its path leads to another root";
}

static void s_tell(const proof_t *proof, const record_t *record, const options_t *options)
{
    const anchor_t *anchor = proof->anchor;
    buf_t out = {0};
    arena_t *arena = arena_new();
    if (options->json) {
        show_record_json(&out, record, arena);
    } else {
        show_columns(&out);
        show_record(&out, record, arena);
        buf_printf(&out,
                   "proven: it is one of the records %" PRIu64 " to %" PRIu64
                   " whose root is %.*s\n",
                   anchor->first, anchor->seq, SLICE_ARG(anchor->root));
        buf_printf(&out, "%s\n",
                   options->anchor != NULL
                       ? "that is the root of the anchor that was kept"
                       : "whose journal has that root only an anchor that was kept can tell");
    }
    fwrite(out.data, 1, out.len, stdout);
    arena_destroy(&arena);
    buf_free(&out);
}

static bool s_as_kept(const proof_t *proof, const anchor_t *kept)
{
    const anchor_t *anchor = proof->anchor;
    return slice_eq(anchor->root, kept->root) && anchor->seq == kept->seq &&
           anchor->first == kept->first;
}

/* What is sealed in it, with the proof's key; without one, whatever is not sealed. */
static const char *s_open(const proof_t *proof, const record_t *record, buf_t *out,
                          record_t *ret_record)
{
    uint8_t key[CRYPTO_KEY_SIZE];
    err_t err = ERR_OK;
    if (record->key_id == 0)
        buf_append(out, record->bytes);
    else if (proof->key.len == 0)
        err = seal_redact(record, out);
    else
        err = anchor_hash(proof->key, key) ? seal_open_with(key, record, out) : ERR_INVALID;
    slice_t in = buf_slice(out);
    return err == ERR_OK && record_read(&in, ret_record) == ERR_OK
               ? NULL
               : "its key does not open the record";
}

static bool s_check(const options_t *options, const proof_t *proof, arena_t *arena)
{
    record_t record;
    buf_t bytes = {0}, open = {0};
    const anchor_t *kept = s_kept(options, arena);
    const char *fault = "what it shows is no record";
    if (options->anchor != NULL && kept == NULL)
        return false;
    if (crypto_base64_read(proof->record, &bytes) == ERR_OK)
        fault = s_fault(proof, buf_slice(&bytes), &record);
    if (fault == NULL && kept != NULL && !s_as_kept(proof, kept))
        fault = "it leads to another root than the anchor that was kept";
    if (fault == NULL)
        fault = s_open(proof, &record, &open, &record);
    if (fault != NULL)
        fprintf(stderr, "kith: %s: proves nothing: %s\n", options->operands[0], fault);
    else
        s_tell(proof, &record, options);
    buf_free(&bytes);
    buf_free(&open);
    return fault == NULL;
}

outcome_t check_run(const options_t *options)
{
    buf_t text = {0};
    fault_t fault;
    void *proof = NULL;
    const json_node_t *root = NULL;
    arena_t *arena = arena_new();
    bool good = s_read_file(options->operands[0], &text);
    if (good &&
        (json_parse(buf_slice(&text), &root) != ERR_OK ||
         codec_from_json(root, shape_proof(), UNKNOWN_IGNORED, arena, &fault, &proof) != ERR_OK)) {
        fprintf(stderr, "kith: %s: proves nothing: it is no proof\n", options->operands[0]);
        good = false;
    }
    good = good && s_check(options, proof, arena);
    json_free(&root);
    arena_destroy(&arena);
    buf_free(&text);
    return good ? OUTCOME_GOOD : OUTCOME_BAD;
}
