/* query.c - the newest messages of one's rooms that have all words.
 *
 * The open segment is looked through entry by entry.  Behind it the sealed ones are taken
 * in stretches, newest first, each longer than the one before: for every word one scan
 * brings a set a segment, and what is left when all have met is held against the columns.
 * Who is in a few rooms only has them scanned like words before that; so a word that all
 * use costs them little, too.
 *
 * A query reads ROWS_MAX rows at most.  Then it answers with what it has, and `next` says
 * how far it came: the work of the next page, and nobody waits for it. */
#include "actors/search/search.h"

#include <assert.h>

enum {
    HITS_DEFAULT = 20,
    WORDS_ASKED_MAX = 32,
    FEW_ROOMS = 16,    /* scanned like words */
    STRETCH_FIRST = 8, /* segments */
    STRETCH_MAX = 512,
    ROWS_MAX = 40 * 1000,
    COLUMN_ROWS = 16,  /* a column costs as much as so many rows */
    MESSAGE_ROWS = 48, /* and so does looking at the words of a message, … */
    BYTES_A_ROW = 64,  /* … and at each so many bytes of it */
};

static const uint64_t ID_END = (uint64_t)UINT32_MAX << SEGMENT_BITS; /* above all ids */

/* Segments [from, to) and what in them may be a hit. */
typedef struct stretch {
    uint32_t from;
    uint32_t to;
    posting_t *left;
    posting_t *scanned;
} stretch_t;

/* Room and sequence of the messages of one segment that are in the asker's rooms and may
 * be hits. */
typedef struct found {
    uint64_t rooms[SEGMENT];
    uint64_t seqs[SEGMENT];
    posting_t in;
} found_t;

typedef struct query {
    turn_t *turn;
    uint64_t asker;
    words_t words;
    ids_t rooms;     /* ascending */
    uint64_t before; /* ids below this one only */
    size_t limit;
    message_t *hits;
    size_t hit_count;
    uint64_t next;
    size_t rows;     /* read so far */
    size_t looks;    /* at what may be a hit */
    bool long_words; /* some are longer than the beginnings that have rows */
    bool done;       /* a page is full, or the rows are used up: `next` is set */
    stretch_t stretch;
    found_t *found;
} query_t;

/* ---- hits ---- */

static bool s_words_have(words_t words, slice_t wanted)
{
    for (size_t i = 0; i < words.count; i++)
        if (slice_starts(words.items[i], wanted))
            return true;
    return false;
}

/* The postings tell all of a short word, and of a long one its first characters. */
static bool s_has_long_words(query_t *query, slice_t text)
{
    if (!query->long_words)
        return true;
    words_t words = words_of(text, turn_arena(query->turn));
    query->rows += MESSAGE_ROWS + text.len / BYTES_A_ROW;
    for (size_t i = 0; i < query->words.count; i++)
        if (!s_words_have(words, query->words.items[i]))
            return false;
    return true;
}

/* The message is a hit; the one behind a full page shows that there is a next. */
static void s_hit(query_t *query, uint64_t id, uint64_t room, uint64_t seq)
{
    row_key_t gone = row_key1('x', room);
    slice_t value;
    const message_t *message = search_message(query->turn, room, seq);
    if (message == NULL || message->id != id || search_get(query->turn, gone, &value) ||
        !s_has_long_words(query, message->text))
        return;
    if (query->hit_count == query->limit) {
        query->next = query->hits[query->limit - 1].id;
        query->done = true;
        return;
    }
    message_t *hit = &query->hits[query->hit_count++];
    *hit = *message;
    if (hit->sender != query->asker)
        hit->client_id = (slice_t){0};
}

static void s_note(found_t *found, size_t offset, uint64_t room, uint64_t seq)
{
    posting_add(&found->in, offset);
    found->rooms[offset] = room;
    found->seqs[offset] = seq;
}

static void s_take_found(query_t *query, uint32_t segment)
{
    const found_t *found = query->found;
    for (size_t offset = SEGMENT; offset-- > 0 && !query->done;) {
        uint64_t id = (uint64_t)segment << SEGMENT_BITS | offset;
        if (!posting_has(&found->in, offset))
            continue;
        if (query->rows > ROWS_MAX && query->looks > 0) { /* one at least, so that it ends */
            query->next = id + 1;
            query->done = true;
            return;
        }
        query->looks++;
        s_hit(query, id, found->rooms[offset], found->seqs[offset]);
    }
}

static bool s_is_in(const query_t *query, uint64_t room)
{
    size_t low = 0, high = query->rooms.count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (query->rooms.items[middle] < room)
            low = middle + 1;
        else
            high = middle;
    }
    return low < query->rooms.count && query->rooms.items[low] == room;
}

/* ---- the open segment ---- */

static bool s_entry_has(entry_t entry, slice_t wanted)
{
    slice_t word;
    while (entry_next(&entry, &word))
        if (slice_starts(word, wanted))
            return true;
    return false;
}

static bool s_look_at_entry(void *ctx, slice_t key, slice_t value)
{
    query_t *query = ctx;
    entry_t entry;
    query->rows++;
    if (!entry_read(value, &entry) || !s_is_in(query, entry.room))
        return true;
    for (size_t i = 0; i < query->words.count; i++)
        if (!s_entry_has(entry, query->words.items[i]))
            return true;
    s_note(query->found, offset_of(search_key_id(key)), entry.room, entry.seq);
    return true;
}

/* Upwards all the same: below lie the entries of sealed segments, which are gone, and
 * LevelDB would have to step over each. */
static err_t s_search_open(query_t *query, uint32_t open)
{
    row_key_t from = row_key1('T', (uint64_t)open << SEGMENT_BITS);
    row_key_t to = row_key1('T', query->before);
    if (segment_of(query->before) < open)
        return ERR_OK;
    query->found->in = (posting_t){0};
    err_t err = store_scan(turn_store(query->turn), row_slice(&from), row_slice(&to), false,
                           s_look_at_entry, query);
    s_take_found(query, open);
    return err;
}

/* ---- sealed segments ---- */

static bool s_scan_row(void *ctx, slice_t key, slice_t value)
{
    query_t *query = ctx;
    uint32_t segment = search_key_segment(key);
    assert(segment >= query->stretch.from && segment < query->stretch.to);
    query->rows++;
    posting_read(&query->stretch.scanned[segment - query->stretch.from], value);
    return true;
}

static err_t s_scan(query_t *query, row_key_t from, row_key_t to)
{
    return store_scan(turn_store(query->turn), row_slice(&from), row_slice(&to), false, s_scan_row,
                      query);
}

static size_t s_length(const query_t *query)
{
    return query->stretch.to - query->stretch.from;
}

/* What is left is what was scanned too. */
static void s_meet(query_t *query)
{
    for (size_t i = 0; i < s_length(query); i++)
        posting_meet(&query->stretch.left[i], &query->stretch.scanned[i]);
    memset(query->stretch.scanned, 0, s_length(query) * sizeof(posting_t));
}

static bool s_left(const query_t *query, size_t place)
{
    return posting_count(&query->stretch.left[place]) > 0;
}

/* Leave out the segments at both ends in which nothing is left. */
static void s_narrow(query_t *query)
{
    stretch_t *stretch = &query->stretch;
    while (stretch->to > stretch->from && !s_left(query, s_length(query) - 1))
        stretch->to--;
    while (stretch->to > stretch->from && !s_left(query, 0)) {
        stretch->from++;
        stretch->left++;
        stretch->scanned++;
    }
}

static err_t s_meet_word(query_t *query, slice_t word)
{
    slice_t beginning = search_beginning(word);
    err_t err = s_scan(query, search_word_key(beginning, query->stretch.from),
                       search_word_key(beginning, query->stretch.to));
    s_meet(query);
    s_narrow(query);
    return err;
}

static err_t s_meet_rooms(query_t *query)
{
    err_t err = ERR_OK;
    for (size_t i = 0; i < query->rooms.count && err == ERR_OK; i++)
        err = s_scan(query, search_room_key(query->rooms.items[i], query->stretch.from),
                     search_room_key(query->rooms.items[i], query->stretch.to));
    s_meet(query);
    s_narrow(query);
    return err;
}

/* ---- columns ---- */

static void s_find_in_room(const column_room_t *room, const posting_t *left, found_t *found)
{
    for (size_t i = 0; 2 * i < room->offsets.len; i++) {
        size_t offset = column_offset(room, i) % SEGMENT;
        if (posting_has(left, offset))
            s_note(found, offset, room->room, room->seq + i);
    }
}

static void s_find(query_t *query, uint32_t segment, const posting_t *left)
{
    slice_t value;
    column_room_t room;
    row_key_t key = search_column_key(segment);
    size_t at = 0;
    query->found->in = (posting_t){0};
    query->rows += COLUMN_ROWS;
    if (!search_get(query->turn, key, &value))
        return;
    for (column_t column = {value}; column_next(&column, &room);) {
        while (at < query->rooms.count && query->rooms.items[at] < room.room)
            at++;
        if (at < query->rooms.count && query->rooms.items[at] == room.room)
            s_find_in_room(&room, left, query->found);
    }
}

static void s_take_segment(query_t *query, size_t place)
{
    uint32_t segment = query->stretch.from + (uint32_t)place;
    s_find(query, segment, &query->stretch.left[place]);
    s_take_found(query, segment);
}

/* Newest first, until the page is full or the rows are used up. */
static void s_take_stretch(query_t *query)
{
    for (size_t place = s_length(query); place-- > 0 && !query->done;) {
        if (!s_left(query, place))
            continue;
        s_take_segment(query, place);
        if (!query->done && query->rows > ROWS_MAX) {
            query->next = (uint64_t)(query->stretch.from + place) << SEGMENT_BITS;
            query->done = true;
        }
    }
}

/* ---- stretches ---- */

static void s_begin_stretch(query_t *query, uint32_t from, uint32_t to)
{
    arena_t *arena = turn_arena(query->turn);
    size_t size = (to - from) * sizeof(posting_t);
    query->stretch = (stretch_t){from, to, arena_alloc(arena, size), arena_alloc(arena, size)};
    memset(query->stretch.left, 0xff, size);
    if (segment_of(query->before) == to - 1)
        posting_cut(&query->stretch.left[to - 1 - from], offset_of(query->before));
}

static err_t s_search_stretch(query_t *query, uint32_t from, uint32_t to)
{
    err_t err = ERR_OK;
    s_begin_stretch(query, from, to);
    for (size_t i = 0; i < query->words.count && s_length(query) > 0 && err == ERR_OK; i++)
        err = s_meet_word(query, query->words.items[i]);
    if (err == ERR_OK && s_length(query) > 0 && query->rooms.count <= FEW_ROOMS)
        err = s_meet_rooms(query);
    if (err == ERR_OK)
        s_take_stretch(query);
    if (!query->done && query->rows > ROWS_MAX && from > 0) {
        query->next = (uint64_t)from << SEGMENT_BITS;
        query->done = true;
    }
    return err;
}

static err_t s_search_sealed(query_t *query, uint32_t open)
{
    err_t err = ERR_OK;
    uint64_t end = ((query->before - 1) >> SEGMENT_BITS) + 1;
    uint32_t to = end < open ? (uint32_t)end : open;
    for (uint32_t length = STRETCH_FIRST; to > 0 && !query->done && err == ERR_OK;) {
        uint32_t from = to > length ? to - length : 0;
        err = s_search_stretch(query, from, to);
        to = from;
        length = length < STRETCH_MAX ? length * 2 : length;
    }
    return err;
}

/* ---- the asker's rooms ---- */

static bool s_gather_room(void *ctx, slice_t key, slice_t value)
{
    buf_t *rooms = ctx;
    uint64_t room = search_key_id(key);
    (void)value;
    buf_append(rooms, slice_new(&room, sizeof room));
    return rooms->len < LIMIT_BATCH_KEYS * sizeof room;
}

/* The rooms that the asker is in as far as the index knows. */
static err_t s_rooms(query_t *query)
{
    buf_t rooms = {0};
    row_key_t from = row_key1('a', query->asker), to = row_key1('a', query->asker + 1);
    err_t err = store_scan(turn_store(query->turn), row_slice(&from), row_slice(&to), false,
                           s_gather_room, &rooms);
    slice_t kept = arena_copy(turn_arena(query->turn), buf_slice(&rooms));
    query->rooms = (ids_t){(const uint64_t *)(const void *)kept.ptr, kept.len / sizeof(uint64_t)};
    buf_free(&rooms);
    return err;
}

/* The one that is asked for, if it is among them. */
static void s_only_room(query_t *query, const uint64_t *room)
{
    slice_t value;
    row_key_t key = row_key2('a', query->asker, *room);
    query->rooms = (ids_t){room, search_get(query->turn, key, &value) ? 1 : 0};
}

/* ---- the query ---- */

static err_t s_search(query_t *query)
{
    uint32_t open = search_open_segment(query->turn, 0);
    query->found = arena_new_of(turn_arena(query->turn), found_t);
    query->hits = arena_alloc(turn_arena(query->turn), query->limit * sizeof(message_t));
    err_t err = s_search_open(query, open);
    if (err == ERR_OK && !query->done)
        err = s_search_sealed(query, open);
    return err;
}

err_t search_query_messages(turn_t *turn, const call_t *call, const void *body)
{
    const search_messages_call_t *wish = body;
    query_t query = {
        .turn = turn,
        .asker = call->principal,
        .words = words_asked(wish->text, turn_arena(turn)),
        .before = wish->before > 0 && wish->before < ID_END ? wish->before : ID_END,
        .limit = wish->limit > 0 ? wish->limit : HITS_DEFAULT,
    };
    if (query.words.count == 0)
        return turn_refuse(turn, ERR_INVALID, "`text`: has no word");
    if (query.words.count > WORDS_ASKED_MAX)
        return turn_refuse(turn, ERR_INVALID, "`text`: has more than 32 words");
    for (size_t i = 0; i < query.words.count; i++)
        query.long_words |= search_beginning(query.words.items[i]).len < query.words.items[i].len;
    err_t err = ERR_OK;
    if (wish->room > 0)
        s_only_room(&query, &wish->room);
    else
        err = s_rooms(&query);
    if (err == ERR_OK && query.rooms.count > 0)
        err = s_search(&query);
    if (err == ERR_OK)
        turn_answer(turn, &(hit_list_t){{query.hits, query.hit_count}, query.next});
    return err;
}
