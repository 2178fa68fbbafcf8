/* seal.c - a segment's entries become postings.
 *
 * All words of the segment are sorted, so that words with a common beginning lie side by
 * side, and walked as a tree: on the way to a word there is one set a character, and a set
 * that is left is written, and joins the one above it.
 *
 *     hal  {3}     h {}   ha {}   hal {3}
 *     ham  {1}     h {}   ha {3}  ham {1}      "hal" is written
 *     he   {5}     h {1 3}  he {5}             "ham", "ha" are written
 *
 * At the worst, when 2,048 of the longest messages follow each other, the words take some
 * 200 MB for a moment. */
#include <assert.h>
#include <stdlib.h>

#include "actors/search/search.h"
#include "schema/mem.h"

/* That a message has a word. */
typedef struct use {
    uint64_t head; /* of the word */
    const uint8_t *word;
    uint16_t offset;
    uint8_t len;
} use_t;

/* That a message is in a room. */
typedef struct place {
    uint64_t room;
    uint64_t seq;
    size_t offset;
} place_t;

typedef struct sealing {
    turn_t *turn;
    uint32_t segment;
    use_t *uses;
    use_t *sorted; /* room for as many, to sort them */
    size_t use_count;
    size_t use_size;
    place_t places[SEGMENT];
    size_t place_count;

    slice_t path;                /* the word at hand */
    size_t depth;                /* characters of it */
    size_t ends[WORD_CHARS + 1]; /* bytes of its first so many characters */
    posting_t sets[WORD_CHARS + 1];
    buf_t bytes; /* of the row at hand */
} sealing_t;

/* ---- gathering ---- */

static void s_add_use(sealing_t *sealing, slice_t word, size_t offset)
{
    if (sealing->use_count == sealing->use_size) {
        sealing->use_size = sealing->use_size > 0 ? sealing->use_size * 2 : 16 * SEGMENT;
        sealing->uses = mem_grow(sealing->uses, sealing->use_size * sizeof(use_t));
    }
    sealing->uses[sealing->use_count++] =
        (use_t){slice_head(word), word.ptr, (uint16_t)offset, (uint8_t)word.len};
}

/* Take the entry of an id off the store, if there is one. */
static void s_take_entry(sealing_t *sealing, uint64_t id)
{
    slice_t value, word;
    entry_t entry;
    row_key_t key = row_key1('T', id);
    if (!search_get(sealing->turn, key, &value) || !entry_read(value, &entry))
        return;
    row_delete(sealing->turn, key);
    sealing->places[sealing->place_count++] = (place_t){entry.room, entry.seq, offset_of(id)};
    while (entry_next(&entry, &word))
        s_add_use(sealing, search_beginning(word), offset_of(id));
}

/* ---- words ---- */

static slice_t s_word(const use_t *use)
{
    return slice_new(use->word, use->len);
}

/* Put the uses in the order of one byte of their heads, 0 being the last one; those with the same
 * byte stay as they are. */
static void s_sort_by(sealing_t *sealing, unsigned byte, const size_t counts[256])
{
    size_t places[256], place = 0;
    for (size_t i = 0; i < 256; place += counts[i++])
        places[i] = place;
    for (size_t i = 0; i < sealing->use_count; i++) {
        const use_t *use = &sealing->uses[i];
        sealing->sorted[places[use->head >> 8 * byte & 0xff]++] = *use;
    }
    use_t *sorted = sealing->sorted;
    sealing->sorted = sealing->uses;
    sealing->uses = sorted;
}

/* By their heads, the last byte first: nothing that somebody writes makes it take longer. */
static void s_sort_by_heads(sealing_t *sealing)
{
    size_t counts[sizeof(uint64_t)][256] = {0};
    for (size_t i = 0; i < sealing->use_count; i++)
        for (unsigned byte = 0; byte < sizeof(uint64_t); byte++)
            counts[byte][sealing->uses[i].head >> 8 * byte & 0xff]++;
    for (unsigned byte = 0; byte < sizeof(uint64_t); byte++)
        if (counts[byte][sealing->uses[0].head >> 8 * byte & 0xff] < sealing->use_count)
            s_sort_by(sealing, byte, counts[byte]);
}

static int s_compare_uses(const void *a, const void *b)
{
    return slice_compare(s_word(a), s_word(b));
}

/* Words that have their head in common, from here on: those that are longer have an order yet. */
static size_t s_sort_alike(sealing_t *sealing, size_t from)
{
    bool longer = false;
    size_t to = from;
    for (; to < sealing->use_count && sealing->uses[to].head == sealing->uses[from].head; to++)
        longer = longer || sealing->uses[to].len > sizeof(uint64_t);
    if (longer)
        qsort(sealing->uses + from, to - from, sizeof(use_t), s_compare_uses);
    return to;
}

static void s_sort_uses(sealing_t *sealing)
{
    if (sealing->use_count == 0)
        return;
    sealing->sorted = mem_grow(NULL, sealing->use_count * sizeof(use_t));
    s_sort_by_heads(sealing);
    for (size_t i = 0; i < sealing->use_count;)
        i = s_sort_alike(sealing, i);
}

static void s_put(sealing_t *sealing, row_key_t key, const posting_t *posting)
{
    buf_reset(&sealing->bytes);
    posting_put(&sealing->bytes, posting);
    row_put_bytes(sealing->turn, key, buf_slice(&sealing->bytes));
}

/* Write the set of the deepest beginning; what is in it is in the one above too. */
static void s_leave(sealing_t *sealing)
{
    posting_t *set = &sealing->sets[sealing->depth];
    slice_t beginning = slice_new(sealing->path.ptr, sealing->ends[sealing->depth]);
    row_key_t key = search_word_key(beginning, sealing->segment);
    s_put(sealing, key, set);
    posting_join(&sealing->sets[--sealing->depth], set);
    memset(set, 0, sizeof *set);
}

/* From the word at hand to the next: up to where they part, then down. */
static void s_enter(sealing_t *sealing, slice_t word)
{
    while (sealing->depth > 0 &&
           (sealing->ends[sealing->depth] > word.len ||
            memcmp(sealing->path.ptr, word.ptr, sealing->ends[sealing->depth]) != 0))
        s_leave(sealing);
    sealing->path = word;
    while (sealing->ends[sealing->depth] < word.len) {
        size_t begun = sealing->ends[sealing->depth++];
        assert(sealing->depth <= WORD_CHARS);
        sealing->ends[sealing->depth] = begun + word_beginning(slice_from(word, begun), 1);
    }
}

static bool s_same_word(const use_t *one, const use_t *other)
{
    return one->head == other->head && slice_eq(s_word(one), s_word(other));
}

static void s_seal_words(sealing_t *sealing)
{
    const use_t *uses;
    s_sort_uses(sealing);
    uses = sealing->uses;
    for (size_t i = 0; i < sealing->use_count; i++) {
        if (i == 0 || !s_same_word(&uses[i], &uses[i - 1]))
            s_enter(sealing, s_word(&uses[i]));
        posting_add(&sealing->sets[sealing->depth], uses[i].offset);
    }
    while (sealing->depth > 0)
        s_leave(sealing);
}

/* ---- rooms ---- */

static int s_compare_places(const void *a, const void *b)
{
    const place_t *one = a, *other = b;
    if (one->room != other->room)
        return one->room < other->room ? -1 : 1;
    return (one->offset > other->offset) - (one->offset < other->offset);
}

/* One room's messages, which begin at `from`; where the next room's do. */
static size_t s_seal_room(sealing_t *sealing, size_t from, buf_t *column)
{
    const place_t *first = &sealing->places[from];
    row_key_t key = search_room_key(first->room, sealing->segment);
    posting_t posting = {0};
    size_t to = from;
    while (to < sealing->place_count && sealing->places[to].room == first->room)
        posting_add(&posting, sealing->places[to++].offset);
    s_put(sealing, key, &posting);
    column_begin(column, first->room, first->seq, to - from);
    for (size_t i = from; i < to; i++)
        column_add(column, sealing->places[i].offset);
    return to;
}

static void s_seal_rooms(sealing_t *sealing)
{
    buf_t column = {0};
    row_key_t key = search_column_key(sealing->segment);
    if (sealing->place_count > 1)
        qsort(sealing->places, sealing->place_count, sizeof(place_t), s_compare_places);
    for (size_t i = 0; i < sealing->place_count;)
        i = s_seal_room(sealing, i, &column);
    row_put_bytes(sealing->turn, key, buf_slice(&column));
    buf_free(&column);
}

void search_seal(turn_t *turn, uint32_t segment)
{
    sealing_t *sealing = mem_new(sealing_t);
    sealing->turn = turn;
    sealing->segment = segment;
    uint64_t first = (uint64_t)segment << SEGMENT_BITS;
    for (uint64_t id = first; id < first + SEGMENT; id++)
        s_take_entry(sealing, id);
    s_seal_words(sealing);
    s_seal_rooms(sealing);
    buf_free(&sealing->bytes);
    mem_free(sealing->uses);
    mem_free(sealing->sorted);
    mem_free(sealing);
}
