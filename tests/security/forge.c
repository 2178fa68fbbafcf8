/* forge.c - so many changed tokens, links and signatures at the doors that check them: none opens.
 *
 *     kith-forge [COUNT [SEED]]     COUNT changes of each kind; 1,000,000 in all unless it is said
 *
 * A kind has two genuine texts, of two bearers, and the door that opens to them.  A change
 * flips, cuts, doubles, pads, escapes, swaps parts of the two, names another algorithm or signs
 * with another key.  Whatever comes of it and is neither of the two must not open the door, be it
 * that it says the same in other letters: two spellings of one token are two tokens to whoever
 * keeps lists of them.  Before, between and behind the changes the genuine ones open, or nothing
 * was tried at all. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/crypto.h"
#include "schema/mem.h"
#include "tests/security/changes.h"

enum { TOTAL = 1000000, LOOK_EVERY = 1000, SHOWN_MAX = 10 };

static void s_show(const kind_t *kind, slice_t text)
{
    printf("ACCEPTED %s: ", kind->name);
    for (size_t i = 0; i < text.len; i++)
        printf(text.ptr[i] > ' ' && text.ptr[i] <= '~' ? "%c" : "\\x%02x", text.ptr[i]);
    printf("\n");
}

static void s_expect_genuine(const kind_t *kind, slice_t one, slice_t two)
{
    if (kind->opens(one) && kind->opens(two))
        return;
    printf("REFUSED a genuine %s: nothing is tried\n", kind->name);
    exit(EXIT_FAILURE);
}

/* How many were let in that should not have been. */
static uint64_t s_try(const kind_t *kind, uint64_t count)
{
    uint64_t accepted = 0;
    static draft_t draft;
    for (uint64_t i = 0; i < count; i++) {
        if (i % LOOK_EVERY == 0)
            doors_forget();
        slice_t one = kind->make(1), two = kind->make(2);
        if (i % LOOK_EVERY == 0)
            s_expect_genuine(kind, one, two);
        change(&draft, kind, one, two);
        slice_t text = slice_new(draft.bytes, draft.len);
        if (!kind->opens(text) || doors_same(kind, text, one) || doors_same(kind, text, two))
            continue;
        if (accepted++ < SHOWN_MAX)
            s_show(kind, text);
    }
    return accepted;
}

int main(int argc, char **argv)
{
    uint64_t each = argc > 1 ? strtoull(argv[1], NULL, 10) : TOTAL / KIND_COUNT;
    uint64_t seed, failed = 0;
    doors_open();
    if (argc > 2)
        seed = strtoull(argv[2], NULL, 10);
    else
        crypto_random((uint8_t *)&seed, sizeof seed);
    change_seed(seed);
    printf("seed %" PRIu64 "\n", seed);
    for (size_t i = 0; i < KIND_COUNT; i++) {
        uint64_t accepted = s_try(&kinds[i], each);
        printf("%-26s %" PRIu64 " changes, %" PRIu64 " accepted\n", kinds[i].name, each, accepted);
        failed += accepted > 0;
    }
    printf("%" PRIu64 " passed, %" PRIu64 " failed\n", KIND_COUNT - failed, failed);
    doors_close();
    return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
