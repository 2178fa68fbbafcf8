/* bloom.c - a Bloom filter of blocks, each a line of the processor's cache.
 *
 *   what was on disk ──learned, a page a flush──> marks <──added── what a flush writes
 *
 * A key has all its bits in one block, so that to ask costs one look into memory.  Four MiB hold
 * three million keys before one of a hundred strange ones passes; a receipt lives for a day.
 * Rows that are deleted leave their bits: once as many more have come, fresh marks are begun
 * beside the old ones, and take their place when they know all that is on disk.
 *
 * Invariant: each key that is on disk is in `marks`, if there are any, and in `fresh`, if there are
 * any, unless it comes behind `reached`. */
#include "actors/bloom.h"

#include "actors/crypto.h"
#include "actors/key_hash.h"

enum {
    BLOCK_WORDS = 8,   /* 64 bytes */
    BLOCK_BITS = 9,    /* of a place in it */
    BLOCKS_BITS = 16,  /* of its own */
    BITS = 5,          /* of a key */
    PAGE_ROWS = 1000,  /* learned at once: about a millisecond */
    MANY = 3000 * 1000 /* keys */
};

typedef struct block {
    uint64_t words[BLOCK_WORDS];
} block_t;

struct bloom {
    uint8_t letter;
    uint8_t end; /* the next one */
    hash_secret_t secret;
    block_t *marks; /* NULL: not all is known yet */
    block_t *fresh; /* NULL: none are wanted */
    size_t keys;    /* added since `fresh` were wanted last */
    buf_t reached;  /* the last key that `fresh` has learned; empty: none */
};

bloom_t *bloom_new(uint8_t letter)
{
    bloom_t *bloom = mem_new(bloom_t);
    bloom->letter = letter;
    bloom->end = (uint8_t)(letter + 1);
    bloom->fresh = mem_zeroed(sizeof(block_t) << BLOCKS_BITS);
    crypto_random((uint8_t *)&bloom->secret, sizeof bloom->secret);
    return bloom;
}

void bloom_destroy(bloom_t **bloom_p)
{
    bloom_t *bloom = TAKE(*bloom_p);
    if (bloom == NULL)
        return;
    mem_free(bloom->marks);
    mem_free(bloom->fresh);
    buf_free(&bloom->reached);
    mem_free(bloom);
}

static bool s_concerns(const bloom_t *bloom, slice_t key)
{
    return bloom != NULL && key.len > 0 && key.ptr[0] == bloom->letter;
}

/* ---- marks ---- */

/* The bits of a key in its block. */
static block_t s_bits(uint64_t hash)
{
    block_t bits = {0};
    for (int i = 0; i < BITS; i++, hash >>= BLOCK_BITS)
        bits.words[hash / 64 % BLOCK_WORDS] |= UINT64_C(1) << hash % 64;
    return bits;
}

/* Its block's number is what the places in it leave of the hash. */
static block_t *s_block(block_t *marks, uint64_t hash)
{
    return marks + (hash >> (64 - BLOCKS_BITS));
}

static void s_mark(block_t *marks, uint64_t hash)
{
    block_t bits = s_bits(hash);
    if (marks == NULL)
        return;
    for (int i = 0; i < BLOCK_WORDS; i++)
        s_block(marks, hash)->words[i] |= bits.words[i];
}

void bloom_add(bloom_t *bloom, slice_t key)
{
    if (!s_concerns(bloom, key))
        return;
    uint64_t hash = key_hash(&bloom->secret, key);
    s_mark(bloom->marks, hash);
    s_mark(bloom->fresh, hash);
    bloom->keys++;
}

bool bloom_lacks(const bloom_t *bloom, slice_t key)
{
    if (!s_concerns(bloom, key) || bloom->marks == NULL)
        return false;
    uint64_t hash = key_hash(&bloom->secret, key), lacking = 0;
    block_t bits = s_bits(hash);
    for (int i = 0; i < BLOCK_WORDS; i++)
        lacking |= bits.words[i] & ~s_block(bloom->marks, hash)->words[i];
    return lacking != 0;
}

/* ---- learning ---- */

/* From the last key on, which is learned once more. */
static bool s_learn_page(bloom_t *bloom, level_range_t *range)
{
    slice_t key, value;
    size_t rows = 0;
    while (rows < PAGE_ROWS && level_range_next(range, &key, &value)) {
        s_mark(bloom->fresh, key_hash(&bloom->secret, key));
        if (++rows == PAGE_ROWS) {
            buf_reset(&bloom->reached);
            buf_append(&bloom->reached, key);
        }
    }
    return rows < PAGE_ROWS;
}

static void s_open_rest(const bloom_t *bloom, level_t *level, level_range_t *ret_range)
{
    bool begun = bloom->reached.len > 0;
    slice_t from = begun ? buf_slice(&bloom->reached) : slice_new(&bloom->letter, 1);
    level_scan_open(level, ret_range);
    level_range_move(ret_range, from, slice_new(&bloom->end, 1));
}

static void s_want_fresh(bloom_t *bloom)
{
    bloom->fresh = mem_zeroed(sizeof(block_t) << BLOCKS_BITS);
    bloom->keys = 0;
    buf_reset(&bloom->reached);
}

err_t bloom_learn(bloom_t *bloom, level_t *level)
{
    level_range_t range;
    if (bloom == NULL || (bloom->fresh == NULL && bloom->keys < MANY))
        return ERR_OK;
    if (bloom->fresh == NULL)
        s_want_fresh(bloom);
    s_open_rest(bloom, level, &range);
    bool all = s_learn_page(bloom, &range);
    err_t err = level_range_close(&range);
    if (err != ERR_OK || !all)
        return err;
    mem_free(bloom->marks);
    bloom->marks = TAKE(bloom->fresh);
    return ERR_OK;
}
