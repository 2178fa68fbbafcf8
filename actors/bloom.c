/* bloom.c - a Bloom filter of blocks, each a line of the processor's cache.
 *
 *   what was on disk ──learned, a page a flush──> marks <──added── what a flush writes
 *
 * A key has all its bits in one block, so that to ask costs one look into memory.  How many blocks
 * there are is settled by how much is on disk when learning begins, from four MiB for three million
 * keys on; with three times as many keys one strange one of four passes, and is looked for on disk.
 *
 * Invariant: each key that is on disk is in `marks`, unless it comes behind `reached` and not all is
 * known yet. */
#include "actors/bloom.h"

#include <assert.h>

#include "actors/crypto.h"
#include "actors/key_hash.h"

enum {
    BLOCK_WORDS = 8, /* 64 bytes */
    PLACE_BITS = 9,  /* of a bit in its block */
    KEY_BITS = 5,    /* that a key sets */
    BLOCK_KEYS = 48,
    NUMBER_BITS_MIN = 16, /* of a block's number: 4 MiB … */
    NUMBER_BITS_MAX = 19, /* … to 32 */
    ROW_BYTES = 256,      /* on disk for each such row, with those that come with it; or more */
    PAGE_ROWS = 1000,     /* learned at once: about a millisecond */
};

typedef struct block {
    uint64_t words[BLOCK_WORDS];
} block_t;

struct bloom {
    uint8_t letter;
    uint8_t end; /* the next one */
    bool all;    /* is known */
    hash_secret_t secret;
    block_t *marks; /* NULL: learning has not begun */
    void *memory;   /* that they are in */
    unsigned number_bits;
    size_t added;  /* since the last page was learned */
    buf_t reached; /* the last key that was learned; empty: none */
};

bloom_t *bloom_new(uint8_t letter)
{
    assert(letter < UINT8_MAX);
    bloom_t *bloom = mem_new(bloom_t);
    bloom->letter = letter;
    bloom->end = (uint8_t)(letter + 1);
    crypto_random((uint8_t *)&bloom->secret, sizeof bloom->secret);
    return bloom;
}

void bloom_destroy(bloom_t **bloom_p)
{
    bloom_t *bloom = TAKE(*bloom_p);
    if (bloom == NULL)
        return;
    mem_free(bloom->memory);
    buf_free(&bloom->reached);
    mem_free(bloom);
}

/* ---- marks ---- */

static bool s_concerns(const bloom_t *bloom, slice_t key)
{
    return bloom != NULL && bloom->marks != NULL && key.len > 0 && key.ptr[0] == bloom->letter;
}

/* The bits of a key in its block. */
static block_t s_bits(uint64_t hash)
{
    block_t bits = {0};
    for (int i = 0; i < KEY_BITS; i++, hash >>= PLACE_BITS)
        bits.words[hash / 64 % BLOCK_WORDS] |= UINT64_C(1) << hash % 64;
    return bits;
}

/* Its block's number is what the places in it leave of the hash. */
static block_t *s_block(const bloom_t *bloom, uint64_t hash)
{
    return bloom->marks + (hash >> (64 - bloom->number_bits));
}

static void s_mark(const bloom_t *bloom, slice_t key)
{
    uint64_t hash = key_hash(&bloom->secret, key);
    block_t bits = s_bits(hash), *block = s_block(bloom, hash);
    for (int i = 0; i < BLOCK_WORDS; i++)
        block->words[i] |= bits.words[i];
}

void bloom_add(bloom_t *bloom, slice_t key)
{
    if (!s_concerns(bloom, key))
        return;
    s_mark(bloom, key);
    bloom->added++;
}

bool bloom_lacks(const bloom_t *bloom, slice_t key)
{
    if (!s_concerns(bloom, key) || !bloom->all)
        return false;
    uint64_t hash = key_hash(&bloom->secret, key), lacking = 0;
    block_t bits = s_bits(hash);
    for (int i = 0; i < BLOCK_WORDS; i++)
        lacking |= bits.words[i] & ~s_block(bloom, hash)->words[i];
    return lacking != 0;
}

/* ---- learning ---- */

/* What was written before this is on disk, and will be learned. */
static void s_begin(bloom_t *bloom, uint64_t bytes)
{
    unsigned bits = NUMBER_BITS_MIN;
    while (bits < NUMBER_BITS_MAX && bytes / ROW_BYTES > (uint64_t)BLOCK_KEYS << bits)
        bits++;
    size_t line = sizeof(block_t);
    bloom->number_bits = bits;
    bloom->memory = mem_zeroed((line << bits) + line); /* what is never touched takes no memory */
    bloom->marks = (block_t *)(((uintptr_t)bloom->memory + line - 1) / line * line);
}

/* True at the end; else *ret_last is borrowed. */
static bool s_learn_rows(const bloom_t *bloom, level_range_t *range, size_t most, slice_t *ret_last)
{
    slice_t value;
    for (size_t rows = 0; rows < most; rows++) {
        if (!level_range_next(range, ret_last, &value))
            return true;
        s_mark(bloom, *ret_last);
    }
    return false;
}

/* From the last key on, which is learned once more; a page and more than has come since, for the
 * end is not to run away. */
static err_t s_learn_page(bloom_t *bloom, level_t *level)
{
    bool begun = bloom->reached.len > 0;
    slice_t from = begun ? buf_slice(&bloom->reached) : slice_new(&bloom->letter, 1), last;
    buf_t reached = {0};
    level_range_t range;
    level_scan_open(level, &range);
    level_range_move(&range, from, slice_new(&bloom->end, 1));
    bool all = s_learn_rows(bloom, &range, PAGE_ROWS + 2 * bloom->added, &last);
    if (!all)
        buf_append(&reached, last);
    err_t err = level_range_close(&range);
    buf_free(&bloom->reached);
    bloom->reached = reached;
    bloom->added = 0;
    bloom->all = all && err == ERR_OK;
    return err;
}

err_t bloom_learn(bloom_t *bloom, level_t *level)
{
    if (bloom == NULL || bloom->all)
        return ERR_OK;
    if (bloom->marks == NULL)
        s_begin(bloom, level_size(level));
    return s_learn_page(bloom, level);
}
