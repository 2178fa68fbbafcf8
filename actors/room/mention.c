/* mention.c - `@`, then the longest login that ends where a word ends.
 *
 * A mention begins at an `@` that does not stand inside a word, so that the address
 * ann@example.org mentions nobody.  What follows may be a login of any script, with
 * spaces, dots or dashes in it; so the text is cut where words end, farthest first,
 * until a cut is somebody's login.  Where words end without a space, as in Chinese, every
 * letter ends one.
 *
 * Whatever the text is, it costs at most TRIES looks at rows. */
#include "actors/room/mention.h"

#include "actors/room/head.h"
#include "actors/room/rows.h"
#include "schema/text.h"

enum { ENDS = 12, TRIES = ENDS * LIMIT_MENTIONS };

/* ---- letters ---- */

typedef enum letter {
    LETTER_NONE,   /* no part of a word */
    LETTER_SPACED, /* of a script that has spaces between its words */
    LETTER_DENSE,  /* of one that has none, or hangs particles on names */
} letter_t;

/* From a code point up to the next row's. */
static const struct {
    uint32_t from;
    letter_t letter;
} s_letters[] = {
    {0x00000, LETTER_NONE},   {0x00030, LETTER_SPACED}, {0x0003a, LETTER_NONE},
    {0x00041, LETTER_SPACED}, {0x0005b, LETTER_NONE},   {0x0005f, LETTER_SPACED},
    {0x00060, LETTER_NONE},   {0x00061, LETTER_SPACED}, {0x0007b, LETTER_NONE},
    {0x000c0, LETTER_SPACED}, {0x000d7, LETTER_NONE},   {0x000d8, LETTER_SPACED},
    {0x000f7, LETTER_NONE},   {0x000f8, LETTER_SPACED}, {0x0060c, LETTER_NONE},
    {0x0060e, LETTER_SPACED}, {0x0061b, LETTER_NONE},   {0x00620, LETTER_SPACED},
    {0x006d4, LETTER_NONE},   {0x006d5, LETTER_SPACED}, {0x00964, LETTER_NONE},
    {0x00966, LETTER_SPACED}, {0x00e00, LETTER_DENSE},  {0x00f00, LETTER_SPACED},
    {0x01000, LETTER_DENSE},  {0x010a0, LETTER_SPACED}, {0x01780, LETTER_DENSE},
    {0x01800, LETTER_SPACED}, {0x02000, LETTER_NONE},   {0x02c00, LETTER_SPACED},
    {0x02e00, LETTER_NONE},   {0x02e80, LETTER_DENSE},  {0x03000, LETTER_NONE},
    {0x03005, LETTER_DENSE},  {0x03008, LETTER_NONE},   {0x03040, LETTER_DENSE},
    {0x0a000, LETTER_SPACED}, {0x0ac00, LETTER_DENSE},  {0x0d800, LETTER_NONE},
    {0x0f900, LETTER_DENSE},  {0x0fb00, LETTER_SPACED}, {0x0fe00, LETTER_NONE},
    {0x0fe70, LETTER_SPACED}, {0x0ff00, LETTER_NONE},   {0x0ff10, LETTER_SPACED},
    {0x0ff1a, LETTER_NONE},   {0x0ff21, LETTER_SPACED}, {0x0ff3b, LETTER_NONE},
    {0x0ff41, LETTER_SPACED}, {0x0ff5b, LETTER_NONE},   {0x0ff66, LETTER_DENSE},
    {0x0ffe0, LETTER_NONE},   {0x10000, LETTER_SPACED}, {0x1f000, LETTER_NONE},
    {0x20000, LETTER_DENSE},  {0xe0000, LETTER_NONE},
};

static letter_t s_letter(uint32_t point)
{
    size_t low = 0, high = COUNT_OF(s_letters);
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (s_letters[middle].from <= point)
            low = middle;
        else
            high = middle;
    }
    return s_letters[low].letter;
}

/* Where the character at `at` of a well-formed text ends; its letter. */
static size_t s_next(slice_t text, size_t at, letter_t *ret_letter)
{
    uint8_t first = text.ptr[at];
    size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    uint32_t point = len == 1 ? first : first & (0x7fu >> len);
    for (size_t i = 1; i < len; i++)
        point = point << 6 | (text.ptr[at + i] & 0x3f);
    *ret_letter = s_letter(point);
    return at + len;
}

/* The letter of the character that ends at `end`; of none at the start. */
static letter_t s_before(slice_t text, size_t end)
{
    letter_t letter = LETTER_NONE;
    size_t at = end;
    while (at > 0 && (text.ptr[--at] & 0xc0) == 0x80)
        continue;
    if (end > 0)
        s_next(text, at, &letter);
    return letter;
}

/* ---- where a login may end ---- */

/* The ends of what may be a login at `from`, the nearest first. */
static size_t s_ends(slice_t text, size_t from, size_t ends[ENDS])
{
    size_t count = 0;
    letter_t last = LETTER_NONE, letter = LETTER_NONE;
    size_t at = from;
    for (size_t letters = 0; letters <= LIMIT_LOGIN && count < ENDS; letters++) {
        size_t next = at < text.len ? s_next(text, at, &letter) : at;
        bool over = at == text.len || text.ptr[at] < ' ';
        bool inside = !over && last == LETTER_SPACED && letter == LETTER_SPACED;
        if (at > from && !inside && text.ptr[at - 1] != ' ')
            ends[count++] = at;
        if (over)
            break;
        last = letter;
        at = next;
    }
    return count;
}

/* ---- who it is ---- */

typedef struct search {
    turn_t *turn;
    uint64_t room;
    bool calls_all;
    int tries; /* that are left */
    uint64_t *accounts;
    mentions_t found;
} search_t;

static bool s_means_all(slice_t word)
{
    uint8_t lower[8];
    if (word.len > sizeof lower)
        return false;
    text_lower(word, lower);
    slice_t name = slice_new(lower, word.len);
    return slice_is(name, "everyone") || slice_is(name, "room");
}

static void s_add(search_t *search, uint64_t account)
{
    for (size_t i = 0; i < search->found.accounts.count; i++)
        if (search->accounts[i] == account)
            return;
    search->accounts[search->found.accounts.count++] = account;
}

/* Note who is meant by the login; ERR_NOT_FOUND if it is nobody's. */
static err_t s_try(search_t *search, slice_t login)
{
    uint64_t account = 0;
    const membership_t *membership;
    search->tries--;
    err_t err = row_get_number(search->turn, row_login_key(login), &account);
    if (err == ERR_OK && account == 0)
        err = ERR_NOT_FOUND;
    if (err != ERR_OK)
        return err;
    err = row_get_membership(search->turn, search->room, account, &membership);
    if (err == ERR_OK)
        s_add(search, account);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* What the `@` before `from` mentions; *ret_end is where to go on. */
static err_t s_read(search_t *search, slice_t text, size_t from, size_t *ret_end)
{
    size_t ends[ENDS];
    size_t count = s_ends(text, from, ends);
    *ret_end = from;
    while (count > 0 && search->tries > 0) {
        slice_t word = slice_new(text.ptr + from, ends[--count] - from);
        bool all = s_means_all(word);
        err_t err = all ? ERR_OK : s_try(search, word);
        search->found.everyone |= all && search->calls_all;
        if (err == ERR_OK)
            *ret_end = ends[count];
        if (err != ERR_NOT_FOUND)
            return err;
    }
    return ERR_OK;
}

static bool s_more(const search_t *search)
{
    return search->tries > 0 && search->found.accounts.count < LIMIT_MENTIONS;
}

static err_t s_find(search_t *search, slice_t text)
{
    size_t at = 0;
    const uint8_t *sign;
    while (s_more(search) && (sign = memchr(text.ptr + at, '@', text.len - at)) != NULL) {
        at = (size_t)(sign - text.ptr);
        bool inside = s_before(text, at++) == LETTER_SPACED;
        err_t err = inside ? ERR_OK : s_read(search, text, at, &at);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

err_t mention_find(turn_t *turn, uint64_t room, slice_t text, bool calls_all,
                   mentions_t *ret_mentions)
{
    search_t search = {.turn = turn, .room = room, .calls_all = calls_all, .tries = TRIES};
    *ret_mentions = (mentions_t){0};
    if (text.len == 0 || memchr(text.ptr, '@', text.len) == NULL)
        return ERR_OK; /* as most are */
    search.accounts = arena_alloc(turn_arena(turn), LIMIT_MENTIONS * sizeof(uint64_t));
    search.found.accounts.items = search.accounts;
    err_t err = s_find(&search, text);
    if (err == ERR_OK)
        *ret_mentions = search.found;
    return err;
}

/* ---- rows ---- */

enum { EVERYONE = 0 }; /* in the place of an account */

static row_key_t s_key(const message_t *message, uint64_t account)
{
    return row_key3('@', message->room, account, message->seq);
}

void mention_put(turn_t *turn, const message_t *message)
{
    size_t count = message->everyone ? 0 : message->mentions.count; /* each message once */
    if (message->everyone || count > 0)
        head_mention(turn, message->room, message->seq);
    if (message->everyone)
        row_put_mark(turn, s_key(message, EVERYONE));
    for (size_t i = 0; i < count; i++)
        row_put_mark(turn, s_key(message, message->mentions.items[i]));
}

void mention_delete(turn_t *turn, const message_t *message)
{
    size_t count = message->everyone ? 0 : message->mentions.count;
    if (message->everyone)
        row_delete(turn, s_key(message, EVERYONE));
    for (size_t i = 0; i < count; i++)
        row_delete(turn, s_key(message, message->mentions.items[i]));
}

static bool s_count(void *ctx, slice_t key, slice_t value)
{
    (void)key;
    (void)value;
    ++*(uint64_t *)ctx;
    return true;
}

static err_t s_count_rows(turn_t *turn, uint64_t room, uint64_t account, uint64_t seq,
                          uint64_t *count)
{
    row_range_t range = row_range3('@', room, account, seq);
    return store_scan(turn_store(turn), row_slice(&range.from), row_slice(&range.to), false,
                      s_count, count);
}

err_t mention_count(turn_t *turn, uint64_t room, uint64_t account, uint64_t seq,
                    uint64_t *ret_count)
{
    uint64_t count = 0;
    err_t err = s_count_rows(turn, room, account, seq, &count);
    if (err == ERR_OK)
        err = s_count_rows(turn, room, EVERYONE, seq, &count);
    if (err == ERR_OK)
        *ret_count = count;
    return err;
}
